"""A session over plain HTTP, as forms without JavaScript use it: a facilitator, a screen and participants."""

import re
import secrets
from typing import Any

import httpx
from fastapi import FastAPI

from assistant.room.store import RoomFile


class Device:
    """A browser with its own cookies."""

    def __init__(self, base: str) -> None:
        self.http = httpx.Client(base_url=base, timeout=30, headers={"origin": "/".join(base.split("/")[:3])})

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> httpx.Response:
        """Send a form, with a key of its own."""
        return self.http.post(path, data={"key": secrets.token_hex(16), **(data or {})}, **options)

    def send(self, path: str, data: dict[str, Any] | None = None) -> int:
        """Send a form as the script does, and give the number of the change."""
        reply = self.post(path, data, headers={"accept": "application/json"})
        assert reply.status_code == 200, (path, reply.status_code, reply.text[:300])
        return int(reply.json()["n"])


class Session:
    """A session that was made on a server, and who is in it."""

    def __init__(self, app: FastAPI, base: str, plan: str = "short", *, opened: bool = True, **fields: Any) -> None:
        self.app, self.base = app, base
        self.lead = Device(base)
        site = app.state.rooms
        assert self.lead.post("/room/new/key", {"key": site.maker_key}).status_code == 303
        made = self.lead.http.post("/room/new", data={"plan": plan, "title": "A try", **fields}, files={"none": b""})
        assert made.status_code == 200, made.text
        self.made = made.text
        found = re.search(r"/room/([0-9a-f]{20})/lead#([0-9a-f]{32})", made.text)
        assert found is not None, made.text
        self.id, self.key = found.groups()
        self.at = f"/room/{self.id}"
        if opened and "rehearse" not in fields:
            self.do("open")

    @property
    def file(self) -> RoomFile:
        """The session itself."""
        file = self.app.state.rooms.rooms.get(self.id)
        assert file is not None
        return file  # type: ignore[no-any-return]

    def do(self, command: str, **fields: Any) -> int:
        """Press a button of the facilitator's page."""
        return self.lead.send(f"{self.at}/lead/do", {"do": command, **fields})

    def join(self, **fields: Any) -> Device:
        """Let a participant in."""
        device = Device(self.base)
        reply = device.post(f"{self.at}/take/join", fields)
        assert reply.status_code == 303, reply.text
        return device

    def screen(self) -> Device:
        """Open the screen."""
        reply = self.lead.post(f"{self.at}/lead/do", {"do": "screen-link"}, headers={"accept": "application/json"})
        device = Device(self.base)
        assert device.post(f"{self.at}/screen/key", {"key": reply.json()["link"].partition("#")[2]}).status_code == 303
        return device

    def take(self, device: Device) -> str:
        """Give a participant's page."""
        reply = device.http.get(f"{self.at}/take")
        assert reply.status_code == 200
        return reply.text
