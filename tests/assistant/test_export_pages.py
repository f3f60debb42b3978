"""Guards exports as Word, HTML, Markdown and CSV: exact words, real structure, and no text that comes alive."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from html.parser import HTMLParser

import docx
import pytest
from docx.document import Document as WordFile
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from assistant.pipeline import Assistant
from assistant.quoting.export.cells import unguard_cell
from assistant.quoting.export.collect import Collection, ExportedTurn, Group, Item, Part, collect_items, collect_turns
from assistant.quoting.export.markdown import write_markdown
from assistant.quoting.export.table import COLUMNS, write_csv
from assistant.quoting.export.web_page import write_html
from assistant.quoting.export.word import ATTRIBUTION_STYLE, write_docx
from assistant.quoting.visible import in_one_line, visible
from assistant.schema import Query
from corpus.schema import Document
from tests.documents import make_document
from tests.payloads import PAYLOADS

DAY = date(2026, 12, 3)
ASKED = [
    "What are Heaton’s core elements of co-production?",
    "Quote Public partner B",
    "List all the projects",
    "How do I bake bread?",
]
#: A quotation as the cutter leaves it: no white space at its ends.
WORDS = st.text(min_size=1, max_size=80).map(str.strip).filter(bool)
ANYTHING = st.text(min_size=1, max_size=40).filter(lambda text: in_one_line(text) != "")


@pytest.fixture(scope="module")
def conversation(assistant_built: Assistant) -> Collection:
    turns = [ExportedTurn(question, assistant_built.ask(Query(question=question))) for question in ASKED]
    return collect_turns(turns, assistant_built.documents, DAY)


def collect(document: Document, question: str = "") -> Collection:
    """Keep the quote of a document, as an answer to a question."""
    said = document.passages[0]
    item = Item(document_id=document.id, passage_id=said.id, start=said.start, end=said.end)
    kept = collect_items([item], [document], DAY)
    return Collection(kept.title, DAY, (Part(question, groups=(Group("", kept.quotations),)),), kept.notes)


def hostile(payload: str) -> Collection:
    """Put a payload everywhere that a person or a document has a say."""
    document = make_document(payload, payload, payload, authors=(payload,), publisher=payload)
    collection = collect(document, payload)
    refused = Part(payload, payload, refusal=payload, notices=(payload,))
    return Collection(collection.title, DAY, (*collection.parts, refused), (*collection.notes, payload))


def open_word(content: bytes) -> WordFile:
    return docx.Document(io.BytesIO(content))


def word_of(collection: Collection) -> str:
    """Write a Word file, and give the text of its pages."""
    return "\n".join(one.text for one in open_word(write_docx(collection)).paragraphs)


def parts_of(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist() if name.endswith((".xml", ".rels"))}


# Word


def test_word_file_has_real_headings_lists_and_the_exact_words(conversation: Collection) -> None:
    file = open_word(write_docx(conversation))
    headings = [(one.style.name, one.text) for one in file.paragraphs if one.style.name.startswith("Heading")]
    assert headings[0] == ("Heading 1", "Questions and answers")
    assert [text for style, text in headings if style == "Heading 2"] == [*ASKED, "References", "About these words"]
    assert ("Heading 3", "Projects the report lists") in headings
    quoted = [one.text for one in file.paragraphs if one.style.name == "Quote"]
    assert len(quoted) > 3
    assert quoted == [f"{one.words} [{number}]" for number, one in enumerate(conversation.quotations, start=1)]
    sources = [one.text for one in file.paragraphs if one.style.name == ATTRIBUTION_STYLE]
    assert sources == [one.attribution for one in conversation.quotations]
    listed = [one.text for one in file.paragraphs if one.style.name == "List Bullet"]
    assert listed[-3:] == list(conversation.notes)
    assert listed[-4].startswith(
        f"[1] to [{len(quoted)}]: Johns T, Paylor J, Lovell P, McKevitt C. NIHR INVOLVE report"
    )
    assert any(one.text.startswith("The report does not say.") for one in file.paragraphs)
    assert file.paragraphs[1].text == "Made on 3 December 2026 with coproduce."


def test_word_file_is_british_titled_and_holds_nothing_live(conversation: Collection) -> None:
    content = write_docx(conversation)
    about = open_word(content).core_properties
    assert (about.title, about.language, about.author) == ("Questions and answers", "en-GB", "coproduce")
    parts = parts_of(content)
    assert re.findall(r'<w:lang [^>]*w:val="([^"]+)"', parts["word/styles.xml"]) == ["en-GB"]
    assert_nothing_live(parts)


def assert_nothing_live(parts: dict[str, str]) -> None:
    """No macro, field, link, picture or anything outside the file."""
    assert not [name for name in parts if "vba" in name or "embeddings" in name]
    assert "External" not in "".join(text for name, text in parts.items() if name.endswith(".rels"))
    for live in ("hyperlink", "fldSimple", "fldChar", "instrText", "drawing", "pict", "object", "altChunk"):
        assert f"<w:{live}" not in parts["word/document.xml"], live


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(40))
def test_payload_is_words_in_word(payload: str) -> None:
    content = write_docx(hostile(payload))
    assert_nothing_live(parts_of(content))
    file = open_word(content)
    assert next(one.text for one in file.paragraphs if one.style.name == "Quote") == f"“{payload}” [1]"
    assert {one.text for one in file.paragraphs if one.style.name == "Heading 2"} == {
        in_one_line(payload),
        "References",
        "About these words",
    }


def test_a_link_in_word_would_be_noticed() -> None:
    parts = parts_of(write_docx(hostile("x")))
    parts["word/document.xml"] += "<w:hyperlink r:id='1'>"
    with pytest.raises(AssertionError, match="hyperlink"):
        assert_nothing_live(parts)


@given(quote=WORDS, speaker=ANYTHING, title=ANYTHING, question=ANYTHING)
def test_any_text_is_the_same_text_in_word(quote: str, speaker: str, title: str, question: str) -> None:
    file = open_word(write_docx(collect(make_document(quote, speaker, title), question)))
    assert next(one.text for one in file.paragraphs if one.style.name == "Quote") == f"“{visible(quote)}” [1]"
    assert next(one.text for one in file.paragraphs if one.style.name == "Heading 2") == in_one_line(question)


# HTML


class Outline(HTMLParser):
    """The tags of a page with their attributes, and its text by tag."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "br":
            self.texts["p"][-1] += "\n"
        elif tag not in ("meta", "!doctype"):
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts[self.open[-1]][-1] += data


