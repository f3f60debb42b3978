"""The pages without a browser: their headers, the reader's markup and its highlight, and what is not served."""

import socket

import httpx
import pytest
from markupsafe import Markup

from assistant.settings import Settings
from assistant.web.chat import render_conversation
from assistant.web.reader import highlight
from assistant.web.server import serve_until_stopped
from corpus.errors import CoproduceError
from corpus.schema import Document


@pytest.mark.parametrize("path", ["/", "/read/involve-2017", "/files/chat.css", "/nothing-here"])
def test_every_page_sends_the_guarding_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http:" not in policy and "https:" not in policy and "*" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["referrer-policy"] == "no-referrer"


def test_reader_shows_the_whole_report_and_marks_the_cited_span(client: httpx.Client, report: Document) -> None:
    quote = next(one for one in report.passages if one.speaker == "Public partner Z")
    page = client.get(f"/read/{report.id}", params={"from": quote.start, "to": quote.end}).text
    assert f'<mark id="cited" tabindex="-1">{quote.text}</mark>' in page
    assert page.count("<mark") == 1
    for section in report.sections:
        assert f'<section id="{section.id}">' in page
    assert "<script src=" in page and "onerror" not in page


def test_reader_highlights_one_of_two_equal_sentences(client: httpx.Client, report: Document) -> None:
    # “y’know” stands in many places: only the one that is cited lights up.
    places = [at for at in range(len(report.text)) if report.text.startswith("y’know", at)]
    assert len(places) > 5
    page = client.get(f"/read/{report.id}", params={"from": places[3], "to": places[3] + 6}).text
    assert page.count("<mark") == 1


def test_reader_with_a_span_outside_the_report_marks_nothing(client: httpx.Client, report: Document) -> None:
    for start, end in [(-5, 10), (10, 5), (0, len(report.text) + 1)]:
        answer = client.get(f"/read/{report.id}", params={"from": start, "to": end})
        assert answer.status_code == 200
        assert "<mark" not in answer.text


def test_unknown_document_is_named_with_those_that_exist(client: httpx.Client) -> None:
    answer = client.get("/read/other")
    assert answer.status_code == 404
    assert '<a href="/read/involve-2017">' in answer.text


def test_highlight_escapes_what_it_shows() -> None:
    text = "<b>one</b> & two"
    assert highlight(text, (0, 16), (3, 6)) == Markup(
        '&lt;b&gt;<mark id="cited" tabindex="-1">one</mark>&lt;/b&gt; &amp; two'
    )


def test_conversation_escapes_a_question() -> None:
    page = render_conversation([{"question": "<script>alert(1)</script>", "error": "<i>no</i>"}])
    assert "<script>" not in page and "<i>" not in page
    assert "&lt;script&gt;" in page


def test_port_in_use_is_told_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = Settings(port=taken.getsockname()[1])
        with pytest.raises(CoproduceError, match=r"cannot be listened on.*--port"):
            serve_until_stopped(settings)
