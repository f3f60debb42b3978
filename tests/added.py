"""What tests of added documents share: an encoder that needs no model, and a library of real files."""

import hashlib
import os
from pathlib import Path

import numpy as np

from assistant.finding.encoder import Vectors
from assistant.keeping.added.adding import Adder
from assistant.keeping.added.database import Database, library_path
from assistant.keeping.added.embed import Embedder
from assistant.keeping.added.records import Done
from assistant.keeping.added.shelf import Shelf, read_document, read_embedded, read_rows


class FromHash:
    """Encodes a text as a direction that its hash gives: no model, and the same every time."""

    max_tokens = 100

    def encode(self, texts: list[str]) -> Vectors:
        """Encode texts as float32 (n_texts, 8), each row of length 1."""
        rows = np.array([list(hashlib.sha256(text.encode()).digest()[:8]) for text in texts], dtype=np.float32) + 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True) if len(rows) else np.zeros((0, 8), np.float32)

    def count(self, text: str) -> int:
        """Count words."""
        return len(text.split())

    def plain(self, vectors: Vectors) -> Vectors:
        """Give them as they are."""
        return vectors


def fake_embedder(model: str = "fake") -> Embedder:
    """Embed without a model."""
    return Embedder(model, FromHash)


def add(data_dir: Path, *named: Path, collection: str | None = None, model: str = "fake") -> Done:
    """Add files without a model."""
    return Adder(data_dir, fake_embedder(model)).add(named, collection)


def update(data_dir: Path, *, remove_missing: bool = False, model: str = "fake") -> Done:
    """Update without a model."""
    return Adder(data_dir, fake_embedder(model)).update(remove_missing=remove_missing)


def contents_of(data_dir: Path) -> dict[str, set[tuple[str, str]]]:
    """Give each document's text with its places, path and collection; every value is checked against its hash."""
    with Database(library_path(data_dir)) as database:
        assert database._connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        with database.reading() as connection:
            model = connection.execute("SELECT value FROM meta WHERE name = 'model'").fetchone()
            for row in read_rows(connection):
                document = read_document(connection, row)
                embedded = read_embedded(connection, row, model[0])
                assert embedded is not None
                assert len(embedded.chunks) == len(embedded.vectors)
                assert {one.passage_id for one in embedded.chunks} == {one.id for one in document.passages}
                assert all(one.document_id == document.id == row.id for one in document.passages)
            texts = {row.id: read_document(connection, row).text for row in read_rows(connection)}
        held = Shelf(database).documents()
    assert {one.id for one in held} == set(texts)
    assert all(one.places for one in held), "a document without a place"
    assert len(set(texts.values())) == len(texts), "one content twice"
    return {texts[one.id]: {(where.path, where.collection) for where in one.places} for one in held}


def bytes_of(folder: Path) -> bytes:
    """Give every byte of every file of a folder, names included."""
    parts = []
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place) / name
            parts += [os.fsencode(path), path.read_bytes()]
    return b"\0".join(parts)
