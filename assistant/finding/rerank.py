"""Rank the first candidates again by a cross-encoder, which reads question and passage together. Only a sweep asks.

The scores stay those of the retriever, so that what depends on how far apart they lie still holds: they change hands.
The boost for a voice that is asked for stays with its passage, as a cross-encoder does not know of voices.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from assistant.finding.retriever import Candidate

#: Scores pairs of a question and a passage, the higher the nearer: `keeping.model.load_cross_encoder` gives one.
ScorePairs = Callable[[list[tuple[str, str]]], list[float]]

RERANKED = 20  # of the first candidates


@dataclass(frozen=True)
class PairReranker:
    """Ranks by a score of question and passage together."""

    score_pairs: ScorePairs

    def rerank(self, question: str, candidates: list[Candidate]) -> list[Candidate]:
        """Rank the first candidates again; the others keep their scores, and so come after those of the same voice."""
        first = candidates[:RERANKED]
        if not first:
            return []
        scores = self.score_pairs([(question, " ".join([*one.passage.path[-1:], one.passage.text])) for one in first])
        by_pair = sorted(range(len(first)), key=lambda number: -scores[number])
        plain = sorted((one.score - one.parts["boost"] for one in first), reverse=True)
        again = [
            replace(first[number], score=score + first[number].parts["boost"])
            for number, score in zip(by_pair, plain, strict=True)
        ]
        return sorted([*again, *candidates[RERANKED:]], key=lambda one: -one.score)
