"""Every response carries the headers that guard it: pages, files, errors and streams; and they do what they say."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, StreamingResponse
from playwright.sync_api import Browser

from assistant.serving.web.headers import HeaderGuard, guard_app, headers_for, script_hashes
from assistant.settings import Settings
from tests.loops import run_alone
from tests.web.embedding import opened
from tests.web.serving import free_port, serving

STRICT = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
ALWAYS = ("x-content-type-options", "referrer-policy", "permissions-policy", "cross-origin-opener-policy")
INLINE = "<title>still</title><script>document.title='run'</script>"


@pytest.mark.parametrize(
    "path",
    ["/read/involve-2017", "/embed", "/embed/how", "/show", "/files/looks.css", "/nothing-here", "/read/nothing"],
)
def test_pages_of_ours_are_strict(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["content-security-policy"] == STRICT
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]


def test_gradio_page_allows_its_own_inline_scripts_by_hash_and_no_others(client: httpx.Client) -> None:
    answer = client.get("/")
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert "'unsafe-inline'" not in policy["script-src"]
    inside = [one for one in re.findall(r"<script\b([^>]*)>", answer.text) if "src=" not in one]
    assert len(inside) >= 3
    assert policy["script-src"].count("'sha256-") == len(inside)
    assert policy["frame-ancestors"] == "'self'" and policy["object-src"] == "'none'"


def test_hashes_are_of_the_scripts_inside_a_page() -> None:
    # By hand: printf 'alert(1)' | openssl dgst -sha256 -binary | base64
    page = b'<script>alert(1)</script><script src="/a.js"></script><SCRIPT id=b> let a = "<b>";\r\n</SCRIPT>'
    assert script_hashes(page) == (
        "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='",
        "'sha256-0So+WRyS+RwpHFo5GXak/dZMWMpuIg9tleyLN38/bjU='",
    )


def app_that_fails(*, guarded: bool) -> FastAPI:
    app = FastAPI()
    if guarded:
        guard_app(app, Settings())

    @app.get("/fails")
    def fails() -> None:
        raise RuntimeError("a secret")

    @app.get("/inline", response_class=HTMLResponse)
    def inline() -> str:
        return INLINE

    return app


def get(app: FastAPI, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get(path)

    return run_alone(ask)


@pytest.mark.parametrize(("path", "status"), [("/fails", 500), ("/nothing", 404)])
def test_errors_carry_the_headers(path: str, status: int) -> None:
    bare = get(app_that_fails(guarded=False), path)
    assert bare.status_code == status
    assert "content-security-policy" not in bare.headers  # so it is the guard that sends them
    answer = get(app_that_fails(guarded=True), path)
    assert answer.status_code == status
    assert answer.headers["content-security-policy"] == STRICT
    assert set(ALWAYS) <= set(answer.headers)
    assert "a secret" not in answer.text


def test_failed_request_is_told_on_a_page_of_ours() -> None:
    assert "<h1>Something went wrong on our side</h1>" in get(app_that_fails(guarded=True), "/fails").text


def test_streams_are_passed_on_as_they_come() -> None:
    sent: list[bytes] = []

    async def parts() -> AsyncIterator[bytes]:
        for part in (b"one", b"two", b"three"):
            assert b"".join(sent) == b"".join((b"one", b"two", b"three")[: (b"one", b"two", b"three").index(part)])
            yield part

    async def receive() -> dict[str, Any]:
        await anyio.sleep(5)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body" and message.get("body"):
            sent.append(message["body"])

    scope = {"type": "http", "path": "/stream", "headers": [], "method": "GET", "asgi": {"spec_version": "2.4"}}
    run_alone(lambda: HeaderGuard(StreamingResponse(parts()))(scope, receive, send))  # type: ignore[arg-type]
    assert sent == [b"one", b"two", b"three"]


def test_only_the_frame_opens_to_the_sites_that_are_allowed() -> None:
    sites = ("https://training.example.org", "http://localhost:8080")
    frame = headers_for("/embed", sites)
    assert frame["Content-Security-Policy"].endswith(
        "; frame-ancestors 'self' https://training.example.org http://localhost:8080"
    )
    assert "X-Frame-Options" not in frame
    for path in ("/", "/read/involve-2017", "/embed/how", "/embed/turn", "/show"):
        other = headers_for(path, sites)
        assert other["Content-Security-Policy"].endswith("; frame-ancestors 'self'")
        assert other["X-Frame-Options"] == "SAMEORIGIN"


@pytest.fixture(scope="module")
def bare_and_guarded() -> Iterator[tuple[str, str]]:
    ports = free_port(), free_port()
    with serving(app_that_fails(guarded=False), ports[0]), serving(app_that_fails(guarded=True), ports[1]):
        yield f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}"


@pytest.mark.browser
def test_inline_script_runs_without_the_headers_and_not_with_them(
    started: Browser, bare_and_guarded: tuple[str, str]
) -> None:
    titles = []
    for address in bare_and_guarded:
        page = opened(started)
        page.goto(f"{address}/inline")
        titles.append(page.title())
    assert titles == ["run", "still"]


@pytest.mark.browser
def test_event_handler_put_into_the_gradio_page_does_not_run(
    started: Browser, server: str, bare_and_guarded: tuple[str, str]
) -> None:
    put = """() => new Promise(done => {
        document.addEventListener('securitypolicyviolation', event => done('blocked: ' + event.effectiveDirective));
        document.addEventListener('ran', () => done('ran'));
        const place = document.createElement('div');
        place.innerHTML = "<img src='data:image/png,' onerror='document.dispatchEvent(new Event(`ran`))'>";
        document.body.append(place);
    })"""
    control = opened(started)
    control.goto(f"{bare_and_guarded[0]}/inline")
    assert control.evaluate(put) == "ran"
    page = opened(started)
    page.goto(server)
    page.get_by_label("Your question").wait_for()
    assert page.evaluate(put) == "blocked: script-src-attr"
