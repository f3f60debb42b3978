"""The headers that guard every response: what a page may load and run, who may frame it, what it tells others.

Pages of ours run and load only files of ours. Gradio's page, as the server writes it, has scripts inside the page;
they are allowed one by one, by their hash. Somebody's words come into that page only later, so that no script or event
handler among them runs.
"""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog
from fastapi import FastAPI

from assistant.serving.calls import place_of_failure
from assistant.serving.web.health import HEALTH
from assistant.serving.web.pages import render
from assistant.serving.web.proxy import path_below_root
from assistant.settings import Settings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Inner = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

log = structlog.get_logger()

#: The chat, which Gradio writes. Policies bind pages, not the files that a page loads, so this is the only such path.
GRADIO_PAGE = "/"
#: The page that other sites may show in a frame, once `embed_origins` names them.
EMBED = "/embed"
#: The pages of sessions, which nobody may show in a frame.
ROOM = "/room"

_STRICT = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
#: What Gradio needs beyond that, each tried without: it writes styles, and sets a base. What of it compiles scripts in
#: the browser (its HTML component, and scripts given to events) is not used: docs/decisions/0023-gradio.md.
_GRADIO = {
    **_STRICT,
    "style-src": "'self' 'unsafe-inline'",
    "base-uri": "'self'",
}
_SAME_FOR_ALL = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
#: Where Gradio's own calls stand.
GRADIO_CALLS = "/gradio_api"
#: Where Gradio's page looks for the files of the component that is ours.
GRADIO_PART = f"{GRADIO_CALLS}/custom_component/conversation/client/component"
#: Of Gradio's own calls, those that the page makes. Uploads, files, proxies and the rest are not there for anybody.
_GRADIO_CALLS = re.compile(
    r"/gradio_api/(?:queue/(?:join|data)|run/predict|app_id|heartbeat/[\w-]+|cancel|reset|startup-events)/?"
    rf"|{GRADIO_PART}/\w+\.(?:js|css)"
)
_GRADIO_ELSEWHERE = re.compile(r"/(?:login|logout|monitoring|pwa_icon|robots\.txt)(?:/|$)")
#: Gradio's files whose names hold a hash of what is in them: another content has another address.
_NAMED_BY_CONTENT = "/assets/"
_INLINE_SCRIPT = re.compile(rb"<script\b(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)


def guard_app(app: FastAPI, settings: Settings, answers_to: Callable[[str], bool] | None = None) -> None:
    """Send the guarding headers with every response of an application, errors too.

    Where `answers_to` is given, a request is refused unless it allows the `Host` that the request names.
    """
    app.add_middleware(HeaderGuard, embed_origins=settings.embed_origins, answers_to=answers_to)


def headers_for(path: str, embed_origins: tuple[str, ...] = (), scripts: tuple[str, ...] = ()) -> dict[str, str]:
    """Give the headers of a path. `scripts` are the hashes of the scripts inside Gradio's page."""
    policy = dict(_GRADIO if path == GRADIO_PAGE else _STRICT)
    policy["script-src"] = " ".join([policy["script-src"], *scripts])
    framed_elsewhere = embed_origins if path == EMBED else ()
    in_room = path == ROOM or path.startswith(f"{ROOM}/")
    policy["frame-ancestors"] = "'none'" if in_room else " ".join(["'self'", *framed_elsewhere])
    headers = {"Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items())}
    if not framed_elsewhere:  # it can name no other site, so where it stands it forbids them all
        headers["X-Frame-Options"] = "DENY" if in_room else "SAMEORIGIN"
    # Under `no-referrer` a browser sends `Origin: null` with a form, which is how a form of another site looks.
    return headers | _SAME_FOR_ALL | ({"Referrer-Policy": "same-origin"} if in_room else {})


def script_hashes(page: bytes) -> tuple[str, ...]:
    """Give the hashes of the scripts that stand inside a page, as a policy names them."""
    return tuple(
        f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"
        for script in dict.fromkeys(_INLINE_SCRIPT.findall(page.replace(b"\r\n", b"\n")))
    )


class HeaderGuard:
    """ASGI middleware that adds the headers. It passes streams on as they come; only Gradio's page is held, to hash."""

    def __init__(
        self, app: Inner, embed_origins: tuple[str, ...] = (), answers_to: Callable[[str], bool] | None = None
    ) -> None:
        self.app = app
        self.embed_origins = embed_origins
        self.answers_to = answers_to

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Pass a request on, and its response back with the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = path_below_root(scope)
        host = b"".join(value for name, value in scope["headers"] if name == b"host").decode("latin-1")
        is_open = path.startswith("/files/") or path in HEALTH  # a monitor may know an address alone
        if self.answers_to is not None and not is_open and not self.answers_to(host):
            log.warning("a request named a host that is not ours", host=host[:100])
            await self._say(421, "other_host.html", path, send)
            return
        if (path.startswith(GRADIO_CALLS) and not _GRADIO_CALLS.fullmatch(path)) or _GRADIO_ELSEWHERE.match(path):
            await self._say(404, "missing_page.html", path, send)
            return
        if path == GRADIO_PAGE:  # to be hashed it must not come compressed
            scope = {**scope, "headers": [one for one in scope["headers"] if one[0] != b"accept-encoding"]}
        missing = False
        held: Message | None = None
        body = b""
        started = False

        async def guarded(message: Message) -> None:
            nonlocal held, body, started, missing
            if message["type"] == "http.response.start":
                started = True
                json = (b"content-type", b"application/json") in message.get("headers", [])
                missing = message["status"] == 404 and json and not path.startswith("/api")
                if path == GRADIO_PAGE:
                    held = message
                    return
                message = self._with_headers(message, path)
                if path.startswith(_NAMED_BY_CONTENT) and message["status"] == 200:
                    message["headers"].append((b"cache-control", b"public, max-age=31536000, immutable"))
            elif held is not None and message["type"] == "http.response.body":
                body += message.get("body", b"")
                if message.get("more_body"):
                    return
                start, held = self._with_headers(held, path, script_hashes(body)), None
                await send(start)
                message = {"type": "http.response.body", "body": body}
            if not missing:
                await send(message)

        try:
            await self.app(scope, receive, guarded)
            if missing:  # what a framework says of it is not for people
                await self._say(404, "missing_page.html", path, send)
        except Exception as error:
            log.error("a request failed", **place_of_failure(error))
            if started:
                raise
            await self._say(500, "failed.html", path, send)

    def _with_headers(self, message: Message, path: str, scripts: tuple[str, ...] = ()) -> Message:
        ours = headers_for(path, self.embed_origins, scripts)
        names = {name.lower().encode() for name in ours}
        kept = [one for one in message.get("headers", []) if one[0].lower() not in names]
        return {**message, "headers": [*kept, *((name.lower().encode(), ours[name].encode()) for name in ours)]}

    async def _say(self, status: int, template: str, path: str, send: Send) -> None:
        """Answer with a page of ours: the framework's own would carry no headers, and is not for people."""
        page = render(template, here="").encode()
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(page)).encode())]
        start: Message = {"type": "http.response.start", "status": status, "headers": headers}
        await send(self._with_headers(start, path))
        await send({"type": "http.response.body", "body": page})
