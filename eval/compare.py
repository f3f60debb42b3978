"""Compare runs measure by measure: what changed, by how much, and whether that is more than chance.

The first run is what the others are compared with. A measure is compared over the questions that have a value in both
runs; a question that a run does not hold has the worst value there. Every difference is the later run less the first.
"""

from collections.abc import Sequence
from itertools import count
from typing import Literal

from pydantic import Field

from corpus.frozen import Frozen
from eval import statistics, whole
from eval.changes import ChangedQuestion, changed_questions, gain_of
from eval.measures import MEASURES, Measure
from eval.paired import RunsDiffer, both_measure, check_same, complete, paired_values
from eval.schema import ConfigValue, Run

Verdict = Literal["better", "worse", "same", "too few questions", "could be chance", "not judged"]

_DIGITS = 9  # differences are rounded: 0.3 less 0.1 is then as much as 0.2 less 0


class MeasureDifference(Frozen):
    """One measure in two runs."""

    name: str
    questions: int = Field(description="How many questions have a value in both runs.")
    first: float = Field(description="The mean over these questions, or the value of the whole run.")
    second: float
    difference: float = Field(description="The second less the first.")
    interval: tuple[float, float] | None = Field(description="95%; None where there are too few questions.")
    p: float | None = Field(description="Of a permutation test; None for a measure of the whole run.")
    p_holm: float | None = Field(description="Corrected (Holm) for the measures by which some question changed.")
    wins: int | None = Field(description="Questions on which the second is better; None: no value per question.")
    losses: int | None
    ties: int | None
    needed: int | None = Field(description="About how many questions would show a difference of this size.")
    verdict: Verdict


class PairComparison(Frozen):
    """One run compared with the first."""

    name: str
    settings: dict[str, tuple[ConfigValue, ConfigValue]] = Field(
        description="What decided the answers and differs: name → its value in the first run and in this one."
    )
    measures: tuple[MeasureDifference, ...]
    changed: tuple[ChangedQuestion, ...] = Field(description="What was lost comes first.")


class Comparison(Frozen):
    """Runs compared with the first of them: what `coproduce eval compare --json` prints."""

    baseline: str
    source: str
    cases: int
    pairs: tuple[PairComparison, ...]


def compare_runs(runs: Sequence[Run], *, seed: int = statistics.SEED) -> Comparison:
    """Compare runs with the first of them. The same runs and seed give the same comparison.

    Raises:
        RunsDiffer: there are fewer than two, or they asked other cases or other documents.
    """
    if len(runs) < 2:
        found = "one run" if runs else "no run"
        raise RunsDiffer(f"found {found} to compare; expected two or more. Make another with: coproduce eval run")
    baseline, *names = _own_names([run.summary.name for run in runs])
    for name, run in zip(names, runs[1:], strict=True):
        fingerprints = (runs[0].summary.fingerprint, run.summary.fingerprint)
        check_same((f"the run {baseline!r}", fingerprints[0]), (f"the run {name!r}", fingerprints[1]))
    first, *others = map(complete, runs)
    return Comparison(
        baseline=baseline,
        source=first.summary.source,
        cases=len(first.cases),
        pairs=tuple(
            PairComparison(
                name=name,
                settings=_settings(first.summary.config, other.summary.config),
                measures=_compare_measures(first, other, seed),
                changed=changed_questions(first, other),
            )
            for name, other in zip(names, others, strict=True)
        ),
    )


def _compare_measures(first: Run, second: Run, seed: int) -> tuple[MeasureDifference, ...]:
    """Compare every measure that has values in both runs, and correct the p-values for how many were tested.

    Where no question changed there was nothing to test: the p-value is 1 whatever the signs, so it is not counted.
    """
    drafts = [one for measure in MEASURES.values() if (one := _difference(first, second, measure, seed))]
    tested = [one for one in drafts if one.p is not None and (one.wins or one.losses)]
    corrected = dict(zip((one.name for one in tested), statistics.holm([one.p or 0.0 for one in tested]), strict=True))
    return tuple(_judged(one, corrected.get(one.name, one.p)) for one in drafts)


