"""Find passages: score every chunk by meaning and by words, and every passage by its best chunks together."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.embed import Encoder
from assistant.index import ChunkIndex, words_of
from assistant.question import Asked, allows
from assistant.schema import Hit
from assistant.store import StoredIndex
from corpus.schema import Passage

#: What each part counts for in a passage's score. Tuned on the train and dev cases: docs/decisions/0004.
WEIGHTS = {"meaning_passage": 0.5, "meaning_sentence": 0.5, "words_passage": 0.2, "words_sentence": 0.1}


@dataclass(frozen=True)
class Scored:
    """A passage with its score, the parts that make it up, and its best sentence as a span of the document."""

    passage: Passage
    score: float
    parts: dict[str, float]
    best_span: tuple[int, int]


class Retriever(Protocol):
    """Finds passages for a question."""

    def search(self, asked: Asked, limit: int) -> list[Scored]:
        """Give the best passages, best first, at most `limit` of them."""
        ...


class HybridRetriever:
    """Scores passages by FAISS and BM25 together, over their whole text and their single sentences."""

    def __init__(self, stored: StoredIndex, index: ChunkIndex, encoder: Encoder) -> None:
        self._index = index
        self._encoder = encoder
        self._chunks = stored.chunks
        self._passages = [passage for document in stored.documents for passage in document.passages]
        number = {passage.id: position for position, passage in enumerate(self._passages)}
        self._owner = np.array([number[chunk.passage_id] for chunk in self._chunks], dtype=np.int64)
        self._is_sentence = np.array([chunk.view == "sentence" for chunk in self._chunks], dtype=bool)

    def search(self, asked: Asked, limit: int) -> list[Scored]:
        """Give the best passages, best first, at most `limit` of them; filters and the voice asked for hold."""
        meaning = self._index.score_by_meaning(self._encoder.encode([asked.text]))
        words = self._index.score_by_words(words_of(asked.text))
        words = words / max(float(words.max(initial=0)), 1e-6)
        parts = {
            "meaning_passage": self._best(meaning, ~self._is_sentence),
            "meaning_sentence": self._best(meaning, self._is_sentence),
            "words_passage": self._best(words, ~self._is_sentence),
            "words_sentence": self._best(words, self._is_sentence),
        }
        for view in ("meaning", "words"):  # a passage of one sentence has no sentence chunks of its own
            whole, sentence = parts[f"{view}_passage"], parts[f"{view}_sentence"]
            parts[f"{view}_sentence"] = np.where(np.isneginf(sentence), whole, sentence)
        score = np.sum([WEIGHTS[name] * part for name, part in parts.items()], axis=0)
        order = np.argsort(-score, kind="stable")
        found: list[Scored] = []
        for position in order:
            passage = self._passages[position]
            if asked.filters.allow(passage) and allows(asked, passage.kind, passage.speaker, passage.role):
                found.append(
                    Scored(
                        passage=passage,
                        score=float(score[position]),
                        parts={name: float(part[position]) for name, part in parts.items()},
                        best_span=self._best_span(int(position), meaning + 0.3 * words),
                    )
                )
                if len(found) == limit:
                    break
        return found

    def _best(self, scores: NDArray[np.float32], among: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Give each passage its best chunk's score among some chunks: float32 (n_passages,), -inf for none."""
        best = np.full(len(self._passages), -np.inf, dtype=np.float32)
        np.maximum.at(best, self._owner[among], scores[among])
        return best

    def _best_span(self, position: int, scores: NDArray[np.float32]) -> tuple[int, int]:
        mine = np.flatnonzero((self._owner == position) & self._is_sentence)
        if not len(mine):
            passage = self._passages[position]
            return passage.start, passage.end
        chunk = self._chunks[int(mine[int(np.argmax(scores[mine]))])]
        return chunk.start, chunk.end


def hits_of(found: list[Scored]) -> tuple[Hit, ...]:
    """Number the passages found."""
    return tuple(
        Hit(
            rank=rank,
            score=round(scored.score, 6),
            passage_id=scored.passage.id,
            document_id=scored.passage.document_id,
            section=scored.passage.section,
            start=scored.passage.start,
            end=scored.passage.end,
            text=scored.passage.text,
            kind=scored.passage.kind,
            speaker=scored.passage.speaker,
            role=scored.passage.role,
        )
        for rank, scored in enumerate(found, start=1)
    )
