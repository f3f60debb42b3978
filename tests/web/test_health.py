"""What monitors ask: the health addresses, and HEAD, which every page answers as it answers GET."""

import json

import httpx
import pytest
from structlog.testing import capture_logs

from assistant.serving.web.server import create_app
from tests.web.serving import serving

PAGES = [
    "/", "/read", "/read/involve-2017", "/read/nothing", "/quotes", "/quotes?role=king", "/principles", "/glossary",
    "/basket", "/show", "/show?q=power", "/embed", "/embed?question=power&ask=1", "/embed/how", "/accessibility",
    "/privacy", "/api", "/api/", "/api/openapi.json", "/openapi.json", "/api/quotes", "/api/ask", "/api/nothing",
    "/files/looks.css", "/nothing", "/theme.css", "/config", "/login", "/healthz", "/readyz",
]  # fmt: skip
#: What may differ between two answers to one request.
VARIES = {"date", "etag", "last-modified"}


@pytest.mark.parametrize("path", PAGES)
def test_head_is_answered_as_get_without_the_body(client: httpx.Client, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert head.content == b""
    assert head.status_code == got.status_code != 405 or path == "/api/ask"

    def steady(reply: httpx.Response) -> dict[str, str]:
        return {name: value for name, value in reply.headers.items() if name not in VARIES}

    if path != "/config":  # it names a new session each time
        assert steady(head) == steady(got)


def test_every_page_with_an_address_of_its_own_is_tried(assistant_built, settings_built) -> None:
    """A page that is added must answer HEAD too."""
    app = create_app(assistant_built, settings_built)
    ours = {
        route.path.replace("{document_id}", "involve-2017")
        for route in app.routes
        if "GET" in (getattr(route, "methods", None) or ()) and "gradio" not in route.endpoint.__module__
    }
    assert "/healthz" in ours and "/quotes" in ours
    assert ours <= set(PAGES)


def test_the_chats_own_streams_are_left_as_they_are(client: httpx.Client) -> None:
    assert client.head("/gradio_api/heartbeat/x").status_code == 405


def test_a_monitor_is_told_that_it_is_alive_and_ready(client: httpx.Client) -> None:
    for path, status in (("/healthz", "alive"), ("/readyz", "ready")):
        reply = client.get(path)
        assert (reply.status_code, reply.json()) == (200, {"status": status})
        assert reply.headers["cache-control"] == "no-store"


def test_one_whose_model_or_index_does_not_work_is_alive_and_not_ready(
    assistant_built, settings_built, monkeypatch
) -> None:
    def fail(_: list[str]) -> None:
        raise RuntimeError("SECRET")

    retriever = assistant_built.retriever
    with serving(create_app(assistant_built, settings_built)) as address, capture_logs() as logged:
        for change in ((retriever._model, "encode", fail), (retriever._index, "chunks", retriever._index.chunks[1:])):
            with monkeypatch.context() as changed:
                changed.setattr(*change)
                reply = httpx.get(f"{address}/readyz")
                assert (reply.status_code, reply.json()) == (503, {"status": "not ready"})
                assert httpx.get(f"{address}/healthz").status_code == 200
        assert httpx.get(f"{address}/readyz").status_code == 200
    assert [one["event"] for one in logged] == ["not ready"]
    assert "SECRET" not in json.dumps(logged)
