"""Measure whole runs over any questions drawn from them: fast enough to be done a thousand times.

The definitions are those of `eval/confidence.py`, which is written to be read; a test holds the two together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from eval.confidence import CALIBRATION_BINS
from eval.schema import Run
from eval.statistics import Interval, corpus_interval

Numbers = NDArray[np.intp]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Columns:
    """A run's rows as columns, each of shape (n_questions,)."""

    answerable: Flags
    has_answer: Flags
    refused: Flags
    supported: Flags
    confidence: Floats
    latency_ms: Floats
    """Not a number where there is none."""

    @classmethod
    def from_run(cls, run: Run) -> "Columns":
        """Read the rows of a complete run in the order of its cases' ids, which runs of the same cases share."""
        rows = sorted(run.rows, key=lambda row: row.case_id)
        known = [row.latency_ms if row.has_answer and row.latency_ms is not None else np.nan for row in rows]
        return cls(
            answerable=np.array([row.answerable for row in rows], dtype=bool),
            has_answer=np.array([row.has_answer for row in rows], dtype=bool),
            refused=np.array([row.refused for row in rows], dtype=bool),
            supported=np.array([row.supported for row in rows], dtype=bool),
            confidence=np.array([row.confidence for row in rows], dtype=np.float64),
            latency_ms=np.array(known, dtype=np.float64),
        )

    @property
    def every(self) -> Numbers:
        """The number of every question."""
        return np.arange(len(self.answerable))


Compute = Callable[[Columns, Numbers], float | None]


def auroc(columns: Columns, drawn: Numbers) -> float | None:
    """Give the area under the ROC curve of confidence, from ranks; a question without an answer loses every pair."""
    positive, has_answer = columns.answerable[drawn], columns.has_answer[drawn]
    positives = int(positive.sum())
    negatives = len(drawn) - positives
    if not positives or not negatives:
        return None
    scores = np.where(has_answer, columns.confidence[drawn], np.where(positive, -np.inf, np.inf))
    above = rankdata(scores)[positive].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


def calibration_error(columns: Columns, drawn: Numbers) -> float | None:
    """Give the expected calibration error, with an error of 1 for each question without an answer."""
    if not len(drawn):
        return None
    answered = drawn[columns.has_answer[drawn]]
    confidence = columns.confidence[answered]
    bins = np.minimum(np.round(confidence * CALIBRATION_BINS, 9).astype(int), CALIBRATION_BINS - 1)
    gaps = np.bincount(bins, weights=confidence - columns.supported[answered], minlength=CALIBRATION_BINS)
    return float((np.abs(gaps).sum() + len(drawn) - len(answered)) / len(drawn))


def refusal_precision(columns: Columns, drawn: Numbers) -> float | None:
    """Give, of the questions that got no answer, the share rightly refused."""
    refused = columns.refused[drawn] | ~columns.has_answer[drawn]
    right = columns.refused[drawn] & ~columns.answerable[drawn]
    return float(right.sum() / refused.sum()) if refused.any() else None


def refusal_recall(columns: Columns, drawn: Numbers) -> float | None:
    """Give, of the questions that the documents do not answer, the share refused."""
    unanswerable = ~columns.answerable[drawn]
    return float(columns.refused[drawn][unanswerable].mean()) if unanswerable.any() else None


def latency(percent: float) -> Compute:
    """Make a measure: a percentile of the time that an answer took, in milliseconds."""

    def compute(columns: Columns, drawn: Numbers) -> float | None:
        known = columns.latency_ms[drawn]
        known = known[~np.isnan(known)]
        return float(np.percentile(known, percent)) if len(known) else None

    return compute


#: Name of a measure that single questions do not have → how it is computed.
COMPUTE: dict[str, Compute] = {
    "refusal_precision": refusal_precision,
    "refusal_recall": refusal_recall,
    "AUROC": auroc,
    "ECE": calibration_error,
    "latency_p50": latency(50),
    "latency_p95": latency(95),
    "latency_p99": latency(99),
}


def difference_interval(first: Columns, second: Columns, compute: Compute, *, seed: int) -> Interval | None:
    """Give the 95% interval of a measure's difference between two runs of the same questions.

    None where it cannot be told: a draw without a single refusal has no precision of refusing.
    """
    if all(np.array_equal(vars(first)[name], vars(second)[name], equal_nan=True) for name in vars(first)):
        return Interval(0.0, 0.0)
    undefined = False

    def difference(drawn: Numbers) -> float:
        nonlocal undefined
        one, other = compute(first, drawn), compute(second, drawn)
        if one is None or other is None:
            undefined = True
            return 0.0
        return other - one

    strata = [first.every[first.answerable], first.every[~first.answerable]]
    found = corpus_interval(strata, difference, seed=seed)
    return None if undefined else found


def swapped(
    first: Columns, second: Columns, computes: Mapping[str, Compute], signs: Floats
) -> dict[str, tuple[float, Floats]]:
    """Give how measures differ between two runs, and how they would with answers swapped.

    Were the runs equally good, the answer of the one to a question might as well be the other's.

    Args:
        first: A run.
        second: Another of the same questions.
        computes: Name → measure.
        signs: -1 where the answers to a question are swapped, shape (n_draws, n_questions).

    Returns:
        Name → the difference, and that of each draw, shape (n_draws,); 0 where a draw has no value.
    """
    ones, others = vars(first), vars(second)
    changed = [name for name in ones if not np.array_equal(ones[name], others[name], equal_nan=True)]
    found = {name: np.zeros(len(signs)) for name in computes}
    for number, swap in enumerate(signs < 0):
        one = replace(first, **{name: np.where(swap, others[name], ones[name]) for name in changed})
        other = replace(second, **{name: np.where(swap, ones[name], others[name]) for name in changed})
        for name, compute in computes.items():
            found[name][number] = _difference(one, other, compute)
    return {name: (_difference(first, second, compute), found[name]) for name, compute in computes.items()}


def _difference(one: Columns, other: Columns, compute: Compute) -> float:
    before, after = compute(one, one.every), compute(other, other.every)
    return 0.0 if before is None or after is None else after - before
