"""The reader without a browser: what it shows, what it highlights, its search, and what it says of a bad address."""

import html
import re

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from assistant.serving.web.reader import add_reader, highlight, lay_out, read_span
from assistant.serving.web.search_text import find_all, fold, words_to_find
from corpus.errors import CorpusError
from corpus.readers.text import read_text
from corpus.schema import Document

BEGIN = '<span class="unseen cue">The cited words begin: </span>'
END = '<span class="unseen cue"> (the cited words end)</span>'
PLAIN = (
    "# Notes\n\nCafé society met. The CAFÉ is open.\n\n* one <b>bold</b>\n* two & three\n\n"
    "## Cited\n\nCafé society met.\n"
)


@pytest.fixture
def notes() -> TestClient:
    """The reader over one small document of a user's."""
    app = FastAPI()
    add_reader(app, (read_text(PLAIN, document_id="notes", title="My <notes>"),))
    return TestClient(app)


def marked(page: str) -> list[str]:
    """The words inside each mark of the cited span."""
    return [
        html.unescape(re.sub(r"<[^>]+>", "", one)) for one in re.findall(r"<mark(?! class)[^>]*>(.*?)</mark>", page)
    ]


def test_reader_shows_the_whole_report_and_marks_the_cited_span(client: httpx.Client, report: Document) -> None:
    quote = next(one for one in report.passages if one.speaker == "Public partner Z")
    page = client.get(f"/read/{report.id}", params={"from": quote.start, "to": quote.end}).text
    assert f'{BEGIN}<mark id="cited" tabindex="-1">{quote.text}</mark>{END}' in page
    assert page.count("<mark") == 1
    for section in report.sections:
        assert f' id="{section.id.replace(" ", "-")}">' in page
    shown = "".join(html.unescape(re.sub(r"<[^>]+>", "", page[page.index('class="text"') :])).split())
    for passage in report.passages:
        for line in passage.text.split("\n"):
            assert "".join(line.split()) in shown


def test_of_two_equal_sentences_only_the_cited_one_lights_up(client: httpx.Client, report: Document) -> None:
    places = [match.start() for match in re.finditer("y’know", report.text)]
    assert len(places) > 5, "a search for the words instead of the span would light up all of them"
    page = client.get(f"/read/{report.id}", params={"from": places[3], "to": places[3] + 6}).text
    assert page.count("<mark") == 1 and page.count('id="cited"') == 1
    before = html.unescape(re.sub(r"<[^>]+>", "", page[: page.index("<mark")]))
    assert before.count("y’know") == 3


def test_span_over_blocks_is_marked_whole_with_one_anchor(client: httpx.Client, report: Document) -> None:
    passage = next(one for one in report.passages if one.is_list and one.section == "A.1")
    page = client.get(f"/read/{report.id}", params={"from": passage.start - 1, "to": passage.end + 1}).text
    assert page.count('id="cited"') == page.count(BEGIN) == page.count(END) == 1
    assert "".join("".join(marked(page)).split()) == "".join(passage.text.split())
    assert len(marked(page)) == 3  # the sentence that introduces the list, and its two items
    assert f'class="keep" data-document="{report.id}" data-passage="{passage.id}" data-start="{passage.start}"' in page


def test_each_quote_can_be_kept_once(client: httpx.Client, report: Document) -> None:
    quotes = [one for one in report.passages if one.speaker]
    page = client.get(f"/read/{report.id}", params={"from": quotes[0].start, "to": quotes[0].end}).text
    for quote in quotes:
        assert page.count(f'class="keep" data-document="{report.id}" data-passage="{quote.id}"') == 1
        assert page.count(f'class="copy" data-document="{report.id}" data-passage="{quote.id}"') == 1


