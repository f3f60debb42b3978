"""Print a comparison in a terminal, for people: what changed, whether that counts, and the questions it changed."""

import re

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.quoting.visible import shortened, visible
from eval.changes import REFUSED, ChangedQuestion, Shown, Side
from eval.compare import Comparison, MeasureDifference, PairComparison, Verdict
from eval.measures import MEASURES
from eval.schema import ConfigValue

QUESTIONS_SHOWN = 10
_MANY_QUESTIONS = 100_000
_PASSAGE_CHARACTERS = 300
_SETTING_CHARACTERS = 60
_STYLES = {"better": "green", "worse": "red"}
_VERDICTS: dict[Verdict, str] = {
    "better": "better",
    "worse": "worse",
    "too few questions": "too few",
    "could be chance": "chance?",
    "not judged": "–",
}
_HOW_TO_READ = (
    "Means are over the questions that have a value in both runs. The interval holds the true difference in 95 of 100 "
    "such samples; p is how often chance alone would do as much, corrected for how many measures changed (Holm). "
    "Measures of a whole run, such as AUROC, have an interval only. Latency depends on what else the machine did."
)
_CHANGES = {"worse": "lost", "better": "won", "mixed": "better in part, worse in part"}


def show_comparison(console: Console, comparison: Comparison, *, questions: int = QUESTIONS_SHOWN) -> None:
    """Print each run beside the first, and the first so many questions that changed."""
    if len(comparison.pairs) > 1:
        console.print(
            f"{len(comparison.pairs)} runs are compared with {visible(comparison.baseline)}, each by itself: "
            "the more runs are tried, the likelier one of them is better by chance.",
            markup=False,
        )
        console.print()
    for pair in comparison.pairs:
        _show_settings(console, comparison.baseline, pair)
        if (table := _table(comparison, pair)).row_count:
            console.print(table)
        _show_reading(console, pair)
        _show_changed(console, comparison.baseline, pair, questions)


def say_needed(found: MeasureDifference) -> str:
    """Name a measure that cannot be told apart by so few questions, and say about how many would do."""
    label = MEASURES[found.name].label
    if found.needed is None or found.needed <= found.questions:
        return label
    many = f"about {_round(found.needed):,}" if found.needed <= _MANY_QUESTIONS else f"over {_MANY_QUESTIONS:,}"
    return f"{label} ({many} would do)"


