"""Rank the first hits again by a cross-encoder, which reads question and passage together. Off unless a sweep asks.

The scores stay those of the retriever, so that what depends on how far apart they lie still holds: they change hands.
What was added for a voice that is asked for stays with its passage, as a cross-encoder does not know of voices.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from assistant.finding.encoder import Encoder
from assistant.finding.index import ChunkIndex
from assistant.finding.retriever import Candidate, Evidence, HybridRetriever
from assistant.keeping.store import StoredIndex
from assistant.reading.question import ParsedQuery

#: Scores pairs of a question and a passage, the higher the nearer: `keeping.model.load_cross_encoder` gives one.
ScorePairs = Callable[[list[tuple[str, str]]], list[float]]

RERANKED = 20  # of the first hits


class RerankingRetriever(HybridRetriever):
    """Finds passages as `HybridRetriever` does, and ranks the first again."""

    def __init__(
        self,
        stored: StoredIndex,
        index: ChunkIndex,
        encoder: Encoder,
        weights: Mapping[str, float],
        weights_without_questions: Mapping[str, float],
        *,
        score_pairs: ScorePairs,
    ) -> None:
        super().__init__(stored, index, encoder, weights, weights_without_questions)
        self._score_pairs = score_pairs

    def search(self, asked: ParsedQuery, limit: int) -> Evidence:
        """Give the best passages, best first, at most `limit` of them."""
        found = super().search(asked, limit)
        return replace(found, passages=rerank(asked.text, found.passages, self._score_pairs))


def rerank(question: str, found: Sequence[Candidate], score_pairs: ScorePairs) -> list[Candidate]:
    """Rank the first passages again; the others keep their scores, and so come after those of the same voice."""
    first = list(found[:RERANKED])
    if not first:
        return []
    scores = score_pairs([(question, " ".join([*one.passage.path[-1:], one.passage.text])) for one in first])
    by_pair = sorted(range(len(first)), key=lambda number: -scores[number])
    plain = sorted((one.score - one.parts["asked for"] for one in first), reverse=True)
    again = [
        replace(first[number], score=score + first[number].parts["asked for"])
        for number, score in zip(by_pair, plain, strict=True)
    ]
    return sorted([*again, *found[RERANKED:]], key=lambda one: -one.score)