HARMLESS = {"html", "head", "meta", "title", "style", "body", "main", "section", "figure", "blockquote", "figcaption"}
HARMLESS |= {"h1", "h2", "h3", "p", "br", "ul", "li"}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class"}


def test_page_is_semantic_self_contained_and_holds_the_exact_words(conversation: Collection) -> None:
    page = write_html(conversation)
    outline = Outline(page)
    tags = [tag for tag, _ in outline.tags]
    assert tags.count("h1") == 1 and tags.count("main") == 1
    assert tags.count("figure") == tags.count("blockquote") == len(conversation.quotations)
    assert outline.texts["h2"] == [*ASKED, "References", "About these words"]
    shown = [text for text in outline.texts["p"] if text in {one.words for one in conversation.quotations}]
    assert shown == [one.words for one in conversation.quotations]
    assert outline.texts["figcaption"] == [
        f"[{number}] {one.attribution}" for number, one in enumerate(conversation.quotations, start=1)
    ]
    policy = next(found["content"] for _, found in outline.tags if "http-equiv" in found)
    assert policy is not None and policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "@media print" in page and "http" not in page.replace("http-equiv", "").split("<body>")[0]


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(40))
def test_payload_is_words_in_html(payload: str) -> None:
    outline = Outline(write_html(hostile(payload)))
    assert {tag for tag, _ in outline.tags} <= HARMLESS
    assert {name for _, found in outline.tags for name in found} <= ATTRIBUTES
    assert f"“{payload}”" in outline.texts["p"]
    assert outline.texts["h2"][0] == in_one_line(payload)


@given(quote=WORDS, speaker=ANYTHING, title=ANYTHING, question=ANYTHING)
def test_any_text_is_the_same_text_in_html(quote: str, speaker: str, title: str, question: str) -> None:
    collection = collect(make_document(quote, speaker, title), question)
    outline = Outline(write_html(collection))
    assert {tag for tag, _ in outline.tags} <= HARMLESS
    assert outline.texts["p"][1] == f"“{visible(quote)}”"
    assert outline.texts["h2"][0] == in_one_line(question)
    assert outline.texts["figcaption"] == [f"[1] {in_one_line(collection.quotations[0].attribution)}"]


# Every format

#: What ordinary writing is made of, and stays as it is: Persian, an emoji of two, a word that may be parted.
JOINED = "می\u200cخواهم, 👩\u200d🔬, co\u00adpro\u00adduction"
TURNED = "\u202edesrever\u202c \u2067isolated\u2069 \U000e0041"


@pytest.mark.parametrize("write", [write_html, write_markdown, write_csv, word_of])
def test_joiners_stay_and_only_what_turns_or_hides_text_is_shown(write: Callable[[Collection], str]) -> None:
    words = f"{JOINED} {TURNED}"
    written = write(collect(make_document(words, words, words), words))
    assert written.count(JOINED) >= 4  # the question, the words, whose they are, and the reference
    shown = "⟦U+202E⟧desrever⟦U+202C⟧ ⟦U+2067⟧isolated⟦U+2069⟧ ⟦U+E0041⟧"
    assert written.count(shown) == written.count(JOINED)
    assert not set(TURNED) & set(written) - set("desrever isolated")


