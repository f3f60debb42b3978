"""Print an evaluation in a terminal, for people: what each number is and what it means in plain words."""

from collections.abc import Callable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from eval.measures import hits_of
from eval.schema import Evaluation, Measures, Outcome

_FIRST_HITS = 3


def _percent(value: float) -> str:
    return f"{100 * value:.1f}%"


def _number(value: float) -> str:
    return f"{value:.3f}"


def _whole(value: float) -> str:
    return f"{value:.0f}"


def _milliseconds(value: float) -> str:
    return f"{value:.1f} ms"


#: Field of `Measures` → its name, how it is written, and what it means.
ROWS: dict[str, tuple[str, Callable[[float], str], str]] = {
    "cases": ("cases", _whole, "questions asked"),
    "answerable": ("answerable", _whole, "of these, questions that the report answers"),
    "errors": ("errors", _whole, "questions that ended in an error; counted as refused"),
    "recall_at_1": ("recall@1", _percent, "of the evidence wanted, how much the first hit holds"),
    "recall_at_5": ("recall@5", _percent, "how much the first 5 hits hold"),
    "recall_at_10": ("recall@10", _percent, "how much the first 10 hits hold"),
    "ndcg_at_10": ("nDCG@10", _number, "how high the right passages stand in the first 10 hits; 1 is best"),
    "evidence_in_answer": ("in the answer", _percent, "how much of the evidence the first 6 citations show"),
    "verbatim_rate": ("verbatim", _percent, "citations that are exact words of the report; below 100% is a fault"),
    "speaker_accuracy": ("right voice", _percent, "of questions for one speaker or side: quotes shown, all of theirs"),
    "refused": ("refused", _percent, "questions that got no answer, rightly or wrongly"),
    "refused_unanswerable": ("rightly refused", _percent, "of questions the report does not answer; high is good"),
    "refused_answerable": ("wrongly refused", _percent, "of questions the report does answer; low is good"),
    "confidence_auroc": (
        "AUROC",
        _number,
        "how well confidence tells answerable from not: 1 is perfect, 0.5 is a coin",
    ),
    "calibration_error": ("calibration error", _number, "how far confidence is from the share supported; 0 is best"),
    "answer_words_median": ("words", _whole, "quoted in an answer; half of the answers have more"),
    "answers_over_300_words": ("over 300 words", _percent, "answers that quote more than people will read"),
    "latency_ms_p50": ("latency p50", _milliseconds, "half of the answers came within this time"),
    "latency_ms_p95": ("latency p95", _milliseconds, "95 of 100 answers came within this time"),
}


def show_evaluation(console: Console, evaluation: Evaluation) -> None:
    """Print the headline table, the table of kinds, and the errors if there were any."""
    console.print(_headline(evaluation))
    console.print()
    console.print(_kinds(evaluation))
    for case_id, error in evaluation.errors.items():
        console.print(Text(f"Error in {case_id}: {error}", style="red"))


def show_failures(console: Console, evaluation: Evaluation, outcomes: Sequence[Outcome]) -> None:
    """Print each case that went wrong: the question, the evidence wanted, the first hits and the status."""
    by_id = {outcome.case.id: outcome for outcome in outcomes}
    console.print(Text(f"{len(evaluation.failures)} of {evaluation.measures.cases} cases went wrong", style="bold"))
    for failure in evaluation.failures:
        outcome = by_id[failure.id]
        console.print()
        console.print(Text(f"{failure.id} ({outcome.case.kind}): {failure.question}", style="bold"))
        for earlier in outcome.case.history:
            _show(console, f"asked before: {earlier}")
        _show(console, f"{failure.status}, confidence {outcome.confidence:.2f}: {'; '.join(failure.reasons)}")
        if failure.error is not None:
            _show(console, failure.error)
        for group in outcome.case.evidence:
            _show(console, "wanted: " + "  or  ".join(f"“{words}”" for words in group))
        if not outcome.case.answerable:
            _show(console, "wanted: a refusal")
        for hit in hits_of(outcome)[:_FIRST_HITS]:
            who = f"{hit.speaker}, " if hit.speaker else ""
            _show(console, f"hit {hit.rank} ({who}{hit.section}, {hit.score:.3f}): {hit.text}")


def _headline(evaluation: Evaluation) -> Table:
    table = Table(title=Text(f"Evaluation on {evaluation.source}"), title_justify="left", box=SIMPLE_HEAD)
    table.add_column("measure", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("what it means")
    for field, (name, _, meaning) in ROWS.items():
        table.add_row(name, _value(evaluation.measures, field), meaning)
    return table


def _kinds(evaluation: Evaluation) -> Table:
    fields = ("cases", "recall_at_1", "recall_at_5", "recall_at_10", "evidence_in_answer", "refused")
    # Without bars, and with one space between columns, the longest kind fits a terminal of 80 columns.
    table = Table(title="By kind of question", title_justify="left", box=SIMPLE_HEAD, collapse_padding=True)
    table.add_column("kind", no_wrap=True)
    for field in fields:
        # Only the last names may wrap; rich would otherwise cut one that is a single word.
        table.add_column(ROWS[field][0], justify="right", no_wrap=" " not in ROWS[field][0])
    for kind, measures in evaluation.kinds.items():
        table.add_row(Text(kind), *(_value(measures, field) for field in fields))
    return table


def _value(measures: Measures, field: str) -> str:
    value = getattr(measures, field)
    return "–" if value is None else ROWS[field][1](value)


def _show(console: Console, words: str) -> None:
    console.print(Padding(Text(words), (0, 0, 0, 2)))
