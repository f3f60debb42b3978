"""Put runs side by side, question by question, or refuse to: nothing is compared that was not asked the same."""

from collections.abc import Sequence

from corpus.errors import CoproduceError
from eval.judge import average, judge
from eval.measures import Measure
from eval.schema import Fingerprint, Outcome, QueryRow, Run

_DIGITS = 9


class RunsDiffer(CoproduceError):
    """Runs that cannot be compared: they asked other cases or other documents, or there are fewer than two."""

    exit_code = 2


MAKE_BOTH_AGAIN = "Make both again from the same."


def check_same(
    first: tuple[str, Fingerprint],
    second: tuple[str, Fingerprint],
    *,
    advice: str = MAKE_BOTH_AGAIN,
    other_documents: bool = False,
) -> None:
    """Refuse to compare what was made from other cases or other documents.

    Args:
        first: What people call it, and what it was made from.
        second: The same of the other side.
        advice: What to do where they differ.
        other_documents: Whether the documents may differ, and only the cases must be the same.

    Raises:
        RunsDiffer: the fingerprints are not the same; the message says of what.
    """
    fields = {"cases_sha256": "cases"} if other_documents else {"cases_sha256": "cases", "corpus_sha256": "documents"}
    for field, what in fields.items():
        mine, theirs = (getattr(fingerprint, field) for _, fingerprint in (first, second))
        if mine != theirs:
            raise RunsDiffer(
                f"{first[0]} and {second[0]} were not made from the same {what}: expected one fingerprint, found "
                f"{mine[:12]} and {theirs[:12]}. Differences between them would mean nothing. {advice}"
            )


def complete(run: Run) -> Run:
    """Give a run one row for each of its cases, in their order, and measures over exactly these.

    A question that the run does not hold gets the worst value of every measure that applies to it: a retriever that
    drops its hard questions must not look better for it.
    """
    rows = rows_of(run)
    missing = [Outcome(case=case, answer=None) for case in run.cases if case.id not in rows]
    rows |= {row.case_id: row for row in judge(missing, ())}
    every = tuple(rows[case.id] for case in run.cases)

    # What the run did not measure stays unmeasured: see `both_measure`.
    def measured(over: Sequence[QueryRow]) -> dict[str, float | None]:
        return {
            name: None if run.summary.measures.get(name) is None else value for name, value in average(over).items()
        }

    kinds: dict[str, list[QueryRow]] = {}
    for row in every:
        kinds.setdefault(row.kind, []).append(row)
    update = {
        "measures": measured(every),
        "missing": sum(row.status == "missing" for row in every),
        "cases": len(every),
        "answerable": sum(row.answerable for row in every),
        "kinds": {kind: measured(members) for kind, members in sorted(kinds.items())},
        "kind_sizes": {kind: len(members) for kind, members in sorted(kinds.items())},
    }
    return run.model_copy(update={"rows": every, "summary": run.summary.model_copy(update=update)})


def rows_of(run: Run) -> dict[str, QueryRow]:
    """Give a run's rows by case id."""
    return {row.case_id: row for row in run.rows}


def both_measure(first: Run, second: Run, name: str) -> bool:
    """Tell whether two runs measured the same: a ranking from elsewhere has no confidence, and refuses nothing."""
    return all(run.summary.measures.get(name) is not None for run in (first, second))


def paired_values(first: Run, second: Run, measure: Measure) -> dict[str, tuple[float, float]]:
    """Give the values of a measure in two complete runs, for each case that has one in both."""
    ones, others = rows_of(first), rows_of(second)
    found = {}
    for case in first.cases:
        one, other = (rows[case.id].measures.get(measure.name) for rows in (ones, others))
        if one is not None and other is not None:
            found[case.id] = (one, other)
    return found


def difference_between(first: float, second: float) -> float:
    """Give the second less the first, rounded: 0.3 less 0.1 is then as much as 0.2 less 0."""
    return round(second - first, _DIGITS)
