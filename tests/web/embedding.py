"""What the tests of frames share: applications served on ports of their own, a browser, and axe-core."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

CONFIDENCE = "What do public partners say about confidence?"
#: All five quotes of one speaker, and a list of seven parts of paragraphs: whatever is found.
SEVERAL, PARTS = "What did Public partner B say?", "the seven differences"


def opened(started: Browser, width: int = 400, height: int = 700, **options: Any) -> Page:
    """Open a page in a fresh profile."""
    context: BrowserContext = started.new_context(viewport={"width": width, "height": height}, **options)
    context.set_default_timeout(20_000)
    return context.new_page()


def in_both_looks(started: Browser, address: str, width: int, height: int) -> Iterator[Page]:
    """Open a page in light colours and a window of a size, and then again in dark ones and a very small window."""
    page = opened(started, width, height, color_scheme="light")
    page.goto(address)
    yield page
    page.set_viewport_size({"width": 320, "height": 256})
    page.emulate_media(color_scheme="dark")
    page.reload()
    yield page


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
