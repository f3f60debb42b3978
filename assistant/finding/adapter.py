"""Turn the embedding model's vectors towards how people ask: a small linear map, learned from questions.

The map was learned so that questions which the same passage answers come nearer to each other and to its sentences,
and away from the questions that the report does not cover (`scripts/train_adapter.py`). The plain and the
mapped vector stand side by side in one vector of length 1: its inner product is a weighted mean of the two cosines.
"""

from pathlib import Path

import numpy as np

from assistant.finding.encoder import Encoder, Vectors

#: The map that is applied to the model's vectors.
ADAPTER_FILE = Path(__file__).parent / "adapter.npz"
#: What the mapped vectors' cosine counts for; chosen on the dev cases: docs/decisions/0006.
MAPPED_SHARE = 0.6


class AdaptedEncoder:
    """Encodes texts with another encoder and appends the mapped vectors."""

    def __init__(self, encoder: Encoder, linear: Vectors, mapped_share: float = MAPPED_SHARE) -> None:
        """Adapt an encoder by a map, float32 (dim, dim), that is added to the identity."""
        self._encoder = encoder
        self._linear = linear
        self._mapped_share = mapped_share
        self.max_tokens = encoder.max_tokens

    def count(self, text: str) -> int:
        """Count a text's tokens, special tokens left out."""
        return self._encoder.count(text)

    def plain(self, vectors: Vectors) -> Vectors:
        """Give the embedding model's own vectors: the first half."""
        return np.asarray(vectors[:, : vectors.shape[1] // 2] / np.sqrt(1 - self._mapped_share), dtype=np.float32)

    def encode(self, texts: list[str]) -> Vectors:
        """Encode texts as float32 (n_texts, 2 * dim), each row of length 1."""
        plain = self._encoder.encode(texts)
        return map_vectors(plain, self._linear, self._mapped_share) if texts else plain


def map_vectors(plain: Vectors, linear: Vectors, mapped_share: float) -> Vectors:
    """Put unit vectors, float32 (n, dim), and their mapped forms side by side: float32 (n, 2 * dim), of length 1."""
    mapped = plain + plain @ linear
    mapped /= np.maximum(np.linalg.norm(mapped, axis=1, keepdims=True), 1e-9)
    both = np.concatenate([np.sqrt(1 - mapped_share) * plain, np.sqrt(mapped_share) * mapped], axis=1)
    return both.astype(np.float32)
