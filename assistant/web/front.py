"""Put the chat's frame around Gradio's page: the header and a first question box, painted before Gradio has loaded."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from assistant.web.pages import render


def add_front(app: FastAPI) -> None:
    """Write the header, the styles and the live region into the page `/` as it is sent.

    Gradio draws everything in the browser, which takes a second or two. What stands in the page itself is seen at once
    and can be used: a question typed meanwhile is taken over, and asks the plain page `/show` where scripts are off.
    """

    @app.middleware("http")
    async def write_front(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        if request.url.path != "/" or request.method != "GET" or response.status_code != 200:
            return response
        parts = [part async for part in response.body_iterator]  # type: ignore[attr-defined]
        return HTMLResponse(with_front(b"".join(parts).decode()))


def with_front(page: str) -> str:
    """Give Gradio's page with our own things in its head and at the beginning of its body."""
    head, body, rest = page.partition("<body")
    attributes, end, inside = rest.partition(">")
    head = head.replace('lang="en"', 'lang="en-GB"', 1).replace("</head>", f"{render('front_head.html')}</head>")
    return f"{head}{body}{attributes}{end}{render('front.html', here='/')}{inside}"
