"""Score candidate passages for a question, by meaning and by words, in several ways together.

A passage is compared with the question as a whole, by its single sentences, and by the questions that it is known to
answer; BM25 compares words. A document that nobody has written questions for is scored by the other parts, and by what
stands around each passage: "its lyrics were written by" is about the song that the page before names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.finding.vectors import Numbers, Scores
from corpus.schema import Chunk, Passage

#: What each part counts for, tuned on the train and dev cases: docs/decisions/0003.
WEIGHTS = {"passage": 0.1, "sentence": 0.3, "question": 0.4, "questions": 0.8, "words": 0.3}
#: The same for a document without known questions, chosen on public documents: docs/decisions/0008.
#: They add up to as much, so that passages of both sorts can stand in one list.
WEIGHTS_WITHOUT_QUESTIONS = {"passage": 0.38, "sentence": 0.89, "words": 0.63}
AROUND = 0.3  # of the mean score of the neighbours
NEIGHBOURS = 3  # on each side
_SHARPNESS = 10  # how fast a known question counts less the farther it is
VIEWS = ("passage", "sentence", "question")


@dataclass(frozen=True)
class Pool:
    """The passages that are scored for a question, and their chunks. All numbers are ascending."""

    passages: Numbers
    """Of the library: int64 (n,)."""
    chunks: Numbers
    """Of the index, of these passages: int64 (m,)."""
    owner: Numbers
    """For each chunk, the place of its passage in `passages`: int64 (m,)."""
    views: dict[str, Numbers]
    """For each view, the places of its chunks in `chunks`."""
    parts: list[Numbers]
    """For each of the passages, the places of its chunks that are not the whole of it: its sentences and questions."""


class Scorer:
    """Scores the passages of a pool from the cosines of their chunks and from BM25."""

    def __init__(
        self,
        passages: Sequence[Passage],
        chunks: Sequence[Chunk],
        weights: Mapping[str, float] = WEIGHTS,
        weights_without_questions: Mapping[str, float] = WEIGHTS_WITHOUT_QUESTIONS,
    ) -> None:
        self._weights, self._weights_without_questions = weights, weights_without_questions
        number = {passage.id: position for position, passage in enumerate(passages)}
        self._owner = np.array([number[chunk.passage_id] for chunk in chunks], dtype=np.int64)
        self._views = np.array([VIEWS.index(chunk.view) for chunk in chunks], dtype=np.int8)
        documents = np.array([passage.document_id for passage in passages])
        asked_about = {documents[owner] for owner in self._owner[self._views == VIEWS.index("question")]}
        self._has_questions: NDArray[np.bool_] = np.isin(documents, list(asked_about))
        self._document = np.unique(documents, return_inverse=True)[1] if len(passages) else np.zeros(0, dtype=np.int64)
        by_owner = np.argsort(self._owner, kind="stable")
        self._chunks_by_passage = by_owner
        self._first_chunk = np.searchsorted(self._owner[by_owner], np.arange(len(passages) + 1))
        #: How many known questions there are in all.
        self.n_questions = int((self._views == VIEWS.index("question")).sum())
        self.everything = self.pool(np.arange(len(passages), dtype=np.int64))

    def owners(self, chunks: Numbers) -> Numbers:
        """Give the numbers of the passages that chunks belong to."""
        return np.asarray(self._owner[chunks])

    def chunks_of(self, passages: Numbers) -> Numbers:
        """Give the numbers of all chunks of some passages, ascending."""
        spans = [self._chunks_by_passage[self._first_chunk[one] : self._first_chunk[one + 1]] for one in passages]
        return np.sort(np.concatenate(spans)) if spans else np.zeros(0, dtype=np.int64)

    def pool(self, passages: Numbers) -> Pool:
        """Put passages, ascending numbers of the library, together with their chunks."""
        chunks = self.chunks_of(passages)
        views = self._views[chunks]
        owner = np.searchsorted(passages, self._owner[chunks])
        parts = np.flatnonzero(views != VIEWS.index("passage"))
        parts = parts[np.argsort(owner[parts], kind="stable")]
        ends = np.searchsorted(owner[parts], np.arange(1, len(passages)))
        return Pool(
            passages=passages,
            chunks=chunks,
            owner=owner,
            views={view: np.flatnonzero(views == number) for number, view in enumerate(VIEWS)},
            parts=np.split(parts, ends) if len(passages) else [],
        )

    def with_neighbours(self, passages: Numbers) -> Numbers:
        """Add what stands around passages in their documents, because it decides how they are scored; ascending."""
        steps = np.arange(-NEIGHBOURS, NEIGHBOURS + 1)
        around = (passages[:, None] + steps[None, :]).ravel()
        whose = np.repeat(passages, len(steps))
        there = (around >= 0) & (around < len(self._document))
        around, whose = around[there], whose[there]
        return np.unique(around[self._document[around] == self._document[whose]])

    def has_questions(self, pool: Pool) -> NDArray[np.bool_]:
        """Tell of each passage of a pool whether its document comes with known questions: bool (n,)."""
        return np.asarray(self._has_questions[pool.passages])

    def parts(self, pool: Pool, cosines: Scores, words: Scores) -> dict[str, Scores]:
        """Score every passage of a pool in each way: name → float32 (n,).

        Args:
            pool: What is scored.
            cosines: Of every chunk of the pool to the question, float32 (m,).
            words: BM25 of every passage of the pool, as a share of the best of all passages: float32 (n,).
        """
        whole = _best(pool, cosines, "passage")
        sentence = _best(pool, cosines, "sentence")
        sentence = np.where(np.isneginf(sentence), whole, sentence)  # a passage of one sentence has no others
        whole = np.where(np.isneginf(whole), sentence, whole)  # where only sentences are embedded
        question = _best(pool, cosines, "question")
        fallback = np.maximum(whole, sentence)
        known = ~np.isneginf(question)
        parts = {
            "passage": whole,
            "sentence": sentence,
            "question": np.where(known, question, fallback),
            "questions": np.where(known, _kernel_pooled(pool, cosines), fallback - 1),
            "words": words,
        }
        return {**parts, "around": self._around(pool, _weigh(parts, self._weights_without_questions))}

    def total(self, pool: Pool, parts: dict[str, Scores]) -> Scores:
        """Add the parts up, each by its weight: float32 (n,)."""
        with_questions = _weigh(parts, self._weights)
        plain = _weigh(parts, self._weights_without_questions)
        total: Scores = np.where(self.has_questions(pool), with_questions, plain + AROUND * parts["around"])
        return total.astype(np.float32)

    def _around(self, pool: Pool, scores: Scores) -> Scores:
        """Give the mean score of each passage's neighbours in its document and the pool: float32 (n,), 0 for none."""
        numbers, document = pool.passages, self._document[pool.passages]
        total, count = np.zeros(len(numbers)), np.zeros(len(numbers))
        for step in range(1, NEIGHBOURS + 1):
            for sign in (-1, 1):
                place = np.minimum(np.searchsorted(numbers, numbers + sign * step), len(numbers) - 1)
                there = (numbers[place] == numbers + sign * step) & (document[place] == document)
                total += np.where(there, scores[place], 0)
                count += there
        return np.asarray(total / np.maximum(count, 1), dtype=np.float32)


