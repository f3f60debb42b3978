"""How people come in: by code, by link or QR code; and the page that says beforehand what is kept."""

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from assistant.room.changes import MOST_NICKNAME_CHARACTERS, Joined
from assistant.room.keys import hash_key, new_key
from assistant.room.state import Room
from assistant.room.store import NotNow, RoomFile
from assistant.serving.web.pages import page
from assistant.serving.web.rooms.doors import Refused, address_of, give_key, participant_of, read_form, text_of
from assistant.serving.web.rooms.network import qr_svg
from assistant.serving.web.rooms.site import Site, answers, do, not_open, said

TOO_MANY = "Too many wrong codes came from here. Wait a minute, or use the link or the QR code."


def add_joining(app: FastAPI, site: Site) -> None:
    """Add `/room`, where a code is typed, and the QR code of a session."""

    @app.get("/room", response_class=HTMLResponse)
    async def enter() -> Response:
        return page("room/enter.html", wrong=False)

    @app.post("/room/enter", response_class=HTMLResponse)
    @answers
    async def entered(request: Request) -> Response:
        form = await read_form(request)
        address = address_of(request)
        if not site.guesses.may(address):
            return said(request, TOO_MANY, 429, site.path("/room"))
        file = site.rooms.by_code(text_of(form, "code", 40))
        if file is None:
            site.guesses.was_wrong(address)
            return page("room/enter.html", status=404, wrong=True)
        return RedirectResponse(site.path(f"/room/{file.room.session}/take"), status_code=303)

    @app.get("/room/{session}/qr.svg")
    async def qr(request: Request, session: str) -> Response:
        file = site.rooms.get(session)
        if file is None or file.room.phase_of_life != "open":
            return not_open()
        drawn = qr_svg(f"{site.join_base(request)}/room/{session}/take")
        return Response(drawn, media_type="image/svg+xml", headers={"cache-control": "no-store"})


def before_joining(site: Site, room: Room) -> Response:
    """Answer with the plain page that is read before joining."""
    language = site.language(room)
    return page(
        "room/before.html",
        w=language,
        lang=language.tag,
        dir=language.direction,
        title=room.plan.title,
        session=room.session,
        days=room.keep_days,
        nicknames=room.nicknames,
        most=MOST_NICKNAME_CHARACTERS,
        key=new_key(),
    )


async def join(site: Site, request: Request, file: RoomFile) -> Response:
    """Let a device in.

    Raises:
        NotNow: the session is not open, or full.
    """
    form = await read_form(request)
    room = file.room
    back = site.path(f"/room/{room.session}/take")
    if participant_of(request, room):  # a link of another site opened the page, for which a browser sends no cookie
        return RedirectResponse(back, status_code=303)
    if room.phase_of_life != "open":
        return not_open()
    nickname = " ".join(text_of(form, "nickname", MOST_NICKNAME_CHARACTERS).split()) if room.nicknames else ""
    # The device's key comes from what it sent: sending the form twice, as phones do, lets one person in.
    sent = text_of(form, "key", 80)
    if len(sent) < 32:
        raise Refused("The page is out of date. Please load it again.", 422)
    token = hash_key(f"{room.lead} {sent}")[:32]
    if hash_key(token) not in room.tokens:

        def check(room: Room) -> None:
            if sum(not one.left for one in room.people.values()) >= site.settings.room_people:
                raise NotNow(f"This session is full: {site.settings.room_people} devices are in it.")

        joined = Joined(
            person=f"p{new_key()[:12]}", token=hash_key(token), nickname=nickname, table=bool(form.get("table"))
        )
        await do(file, "app", f"join {hash_key(token)}", joined, check)
    response = RedirectResponse(back, status_code=303)
    give_key(response, request, back, token)
    return response
