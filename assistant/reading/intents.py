"""Tell what a text is meant as, learned from examples: an act, a form, how it leans, whose words it wants.

One linear model for each intent against the rest, over the embedding model's vector and hashed words; each has its own
threshold. The examples are in `eval/data/reading`, and `python -m eval.fit_reading` learns `intents.npz` from them:
whoever wants another intent, or mends one, adds examples.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.reading.features import Features

INTENTS_FILE = Path(__file__).parent / "intents.npz"

Numbers = NDArray[np.float32]
#: What the model's vectors count for beside the words; both have length 1.
VECTOR_SHARE = 1.0


@dataclass(frozen=True)
class Slot:
    """The intents of one slot: weights float32 (n_intents, n_features), bias and thresholds float32 (n_intents,)."""

    names: tuple[str, ...]
    weights: Numbers
    bias: Numbers
    thresholds: Numbers

    def margins(self, features: Features) -> dict[str, float]:
        """Say how far each intent is above its threshold, in log-odds, for features float32 (n_features,)."""
        odds = self.weights @ features + self.bias - self.thresholds
        return dict(zip(self.names, odds.tolist(), strict=True))


@dataclass(frozen=True)
class IntentModel:
    """The learned slots; by words alone where the embedding model is another than they were learned with."""

    slots: Mapping[str, Slot]
    uses_vectors: bool

    def margins(self, slot: str, words: Features, *vectors: Numbers) -> dict[str, float]:
        """Say how far each intent of a slot is above its threshold.

        Args:
            slot: Its name.
            words: From `features.py`, float32 (PLACES,).
            vectors: The text's vector, and for `lean` its product with the vector of the question before: float32
                (dim,) each. Left out where the model uses none.
        """
        features = np.concatenate([words, *vectors]) if self.uses_vectors else words
        return self.slots[slot].margins(features)


@dataclass(frozen=True)
class LearnedIntents:
    """Both models, and the hash of the embedding model's weights that the first was learned with."""

    with_vectors: IntentModel
    by_words: IntentModel
    model_sha256: str

    def for_model(self, sha256: str) -> IntentModel:
        """Choose the model that fits an embedding model."""
        return self.with_vectors if sha256 == self.model_sha256 else self.by_words


def lean_vectors(vector: Numbers, before: Numbers) -> tuple[Numbers, Numbers]:
    """Give what `lean` is told from: the question's vector, and where it agrees with that of the question before."""
    return vector, vector * before * np.float32(np.sqrt(len(vector)) / 4)


def furthest(margins: Mapping[str, float]) -> tuple[str, float]:
    """Give the intent that is furthest above its threshold, and how far."""
    return max(margins.items(), key=lambda pair: pair[1])


def why_read_by_words(model_sha256: str) -> tuple[str, ...]:
    """Say that questions are read by words alone, where the embedding model is not the one that was learned with."""
    if load_intents().model_sha256 == model_sha256:
        return ()
    return (
        f"{INTENTS_FILE.name} was learned with the embedding model {load_intents().model_sha256[:12]}, and "
        f"{model_sha256[:12]} is used: questions are read by their words alone, and less well. "
        "`python -m eval.fit_reading` learns it for your model.",
    )


@cache
def load_intents() -> LearnedIntents:
    """Load the learned models from the package."""
    with np.load(INTENTS_FILE, allow_pickle=False) as stored:
        about = json.loads(str(stored["about"]))
        slots: dict[str, dict[str, Slot]] = {}
        for way in ("with_vectors", "by_words"):
            slots[way] = {}
            for slot, names in about["slots"].items():
                weights, rest = (stored[f"{way}.{slot}.{part}"].astype(np.float32) for part in ("weights", "rest"))
                slots[way][slot] = Slot(tuple(names), weights, rest[0], rest[1])
    return LearnedIntents(
        IntentModel(slots["with_vectors"], uses_vectors=True),
        IntentModel(slots["by_words"], uses_vectors=False),
        about["model_sha256"],
    )
