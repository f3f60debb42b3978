"""Measure hits and citations against the spans of the evidence, by offsets: whole spans, and single characters."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from eval.schema import Span

Groups = Sequence[Sequence[Span]]
_Characters = set[tuple[str, int]]


class Stretch(Protocol):
    """Part of a document: a hit, a citation, a passage, a span."""

    @property
    def document_id(self) -> str:
        """The document."""
        ...

    @property
    def start(self) -> int:
        """Its first character."""
        ...

    @property
    def end(self) -> int:
        """The character after its last."""
        ...


def holds(stretch: Stretch, span: Span) -> bool:
    """Tell whether a span lies wholly inside a stretch of the same document."""
    return stretch.document_id == span.document_id and stretch.start <= span.start and span.end <= stretch.end


def holds_some(groups: Groups, stretches: Sequence[Stretch]) -> bool:
    """Tell whether some alternative of some evidence group lies wholly inside one of some stretches."""
    return any(holds(stretch, span) for stretch in stretches for group in groups for span in group)


def recall_at(groups: Groups, stretches: Sequence[Stretch], k: int) -> float:
    """Give the share of evidence groups of which some alternative lies wholly inside one of the first k stretches.

    This is neither of the two measures that are also called recall. Success@k is 1 as soon as any relevant hit is
    among the first k: it would call half an answer whole. R@k of qrels is the share of all relevant passages that
    were found: it would ask for every alternative, though one is enough. The three agree where a case has one group
    with one alternative.

    >>> groups = [[Span(document_id="d", start=10, end=20)], [Span(document_id="d", start=90, end=95)]]
    >>> recall_at(groups, [Span(document_id="d", start=0, end=40)], k=1)
    0.5
    """
    first = stretches[:k]
    found = [any(holds(stretch, span) for stretch in first for span in group) for group in groups]
    return sum(found) / len(found)


class Overlap(NamedTuple):
    """How the characters of some stretches and those of the evidence overlap: shares between 0 and 1."""

    recall: float
    """Of the characters wanted, those that the stretches hold."""
    precision: float
    """Of the characters that the stretches hold, those wanted."""
    iou: float
    """Of the characters in either, those in both."""


def overlap(groups: Groups, stretches: Sequence[Stretch]) -> Overlap:
    """Compare the characters of stretches with those of the evidence; all zero where there is no stretch.

    Wanted is, of each group, the alternative of which the stretches hold the largest share; among equals, the first.
    What stands in another alternative is neither wanted nor noise, so it is left out.

    Source: recall, precision and intersection over union of tokens, Smith and Troynikov (2024), here of characters.

    >>> wanted = [[Span(document_id="d", start=10, end=20)]]
    >>> overlap(wanted, [Span(document_id="d", start=15, end=35)])
    Overlap(recall=0.5, precision=0.25, iou=0.2)
    """
    held: _Characters = set().union(*map(_characters, stretches))
    wanted: _Characters = set()
    alternatives: _Characters = set()
    for group in groups:
        sets = [_characters(span) for span in group]
        wanted |= max(sets, key=lambda one: len(one & held) / len(one))
        alternatives = alternatives.union(*sets)
    held -= alternatives - wanted
    shared = len(wanted & held)
    return Overlap(shared / len(wanted), shared / len(held) if held else 0.0, shared / len(wanted | held))


def _characters(stretch: Stretch) -> _Characters:
    return {(stretch.document_id, position) for position in range(stretch.start, stretch.end)}
