"""Say how a measure differs between two runs: the difference, its interval and p, who won, and what it is worth.

Whatever judges two runs asks here and in `eval/verdict.py`: the page, the comparison, the gate's report and the sweep.
"""

from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import Field

from corpus.frozen import Frozen
from eval import statistics, whole
from eval.changes import gain_of
from eval.measures import MEASURES, Measure
from eval.paired import both_measure, difference_between
from eval.schema import Run

Verdict = Literal["better", "worse", "same", "too few questions", "could be chance", "not judged"]


class MeasureDifference(Frozen):
    """One measure in two runs."""

    name: str
    primary: bool = Field(default=False, description="Whether it was decided on before, and is tested by itself.")
    questions: int = Field(description="How many questions have a value in both runs.")
    first: float = Field(description="The mean over these questions, or the value of the whole run.")
    second: float
    difference: float = Field(description="The second less the first.")
    interval: tuple[float, float] | None = Field(description="95%; None where there are too few questions.")
    p: float | None = Field(description="How often chance alone would do as much; None: not tested.")
    p_holm: float | None = Field(description="Corrected for what else was tested; the primary measure's is its p.")
    level: float | None = Field(default=None, description="What p_holm is held against; None: not tested.")
    wins: int | None = Field(description="Questions on which the second is better; None: no value per question.")
    losses: int | None
    ties: int | None
    needed: int | None = Field(
        default=None, description="Of the primary measure: about how many questions would show such a difference."
    )
    verdict: Verdict


def can_be_judged(measure: Measure) -> bool:
    """Tell whether a measure says what is better. Times do not: they say how busy the machine was."""
    return measure.higher_is_better is not None and not measure.name.startswith("latency_")


def difference_of(
    measure: Measure, pairs: Mapping[str, tuple[float, float]], *, seed: int = statistics.SEED
) -> MeasureDifference | None:
    """Compare a measure that questions have, before any correction; None where no question has it in both runs.

    Args:
        measure: Which.
        pairs: Case id → its values in the first run and in the second.
        seed: The same seed gives the same interval and p.
    """
    if not pairs:
        return None
    differences = [difference_between(one, other) for one, other in pairs.values()]
    judged = can_be_judged(measure)
    gains = [gain_of(measure.name, 0, one) for one in differences]
    return MeasureDifference(
        name=measure.name,
        questions=len(pairs),
        first=sum(one for one, _ in pairs.values()) / len(pairs),
        second=sum(other for _, other in pairs.values()) / len(pairs),
        difference=difference_between(0, sum(differences) / len(pairs)),
        interval=statistics.mean_interval(differences, seed=seed),
        p=statistics.permutation_p(differences, seed=seed) if judged else None,
        p_holm=None,
        wins=sum(gain > 0 for gain in gains) if judged else None,
        losses=sum(gain < 0 for gain in gains) if judged else None,
        ties=gains.count(0) if judged else None,
        verdict="not judged",
    )


def whole_difference(
    first: Run, second: Run, measure: Measure, *, seed: int = statistics.SEED
) -> MeasureDifference | None:
    """Compare a measure that only a whole run has: its interval comes from drawing the questions again and again.

    Its p-value comes from swapping the two answers of questions, and is given by `eval/verdict.py`.
    """
    if not both_measure(first, second, measure.name):
        return None
    one, other = whole.Columns.from_run(first), whole.Columns.from_run(second)
    compute = whole.COMPUTE[measure.name]
    before, after = compute(one, one.every), compute(other, other.every)
    if before is None or after is None:
        return None
    return MeasureDifference(
        name=measure.name,
        questions=len(one.every),
        first=before,
        second=after,
        difference=difference_between(before, after),
        interval=whole.difference_interval(one, other, compute, seed=seed),
        p=None,
        p_holm=None,
        wins=None,
        losses=None,
        ties=None,
        verdict="not judged",
    )


def has_changed(found: MeasureDifference) -> bool:
    """Tell whether anything changed: where nothing did, there is nothing to test."""
    if found.wins is not None:
        return bool(found.wins or found.losses)
    return found.difference != 0 or found.interval not in (None, (0, 0))


def judged(found: MeasureDifference, *, level: float = statistics.ALPHA) -> MeasureDifference:
    """Say what a difference is worth, given its corrected p-value.

    It counts where the interval leaves no room for none and p_holm is at most the level.
    """
    measure = MEASURES[found.name]
    if not has_changed(found) and (can_be_judged(measure) or found.interval == (0, 0)):
        return found.model_copy(update={"verdict": "same"})
    if not can_be_judged(measure):
        return found
    sure = found.interval is not None and not statistics.Interval(*found.interval).holds_zero
    verdict: Verdict = "could be chance"
    if sure and found.p_holm is not None and found.p_holm <= level:
        verdict = "better" if gain_of(found.name, found.first, found.second) > 0 else "worse"
    elif found.primary and (found.interval is None or (found.needed or 0) > found.questions):
        verdict = "too few questions"
    return found.model_copy(update={"verdict": verdict, "level": level})


def decided_on(found: MeasureDifference, p_holm: float | None, needed: Callable[[], int | None]) -> MeasureDifference:
    """Say what the measure that was decided on before is worth.

    Args:
        found: The measure.
        p_holm: Its p-value, corrected for how many runs there are.
        needed: Tells about how many questions would do; asked only where these may be too few.
    """
    primary = found.model_copy(update={"primary": True, "p_holm": p_holm})
    if judged(primary).verdict in ("too few questions", "could be chance"):
        primary = primary.model_copy(update={"needed": needed()})
    return judged(primary)
