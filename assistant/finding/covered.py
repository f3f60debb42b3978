"""Tell from a question's vector alone whether the bundled report answers it: a small neural network.

One hidden layer, learned from the questions that passages answer and those that the report does not answer
(`scripts/train_covered.py`). It is stored as NumPy arrays, without pickle, and knows for which weights of the embedding
model it was learned.
"""

from functools import cache
from pathlib import Path

import numpy as np

from assistant.finding.encoder import Vectors

COVERED_FILE = Path(__file__).parent / "covered.npz"
#: Unit vectors have small coordinates; scaled, the network learns faster.
SCALE = 8.0


@cache
def _load() -> dict[str, Vectors]:
    with np.load(COVERED_FILE, allow_pickle=False) as stored:
        return {name: stored[name].astype(np.float32) for name in ("hidden", "hidden_bias", "output", "output_bias")}


def covered_log_odds(embedding: Vectors) -> float:
    """Give the log-odds that the report answers a question with this vector, float32 (1, dim); 0, undecided, if the
    network was learned for vectors of another length."""
    layers = _load()
    if embedding.shape[1] != len(layers["hidden"]):
        return 0.0
    hidden = np.maximum(SCALE * embedding @ layers["hidden"] + layers["hidden_bias"], 0)
    return float((hidden @ layers["output"] + layers["output_bias"])[0])
