"""Find passages: score every passage by meaning and by words, in several ways together.

A passage is compared with the question as a whole, by its single sentences, and by the questions that it is known to
answer; BM25 compares words. A document without known questions is found by the other parts alone.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.embed import Encoder, Vectors
from assistant.index import ChunkIndex, Scores, words_of
from assistant.question import Asked, allows
from assistant.schema import Hit
from assistant.spell import repair
from assistant.store import StoredIndex
from corpus.schema import Passage

#: What each part counts for in a passage's score, tuned on the train and dev cases: docs/decisions/0003.
WEIGHTS = {"passage": 0.1, "sentence": 0.3, "question": 0.7, "questions": 0.5, "words": 0.3}
#: Added for a quote of the speaker who is named, of the role or any quote where one is asked for, and where a voice is.
NAMED, QUOTED, VOICED = 1.0, 0.6, 0.3
_NEAREST = 3  # known questions of a passage whose mean counts as "questions"


@dataclass(frozen=True)
class Scored:
    """A passage with its score, the parts that make it up, and how near each of its sentences is to the question."""

    passage: Passage
    score: float
    parts: dict[str, float]
    sentences: tuple[float, ...]


@dataclass(frozen=True)
class Found:
    """Passages, best first, and what tells whether they answer the question: see `assistant/abstain.py`."""

    passages: list[Scored]
    signals: dict[str, float]


class Retriever(Protocol):
    """Finds passages for a question."""

    def search(self, asked: Asked, limit: int) -> Found:
        """Give the best passages, best first, at most `limit` of them."""
        ...


class HybridRetriever:
    """Scores passages by FAISS and BM25 together."""

    def __init__(self, stored: StoredIndex, index: ChunkIndex, encoder: Encoder) -> None:
        self._index = index
        self._encoder = encoder
        self._chunks = stored.chunks
        self.passages = [passage for document in stored.documents for passage in document.passages]
        number = {passage.id: position for position, passage in enumerate(self.passages)}
        self._owner = np.array([number[chunk.passage_id] for chunk in self._chunks], dtype=np.int64)
        views = np.array([chunk.view for chunk in self._chunks])
        self._view = {view: np.flatnonzero(views == view) for view in ("passage", "sentence", "question")}
        self._speakers = np.array([passage.speaker or "" for passage in self.passages])
        self._known = frozenset(index.spellings)
        self._starts = np.array([chunk.start for chunk in self._chunks], dtype=np.int64)
        self._is_part = views != "passage"
        self._by_owner = np.argsort(self._owner, kind="stable")
        self._first = np.searchsorted(self._owner[self._by_owner], np.arange(len(self.passages) + 1))

    def search(self, asked: Asked, limit: int) -> Found:
        """Give the best passages, best first, at most `limit` of them; filters and the voice asked for hold."""
        embeddings = self._encoder.encode(list(asked.variants))
        by_variant = [self._index.score_by_meaning(row[None, :]) for row in embeddings]
        cosines = np.max(by_variant, axis=0)
        parts = self.parts(cosines, asked.variants)
        plain = np.sum([WEIGHTS[name] * part for name, part in parts.items()], axis=0)
        score = plain + self._asked_for(asked)
        allowed = self._allowed(asked)
        order = [int(position) for position in np.argsort(-score, kind="stable") if allowed[position]][:limit]
        found = [
            Scored(
                passage=self.passages[position],
                score=float(score[position]),
                parts={name: float(part[position]) for name, part in parts.items()},
                sentences=self._score_sentences(position, cosines),
            )
            for position in order
        ]
        if not found:
            return Found([], {})
        quotes_only = asked.wants_quotes or asked.speakers or asked.role
        counted = allowed & (self._speakers != "") if quotes_only else allowed
        counted = counted if counted.any() else allowed
        return Found(
            found, self._signals(asked, embeddings[:1], by_variant[0], parts, np.where(counted, plain, -np.inf))
        )

    def _allowed(self, asked: Asked) -> NDArray[np.bool_]:
        """Tell which passages may be shown: bool (n_passages,)."""
        return np.array(
            [
                asked.filters.allow(passage) and allows(asked, passage.kind, passage.speaker, passage.role)
                for passage in self.passages
            ],
            dtype=bool,
        )

    def _signals(
        self, asked: Asked, embedding: Vectors, cosines: Scores, parts: dict[str, Scores], score: Scores
    ) -> dict[str, float]:
        """Measure how well what may be shown covers the question, beside how near it is to what is not covered.

        `embedding` and `cosines` are those of the main variant alone, so that more variants make nothing surer.
        `score` is -inf for passages that may not be shown.
        """
        words = set(words_of(asked.variants[0]))
        coverage, unknown = self._index.coverage_of(words)
        order = np.argsort(-score)[: int(np.isfinite(score).sum())]
        questions = self._view["question"]
        every = len(questions)
        questions = questions[np.isfinite(score[self._owner[questions]])]
        covered = cosines[questions]
        # A filter leaves few questions. Counted against all, a good one is lost; against the few, any seems good.
        among = float(np.sqrt(max(len(questions), 1) * max(every, 1)))
        uncovered = self._index.score_not_covered(embedding)
        shown = np.isfinite(score)
        return {
            "nearest_question": float(parts["question"][shown].max()),
            "nearest_questions": float(parts["questions"][shown].max()),
            "lead": float(score[order[0]] - score[order[min(9, len(order) - 1)]]),
            "words_covered": float(coverage[order[0]]),
            "words_covered_at_best": float(coverage[order[:5]].max()),
            "words_covered_by_several": float(coverage[order[:5]].mean()),
            "words_unknown": unknown,
            "words": float(len(words)),
            "contrast_of_nearest": _mean_of_top(covered, 1) - _mean_of_top(uncovered, 1),
            "contrast_of_three": _mean_of_top(covered, 3) - _mean_of_top(uncovered, 3),
            "contrast_of_eight": _mean_of_top(covered, 8) - _mean_of_top(uncovered, 8),
            "contrast_narrow": _density(covered, 25, among) - _density(uncovered, 25, len(uncovered)),
            "contrast_wide": _density(covered, 15, among) - _density(uncovered, 15, len(uncovered)),
        }

    def _asked_for(self, asked: Asked) -> Scores:
        """Raise the quotes of whoever is asked for: float32 (n_passages,)."""
        if asked.speakers:
            return np.where(np.isin(self._speakers, asked.speakers), NAMED, 0).astype(np.float32)
        raised = QUOTED if asked.wants_quotes else VOICED if asked.role else 0
        return np.where(self._speakers != "", raised, 0).astype(np.float32)

    def repair(self, question: str) -> str:
        """Give a question with its misspelt words repaired."""
        return repair(question, self._index.spellings, self._known)[0]

    def parts(self, cosines: Scores, variants: tuple[str, ...]) -> dict[str, Scores]:
        """Score every passage in each way: name → float32 (n_passages,)."""
        whole = self._best(cosines, "passage")
        sentence = self._best(cosines, "sentence")
        sentence = np.where(np.isneginf(sentence), whole, sentence)  # a passage of one sentence has no others
        question, questions = self._nearest_questions(cosines)
        fallback = np.maximum(whole, sentence)
        words = np.max([self._index.score_by_words(words_of(variant)) for variant in variants], axis=0)
        return {
            "passage": whole,
            "sentence": sentence,
            "question": np.where(np.isneginf(question), fallback, question),
            "questions": np.where(np.isneginf(questions), fallback, questions),
            "words": words / max(float(words.max(initial=0)), 1e-6),
        }

    def _best(self, scores: Scores, view: str) -> Scores:
        """Give each passage its best chunk's score in one view: float32 (n_passages,), -inf for none."""
        best = np.full(len(self.passages), -np.inf, dtype=np.float32)
        among = self._view[view]
        np.maximum.at(best, self._owner[among], scores[among])
        return best

    def _nearest_questions(self, scores: Scores) -> tuple[Scores, Scores]:
        """Give each passage the best, and the mean of the best few, of the questions it is known to answer."""
        among = self._view["question"]
        order = among[np.lexsort((-scores[among], self._owner[among]))]
        owners = self._owner[order]
        first = np.searchsorted(owners, np.arange(len(self.passages)))
        nearest = np.full((_NEAREST, len(self.passages)), np.nan, dtype=np.float32)
        for rank in range(_NEAREST):
            at = first + rank
            there = at < len(order)
            there[there] = owners[at[there]] == np.flatnonzero(there)
            nearest[rank, there] = scores[order[at[there]]]
        known = ~np.isnan(nearest[0])
        mean = np.full(len(self.passages), -np.inf, dtype=np.float32)
        mean[known] = np.nanmean(nearest[:, known], axis=0)
        return np.where(known, nearest[0], -np.inf).astype(np.float32), mean

    def _score_sentences(self, position: int, cosines: Scores) -> tuple[float, ...]:
        """Give each sentence of a passage the best cosine of the chunks that start in it: -1 for none."""
        mine = self._by_owner[self._first[position] : self._first[position + 1]]
        starts = self._starts[mine]
        scores = []
        for start, end in self.passages[position].sentences:
            inside = mine[(starts >= start) & (starts < end) & self._is_part[mine]]
            scores.append(float(cosines[inside].max(initial=-1)))
        return tuple(scores)


def _mean_of_top(cosines: Scores, count: int) -> float:
    return float(np.sort(cosines)[-count:].mean()) if len(cosines) else 0.0


def _density(cosines: Scores, sharpness: float, among: float) -> float:
    """Give the logarithm of how densely texts stand around a question: a kernel estimate over cosines."""
    if not len(cosines):
        return 0.0
    return float(np.log(np.sum(np.exp(sharpness * (cosines.astype(np.float64) - 1))) / among))


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
