"""Print a comparison in a terminal, for people: what changed, whether that counts, and the questions it changed."""

import re

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.quoting.visible import shortened, visible
from eval.changes import REFUSED, ChangedQuestion, Shown, Side
from eval.compare import Comparison, PairComparison
from eval.measures import MEASURES
from eval.schema import ConfigValue
from eval.wording import CHANGES, HOW_TO_READ, VERDICTS, counted, interval_of, p_of, signed, written

QUESTIONS_SHOWN = 10
_PASSAGE_CHARACTERS = 300
_SETTING_CHARACTERS = 60
_STYLES = {"better": "green", "worse": "red"}


def show_comparison(console: Console, comparison: Comparison, *, questions: int = QUESTIONS_SHOWN) -> None:
    """Print each run beside the first, and the first so many questions that changed."""
    if len(comparison.pairs) > 1:
        console.print(
            f"{len(comparison.pairs)} runs are compared with {visible(comparison.baseline)}; p by "
            f"{comparison.by} is corrected for how many they are (Holm).",
            markup=False,
        )
        console.print()
    for pair in comparison.pairs:
        _show_settings(console, comparison.baseline, pair)
        console.print()
        console.print(Text(visible(f"{_compared(comparison, pair)}.")))
        for number, sentence in enumerate(pair.words):
            console.print(Text(visible(sentence), style="bold" if number == 0 else ""))
        if (table := _table(pair)).row_count:
            console.print(table)
        if same := [MEASURES[found.name].label for found in pair.measures if found.verdict == "same"]:
            console.print(f"The same in both: {', '.join(same)}.", markup=False)
        console.print(HOW_TO_READ, style="dim")
        console.print()
        _show_changed(console, comparison.baseline, pair, questions)


def _compared(comparison: Comparison, pair: PairComparison) -> str:
    asked = f"{counted(comparison.cases, 'question')} of {comparison.source}"
    return f"{pair.name} compared with {comparison.baseline}: {asked}"


def _table(pair: PairComparison) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=0)  # it fits 80 columns
    table.add_column("measure", no_wrap=True)
    for name in ("before", "after", "change", "95% interval", "p", "won/ lost"):  # rich folds the last one's name
        table.add_column(name, justify="right", no_wrap=name != "won/ lost")
    table.add_column("verdict", no_wrap=True)
    for found in sorted(pair.measures, key=lambda one: not one.primary):
        if found.verdict == "same" and not found.primary:
            continue
        table.add_row(
            MEASURES[found.name].label,
            written(found.name, found.first),
            written(found.name, found.second),
            signed(found.name, found.difference),
            interval_of(found),
            p_of(found),
            "–" if found.wins is None else f"{found.wins}/{found.losses}",
            Text(VERDICTS[found.verdict], style=_STYLES.get(found.verdict, "")),
            style="bold" if found.primary else "",
            end_section=found.primary,
        )
    return table


def _show_settings(console: Console, baseline: str, pair: PairComparison) -> None:
    """Say how the runs differ in what decided their answers, so that it is clear what is being judged."""
    said = [f"{name} {_setting(one)} → {_setting(other)}" for name, (one, other) in pair.settings.items()]
    what = ", ".join(said) or "nothing: the same settings, model and code"
    console.print(Text(visible(f"Different between {baseline} and {pair.name}: {what}.")))


def _setting(value: ConfigValue) -> str:
    """Write a setting; of a hash, enough to tell it by."""
    said = "none" if value is None else str(value)
    return said[:8] if re.fullmatch("[0-9a-f]{64}", said) else shortened(said, _SETTING_CHARACTERS)


def _show_changed(console: Console, baseline: str, pair: PairComparison, limit: int) -> None:
    for changed in pair.changed[:limit]:
        console.print(_side_by_side(baseline, pair.name, changed))
        console.print()
    if len(pair.changed) > limit:
        before = (
            f"{limit} of the {len(pair.changed)} questions that changed are shown" if limit else "None of them is shown"
        )
        console.print(f"{before}: see --questions or --json.\n")


def _side_by_side(baseline: str, name: str, changed: ChangedQuestion) -> Table:
    first_line = f"{changed.case_id} ({changed.kind}), {CHANGES[changed.change]}: {changed.question}"
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
