"""The options that commands share, and how what is typed becomes a query."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from assistant.schema import Query
from assistant.serving.terminal.encodings import DASH, as_utf8, name_of, read_input
from corpus.errors import CoproduceError, QuestionRefused, UnknownName
from corpus.filters import BOTH, OWN, REPORT, Filters
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
AskedOption = Annotated[
    str | None,
    typer.Option(
        "--collection",
        help=f"What to ask: {REPORT}, {OWN} (all that was added), {BOTH}, or a collection. "
        f"[default: {BOTH} where documents were added]",
    ),
]
ExportFile = Annotated[
    Path | None,
    typer.Option("--export", help="Also keep the answer: FILE.docx, .html, .md, .csv, .txt, .ris or .bib."),
]
History = Annotated[list[str] | None, typer.Option("--history", help="An earlier question; repeat, oldest first.")]


def typed_question(question: str | None, complain: Callable[[CoproduceError], None]) -> str:
    """Give the question that was typed, or that stands on standard input where it is a dash.

    `complain` is told where the encoding of standard input had to be guessed.
    """
    if question is None:
        raise CoproduceError('which question? For example: coproduce ask "What is said about trust?"')
    if question == "-":
        read, guessed = as_utf8(read_input(DASH), name_of(DASH))
        if guessed:
            complain(guessed)
        try:
            return read.decode("utf-8", errors="surrogatepass").removesuffix("\n")
        except UnicodeDecodeError as error:
            raise QuestionRefused(
                f"standard input is no text that can be read: byte {error.start:,} ({read[error.start]:#04x}) is not "
                "UTF-8. Expected UTF-8, UTF-16 or Windows-1252."
            ) from None
    return question


def typed_filters(
    speaker: str | None,
    role: str | None,
    section: str | None,
    kind: str | None,
    document: str | None,
    collection: str | None = None,
) -> dict[str, Any]:
    """Give the filters that were typed. Raises UnknownName for a kind that does not exist."""
    return {
        "speaker": speaker,
        "role": role,
        "section": section,
        "kind": member(Kind, kind, "kind"),
        "document_id": document,
        "collection": collection,
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
