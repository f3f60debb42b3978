"""Give the verdict of two runs: one measure decided on before, what else changed, which questions, and the words.

The measure that was decided on (`--by`) is tested by itself, at 5%. All others are explored: within a family, whose
measures are much the same thing, p is that of any of them differing as much (Westfall and Young), and families are
corrected for how many there are (Holm). Where several runs are held against one, the measure that was decided on is
corrected for how many runs there are.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
from pydantic import Field

from corpus.errors import CoproduceError
from corpus.frozen import Frozen
from eval import statistics, whole
from eval.changes import ChangedQuestion, changed_questions, gain_of
from eval.difference import (
    MeasureDifference,
    can_be_judged,
    decided_on,
    difference_of,
    has_changed,
    judged,
    whole_difference,
)
from eval.measures import FAMILIES, MEASURES, PRIMARY, PRIMARY_OF_RANKINGS, Measure
from eval.paired import complete, difference_between, paired_values
from eval.schema import Run
from eval.statistics import Floats
from eval.wording import say_cut, say_verdict

_DRAWS = 9999
_WHOLE_DRAWS = 999  # where a measure of a whole run is computed for each
_LEAST = 1e-9


class PairVerdict(Frozen):
    """What there is to say of two runs of the same questions."""

    by: str = Field(description="The measure that was decided on before.")
    measures: tuple[MeasureDifference, ...]
    won: tuple[str, ...] = Field(description="Ids of the questions that are better by this measure, the most first.")
    lost: tuple[str, ...]
    level: tuple[str, ...]
    changed: tuple[ChangedQuestion, ...] = Field(description="By any measure; what was lost comes first.")
    words: tuple[str, ...] = Field(description="The same in sentences: what the page and the terminal say.")

    @property
    def primary(self) -> MeasureDifference | None:
        """The measure that was decided on; None where a run does not have it."""
        return next((one for one in self.measures if one.primary), None)


def judge_pair(first: Run, second: Run, by: Measure | None = None, *, seed: int = statistics.SEED) -> PairVerdict:
    """Give the verdict of a run, held against another of the same cases. Raises CoproduceError: see `judge_pairs`."""
    [verdict] = judge_pairs(first, [second], by, seed=seed)
    return verdict


def judge_pairs(
    first: Run, others: Sequence[Run], by: Measure | None = None, *, seed: int = statistics.SEED
) -> tuple[PairVerdict, ...]:
    """Give the verdict of each run, held against the first. The same runs and seed give the same verdicts.

    A question that a run does not hold has the worst value there.

    Args:
        first: What the others are held against.
        others: Runs of the same cases over the same documents; whoever calls has checked it.
        by: The measure that was decided on before; recall@5 if left out, or nDCG@10 where runs do not have it.
        seed: Of all that is drawn.

    Raises:
        CoproduceError: the measure does not say what is better.
    """
    by = by or usual_measure((first, *others))
    if not can_be_judged(by):
        raise CoproduceError(
            f"{by.name} says what is more, not what is better: choose another measure for --by, for instance recall@5."
        )
    first, *others = map(complete, (first, *others))
    drafts = [_explored(first, other, by, seed) for other in others]
    primaries = [found[by.name] for found in drafts if by.name in found and has_changed(found[by.name])]
    corrected = iter(statistics.holm([one.p or 0.0 for one in primaries]))
    level = statistics.ALPHA / max(1, len(primaries))
    verdicts = []
    for other, found in zip(others, drafts, strict=True):
        if by.name in found:
            primary = found[by.name]
            p_holm = next(corrected) if has_changed(primary) else primary.p
            found[by.name] = decided_on(primary, p_holm, partial(_needed, first, other, primary, level, seed))
        measures = tuple(one if one.primary else judged(one) for one in found.values())
        verdicts.append(_put_together(first, other, by, measures, len(primaries)))
    return tuple(verdicts)


def check_measured(by: Measure, first: Run, others: Sequence[Run]) -> None:
    """Refuse a measure that was asked for, and that a run does not have.

    Raises:
        CoproduceError: it names the measures that all of them have.
    """
    runs = (first, *others)

    def all_have(name: str) -> bool:
        return all(run.summary.measures.get(name) is not None for run in runs)

    if can_be_judged(by) and not all_have(by.name):
        names = ", ".join(name for name, measure in MEASURES.items() if can_be_judged(measure) and all_have(name))
        raise CoproduceError(
            f"not every run has a value of {by.name}, so it cannot decide. "
            + (f"What all of them have: {names}." if names else "They have no measure in common.")
        )


def usual_measure(runs: Sequence[Run]) -> Measure:
    """Give the measure that decides where nobody said another."""
    has_all = all(run.summary.measures.get(PRIMARY) is not None for run in runs)
    rankings = all(run.summary.measures.get(PRIMARY_OF_RANKINGS) is not None for run in runs)
    return MEASURES[PRIMARY if has_all or not rankings else PRIMARY_OF_RANKINGS]


def _put_together(
    first: Run, second: Run, by: Measure, measures: tuple[MeasureDifference, ...], runs: int
) -> PairVerdict:
    values = paired_values(first, second, by) if by.per_question else {}
    gains = {case: gain_of(by.name, one, other) for case, (one, other) in values.items()}
    largest = sorted(gains, key=lambda case: -abs(gains[case]))
    won = tuple(case for case in largest if gains[case] > _LEAST)
    lost = tuple(case for case in largest if gains[case] < -_LEAST)
    changed = changed_questions(first, second, by.name)
    words = (*say_verdict(by, measures, won, lost, changed, runs), *say_cut(first, second))
    level = tuple(case for case in values if abs(gains[case]) <= _LEAST)
    return PairVerdict(by=by.name, measures=measures, won=won, lost=lost, level=level, changed=changed, words=words)


def _needed(first: Run, second: Run, found: MeasureDifference, level: float, seed: int) -> int | None:
    if MEASURES[found.name].per_question:
        pairs = paired_values(first, second, MEASURES[found.name]).values()
        differences = [difference_between(one, other) for one, other in pairs]
        return statistics.questions_needed(differences, alpha=level, seed=seed)
    if found.interval is None:
        return None
    interval = statistics.Interval(*found.interval)
    return statistics.questions_needed_by_interval(found.difference, interval, found.questions, alpha=level)


def _explored(first: Run, second: Run, by: Measure, seed: int) -> dict[str, MeasureDifference]:
    """Compare every measure, and correct all but the primary one's p-value: name → difference."""
    found: dict[str, MeasureDifference] = {}
    for measure in MEASURES.values():
        if measure.per_question:
            one = difference_of(measure, paired_values(first, second, measure), seed=seed)
        else:
            one = whole_difference(first, second, measure, seed=seed)
        if one is not None:
            found[measure.name] = one
    families = []
    for names in FAMILIES.values():
        tested = [
            name for name in names if name in found and can_be_judged(MEASURES[name]) and has_changed(found[name])
        ]
        if not tested:
            continue
        draws = _Draws(first, second, tested, seed)
        for name in tested:
            if not MEASURES[name].per_question:
                found[name] = found[name].model_copy(update={"p": draws.p_of(name)})
        explored = [name for name in tested if name != by.name]
        if explored:
            own = {name: found[name].p or 0.0 for name in explored}
            families.append({name: max(p, own[name]) for name, p in draws.shared(explored).items()})
    for name, p in statistics.holm_families(families).items():
        found[name] = found[name].model_copy(update={"p_holm": p})
    for name, one in found.items():
        if one.p_holm is None and one.p is not None and not has_changed(one):
            found[name] = one.model_copy(update={"p_holm": one.p})  # 1: nothing changed
    return found


