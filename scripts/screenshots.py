"""Take the screenshots of the README and docs/pages.md: `python scripts/screenshots.py` (needs Debian's Chromium)."""

import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import uvicorn
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from assistant.keeping.build import build_index
from assistant.pipeline import Assistant
from assistant.serving.web.server import create_app
from assistant.settings import load_settings

IMAGES = Path(__file__).parent.parent / "docs" / "images"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
QUESTION = "What do public partners say about confidence?"
WIDE, NARROW, LAPTOP, PHONE = (1180, 760), (320, 640), (1366, 768), (360, 640)


def empty(page: Page) -> None:
    """The chat before a question."""
    page.goto("/")
    page.locator("#question textarea").wait_for()
    page.wait_for_timeout(500)


def answered(page: Page, question: str = QUESTION) -> None:
    """The chat with an answer."""
    empty(page)
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    page.locator("#turn-1[data-complete]").wait_for()
    page.wait_for_timeout(800)


def cited(page: Page) -> None:
    """The chat with an answer and a citation open in the report."""
    answered(page)
    page.locator("a.citation").first.press("Enter")
    page.frame_locator("#reader").locator("#cited").wait_for()
    page.wait_for_timeout(800)


def refused(page: Page) -> None:
    """The chat with a question that the report does not answer."""
    answered(page, "How much are public members paid for an hour?")


def fourth(page: Page) -> None:
    """The chat after its fourth question: the newest is what is in view."""
    answered(page, "Who funded the DRINK trial?")
    for number, question in enumerate(("and PROMISE?", "How is trust built?", QUESTION), start=2):
        page.locator("#question textarea").fill(question)
        page.keyboard.press("Enter")
        page.locator(f"#turn-{number}[data-complete]").wait_for()
    page.wait_for_timeout(1200)


def kept(page: Page) -> None:
    """The chat with a quotation kept in the basket."""
    answered(page)
    page.locator("#newest .keep").first.click()
    page.locator("button.keep[aria-pressed=true]").first.wait_for()
    page.wait_for_timeout(400)


def narrowed(page: Page) -> None:
    """The chat with the choices that narrow a question down."""
    empty(page)
    page.get_by_text("Narrow it down").click()
    page.wait_for_timeout(500)


def basket(page: Page) -> None:
    """The basket with two quotations."""
    page.goto("/quotes?length=short")
    for button in page.locator("button.keep").all()[:2]:
        button.click()
        page.locator("button.keep[aria-pressed=true]").last.wait_for()
    page.goto("/basket")
    page.locator("[data-basket] figure").first.wait_for()


def at(address: str, show: str = "") -> Callable[[Page], None]:
    """A page of its own; with the first place that `show` selects in view."""

    def visit(page: Page) -> None:
        page.goto(address)
        if show:
            page.locator(show).first.evaluate("place => place.scrollIntoView({block: 'center'})")
        page.wait_for_timeout(400)

    return visit


STATES: dict[str, tuple[Callable[[Page], None], tuple[int, int], str, str]] = {
    "chat-empty": (empty, WIDE, "light", ""),
    "chat": (cited, WIDE, "light", ""),
    "chat-fourth": (fourth, LAPTOP, "light", ""),
    "chat-phone": (fourth, PHONE, "light", ""),
    "chat-kept-contrast": (kept, WIDE, "light", "contrast"),
    "chat-dark": (cited, WIDE, "dark", ""),
    "chat-contrast": (answered, WIDE, "light", "contrast"),
    "chat-narrow": (answered, NARROW, "light", ""),
    "chat-refused": (refused, WIDE, "light", ""),
    "chat-narrowed": (narrowed, WIDE, "light", ""),
    "reader": (at("/read/involve-2017?q=trust", "mark.found"), WIDE, "light", ""),
    "quotes": (at("/quotes?role=public&length=short", "main figure.quotation"), WIDE, "light", ""),
    "principles": (at("/principles#B.4.iii"), WIDE, "light", ""),
    "words": (at("/glossary#word-ppi"), WIDE, "light", ""),
    "basket": (basket, WIDE, "light", ""),
    "embed": (at(f"/embed?question={QUESTION.replace(' ', '%20')}&ask=1"), (400, 640), "light", ""),
    "projector": (at("/show?q=What%20makes%20power%20equal%3F"), WIDE, "light", ""),
}


def main() -> None:
    """Serve the pages on a free local port and photograph each state; names after the command choose some."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is missing: apt-get install chromium")
    settings = load_settings()
    build_index(settings, lambda *_: None)
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        port = finder.getsockname()[1]
    app = create_app(Assistant.from_settings(settings), settings)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.1)
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name in sys.argv[1:] or STATES:
            show, (width, height), scheme, look = STATES[name]
            context = browser.new_context(
                base_url=f"http://127.0.0.1:{port}", viewport={"width": width, "height": height}, color_scheme=scheme
            )
            if look:
                context.add_init_script(f"sessionStorage.setItem('coproduce.look', '{look}')")
            page = context.new_page()
            show(page)
            path = IMAGES / f"{name}.png"
            page.screenshot(path=path)
            Image.open(path).convert("RGB").quantize(48).save(path, optimize=True)  # a third of the size
            context.close()
        browser.close()
    server.should_exit = True


if __name__ == "__main__":
    main()
