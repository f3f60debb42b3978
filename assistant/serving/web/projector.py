"""The projector view: one answer in very large type, one quotation at a time, each with whose words it is."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from assistant.pipeline import Assistant
from assistant.schema import Query
from assistant.serving.calls import sentence
from assistant.serving.web.address import Options, read_options
from assistant.serving.web.exports import check_size, read_items
from assistant.serving.web.language import DEFAULT, languages
from assistant.serving.web.page_turn import ask_turn
from assistant.serving.web.pages import page
from assistant.serving.web.quoted import references_of
from corpus.errors import CoproduceError

PATH = "/show"
OPTIONS = ("q", "n", "role", "section", "speaker", "kind", "earlier", "lang")
#: Longer quotations get smaller type, in characters: so that most fit on a screen without scrolling.
SIZES = ((110, "brief"), (240, "short"), (480, "middling"))


def add_projector(app: FastAPI, assistant: Assistant) -> None:
    """Add the page `/show?q=QUESTION&n=NUMBER`, and the same for a basket, which the browser sends with each step."""

    @app.post(PATH, response_class=HTMLResponse, include_in_schema=False)
    async def show_basket(request: Request) -> HTMLResponse:
        try:
            check_size(request)
            async with request.form(max_files=0, max_fields=5) as form:
                items, wanted = str(form.get("items", "")), str(form.get("n", ""))
            kept = read_items(items, assistant.documents)
        except CoproduceError as error:
            return page("export_error.html", status=400, message=sentence(error))
        number = int(wanted[:9]) if wanted.isascii() and wanted.isdigit() else 1
        number = max(1, min(number, len(kept)))
        language = languages()[DEFAULT]
        slides = [
            {
                "citation": one.citation,
                "words": one.words,
                "attribution": one.attribution,
                "headings": [],
                "size": size_of(one.words),
            }
            for one in kept
        ]
        return page(
            "show.html",
            options=Options(language=language),
            language=language,
            title=language.title(assistant.library),
            references=references_of(assistant.documents),
            turn=None,
            basket=items,
            quotations=slides,
            number=number,
            pages=_steps(number, len(slides), lambda there: there),
        )

    @app.get(PATH, response_class=HTMLResponse)
    def show(request: Request) -> HTMLResponse:
        options = read_options(request.query_params.multi_items(), OPTIONS, assistant.library, question="q")
        language = options.language
        values: dict[str, Any] = {
            "options": options,
            "language": language,
            "title": language.title(assistant.library),
            "lang": language.tag,
            "dir": language.direction,
            "references": references_of(assistant.documents),
            "basket": "",
        }
        if not options.question:
            return page("show.html", turn=None, quotations=[], **values)
        query = Query(question=options.question, history=options.earlier, filters=options.filters)
        turn = ask_turn(assistant, query, language)
        # A heading stands with each quotation under it: on a screen of its own nobody else would see it.
        quotations = []
        heading = on = ""
        for block in turn["blocks"]:
            if block["kind"] == "heading" and block["on"]:
                on = block["translated"]
            elif block["kind"] == "heading":
                heading = block["translated"]
            elif block["kind"] == "quotation":
                headings = [words for words in (heading, on) if words]
                quotations.append(block | {"headings": headings, "size": size_of(block["words"])})
                on = ""  # said of this quotation alone
        number = min(options.number, len(quotations)) if quotations else 0
        return page(
            "show.html",
            status=turn["status"],
            turn=turn,
            quotations=quotations,
            number=number,
            pages=_steps(number, len(quotations), lambda there: options.address(PATH, q=options.question, n=there)),
            **values,
        )


def _steps(number: int, count: int, lead: Callable[[int], Any]) -> dict[str, Any]:
    """Give where the steps to the previous and the next quotation lead, as far as there are some."""
    return {step: lead(number + by) for step, by in (("previous", -1), ("next", 1)) if 1 <= number + by <= count}


def size_of(words: str) -> str:
    """Name the size of type that words of this length are shown in."""
    return next((name for limit, name in SIZES if len(words) <= limit), "long")
