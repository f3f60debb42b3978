"""Place what another system found, in pieces of its own: by offsets, or by words that stand in the documents once.

A file of pieces has one JSON object a line, each a piece that was found for a question: the question's id as `query`,
its `score`, and where it stands: `document` (an id), `start` and `end` (characters, the end not included), or only its
`text`. Without scores the order of the lines is the ranking. A TREC run may name a piece as `document:start-end`.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from assistant.quoting.visible import first_few
from assistant.schema import Hit
from corpus.errors import CaseError
from corpus.schema import Document, Kind
from eval import trec
from eval.cases import FoldedText
from eval.schema import Span

_PIECE_ID = re.compile(r"(?P<document>.+):(?P<start>\d+)-(?P<end>\d+)")
_SHOWN_CHARACTERS, _SHOWN_IDS = 60, 3


class PieceLine(BaseModel):
    """A line of a file of pieces. What else another system writes there is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    query: str = Field(min_length=1)
    score: float | None = Field(default=None, allow_inf_nan=False)
    document: str | None = None
    start: int | None = Field(default=None, ge=0)
    end: int | None = None
    text: str | None = None

    @model_validator(mode="after")
    def _check_place(self) -> "PieceLine":
        given = [one is not None for one in (self.document, self.start, self.end)]
        if any(given) and not all(given):
            raise ValueError("document, start and end go together")
        if not all(given) and not (self.text or "").strip():
            raise ValueError("a piece needs document, start and end, or its text")
        return self


@dataclass(frozen=True)
class Found:
    """Something that another system ranked for a question, before it is placed."""

    where: str
    score: float
    name: str = ""
    """Its id in a TREC run."""
    line: PieceLine | None = None


def read_found(path: Path) -> dict[str, list[Found]]:
    """Read what a system found, best first: a TREC run, or a file of pieces, whichever it is.

    Raises:
        CaseError: a line is broken; the message names the file and line.
    """
    content = trec.read_bytes(path).removeprefix(b"\xef\xbb\xbf")
    if not content.lstrip().startswith(b"{"):
        return {
            query: [Found(f"{path}: {name!r}, ranked for {query!r}", score, name) for name, score in ranking]
            for query, ranking in trec.read_run(path).items()
        }
    found: dict[str, list[Found]] = {}
    for where, line in _lines(path, content):
        found.setdefault(line.query, []).append(Found(where, 0.0 if line.score is None else line.score, line=line))
    return {query: _ranked(pieces) for query, pieces in found.items()}


def _lines(path: Path, content: bytes) -> Iterator[tuple[str, PieceLine]]:
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            yield where, PieceLine.model_validate(json.loads(line))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "the line"
            raise CaseError(f"{where}: {field}: {first['msg'].removeprefix('Value error, ').lower()}.") from None
        except (ValueError, RecursionError) as error:
            raise CaseError(f"{where}: expected a JSON object ({error}).") from None


def _ranked(pieces: list[Found]) -> list[Found]:
    """Order the pieces of a question: by score, equal ones as they stand; without scores all as they stand."""
    scored = [one.line is not None and one.line.score is not None for one in pieces]
    if any(scored) and not all(scored):
        where = pieces[scored.index(False)].where
        raise CaseError(f"{where}: this piece has no score, others of its question do. Give all of them one, or none.")
    if any(scored):
        return sorted(pieces, key=lambda one: -one.score)
    return [Found(one.where, -float(rank), one.name, one.line) for rank, one in enumerate(pieces)]


class Places:
    """The documents that pieces may stand in."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = {document.id: document for document in documents}
        self._passages = {passage.id: passage for document in documents for passage in document.passages}
        self._folded = [FoldedText(document) for document in documents]

    def is_passage(self, name: str) -> bool:
        """Tell whether an id is that of a passage of ours."""
        return name in self._passages

    def place(self, found: Found, rank: int) -> tuple[Hit, str | None]:
        """Give what was found as a hit, and what is wrong with it, if something is: it then holds nothing.

        Raises:
            CaseError: its offsets stand outside its document.
        """
        if (passage := self._passages.get(found.name)) is not None:
            hit = Hit(
                rank=rank, score=found.score, passage_id=passage.id, document_id=passage.document_id,
                section=passage.section, start=passage.start, end=passage.end, text=passage.text, kind=passage.kind,
                speaker=passage.speaker, role=passage.role,
            )  # fmt: skip
            return hit, None
        span, wrong = self._span_of(found)
        if span is None:
            text = (found.line.text if found.line else None) or found.name
            nowhere = Span(document_id="", start=0, end=0)
            return self._hit(
                found, rank, nowhere, found.name or f"unknown-{rank}", text, ""
            ), f"{found.where}: {wrong}."
        document = self._documents[span.document_id]
        section = next((one.section for one in document.passages if one.start < span.end and span.start < one.end), "")
        name = f"{document.id}:{span.start}-{span.end}"
        return self._hit(found, rank, span, name, document.text[span.start : span.end], section), None

    def _hit(self, found: Found, rank: int, span: Span, name: str, text: str, section: str) -> Hit:
        return Hit(
            rank=rank, score=found.score, passage_id=name, document_id=span.document_id, section=section,
            start=span.start, end=span.end, text=text, kind=Kind.REPORT, speaker=None, role=None,
        )  # fmt: skip

    def _span_of(self, found: Found) -> tuple[Span | None, str]:
        """Find where a piece stands; or say why that is not known."""
        if found.line is not None and found.line.document is None:
            return self._span_of_text(found.line.text or "")
        if found.line is not None:
            document_id, start, end = found.line.document or "", found.line.start or 0, found.line.end or 0
        elif named := _PIECE_ID.fullmatch(found.name):
            document_id, start, end = named["document"], int(named["start"]), int(named["end"])
        else:
            return None, "this is no passage of the documents, nor document:start-end"
        document = self._documents.get(document_id)
        if document is None:
            return (
                None,
                f"there is no document {document_id!r}; there are {first_few(map(repr, self._documents), _SHOWN_IDS)}",
            )
        if not 0 <= start < end <= len(document.text):
            raise CaseError(
                f"{found.where}: {start} to {end} is no place in {document_id!r}, which has {len(document.text):,} "
                "characters."
            )
        return Span(document_id=document_id, start=start, end=end), ""

    def _span_of_text(self, text: str) -> tuple[Span | None, str]:
        places = [span for folded in self._folded for span in folded.find_all(text)]
        shown = repr(" ".join(text.split())[:_SHOWN_CHARACTERS])
        if not places:
            return None, f"these words stand nowhere in the documents: {shown}"
        if len(places) > 1:
            return None, f"these words stand in {len(places)} places; give document, start and end: {shown}"
        return places[0], ""
