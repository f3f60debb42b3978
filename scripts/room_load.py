"""Run a full room against a server of its own on this computer, and print what it measured. Bounded; loopback only.

    python scripts/room_load.py --people 100 --asking 30 --seconds 60

One facilitator, one screen and many participants listen to streams. Some of them ask within five seconds, and ask on
through the time. Measured: when the facilitator's stream shows each question, when each asker's shows its answer, how
fast a page that was away has the present step, and that no question is lost, doubled or refused.
"""

import argparse
import asyncio
import json
import random
import secrets
import socket
import tempfile
import threading
import time
from pathlib import Path

import httpx
import uvicorn

from assistant.pipeline import Assistant
from assistant.serving.web.server import create_app
from assistant.settings import load_settings

QUESTIONS = (
    "What makes power equal in a team?", "What are ground rules for?", "How are decisions shared?",
    "What do public partners say about confidence?", "Is co-production the same as PPI?", "Who funded the DRINK trial?",
    "What is a hollow gesture?", "How much are public partners paid?", "What does honesty mean?", "Who is missing?",
)  # fmt: skip


def percentile(values: list[float], share: float) -> float:
    """Give the value below which a share of the values lie."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)] if values else float("nan")


class Ear:
    """A stream, and when each text was first seen in it."""

    def __init__(self) -> None:
        self.seen: dict[str, float] = {}
        self.wanted: set[str] = set()
        #: Own questions without an answer, and when each got one.
        self.asked: set[str] = set()
        self.answered: dict[str, float] = {}
        self.n = 0

    async def listen(self, http: httpx.AsyncClient, path: str) -> None:
        """Listen until the stream ends."""
        async with http.stream("GET", f"{path}?after=-1", timeout=None) as reply:
            async for line in reply.aiter_lines():
                if line.startswith("data: ") and len(line) > 10:
                    event = json.loads(line[6:])
                    self.n = event.get("n", self.n)
                    html = " ".join(event.get("parts", {}).values())
                    for text in list(self.wanted):
                        if text in html:
                            self.seen[text] = time.monotonic()
                            self.wanted.discard(text)
                    own = event.get("parts", {}).get("mine", "")
                    for text in list(self.asked):
                        article = own.partition(text)[2].partition("</article>")[0]
                        if article and "Looking in the report" not in article:
                            self.answered[text] = time.monotonic()
                            self.asked.discard(text)


async def run(base: str, key: str, people: int, asking: int, seconds: float) -> dict[str, object]:  # noqa: PLR0915
    """Run the room."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    origin = {"origin": base}

    def client() -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=base, headers=origin, timeout=60, limits=limits)

    lead = client()
    await lead.post("/room/new/key", data={"key": key})
    made = (await lead.post("/room/new", data={"plan": "long", "title": "Load"}, files={"none": b""})).text
    at = "/room/" + made.split("/room/")[1].split("/lead#")[0]

    async def do(command: str) -> None:
        data = {"do": command, "key": secrets.token_hex(16)}
        (await lead.post(f"{at}/lead/do", data=data, headers={"accept": "application/json"})).raise_for_status()

    await do("open")
    devices = [client() for _ in range(people)]
    began = time.monotonic()
    await asyncio.gather(*(one.post(f"{at}/take/join", data={"key": secrets.token_hex(16)}) for one in devices))
    joined_s = time.monotonic() - began
    ears = [Ear() for _ in devices]
    lead_ear = Ear()
    listening = [
        asyncio.create_task(ear.listen(one, f"{at}/take/stream")) for ear, one in zip(ears, devices, strict=True)
    ]
    listening.append(asyncio.create_task(lead_ear.listen(lead, f"{at}/lead/stream")))
    await asyncio.sleep(2)

    asked: dict[str, float] = {}
    refused: list[str] = []
    chance = random.Random(1)  # noqa: S311 - no secret

    async def ask(number: int, delay: float) -> None:
        await asyncio.sleep(delay)
        text = f"{QUESTIONS[number % len(QUESTIONS)]} {secrets.token_hex(3)}"
        lead_ear.wanted.add(text)
        place = number % people
        ears[place].asked.add(text)
        asked[text] = time.monotonic()
        reply = await devices[place].post(
            f"{at}/take/ask",
            data={"question": text, "key": secrets.token_hex(16)},
            headers={"accept": "application/json"},
        )
        if reply.status_code != 200:
            refused.append(text)

    began = time.monotonic()
    await asyncio.gather(*(ask(number, chance.random() * 5) for number in range(asking)))
    number = asking
    while time.monotonic() - began < seconds:
        await ask(number, 0.5)
        number += 1
        if number % 10 == 0:
            await do(f"move {number // 10 % 7} think")
    end = time.monotonic() + 60
    while any(ear.asked for ear in ears) and time.monotonic() < end:
        await asyncio.sleep(0.1)
    answered = {text: at_s for ear in ears for text, at_s in ear.answered.items()}
    waits = [answered[text] - asked[text] for text in asked if text in answered]
    woken = []
    for place in range(5):
        began = time.monotonic()
        (await devices[place].get(f"{at}/take/changes?after=0")).raise_for_status()
        woken.append(time.monotonic() - began)
    await asyncio.sleep(1.5)
    delays = [lead_ear.seen[text] - asked[text] for text in asked if text in lead_ear.seen]
    page = (await lead.get(f"{at}/lead")).text
    for task in listening:
        task.cancel()
    found = {
        "people": people, "joined in s": round(joined_s, 1), "questions": len(asked), "refused": len(refused),
        "lost": sum(text not in page for text in asked),
        "doubled": sum(page.count(f"<bdi>{text}</bdi>") > 1 for text in asked),
        "facilitator sees, p50 / p95 / most, s": [round(percentile(delays, one), 2) for one in (0.5, 0.95, 1)],
        "not seen live": len(asked) - len(delays),
        "not answered within a minute": len(asked) - len(waits),
        "answer, p50 / p95 / most, s": [round(percentile(waits, one), 2) for one in (0.5, 0.95, 1)],
        "awake again, most, s": round(max(woken), 2),
    }  # fmt: skip
    for one in (lead, *devices):
        await one.aclose()
    return found


def main() -> None:
    """Serve, run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--asking", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60)
    given = parser.parse_args()
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
        try:
            found = asyncio.run(run(base, app.state.rooms.maker_key, given.people, given.asking, given.seconds))
            for name, value in found.items():
                print(f"{name}: {value}")
        finally:
            app.state.rooms.stop_streams()
            server.should_exit = True
            thread.join(10)
            app.state.rooms.close()


if __name__ == "__main__":
    main()