def _round(number: int) -> int:
    """Round up to two figures: it is an estimate."""
    step = int(10 ** max(len(str(number)) - 2, 0))
    return -(-number // step) * step


def _table(comparison: Comparison, pair: PairComparison) -> Table:
    compared = f"{pair.name} compared with {comparison.baseline}"
    title = visible(f"{compared}: {comparison.cases} questions of {comparison.source}")
    table = Table(title=Text(title), title_justify="left", box=SIMPLE_HEAD, padding=0)  # it fits 80 columns
    table.add_column("measure", no_wrap=True)
    for name in ("before", "after", "change", "95% interval", "p", "won/ lost"):  # rich folds the last one's name
        table.add_column(name, justify="right", no_wrap=name != "won/ lost")
    table.add_column("verdict", no_wrap=True)
    for found in pair.measures:
        if found.verdict == "same":
            continue
        low, high = found.interval or (None, None)
        table.add_row(
            MEASURES[found.name].label,
            _written(found, found.first),
            _written(found, found.second),
            _signed(found, found.difference),
            "–" if low is None or high is None else f"{_signed(found, low).rstrip('% ms')} to {_signed(found, high)}",
            "–" if found.p_holm is None else f"{found.p_holm:.3f}",
            "–" if found.wins is None else f"{found.wins}/{found.losses}",
            Text(_VERDICTS[found.verdict], style=_STYLES.get(found.verdict, "")),
        )
    return table


def _written(found: MeasureDifference, value: float) -> str:
    """Write a value; parts of a millisecond only make columns wide."""
    return f"{value:.0f} ms" if found.name.startswith("latency") else MEASURES[found.name].show(value)


def _show_settings(console: Console, baseline: str, pair: PairComparison) -> None:
    """Say how the runs differ in what decided their answers, so that it is clear what is being judged."""
    said = [f"{name} {_setting(one)} → {_setting(other)}" for name, (one, other) in pair.settings.items()]
    what = ", ".join(said) or "nothing: the same settings, model and code"
    console.print(Text(visible(f"Different between {baseline} and {pair.name}: {what}.")))


def _setting(value: ConfigValue) -> str:
    """Write a setting; of a hash, enough to tell it by."""
    written = "none" if value is None else str(value)
    return written[:8] if re.fullmatch("[0-9a-f]{64}", written) else shortened(written, _SETTING_CHARACTERS)


def _signed(found: MeasureDifference, value: float) -> str:
    written = _written(found, abs(value))
    return written if not any(digit in written for digit in "123456789") else f"{'+' if value > 0 else '−'}{written}"


def _show_reading(console: Console, pair: PairComparison) -> None:
    """Say the whole of a table in a few lines, and how to read it."""
    by_verdict: dict[str, list[MeasureDifference]] = {}
    for found in pair.measures:
        by_verdict.setdefault(found.verdict, []).append(found)
    few = by_verdict.get("too few questions", [])

    def labels(verdict: str) -> str:
        return ", ".join(MEASURES[found.name].label for found in by_verdict.get(verdict, ()))

    said = [f"{way} by {labels(way)}" for way in ("better", "worse") if labels(way)]
    nothing = "the same as the first"
    if any(by_verdict.get(verdict) for verdict in ("could be chance", "not judged")):
        nothing = "no difference that could not be chance"
    if few:
        nothing = "too few questions to tell them apart"
    console.print(Text(visible(f"{pair.name}: {'; '.join(said) or nothing}."), style="bold"))
    if few:
        console.print(f"Too few questions to tell: {', '.join(map(say_needed, few))}.", markup=False)
    if labels("same"):
        console.print(f"The same in both: {labels('same')}.", markup=False)
    console.print(_HOW_TO_READ, style="dim")
    console.print()


def _show_changed(console: Console, baseline: str, pair: PairComparison, limit: int) -> None:
    if not pair.changed:
        console.print("No question changed.\n")
        return
    counts = {change: sum(one.change == change for one in pair.changed) for change in _CHANGES}
    said = ", ".join(f"{counts[change]} {words}" for change, words in _CHANGES.items() if counts[change])
    console.print(Text(f"{len(pair.changed)} questions changed: {said}", style="bold"))
    for changed in pair.changed[:limit]:
        console.print()
        console.print(_side_by_side(baseline, pair.name, changed))
    if len(pair.changed) > limit:
        console.print(f"\n… and {len(pair.changed) - limit} more: see --questions or --json.")
    console.print()


def _side_by_side(baseline: str, name: str, changed: ChangedQuestion) -> Table:
    first_line = f"{changed.case_id} ({changed.kind}), {_CHANGES[changed.change]}: {changed.question}"
    heading = Text(visible(first_line), style="bold")
    for earlier in changed.history:
        heading.append(visible(f"\nasked before: {earlier}"), style="not bold")
    for group in changed.evidence:
        heading.append(visible("\nwanted: " + "  or  ".join(f"“{words}”" for words in group)), style="not bold")
    if not changed.answerable:
        heading.append("\nwanted: a refusal", style="not bold")
    for measure, (first, second) in changed.measures.items():
        label = "refused" if measure == REFUSED else MEASURES[measure].label
        heading.append(f"\n{label}: {first:.2f} → {second:.2f}", style="not bold")
    table = Table(title=heading, title_justify="left", box=SIMPLE_HEAD, expand=True)
    for run, side in ((baseline, changed.first), (name, changed.second)):
        table.add_column(Text(visible(f"{run}: {side.status}, {side.confidence:.2f}")), ratio=1, overflow="fold")
    # Where the same is shown, what differs is what was found.
    same = changed.first.citations == changed.second.citations
    table.add_row(*(_passages(side, hits=same) for side in (changed.first, changed.second)))
    return table


def _passages(side: Side, *, hits: bool) -> Text:
    """Write what a run showed, or found where it showed nothing; ✓ stands before what was wanted."""
    if side.error is not None:
        return Text(visible(side.error))
    shown = side.hits if hits or not side.citations else side.citations
    what = "cited" if shown is side.citations else "found"
    lines = Text(f"{what}:" if shown else "nothing was found")
    for number, one in enumerate(shown, start=1):
        lines.append(f"\n{'✓' if one.holds_evidence else '·'} {number}. {_where(one)}", style="bold")
        lines.append(f"\n{visible(shortened(one.text, _PASSAGE_CHARACTERS))}")
    return lines


def _where(one: Shown) -> str:
    return f"{one.section}, {one.speaker}" if one.speaker else one.section