def _best(pool: Pool, cosines: Scores, view: str) -> Scores:
    """Give each passage its best chunk's score in one view: float32 (n,), -inf for none."""
    best = np.full(len(pool.passages), -np.inf, dtype=np.float32)
    among = pool.views[view]
    np.maximum.at(best, pool.owner[among], cosines[among])
    return best


def _kernel_pooled(pool: Pool, cosines: Scores) -> Scores:
    """Say how near and how many the questions are that a passage is known to answer: float32 (n,).

    One right on it gives 0; several near it give as much as one that is nearer (kernel pooling, as a cosine).
    """
    among = pool.views["question"]
    near = np.exp(_SHARPNESS * (cosines[among].astype(np.float64) - 1))
    total = np.bincount(pool.owner[among], near, minlength=len(pool.passages))
    return (np.log(np.maximum(total, 1e-12)) / _SHARPNESS).astype(np.float32)


def weights_for(has_questions: bool) -> dict[str, float]:
    """Give what each part of a hit's score counts for, with the boost for a voice that is asked for."""
    weights = WEIGHTS if has_questions else {**WEIGHTS_WITHOUT_QUESTIONS, "around": AROUND}
    return {**weights, "boost": 1}


def _weigh(parts: dict[str, Scores], weights: Mapping[str, float]) -> Scores:
    total: Scores = np.sum([weight * parts[name] for name, weight in weights.items()], axis=0, dtype=np.float32)
    return total
