"""Say in sentences what two runs differ by: the same words on the page, in the terminal and in the gate's report."""

import math
from collections import Counter
from collections.abc import Sequence

from assistant.quoting.visible import first_few
from eval.changes import ChangedQuestion
from eval.difference import MeasureDifference, Verdict
from eval.failing import FIRST_RANKED
from eval.measures import FAMILIES, MEASURES, Measure
from eval.schema import OWN_LEFT_OUT, Run

CHANGES = {"worse": "lost", "better": "won", "mixed": "better in part, worse in part"}
#: How verdicts are said in a table's cell.
VERDICTS: dict[Verdict, str] = {
    "better": "better",
    "worse": "worse",
    "same": "same",
    "too few questions": "too few",
    "could be chance": "chance?",
    "not judged": "–",
}
HOW_TO_READ = (
    "One measure is decided on before (--by) and tested by itself, at 5%. The others are explored: their p is "
    "corrected within each family of measures, which are much the same thing, and for the number of families "
    "(Holm). p is how often runs that are equally good would differ as much; the interval holds the true difference "
    "in 95 of 100 such samples. Values are over the questions that have one in both runs. Times are shown, not "
    "judged: they say how busy the machine was."
)
_IDS_SHOWN = 25
_MANY_QUESTIONS = 100_000


def counted(number: int, noun: str, plural: str = "") -> str:
    """Write a number with its noun.

    >>> counted(1, "query", "queries"), counted(2, "case")
    ('1 query', '2 cases')
    """
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def written(name: str, value: float) -> str:
    """Write a value; parts of a millisecond only make columns wide."""
    return f"{value:.0f} ms" if name.startswith("latency") else MEASURES[name].show(value)


def signed(name: str, value: float) -> str:
    """Write a difference with its sign; what is written as nothing has none."""
    shown = written(name, abs(value))
    return shown if not any(digit in shown for digit in "123456789") else f"{'+' if value > 0 else '−'}{shown}"


def interval_of(found: MeasureDifference) -> str:
    """Write an interval, for instance `−10.4 to −1.7%`; a dash where there is none, or all questions changed alike."""
    if found.interval is None:
        return "–"
    low, high = found.interval
    if found.wins is not None and low == high != 0:
        return "–"
    return f"{signed(found.name, low).rstrip('% ms')} to {signed(found.name, high)}"


def p_of(found: MeasureDifference) -> str:
    """Write a corrected p-value; a dash where nothing was tested."""
    if found.p_holm is None:
        return "–"
    return "<0.001" if found.p_holm < 0.0005 else f"{found.p_holm:.3f}"


def say_verdict(
    by: Measure,
    measures: Sequence[MeasureDifference],
    won: Sequence[str],
    lost: Sequence[str],
    changed: Sequence[ChangedQuestion],
    runs: int = 1,
) -> tuple[str, ...]:
    """Say what two runs differ by, in sentences: by the measure that was decided on first, then by the others.

    Args:
        by: The measure that was decided on.
        measures: All that were compared.
        won: Ids of the questions that are better by it.
        lost: Of those that are worse.
        changed: The questions that changed by any measure.
        runs: How many runs were held against the same one.
    """
    primary = next((one for one in measures if one.primary), None)
    said = [f"{by.label} has no value in both runs, so there is no verdict."] if primary is None else []
    if primary is not None:
        said.append(_say_primary(primary, runs))
        if primary.wins is not None and (won or lost):
            named = [f"{word}: {first_few(ids, _IDS_SHOWN)}." for word, ids in (("Lost", lost), ("Won", won)) if ids]
            said.append(
                f"By {by.label}, of {primary.questions} questions {len(lost)} were lost, {len(won)} won and "
                f"{primary.ties} level. {' '.join(named)}"
            )
    others = [one for one in measures if not one.primary]
    ways = [
        f"{way} by {', '.join(MEASURES[one.name].label for one in others if one.verdict == way)}"
        for way in ("worse", "better")
        if any(one.verdict == way for one in others)
    ]
    tested = {family for family, names in FAMILIES.items() for one in others if one.name in names and one.level}
    if ways:
        families = "1 family" if len(tested) == 1 else f"{len(tested)} families"
        said.append(f"Explored besides: {'; '.join(ways)} (p corrected for {families} of measures).")
    elif tested:
        said.append("Explored besides: by no other measure more than could be chance.")
    said.append(_say_changed(changed))
    return tuple(said)


