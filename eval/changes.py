"""Find the questions that went better or worse from one run to another, with what both runs gave."""

from typing import Literal

from pydantic import Field

from assistant.schema import Citation, Hit
from corpus.frozen import Frozen
from corpus.schema import Kind
from eval.measures import MEASURES
from eval.paired import both_measure, paired_values, rows_of
from eval.schema import LocatedCase, QueryRow, Run
from eval.spans import holds

#: A question has changed where one of these has; a character more or less in a hit is no change worth reading.
CHANGED_BY = (
    "recall@1",
    "recall@5",
    "recall@10",
    "nDCG@10",
    "evidence_shown",
    "verbatim",
    "speaker",
    "section",
    "filter_leakage",
    "answerable_refused",
)
#: How a question that the report does not answer may change: it is no measure, but a value of 0 or 1 all the same.
REFUSED = "refused"
FIRST_HITS = 5
_LEAST = 1e-9  # what differs by less is the same

Change = Literal["worse", "mixed", "better"]


class Shown(Frozen):
    """A passage that was found or shown for a question."""

    passage_id: str
    section: str
    kind: Kind
    speaker: str | None
    text: str
    holds_evidence: bool = Field(description="Whether some evidence that was wanted stands in it whole.")


class Side(Frozen):
    """What one run did with a question."""

    status: str
    confidence: float
    error: str | None
    citations: tuple[Shown, ...]
    hits: tuple[Shown, ...] = Field(description=f"The first {FIRST_HITS}.")


class ChangedQuestion(Frozen):
    """A question that went better or worse."""

    case_id: str
    question: str
    history: tuple[str, ...]
    kind: str
    answerable: bool
    evidence: tuple[tuple[str, ...], ...]
    change: Change = Field(description="Mixed: better by one measure and worse by another.")
    measures: dict[str, tuple[float, float]] = Field(description="Name → the values in both runs, where they differ.")
    first: Side
    second: Side


def changed_questions(first: Run, second: Run, by: str | None = None) -> tuple[ChangedQuestion, ...]:
    """Give the questions that went better or worse in two complete runs: what was lost first, the most foremost.

    Args:
        first: A run.
        second: Another of the same cases.
        by: A measure that shows a change as well, whichever it is.
    """
    values: dict[str, dict[str, tuple[float, float]]] = {case.id: {} for case in first.cases}
    names = [*CHANGED_BY, *([by] if by is not None and MEASURES[by].per_question else [])]
    for name in dict.fromkeys(names):
        for case_id, (one, other) in paired_values(first, second, MEASURES[name]).items():
            if abs(other - one) > _LEAST:
                values[case_id][name] = (one, other)
    ones, others = rows_of(first), rows_of(second)
    refusals = both_measure(first, second, "refusal_recall")
    found: list[tuple[float, ChangedQuestion]] = []
    for case in first.cases:
        mine, theirs = ones[case.id], others[case.id]
        if refusals and not case.answerable and mine.refused != theirs.refused:
            values[case.id][REFUSED] = (float(mine.refused), float(theirs.refused))
        if not values[case.id]:
            continue
        gains = [gain_of(name, one, other) for name, (one, other) in values[case.id].items()]
        changed = ChangedQuestion(
            **case.model_dump(include={"question", "history", "kind", "answerable", "evidence"}),
            case_id=case.id,
            change="better" if min(gains) > 0 else "worse" if max(gains) < 0 else "mixed",
            measures=values[case.id],
            first=_side(first, mine, case),
            second=_side(second, theirs, case),
        )
        found.append((sum(gains), changed))
    order = {"worse": 0, "mixed": 1, "better": 2}
    found.sort(key=lambda one: (order[one[1].change], -abs(one[0])))
    return tuple(changed for _, changed in found)


def gain_of(name: str, first: float, second: float) -> float:
    """Give how much better the second value of a measure is; below 0 it is worse."""
    less_is_better = name in MEASURES and MEASURES[name].higher_is_better is False
    return first - second if less_is_better else second - first


def _side(run: Run, row: QueryRow, case: LocatedCase) -> Side:
    answer = run.answers.get(case.id)
    return Side(
        status=row.status,
        confidence=row.confidence,
        error=row.error,
        citations=tuple(_shown(one, one.quoted_text, case) for one in answer.citations) if answer else (),
        hits=tuple(_shown(one, one.text, case) for one in answer.hits[:FIRST_HITS]) if answer else (),
    )


def _shown(one: Citation | Hit, text: str, case: LocatedCase) -> Shown:
    return Shown(
        passage_id=one.passage_id,
        section=one.section,
        kind=one.kind,
        speaker=one.speaker,
        text=text,
        holds_evidence=any(holds(one, span) for group in case.groups for span in group),
    )
