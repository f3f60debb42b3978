"""The page that says how to put the chat on another page: choose, copy the snippet, see it live."""

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from assistant.pipeline import Assistant
from assistant.quoting.cite import place_of
from assistant.serving.web.address import Options, read_options
from assistant.serving.web.frame import OPTIONS
from assistant.serving.web.headers import EMBED
from assistant.serving.web.language import languages
from assistant.serving.web.narrow import only
from assistant.serving.web.pages import page
from assistant.settings import Settings

_LOCAL = ("127.0.0.1", "localhost", "::1", "0.0.0.0")  # noqa: S104 - compared with, not listened on
_SNIPPET = Markup(
    '<iframe src="{address}" title="{title}" lang="{lang}" width="100%" height="640" loading="lazy"></iframe>'
)


def add_embed_how(app: FastAPI, assistant: Assistant, settings: Settings) -> None:
    """Add the page `/embed/how`."""
    sections = [(section.id, place_of(section.id, section.title)) for section in assistant.library.sections]

    @app.get(f"{EMBED}/how", response_class=HTMLResponse)
    def how(request: Request) -> HTMLResponse:
        options = read_options(request.query_params.multi_items(), OPTIONS, assistant.library)
        path = address_of(options)
        title = options.language.title(assistant.library)
        return page(
            "embed_how.html",
            here=f"{EMBED}/how",
            options=options,
            languages=languages(),
            sections=sections,
            roles=[(role, only(words)) for role, words in assistant.library.roles.items()],
            snippet=write_snippet(str(request.base_url).rstrip("/") + path, title, options),
            path=path,
            title=title,
            origins=settings.embed_origins,
            local=request.url.hostname in _LOCAL,
        )


def address_of(options: Options) -> str:
    """Write the address of the frame with these options."""
    if not options.question:
        return options.address(EMBED)
    return options.address(EMBED, question=options.question, **({"ask": 1} if options.ask else {}))


def write_snippet(address: str, title: str, options: Options) -> str:
    """Write the HTML that somebody copies into a page."""
    return str(_SNIPPET.format(address=address, title=title, lang=options.language.tag))
