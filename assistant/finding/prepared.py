"""Match a question to an answer that was prepared: the nearest ways of asking vote, and a model decides.

The model is logistic, of signals that know no document: how near the ways of asking for an answer are, and the
questions that its first words are known to answer, how well these are found, and how all of this is beside the best
of the other answers. `python -m eval.fit_answers` writes its numbers.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from assistant.finding.logistic import LogisticModel
from assistant.finding.vectors import Numbers, Scores, VectorIndex
from corpus.frozen import Frozen
from corpus.library import Library
from corpus.prepared import Prepared
from corpus.schema import Chunk

_Value = TypeVar("_Value", np.bool_, np.float64)

MODEL_FILE = Path(__file__).parent / "prepared.json"
_SHARPNESS = 12  # how fast a way of asking counts less the farther it is
_NEAREST = 10  # answers that are looked at: the nearest by their ways of asking,
_KNOWN = 4  # and by the questions that their first words are known to answer
_NO_CHUNK = -1.0
_UNKNOWN_SCORE = -1.0
_KNOWN_WAY = 0.98  # the cosine from which a question is one of the ways of asking, but for a slip
_LEANS = "before_nearest"  # a signal that only questions have which lean on the one before
_OF_NOTHING = -0.5  # what stands for the score of an answer that quotes nothing


@dataclass(frozen=True)
class Nearest:
    """An answer that was prepared, with its own signals."""

    answer: Prepared
    signals: dict[str, float]
    mean: NDArray[np.float32]
    """Of the vectors of its ways of asking, of length 1: float32 (dim,)."""


@dataclass(frozen=True)
class Match:
    """An answer that was prepared, with its signals beside the others', and the chance that it is the one asked for."""

    answer: Prepared
    signals: Mapping[str, float]
    mean: NDArray[np.float32]
    """Of the vectors of its ways of asking, of length 1: float32 (dim,)."""

    @cached_property
    def fits(self) -> float:
        """The chance that it answers the question: 0 to 1. Whoever asks in a way that is known surely means it."""
        if self.signals["nearest"] >= _KNOWN_WAY:
            return 1.0
        return load_models().of(self).chance(self.signals)

    @property
    def is_given(self) -> bool:
        """Tell whether the chance is enough to give it, unless a sentence that was found is likelier to answer."""
        return self.fits >= load_models().of(self).given_from


class FitModel(LogisticModel):
    """Gives the chance that an answer with some signals is the one asked for."""

    given_from: float
    """The chance from which it is given."""


class FitModels(Frozen):
    """What `prepared.json` holds."""

    answers: FitModel
    leaning: FitModel
    """For a question that leans on the one before: what that was answered with is near to it, and seldom meant."""
    lacking: FitModel
    """For answers that only say what is lacking: they may quote nothing, so only how they are asked for counts."""
    second: FitModel
    """For an answer beside another one: whether it adds what was asked for."""
    quote: FitModel
    """For each of the words that a plain answer quotes: whether they answer this question too."""

    def of(self, match: Match) -> FitModel:
        """Give the model that judges an answer."""
        if match.answer.lacks:
            return self.lacking
        return self.leaning if _LEANS in match.signals else self.answers


@cache
def load_models() -> FitModels:
    """Load the fitted models from the package."""
    return FitModels.model_validate(json.loads(MODEL_FILE.read_text(encoding="utf-8")))


class _Groups:
    """Numbers that belong to each answer, and what values at these numbers come to for each."""

    def __init__(self, groups: Iterable[Sequence[int]]) -> None:
        self._groups = [np.array(numbers, dtype=np.int64) for numbers in groups]
        self._filled = np.array([number for number, own in enumerate(self._groups) if len(own)], dtype=np.int64)
        filled = [own for own in self._groups if len(own)]
        self._flat = np.concatenate(filled) if filled else np.zeros(0, dtype=np.int64)
        self._first = np.cumsum([0, *(len(own) for own in filled[:-1])])

    def __getitem__(self, number: int) -> Numbers:
        return self._groups[number]

    def reduce(self, how: np.ufunc, values: NDArray[_Value], *, empty: object) -> NDArray[_Value]:
        """Reduce the values of each answer's numbers to one, all at once: an answer without any has `empty`."""
        found = np.full(len(self._groups), empty, dtype=values.dtype)
        if len(self._filled):
            found[self._filled] = how.reduceat(values[self._flat], self._first)
        return found


