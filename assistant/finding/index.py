"""The index: a part for each document, and the parts put together. It maps numbers to scores; it knows no documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from pydantic import TypeAdapter, ValidationError

from assistant.finding.bm25 import WordCounts, WordScores
from assistant.finding.encoder import Vectors
from assistant.finding.vectors import FlatVectors, VectorIndex
from corpus.errors import IndexDamaged
from corpus.schema import Chunk

_CHUNKS = TypeAdapter(tuple[Chunk, ...])


@dataclass(frozen=True)
class IndexPart:
    """What one document has in an index, known by its own content: made, added and removed without the others."""

    chunks: tuple[Chunk, ...]
    vectors: FlatVectors
    """One for each chunk, in their order."""
    not_covered: FlatVectors
    """One for each question that the document is known not to answer."""
    asked: FlatVectors
    """One for each way of asking for an answer that was prepared."""
    words: WordCounts
    """Of the document's passages, in their order."""

    @classmethod
    def from_embeddings(
        cls,
        chunks: tuple[Chunk, ...],
        embeddings: Vectors,
        passage_texts: Sequence[str],
        not_covered: Vectors,
        asked: Vectors,
    ) -> "IndexPart":
        """Make a part of unit vectors, float32 (n, dim): of chunks, of questions that are not answered, and of ways of
        asking for prepared answers; and of the passages' words.

        Raises:
            ValueError: a vector is not of length 1, or there is not one for each chunk.
        """
        if len(chunks) != len(embeddings):
            raise ValueError(f"{len(embeddings)} vectors for {len(chunks)} chunks")
        return cls(
            chunks,
            FlatVectors.from_vectors(embeddings),
            FlatVectors.from_vectors(not_covered),
            FlatVectors.from_vectors(asked),
            WordCounts.from_texts(passage_texts),
        )

    @classmethod
    def load(cls, folder: Path) -> "IndexPart":
        """Load what `save` wrote. Raises IndexDamaged."""
        try:
            chunks = _CHUNKS.validate_json((folder / "chunks.json").read_bytes())
            vectors = FlatVectors.load(folder / "vectors.faiss")
            not_covered = FlatVectors.load(folder / "not_covered.faiss")
            asked = FlatVectors.load(folder / "asked.faiss")
            words = WordCounts.load(folder)
        except (RuntimeError, OSError, EOFError, ValueError, KeyError, BadZipFile, ValidationError) as error:
            # FAISS raises RuntimeError.
            raise IndexDamaged(f"the index in {folder} cannot be read: {str(error).partition(chr(10))[0]}") from None
        if vectors.size != len(chunks):
            raise IndexDamaged(f"the index in {folder} has {vectors.size} vectors for {len(chunks)} chunks")
        return cls(chunks, vectors, not_covered, asked, words)

    def save(self, folder: Path) -> None:
        """Write the part to a folder: FAISS's own format, NumPy arrays and JSON. No pickle."""
        (folder / "chunks.json").write_bytes(_CHUNKS.dump_json(self.chunks))
        self.vectors.save(folder / "vectors.faiss")
        self.not_covered.save(folder / "not_covered.faiss")
        self.asked.save(folder / "asked.faiss")
        self.words.save(folder)


class Index:
    """The parts of several documents, chunks and passages numbered through in their order."""

    def __init__(self, parts: Sequence[IndexPart]) -> None:
        """Put parts together; one alone is taken as it is."""
        self.chunks = tuple(chunk for part in parts for chunk in part.chunks)
        self.vectors: VectorIndex = _together([part.vectors for part in parts])
        self.not_covered: VectorIndex = _together([part.not_covered for part in parts])
        self.asked: VectorIndex = _together([part.asked for part in parts])
        self.words = WordScores([part.words for part in parts])


def _together(parts: Sequence[FlatVectors]) -> FlatVectors:
    if len(parts) == 1:
        return parts[0]
    return FlatVectors.from_vectors(np.concatenate([part.all() for part in parts]))
