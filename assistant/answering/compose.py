"""Compose an answer of typed blocks: headings of ours, quotations, and words of ours where nothing is quoted."""

from collections.abc import Iterable, Sequence

from assistant.answering.select import Selected
from assistant.finding.retriever import Candidate, hits_of
from assistant.quoting.cite import quote, render_text
from assistant.quoting.framing import NEAREST, NOT_COVERED, SAID, SAYS
from assistant.schema import Answer, Block, HeadingBlock, Notice, Query, QuotationBlock, Status, Suggestion, WordsBlock
from corpus.library import Library
from corpus.schema import Document, Kind, Passage


def quote_all(selected: Sequence[Selected], library: Library) -> tuple[Block, ...]:
    """Quote what was selected, each kind of passage under its heading, numbered in the order in which it stands."""
    groups: dict[str, list[Selected]] = {}
    for one in selected:
        document = library.document(one.passage.document_id)
        groups.setdefault(_heading(one.passage, document), []).append(one)
    blocks: list[Block] = []
    number = 0
    for heading, members in groups.items():
        blocks.append(HeadingBlock(text=heading))
        for one in members:
            number += 1
            blocks.append(quote(number, one.passage, library.document(one.passage.document_id), one.span))
    return tuple(blocks)


def _heading(passage: Passage, document: Document) -> str:
    if passage.kind is Kind.INTERVIEW:
        return SAID
    table = document.vocabulary.table
    return table.heading if passage.record and table else SAYS


def quote_nearest(selected: Selected, library: Library) -> tuple[Block, ...]:
    """Quote the nearest that there is, where nothing answers: under a heading that says that it is only that."""
    document = library.document(selected.passage.document_id)
    return HeadingBlock(text=NEAREST), quote(1, selected.passage, document, selected.span)


def refusal_blocks(reason: str) -> tuple[Block, ...]:
    """Say that the report does not say, and why."""
    return WordsBlock(kind="refusal", text=NOT_COVERED), WordsBlock(kind="reason", text=reason)


def make_answer(
    query: Query,
    status: Status,
    confidence: float,
    blocks: Sequence[Block],
    candidates: list[Candidate],
    notes: Iterable[Notice] = (),
    offers: Iterable[Suggestion] = (),
) -> Answer:
    """Put an answer together; its text, citations, notices and suggestions follow from the rest."""
    notes, offers = tuple(notes), tuple(offers)
    return Answer(
        id=query.id,
        question=query.question,
        status=status,
        confidence=confidence,
        text=render_text(blocks),
        citations=tuple(block.citation for block in blocks if isinstance(block, QuotationBlock)),
        hits=hits_of(candidates),
        notices=tuple(one.text for one in notes),
        suggestions=tuple(one.text for one in offers),
        blocks=tuple(blocks),
        notes=notes,
        offers=offers,
    )
