"""The options that commands share, and how what is typed becomes a query."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from assistant.schema import Query
from corpus.errors import CoproduceError, UnknownName
from corpus.filters import Filters
from corpus.frozen import is_empty
from corpus.schema import Kind

E = TypeVar("E", bound=StrEnum)

DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Folder for the index, instead of the usual one.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
SpeakerOption = Annotated[str | None, typer.Option("--speaker", help="Only this speaker, by label.")]
RoleOption = Annotated[str | None, typer.Option("--role", help="Only one side, by its role: see `coproduce quotes`.")]
SectionOption = Annotated[str | None, typer.Option("--section", help="Only this section: see `coproduce sections`.")]
KindOption = Annotated[str | None, typer.Option("--kind", help=f"Only this kind: {', '.join(Kind)}.")]
DocumentOption = Annotated[str | None, typer.Option("--document", help="Only this document, by its id.")]
ExportFile = Annotated[
    Path | None,
    typer.Option("--export", help="Also keep the answer: FILE.docx, .html, .md, .csv, .txt, .ris or .bib."),
]
History = Annotated[list[str] | None, typer.Option("--history", help="An earlier question; repeat, oldest first.")]


def typed_question(question: str | None) -> str:
    """Give the question that was typed, or that stands on standard input where it is a dash."""
    if question is None:
        raise CoproduceError('which question? For example: coproduce ask "What is said about trust?"')
    if question == "-":
        return sys.stdin.buffer.read().decode("utf-8", errors="surrogateescape").removesuffix("\n")
    return question


def typed_filters(
    speaker: str | None, role: str | None, section: str | None, kind: str | None, document: str | None
) -> dict[str, Any]:
    """Give the filters that were typed. Raises UnknownName for a kind that does not exist."""
    return {
        "speaker": speaker,
        "role": role,
        "section": section,
        "kind": member(Kind, kind, "kind"),
        "document_id": document,
    }


def make_query(question: str, filters: dict[str, Any], history: list[str] | None) -> Query:
    """Put a query together."""
    return Query(question=question, history=tuple(history or ()), filters=Filters(**filters))


def member(enum: type[E], value: str | None, what: str) -> E | None:
    """Find a member of an enum by its value. Raises UnknownName, which names those that exist."""
    if value is None or is_empty(value):
        return None
    try:
        return enum(value)
    except ValueError:
        raise UnknownName(f"there is no {what} {value!r}. There are: {', '.join(enum)}.") from None
