"""Addresses for monitors: whether the process is alive, and whether it can answer. No question is in them."""

import structlog
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from assistant.pipeline import Assistant
from assistant.serving.calls import place_of_failure

HEALTH = ALIVE, READY = ("/healthz", "/readyz")
_NOT_KEPT = {"Cache-Control": "no-store"}

log = structlog.get_logger()


def add_health(app: FastAPI, assistant: Assistant) -> None:
    """Add `/healthz`: the process answers; and `/readyz`: its index and model are loaded and work."""

    @app.get(ALIVE, include_in_schema=False)
    async def alive() -> JSONResponse:
        return JSONResponse({"status": "alive"}, headers=_NOT_KEPT)

    @app.get(READY, include_in_schema=False)
    def ready() -> JSONResponse:
        try:
            works = assistant.retriever.works()
        except Exception as error:
            log.error("not ready", **place_of_failure(error))
            works = False
        status, code = ("ready", 200) if works else ("not ready", 503)
        return JSONResponse({"status": status}, code, headers=_NOT_KEPT)
