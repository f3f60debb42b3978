"""Compose an answer of typed blocks: headings of ours, quotations, and words of ours where nothing is quoted."""

from collections.abc import Iterable, Sequence

from assistant.answering.select import Selected
from assistant.finding.retriever import Candidate, hits_of
from assistant.quoting.cite import quote, render_text
from assistant.quoting.framing import NEAREST, NOT_COVERED, heading_on
from assistant.schema import Answer, Block, HeadingBlock, Notice, Query, QuotationBlock, Status, Suggestion, WordsBlock
from corpus.library import Library
from corpus.schema import Passage


def quote_all(selected: Sequence[Selected], library: Library) -> tuple[Block, ...]:
    """Quote what was selected in its order, under its headings, numbered from 1.

    What stands under one heading stands together, where its first words stand.
    """
    headings = list(dict.fromkeys(one.heading or _table_heading(one.passage, library) for one in selected))
    blocks: list[Block] = []
    number = 0
    for heading in headings:
        if heading:
            blocks.append(HeadingBlock(text=heading))
        for one in selected:
            if (one.heading or _table_heading(one.passage, library)) != heading:
                continue
            if one.on:
                blocks.append(HeadingBlock(text=heading_on(one.on)))
            number += 1
            blocks.append(quote(number, one.passage, library.document(one.passage.document_id), one.span))
    return tuple(blocks)


def _table_heading(passage: Passage, library: Library) -> str:
    table = library.document(passage.document_id).vocabulary.table
    return table.heading if passage.record and table else ""


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
    *,
    added: bool = False,
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
        hits=hits_of(candidates, added=added),
        notices=tuple(one.text for one in notes),
        suggestions=tuple(one.text for one in offers),
        blocks=tuple(blocks),
        notes=notes,
        offers=offers,
    )