def _say_primary(found: MeasureDifference, runs: int) -> str:
    label, many = MEASURES[found.name].label, found.questions
    values = f"{written(found.name, found.first)} before, {written(found.name, found.second)} after"
    if found.verdict == "same":
        return f"The same by {label}: {values}."
    beside = f", corrected for {runs} runs" if runs > 1 else ""
    p = f"p {p_of(found)}" if p_of(found).startswith("<") else f"p = {p_of(found)}"
    figures = f"{values}; {signed(found.name, found.difference)}, 95% interval {interval_of(found)}, {p}{beside}."
    if found.verdict in ("better", "worse"):
        return f"{found.verdict.capitalize()} by {label}: {figures}"
    if found.verdict == "could be chance":
        return f"No more than could be chance by {label}: {figures}"
    enough = ""
    if found.needed is not None:
        about = f"about {_rounded(found.needed):,}" if found.needed <= _MANY_QUESTIONS else f"over {_MANY_QUESTIONS:,}"
        enough = f" To show such a difference in four of five tries, {about} questions would do; there are {many}."
    return f"Too few questions to tell by {label}: {figures}{enough}"


def _say_changed(changed: Sequence[ChangedQuestion]) -> str:
    if not changed:
        return "No question changed by any measure."
    counts = {change: sum(one.change == change for one in changed) for change in CHANGES}
    said = ", ".join(f"{counts[change]} {words}" for change, words in CHANGES.items() if counts[change])
    return f"Questions that changed by some measure: {len(changed)} ({said})."


def _rounded(number: int) -> int:
    """Round up to two figures: it is an estimate."""
    step = int(10 ** max(len(str(number)) - 2, 0))
    return -(-number // step) * step


def say_cut(*runs: Run) -> tuple[str, ...]:
    """Say where lists of hits are cut, if measures look further: what stands below counts as not found.

    A list that ends because there is nothing more to find is not cut.
    """
    depths = [_cut_at(run) for run in runs]
    cut = [depth for depth in depths if depth is not None]
    if not cut or (len(runs) == 2 and depths[0] == depths[1] and cut[0] >= FIRST_RANKED):
        return ()
    measured = [name for name in _REACH if all(run.summary.measures.get(name) is not None for run in runs)]
    blind = [MEASURES[name].label for name in measured if _REACH[name] > min(cut)]
    if not blind:
        return ()
    when = ("",) if len(runs) == 1 else (" before", " after")
    lists = " and ".join(f"{depth}{one}" for depth, one in zip(depths, when, strict=True) if depth is not None)
    return (f"Lists of hits are cut at {lists}: what would come later counts as not found, in {', '.join(blind)}.",)


#: How far down a list measures look.
_REACH: dict[str, float] = {
    "recall@10": 10,
    "R@10": 10,
    "nDCG@10": 10,
    "RR@10": 10,
    "recall@5": 5,
    "R@5": 5,
    "Success@5": 5,
}
_REACH |= {"AP": math.inf}


def _cut_at(run: Run) -> int | None:
    """Give how many hits a run's lists were cut at; None where they end with what there is to find.

    Of a run of ours the setting says how many were asked for. Of another's, most lists end at one place where they
    were cut. A run of rankings keeps more in `run.trec` than its first hits.
    """
    config = run.summary.config
    lengths = Counter(len(answer.hits) for answer in run.answers.values() if answer.hits)  # a refusal may have none
    depth = max(lengths, default=0)
    if OWN_LEFT_OUT in config and (depth >= FIRST_RANKED or "hits" in config or depth >= _documents(run)):
        return None
    if isinstance(asked := config.get("hits"), int):
        return depth if depth >= asked else None
    return depth if depth and lengths[depth] * 2 > lengths.total() else None


def _documents(run: Run) -> float:
    """Give how many documents the ranked corpus has, less the query's own; without end where it is not known."""
    config = run.summary.config
    known = config.get("documents")
    return known - bool(config[OWN_LEFT_OUT]) if isinstance(known, int) else math.inf
