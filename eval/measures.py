"""The list of measures: what each is called, what it means in plain words, and how its values are written.

Terminal, CSV, comparison, gate and page all read this one list. The values are computed in `eval/rank.py`,
`eval/spans.py`, `eval/confidence.py`, and put together in `eval/judge.py`.

Three measures are called recall in the field, and all are here under names of their own. `recall@k` is the share of
the evidence wanted that the first k hits hold: any alternative of a piece of evidence will do. `Success@k` is 1 as
soon as any relevant passage is among the first k: it would call half an answer whole. `R@k` is the share of all
relevant passages among the first k: it asks for every alternative, though one is enough.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from corpus.errors import UnknownName

#: Evidence must stand among this many citations to count as shown: people read no further.
FIRST_CITATIONS = 6
LONG_ANSWER_WORDS = 300


@dataclass(frozen=True)
class Measure:
    """One measure."""

    name: str
    label: str
    """How people see it: short, in a table's first column."""
    meaning: str
    """What it means, in plain words: half a sentence."""
    higher_is_better: bool | None
    """None: neither way is better in itself."""
    per_question: bool
    """Whether each question has a value; the run's is then their mean, over the questions that have one."""
    format: Callable[[float], str]

    def show(self, value: float | None) -> str:
        """Write a value for people; a dash where there is none."""
        return "–" if value is None else self.format(value)


def _percent(value: float) -> str:
    return f"{100 * value:.1f}%"


def _number(value: float) -> str:
    return f"{value:.3f}"


def _whole(value: float) -> str:
    return f"{value:.0f}"


def _milliseconds(value: float) -> str:
    return f"{value:.1f} ms"


def _share(name: str, meaning: str, label: str = "", *, better: bool | None = True, whole: bool = False) -> Measure:
    """Make a measure that is a share; `whole`: only a whole run has it, no single question."""
    return Measure(name, label or name, meaning, better, not whole, _percent)


_ALL = (
    _share("recall@1", "of the evidence wanted, how much the first hit holds"),
    _share("recall@5", "of the evidence wanted, how much the first 5 hits hold"),
    _share("recall@10", "of the evidence wanted, how much the first 10 hits hold"),
    _share("R@1", "of all passages with evidence, the share found at rank 1"),
    _share("R@5", "of all passages with evidence, the share among the first 5"),
    _share("R@10", "of all passages with evidence, the share among the first 10"),
    _share("Success@5", "questions with any evidence among the first 5 hits"),
    Measure(
        "nDCG@10", "nDCG@10", "how high passages with evidence stand in the first 10; 1 is best", True, True, _number
    ),
    Measure("RR@10", "RR@10", "one over the rank of the first passage with evidence, up to 10", True, True, _number),
    Measure("AP", "AP", "average precision: all passages with evidence found, and high up", True, True, _number),
    _share("Judged@10", "of the first 10 hits, those in the qrels, which list only evidence", better=None),
    _share("span_recall@5", "of the evidence's characters, those in the first 5 hits", "span recall@5"),
    _share("span_precision@5", "of the first 5 hits' characters, those that are evidence", "span precision@5"),
    _share("span_iou@5", "of the characters in evidence or first 5 hits, those in both", "span IoU@5"),
    _share("evidence_shown", "of the evidence wanted, how much the first 6 citations hold", "evidence shown"),
    _share("first_citation", "questions whose first citation shows evidence", "first citation right"),
    _share("citation_precision", "of the characters cited, those that are evidence", "citation precision"),
    _share("citation_recall", "of the evidence's characters, those that are cited", "citation recall"),
    _share("verbatim", "citations that are exact words of the documents; below 100% is a fault"),
    _share("speaker", "questions for one speaker or side: quotes shown, all of theirs", "right voice"),
    _share("section", "questions where some citation stands in the section wanted", "right section"),
    _share("filter_leakage", "asked with filters: of what came, what they forbid", "filter leakage", better=False),
    _share(
        "answerable_refused", "questions that the documents answer, but got no answer", "wrongly refused", better=False
    ),
    _share("refusal_precision", "of the questions refused, those that have no answer", "refusal precision", whole=True),
    _share("refusal_recall", "of the questions that have no answer, those refused", "refusal recall", whole=True),
    Measure(
        "AUROC",
        "AUROC",
        "how well confidence tells answerable from not: 1 is perfect, 0.5 is a coin",
        True,
        False,
        _number,
    ),
    Measure("ECE", "calibration error", "how far confidence is from the share supported", False, False, _number),
    Measure("citations", "citations", "in an answer, on average", None, True, _number),
    Measure("words", "words", "quoted in an answer, on average", None, True, _whole),
    _share("over_300", "answers that quote more than people will read", "over 300 words", better=False),
    Measure("latency_p50", "latency p50", "half of the answers came within this time", False, False, _milliseconds),
    Measure("latency_p95", "latency p95", "95 of 100 answers came within this time", False, False, _milliseconds),
    Measure("latency_p99", "latency p99", "99 of 100 answers came within this time", False, False, _milliseconds),
)

#: Name → measure, in the order in which they are shown.
MEASURES: dict[str, Measure] = {measure.name: measure for measure in _ALL}

#: The measure that decides where nobody says another; the second one where runs do not have the first.
PRIMARY, PRIMARY_OF_RANKINGS = "recall@5", "nDCG@10"
#: Measures that are much the same thing: how tables are parted, and what is corrected for together.
FAMILIES: dict[str, tuple[str, ...]] = {
    "What was found": (
        *("recall@1", "recall@5", "recall@10", "Success@5", "R@1", "R@5", "R@10", "nDCG@10", "RR@10", "AP"),
        *("Judged@10", "span_recall@5", "span_precision@5", "span_iou@5"),
    ),
    "What was shown": (
        *("evidence_shown", "first_citation", "citation_recall", "citation_precision"),
        *("verbatim", "speaker", "section", "filter_leakage", "citations", "words", "over_300"),
    ),
    "What was refused, and how sure it was": (
        *("answerable_refused", "refusal_recall", "refusal_precision", "AUROC", "ECE"),
    ),
    "How long it took": ("latency_p50", "latency_p95", "latency_p99"),
}


def measures_named(names: Iterable[str]) -> tuple[Measure, ...]:
    """Find measures by their names, whatever the capitals.

    Raises:
        UnknownName: there is no such measure; the message lists those that exist.
    """
    known = {name.casefold(): measure for name, measure in MEASURES.items()}
    found = []
    for name in names:
        if name.strip().casefold() not in known:
            raise UnknownName(f"there is no measure {name.strip()!r}. There are: {', '.join(MEASURES)}.")
        found.append(known[name.strip().casefold()])
    return tuple(found)


def measure_named(name: str | None) -> Measure | None:
    """Find a measure by its name; None for None. Raises UnknownName."""
    return None if name is None else measures_named([name])[0]


def chosen_measures(names: str | None) -> tuple[Measure, ...]:
    """Find the measures of a list with commas between; all of them for None. Raises UnknownName."""
    return tuple(MEASURES.values()) if names is None else measures_named(names.split(","))
