"""Word counts of added documents, kept beside the library because they take a while to make; they need not be there.

One SQLite file, each row with a hash. Whatever is absent or wrong is made again; what was removed goes from here too.
"""

import hashlib
import io
import json
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import numpy as np

from assistant.finding.bm25 import WordCounts
from assistant.keeping.added.database import FILLER, connect, for_owner_alone

FILE = "derived.sqlite"
#: Raise this when words are counted in another way.
_VERSION = "1"
_ARRAYS = ("starts", "holders", "frequencies", "lengths")
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS words (document INTEGER PRIMARY KEY, version TEXT NOT NULL, filler BLOB NOT NULL, "
    "body BLOB NOT NULL, sha256 TEXT NOT NULL)"
)


def derived_path(library: Path) -> Path:
    """Give the file beside a library."""
    return library.with_name(FILE)


def read_words(library: Path) -> dict[int, tuple[str, WordCounts]]:
    """Read the counts of every document that has some, by its number, with the version of it that was counted."""
    path = derived_path(library)
    found: dict[int, tuple[str, WordCounts]] = {}
    if not path.is_file():
        return found
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
            for number, version, body, sha256 in connection.execute(
                "SELECT document, version, body, sha256 FROM words"
            ):
                if hashlib.sha256(body).hexdigest() == sha256:
                    with suppress(ValueError, KeyError, OSError):
                        found[number] = (version, _unpacked(body))
    except sqlite3.Error:
        return found
    return found


def keep_words(library: Path, counted: dict[int, tuple[str, WordCounts]], still_there: "StillThere") -> None:
    """Keep counts, of documents that are still in the library; a file that cannot be written is passed over.

    The library is looked at again inside the transaction: what is removed meanwhile goes from here by who removes it.
    """
    path = derived_path(library)
    try:
        for_owner_alone(path)
        with closing(_open(path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            for number in still_there(counted):
                version, words = counted[number]
                body = _packed(words)
                connection.execute(
                    "INSERT OR REPLACE INTO words VALUES (?, ?, zeroblob(?), ?, ?)",
                    (number, version, FILLER, body, hashlib.sha256(body).hexdigest()),
                )
            connection.execute("COMMIT")
    except (sqlite3.Error, OSError):
        return


def forget_words(library: Path, there: dict[int, str]) -> None:
    """Take out the counts of documents that are not in the library any more, or not in that version, without a trace.

    A file that cannot be used is deleted: it can be made again.
    """
    path = derived_path(library)
    if not path.exists():
        return
    try:
        with closing(_open(path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            known = connection.execute("SELECT document, version FROM words").fetchall()
            gone = [(number,) for number, version in known if there.get(number) != version]
            connection.executemany("DELETE FROM words WHERE document = ?", gone)
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.DatabaseError:
        for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
            path.with_name(name).unlink(missing_ok=True)


class StillThere:
    """Tells which documents a library still has, in the versions that were read."""

    def __init__(self, library: Path, versions: dict[int, str]) -> None:
        self._library = library
        self._versions = versions

    def __call__(self, numbers: dict[int, tuple[str, WordCounts]]) -> list[int]:
        """Give those of some numbers that are there."""
        uri = f"{self._library.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=10)) as connection:
            there = dict(connection.execute("SELECT number, content_sha256 FROM documents"))
        return [number for number in numbers if there.get(number) == self._versions[number]]


def words_version(content_sha256: str, corrections: str) -> str:
    """Name what a document's words were counted from."""
    return f"{_VERSION} {content_sha256} {hashlib.sha256(corrections.encode()).hexdigest()[:16]}"


def _open(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    connection.execute(_SCHEMA)
    return connection


def _packed(words: WordCounts) -> bytes:
    texts = json.dumps({"words": words.words, "spellings": words.spellings}, ensure_ascii=False).encode()
    arrays = {name: getattr(words, name) for name in _ARRAYS}
    body = io.BytesIO()
    np.savez(body, allow_pickle=False, texts=np.frombuffer(texts, dtype=np.uint8), **arrays)
    return body.getvalue()


def _unpacked(body: bytes) -> WordCounts:
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        texts = json.loads(arrays["texts"].tobytes())
        return WordCounts(
            words=tuple(texts["words"]),
            spellings=tuple((word, count) for word, count in texts["spellings"]),
            **{name: arrays[name] for name in _ARRAYS},
        )
