"""Measure how soon something is seen: `python scripts/first_paint.py` (needs Debian's Chromium and a built index).

Prints, for each page, the first contentful paint on localhost in milliseconds: the median of five fresh profiles.
"""

import shutil
import socket
import statistics
import sys
import tempfile
import threading
import time

import uvicorn
from playwright.sync_api import Playwright, sync_playwright

from assistant.pipeline import Assistant
from assistant.serving.web.server import create_app
from assistant.settings import load_settings

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
PAGES = ("/", "/embed", "/quotes")
ROUNDS = 5
PAINTED = "() => performance.getEntriesByName('first-contentful-paint').map(entry => entry.startTime)[0]"


def main() -> None:
    """Serve the pages on a free local port and measure each of them."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is missing: apt-get install chromium")
    settings = load_settings()
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        port = finder.getsockname()[1]
    app = create_app(Assistant.from_settings(settings), settings)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.1)
    with sync_playwright() as playwright:
        for page in PAGES:
            times = [first_paint(playwright, chromium, f"http://127.0.0.1:{port}{page}") for _ in range(ROUNDS)]
            painted = [one for one in times if one is not None]
            said = (
                f"{statistics.median(painted):.0f} ms" if len(painted) == ROUNDS else "is not served, or paints nothing"
            )
            print(f"{page:10} {said}")
    server.should_exit = True


def first_paint(playwright: Playwright, chromium: str, address: str) -> float | None:
    """Open a page in a fresh profile; give its first contentful paint in milliseconds, or None without one."""
    with tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(profile, executable_path=chromium, args=FLAGS)
        try:
            page = context.new_page()
            answer = page.goto(address)
            if answer is None or not answer.ok:
                return None
            return float(page.wait_for_function(PAINTED).json_value())
        finally:
            context.close()


if __name__ == "__main__":
    main()
