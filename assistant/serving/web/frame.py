"""A compact chat for a frame on another site's page: plain HTML that works without JavaScript and without storage.

A citation opens the report in a new tab. In the frame itself the report would push out the conversation, which
nothing keeps: a frame of another site's page has no storage, so the way back would lead to an empty page.
"""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse

from assistant.pipeline import Assistant
from assistant.schema import Query
from assistant.serving.web.address import Options, read_options
from assistant.serving.web.headers import EMBED
from assistant.serving.web.language import languages
from assistant.serving.web.page_turn import PageTurn, ask_turn
from assistant.serving.web.pages import page, render
from assistant.serving.web.quoted import references_of
from assistant.settings import Settings

OPTIONS = ("theme", "question", "ask", "section", "role", "lang")
#: What the form sends beside the options: the earlier questions, oldest first, and an example that was pressed.
FIELDS = (*OPTIONS, "earlier", "example")
#: So many earlier questions are kept in the page. Without JavaScript they are asked again with each new one.
MAX_EARLIER = 6
MAX_FIELDS = 40
NOT_KEPT = {"Cache-Control": "no-store"}  # a shared computer shows nobody's questions to the next person

Fields = list[tuple[str, str]] | None


def add_embed(app: FastAPI, assistant: Assistant, settings: Settings) -> None:
    """Add the frame, `/embed`, and the fragment that its JavaScript asks for, `/embed/turn`."""
    languages()  # a language that is not whole stops the start, not a reader
    # Nine bytes a character, percent-encoded; the rest is room for the options.
    max_bytes = 9 * settings.max_question_characters * (MAX_EARLIER + 2) + 10_000

    async def read_form(request: Request) -> Fields:
        """Read a form that was sent; None where it is too long to read."""
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > max_bytes:
                return None
        try:
            return parse_qsl(body.decode("ascii", errors="replace"), errors="replace", max_num_fields=MAX_FIELDS)
        except ValueError:
            return None

    @app.get(EMBED, response_class=HTMLResponse)
    def show(request: Request) -> HTMLResponse:
        options = read_options(request.query_params.multi_items(), OPTIONS, assistant.library)
        return _frame(assistant, options, [options.question] if options.ask and options.question else [])

    @app.post(EMBED, response_class=HTMLResponse)
    def answer(fields: Annotated[Fields, Depends(read_form)]) -> HTMLResponse:
        options, earlier, question = _read_fields(fields, assistant)
        if fields is None:
            return _frame(assistant, options, [], too_long=True)
        return _frame(assistant, options, [*earlier, question])

    @app.post(f"{EMBED}/turn", response_class=HTMLResponse)
    def answer_one(fields: Annotated[Fields, Depends(read_form)]) -> HTMLResponse:
        options, earlier, question = _read_fields(fields, assistant)
        turn = _too_long(options) if fields is None else _ask(assistant, options, question, earlier[-MAX_EARLIER:])
        html = render("turn.html", turn=turn, options=options, language=options.language, said=_said(turn, options))
        return HTMLResponse(html, status_code=turn["status"], headers=NOT_KEPT)


def _read_fields(fields: Fields, assistant: Assistant) -> tuple[Options, list[str], str]:
    """Give a form's options, the earlier questions, oldest first, and the question."""
    given = fields or []
    options = read_options([one for one in given if one[0] in OPTIONS], OPTIONS, assistant.library)
    example = next((value for name, value in given if name == "example"), "")
    return options, [value for name, value in given if name == "earlier"], example or options.question


def _ask(assistant: Assistant, options: Options, question: str, earlier: Sequence[str]) -> PageTurn:
    return ask_turn(
        assistant, Query(question=question, history=tuple(earlier), filters=options.filters), options.language
    )


def _frame(assistant: Assistant, options: Options, questions: Sequence[str], *, too_long: bool = False) -> HTMLResponse:
    """Answer with the whole frame: the last questions of a conversation, each answered again as it was."""
    kept = list(questions[-MAX_EARLIER - 1 :])
    turns = [_ask(assistant, options, question, kept[:place]) for place, question in enumerate(kept)]
    if too_long:
        turns = [_too_long(options)]
    last = turns[-1] if turns else None
    failed = last is not None and last["result"] is None
    answer = page(
        "embed.html",
        status=last["status"] if last else 200,
        options=options,
        language=options.language,
        title=options.language.title(assistant.library),
        intro=options.language.intro(assistant.library),
        turns=turns,
        earlier=[turn["question"] for turn in turns if turn["result"]][-MAX_EARLIER:],
        left_out=MAX_EARLIER + 1 if len(questions) > len(kept) else 0,
        max_earlier=MAX_EARLIER,
        # What failed stays in the box, to be mended; what was answered is done with.
        box=last["question"] if failed and last else "" if turns else options.question,
        examples=() if turns or options.question or options.limits else assistant.library.examples,
        documents=assistant.documents,
        references=references_of(assistant.documents),
        standing_notes=assistant.library.standing_notes,
        said=_said(last, options) if last else "",
    )
    answer.headers.update(NOT_KEPT)
    return answer


def _too_long(options: Options) -> PageTurn:
    error = options.language["too_long"]
    return {"question": "", "filters": {}, "blocks": [], "result": None, "error": error, "error_in_english": ""} | {
        "status": 413
    }


def _said(turn: PageTurn, options: Options) -> str:
    """Say in one sentence what became of a question: what a screen reader announces."""
    if not turn["result"]:
        return str(turn["error"] or turn["error_in_english"])
    count = len(turn["result"].citations)
    return options.language.plain("ready", count=count) if count else options.language["ready_none"]
