"""What the pages of sessions share: the sessions, the packs, and how each request is answered."""

import re
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from anyio import to_thread
from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, StreamingResponse
from markupsafe import Markup
from starlette.responses import Response

from assistant.pipeline import Assistant
from assistant.room.changes import Change
from assistant.room.keys import fits, hash_key, new_key
from assistant.room.packs import Packs
from assistant.room.rooms import Rooms
from assistant.room.seen import PARTS, Viewer
from assistant.room.state import Room
from assistant.room.store import Done, RoomFile
from assistant.serving.calls import sentence
from assistant.serving.web.language import Language
from assistant.serving.web.pages import page
from assistant.serving.web.rooms.doors import COOKIE, Guesses, Refused
from assistant.serving.web.rooms.live import Live
from assistant.serving.web.rooms.network import join_address
from assistant.serving.web.rooms.words import room_languages
from assistant.settings import Settings
from corpus.errors import CoproduceError

Handler = Callable[..., Awaitable[Response]]


class Site:
    """The sessions of a server, and what their pages need."""

    def __init__(self, assistant: Assistant, settings: Settings) -> None:
        """Open the sessions of the data folder.

        Raises:
            CorpusError: a pack does not fit its document.
        """
        self.settings = settings
        self.assistant = assistant
        self.packs = Packs(assistant.library)
        self.quotes = self.packs.quotes
        self.rooms = Rooms(settings.data_dir, assistant.ask, threads=settings.web_threads, most=settings.room_sessions)
        self.guesses = Guesses()
        #: Opens the page on which sessions are made; printed when the server starts.
        self.maker_key = new_key()
        self._maker = hash_key(self.maker_key)
        self._lives: dict[str, Live] = {}
        self._stopping = False

    def is_makers(self, key: str) -> bool:
        """Tell whether a key makes sessions."""
        return fits(key, self._maker)

    def may_make(self, request: Request) -> bool:
        """Tell whether a request has the key that makes sessions."""
        return self.is_makers(request.cookies.get(COOKIE, ""))

    def live(self, file: RoomFile) -> Live:
        """Give the streams of a session."""
        session = file.room.session
        if session not in self._lives:
            self._lives = {name: one for name, one in self._lives.items() if self.rooms.get(name) is one.file}
            self._lives[session] = Live(
                file,
                self.quotes,
                self.language(file.room),
                lambda: not self._stopping and self.rooms.get(session) is file,
            )
        return self._lives[session]

    def language(self, room: Room) -> Language:
        """Give the language of a session's buttons and hints."""
        known = room_languages()
        return known.get(room.plan.language, known["en"])

    def path(self, path: str) -> str:
        """Write an address of ours as the browser reaches it."""
        return f"{self.settings.root_path}{path}"

    def join_base(self, request: Request) -> str:
        """Give the address that phones open, up to and with the sub-path."""
        base = join_address(self.settings, request.url.scheme, request.headers.get("host", ""))
        return f"{base}{self.settings.root_path}"

    def stop_streams(self) -> None:
        """End every stream now: the server is being stopped."""
        self._stopping = True
        for live in self._lives.values():
            live.wake()

    def close(self) -> None:
        """Close every session."""
        self.stop_streams()
        self.rooms.close()


def wants_json(request: Request) -> bool:
    """Tell whether a script asks, which shows what it gets in the page."""
    return "application/json" in request.headers.get("accept", "")


def said(request: Request, message: str, status: int, back: str = "") -> Response:
    """Tell a person what became of what they sent: in the page of the script, or on a page with a way back."""
    if wants_json(request):
        return JSONResponse({"error": message}, status_code=status)
    return page("room/said.html", status=status, message=message, back=back)


def not_open() -> HTMLResponse:
    """Answer for a session that is unknown, ended or not yet open: these look alike."""
    return page("room/not_open.html", status=404)


def answers(handler: Handler) -> Handler:
    """Have what a handler refuses told to the person, and nothing of ours kept by a browser."""

    @wraps(handler)
    async def answer(request: Request, *arguments: Any, **named: Any) -> Response:
        back = str(request.headers.get("referer", "")) and request.url.path.rpartition("/")[0]
        try:
            response = await handler(request, *arguments, **named)
        except Refused as error:
            response = said(request, sentence(error), error.status, back)
        except CoproduceError as error:
            response = said(request, sentence(error), 409, back)
        response.headers["cache-control"] = "no-store"
        return response

    return answer


async def do(file: RoomFile, who: str, key: str, change: Change, check: Callable[[Room], None] | None = None) -> Done:
    """Make a change without holding up the other pages while the disk is waited for."""
    return await to_thread.run_sync(lambda: file.do(who, key, change, check))


def done(request: Request, n: int, back: str) -> Response:
    """Acknowledge a change: to a script by its number, to a form by the page as it is now."""
    if wants_json(request):
        return JSONResponse({"n": n})
    return RedirectResponse(back, status_code=303)


def number_after(request: Request) -> int:
    """Read `after=N`. Raises Refused."""
    said_number = request.query_params.get("after", "-1")
    if not said_number.removeprefix("-").isdigit() or len(said_number) > 12:
        raise Refused("after= takes a number.", 422)
    return int(said_number)


def changes_for(live: Live, viewer: Viewer, request: Request) -> Response:
    """Answer with what has altered since `after=N`."""
    _, written = live.event(viewer, number_after(request))
    return Response(written, media_type="application/json")


def stream_for(live: Live, viewer: Viewer, request: Request, may: Callable[[], bool]) -> Response:
    """Answer with a stream of what alters from `after=N`, or from where a browser says it was."""
    last = request.headers.get("last-event-id", "")
    after = int(last) if last.isdigit() and len(last) < 12 else number_after(request)
    return StreamingResponse(
        live.stream(viewer, after, may), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
    )


def _with_keys(html: Markup) -> Markup:
    """Give each form of a part a key of its own: parts are written once for many pages, and a key counts once."""
    return Markup(re.sub(r'name="key" value=""', lambda _: f'name="key" value="{new_key()}"', html))  # noqa: S704


def page_for(template: str, live: Live, viewer: Viewer, **values: Any) -> HTMLResponse:
    """Answer with a page whole, so that it works without a script, and goes on from there with one."""
    n, parts = live.parts(viewer)
    assert set(parts) == set(PARTS[viewer.role])
    room = live.file.room
    language = live.words_for(viewer)
    return page(
        template,
        n=n,
        parts={name: _with_keys(html) for name, html in parts.items()},
        session=room.session,
        title=room.plan.title,
        w=language,
        lang=language.tag,
        dir=language.direction,
        new_key=new_key,
        **values,
    )
