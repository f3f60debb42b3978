"""Search chunks by meaning (FAISS) and passages by words (BM25). Maps numbers to scores; it knows no documents."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import faiss
import numpy as np
from numpy.typing import NDArray

from assistant.finding.encoder import Vectors
from assistant.reading.tokenize import tokenize
from corpus.errors import IndexDamaged

Scores = NDArray[np.float32]
Numbers = NDArray[np.integer[Any]]

_NOWHERE = np.zeros(0, dtype=np.int32)
_LETTERS = re.compile(r"[^\W\d_]+")


class WordScores:
    """BM25 scores as bm25s computed them at build time: for each word, the chunks that hold it and their scores.

    Adding them up for a question's words takes one line, so asking does not import bm25s, nor scipy with it.
    """

    def __init__(
        self,
        numbers: dict[str, int],
        spellings: list[str],
        arrays: tuple[Scores, Numbers, Numbers],
        size: int,
    ) -> None:
        self.numbers = numbers
        self.spellings = spellings
        self._data, self._indices, self._indptr = arrays
        self.size = size

    @classmethod
    def from_texts(cls, texts: list[str]) -> "WordScores":
        """Compute the scores of every word in every text."""
        import bm25s  # noqa: PLC0415 - only a build needs it

        bm25 = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
        bm25.index([tokenize(text) or [""] for text in texts], show_progress=False)
        scores = bm25.scores
        # bm25s adds an empty word of its own, beyond the end of its table.
        numbers = {word: int(number) for word, number in bm25.vocab_dict.items() if word}
        common = Counter(word for text in texts for word in _LETTERS.findall(text.casefold()))
        spellings = [word for word, _ in common.most_common()]
        return cls(numbers, spellings, (scores["data"], scores["indices"], scores["indptr"]), len(texts))

    @classmethod
    def load(cls, folder: Path) -> "WordScores":
        """Load what `save` wrote."""
        stored = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        with np.load(folder / "words.npz", allow_pickle=False) as arrays:
            matrix = arrays["data"], arrays["indices"], arrays["indptr"]
            return cls(stored["numbers"], stored["spellings"], matrix, int(arrays["size"]))

    def save(self, folder: Path) -> None:
        """Write the scores as NumPy arrays and the words as JSON."""
        stored = {"numbers": self.numbers, "spellings": self.spellings}
        (folder / "words.json").write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")
        arrays = {"data": self._data, "indices": self._indices, "indptr": self._indptr, "size": np.array(self.size)}
        np.savez(folder / "words.npz", allow_pickle=False, **arrays)

    def scores_for(self, words: list[str]) -> Scores:
        """Add up the scores of the words: float32 (n_texts,), 0 where none of them stands."""
        total = np.zeros(self.size, dtype=np.float32)
        for word in words:
            if (number := self.numbers.get(word)) is not None:
                span = slice(self._indptr[number], self._indptr[number + 1])
                total[self._indices[span]] += self._data[span]
        return total

    def coverage_of(self, words: set[str]) -> tuple[Scores, float]:
        """Give the share of the words that each text holds, and the share that stands in no text.

        Each word counts by its rarity (the inverse document frequency of BM25), so a name weighs more than "people".

        Returns:
            float32 (n_texts,) between 0 and 1, and a number between 0 and 1.
        """
        covered = np.zeros(self.size, dtype=np.float32)
        weight = unknown = 0.0
        for word in words:
            number = self.numbers.get(word)
            holders: Numbers = _NOWHERE
            if number is not None:
                holders = self._indices[self._indptr[number] : self._indptr[number + 1]]
            rarity = float(np.log1p((self.size - len(holders) + 0.5) / (len(holders) + 0.5)))
            weight += rarity
            unknown += 0 if len(holders) else rarity
            covered[holders] += rarity
        return covered / max(weight, 1e-6), unknown / max(weight, 1e-6)


class ChunkIndex:
    """A vector for each chunk and each question not covered, and the words of each passage, by their numbers."""

    def __init__(self, vectors: "faiss.Index", words: WordScores, not_covered: "faiss.Index") -> None:
        self._vectors = vectors
        self._not_covered = not_covered
        self._words = words
        self.size = int(vectors.ntotal)
        self.n_passages = words.size

    @classmethod
    def from_embeddings(
        cls, embeddings: Vectors, passage_texts: list[str], not_covered: Vectors | None = None
    ) -> "ChunkIndex":
        """Build from the chunks' unit vectors, float32 (n_chunks, dim), and the words of the passages.

        `not_covered`, float32 (n_questions, dim), are the vectors of questions that the documents do not answer.

        Raises:
            ValueError: the vectors are not of length 1.
        """
        dim = embeddings.shape[1]
        none = np.zeros((0, dim), dtype=np.float32)
        return cls(
            _flat_index(embeddings),
            WordScores.from_texts(passage_texts),
            _flat_index(none if not_covered is None else not_covered),
        )

    @classmethod
    def load(cls, folder: Path) -> "ChunkIndex":
        """Load what `save` wrote. Raises IndexDamaged."""
        try:
            vectors = faiss.read_index(str(folder / "vectors.faiss"))
            words = WordScores.load(folder)
            not_covered = faiss.read_index(str(folder / "not_covered.faiss"))
        except (RuntimeError, OSError, EOFError, ValueError, KeyError, BadZipFile) as error:  # faiss: RuntimeError
            raise IndexDamaged(f"the index in {folder} cannot be read: {str(error).partition(chr(10))[0]}") from None
        return cls(vectors, words, not_covered)

    def save(self, folder: Path) -> None:
        """Write the index to a folder: FAISS's own format, NumPy arrays and JSON. No pickle."""
        faiss.write_index(self._vectors, str(folder / "vectors.faiss"))
        faiss.write_index(self._not_covered, str(folder / "not_covered.faiss"))
        self._words.save(folder)

    def score_by_meaning(self, embedding: Vectors) -> Scores:
        """Give the cosine of every chunk to a question's vector (1, dim): float32 (n_chunks,)."""
        return _cosines(self._vectors, embedding)

    def score_not_covered(self, embedding: Vectors) -> Scores:
        """Give the cosine of every question that is not covered to a question's vector: float32 (n_questions,)."""
        return _cosines(self._not_covered, embedding)

    def score_by_words(self, question_words: list[str]) -> Scores:
        """Give the BM25 score of every passage for stemmed words: float32 (n_passages,), 0 where none is shared."""
        return self._words.scores_for(question_words)

    def coverage_of(self, words: set[str]) -> tuple[Scores, float]:
        """Give the share of some words that each passage holds, and that none does: see `WordScores.coverage_of`."""
        return self._words.coverage_of(words)

    @property
    def spellings(self) -> list[str]:
        """Every word of the passages as it is written, lower case, the most common first."""
        return self._words.spellings


def _flat_index(vectors: Vectors) -> "faiss.Index":
    """Index unit vectors exactly, by inner product; serves well up to about 100,000."""
    if len(vectors) and not np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3):
        raise ValueError("the vectors must be of length 1: inner product is then the cosine")
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    return index


def _cosines(index: "faiss.Index", embedding: Vectors) -> Scores:
    """Give the cosine of every vector of an index to one vector (1, dim): float32 (n,)."""
    scores = np.empty(index.ntotal, dtype=np.float32)
    if index.ntotal:
        cosines, numbers = index.search(embedding, index.ntotal)
        scores[numbers[0]] = cosines[0]
    return scores
