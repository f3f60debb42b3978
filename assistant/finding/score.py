"""Score every passage for a question, by meaning and by words, in several ways together.

A passage is compared with the question as a whole, by its single sentences, and by the questions that it is known to
answer; BM25 compares words. A document that nobody has written questions for is scored by the other parts, and by what
stands around each passage: "its lyrics were written by" is about the song that the page before names.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from assistant.finding.index import Scores
from corpus.schema import Chunk, Passage

#: What each part counts for, tuned on the train and dev cases: docs/decisions/0003.
WEIGHTS = {"passage": 0.1, "sentence": 0.3, "question": 0.4, "questions": 0.8, "words": 0.3}
#: The same for a document without known questions, chosen on public documents: docs/decisions/0008.
#: They add up to as much, so that passages of both sorts can stand in one list.
WEIGHTS_WITHOUT_QUESTIONS = {"passage": 0.38, "sentence": 0.89, "words": 0.63}
AROUND = 0.3  # of the mean score of the neighbours
_NEIGHBOURS = 3  # on each side
_SHARPNESS = 10  # how fast a known question counts less the farther it is


class Scorer:
    """Scores passages from the cosines of their chunks and from BM25."""

    def __init__(
        self,
        passages: list[Passage],
        chunks: tuple[Chunk, ...],
        weights: Mapping[str, float] = WEIGHTS,
        weights_without_questions: Mapping[str, float] = WEIGHTS_WITHOUT_QUESTIONS,
    ) -> None:
        self._weights, self._weights_without_questions = weights, weights_without_questions
        number = {passage.id: position for position, passage in enumerate(passages)}
        self.size = len(passages)
        self.owner = np.array([number[chunk.passage_id] for chunk in chunks], dtype=np.int64)
        views = np.array([chunk.view for chunk in chunks])
        self.view = {view: np.flatnonzero(views == view) for view in ("passage", "sentence", "question")}
        documents = np.array([passage.document_id for passage in passages])
        asked_about = {documents[owner] for owner in self.owner[self.view["question"]]}
        #: Whether a passage's document comes with known questions: bool (n_passages,).
        self.has_questions: NDArray[np.bool_] = np.isin(documents, list(asked_about))
        self._document = np.unique(documents, return_inverse=True)[1] if len(passages) else np.zeros(0, dtype=np.int64)

    def parts(self, cosines: Scores, words: Scores) -> dict[str, Scores]:
        """Score every passage in each way: name → float32 (n_passages,).

        Args:
            cosines: Of every chunk to the question, float32 (n_chunks,).
            words: BM25 of every passage, float32 (n_passages,).
        """
        whole = self._best(cosines, "passage")
        sentence = self._best(cosines, "sentence")
        sentence = np.where(np.isneginf(sentence), whole, sentence)  # a passage of one sentence has no others
        whole = np.where(np.isneginf(whole), sentence, whole)  # where only sentences are embedded
        question = self._best(cosines, "question")
        fallback = np.maximum(whole, sentence)
        known = ~np.isneginf(question)
        parts = {
            "passage": whole,
            "sentence": sentence,
            "question": np.where(known, question, fallback),
            "questions": np.where(known, self._crowd(cosines), fallback - 1),
            "words": words / max(float(words.max(initial=0)), 1e-6),
        }
        return {**parts, "around": self._around(_weigh(parts, self._weights_without_questions))}

    def total(self, parts: dict[str, Scores]) -> Scores:
        """Add the parts up, each by its weight: float32 (n_passages,)."""
        with_questions = _weigh(parts, self._weights)
        plain = _weigh(parts, self._weights_without_questions)
        total: Scores = np.where(self.has_questions, with_questions, plain + AROUND * parts["around"])
        return total.astype(np.float32)

    def _best(self, scores: Scores, view: str) -> Scores:
        """Give each passage its best chunk's score in one view: float32 (n_passages,), -inf for none."""
        best = np.full(self.size, -np.inf, dtype=np.float32)
        among = self.view[view]
        np.maximum.at(best, self.owner[among], scores[among])
        return best

    def _crowd(self, cosines: Scores) -> Scores:
        """Say how near and how many the questions are that a passage is known to answer: float32 (n_passages,).

        One right on it gives 0; several near it give as much as one that is nearer (a kernel sum, as a cosine).
        """
        among = self.view["question"]
        near = np.bincount(
            self.owner[among], np.exp(_SHARPNESS * (cosines[among].astype(np.float64) - 1)), minlength=self.size
        )
        return (np.log(np.maximum(near, 1e-12)) / _SHARPNESS).astype(np.float32)

    def _around(self, scores: Scores) -> Scores:
        """Give the mean score of each passage's neighbours in its document: float32 (n_passages,), 0 for none."""
        total, count = np.zeros(self.size), np.zeros(self.size)
        for step in range(1, _NEIGHBOURS + 1):
            same = self._document[step:] == self._document[:-step]
            for here, there in ((slice(step, None), slice(None, -step)), (slice(None, -step), slice(step, None))):
                total[here] += np.where(same, scores[there], 0)
                count[here] += same
        return np.asarray(total / np.maximum(count, 1), dtype=np.float32)


def weights_for(has_questions: bool) -> dict[str, float]:
    """Give what each part of a hit's score counts for, with the name of what is added for a voice that is asked for."""
    weights = WEIGHTS if has_questions else {**WEIGHTS_WITHOUT_QUESTIONS, "around": AROUND}
    return {**weights, "asked for": 1}


def _weigh(parts: dict[str, Scores], weights: Mapping[str, float]) -> Scores:
    total: Scores = np.sum([weight * parts[name] for name, weight in weights.items()], axis=0, dtype=np.float32)
    return total
