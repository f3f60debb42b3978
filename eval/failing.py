"""Gather what a person needs to see of each case that went wrong: what was wanted, found and shown, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.quoting.visible import shortened
from assistant.schema import Citation, Hit
from eval.changes import Change
from eval.judge import reasons_for_failure
from eval.measures import FIRST_CITATIONS
from eval.schema import Outcome, Run, Span
from eval.spans import holds, recall_at

FIRST_HITS = 5
#: How many hits of a run without answers are judged.
FIRST_RANKED = 10
HIT_CHARACTERS = 400
STATUS_WORDS = {
    "answered": "answered",
    "partial": "answered, but not sure",
    "not_in_corpus": "refused: “the documents do not say”",
    "error": "ended in an error",
    "missing": "missing from the run",
}
RIGHT_BEFORE = "went right before"


@dataclass(frozen=True)
class Wanted:
    """One piece of evidence, in any of its wordings, and what became of it."""

    alternatives: tuple[str, ...]
    is_met: bool
    fate: str


@dataclass(frozen=True)
class FoundHit:
    """A hit as the page shows it: its start, and which pieces of evidence it holds, counted from 1."""

    rank: int
    score: float
    section: str
    speaker: str | None
    text: str
    holds: tuple[int, ...]


@dataclass(frozen=True)
class FailingCase:
    """A case that went wrong."""

    number: int
    id: str
    kind: str
    question: str
    history: tuple[str, ...]
    answerable: bool
    status: str
    has_answer: bool
    confidence: float
    reasons: tuple[str, ...]
    error: str | None
    asked_of: str | None
    wanted: tuple[Wanted, ...]
    hits: tuple[FoundHit, ...]
    all_hits: int
    citations: tuple[Citation, ...]
    before: str | None
    """What the baseline made of it; None without a baseline."""
    change: Change | None = None
    """How it changed, as the verdict of both runs has it; None where it did not."""


def is_ranking(run: Run) -> bool:
    """Tell whether a run holds rankings alone, such as another system's TREC run: "answers" that show nothing."""
    return bool(run.answers) and all(
        answer.status == "answered" and not answer.citations for answer in run.answers.values()
    )


def can_compare_cases(run: Run, baseline: Run) -> bool:
    """Tell whether a baseline's cases can be judged as the run's are: a ranking cannot be judged as answers."""
    return is_ranking(run) or not is_ranking(baseline)


def failing_cases(
    run: Run, baseline: Run | None = None, changes: Mapping[str, Change] | None = None
) -> tuple[FailingCase, ...]:
    """Give every case that went wrong, by kind and then in the order of the run, with what a baseline made of it.

    Of a run that holds rankings alone, only the hits are judged, and only for questions that can be answered; its
    baseline is then judged by its hits too. `changes` says how questions changed, by case id.
    """
    by_hits = is_ranking(run)
    before = {one.case.id: _before(_reasons(one, by_hits)) for one in baseline.outcomes} if baseline else {}
    unknown = None if baseline is None else "not asked before"
    failed = [(one, reasons) for one in run.outcomes if (reasons := _reasons(one, by_hits))]
    failed.sort(key=lambda pair: pair[0].case.kind)
    changes = changes or {}
    return tuple(
        _failing(number, outcome, reasons, by_hits, before.get(outcome.case.id, unknown), changes.get(outcome.case.id))
        for number, (outcome, reasons) in enumerate(failed, start=1)
    )


def _before(reasons: tuple[str, ...]) -> str:
    return "went wrong before too" if reasons else RIGHT_BEFORE


def _reasons(outcome: Outcome, by_hits: bool) -> tuple[str, ...]:
    if not by_hits:
        return reasons_for_failure(outcome)
    if not outcome.case.answerable:
        return ()
    if outcome.answer is None:
        return ("is missing from the run",)
    groups = outcome.case.groups
    share = recall_at(groups, outcome.answer.hits, FIRST_RANKED)
    found = f"{round(share * len(groups))} of {len(groups)} pieces of evidence"
    return () if share == 1 else (f"{found} among the first {FIRST_RANKED} hits",)


def _failing(
    number: int,
    outcome: Outcome,
    reasons: tuple[str, ...],
    by_hits: bool,
    before: str | None,
    change: Change | None,
) -> FailingCase:
    case, answer = outcome.case, outcome.answer
    hits = answer.hits if answer else ()
    citations = answer.citations if answer else ()
    return FailingCase(
        number=number,
        id=case.id,
        kind=case.kind,
        question=case.question,
        history=case.history,
        answerable=case.answerable,
        status=STATUS_WORDS[outcome.status],
        has_answer=answer is not None,
        confidence=outcome.confidence,
        reasons=reasons,
        error=outcome.error,
        asked_of=case.speaker or (f"{case.role} voices" if case.role else None),
        wanted=tuple(
            _wanted(words, spans, hits, None if by_hits else citations)
            for words, spans in zip(case.evidence, case.groups, strict=True)
        ),
        hits=tuple(_found(hit, case.groups) for hit in hits[:FIRST_HITS]),
        all_hits=len(hits),
        citations=citations,
        before=before,
        change=change,
    )


def _wanted(
    words: tuple[str, ...], spans: Sequence[Span], hits: Sequence[Hit], citations: Sequence[Citation] | None
) -> Wanted:
    """Say what became of a piece of evidence, from best to worst: shown, shown late, found, found in part, not."""
    shown = next((place for place, one in enumerate(citations or (), start=1) if _holds_any(one, spans)), None)
    rank = next((hit.rank for hit in hits if _holds_any(hit, spans)), None)
    touched = next((hit.rank for hit in hits if any(_overlap(hit, span) for span in spans)), None)
    if shown is not None and shown <= FIRST_CITATIONS:
        fate = f"shown, as passage {shown} of the answer"
    elif shown is not None:
        fate = f"shown, but only as passage {shown}: people read {FIRST_CITATIONS}"
    elif rank is not None and citations is None:
        return Wanted(words, rank <= FIRST_RANKED, f"found as hit {rank}")
    elif rank is not None:
        fate = f"found as hit {rank}, but not shown" + ("" if citations else ", as nothing was")
    elif touched is not None:
        fate = f"hit {touched} holds part of it, none the whole"
    elif hits:
        fate = f"not among the {len(hits)} hits"
    else:
        fate = "not found: there were no hits"
    return Wanted(words, shown is not None and shown <= FIRST_CITATIONS, fate)


def _found(hit: Hit, groups: Sequence[Sequence[Span]]) -> FoundHit:
    held = tuple(number for number, spans in enumerate(groups, start=1) if _holds_any(hit, spans))
    return FoundHit(hit.rank, hit.score, hit.section, hit.speaker, shortened(hit.text, HIT_CHARACTERS), held)


def _holds_any(stretch: Hit | Citation, spans: Sequence[Span]) -> bool:
    return any(holds(stretch, span) for span in spans)


def _overlap(hit: Hit, span: Span) -> bool:
    return hit.document_id == span.document_id and hit.start < span.end and span.start < hit.end
