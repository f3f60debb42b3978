"""Weigh the first load of pages: `python scripts/page_weight.py [PAGE …]` (needs Debian's Chromium and a built index).

Starts `coproduce serve` on a free local port, opens each page in a fresh profile, and prints how many requests it took
and how many bytes came over the line, headers and compression included, by kind. `--each` lists every request.
"""

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.sync_api import Playwright, sync_playwright

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
PAGES = ("/", "/embed", "/quotes")
#: Nothing is asked for any more once it has been quiet for so long.
QUIET_MS = 1500


@dataclass
class Loaded:
    """One request of a page."""

    address: str
    kind: str
    bytes_on_the_line: int = 0
    bytes_whole: int = 0
    kept: bool = False


def main() -> None:
    """Serve the pages and weigh each of those named, or those of `PAGES`."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is missing: apt-get install chromium")
    named = [one for one in sys.argv[1:] if not one.startswith("-")]
    with served() as address, sync_playwright() as playwright:
        for page in named or PAGES:
            for again, loaded in enumerate(load_twice(playwright, chromium, f"{address}{page}")):
                print(f"{page}{' again' if again else ''}: {say(loaded)}")
                for kind in sorted({one.kind for one in loaded if not one.kept}):
                    print(f"    {kind:12} {say([one for one in loaded if one.kind == kind])}")
                if "--each" in sys.argv:
                    for one in loaded:
                        line, whole = one.bytes_on_the_line, one.bytes_whole
                        print(f"    {line:8} {whole:8} {one.kind:10} {one.address.removeprefix(address)}")


def say(loaded: list[Loaded]) -> str:
    """Say how many requests there were, and how many kilobytes came, and what they were once unpacked."""
    asked = [one for one in loaded if not one.kept]
    line = sum(one.bytes_on_the_line for one in asked) / 1000
    whole = sum(one.bytes_whole for one in asked) / 1000
    return f"{len(asked):3} requests {line:7.1f} kB on the line {whole:8.1f} kB unpacked"


@contextmanager
def served() -> Iterator[str]:
    """Run `coproduce serve` and give its address once it answers."""
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        port = finder.getsockname()[1]
    run = "from assistant.serving.terminal.cli import main; main()"
    command = [sys.executable, "-c", run, "serve", "--port", str(port)]
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                httpx.get(f"{address}/readyz", timeout=5).raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        else:
            sys.exit("coproduce serve did not answer within a minute")
        yield address
    finally:
        started.terminate()
        started.wait(timeout=20)


def load_twice(playwright: Playwright, chromium: str, address: str) -> tuple[list[Loaded], list[Loaded]]:
    """Load a page in a fresh profile, and once more in the same: what the browser kept is not asked for again."""
    with tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(profile, executable_path=chromium, args=FLAGS)
        try:
            return load(context, address), load(context, address)
        finally:
            context.close()


def load(context: Any, address: str) -> list[Loaded]:
    """Load a page in a new tab and give its requests, in order."""
    page = context.new_page()
    listener = context.new_cdp_session(page)
    requests: dict[str, Loaded] = {}

    def began(event: Any) -> None:
        requests[event["requestId"]] = Loaded(event["request"]["url"], event.get("type", ""))

    def received(event: Any) -> None:
        if (one := requests.get(event["requestId"])) is not None:
            one.bytes_whole += event["dataLength"]

    def came(event: Any) -> None:
        if (one := requests.get(event["requestId"])) is not None:
            one.kept = bool(event["response"].get("fromDiskCache") or event["response"]["url"].startswith("data:"))
            one.bytes_on_the_line = int(event["response"].get("encodedDataLength", 0))

    def ended(event: Any) -> None:
        if (one := requests.get(event["requestId"])) is not None:
            one.bytes_on_the_line = int(event["encodedDataLength"])

    listener.on("Network.requestWillBeSent", began)
    listener.on("Network.requestServedFromCache", lambda event: setattr(requests[event["requestId"]], "kept", True))
    listener.on("Network.responseReceived", came)
    listener.on("Network.dataReceived", received)
    listener.on("Network.loadingFinished", ended)
    listener.send("Network.enable")
    page.goto(address)
    seen = -1
    while seen != len(requests):
        seen = len(requests)
        page.wait_for_timeout(QUIET_MS)
    page.close()
    return list(requests.values())


if __name__ == "__main__":
    main()
