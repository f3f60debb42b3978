"""Print a run in a terminal, for people: what each number is and what it means in plain words."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.serving.terminal.console import say
from eval.judge import hits_of, mean, reasons_for_failure
from eval.measures import MEASURES, Measure
from eval.schema import BeirMeasures, Outcome, Run, RunSummary
from eval.wording import counted, say_cut

_FIRST_HITS = 3
_OF_KINDS = {"recall@1": "recall@1", "recall@5": "recall@5", "recall@10": "recall@10", "evidence_shown": "shown"}
WHICH_RECALL = (
    "recall@k: the share of the evidence that the first k hits hold; any alternative of a piece of evidence will do. "
    "R@k: the share of all passages with evidence. Success@k: whether there is any."
)


def show_run(console: Console, run: Run, measures: Sequence[Measure] = tuple(MEASURES.values())) -> None:
    """Print the headline table, the table of kinds, and the errors if there were any."""
    console.print(_headline(run.summary, measures))
    console.print(Text(WHICH_RECALL))
    for sentence in say_cut(run):
        console.print(Text(sentence))
    console.print()
    console.print(_kinds(run))
    for row in run.rows:
        if row.error is not None:
            console.print(Text(f"Error in {row.case_id}: {row.error}", style="red"))


def show_beir_measures(console: Console, found: BeirMeasures) -> None:
    """Print what search is worth on a BEIR corpus."""
    title = f"{found.source}: {counted(found.queries, 'query', 'queries')}, {counted(found.documents, 'document')}"
    table = Table(title=Text(title), title_justify="left", box=SIMPLE_HEAD)
    table.add_column("measure", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    for name, value in found.measures.items():
        table.add_row(MEASURES[name].label, MEASURES[name].show(value))
    console.print(table)
    if found.own_document_left_out:
        console.print(
            Text("A query's own document, the one with its id, is left out, as BEIR does: --keep-own counts it.")
        )


def show_failures(console: Console, run: Run) -> None:
    """Print each case that went wrong: the question, the evidence wanted, the first hits and the status."""
    failures = failures_of(run)
    console.print(Text(f"{len(failures)} of {counted(run.summary.cases, 'case')} went wrong", style="bold"))
    for outcome, reasons in failures:
        console.print()
        console.print(Text(f"{outcome.case.id} ({outcome.case.kind}): {outcome.case.question}", style="bold"))
        for earlier in outcome.case.history:
            _show(console, f"asked before: {earlier}")
        _show(console, f"{outcome.status}, confidence {outcome.confidence:.2f}: {'; '.join(reasons)}")
        if outcome.error is not None:
            _show(console, outcome.error)
        for group in outcome.case.evidence:
            _show(console, "wanted: " + "  or  ".join(f"“{words}”" for words in group))
        if not outcome.case.answerable:
            _show(console, "wanted: a refusal")
        for hit in hits_of(outcome)[:_FIRST_HITS]:
            who = f"{hit.speaker}, " if hit.speaker else ""
            _show(console, f"hit {hit.rank} ({who}{hit.section}, {hit.score:.3f}): {hit.text}")


def failures_of(run: Run) -> list[tuple[Outcome, tuple[str, ...]]]:
    """Give each outcome that went wrong, with the reasons."""
    return [(outcome, reasons) for outcome in run.outcomes if (reasons := reasons_for_failure(outcome))]


def _headline(summary: RunSummary, measures: Sequence[Measure]) -> Table:
    table = Table(title=Text(f"Evaluation on {summary.source}"), title_justify="left", box=SIMPLE_HEAD)
    table.add_column("measure", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("what it means")
    table.add_row("cases", str(summary.cases), "questions asked")
    table.add_row("answerable", str(summary.answerable), "of these, questions that the documents answer")
    table.add_row("errors", str(summary.errors), "questions with an error; without an answer they score zero")
    if summary.missing:
        table.add_row("missing", str(summary.missing), "questions of which the run holds nothing; they score zero")
    for measure in measures:
        table.add_row(measure.label, measure.show(summary.measures.get(measure.name)), measure.meaning)
    return table


def _kinds(run: Run) -> Table:
    # Without bars, and with one space between columns, the longest kind fits a terminal of 80 columns.
    table = Table(title="By kind of question", title_justify="left", box=SIMPLE_HEAD, collapse_padding=True)
    table.add_column("kind", no_wrap=True)
    for heading in ("cases", *_OF_KINDS.values(), "refused"):
        table.add_column(heading, justify="right", no_wrap=True)
    for kind, values in run.summary.kinds.items():
        written = [MEASURES[name].show(values.get(name)) for name in _OF_KINDS]
        refused = mean(float(row.refused) for row in run.rows if row.kind == kind)
        written.append(MEASURES["answerable_refused"].show(refused))
        table.add_row(Text(kind), str(run.summary.kind_sizes[kind]), *written)
    return table


def _show(console: Console, words: str) -> None:
    say(console, words, indent=2)