def _difference(first: Run, second: Run, measure: Measure, seed: int) -> MeasureDifference | None:
    """Compare one measure, before the correction; None where there is nothing to compare."""
    if not measure.per_question:
        return _whole_difference(first, second, measure, seed)
    pairs = list(paired_values(first, second, measure).values())
    if not pairs:
        return None
    differences = [round(other - one, _DIGITS) for one, other in pairs]
    judged = measure.higher_is_better is not None
    gains = [gain_of(measure.name, 0, one) for one in differences]
    return MeasureDifference(
        name=measure.name,
        questions=len(pairs),
        first=sum(one for one, _ in pairs) / len(pairs),
        second=sum(other for _, other in pairs) / len(pairs),
        difference=round(sum(differences) / len(pairs), _DIGITS),
        interval=statistics.mean_interval(differences, seed=seed),
        p=statistics.permutation_p(differences, seed=seed) if judged else None,
        p_holm=None,
        wins=sum(gain > 0 for gain in gains) if judged else None,
        losses=sum(gain < 0 for gain in gains) if judged else None,
        ties=gains.count(0) if judged else None,
        needed=statistics.questions_needed(differences),
        verdict="not judged",
    )


def _whole_difference(first: Run, second: Run, measure: Measure, seed: int) -> MeasureDifference | None:
    """Compare a measure that only a whole run has: its interval comes from drawing the questions again and again."""
    if not both_measure(first, second, measure.name):
        return None
    one, other = whole.Columns.from_run(first), whole.Columns.from_run(second)
    compute = whole.COMPUTE[measure.name]
    before, after = compute(one, one.every), compute(other, other.every)
    if before is None or after is None:
        return None
    difference = round(after - before, _DIGITS)
    interval = whole.difference_interval(one, other, compute, seed=seed)
    return MeasureDifference(
        name=measure.name,
        questions=len(one.every),
        first=before,
        second=after,
        difference=difference,
        interval=interval,
        p=None,
        p_holm=None,
        wins=None,
        losses=None,
        ties=None,
        needed=interval and statistics.questions_needed_by_interval(difference, interval, len(one.every)),
        verdict="not judged",
    )


def _judged(draft: MeasureDifference, p_holm: float | None) -> MeasureDifference:
    return draft.model_copy(update={"p_holm": p_holm, "verdict": _verdict(draft, p_holm)})


def _verdict(found: MeasureDifference, p_holm: float | None) -> Verdict:
    """Say what a difference is worth: it counts where neither its interval nor its corrected p leaves room for none."""
    # How busy the machine was is no matter of which questions were drawn: times are shown, not judged.
    judged = MEASURES[found.name].higher_is_better is not None and not found.name.startswith("latency_")
    if found.difference == 0 and not (found.wins or found.losses) and (judged or found.interval == (0, 0)):
        return "same"
    if not judged:
        return "not judged"
    beyond_chance = found.interval is not None and not statistics.Interval(*found.interval).holds_zero
    if beyond_chance and (p_holm is None or p_holm <= statistics.ALPHA):
        return "better" if gain_of(found.name, found.first, found.second) > 0 else "worse"
    few = found.interval is None or (found.needed or 0) > found.questions
    return "too few questions" if few else "could be chance"


def _settings(
    first: dict[str, ConfigValue], second: dict[str, ConfigValue]
) -> dict[str, tuple[ConfigValue, ConfigValue]]:
    """Give what differs in how two runs were made."""
    names = dict.fromkeys([*first, *second])
    return {name: (first.get(name), second.get(name)) for name in names if first.get(name) != second.get(name)}


def _own_names(names: Sequence[str]) -> list[str]:
    """Give runs of the same name a number each."""
    numbers = {name: count(1) for name in names}
    return [name if names.count(name) == 1 else f"{name} ({next(numbers[name])})" for name in names]