class _Draws:
    """How measures would differ had chance alone decided whose answer is whose: drawn for all of them together."""

    def __init__(self, first: Run, second: Run, names: Sequence[str], seed: int) -> None:
        cases = sorted(case.id for case in first.cases)
        place = {case: number for number, case in enumerate(cases)}
        in_whole = [name for name in names if not MEASURES[name].per_question]
        signs = statistics.draw_signs(len(cases), _WHOLE_DRAWS if in_whole else _DRAWS, seed=seed)
        self._observed: dict[str, float] = {}
        self._drawn: dict[str, Floats] = {}
        self._spread: dict[str, float] = {}
        for name in names:
            if MEASURES[name].per_question:
                values = np.zeros(len(cases))
                for case, (one, other) in paired_values(first, second, MEASURES[name]).items():
                    values[place[case]] = difference_between(one, other)
                self._observed[name], self._drawn[name] = float(values.sum()), signs @ values
                self._spread[name] = float(np.sqrt(np.sum(values**2)))
        if in_whole:
            columns = (whole.Columns.from_run(first), whole.Columns.from_run(second))
            computes = {name: whole.COMPUTE[name] for name in in_whole}
            for name, (observed, drawn) in whole.swapped(*columns, computes, signs).items():
                self._observed[name], self._drawn[name] = observed, drawn
                self._spread[name] = float(np.sqrt(np.mean(drawn**2)))

    def p_of(self, name: str) -> float:
        """Give the p-value of one measure by itself."""
        return self.shared([name])[name]

    def shared(self, names: Sequence[str]) -> dict[str, float]:
        """Give the p-values of measures that are looked at together."""
        observed = np.array([self._observed[name] for name in names])
        drawn = np.stack([self._drawn[name] for name in names], axis=1)
        spread = np.array([self._spread[name] for name in names])
        return dict(zip(names, statistics.shared_p(observed, drawn, spread), strict=True))
