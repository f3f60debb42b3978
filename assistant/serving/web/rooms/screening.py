"""The screen for the whole room: one thing at a time, large. It has no buttons but its own keys."""

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from assistant.room.seen import Viewer
from assistant.room.store import RoomFile
from assistant.serving.web.pages import page
from assistant.serving.web.rooms.doors import Refused, give_key, read_form, screen_by_key, screen_of, text_of
from assistant.serving.web.rooms.site import Site, answers, changes_for, page_for, stream_for


def add_screening(app: FastAPI, site: Site) -> None:
    """Add `/room/SESSION/screen` and what stands below it."""

    def may_see(request: Request, session: str) -> tuple[RoomFile, Viewer]:
        file = site.rooms.get(session)
        viewer = screen_of(request, file.room) if file else None
        if file is None or viewer is None:
            raise Refused("This link does not open the screen any more.")
        return file, viewer

    @app.get("/room/{session}/screen", response_class=HTMLResponse)
    @answers
    async def screen(request: Request, session: str) -> Response:
        file = site.rooms.get(session)
        viewer = screen_of(request, file.room) if file else None
        if file is None or viewer is None:
            return page("room/key.html", door=f"/room/{session[:60]}/screen", what="screen", wrong=False)
        base = site.join_base(request)
        return page_for(
            "room/screen.html", site.live(file), viewer,
            enter=f"{base}/room", address=f"{base}/room/{session}/take", code=file.room.code,
        )  # fmt: skip

    @app.post("/room/{session}/screen/key")
    @answers
    async def key(request: Request, session: str) -> Response:
        form = await read_form(request)
        file = site.rooms.get(session)
        given = text_of(form, "key", 200)
        if file is None or screen_by_key(given, file.room) is None:
            return page("room/key.html", status=403, door=f"/room/{session[:60]}/screen", what="screen", wrong=True)
        back = site.path(f"/room/{session}/screen")
        response = RedirectResponse(back, status_code=303)
        give_key(response, request, back, given)
        return response

    @app.get("/room/{session}/screen/changes")
    @answers
    async def changes(request: Request, session: str) -> Response:
        file, viewer = may_see(request, session)
        return changes_for(site.live(file), viewer, request)

    @app.get("/room/{session}/screen/stream")
    @answers
    async def stream(request: Request, session: str) -> Response:
        file, viewer = may_see(request, session)
        return stream_for(site.live(file), viewer, request, lambda: screen_of(request, file.room) is not None)
