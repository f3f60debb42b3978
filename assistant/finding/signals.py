"""Measure what tells whether the documents answer a question: how well what may be shown covers it.

Two sets of signals: one for documents that come with known questions and counter-questions, one that any document has.
`assistant/answering/confidence.py` makes a confidence of them.
"""

import numpy as np

from assistant.finding.covered import covered_log_odds
from assistant.finding.encoder import Vectors
from assistant.finding.index import ChunkIndex, Scores
from assistant.finding.score import Scorer
from assistant.reading.tokenize import tokenize

Signals = dict[str, float]


def measure_signals(question: str, parts: dict[str, Scores], score: Scores, index: ChunkIndex) -> Signals:
    """Measure the signals that any document has.

    Args:
        question: The main way of asking it, alone: more ways make nothing surer.
        parts: Every passage's score in each way, each float32 (n_passages,).
        score: Their sum, -inf for passages that may not be shown; at least one is finite.
        index: Knows the words of the passages.
    """
    words = set(tokenize(question))
    coverage, unknown = index.coverage_of(words)
    shown = np.isfinite(score)
    order = np.argsort(-score)[: int(shown.sum())]
    return {
        "nearest_passage": float(parts["passage"][shown].max()),
        "nearest_sentence": float(parts["sentence"][shown].max()),
        "lead": float(score[order[0]] - score[order[min(9, len(order) - 1)]]),
        "words_covered": float(coverage[order[0]]),
        "words_covered_at_best": float(coverage[order[:5]].max()),
        "words_covered_by_several": float(coverage[order[:5]].mean()),
        "words_unknown": unknown,
        "words": float(len(words)),
    }


def measure_contrasts(
    embedding: Vectors, cosines: Scores, parts: dict[str, Scores], score: Scores, index: ChunkIndex, scorer: Scorer
) -> Signals:
    """Measure how near a question is to those that are answered, beside how near to those that are not.

    `embedding`, float32 (1, dim), and `cosines`, of every chunk to it, float32 (n_chunks,), are those of the main way
    of asking. The other arguments are those of `measure_signals`.
    """
    questions = scorer.view["question"]
    every = len(questions)
    questions = questions[np.isfinite(score[scorer.owner[questions]])]
    covered = cosines[questions]
    # A filter leaves few questions. Counted against all, a good one is lost; against the few, any seems good.
    among = float(np.sqrt(max(len(questions), 1) * max(every, 1)))
    uncovered = index.score_not_covered(embedding)
    shown = np.isfinite(score)
    return {
        "nearest_question": float(parts["question"][shown].max()),
        "nearest_questions": float(parts["questions"][shown].max()),
        "contrast_of_nearest": _mean_of_top(covered, 1) - _mean_of_top(uncovered, 1),
        "contrast_of_three": _mean_of_top(covered, 3) - _mean_of_top(uncovered, 3),
        "contrast_of_eight": _mean_of_top(covered, 8) - _mean_of_top(uncovered, 8),
        "contrast_narrow": _density(covered, 25, among) - _density(uncovered, 25, len(uncovered)),
        "contrast_wide": _density(covered, 15, among) - _density(uncovered, 15, len(uncovered)),
        "learned": covered_log_odds(embedding),
    }


def _mean_of_top(cosines: Scores, count: int) -> float:
    return float(np.sort(cosines)[-count:].mean()) if len(cosines) else 0.0


def _density(cosines: Scores, sharpness: float, among: float) -> float:
    """Give the logarithm of how densely texts stand around a question: a kernel estimate over cosines."""
    if not len(cosines):
        return 0.0
    return float(np.log(np.sum(np.exp(sharpness * (cosines.astype(np.float64) - 1))) / max(among, 1)))
