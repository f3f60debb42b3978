"""The page on which a trainer checks, on a phone and before the day, that joining, asking and live updates work."""

import asyncio
import time
from collections.abc import AsyncIterator

from anyio import to_thread
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from starlette.responses import Response

from assistant.room.keys import new_key
from assistant.schema import Query
from assistant.serving.web.pages import page
from assistant.serving.web.rooms.doors import COOKIE, Refused, give_key, read_form
from assistant.serving.web.rooms.site import Site, answers

#: A try is asked at most so often; between, the last result counts.
_ASKED_EVERY_S = 5.0


def add_checking(app: FastAPI, site: Site) -> None:
    """Add `/room/check` and what it tries."""
    last: list[tuple[float, int]] = []

    @app.get("/room/check", response_class=HTMLResponse)
    @answers
    async def check(request: Request) -> Response:
        response = page("room/check.html", address=f"{site.join_base(request)}/room/check")
        give_key(response, request, site.path("/room/check"), new_key())
        return response

    @app.post("/room/check/join")
    @answers
    async def joined(request: Request) -> Response:
        await read_form(request)
        if not request.cookies.get(COOKIE):
            raise Refused("This browser keeps no cookie here, so it would forget its place in a session.")
        return JSONResponse({"ok": True})

    @app.post("/room/check/ask")
    @answers
    async def asked(request: Request) -> Response:
        await read_form(request)
        if not last or time.monotonic() - last[-1][0] > _ASKED_EVERY_S:
            question = next(iter(site.assistant.library.documents[0].vocabulary.examples), "What is it about?")
            answer = await to_thread.run_sync(lambda: site.assistant.ask(Query(question=question)))
            last[:] = [(time.monotonic(), len(answer.citations))]
        return JSONResponse({"quotations": last[-1][1]})

    @app.get("/room/check/stream")
    async def stream() -> Response:
        async def ticks() -> AsyncIterator[str]:
            for number in range(1, 4):
                yield f"id: {number}\ndata: {number}\n\n"
                await asyncio.sleep(0.4)

        return StreamingResponse(ticks(), media_type="text/event-stream", headers={"x-accel-buffering": "no"})
