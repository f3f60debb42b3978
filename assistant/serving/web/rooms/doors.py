"""Who comes in: keys in cookies, each bound by its path to a session and role; origins; how often codes are guessed."""

import time
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import Response

from assistant.room.keys import fits, hash_key
from assistant.room.seen import Viewer
from assistant.room.state import Room
from corpus.errors import CoproduceError

#: The one cookie. Its path says of which session and role it is; a browser sends it nowhere else.
COOKIE = "coproduce_room"
#: A day of training, and the evening after it.
COOKIE_SECONDS = 14 * 24 * 3600
MOST_BODY_BYTES = 600_000


class Refused(CoproduceError):
    """A request that is not answered; `status` is what HTTP calls it."""

    def __init__(self, message: str, status: int = 403) -> None:
        super().__init__(message)
        self.status = status


def check_origin(request: Request) -> None:
    """Refuse what another site's page sends.

    Raises:
        Refused: the request names another origin, or none.
    """
    said = request.headers.get("origin", "")
    parts = urlsplit(said)
    if f"{parts.scheme}://{parts.netloc}" != f"{request.url.scheme}://{request.headers.get('host', '')}":
        raise Refused("This was sent from another page. Please open the session again and send it from there.")


async def read_form(request: Request) -> FormData:
    """Read what a form of ours sent.

    Raises:
        Refused: it comes from elsewhere, or is too long.
    """
    check_origin(request)
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > MOST_BODY_BYTES:
        raise Refused("That is too long to be sent.", 413)
    try:
        return await request.form(max_files=1, max_fields=200)
    except Exception:
        raise Refused("That could not be read. Please load the page again.", 400) from None


def text_of(form: FormData, name: str, most: int) -> str:
    """Give a field of a form as text in one or several lines, without what cannot be written.

    Raises:
        Refused: it is longer than `most` characters.
    """
    value = form.get(name)
    text = "".join(map(_writable, value.replace("\r\n", "\n"))).strip() if isinstance(value, str) else ""
    if len(text) > most:
        raise Refused(f"Please write at most {most} characters.", 422)
    return text


def _writable(letter: str) -> str:
    """Give a letter as it is kept: any space as a space, and nothing for what turns text or cannot be seen."""
    if letter == "\n" or letter.isprintable() or letter in "\u200c\u200d\u00ad":
        return letter
    return " " if letter.isspace() else ""


def participant_of(request: Request, room: Room) -> Viewer | None:
    """Give the participant whose key a request has."""
    key = request.cookies.get(COOKIE, "")
    person = room.tokens.get(hash_key(key)) if key else None
    return Viewer("participant", person) if person else None


def lead_of(request: Request, room: Room) -> Viewer | None:
    """Give the facilitator or co-facilitator whose key a request has."""
    return lead_by_key(request.cookies.get(COOKIE, ""), room)


def lead_by_key(key: str, room: Room) -> Viewer | None:
    """Give whom a key of a facilitator's link lets in."""
    if fits(key, room.lead):
        return Viewer("lead")
    return Viewer("co") if fits(key, room.keys.get("co", "")) else None


def screen_of(request: Request, room: Room) -> Viewer | None:
    """Give the screen whose key a request has."""
    return screen_by_key(request.cookies.get(COOKIE, ""), room)


def screen_by_key(key: str, room: Room) -> Viewer | None:
    """Give the screen that a key of a screen's link lets in."""
    return Viewer("screen") if fits(key, room.keys.get("screen", "")) else None


def give_key(response: Response, request: Request, path: str, key: str) -> None:
    """Put a key into the cookie of a path."""
    response.set_cookie(
        COOKIE, key, max_age=COOKIE_SECONDS, path=path, secure=request.url.scheme == "https", httponly=True,
        samesite="strict",
    )  # fmt: skip


def take_key(response: Response, path: str) -> None:
    """Take the key of a path out of the browser."""
    response.delete_cookie(COOKIE, path=path, httponly=True, samesite="strict")


class Guesses:
    """Counts wrong codes: so many a minute from an address, and so many a minute from all together.

    One address alone cannot block the others, and whoever is blocked can try again within a minute. Where too many
    came, right ones wait too: otherwise going on would tell which is right. Links and QR codes have no code and always
    work.
    """

    def __init__(self, *, a_minute: int = 20, of_all: int = 60, clock: Callable[[], float] = time.monotonic) -> None:
        self._a_minute, self._of_all, self._clock = a_minute, of_all, clock
        self._all: deque[float] = deque()
        self._from: dict[str, deque[float]] = {}

    def may(self, address: str) -> bool:
        """Tell whether a code from this address is looked at."""
        now = self._clock()
        _forget(self._all, now - 60)
        mine = self._from.get(address)
        if mine is not None:
            _forget(mine, now - 60)
            if not mine:
                del self._from[address]
        return len(self._all) < self._of_all and len(self._from.get(address, ())) < self._a_minute

    def was_wrong(self, address: str) -> None:
        """Count a wrong code."""
        now = self._clock()
        self._all.append(now)
        self._from.setdefault(address, deque()).append(now)


def _forget(times: deque[float], before: float) -> None:
    while times and times[0] < before:
        times.popleft()


def address_of(request: Request) -> str:
    """Give the address that a request comes from, as far as this server knows it."""
    client: Any = request.client
    return client.host if client else ""
