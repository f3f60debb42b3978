"""Compare runs: what was set otherwise, and the verdict of each, held against the first of them.

The verdict is that of `eval/verdict.py`, which the page of a run gives too.
"""

from collections.abc import Sequence
from itertools import count

from pydantic import Field

from corpus.frozen import Frozen
from eval import statistics
from eval.measures import Measure
from eval.paired import RunsDiffer, check_same
from eval.schema import ConfigValue, Run
from eval.sweep_file import Configuration
from eval.verdict import PairVerdict, check_measured, judge_pairs, usual_measure

#: In a run's configuration: that it is another system's, of which no settings are known.
_IMPORTED = "imported"


class PairComparison(PairVerdict):
    """One run compared with the first."""

    name: str
    settings: dict[str, tuple[ConfigValue, ConfigValue]] = Field(
        description="What decided the answers and differs: name → its value in the first run and in this one."
    )


class Comparison(Frozen):
    """Runs compared with the first of them: what `coproduce eval compare --json` prints."""

    baseline: str
    source: str
    cases: int
    by: str = Field(description="The measure that was decided on before.")
    pairs: tuple[PairComparison, ...]


def compare_runs(runs: Sequence[Run], *, by: Measure | None = None, seed: int = statistics.SEED) -> Comparison:
    """Compare runs with the first of them. The same runs and seed give the same comparison.

    Args:
        runs: Two or more.
        by: The measure that was decided on before; the usual one if left out.
        seed: Of all that is drawn.

    Raises:
        RunsDiffer: there are fewer than two, or they asked other cases or other documents.
        CoproduceError: the measure does not say what is better, or not every run has it.
    """
    if len(runs) < 2:
        found = "one run" if runs else "no run"
        raise RunsDiffer(f"found {found} to compare; expected two or more. Make another with: coproduce eval run")
    baseline, *names = _own_names([run.summary.name for run in runs])
    for name, run in zip(names, runs[1:], strict=True):
        fingerprints = (runs[0].summary.fingerprint, run.summary.fingerprint)
        check_same((f"the run {baseline!r}", fingerprints[0]), (f"the run {name!r}", fingerprints[1]))
    first, *others = runs
    if by is not None:
        check_measured(by, first, others)
    by = by or usual_measure(runs)
    return Comparison(
        baseline=baseline,
        source=first.summary.source,
        cases=len(first.cases),
        by=by.name,
        pairs=tuple(
            PairComparison(
                **{field: getattr(verdict, field) for field in PairVerdict.model_fields},
                name=name,
                settings=settings_changed(first.summary.config, other.summary.config),
            )
            for name, other, verdict in zip(names, others, judge_pairs(first, others, by, seed=seed), strict=True)
        ),
    )


def settings_changed(
    first: dict[str, ConfigValue], second: dict[str, ConfigValue]
) -> dict[str, tuple[ConfigValue, ConfigValue]]:
    """Give what differs in how two runs were made.

    What a sweep says of a configuration has its usual value in a run that says nothing of it. Of another system's run
    only its name is known.
    """
    if _IMPORTED in first or _IMPORTED in second:
        ours, theirs = first.get(_IMPORTED), second.get(_IMPORTED)
        return {_IMPORTED: (ours, theirs)} if ours != theirs else {}
    usual = Configuration(name="usual").described
    ones, others = ({**usual, **config} for config in (first, second))
    names = dict.fromkeys([*first, *second])
    return {name: (ones.get(name), others.get(name)) for name in names if ones.get(name) != others.get(name)}


def _own_names(names: Sequence[str]) -> list[str]:
    """Give runs of the same name a number each."""
    numbers = {name: count(1) for name in names}
    return [name if names.count(name) == 1 else f"{name} ({next(numbers[name])})" for name in names]