# Markdown

#: What the writer itself makes.
MADE = {"heading_open", "paragraph_open", "blockquote_open", "bullet_list_open", "list_item_open", "inline"}
INLINE = {"text", "text_special", "softbreak", "hardbreak"}


def tokens_of(markdown: str) -> Iterator[Token]:
    """Read Markdown with raw HTML, tables and struck-out text allowed: the most that a reader may make of it."""
    for token in MarkdownIt("gfm-like", {"html": True, "linkify": False}).parse(markdown):
        yield token
        yield from token.children or ()


def assert_only_words(markdown: str) -> None:
    found = {token.type for token in tokens_of(markdown) if not token.type.endswith("_close")}
    assert found <= MADE | INLINE, found - MADE - INLINE
    # Some readers make a link of an address as it stands; not where a backslash parts it.
    assert not re.search(r"\w://|www\.", markdown, re.IGNORECASE)


def quoted_in(markdown: str) -> list[str]:
    """Give the text of each paragraph in a block quote."""
    tokens = MarkdownIt("commonmark").parse(markdown)
    return [
        "".join("\n" if one.type in ("softbreak", "hardbreak") else one.content for one in token.children or ())
        for token in tokens
        if token.type == "inline" and token.level >= 2
    ]


def test_markdown_has_headings_and_the_exact_words(conversation: Collection) -> None:
    markdown = write_markdown(conversation)
    assert_only_words(markdown)
    assert markdown.split("\n")[:3] == ["# Questions and answers", "", "Made on 3 December 2026 with coproduce."]
    shown = quoted_in(markdown)
    for number, quotation in enumerate(conversation.quotations, start=1):
        at = shown.index(f"{quotation.words} [{number}]")
        assert shown[at + 1] == quotation.attribution
    assert "\nThe report does not say. " in markdown


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(40))
def test_payload_is_words_in_markdown(payload: str) -> None:
    markdown = write_markdown(hostile(payload))
    assert_only_words(markdown)
    text = "\n\n".join(quoted_in(markdown))
    assert " ".join(payload.split()) in " ".join(text.split())


@pytest.mark.parametrize(
    "live", ["<b>", "[a](b)", "![a](b)", "see www.example.org", "http://example.org", "a\n\n---", "|a|\n|-|\n|b|"]
)
def test_live_markdown_would_be_noticed(live: str) -> None:
    with pytest.raises(AssertionError):
        assert_only_words(live)


@given(quote=WORDS, speaker=ANYTHING, title=ANYTHING, question=ANYTHING)
def test_any_text_is_only_words_in_markdown(quote: str, speaker: str, title: str, question: str) -> None:
    markdown = write_markdown(collect(make_document(quote, speaker, title), question))
    assert_only_words(markdown)
    assert markdown.count("\n## ") == 2 + 1


# CSV


def read_csv(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_csv_has_a_row_for_each_quotation_and_each_refusal(conversation: Collection, report: Document) -> None:
    rows = read_csv(write_csv(conversation, "http://127.0.0.1:7860/"))
    assert list(rows[0]) == list(COLUMNS)
    assert [row["quotation"] for row in rows[:-1]] == [one.citation.answer_text for one in conversation.quotations]
    for row, quotation in zip(rows, conversation.quotations, strict=False):
        citation = quotation.citation
        start, end = map(int, re.findall(r"=(\d+)", row["address"]))
        assert report.text[start:end] == row["quotation"]
        assert row["address"] == f"http://127.0.0.1:7860/read/{report.id}?from={start}&to={end}#cited"
        assert (row["speaker"], row["role"]) == (citation.speaker or "", citation.role or "")
        assert (row["section"], row["document"], row["made"]) == (citation.section, report.title, "2026-12-03")
    assert (rows[-1]["question"], rows[-1]["quotation"]) == (ASKED[-1], "")
    assert rows[-1]["answer"].startswith("The report does not say.")
    assert all("2017 findings" in row["notes"] for row in rows)


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_csv_cell_is_never_a_formula(formula: str) -> None:
    (row,) = read_csv(write_csv(collect(make_document(formula, formula, formula), formula)))
    assert row["quotation"].startswith("'")
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))]


@given(quote=WORDS, speaker=ANYTHING, title=ANYTHING, question=ANYTHING)
def test_any_text_is_the_same_text_in_csv(quote: str, speaker: str, title: str, question: str) -> None:
    (row,) = read_csv(write_csv(collect(make_document(quote, speaker, title), question)))
    assert unguard_cell(row["quotation"]) == visible(quote)
    assert unguard_cell(row["speaker"]) == in_one_line(speaker)
    assert unguard_cell(row["section_title"]) == in_one_line(title)
    assert unguard_cell(row["question"]) == in_one_line(question)
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
