"""A quotation as pages show it: the exact words, whose they are, and where the reader shows them."""

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.quoting.cite import attribution_of, make_citation
from assistant.quoting.export.references import vancouver
from corpus.schema import Document, Passage


@dataclass(frozen=True)
class Quoted:
    """What the macros of `quotation.html` need. `start` and `end` are characters of the document's text."""

    document_id: str
    passage_id: str
    start: int
    end: int
    words: str
    attribution: str
    kind: str
    speaker: str | None
    role: str | None
    source: str

    @property
    def address(self) -> str:
        """Where the reader shows these words, highlighted."""
        return f"/read/{self.document_id}?from={self.start}&to={self.end}#cited"

    @property
    def name(self) -> str:
        """Whose words they are and where they stand, for a button's name."""
        return self.attribution.removeprefix("— ")


def quoted(document: Document, passage: Passage, span: tuple[int, int] | None = None) -> Quoted:
    """Quote a passage, or a span of it. What somebody said is shown whole, in quotation marks."""
    citation = make_citation(1, passage, document, None if passage.speaker else span)
    first, last = citation.answer_span
    return Quoted(
        document_id=document.id,
        passage_id=passage.id,
        start=first,
        end=last,
        words=citation.answer_words,
        attribution=attribution_of(citation, document),
        kind=citation.kind.value,
        speaker=citation.speaker,
        role=citation.role,
        source=document.reference or document.title,
    )


def references_of(documents: Iterable[Document]) -> list[str]:
    """Give the references of documents, for paper: as a document gives its own, or else in Vancouver style."""
    return [document.reference or vancouver(document) for document in documents]
