"""Put the chat's frame around Gradio's page: the header and a first question box, painted before Gradio has loaded."""

from urllib.parse import parse_qs

from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.serving.web.language import DEFAULT, languages
from assistant.serving.web.pages import render
from assistant.serving.web.proxy import path_below_root
from assistant.serving.web.quoted import references_of
from corpus.library import Library


class Front:
    """Write the header, the styles and the live region into the page `/` as it is sent.

    Gradio draws everything in the browser, which takes a second or two. What stands in the page itself is seen at once
    and can be used: a question typed meanwhile is taken over, and asks the plain page `/show` where scripts are off.
    """

    def __init__(self, app: ASGIApp, library: Library) -> None:
        self.app = app
        self.library = library

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on as it is, but for the page `/`, which is gathered, written into and sent whole."""
        if scope["type"] != "http" or path_below_root(scope) != "/" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        started: Message = {}
        body = b""

        async def gather(message: Message) -> None:
            nonlocal started, body
            if message["type"] == "http.response.start":
                started = message
                return
            if message["type"] != "http.response.body":
                await send(message)
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            if started["status"] == 200:
                asked = parse_qs(scope.get("query_string", b"").decode("latin-1"), errors="replace").get("q", [""])[0]
                await HTMLResponse(with_front(body.decode(), self.library, asked))(scope, receive, send)
            else:
                await send(started)
                await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, gather)


def with_front(page: str, library: Library, question: str = "") -> str:
    """Give Gradio's page with our own things in its head and around what its body holds.

    `question`, of the address `/?q=…`, stands in the box; it is asked by whoever presses Ask.
    """
    head, body, rest = page.partition("<body")
    attributes, end, inside = rest.partition(">")
    head = head.replace('lang="en"', 'lang="en-GB"', 1)
    # Our scripts run before Gradio's, and our styles come after its own.
    head = head.replace("<head>", f"<head>{render('front_head.html', first=True, title='')}", 1)
    head = head.replace("</head>", f"{render('front_head.html', first=False, title=title_of(library))}</head>", 1)
    references = references_of(library.documents)
    first = library.documents[0].id
    about = {"described": library.described, "first": first, "references": references, "question": question}
    front = render("front.html", here="/", **about)
    inside = inside.replace("</body>", f"{render('front_foot.html')}</body>", 1)
    return f"{head}{body}{attributes}{end}{front}{inside}"


def title_of(library: Library) -> str:
    """Give the title of the chat: "coproduce: ask the report on …"."""
    title = languages()[DEFAULT].title(library)
    return f"coproduce: {title[:1].lower()}{title[1:]}"
