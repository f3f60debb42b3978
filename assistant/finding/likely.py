"""Say of the likeliest sentences of what was found how well each answers, by how it was found.

The model is logistic, of signals that know no document; `python -m eval.fit_answers` writes its numbers.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from assistant.finding.logistic import LogisticModel
from corpus.schema import Passage

MODEL_FILE = Path(__file__).parent / "likely.json"


class SentenceModel(LogisticModel):
    """Gives the chance that a sentence answers a question."""

    second_from: float
    """The chance from which a second one is shown beside the first."""


@dataclass(frozen=True)
class Sentence:
    """A sentence of a passage that was found, with its signals and the chance that it answers."""

    passage: Passage
    number: int
    signals: dict[str, float]

    @property
    def span(self) -> tuple[int, int]:
        """Where it stands in its document."""
        return self.passage.sentences[self.number]

    @cached_property
    def answers(self) -> float:
        """The chance that it answers the question: 0 to 1."""
        return load_sentence_model().chance(self.signals)


@cache
def load_sentence_model() -> SentenceModel:
    """Load the fitted model from the package."""
    return SentenceModel.model_validate(json.loads(MODEL_FILE.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Read:
    """A sentence of a passage that was found, and how near it is."""

    passage: Passage
    number: int
    score: float
    """Its passage's."""
    rank: int
    """Its passage's, from 0."""
    cosine: float


def weigh_sentences(read: Sequence[Read]) -> tuple[Sentence, ...]:
    """Give sentences with their signals, the likeliest first."""
    best_score = max((one.score for one in read), default=0.0)
    best_cosine = max((one.cosine for one in read), default=0.0)
    found = [
        Sentence(
            one.passage,
            one.number,
            {
                "score": one.score,
                "score_behind": one.score - best_score,
                "rank": 1 / (1 + one.rank),
                "cosine": one.cosine,
                "cosine_behind": one.cosine - best_cosine,
                "quote": float(bool(one.passage.speaker)),
                "words": math.log(1 + len(_words(one.passage, one.number))),
            },
        )
        for one in read
    ]
    return tuple(sorted(found, key=lambda one: -one.answers))


def _words(passage: Passage, number: int) -> list[str]:
    start, end = passage.sentences[number]
    return passage.text[start - passage.start : end - passage.start].split()
