"""Measure refusals and confidence over the rows of a run: values that single questions do not have.

A question without an answer, because it ended in an error or is missing, never helps: it counts as a wrong refusal,
loses every comparison of confidence, and has the full calibration error of 1.
"""

from collections.abc import Sequence

import numpy as np

from eval.schema import Bin, QueryRow

CALIBRATION_BINS = 10


def corpus_measures(rows: Sequence[QueryRow]) -> dict[str, float | None]:
    """Compute the measures of refusals, confidence and latency; None where there is nothing to judge."""
    refused = [row for row in rows if row.refused or not row.has_answer]
    unanswerable = [row for row in rows if not row.answerable]
    right = sum(row.refused for row in unanswerable)
    return {
        "refusal_precision": right / len(refused) if refused else None,
        "refusal_recall": right / len(unanswerable) if unanswerable else None,
        "AUROC": auroc(
            [row.confidence if row.has_answer else -np.inf for row in rows if row.answerable],
            [row.confidence if row.has_answer else np.inf for row in unanswerable],
        ),
        "ECE": calibration_error(rows),
        **{f"latency_{name}": value for name, value in latencies(rows).items()},
    }


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """Give the chance that a positive scores above a negative, a tie counting as half: 0.5 is a coin's.

    Source: the area under the ROC curve as the Mann–Whitney statistic; Hanley and McNeil (1982).
    """
    if not positives or not negatives:
        return None
    ordered = np.sort(negatives)
    below = np.searchsorted(ordered, positives, side="left").sum()
    at_most = np.searchsorted(ordered, positives, side="right").sum()
    return float((below + at_most) / 2 / (len(positives) * len(negatives)))


def calibration_error(rows: Sequence[QueryRow]) -> float | None:
    """Give the expected calibration error of the answers, with an error of 1 for each question without one."""
    if not rows:
        return None
    answered = [row for row in rows if row.has_answer]
    error = expected_calibration_error([row.confidence for row in answered], [row.supported for row in answered])
    return (error * len(answered) + len(rows) - len(answered)) / len(rows)


def expected_calibration_error(confidences: Sequence[float], supported: Sequence[bool]) -> float:
    """Give how far confidence is from the share that is supported, on average over cases; 0 for no cases.

    Source: Naeini, Cooper and Hauskrecht (2015).
    """
    found = [one for one in reliability(confidences, supported) if one.count]
    total = sum(one.count for one in found)
    return sum(one.count * abs((one.confidence or 0) - (one.supported or 0)) for one in found) / max(total, 1)


def reliability(confidences: Sequence[float], supported: Sequence[bool]) -> tuple[Bin, ...]:
    """Sort answers into ten bins of equal width by their confidence: the reliability curve.

    A bin holds its lower edge; the last one holds 1 too.
    """
    # The product is rounded so that 0.3, say, falls into the bin that starts at 0.3 whatever its last binary digit.
    places = [min(int(round(confidence * CALIBRATION_BINS, 9)), CALIBRATION_BINS - 1) for confidence in confidences]
    bins = []
    for number in range(CALIBRATION_BINS):
        members = [position for position, place in enumerate(places) if place == number]
        count = len(members)
        bins.append(
            Bin(
                lower=number / CALIBRATION_BINS,
                upper=(number + 1) / CALIBRATION_BINS,
                count=count,
                confidence=sum(confidences[one] for one in members) / count if count else None,
                supported=sum(supported[one] for one in members) / count if count else None,
            )
        )
    return tuple(bins)


def latencies(rows: Sequence[QueryRow]) -> dict[str, float | None]:
    """Give percentiles of the time that an answer took, in ms; questions without an answer are left out."""
    known = [row.latency_ms for row in rows if row.has_answer and row.latency_ms is not None]
    return {f"p{percent}": float(np.percentile(known, percent)) if known else None for percent in (50, 95, 99)}
