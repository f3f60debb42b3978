"""What is new in a session, as it comes: numbered events in a stream, or at once for whoever was away.

A page is a few parts. An event holds the parts that have altered, as HTML, as its reader may see them. Those that many
see alike are written once. Changes are gathered for a fifth of a second.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable

from markupsafe import Markup

from assistant.room.quotes import Quotes
from assistant.room.seen import PARTS, Viewer, see, version_of
from assistant.room.store import RoomFile
from assistant.serving.web.language import DEFAULT, Language
from assistant.serving.web.pages import render
from assistant.serving.web.rooms.words import room_languages

GATHERED_S = 0.2
HEARTBEAT_S = 10.0
#: Parts that all who have a role see alike.
_ALIKE = {"participant": ("status", "screen"), "screen": ("status", "screen")}


class Live:
    """One session as its pages see it."""

    def __init__(self, file: RoomFile, quotes: Quotes, language: Language, is_there: Callable[[], bool]) -> None:
        """Watch a session.

        Args:
            file: The session.
            quotes: Cuts what it quotes.
            language: Of buttons and hints.
            is_there: Whether the session has not been deleted, and the server goes on.
        """
        self.file = file
        self.quotes = quotes
        self.language = language
        self._is_there = is_there
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._written: dict[tuple[str, str, str], tuple[int, Markup, str]] = {}
        file.listeners.append(self.wake)

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return len(self._waiting)

    def words_for(self, viewer: Viewer) -> Language:
        """Give the language of somebody's page: the session's, but the facilitator's page is in English alone."""
        return room_languages()[DEFAULT] if viewer.role in ("lead", "co") else self.language

    def wake(self) -> None:
        """Tell every stream that something has changed; from any thread."""
        for event, loop in list(self._waiting.items()):
            if not event.is_set():
                try:
                    loop.call_soon_threadsafe(event.set)
                except RuntimeError:  # the server has stopped meanwhile
                    self._waiting.pop(event, None)

    def parts(self, viewer: Viewer, after: int = -1) -> tuple[int, dict[str, Markup]]:
        """Give the number of the last change, and what has altered since `after`; everything by default."""
        n, found = self._look(viewer, after)
        return n, {name: html for name, (html, _) in found.items()}

    def event(self, viewer: Viewer, after: int) -> tuple[int, str]:
        """Write what has altered since `after` as JSON: `n`, `now` (seconds since 1970) and `parts`, HTML by name."""
        n, found = self._look(viewer, after)
        parts = ",".join(f"{json.dumps(name)}:{written}" for name, (_, written) in found.items())
        return n, f'{{"n":{n},"now":{time.time():.1f},"parts":{{{parts}}}}}'

    def _look(self, viewer: Viewer, after: int) -> tuple[int, dict[str, tuple[Markup, str]]]:
        seen = {}
        found: dict[str, tuple[Markup, str]] = {}
        with self.file.reading:
            room = self.file.room
            n = room.n
            for part in PARTS[viewer.role]:
                version = version_of(room, viewer, part)
                if version <= after:
                    continue
                kept = self._written.get(self._key(viewer, part))
                if kept is not None and kept[0] == version:
                    found[part] = kept[1:]
                else:
                    seen[part] = (version, see(room, viewer, part, self.quotes))
        for part, (version, shown) in seen.items():
            html = self._write(viewer, part, shown)
            written = json.dumps(str(html), ensure_ascii=False)
            self._written[self._key(viewer, part)] = (version, html, written)
            found[part] = (html, written)
        return n, {part: found[part] for part in PARTS[viewer.role] if part in found}

    def _key(self, viewer: Viewer, part: str) -> tuple[str, str, str]:
        person = "" if part in _ALIKE.get(viewer.role, ()) else viewer.person
        return viewer.role, person, part

    def _write(self, viewer: Viewer, part: str, shown: dict[str, object]) -> Markup:
        role = "lead" if viewer.role == "co" else viewer.role
        return Markup(  # noqa: S704 - a template has escaped it
            render(
                f"room/{role}_{part}.html",
                w=self.words_for(viewer),
                session=self.file.room.session,
                here=f"/room/{self.file.room.session}",
                **{part: shown},
            )
        )

    async def stream(self, viewer: Viewer, after: int, may: Callable[[], bool]) -> AsyncIterator[str]:
        """Give events as they come, and a heartbeat; ends when the session, the key or the server does.

        Args:
            viewer: Who listens.
            after: The number of the last change that is known there.
            may: Whether the key still opens this.
        """
        event = asyncio.Event()
        self._waiting[event] = asyncio.get_running_loop()
        try:
            yield "retry: 2000\n\n"
            while self._is_there() and may():
                event.clear()
                if self.file.room.n > after:
                    n, written = self.event(viewer, after)
                    if not written.endswith('"parts":{}}'):
                        yield f"id: {n}\ndata: {written}\n\n"
                    after = n
                    await asyncio.sleep(GATHERED_S)
                    continue
                try:
                    await asyncio.wait_for(event.wait(), HEARTBEAT_S)
                except TimeoutError:
                    yield "event: beat\ndata: {}\n\n"
            yield "event: over\ndata: {}\n\n"
        finally:
            self._waiting.pop(event, None)
