"""Take the screenshots of docs/training.md: `python scripts/room_screenshots.py` (needs Debian's Chromium)."""

import re
import shutil
import socket
import tempfile
import threading
import time
from pathlib import Path

import uvicorn
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from assistant.pipeline import Assistant
from assistant.serving.web.server import create_app
from assistant.settings import load_settings

IMAGES = Path(__file__).parent.parent / "docs" / "images"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
QUESTION = "What are ground rules for?"


def keep(page: Page, name: str) -> None:
    """Save what a page shows as a small file."""
    page.wait_for_timeout(700)
    path = IMAGES / f"room-{name}.png"
    page.screenshot(path=path)
    Image.open(path).convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(path, optimize=True)


def take_all(browser: Browser, base: str, key: str) -> None:
    """Make a session, let people in, and take the four pictures."""
    lead = browser.new_page(viewport={"width": 1180, "height": 900})
    lead.goto(f"{base}/room/new#{key}")
    lead.locator("#title").fill("Working together as equals")
    keep(lead, "new")
    lead.locator("input[value=long]").check()
    lead.get_by_role("button", name="Make the session").click()
    session = re.findall(r"/room/([0-9a-f]{20})/lead#", lead.content())[0]
    lead.get_by_role("link", name="Open the session").click()
    lead.get_by_role("button", name="Open the session: people may join").click()
    phones = []
    for _ in range(4):
        phone = browser.new_context(viewport={"width": 390, "height": 780}).new_page()
        phone.goto(f"{base}/room/{session}/take")
        phone.get_by_role("button", name="Join").click()
        phone.wait_for_selector("[data-room=take]")
        phones.append(phone)
    phones[1].locator("#question").fill(QUESTION)
    phones[1].get_by_role("button", name="Ask", exact=True).click()
    lead.get_by_role("button", name="Next: Who said this?").click()
    phones[0].locator("#step-title", has_text="Who said this?").wait_for()
    keep(phones[0], "take")
    lead.get_by_role("button", name="Next: Can public partners").click()
    for phone, view in zip(phones, ("view-1", "view-2", "depends", "view-1"), strict=True):
        phone.locator(f"input[value={view}]").check()
        phone.locator("[data-form]").get_by_role("button", name="Send").click()
    lead.locator("[data-part=answers] li").nth(3).wait_for()
    lead.get_by_text("Quotations of this step").click()
    lead.get_by_role("button", name="On the screen: quotation 4").click()
    lead.get_by_text("Quotations of this step").click()
    lead.evaluate("() => scrollTo(0, 0)")
    keep(lead, "lead")
    screen = browser.new_page(viewport={"width": 1280, "height": 760})
    with lead.expect_navigation():
        lead.get_by_role("button", name="Make a link for the screen").click()
    link = lead.locator("a[href*='/screen#']").get_attribute("href")
    screen.goto(str(link).replace(str(link).split("/room/", maxsplit=1)[0], base))
    screen.wait_for_selector("[data-room=screen]")
    keep(screen, "screen")


def main() -> None:
    """Serve, and take them."""
    settings = load_settings()
    assistant = Assistant.from_settings(settings)
    with tempfile.TemporaryDirectory() as folder, socket.socket() as listener:
        app = create_app(assistant, settings.model_copy(update={"room": True, "data_dir": Path(folder)}))
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=3))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            try:
                take_all(browser, base, app.state.rooms.maker_key)
            finally:
                browser.close()
                app.state.rooms.stop_streams()
                server.should_exit = True
                thread.join(10)
                app.state.rooms.close()


if __name__ == "__main__":
    main()
