"""Open the library of added documents to be asked: one state of it, read whole and checked; nothing stays open."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from assistant.finding.bm25 import WordCounts
from assistant.finding.index import Index, IndexPart
from assistant.finding.vectors import FlatVectors
from assistant.keeping.added.database import connect_to_read, generation_of, read_generation, unusable
from assistant.keeping.added.derived import StillThere, keep_words, read_words, words_version
from assistant.keeping.added.records import Held, Place, Row
from assistant.keeping.added.shelf import (
    Embedded,
    held_of,
    read_document,
    read_embedded,
    read_meta,
    read_places,
    read_rows,
)
from corpus.chunk import passage_words
from corpus.corrections import as_added
from corpus.errors import IndexDamaged
from corpus.library import Entry, EntryHashes, Library
from corpus.schema import Chunk, Document


@dataclass(frozen=True)
class OpenedDocument:
    """A document with its part of the index, and where it is."""

    row: Row
    held: Held
    entry: Entry
    part: IndexPart


@dataclass(frozen=True)
class Opened:
    """One state of the library."""

    generation: int = 0
    model: str | None = None
    documents: tuple[OpenedDocument, ...] = ()
    damaged: tuple[str, ...] = ()
    """A line for each document that cannot be quoted from, with what to do."""
    _by_version: dict[tuple[int, str, str], OpenedDocument] = field(default_factory=dict)

    def visible(self, collections: Iterable[str] | None) -> tuple[OpenedDocument, ...]:
        """Give the documents of some collections; all if left out."""
        if collections is None:
            return self.documents
        seen = set(collections)
        return tuple(one for one in self.documents if seen.intersection(one.held.collections))

    @property
    def collections(self) -> tuple[str, ...]:
        """The names of the collections, in the order of their first documents."""
        return tuple(dict.fromkeys(name for one in self.documents for name in one.held.collections))


def open_library(path: Path, before: Opened = Opened()) -> Opened:
    """Read a library; documents that are as they were `before` are taken from there. Raises DataFolderError."""
    if not path.is_file() or not generation_of(path):
        return Opened()
    counted = None if before.documents else read_words(path)
    damaged: list[str] = []
    opened: dict[tuple[int, str, str], OpenedDocument] = {}
    fresh: dict[int, tuple[str, WordCounts]] = {}
    try:
        with closing(connect_to_read(path)) as connection:
            connection.execute("BEGIN")
            generation, model = read_generation(connection), read_meta(connection, "model")
            places = read_places(connection)
            reusable = before._by_version if before.model == model else {}
            for row in read_rows(connection):
                where = places.get(row.number, [])
                try:
                    known = reusable.get(row.version)
                    if known is not None:
                        opened[row.version] = OpenedDocument(row, held_of(row, where), known.entry, known.part)
                        continue
                    if counted is None:
                        counted = read_words(path)
                    found, is_fresh = _open(connection, row, where, model or "", counted)
                    opened[row.version] = found
                    if is_fresh:
                        fresh[row.number] = (_version(row), found.part.words)
                except (IndexDamaged, ValidationError, ValueError) as error:
                    damaged.append(str(error) if isinstance(error, IndexDamaged) else _unreadable(row))
    except sqlite3.Error as error:
        raise unusable(path, error) from None
    if fresh:
        keep_words(path, fresh, StillThere(path, {one.row.number: one.row.content_sha256 for one in opened.values()}))
    return Opened(generation, model, tuple(opened.values()), tuple(damaged), opened)


def together(documents: Iterable[OpenedDocument]) -> tuple[Library, Index]:
    """Put documents together to be asked; there must be one at least."""
    chosen = list(documents)
    return Library(one.entry for one in chosen), Index([one.part for one in chosen])


def _open(
    connection: sqlite3.Connection,
    row: Row,
    places: list[Place],
    model: str,
    counted: dict[int, tuple[str, WordCounts]],
) -> tuple[OpenedDocument, bool]:
    embedded = read_embedded(connection, row, model)
    if embedded is None:
        raise IndexDamaged(f"{row.id} is not embedded. Run `coproduce update`.")
    read = read_document(connection, row)
    document = as_added(read, row.corrections)
    chunks, rows = _of_passages(document, embedded)
    version, known = _version(row), counted.get(row.number)
    is_fresh = known is None or known[0] != version or len(known[1].lengths) != len(document.passages)
    words = _count(document, chunks) if is_fresh or known is None else known[1]
    nothing = np.zeros((0, rows.shape[1]), dtype=np.float32)
    part = IndexPart(
        chunks,
        FlatVectors.from_vectors(rows),
        FlatVectors.from_vectors(nothing),
        FlatVectors.from_vectors(nothing),
        words,
    )
    hashes = EntryHashes(document_id=document.id, content=row.content_sha256, indexed=row.content_sha256)
    return OpenedDocument(row, held_of(row, places), Entry(document=document, hashes=hashes), part), is_fresh


def _of_passages(document: Document, embedded: Embedded) -> tuple[tuple[Chunk, ...], np.ndarray]:
    """Leave the chunks of passages that are offered: what interviewers say is not."""
    offered = {one.id for one in document.passages}
    kept = [number for number, chunk in enumerate(embedded.chunks) if chunk.passage_id in offered]
    if len(kept) == len(embedded.chunks):
        return embedded.chunks, embedded.vectors
    return tuple(embedded.chunks[number] for number in kept), embedded.vectors[kept]


def _count(document: Document, chunks: tuple[Chunk, ...]) -> WordCounts:
    by_passage: dict[str, list[Chunk]] = {}
    for chunk in chunks:
        by_passage.setdefault(chunk.passage_id, []).append(chunk)
    return WordCounts.from_texts([passage_words(one, by_passage.get(one.id, [])) for one in document.passages])


def _version(row: Row) -> str:
    return words_version(row.content_sha256, row.corrections.model_dump_json())


def _unreadable(row: Row) -> str:
    return f"what is kept of {row.id} cannot be read: nothing is quoted from it. Remove and add it again."
