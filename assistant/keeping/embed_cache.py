"""Keep embeddings by content hash, so that a text is embedded once by a model, however many indexes hold it.

One SQLite file. What is embedded is kept at once, so a build or a sweep that is stopped has not embedded in vain.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from types import TracebackType

import numpy as np

from assistant.finding.encoder import Encoder, Vectors
from corpus.errors import DataFolderError

#: SQLite's codes for a disk that takes no more; which one depends on the system.
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
#: Raise this when the same weights would be exported in a way that gives other vectors.
CACHE_VERSION = 1
_AT_ONCE = 500  # keys in one question to SQLite, which allows 999 on old builds


class EmbeddingCache:
    """Vectors by the hash of the model's weights and the text."""

    def __init__(self, path: Path) -> None:
        """Open the file; it is made where it is missing. Raises DataFolderError."""
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=60)
            with self._connection:
                self._connection.execute(
                    "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
                )
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from None

    def __enter__(self) -> "EmbeddingCache":
        """Use it in a with statement: it is closed at the end."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the file."""
        self._connection.close()

    def get(self, keys: Iterable[bytes]) -> dict[bytes, Vectors]:
        """Give the vectors that are kept, float32 (dim,) each; one that is damaged counts as missing."""
        wanted, found = list(dict.fromkeys(keys)), {}
        try:
            for first in range(0, len(wanted), _AT_ONCE):
                part = wanted[first : first + _AT_ONCE]
                marks = ",".join("?" * len(part))
                query = f"SELECT key, vector FROM vectors WHERE key IN ({marks})"  # noqa: S608 - question marks only
                for key, stored in self._connection.execute(query, part):
                    vector = np.frombuffer(stored, dtype="<f4") if len(stored) % 4 == 0 else np.zeros(0)
                    if abs(float(np.linalg.norm(vector)) - 1) < 1e-3:
                        found[bytes(key)] = vector.astype(np.float32)
        except sqlite3.Error as error:
            raise self._unusable(error) from None
        return found

    def put(self, vectors: dict[bytes, Vectors]) -> None:
        """Keep unit vectors, float32 (dim,) each."""
        rows = [(key, vector.astype("<f4").tobytes()) for key, vector in vectors.items()]
        try:
            with self._connection:
                self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
        except sqlite3.Error as error:
            raise self._unusable(error) from None

    def _unusable(self, error: Exception) -> DataFolderError:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NO_ROOM:
            return DataFolderError(
                f"the data folder {self._path.parent} cannot be written: {error}. Make room on its disk, or "
                "choose another with --data-dir or COPRODUCE_DATA_DIR."
            )
        return DataFolderError(
            f"the kept embeddings in {self._path} cannot be used: {error}. Remove the file to embed again."
        )


class CachedEncoder:
    """Encodes texts with a model, or takes their vectors from the cache."""

    def __init__(
        self, cache: EmbeddingCache, model: str, counter: Encoder, load: Callable[[], Encoder] | None = None
    ) -> None:
        """Encode by a cache.

        Args:
            cache: Where vectors are kept.
            model: A hash that tells the model, as it was exported, from all others.
            counter: Counts tokens as the model does, and says its limit.
            load: Loads the model when the first text is missing; `counter` encodes if left out.
        """
        self._cache = cache
        self._salt = hashlib.sha256(f"{CACHE_VERSION} {model}".encode()).digest()
        self._counter = counter
        self._load = load
        self.max_tokens = counter.max_tokens
        self.embedded = 0
        self.from_cache = 0

    def count(self, text: str) -> int:
        """Count a text's tokens, special tokens left out."""
        return self._counter.count(text)

    def plain(self, vectors: Vectors) -> Vectors:
        """Give the embedding model's own vectors of those that `encode` gave."""
        return self._encoder.plain(vectors)

    def missing(self, texts: list[str]) -> list[str]:
        """Give the texts that would have to be embedded, each once."""
        by_key = {self._key(text): text for text in texts}
        kept = self._cache.get(by_key)
        return [text for key, text in by_key.items() if key not in kept]

    def encode(self, texts: list[str]) -> Vectors:
        """Encode texts as float32 (n_texts, dim), each row of length 1."""
        keys = [self._key(text) for text in texts]
        vectors = self._cache.get(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in vectors}
        self.embedded += len(missing)
        self.from_cache += len(texts) - len(missing)
        if missing:
            rows = self._encoder.encode(list(missing.values()))
            new = dict(zip(missing, rows, strict=True))
            self._cache.put(new)
            vectors |= new
        return np.stack([vectors[key] for key in keys]) if keys else np.zeros((0, 0), dtype=np.float32)

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(self._salt + text.encode()).digest()

    @cached_property
    def _encoder(self) -> Encoder:
        return self._counter if self._load is None else self._load()
