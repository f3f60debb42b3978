"""Answer from documents that people added: found, nearest (“please judge”) or nothing; and join it to the report's.

Nobody has written questions for such documents, so no certainty is said in the report's words. What is shown stands
under a heading of its own, after whatever the report says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.answering.compose import make_answer, quote_all
from assistant.answering.confidence import confidence_by_rule, load_models
from assistant.answering.notices import join_words, matched_words, plain_words
from assistant.answering.select import Selected, select
from assistant.finding.retriever import Candidate, Evidence
from assistant.quoting.cite import render_text
from assistant.quoting.framing import FOUND_IN_ADDED, NEAREST_IN_ADDED, NOTHING_IN_ADDED, STANDING_OF_ADDED
from assistant.reading.question import ParsedQuery
from assistant.schema import (
    Answer,
    Asked,
    Block,
    DrawnOn,
    HeadingBlock,
    Hit,
    Notice,
    Outcome,
    Query,
    QuotationBlock,
    Status,
    WordsBlock,
)
from assistant.settings import Settings
from corpus.filters import USUAL
from corpus.library import Library

#: Of the passages that are listed, at most so large a share is of one document while others have any.
SHARE_OF_ONE = 0.6
#: So many passages are shown where none surely answers: of different documents, where there are several.
NEAREST_SHOWN = 3
_MOST_NAMED = 5
_STATUS: dict[Outcome, Status] = {"found": "answered", "nearest": "partial", "nothing": "not_in_corpus"}
#: The report's answers that quote nothing and ask nothing of documents: added ones have nothing to say beside them.
_OWN_WORDS = {"greeting", "about", "help", "declined", "language"}


def outcome_of(evidence: Evidence, parsed: ParsedQuery) -> tuple[Outcome, float]:
    """Say whether what was found answers, may be near, or is nothing; with a number from 0 to 1 to order answers by."""
    if not evidence.candidates:
        return "nothing", 0.0
    model = load_models().for_signals(evidence.signals)
    by_rule = confidence_by_rule(parsed, evidence)
    confidence = model.confidence(evidence.signals) if by_rule is None else by_rule
    if confidence < (model.refuse_named_below if parsed.speakers else model.refuse_below):
        return "nothing", confidence
    sureness = confidence if by_rule is not None else model.sureness(evidence.signals)
    return ("found" if sureness >= model.sure_above else "nearest"), confidence


def answer_from_added(
    query: Query,
    parsed: ParsedQuery,
    evidence: Evidence,
    library: Library,
    settings: Settings,
    collections: Sequence[str],
) -> Answer:
    """Answer from added documents alone."""
    outcome, confidence = outcome_of(evidence, parsed)
    ranked = share_out(evidence.candidates, settings.hits)
    selected: list[Selected] = []
    if outcome != "nothing":
        selected = _selected(evidence, parsed, library, settings, several=outcome == "nearest")
    if not selected:
        outcome = "nothing"
    blocks: tuple[Block, ...] = (WordsBlock(kind="nothing_added", text=NOTHING_IN_ADDED),)
    if selected:
        heading = FOUND_IN_ADDED if outcome == "found" else NEAREST_IN_ADDED
        blocks = (HeadingBlock(text=heading), *quote_all(selected, library))
    drawn_on = drawn_on_of(blocks)
    answer = make_answer(
        query, _STATUS[outcome], confidence, blocks, ranked, _notes(parsed, selected, drawn_on), added=True
    )
    asked = Asked(
        of="added",
        documents=len(library.documents),
        collections=tuple(collections),
        outcome=outcome,
        drawn_on=drawn_on,
    )
    return answer.model_copy(update={"asked": (asked,)})


def with_asked(answer: Answer) -> Answer:
    """Say in an answer's notices what was asked."""
    notes = (*answer.notes, Notice(kind="asked", text=say_asked(answer.asked)))
    return answer.model_copy(update={"notes": notes, "notices": tuple(one.text for one in notes)})


def join_answers(report: Answer, added: Answer, library: Library) -> Answer:
    """Put the report's answer, whole and first, and what added documents say after it, together.

    Where the report answers and nothing was found in added documents, that is a notice; where the question asks nothing
    of documents, the report's answer is all.
    """
    if any(block.kind in _OWN_WORDS for block in report.blocks):
        return report
    of_report = asked_of_report(report, library)
    nothing = added.asked[0].outcome == "nothing"
    refused = report.status == "not_in_corpus"
    shown = () if nothing and not refused else added.blocks
    blocks = (*report.blocks, *_numbered_on(shown, len(report.citations)))
    notes = [*report.notes, *(added.notes if not nothing else ())]
    if nothing and not refused:
        notes.append(Notice(kind="drawn_on", text=NOTHING_IN_ADDED))
    asked = (of_report, *added.asked)
    notes.append(Notice(kind="asked", text=say_asked(asked)))
    better = added if refused and not nothing else report
    return report.model_copy(
        update={
            "status": better.status,
            "confidence": better.confidence,
            "text": render_text(blocks),
            "blocks": blocks,
            "citations": tuple(block.citation for block in blocks if isinstance(block, QuotationBlock)),
            "hits": in_turn(report.hits, added.hits),
            "notes": tuple(notes),
            "notices": tuple(one.text for one in notes),
            "asked": asked,
        }
    )


