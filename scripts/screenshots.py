"""Take the README's screenshots of the web chat: `python scripts/screenshots.py` (needs Debian's Chromium)."""

import shutil
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

import uvicorn
from PIL import Image
from playwright.sync_api import sync_playwright

from assistant.build import build_index
from assistant.pipeline import Assistant
from assistant.settings import load_settings
from assistant.web.server import create_app

IMAGES = Path(__file__).parent.parent / "docs" / "images"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
QUESTION = "What do public partners say about confidence?"
STATES = {
    "chat": {"width": 1180, "height": 760, "scheme": "light"},
    "chat-dark": {"width": 1180, "height": 760, "scheme": "dark"},
    "chat-narrow": {"width": 320, "height": 640, "scheme": "light"},
}


def main() -> None:
    """Serve the chat on a free local port and photograph it, answered and with a citation open."""
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
        for name, state in STATES.items():
            with tempfile.TemporaryDirectory() as profile:
                context = playwright.chromium.launch_persistent_context(
                    profile,
                    executable_path=chromium,
                    args=FLAGS,
                    viewport={"width": state["width"], "height": state["height"]},
                    color_scheme=state["scheme"],
                )
                page = context.new_page()
                page.goto(f"http://127.0.0.1:{port}")
                page.locator("#question textarea").fill(QUESTION)
                page.keyboard.press("Enter")
                page.locator(".turn[data-complete]").wait_for()
                page.locator("a.citation").first.click()
                page.frame_locator("#reader").locator("#cited").wait_for()
                page.wait_for_timeout(800)
                page.evaluate("() => window.scrollTo(0, 0)")
                page.wait_for_timeout(300)
                path = IMAGES / f"{name}.png"
                page.screenshot(path=path)
                Image.open(path).convert("RGB").quantize(48).save(path, optimize=True)  # a third of the size
                context.close()
    server.should_exit = True


if __name__ == "__main__":
    main()
