"""A running server on a free local port, and a browser page that notes every request."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from assistant.pipeline import Assistant
from assistant.serving.web.server import create_app
from assistant.settings import Settings
from tests.web.serving import serving


@pytest.fixture(scope="session")
def server(
    assistant_built: Assistant, settings_built: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the real application, served from a thread. What it stores goes to a folder of its own."""
    settings = settings_built.model_copy(update={"data_dir": tmp_path_factory.mktemp("served")})
    with serving(create_app(assistant_built, settings)) as address:
        yield address


@dataclass
class Browser:
    """A page and what it asked for."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture
def browser(browsing: Chromium, server: str) -> Iterator[Browser]:
    """A page in a fresh profile, not opened yet."""
    context = browsing.new_context(viewport={"width": 1280, "height": 900})
    opened = Browser(context.new_page())
    opened.page.on("request", lambda request: opened.requests.append(request.url))
    opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
    opened.page.set_default_timeout(20_000)
    yield opened
    context.close()


@pytest.fixture
def started(browsing: Chromium) -> Iterator[Chromium]:
    """A browser whose profiles end with the test."""
    yield browsing
    for context in browsing.contexts:
        context.close()


@pytest.fixture
def client(server: str) -> Iterator[httpx.Client]:
    """A plain HTTP client."""
    with httpx.Client(base_url=server, timeout=20) as opened:
        yield opened