def test_part_of_a_quote_is_kept_as_the_whole_quote(client: httpx.Client, report: Document) -> None:
    quote = next(one for one in report.passages if one.speaker == "Public partner D")
    page = client.get(f"/read/{report.id}", params={"from": quote.start + 5, "to": quote.start + 20}).text
    assert marked(page) == [quote.text[5:20]]
    assert f'data-passage="{quote.id}" data-start="{quote.start}" data-end="{quote.end}"' in page


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("-5", "10", "from “-5” to “10”; expected two whole numbers, the first one smaller, from 0 to 79,"),
        ("10", "5", "from “10” to “5”"),
        ("0", "99999999999", "from “0” to “99999999999”"),
        ("0", "79999", "from “0” to “79999”"),
        ("7", "", "from “7” to “”"),
        ("<b>", "²", "from “&lt;b&gt;” to “²”"),
        ("10", "12", "where only white space stands"),
    ],
)
def test_bad_span_is_told_on_the_page(client: httpx.Client, report: Document, first: str, last: str, said: str) -> None:
    assert report.text[10:12].isspace()
    answer = client.get(f"/read/{report.id}", params={"from": first, "to": last})
    assert answer.status_code == 200
    assert "<mark" not in answer.text
    assert said in answer.text and "Nothing is highlighted." in answer.text


def test_good_span_is_told_nothing_of(client: httpx.Client, report: Document) -> None:
    assert read_span(report, "", "") == (None, "")
    assert read_span(report, "9", "13") == ((9, 13) if not report.text[9:13].isspace() else None, "")
    assert "Nothing is highlighted" not in client.get(f"/read/{report.id}").text


