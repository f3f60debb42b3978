"""Score passages by their words: BM25 over what each document counted of its own, so that one can come or go.

A document's part of the index holds only what is true of it alone: which words stand in which passage, and how often.
What depends on all documents, how rare a word is and how long a passage is usually, is computed when they are put
together: docs/decisions/0013.

Source: BM25 as Lucene has it; Kamphuis et al., Which BM25 Do You Mean? (2020).
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.finding.vectors import Numbers, Scores
from assistant.reading.tokenize import tokenize

K1, B = 1.2, 0.75
_LETTERS = re.compile(r"[^\W\d_]+")
_NOWHERE = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True)
class WordCounts:
    """What a document counts: for each word, the passages that hold it and how often, and each passage's length."""

    words: tuple[str, ...]
    starts: NDArray[np.int64]
    """Where each word's passages begin in `holders`: int64 (n_words + 1,)."""
    holders: NDArray[np.int32]
    """Numbers of passages, ascending for each word: int32 (n_pairs,)."""
    frequencies: NDArray[np.int32]
    """How often the word stands in the passage: int32 (n_pairs,)."""
    lengths: NDArray[np.int32]
    """How many words each passage has: int32 (n_passages,)."""
    spellings: tuple[tuple[str, int], ...]
    """Every word as it is written, lower case, with how often, the most common first."""

    @classmethod
    def from_texts(cls, texts: Sequence[str]) -> "WordCounts":
        """Count the words of texts."""
        tokenized = [Counter(tokenize(text)) for text in texts]
        holders: dict[str, list[tuple[int, int]]] = {}
        for number, counts in enumerate(tokenized):
            for word, frequency in counts.items():
                holders.setdefault(word, []).append((number, frequency))
        pairs = [pair for word in holders for pair in holders[word]]
        spelt = Counter(word for text in texts for word in _LETTERS.findall(text.casefold()))
        return cls(
            words=tuple(holders),
            starts=np.cumsum([0, *(len(found) for found in holders.values())], dtype=np.int64),
            holders=np.array([number for number, _ in pairs], dtype=np.int32),
            frequencies=np.array([frequency for _, frequency in pairs], dtype=np.int32),
            lengths=np.array([counts.total() for counts in tokenized], dtype=np.int32),
            spellings=tuple(spelt.most_common()),
        )

    @classmethod
    def load(cls, folder: Path) -> "WordCounts":
        """Load what `save` wrote."""
        stored = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        with np.load(folder / "words.npz", allow_pickle=False) as arrays:
            return cls(
                words=tuple(stored["words"]),
                spellings=tuple((word, count) for word, count in stored["spellings"]),
                **{name: arrays[name] for name in ("starts", "holders", "frequencies", "lengths")},
            )

    def save(self, folder: Path) -> None:
        """Write the counts as NumPy arrays and the words as JSON."""
        stored = {"words": self.words, "spellings": self.spellings}
        (folder / "words.json").write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")
        arrays = {name: getattr(self, name) for name in ("starts", "holders", "frequencies", "lengths")}
        np.savez(folder / "words.npz", allow_pickle=False, **arrays)


class WordScores:
    """BM25 of the passages of several documents, numbered through in their order."""

    def __init__(self, parts: Sequence[WordCounts]) -> None:
        """Put the counts of documents together."""
        firsts = np.cumsum([0, *(len(part.lengths) for part in parts)])
        lengths = np.concatenate([part.lengths for part in parts])
        self.size = len(lengths)
        #: How much a word counts less the longer the passage is that holds it: float64 (n_passages,).
        self._damping = K1 * (1 - B + B * lengths / max(float(lengths.mean()), 1e-6))
        self._parts = [
            (int(first), part, {word: number for number, word in enumerate(part.words)})
            for first, part in zip(firsts, parts, strict=False)
        ]
        self._spellings = [part.spellings for part in parts]

    @property
    def spellings(self) -> list[str]:
        """Every word as it is written, lower case, the most common first."""
        if len(self._spellings) == 1:
            return [word for word, _ in self._spellings[0]]
        together: Counter[str] = Counter()
        for words in self._spellings:
            together.update(dict(words))
        return [word for word, _ in together.most_common()]

    def score(self, words: Sequence[str]) -> tuple[Numbers, Scores]:
        """Add up the scores of words: the numbers of the passages that hold any, ascending, and float32 scores."""
        found = [pair for word in words if len((pair := self._scored(word))[0])]
        if not found:
            return _NOWHERE, np.zeros(0, dtype=np.float32)
        numbers, place = np.unique(np.concatenate([one for one, _ in found]), return_inverse=True)
        return numbers, np.bincount(place, np.concatenate([scores for _, scores in found])).astype(np.float32)

    def coverage(self, words: set[str], passages: Numbers) -> tuple[Scores, float]:
        """Give the share of the words that some passages hold each, and the share that stands in no passage at all.

        Each word counts by its rarity (the inverse document frequency of BM25), so a name weighs more than "people".

        Returns:
            float32 (len(passages),) between 0 and 1, and a number between 0 and 1.
        """
        covered = np.zeros(len(passages), dtype=np.float32)
        weight = unknown = 0.0
        for word in words:
            holders = self._holders(word)[0]
            rarity = self._rarity(len(holders))
            weight += rarity
            unknown += 0 if len(holders) else rarity
            covered += np.float32(rarity) * np.isin(passages, holders)
        return covered / max(weight, 1e-6), unknown / max(weight, 1e-6)

    def holders(self, word: str) -> int:
        """Count the passages that hold a stemmed word."""
        return len(self._holders(word)[0])

    def _rarity(self, n_holders: int) -> float:
        return float(np.log1p((self.size - n_holders + 0.5) / (n_holders + 0.5)))

    def _scored(self, word: str) -> tuple[Numbers, NDArray[np.float64]]:
        holders, frequencies = self._holders(word)
        return holders, self._rarity(len(holders)) * frequencies / (frequencies + self._damping[holders])

    def _holders(self, word: str) -> tuple[Numbers, Numbers]:
        """Give the passages that hold a word, ascending, and how often each does."""
        found: list[tuple[Numbers, Numbers]] = []
        for first, part, numbers in self._parts:
            if (number := numbers.get(word)) is not None:
                span = slice(part.starts[number], part.starts[number + 1])
                found.append((part.holders[span] + first, part.frequencies[span]))
        if not found:
            return _NOWHERE, _NOWHERE
        if len(found) == 1:
            return found[0]
        return np.concatenate([one for one, _ in found]), np.concatenate([other for _, other in found])
