"""What the tests of frames share: applications served on ports of their own, a browser, and axe-core."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import axe_playwright_python
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Frame, Page, sync_playwright

from tests.conftest import CHROMIUM_FLAGS

AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
CONFIDENCE = "What do public partners say about confidence?"


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        return int(finder.getsockname()[1])


@contextmanager
def serving(app: Any, port: int) -> Iterator[None]:
    """Serve an application from a thread."""
    running = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    for _ in range(200):
        if running.started:
            break
        time.sleep(0.05)
    assert running.started, "the server did not start within 10 seconds"
    yield
    running.should_exit = True
    thread.join(timeout=10)


@contextmanager
def launched(chromium: str) -> Iterator[Browser]:
    """Start a browser."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield started
        started.close()


def opened(started: Browser, width: int = 400, height: int = 700, **options: Any) -> Page:
    """Open a page in a fresh profile."""
    context: BrowserContext = started.new_context(viewport={"width": width, "height": height}, **options)
    context.set_default_timeout(20_000)
    return context.new_page()


def violations(page: Page | Frame) -> list[str]:
    """Run axe-core with the rules of WCAG 2.2 A and AA; give each violation with what it is about."""
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, { runOnly: rules, iframes: false })", RULES)
    assert found["passes"], "axe-core checked nothing"
    return [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]


def scrolls_sideways(page: Page) -> bool:
    """Tell whether a page is wider than its window."""
    return bool(page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth"))


class Tags(HTMLParser):
    """The tags of a page, with their attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str) -> list[dict[str, str]]:
        """Give the attributes of every tag of a name."""
        return [attributes for name, attributes in self.found if name == tag]