class AskedFor:
    """The prepared answers of a library by the ways in which they are asked for, and by what they quote."""

    def __init__(self, library: Library, asked: VectorIndex, chunks: Sequence[Chunk]) -> None:
        """Take a library, the vectors of the ways of asking for its answers in order, and the chunks of its index."""
        self._answers = library.prepared
        self._asked = asked
        counts = [len(one.ways) for one in self._answers]
        self._first = np.cumsum([0, *counts[:-1]]) if counts else np.zeros(0, dtype=np.int64)
        numbers = {passage.id: number for number, passage in enumerate(library.passages)}
        means = [asked.all()[first : first + count].mean(0) for first, count in zip(self._first, counts, strict=True)]
        self._means = [one / np.linalg.norm(one) for one in means]
        self._quoted = _Groups([numbers[one.passage_id] for one in answer.quotes] for answer in self._answers)
        self._questions = self._chunks_of_first(chunks, "question")
        self._sentences = self._chunks_of_first(chunks, "sentence")

    def _chunks_of_first(self, chunks: Sequence[Chunk], view: str) -> "_Groups":
        """Give the numbers of the chunks of one view that are about the first words that each answer quotes."""
        by_passage: dict[str, list[int]] = {}
        for number, chunk in enumerate(chunks):
            if chunk.view == view:
                by_passage.setdefault(chunk.passage_id, []).append(number)
        return _Groups(
            [
                number
                for one in answer.quotes[:1]
                for number in by_passage.get(one.passage_id, ())
                if chunks[number].start < one.span[1] and one.span[0] < chunks[number].end
            ]
            for answer in self._answers
        )

    def nearest(
        self,
        vectors: NDArray[np.float32],
        in_turn: Mapping[str, NDArray[np.float32]],
        allowed: NDArray[np.bool_],
        cosines: Scores,
        passages: Numbers,
        score: Scores,
    ) -> list[Nearest]:
        """Give the answers that are nearest to a question, with their signals, the nearest first.

        Args:
            vectors: Of the question's readings, float32 (n, dim).
            in_turn: Where it leans on the question before: the vectors, float32 (dim,) each, of the `turn` (the two as
                one text), of its `own` words, of these with the `topic` that it keeps, and of the question `before`.
            allowed: Of each passage of the library, whether it may be quoted: bool (n_passages,). An answer that quotes
                something is left out where nothing of it may be.
            cosines: Of every chunk of the index to the question, float32 (n_chunks,).
            passages: Those that were scored for the question, ascending.
            score: Their scores, float32 (len(passages),).
        """
        if not self._answers:
            return []
        # The ways of asking are many, and read from memory once, for all vectors together.
        near = self._asked.similarities(np.concatenate([vectors, *(vector[None, :] for vector in in_turn.values())]))
        closest, votes = self._closest_and_votes(near[: len(vectors)])
        apart = {
            name: self._closest_and_votes(near[row : row + 1]) for row, name in enumerate(in_turn, start=len(vectors))
        }
        usable = self._quoted.reduce(np.logical_or, allowed, empty=True)
        nearness = self._questions.reduce(np.add, np.exp(_SHARPNESS * (cosines.astype(np.float64) - 1)), empty=0.0)
        known_votes = (
            np.log(nearness, where=nearness > 0, out=np.full(len(nearness), _NO_CHUNK * _SHARPNESS)) / _SHARPNESS
        )
        by_asking = np.argsort(np.where(usable, -(closest + votes), np.inf), kind="stable")[:_NEAREST]
        by_turn = np.argsort(np.where(usable, -np.add(*apart["turn"]), np.inf), kind="stable") if apart else by_asking
        by_known = np.argsort(np.where(usable, -(known_votes + votes / 2), np.inf), kind="stable")[:_KNOWN]
        behind = np.full(len(allowed), _UNKNOWN_SCORE)
        behind[passages] = score - score.max(initial=0.0)
        return [
            Nearest(
                self._answers[number],
                {
                    "nearest": float(closest[number]),
                    "votes": float(votes[number]),
                    "known": float(cosines[self._questions[number]].max(initial=_NO_CHUNK)),
                    "known_votes": float(known_votes[number]),
                    "sentence": float(cosines[self._sentences[number]].max(initial=_NO_CHUNK)),
                    "first_score": float(behind[own[0]]) if len(own := self._quoted[number]) else _OF_NOTHING,
                    "best_score": float(behind[own].max()) if len(own) else _OF_NOTHING,
                    **{f"{name}_nearest": float(near[number]) for name, (near, _) in apart.items()},
                    **{f"{name}_votes": float(voted[number]) for name, (_, voted) in apart.items()},
                },
                self._means[number],
            )
            for number in map(int, dict.fromkeys([*by_asking, *by_turn[:_NEAREST], *by_known]))
            if usable[number]
        ]

    def _closest_and_votes(self, similarities: Scores) -> tuple[Scores, NDArray[np.float64]]:
        """Say how near each answer's nearest way of asking is to any of some vectors, and all of its ways together.

        `similarities`: of each vector to every way of asking, float32 (n_vectors, n_ways).
        """
        near = similarities.max(axis=0)
        spread = np.exp(_SHARPNESS * (near.astype(np.float64) - 1))
        return np.maximum.reduceat(near, self._first), np.log(np.add.reduceat(spread, self._first)) / _SHARPNESS


def beside_each_other(found: Sequence[Nearest]) -> tuple[Match, ...]:
    """Add to each answer's signals how far they are behind the best of all; the likeliest first."""
    if not found:
        return ()
    best = {name: max(one.signals[name] for one in found) for name in found[0].signals}
    matches = [
        Match(
            one.answer,
            {**one.signals, **{f"{name}_behind": one.signals[name] - best[name] for name in best}},
            one.mean,
        )
        for one in found
    ]
    return tuple(sorted(matches, key=lambda one: -one.fits))
