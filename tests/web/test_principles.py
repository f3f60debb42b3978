"""The page of principles: the authors' exact words, both sides, and what must be said beside them."""

import html
import re

import httpx
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.serving.web.principles_page import add_principles
from assistant.serving.web.words import Words
from corpus.library import Library
from corpus.load import entry_of
from corpus.readers.text import read_text
from corpus.schema import Document
from tests.web.test_quotes_page import figures


def sections_of(page: str) -> dict[str, str]:
    """The themes of the page, by their anchors."""
    found = re.findall(r'<section aria-labelledby="(B\.4\.\w+)">(.*?)</section>', page, re.DOTALL)
    return dict(found)


def test_every_theme_shows_exact_words_of_its_own_section(client: httpx.Client, report: Document) -> None:
    themes = sections_of(client.get("/principles").text)
    assert list(themes) == [f"B.4.{number}" for number in ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"]]
    for anchor, theme in themes.items():
        passages = [one for one in report.passages if one.section == anchor]
        for words, who in figures(theme):
            (owner,) = [one for one in passages if words.removeprefix("“").removesuffix("”") in one.text]
            assert words == f"“{owner.text}”" if owner.speaker else words in owner.text
            assert who.startswith(f"— {owner.speaker or 'The report’s authors'}, {anchor} ")
        title = next(section.title for section in report.sections if section.id == anchor)
        assert f">{anchor} {title}</h2>" in theme
        assert f'href="/quotes?section={anchor}#found"' in theme


def test_public_partners_come_first_and_their_silence_is_told(client: httpx.Client) -> None:
    for anchor, theme in sections_of(client.get("/principles").text).items():
        order = [re.sub(r"\s+", " ", one) for one in re.findall(r"<h3>(.*?)</h3>", theme)]
        assert order == ["What the authors say", "What public partners said", "What academic researchers said"]
        public = theme[theme.index("What public partners said") : theme.index("What academic researchers said")]
        speakers = [who.split(",")[0] for _, who in figures(public)]
        assert all(name.startswith(("— Public partner", "— Service User Researcher")) for name in speakers)
        assert bool(speakers) != ("No public partner is quoted in" in public)
        assert (not speakers) == (anchor in ("B.4.vi", "B.4.viii"))


def test_notes_of_the_manifest_are_said(client: httpx.Client) -> None:
    page = html.unescape(client.get("/principles").text)
    assert "2017 findings; NIHR guidance has moved on since." in page
    assert "Later NIHR guidance (2018, revised 2021) names five key principles" in page
    assert "The report has four sets of five" in page and "none of them is the NIHR's later set of five" in page


def test_plain_words_are_marked_as_ours_and_hold_no_quotation(client: httpx.Client) -> None:
    page = client.get("/principles").text
    boxes = re.findall(r'<div class="ours plain">(.*?)</div>', page, re.DOTALL)
    assert len(boxes) == 10
    for box in boxes:
        assert "Our words, not the report’s." in box and "In plain words" in box
        assert "figure" not in box and "“" not in box
    # It is never called Easy Read: the name stands only where we say that nobody who uses it has checked.
    assert page.count("Easy Read") == page.count("not checked by the authors or by people who use Easy Read") == 10


def test_document_without_principles_is_told() -> None:
    document = read_text("# Notes\n\nSome words about power.\n", document_id="involve-2017", title="x")
    other = Library([entry_of(document)])
    app = FastAPI()
    add_principles(app, other, Words(other))
    page = TestClient(app).get("/principles").text
    assert "have not been gathered" in page and "<blockquote>" not in page
