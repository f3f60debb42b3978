"""A running server on a free local port, and a browser page that notes every request."""

import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest
import uvicorn
from playwright.sync_api import Page, sync_playwright

from assistant.pipeline import Assistant
from assistant.settings import Settings
from assistant.web.server import create_app
from tests.conftest import CHROMIUM_FLAGS


@pytest.fixture(scope="session")
def server(assistant_built: Assistant, settings_built: Settings) -> Iterator[str]:
    """The address of the real application, served from a thread."""
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        port = finder.getsockname()[1]
    app = create_app(assistant_built, settings_built)
    running = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    for _ in range(200):
        if running.started:
            break
        time.sleep(0.05)
    assert running.started, "the server did not start within 10 seconds"
    yield f"http://127.0.0.1:{port}"
    running.should_exit = True
    thread.join(timeout=10)


@dataclass
class Browser:
    """A page and what it asked for."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture
def browser(chromium: str, server: str) -> Iterator[Browser]:
    """A page in a fresh profile, not opened yet."""
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium, args=CHROMIUM_FLAGS, viewport={"width": 1280, "height": 900}
        )
        opened = Browser(context.new_page())
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
        opened.page.set_default_timeout(20_000)
        yield opened
        context.close()


@pytest.fixture
def client(server: str) -> Iterator[httpx.Client]:
    """A plain HTTP client."""
    with httpx.Client(base_url=server, timeout=20) as opened:
        yield opened