def asked_of_report(answer: Answer, library: Library) -> Asked:
    """Say what came of asking the report."""
    outcome = next(outcome for outcome, status in _STATUS.items() if status == answer.status)
    return Asked(of="report", documents=len(library.documents), outcome=outcome, drawn_on=drawn_on_of(answer.blocks))


def say_asked(asked: Sequence[Asked]) -> str:
    """Say in words what was asked: "Asked: the report, and 3 added documents (minutes)."."""
    parts = []
    for one in asked:
        if one.of == "report":
            parts.append("the report")
        else:
            number = "1 added document" if one.documents == 1 else f"{one.documents:,} added documents"
            named = [plain_words(name) for name in one.collections if one.collections != (USUAL,)]
            where = f" ({', '.join(named)})" if named else ""
            parts.append(f"{number}{where}")
    return f"Asked: {join_words(parts)}."


def in_turn(first: Sequence[Hit], second: Sequence[Hit]) -> tuple[Hit, ...]:
    """Take hits in turn from two lists, so that neither crowds out the other, and number them."""
    both: list[Hit] = []
    for place in range(max(len(first), len(second))):
        both += [*first[place : place + 1], *second[place : place + 1]]
    return tuple(hit.model_copy(update={"rank": rank}) for rank, hit in enumerate(both, start=1))


def share_out(candidates: Sequence[Candidate], most: int) -> list[Candidate]:
    """Keep the best, but let no document crowd out the others: what is over its share comes after theirs."""
    allowed = max(int(most * SHARE_OF_ONE), 1)
    counts: dict[str, int] = {}
    within: list[Candidate] = []
    over: list[Candidate] = []
    for one in candidates:
        document_id = one.passage.document_id
        counts[document_id] = counts.get(document_id, 0) + 1
        (within if counts[document_id] <= allowed else over).append(one)
    kept = {one.passage.id for one in [*within[:most], *over][:most]}
    return [one for one in candidates if one.passage.id in kept]


def drawn_on_of(blocks: Sequence[Block]) -> tuple[DrawnOn, ...]:
    """Name the documents that blocks quote, each once."""
    cited = [block.citation for block in blocks if isinstance(block, QuotationBlock)]
    named = {one.document_id: one.document_title for one in cited}
    return tuple(DrawnOn(document_id=document_id, title=title) for document_id, title in named.items())


def _selected(
    evidence: Evidence, parsed: ParsedQuery, library: Library, settings: Settings, *, several: bool
) -> list[Selected]:
    """Select what is shown. Where nothing surely answers, the nearest of several documents are shown side by side."""
    chosen = select(evidence, parsed, library, citations=settings.citations, max_tokens=settings.answer_tokens)
    if several:
        shown = {one.passage.document_id for one in chosen}
        for candidate in evidence.candidates:
            if len(chosen) >= NEAREST_SHOWN:
                break
            if candidate.passage.document_id in shown:
                continue
            alone = replace(evidence, candidates=[candidate])
            more = select(alone, parsed, library, citations=1, max_tokens=settings.answer_tokens)
            chosen += more
            shown.add(candidate.passage.document_id)
    return [replace(one, heading="") for one in chosen]


def _numbered_on(blocks: Sequence[Block], shown: int) -> Iterator[Block]:
    """Number the quotations of blocks on from those that are shown before them."""
    for block in blocks:
        if isinstance(block, QuotationBlock):
            cited = block.citation.model_copy(update={"marker": block.citation.marker + shown})
            yield block.model_copy(update={"citation": cited})
        else:
            yield block


def _notes(parsed: ParsedQuery, selected: Sequence[Selected], drawn_on: Sequence[DrawnOn]) -> Iterator[Notice]:
    if not selected:
        return
    yield Notice(kind="standing", text=STANDING_OF_ADDED)
    around = " ".join(text for one in selected for text in (one.passage.text, *one.passage.path))
    matched = matched_words(parsed.rewrites or (parsed.text,), around)
    if matched:
        yield Notice(kind="how", text=f"Matched on your words: {', '.join(matched)}.")
    names = [plain_words(" ".join(one.title.split())) for one in drawn_on]
    more = [f"{len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []
    yield Notice(kind="drawn_on", text=f"From added documents: {join_words([*names[:_MOST_NAMED], *more])}.")
