"""Answer HEAD as GET is answered, without the body: monitors and link checkers ask so, of every page."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.serving.web.headers import GRADIO_CALLS
from assistant.serving.web.proxy import path_below_root


class HeadAsGet:
    """ASGI middleware that asks what is inside by GET. Streams of the chat, which would never end, are left out."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or path_below_root(scope).startswith(GRADIO_CALLS):
            await self.app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self.app({**scope, "method": "GET"}, receive, send_without_body)
