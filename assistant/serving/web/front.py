"""Put the chat's page around Gradio's application: header, question box and report, painted before Gradio loads."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from markupsafe import Markup
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.quoting.framing import STANDING_NOTICE
from assistant.serving.web.headers import GRADIO_PART
from assistant.serving.web.language import DEFAULT, languages
from assistant.serving.web.narrow import groups_of
from assistant.serving.web.pages import render
from assistant.serving.web.preload import scripts_needed
from assistant.serving.web.proxy import path_below_root
from assistant.serving.web.quoted import references_of
from corpus.library import Library


class Front:
    """Write all but the conversation into the page `/` as it is sent, around the place where Gradio draws that.

    Gradio draws in the browser, which takes a second or two. What stands in the page itself is seen at once and can be
    used: a question is asked as soon as Gradio is there, and asks the plain page `/show` where scripts are off.
    """

    def __init__(self, app: ASGIApp, library: Library, assets: Path) -> None:
        self.app = app
        self.assets = assets
        self.values = _values(library)

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
                await HTMLResponse(self._with_front(body.decode(), asked))(scope, receive, send)
            else:
                await send(started)
                await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, gather)

    def _with_front(self, page: str, question: str) -> str:
        if "scripts" not in self.values:  # it is the same page each time
            self.values["scripts"] = scripts_needed(page, self.assets)[1:]  # the first is named in its head
        return with_front(page, {**self.values, "question": question})


#: Of Gradio's page: what frames of Hugging Face measure themselves by, what offers to install it, what it calls itself.
_NOT_FOR_US = (
    re.compile(r"<script>(?:(?!</script>).)*iframeResizer\.contentWindow(?:(?!</script>).)*</script>", re.DOTALL),
    re.compile(r'<link rel="manifest"[^>]*>'),
    re.compile(r'<meta\s+(?:property="og:|name="twitter:)[^>]*>'),
)
_GRADIO_APP = re.compile(r"<gradio-app\b.*?</gradio-app>", re.DOTALL)


def with_front(page: str, values: dict[str, Any]) -> str:
    """Give Gradio's page with our own things in its head and around the place where it draws.

    `values["question"]`, of the address `/?q=…`, stands in the box; it is asked by whoever presses Ask.
    """
    for found in _NOT_FOR_US:
        page = found.sub("", page)
    head, body, rest = page.partition("<body")
    attributes, end, inside = rest.partition(">")
    head = head.replace('lang="en"', 'lang="en-GB"', 1)
    # Our scripts run before Gradio's, and our styles come after its own.
    head = head.replace("<head>", f"<head>{render('front_head.html', first=True, title='')}", 1)
    head = head.replace("</head>", f"{render('front_head.html', first=False, title=values['title'])}</head>", 1)
    place = _GRADIO_APP.search(inside)
    if place is None:
        raise LookupError("Gradio's page has no <gradio-app>: this version of Gradio is not known to work here")
    front = render("front.html", here="/", gradio_app=Markup(place[0]), **values)  # noqa: S704 - Gradio's own markup
    foot = render("front_foot.html", part=GRADIO_PART, scripts=values["scripts"])
    inside = inside.replace(place[0], "", 1).replace("</body>", f"{foot}</body>", 1)
    return f"{head}{body}{attributes}{end}{front}{inside}"


def _values(library: Library) -> dict[str, Any]:
    """Give what the page's templates need of a library."""
    return {
        "title": title_of(library),
        "described": library.described,
        "document": library.documents[0],
        "references": references_of(library.documents),
        "groups": groups_of(library),
        "examples": library.examples,
        "note": " ".join([STANDING_NOTICE, *library.standing_notes]),
    }


def title_of(library: Library) -> str:
    """Give the title of the chat: "coproduce: ask the report on …"."""
    title = languages()[DEFAULT].title(library)
    return f"coproduce: {title[:1].lower()}{title[1:]}"
