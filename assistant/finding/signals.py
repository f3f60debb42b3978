"""Measure what tells whether the documents answer a question: how well what may be shown covers it.

Three sets of signals: those that any document has, those of documents that come with known questions and
counter-questions, and those of a network that was learned for a document. `answering/confidence.py` makes a confidence
of them.
"""

import numpy as np

from assistant.finding.bm25 import WordScores
from assistant.finding.score import Pool
from assistant.finding.vectors import Scores
from assistant.reading.tokenize import tokenize

Signals = dict[str, float]


def measure_signals(
    question: str, pool: Pool, parts: dict[str, Scores], score: Scores, words_of_passages: WordScores
) -> Signals:
    """Measure the signals that any document has.

    Args:
        question: The main way of asking it, alone: more ways make nothing surer.
        pool: The passages that were scored.
        parts: Each one's score in each way, each float32 (n,).
        score: Their sum, -inf for passages that may not be shown; at least one is finite.
        words_of_passages: Knows the words of the passages.
    """
    words = set(tokenize(question))
    shown = np.isfinite(score)
    order = np.argsort(-score)[: int(shown.sum())]
    coverage, unknown = words_of_passages.coverage(words, pool.passages[order[:5]])
    return {
        "nearest_passage": float(parts["passage"][shown].max()),
        "nearest_sentence": float(parts["sentence"][shown].max()),
        "margin": float(score[order[0]] - score[order[min(9, len(order) - 1)]]),
        "words_covered": float(coverage[0]),
        "words_covered_at_best": float(coverage.max()),
        "words_covered_by_several": float(coverage.mean()),
        "words_unknown": unknown,
        "words": float(len(words)),
    }


def measure_contrasts(
    cosines: Scores, uncovered: Scores, pool: Pool, parts: dict[str, Scores], score: Scores, n_questions: int
) -> Signals:
    """Measure how near a question is to those that are answered, beside how near to those that are not.

    Args:
        cosines: Of every chunk of the pool to the main way of asking, float32 (m,).
        uncovered: Of every question that is known not to be answered, float32 (n_uncovered,).
        pool: The passages that were scored.
        parts: Each one's score in each way, each float32 (n,).
        score: Their sum, -inf for passages that may not be shown.
        n_questions: How many known questions there are in all.
    """
    shown = np.isfinite(score)
    questions = pool.views["question"]
    questions = questions[shown[pool.owner[questions]]]
    covered = cosines[questions]
    # A filter leaves few questions. Counted against all, a good one is lost; against the few, any seems good.
    among = float(np.sqrt(max(len(questions), 1) * max(n_questions, 1)))
    return {
        "nearest_question": float(parts["question"][shown].max()),
        "nearest_questions": float(parts["questions"][shown].max()),
        "contrast_of_nearest": _mean_of_top(covered, 1) - _mean_of_top(uncovered, 1),
        "contrast_of_three": _mean_of_top(covered, 3) - _mean_of_top(uncovered, 3),
        "contrast_of_eight": _mean_of_top(covered, 8) - _mean_of_top(uncovered, 8),
        "contrast_narrow": _density(covered, 25, among) - _density(uncovered, 25, len(uncovered)),
        "contrast_wide": _density(covered, 15, among) - _density(uncovered, 15, len(uncovered)),
    }


def _mean_of_top(cosines: Scores, count: int) -> float:
    return float(np.sort(cosines)[-count:].mean()) if len(cosines) else 0.0


def _density(cosines: Scores, sharpness: float, among: float) -> float:
    """Give the logarithm of how densely texts stand around a question: a kernel estimate over cosines."""
    if not len(cosines):
        return 0.0
    return float(np.log(np.sum(np.exp(sharpness * (cosines.astype(np.float64) - 1))) / max(among, 1)))
