"""What other programs may call, over the JSON API and over MCP: what they send and get, and what went wrong.

Asking and searching are `Assistant.ask` and `Assistant.search`; here is what else the two have in common.
"""

import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from assistant.quoting.export.references import vancouver
from assistant.schema import MAX_HISTORY, Query
from corpus import schema
from corpus.errors import UnknownName
from corpus.frozen import Frozen, Sent
from corpus.library import Library
from corpus.schema import Kind, Quote, Role

if TYPE_CHECKING:
    from assistant.desk import Desk, Visible  # listing quotes loads no model

OUR_FAILURE = "Something went wrong on our side. Please try again in a moment."
NOT_VERIFIED = "The answer could not be verified against the report, so it is not given."

_UNION_TAGS = {"str", "int"}  # how pydantic names the branches of `str | int`
_PLAIN = {
    "missing": "this field is missing.",
    "extra_forbidden": "there is no such field.",
}


class Asking(Query):
    """A question as a program sends it; the history is bounded."""

    history: tuple[str, ...] = Field(
        default=(), max_length=MAX_HISTORY, description=f"The earlier questions, oldest first; at most {MAX_HISTORY}."
    )


class QuotesWanted(Sent):
    """Which quotes are listed. Every field left out means: no matter."""

    role: Role | None = Field(default=None, description="One side of what was studied, as quotes give it.")
    speaker: str | None = Field(default=None, description="A speaker’s label, as quotes give it.")
    section: str | None = Field(default=None, description="A section with its subsections, as quotes give it.")
    limit: int | None = Field(default=None, ge=1, description="So many quotes a page, at most; left out: all on one.")
    page: int = Field(default=1, ge=1, description="Which page, from 1.")


class QuotesPage(Frozen):
    """A page of quotes, with how many there are in all."""

    total: int = Field(description="How many quotes there are, on all pages.")
    page: int
    pages: int
    quotes: tuple[Quote, ...]


class PassageShown(Frozen):
    """A passage with where it stands, to be read and cited."""

    id: str
    document_id: str
    document_title: str
    section: str
    section_title: str
    start: int = Field(description="Half-open span in the document’s text, in Unicode characters.")
    end: int
    lines: tuple[int, int] = Field(description="First and last line in the source, from 1.")
    text: str = Field(description="The exact words.")
    kind: Kind
    speaker: str | None
    role: Role | None
    added: bool = Field(default=False, description="Whether somebody added the document; else it comes with this tool.")
    reference: str = Field(description="How to cite the document.")
    address: str = Field(description="Where the web app shows the passage in its place, without the host.")


def list_quotes(library: Library, wanted: QuotesWanted) -> QuotesPage:
    """List the interview quotes in reading order.

    Raises:
        UnknownName: a filter names what is not there, or there is no such page.
    """
    found = library.quotes(role=wanted.role, speaker=wanted.speaker, section=wanted.section)
    limit = wanted.limit or max(len(found), 1)
    pages = max(-(-len(found) // limit), 1)
    if wanted.page > pages:
        raise UnknownName(f"there is no page {wanted.page}. The last one is {pages}.", field="page")
    first = (wanted.page - 1) * limit
    return QuotesPage(total=len(found), page=wanted.page, pages=pages, quotes=tuple(found[first : first + limit]))


class Document(Frozen):
    """A document that can be asked, without its words."""

    id: str
    title: str
    authors: tuple[str, ...]
    year: int | None
    added: bool = Field(description="Whether somebody added it; else it comes with this tool.")
    collections: tuple[str, ...] = Field(description="Of an added document: the collections that it is in.")
    passages: int
    reference: str = Field(description="How to cite it.")


def list_documents(desk: "Desk", visible: "Visible" = None) -> tuple[Document, ...]:
    """List the documents that may be asked, the bundled ones first."""
    collections = {one.id: one.collections for one in desk.held(visible)}
    return tuple(
        Document(
            id=one.id,
            title=one.title,
            authors=one.authors,
            year=one.year,
            added=one.origin == "added",
            collections=collections.get(one.id, ()),
            passages=len(one.passages),
            reference=reference_of(one),
        )
        for one in desk.documents(visible)
    )


def show_passage(library: Library, passage_id: str) -> PassageShown:
    """Show a passage by its id, as hits, citations and quotes give it. Raises UnknownName."""
    try:
        passage = library.passage(passage_id)
    except KeyError:
        raise UnknownName(
            f"there is no passage {passage_id[:60]!r}. Hits, citations and quotes give theirs as `passage_id`.",
            field="passage_id",
        ) from None
    return show_in(library.document(passage.document_id), passage)


def show_in(document: schema.Document, passage: schema.Passage) -> PassageShown:
    """Show a passage of a document."""
    return PassageShown(
        id=passage.id,
        document_id=document.id,
        document_title=document.title,
        section=passage.section,
        section_title=passage.section_title,
        start=passage.start,
        end=passage.end,
        lines=passage.lines,
        text=passage.text,
        kind=passage.kind,
        speaker=passage.speaker,
        role=passage.role,
        added=document.origin == "added",
        reference=reference_of(document),
        address=f"/read/{document.id}?from={passage.start}&to={passage.end}#cited",
    )


def reference_of(document: schema.Document) -> str:
    """Say how to cite a document: as it says itself, or by what is known of it."""
    return document.reference or vancouver(document)


def first_problem(errors: Sequence[Mapping[str, Any]]) -> tuple[str, str | None]:
    """Say in plain words what is wrong with what was sent, and in which field; never what was sent.

    Args:
        errors: What pydantic found: `error.errors()`.
    """
    first = errors[0]
    place = [str(part) for part in first["loc"] if part not in _UNION_TAGS]
    message = _PLAIN.get(first["type"]) or f"{first['msg'].removeprefix('Value error, ').rstrip('.').lower()}."
    return message, ".".join(place) or None


def sentence(error: BaseException | str) -> str:
    """Give what an error says as a sentence of its own: with a capital letter."""
    said = str(error)
    return said[:1].upper() + said[1:]


def place_of_failure(error: BaseException) -> dict[str, str]:
    """Say of a failure of ours what may be logged: its type and place. Its message may hold a question."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
    return {"error": type(error).__name__, "where": where}
