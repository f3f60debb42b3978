"""The pages without a browser: their headers, the reader's markup and its highlight, and what is not served."""

import socket

import httpx
import pytest

from assistant.serving.web.chat import render_conversation
from assistant.serving.web.server import serve_until_stopped
from assistant.settings import Settings
from corpus.errors import CoproduceError
from corpus.load import load_library


@pytest.mark.parametrize("path", ["/", "/read/involve-2017", "/files/chat.css", "/nothing-here"])
def test_every_page_sends_the_guarding_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http:" not in policy and "https:" not in policy and "*" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["referrer-policy"] == "no-referrer"


def test_unknown_document_is_named_with_those_that_exist(client: httpx.Client) -> None:
    answer = client.get("/read/other")
    assert answer.status_code == 404
    assert '<a href="/read/involve-2017">' in answer.text


def test_conversation_escapes_a_question() -> None:
    page = render_conversation(
        [{"question": "<script>alert(1)</script>", "error": "<i>no</i>"}], library=load_library()
    )
    assert "<script>" not in page and "<i>" not in page
    assert "&lt;script&gt;" in page


def test_port_in_use_is_told_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = Settings(port=taken.getsockname()[1])
        with pytest.raises(CoproduceError, match=r"cannot be listened on.*--port"):
            serve_until_stopped(settings)
