"""What stands before the JSON API: how long a body may be, how it must be sent, and one shape for every error."""

from collections.abc import Mapping

import structlog
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.serving.calls import OUR_FAILURE, place_of_failure, sentence
from corpus.frozen import Frozen

MAX_BODY_BYTES = 100_000

log = structlog.get_logger()


class Problem(Frozen):
    """What is wrong, and in which field, if in one."""

    message: str
    field: str | None = None


class ErrorReply(Frozen):
    """What every error looks like."""

    error: Problem


def error_reply(
    status: int, message: str, field: str | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Answer with an error. Half characters (lone surrogates), which cannot be sent, are written as escapes."""
    sendable = [
        None if words is None else words.encode("utf-8", "backslashreplace").decode() for words in (message, field)
    ]
    reply = ErrorReply(error=Problem(message=sentence(sendable[0] or ""), field=sendable[1]))
    return JSONResponse(reply.model_dump(), status_code=status, headers=headers)


class ApiGuard:
    """Reads a body before the API does, refuses one that is too long or no JSON, and hides failures of ours."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = False

        async def note_and_send(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self._answer(scope, receive, note_and_send)
        except Exception as error:
            log.error("a call failed", **place_of_failure(error))
            if began:
                raise
            await error_reply(500, OUR_FAILURE)(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        announced = headers.get("content-length", "")
        too_long = announced.isascii() and announced.isdigit() and int(announced[:20]) > MAX_BODY_BYTES
        body = None if too_long else await _read(receive)
        if body is None:
            refusal = error_reply(413, f"The body is too long: at most {MAX_BODY_BYTES:,} bytes are read.")
        elif body and headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            refusal = error_reply(415, "Send the body as JSON, with the header Content-Type: application/json.")
        else:
            await self.app(scope, _Replayed(body, receive), send)
            return
        await refusal(scope, receive, send)


async def _read(receive: Receive) -> bytes | None:
    """Read a whole body; None where it is too long."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)  # whoever asked is gone
        part = message.get("body", b"")
        size += len(part)
        if size > MAX_BODY_BYTES:
            return None
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


class _Replayed:
    """Gives a body that was read already, then what comes after it."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


class Moved:
    """Answers one address, of any method, with an application's page at another."""

    def __init__(self, app: ASGIApp, root: str, path: str) -> None:
        self.app, self.root, self.path = app, root, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        outer = scope.get("root_path", "")
        path = f"{outer}{self.root}{self.path}"
        await self.app({**scope, "root_path": outer + self.root, "path": path}, receive, send)