def test_line_references_lead_to_their_blocks(client: httpx.Client, report: Document) -> None:
    page = client.get(f"/read/{report.id}").text
    anchors = re.findall(r' id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))
    links = set(re.findall(r'href="#([^"]+)"', page)) - {"main"}
    assert links <= set(anchors)
    quote = next(one for one in report.passages if one.speaker == "Public partner Z")
    assert f'<p id="L{quote.lines[0]}" class="block interview">' in page


def test_search_counts_marks_and_leads_on(client: httpx.Client, report: Document) -> None:
    # “tripartite” stands once and “reflexivity” in three paragraphs or lists, as counted by eye in the source.
    page = client.get(f"/read/{report.id}", params={"q": "TRIPARTITE"}).text
    assert "Found in 1 paragraph, marked in 1 place." in page
    assert '<mark class="found">tripartite</mark>' in page and 'id="cited"' not in page
    page = client.get(f"/read/{report.id}", params={"q": "reflexivity"}).text
    count = len(re.findall(r"(?i)\breflexivity\b", report.text))
    assert page.count('<mark class="found">') == count == 3
    assert page.count("Next place found") == page.count("Previous place found") == 2
    assert page.count("this was the last place found") == 1


def test_search_wants_all_words_in_one_block_and_finds_parts_of_words(client: httpx.Client, report: Document) -> None:
    page = client.get(f"/read/{report.id}", params={"q": "vitiligo light"}).text
    assert "Found in 1 paragraph, marked in 5 places." in page or "Found in 1 paragraph" in page
    assert "Nothing found." in client.get(f"/read/{report.id}", params={"q": "vitiligo kidney"}).text
    whole = client.get(f"/read/{report.id}", params={"q": "vitiligo"}).text.count('<mark class="found">')
    page = client.get(f"/read/{report.id}", params={"q": "vitilig"}).text
    assert page.count('<mark class="found">vitilig</mark>o') >= 1 and page.count('<mark class="found">') == whole
    # Two letters are found alone: “PI” not in “PPI”.
    assert "This word stands nowhere in this text." in client.get(f"/read/{report.id}", params={"q": "zq"}).text
    assert find_all(("pi",), "PPI and PI") == [(8, 10)]


@pytest.mark.parametrize(("q", "said"), [("…?!", "There is no word in that search"), ("a" * 201, "this one has 201")])
def test_search_that_cannot_be_made_is_told(client: httpx.Client, q: str, said: str) -> None:
    assert said in client.get("/read/involve-2017", params={"q": q}).text


def test_search_keeps_the_cited_span_and_marks_it_otherwise(client: httpx.Client, report: Document) -> None:
    quote = next(one for one in report.passages if one.speaker == "Public partner Z")
    page = client.get(f"/read/{report.id}", params={"from": quote.start, "to": quote.end, "q": "open"}).text
    cited = page[page.index('<mark id="cited"') : page.index(END)]
    assert '<mark class="found">open</mark>' in cited
    assert re.sub(r"<[^>]+>", "", cited) == quote.text
    assert f'<input type="hidden" name="from" value="{quote.start}">' in page


def test_document_of_a_user_is_escaped_searched_and_laid_out(notes: TestClient) -> None:
    page = notes.get("/read/notes?q=cafe").text
    assert "My &lt;notes&gt;" in page and "<b>" not in page
    assert "Found in 2 paragraphs, marked in 3 places." in page
    assert page.count('<mark class="found">Café</mark>') == 2 and '<mark class="found">CAFÉ</mark>' in page
    assert "<li>* one &lt;b&gt;bold&lt;/b&gt;</li><li>* two &amp; three</li>" in page
    start = PLAIN.rindex("Café")
    page = notes.get("/read/notes", params={"from": start, "to": start + 17}).text
    assert marked(page) == ["Café society met."]
    assert page.index('id="cited"') > page.index("Cited")


def test_plain_address_leads_to_the_first_document(notes: TestClient) -> None:
    answer = notes.get("/read", follow_redirects=False)
    assert answer.headers["location"] == "/read/notes"


def test_section_with_a_name_of_ours_gets_another_anchor() -> None:
    document = read_text(PLAIN, document_id="notes", title="x")
    renamed = [
        one.model_copy(update={"id": name}) for one, name in zip(document.sections, ("cited", "L3"), strict=True)
    ]
    parts = lay_out(document.model_copy(update={"sections": tuple(renamed)}), None)
    assert [part.anchor for part in parts] == ["section-cited", "section-L3"]


LETTERS = "aB é̂’'-&<>\"\n.1ßﬁ*#"


@given(st.text(alphabet=LETTERS, max_size=60), st.data())
def test_highlight_changes_no_character(text: str, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, len(text)))
    found = find_all(words_to_find(data.draw(st.text(alphabet=LETTERS, max_size=3))), text)
    page = highlight(text, (0, len(text)), (first, last) if first < last else None, found)
    bare = page.replace(BEGIN, "").replace(END, "").replace("<br>", "\n")
    assert html.unescape(re.sub(r"</?mark[^>]*>", "", bare)) == text
    assert re.fullmatch(r'(?:[^<]|</?mark(?: id="cited" tabindex="-1"| class="found")?>)*', bare)


@given(st.text(alphabet=LETTERS, min_size=1, max_size=120))
def test_no_character_of_a_document_is_left_out_of_the_page(source: str) -> None:
    try:
        document = read_text(source, document_id="x", title="x")
    except CorpusError:
        return  # nothing to cite in it
    blocks = [
        block for part in lay_out(document, None) for block in ([part.heading] if part.heading else []) + part.blocks
    ]
    spans = [block.span for block in blocks]
    shown = "".join(document.text[start:end] for start, end in spans)
    assert "".join(shown.split()) == "".join(document.text.split())


@given(st.text(max_size=60), st.text(max_size=8))
def test_search_finds_what_folds_to_what_is_asked_for(text: str, query: str) -> None:
    words = words_to_find(query)
    spans = find_all(words, text)
    assert all(any(word in fold(text[start:end]).text for word in words) for start, end in spans)
    assert spans == sorted(spans)
    if len(words) == 1 and text == query and not re.search(r"\W", fold(text).text):
        assert len(spans) == 1


def test_highlight_escapes_what_it_shows() -> None:
    text = "<b>one</b> & two"
    assert highlight(text, (0, 16), (3, 6)) == Markup(
        f'&lt;b&gt;{BEGIN}<mark id="cited" tabindex="-1">one</mark>{END}&lt;/b&gt; &amp; two'
    )
