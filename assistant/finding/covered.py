"""Tell from a question's vector alone whether a document answers it: a small neural network.

One hidden layer, learned from the questions that passages of a document answer and those that the document does not
answer (`scripts/train_covered.py`). It speaks only for the documents that it was learned from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.finding.encoder import Vectors

COVERED_FILE = Path(__file__).parent / "covered.npz"
#: Unit vectors have small coordinates; scaled, the network learns faster.
SCALE = 8.0


@dataclass(frozen=True)
class CoveredNetwork:
    """The network, and the ids of the documents that it speaks for."""

    layers: Mapping[str, Vectors]
    documents: frozenset[str]

    def log_odds(self, embedding: Vectors) -> float:
        """Give the log-odds that the documents answer a question with this vector, float32 (1, dim)."""
        hidden = np.maximum(SCALE * embedding @ self.layers["hidden"] + self.layers["hidden_bias"], 0)
        return float((hidden @ self.layers["output"] + self.layers["output_bias"])[0])
