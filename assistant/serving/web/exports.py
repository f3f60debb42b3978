"""Keep and share: the basket's page, and files of quotations that are made from the documents and verified again.

The basket is kept by the browser and nothing on the server. Questions are asked again when they are exported, so that
nothing that a browser sends can stand in a file as a quotation.
"""

import threading
from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import TypeAdapter, ValidationError

from assistant.pipeline import Assistant
from assistant.quoting.export.collect import (
    Collection,
    ExportedTurn,
    Item,
    Quotation,
    collect_items,
    collect_turns,
    quote_item,
)
from assistant.quoting.export.files import FORMATS, find_format, make_file
from assistant.quoting.export.plain import write_part_text, write_quotation_text
from assistant.schema import Query
from assistant.serving.calls import sentence
from assistant.serving.web.pages import page, render
from assistant.serving.web.quoted import references_of
from assistant.settings import Settings
from corpus.errors import CoproduceError, QuestionRefused, UnknownName
from corpus.filters import Filters
from corpus.frozen import Frozen
from corpus.schema import Document

MAX_ITEMS = 200
MAX_TURNS = 50
#: Of a request's body.
MAX_BYTES = 1_000_000
#: Conversations that are asked again at once, so that those who ask now need not wait.
_AT_ONCE = 2

T = TypeVar("T")


class AskedTurn(Frozen):
    """A question of a conversation, as it was asked."""

    question: str
    filters: Filters | None = None
    #: What was asked before it. Where that is not said, it is the questions above that had an answer.
    history: tuple[str, ...] | None = None


class TextOfTurns(Frozen):
    """What an answer is copied by: its conversation down to it."""

    turns: list[AskedTurn]


_ITEMS = TypeAdapter(list[Item])
_TURNS = TypeAdapter(list[AskedTurn])
_TEXT: TypeAdapter[Item | TextOfTurns] = TypeAdapter(Item | TextOfTurns)


def add_exports(app: FastAPI, assistant: Assistant, settings: Settings) -> None:
    """Add the basket's page and what makes files: `/basket`, `/basket/items`, `/export` and `/export/text`."""
    documents = assistant.documents
    by_id = {document.id: document for document in documents}
    asking = threading.BoundedSemaphore(min(_AT_ONCE, settings.web_threads))

    def ask_again(turns: Sequence[AskedTurn]) -> Collection:
        with asking:
            return collect_turns(ask_turns(assistant, turns), documents, date.today())

    def text_of(wanted: Item | TextOfTurns) -> str:
        if isinstance(wanted, Item):
            return write_quotation_text(quote_item(wanted, by_id, 1))
        collection = ask_again(_limited(wanted.turns, MAX_TURNS, "questions"))
        return write_part_text(collection.parts[-1], collection.notes)

    @app.get("/basket", response_class=HTMLResponse, include_in_schema=False)
    def basket() -> HTMLResponse:
        return page(
            "basket.html", here="/basket", formats=FORMATS, exports="items", references=references_of(documents)
        )

    @app.post("/basket/items", response_class=HTMLResponse, include_in_schema=False)
    async def basket_items(request: Request) -> Response:
        try:
            items = _limited(_read(_ITEMS, await _body(request)), MAX_ITEMS, "quotations", least=0)
        except CoproduceError as error:
            return _json_error(error)
        rows = []
        for number, item in enumerate(items, start=1):
            row = {"number": number, "item": item, "quotation": None, "error": ""}
            try:
                rows.append({**row, "quotation": quote_item(item, by_id, number)})
            except CoproduceError as error:
                rows.append({**row, "error": _sentence(error)})
        return HTMLResponse(render("basket_items.html", rows=rows))

    @app.post("/export/text", include_in_schema=False)
    async def export_text(request: Request) -> Response:
        try:
            wanted = _read(_TEXT, await _body(request))
            return JSONResponse({"text": await run_in_threadpool(text_of, wanted)})
        except CoproduceError as error:
            return _json_error(error)

    @app.post("/export", include_in_schema=False)
    async def export(request: Request) -> Response:
        try:
            check_size(request)
            async with request.form(max_files=0, max_fields=10) as form:
                fields = {name: value for name, value in form.items() if isinstance(value, str)}
            kind = find_format(fields.get("format", ""))
            if ("items" in fields) == ("turns" in fields):
                raise CoproduceError("an export needs either items or turns, and not both.")
            if "items" in fields:
                items = _limited(_read(_ITEMS, fields["items"]), MAX_ITEMS, "quotations")
                collection = collect_items(items, documents, date.today())
            else:
                turns = _limited(_read(_TURNS, fields["turns"]), MAX_TURNS, "questions")
                collection = await run_in_threadpool(ask_again, turns)
            file = await run_in_threadpool(make_file, collection, kind, base=str(request.base_url))
        except CoproduceError as error:
            return page("export_error.html", status=_status(error), message=_sentence(error))
        disposition = f'attachment; filename="{file.name}"'  # letters, digits, hyphens and a dot: made by us
        return Response(file.content, media_type=file.media_type, headers={"Content-Disposition": disposition})


