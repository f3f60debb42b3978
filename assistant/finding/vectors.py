"""Find the nearest vectors: a small port, and flat FAISS behind it, which is exact and serves up to about 100,000."""

from pathlib import Path
from typing import Any, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from assistant.finding.encoder import Vectors

Scores = NDArray[np.float32]
Numbers = NDArray[np.integer[Any]]


class VectorIndex(Protocol):
    """Unit vectors by number. A number belongs to one vector for ever; that of a removed one is not used again."""

    @property
    def size(self) -> int:
        """How many vectors there are."""
        ...

    @property
    def numbers(self) -> Numbers:
        """Their numbers, ascending: int64 (size,)."""
        ...

    def nearest(self, vector: Vectors, k: int, where: Numbers | None = None) -> tuple[Numbers, Scores]:
        """Give the numbers and cosines of the k nearest to a vector, float32 (dim,) or (1, dim), the nearest first.

        `where` are the numbers that may be found; all if left out. Fewer than k come where there are fewer.
        """
        ...

    def similarities(self, vectors: Vectors, where: Numbers | None = None) -> Scores:
        """Give the exact cosines of vectors, float32 (n, dim), to those with some numbers: float32 (n, len(where))."""
        ...

    def all(self) -> Vectors:
        """Give every vector, float32 (size, dim), in the order of `numbers`."""
        ...

    def add(self, vectors: Vectors) -> Numbers:
        """Add unit vectors, float32 (n, dim), and give their numbers."""
        ...

    def remove(self, numbers: Numbers) -> None:
        """Remove vectors by their numbers; those that are not there are passed over."""
        ...


class FlatVectors:
    """Every vector is compared, by inner product: FAISS's `IndexFlatIP`."""

    def __init__(self, index: "faiss.Index") -> None:
        """Take a flat index of unit vectors; they are numbered from 0."""
        self._index = index
        self._numbers = np.arange(index.ntotal, dtype=np.int64)
        self._next = int(index.ntotal)

    @classmethod
    def from_vectors(cls, vectors: Vectors) -> "FlatVectors":
        """Index unit vectors, float32 (n, dim). Raises ValueError where one is not of length 1."""
        found = cls(faiss.IndexFlatIP(vectors.shape[1]))
        found.add(vectors)
        return found

    @classmethod
    def load(cls, path: Path) -> "FlatVectors":
        """Load what `save` wrote. Raises OSError, or RuntimeError, FAISS's own, where it cannot be read."""
        return cls(faiss.deserialize_index(np.frombuffer(path.read_bytes(), dtype=np.uint8)))

    def save(self, path: Path) -> None:
        """Write the vectors in FAISS's own format. Raises OSError, and ValueError where some were removed."""
        if self._next != self.size:
            raise ValueError("vectors were removed: their numbers would change when it is loaded again")
        # FAISS makes the bytes, Python the file: FAISS takes no path outside ASCII on Windows, and says in words of its
        # own that a disk is full.
        path.write_bytes(faiss.serialize_index(self._index).tobytes())

    @property
    def size(self) -> int:
        """How many vectors there are."""
        return int(self._index.ntotal)

    @property
    def numbers(self) -> Numbers:
        """Their numbers, ascending: int64 (size,)."""
        return self._numbers

    def nearest(self, vector: Vectors, k: int, where: Numbers | None = None) -> tuple[Numbers, Scores]:
        """Give the numbers and cosines of the k nearest: see `VectorIndex`."""
        rows = self._rows(where)
        k = min(k, self.size if rows is None else len(rows))
        if k <= 0:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        chosen = None if rows is None else faiss.SearchParameters(sel=faiss.IDSelectorBatch(rows))  # type: ignore[call-arg]
        cosines, found = self._index.search(_one(vector), k, params=chosen)
        return self._numbers[found[0]], cosines[0]

    def similarities(self, vectors: Vectors, where: Numbers | None = None) -> Scores:
        """Give the exact cosines of vectors to those with some numbers: see `VectorIndex`."""
        rows = self._rows(where)
        stored = self.all()
        return np.asarray(vectors @ (stored if rows is None else stored[rows]).T, dtype=np.float32)

    def all(self) -> Vectors:
        """Give every vector, float32 (size, dim): a view of FAISS's own memory, until the next change."""
        if not self.size:
            return np.zeros((0, self._index.d), dtype=np.float32)
        flat: Vectors = faiss.rev_swig_ptr(self._index.get_xb(), self.size * self._index.d)  # type: ignore[attr-defined]
        return flat.reshape(self.size, self._index.d)

    def add(self, vectors: Vectors) -> Numbers:
        """Add unit vectors: see `VectorIndex`. Raises ValueError where one is not of length 1."""
        if len(vectors) and not np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3):
            raise ValueError("the vectors must be of length 1: inner product is then the cosine")
        self._index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        numbers = np.arange(self._next, self._next + len(vectors), dtype=np.int64)
        self._numbers = np.concatenate([self._numbers, numbers])
        self._next += len(vectors)
        return numbers

    def remove(self, numbers: Numbers) -> None:
        """Remove vectors by their numbers: see `VectorIndex`."""
        gone = np.isin(self._numbers, numbers)
        # FAISS moves those that follow up.
        self._index.remove_ids(faiss.IDSelectorBatch(np.flatnonzero(gone).astype(np.int64)))
        self._numbers = self._numbers[~gone]

    def _rows(self, where: Numbers | None) -> NDArray[np.int64] | None:
        """Give the rows in which vectors with some numbers stand."""
        if where is None:
            return None
        rows = np.searchsorted(self._numbers, where)
        there = (rows < self.size) & (self._numbers[np.minimum(rows, max(self.size - 1, 0))] == where)
        if not there.all():
            raise KeyError(f"there is no vector {np.asarray(where)[~there][0]}")
        return np.asarray(rows, dtype=np.int64)


def _one(vector: Vectors) -> Vectors:
    return np.ascontiguousarray(vector.reshape(1, -1), dtype=np.float32)
