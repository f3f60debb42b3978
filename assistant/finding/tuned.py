"""Put the embedding model's own vector and that of its tuned layers side by side: see `keeping/tuned.py`.

The tuned layers were learned so that questions which the same words answer lie near each other and near these words
(`scripts/train_encoder.py`). Both vectors make one of length 1: its inner product is a weighted mean of two cosines.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_Vectors = NDArray[np.float32]

#: The changes that were learned, in half precision.
TUNED_FILE = Path(__file__).parent / "tuned.npz"
#: What the tuned vectors' cosine counts for; chosen on the dev cases: docs/decisions/0017.
TUNED_SHARE = 0.8


def beside(plain: _Vectors, tuned: _Vectors) -> _Vectors:
    """Put unit vectors, float32 (n, dim) each, side by side: float32 (n, 2 * dim), each row of length 1."""
    both = np.concatenate([np.sqrt(1 - TUNED_SHARE) * plain, np.sqrt(TUNED_SHARE) * tuned], axis=1)
    return both.astype(np.float32)


def plain_of(vectors: _Vectors) -> _Vectors:
    """Give the embedding model's own vectors again, float32 (n, dim): the first half."""
    return np.asarray(vectors[:, : vectors.shape[1] // 2] / np.sqrt(1 - TUNED_SHARE), dtype=np.float32)