def ask_turns(assistant: Assistant, turns: Sequence[AskedTurn]) -> list[ExportedTurn]:
    """Ask a conversation's questions again, each after those before it that had an answer.

    Raises:
        VerbatimError: an answer would have shown something that does not stand in its document.
    """
    asked: list[ExportedTurn] = []
    for turn in turns:
        above = tuple(one.question for one in asked if one.answer)
        history = above if turn.history is None else turn.history[-MAX_TURNS:]
        filters = turn.filters or Filters()
        try:
            answer = assistant.ask(Query(question=turn.question, history=history, filters=filters))
        except (QuestionRefused, UnknownName) as error:
            asked.append(ExportedTurn(turn.question, None, filters, refused=_sentence(error)))
        else:
            asked.append(ExportedTurn(turn.question, answer, filters))
    return asked


class _TooLarge(CoproduceError):
    """A request is larger than is read."""


def read_items(words: str, documents: Sequence[Document]) -> list[Quotation]:
    """Read what somebody kept, as a page sends it, and quote each of it again from its document.

    Raises:
        CoproduceError: it cannot be read, is empty or too much, or names what is not here.
    """
    by_id = {document.id: document for document in documents}
    items = _limited(_read(_ITEMS, words), MAX_ITEMS, "quotations")
    return [quote_item(item, by_id, number) for number, item in enumerate(items, start=1)]


async def _body(request: Request) -> bytes:
    check_size(request)
    return await request.body()


def check_size(request: Request) -> None:
    """Refuse a body that is too large, before it is read. The server holds a sender to the length that it gives."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MAX_BYTES:
        raise _TooLarge(f"that is too much at once: expected at most {MAX_BYTES:,} bytes, of a length that is given.")


def _read(shape: TypeAdapter[T], words: str | bytes) -> T:
    """Read JSON. Raises CoproduceError, which says where it is not what was expected."""
    try:
        return shape.validate_json(words)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part + 1 if isinstance(part, int) else part) for part in first["loc"])
        raise CoproduceError(f"what was sent cannot be read: {where or 'JSON'}: {first['msg'].lower()}.") from None


def _limited(things: list[T], most: int, what: str, *, least: int = 1) -> list[T]:
    if len(things) < least:
        raise CoproduceError(f"there is nothing to export: expected 1 to {most} {what}. Keep or ask something first.")
    if len(things) > most:
        raise CoproduceError(f"there are {len(things)} {what}: at most {most} are exported at once. Take some out.")
    return things


def _json_error(error: CoproduceError) -> JSONResponse:
    return JSONResponse({"error": {"message": _sentence(error)}}, status_code=_status(error))


def _status(error: CoproduceError) -> int:
    return 413 if isinstance(error, _TooLarge) else 400


def _sentence(error: CoproduceError) -> str:
    """Give a message as a sentence; half a character, which UTF-8 cannot hold, is shown as a question mark."""
    return sentence(str(error).encode("utf-8", errors="replace").decode())
