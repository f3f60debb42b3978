"""Words explained: whose meaning each is, which words an answer needs, and sections in plain words."""

import html
import re

import httpx
import pytest

from assistant.serving.web.words import Words, render_words
from corpus.library import Library
from corpus.load import entry_of, load_library
from corpus.readers.text import read_text
from corpus.schema import Document


@pytest.fixture(scope="module")
def words() -> Words:
    """The words of the bundled report."""
    return Words(load_library())


def test_page_has_every_word_and_says_whose_meaning_it_is(client: httpx.Client, report: Document) -> None:
    page = client.get("/glossary").text
    entries = re.findall(r'<h2 id="word-([a-z0-9-]+)">(.*?)</h2>(.*?)</section>', page, re.DOTALL)
    assert {html.unescape(term) for _, term, _ in entries} == {one.term for one in load_library().glossary}
    assert len(entries) == len({key for key, *_ in entries}) == 70
    meanings = {one.term: one for one in load_library().glossary}
    for _, term, body in entries:
        entry = meanings[html.unescape(term)]
        ours = re.findall(r'<div class="ours"><p class="whose">Our words.*?</div>', body, re.DOTALL)
        assert len(ours) == 1 and html.escape(entry.meaning, quote=False).replace("'", "&#39;") in ours[0]
        start, end = map(int, re.findall(r"from=(\d+)&amp;to=(\d+)#cited", body)[0])
        assert entry.about in report.text[start:end] or report.text[start:end].startswith(entry.about[:20])
        quoted = re.findall(r"<blockquote><p>(.*?)</p>", body, re.DOTALL)
        assert [html.unescape(one).strip("“”") for one in quoted] == (
            [report.text[start:end]] if entry.defined_by == "report" else []
        )


def test_words_are_found_in_the_order_of_the_text(words: Words) -> None:
    found = words.words_in(["The PI was worried about tokenistic work.", "CLAHRC and RDS"])
    assert [word.entry.term for word in found] == ["principal investigator", "tokenism", "CLAHRC", "RDS"]


def test_lay_words_need_no_explaining(words: Words) -> None:
    # “boss”, “big words” and “personal experience” are other words for terms, and “par” is no PAR.
    assert words.words_in(["My boss used big words on a par with personal experience."]) == []
    assert words.words_in([]) == []


def test_row_of_words_opens_boxes_of_its_own(words: Words) -> None:
    found = words.words_in(["PPI and reciprocity"])
    twice = render_words(found, "turn-1") + render_words(found, "turn-2")
    ids = re.findall(r' id="([^"]+)"', twice)
    assert len(ids) == len(set(ids)) == 8
    opened = re.findall(r'class="word" popovertarget="([^"]+)"', twice)
    assert opened == ["turn-1-word-ppi", "turn-1-word-reciprocity", "turn-2-word-ppi", "turn-2-word-reciprocity"]
    assert set(opened) <= set(ids)
    assert "Our words; the report does not define it" in twice and "The report’s own words" in twice
    assert render_words([], "x").strip() == ""


def test_plain_words_are_given_once_for_each_section(words: Words, report: Document) -> None:
    found = words.plain_for([(report.id, "B.4.ii"), (report.id, "A.1"), (report.id, "B.4.ii"), ("other", "A.1")])
    assert [one.section for one in found] == ["B.4.ii", "A.1"]


def test_another_document_under_the_reports_id_has_no_words() -> None:
    document = read_text("# PPI\n\nPPI in words.\n", document_id="involve-2017", title="x")
    other = Words(Library([entry_of(document)]))
    assert other.all == () and other.plain == {}


def test_words_with_one_key_are_told_apart() -> None:
    (entry,) = load_library().entries
    again = entry.model_copy(update={"document": entry.document.model_copy(update={"id": "again"})})
    twice = Words(Library([entry, again]))
    keys = [word.key for word in twice.all]
    assert len(keys) == len(set(keys)) == 140


@pytest.mark.parametrize(
    "path", ["/read/involve-2017", "/quotes", "/principles", "/glossary", "/accessibility", "/privacy"]
)
def test_pages_hold_nothing_that_a_strict_policy_forbids(client: httpx.Client, path: str) -> None:
    page = client.get(path).text
    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", page) == []
    addresses = re.findall(r'<(?:link|script|img|form|iframe)[^>]*(?:href|src|action)="([^"]*)"', page)
    assert addresses and all(one.startswith("/") and not one.startswith("//") for one in addresses)


def test_pages_say_what_is_stored_and_tested(client: httpx.Client) -> None:
    privacy, accessibility = client.get("/privacy").text, client.get("/accessibility").text
    for words_said in ("No cookies are set", "within about an hour", "It holds no questions", "session storage"):
        assert words_said in privacy
    for words_said in ("No real screen reader", "axe-core", "320 pixels", "What we know does not work well"):
        assert words_said in accessibility
