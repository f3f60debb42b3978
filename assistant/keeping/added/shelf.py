"""Put documents into the library, replace them, and take them out: each in one transaction."""

import hashlib
import json
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import TypeAdapter

from assistant.finding.encoder import Vectors
from assistant.keeping.added.database import FILLER, Database, read_generation
from assistant.keeping.added.records import Held, Outcome, Place, Problem, Removed, Row, id_for
from corpus.clean import undo_cleaning
from corpus.corrections import Corrections, as_added
from corpus.errors import CorpusError, IndexDamaged, UnknownName
from corpus.filters import USUAL
from corpus.schema import Chunk, Document
from corpus.shown import shown_name

if TYPE_CHECKING:
    from corpus.readers.read import ReadFile  # who asks reads no file

CHUNKS = TypeAdapter(tuple[Chunk, ...])
_COLUMNS = (
    "number, id, sha256, content_sha256, format, title, authors, year, passages, speakers, remarks, partly, "
    "corrections, added"
)


@dataclass(frozen=True)
class Embedded:
    """A document's chunks with their vectors, float32 (n_chunks, width), by one embedding model."""

    model: str
    chunks: tuple[Chunk, ...]
    vectors: Vectors


@dataclass(frozen=True)
class Seen:
    """A file as it was looked at."""

    path: Path
    size: int
    modified: int
    sha256: str


class Overtaken(CorpusError):
    """Another process changed the library while a file was read."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"another coproduce is changing the documents at {shown_name(path)}. Give the command again.")


class Shelf:
    """The library of added documents, open for changes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- looking

    def documents(self, collection: str | None = None) -> list[Held]:
        """List the documents, in the order in which they were added; those of one collection, where it is named."""
        with self._database.reading() as connection:
            rows, places = read_rows(connection), read_places(connection)
        held = [held_of(row, places.get(row.number, [])) for row in rows]
        return [one for one in held if collection is None or collection in one.collections]

    def problems(self) -> list[Problem]:
        """List the files that were refused or only partly read, by their paths."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT path, collection, outcome, reason, found FROM problems ORDER BY path")
            return [
                Problem(
                    path=shown_name(os.fsdecode(path)),
                    collection=collection,
                    outcome=outcome,
                    reason=reason,
                    found=found,
                )
                for path, collection, outcome, reason, found in rows
            ]

    def known_places(self) -> dict[Path, tuple[str, str]]:
        """Give every place that has a document or a problem, with its collection and the content's hash, if any."""
        with self._database.reading() as connection:
            found = {
                _path(path): (where, "") for path, where in connection.execute("SELECT path, collection FROM problems")
            }
            query = "SELECT path, collection, sha256 FROM places"
            found |= {_path(path): (where, sha256) for path, where, sha256 in connection.execute(query)}
        return dict(sorted(found.items()))

    def one_of_several(self, asked: str) -> Path | None:
        """Give the place that was asked for by its path, where its document has other places too."""
        path = Path(os.path.abspath(asked))  # noqa: PTH100 - without following links
        with self._database.reading() as connection:
            here = _place(connection, path)
            return path if here and _places_of(connection, here.document) > 1 else None

    def find(self, asked: str) -> Held:
        """Find a document by its id, the beginning of its id, or one of its places.

        Raises:
            UnknownName: there is none, or several; the message names them.
        """
        held = self.documents()
        place = shown_name(os.path.abspath(asked)) if asked else ""  # noqa: PTH100 - without following links
        exact = [one for one in held if one.id == asked or any(where.path == place for where in one.places)]
        found = exact or [one for one in held if asked and one.id.startswith(asked.casefold())]
        if len(found) == 1:
            return found[0]
        names = ", ".join(one.id for one in (found or held)[:20])
        what = "several documents begin so" if found else "there is no such document"
        raise UnknownName(
            f"{shown_name(asked)!r}: {what}. There are: {names or 'none'}. `coproduce documents` lists them.",
            field="document_id",
        )

    def document(self, document_id: str) -> Document:
        """Give a document as it was read, without corrections. Raises UnknownName, IndexDamaged."""
        with self._database.reading() as connection:
            row = _row_of(connection, "id", document_id)
            if row is None:
                raise UnknownName(f"there is no document {shown_name(document_id)!r}.", field="document_id")
            return read_document(connection, row)

    def id_for(self, path: Path) -> str:
        """Give the id under which a new content at a place is read: its document's, if that has no other place."""
        with self._database.reading() as connection:
            here = _place(connection, path)
            if here and _places_of(connection, here.document) == 1:
                return _id_of(connection, here.document)
            return _free_id(connection, path)

    def what_would(self, path: Path, collection: str | None, sha256: str) -> tuple[Outcome, Row | None]:
        """Say what putting a content at a place would be, and which document has that content already, if one has."""
        with self._database.reading() as connection:
            here = _place(connection, path)
            same = _row_of(connection, "sha256", sha256)
            if here and here.sha256 == sha256:
                return "unchanged" if collection in (None, here.collection) else "moved", same
            return "replaced" if here else "added", same

    # --- changing

    def put(
        self, seen: Seen, collection: str | None, read: "ReadFile | None" = None, embedded: Embedded | None = None
    ) -> tuple[Outcome, Row]:
        """Put what was read at a place into the library. Give what became of it, and the document.

        Without `read` the content must be in the library already, from another place or this one.

        Raises:
            Overtaken: another process changed the library meanwhile, so that the file must be read again.
            DataFolderError: the file cannot be written.
        """
        with self._database.writing() as connection:
            here = _place(connection, seen.path)
            same = _row_of(connection, "sha256", seen.sha256)
            connection.execute("DELETE FROM problems WHERE path = ?", (_bytes(seen.path),))
            if here and here.sha256 == seen.sha256 and same:
                moves = collection not in (None, here.collection)
                _set_place(connection, seen, same.number, collection or here.collection)
                if moves:
                    _next(connection)
                _keep_if_partly(connection, seen.path, collection or here.collection, same)
                return "moved" if moves else "unchanged", same
            where = collection or (here.collection if here else USUAL)
            if same is not None:
                number = same.number
            elif read is None or embedded is None:
                raise Overtaken(seen.path)
            elif here and _places_of(connection, here.document) == 1:
                number = here.document
                _replace(connection, number, seen.path, read, embedded)
            else:
                number = _insert(connection, seen.path, read, embedded)
            _set_place(connection, seen, number, where)
            if here and here.document != number and not _places_of(connection, here.document):
                _delete(connection, here.document)
            _next(connection)
            row = _row_of(connection, "number", number)
            if row is None:
                raise Overtaken(seen.path)
            _keep_if_partly(connection, seen.path, where, row)
            return "replaced" if here else "added", row

    def refuse(self, path: Path, collection: str, reason: str) -> None:
        """Keep that a file was refused, and why. What was read of it before stays."""
        with self._database.writing() as connection:
            here = _place(connection, path)
            _put_problem(connection, path, here.collection if here else collection, "refused", reason)

    def remove(self, document_id: str) -> None:
        """Take a document out, with all its places. Raises UnknownName, DataFolderError."""
        with self._database.writing() as connection:
            row = _row_of(connection, "id", document_id)
            if row is None:
                raise UnknownName(f"there is no document {shown_name(document_id)!r} any more.", field="document_id")
            connection.execute(
                "DELETE FROM problems WHERE path IN (SELECT path FROM places WHERE document = ?)", (row.number,)
            )
            connection.execute("DELETE FROM places WHERE document = ?", (row.number,))
            _delete(connection, row.number)
            _next(connection)
        self._database.scrub()

    def remove_place(self, path: Path) -> Removed | None:
        """Take a place out, and with the last its document; nothing where it is not known. Raises DataFolderError."""
        removed = None
        with self._database.writing() as connection:
            connection.execute("DELETE FROM problems WHERE path = ?", (_bytes(path),))
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('scrub', '1')")
            if here := _place(connection, path):
                row = _row_of(connection, "number", here.document)
                connection.execute("DELETE FROM places WHERE path = ?", (_bytes(path),))
                whole = not _places_of(connection, here.document)
                if whole:
                    _delete(connection, here.document)
                _next(connection)
                if row is not None:
                    place = Place(path=shown_name(path), collection=here.collection)
                    removed = Removed(dry_run=False, document_id=row.id, title=row.title, places=(place,), whole=whole)
        self._database.scrub()
        return removed

    def would_be(self, document_id: str, corrections: Corrections) -> Held:
        """Give a document as corrections would have it; nothing is changed. Raises UnknownName."""
        with self._database.reading() as connection:
            row, _, document = _corrected(connection, document_id, corrections)
            held = held_of(row, read_places(connection).get(row.number, []))
        speakers = tuple((one.label, one.role) for one in document.speakers)
        about = {"title": document.title, "authors": document.authors, "year": document.year, "speakers": speakers}
        return held.model_copy(update=about | {"passages": len(document.passages)})

    def correct(self, document_id: str, corrections: Corrections) -> Held:
        """Keep corrections over those that there are. Raises UnknownName, DataFolderError."""
        with self._database.writing() as connection:
            row, kept, document = _corrected(connection, document_id, corrections)
            _set_shown(connection, row.number, document)
            connection.execute(
                "UPDATE documents SET corrections = ? WHERE number = ?", (kept.model_dump_json(), row.number)
            )
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('scrub', '1')")  # the name that was shown before
            _next(connection)
        self._database.scrub()
        return self.find(document_id)

    # --- embedding models

    @property
    def model(self) -> str | None:
        """What made the vectors that answer: see `model.py`; None where nothing was embedded yet."""
        with self._database.reading() as connection:
            return read_meta(connection, "model")

    def without_vectors(self, model: str) -> list[str]:
        """List the ids of documents that have no vectors by a model."""
        with self._database.reading() as connection:
            query = (
                "SELECT id FROM documents WHERE number NOT IN (SELECT document FROM embedded WHERE model = ?) "
                "ORDER BY number"
            )
            return [one for (one,) in connection.execute(query, (model,))]

    def put_vectors(self, document_id: str, embedded: Embedded) -> None:
        """Put vectors by another model beside those that there are. Nothing answers by them yet."""
        with self._database.writing() as connection:
            row = _row_of(connection, "id", document_id)
            if row is not None and row.content_sha256:
                _put_embedded(connection, row.number, embedded)

    def switch_to(self, model: str) -> bool:
        """Let a model's vectors answer and drop all others, only where every document has some. Tell if it did."""
        with self._database.writing() as connection:
            missing = connection.execute(
                "SELECT 1 FROM documents WHERE number NOT IN (SELECT document FROM embedded WHERE model = ?)", (model,)
            ).fetchone()
            if missing:
                return False
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('model', ?)", (model,))
            connection.execute("DELETE FROM embedded WHERE model != ?", (model,))
            _next(connection)
        return True


# --- what is read of the file, also by who only reads


def read_rows(connection: sqlite3.Connection) -> list[Row]:
    """Read every document's row, in the order in which they were added."""
    query = f"SELECT {_COLUMNS} FROM documents ORDER BY number"  # noqa: S608 - names of ours
    return [_row(*values) for values in connection.execute(query)]


def read_places(connection: sqlite3.Connection) -> dict[int, list[Place]]:
    """Read every document's places, by its number."""
    found: dict[int, list[Place]] = {}
    for path, number, collection in connection.execute("SELECT path, document, collection FROM places ORDER BY path"):
        found.setdefault(number, []).append(Place(path=shown_name(os.fsdecode(path)), collection=collection))
    return found


def read_meta(connection: sqlite3.Connection, name: str) -> str | None:
    """Read what is kept under a name."""
    found = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return str(found[0]) if found else None


def read_document(connection: sqlite3.Connection, row: Row) -> Document:
    """Read a document, checked against its hash and its source. Raises IndexDamaged."""
    query = "SELECT source, source_sha256, content FROM sources WHERE document = ?"
    found = connection.execute(query, (row.number,)).fetchone()
    if found is None:
        raise IndexDamaged(_damaged(row))
    source, source_sha256, content = found
    if _sha256(source) != source_sha256 or _sha256(content) != row.content_sha256:
        raise IndexDamaged(_damaged(row))
    return Document.model_validate_json(content)


def read_embedded(connection: sqlite3.Connection, row: Row, model: str) -> Embedded | None:
    """Read a document's chunks and vectors by a model; None where it has none. Raises IndexDamaged."""
    query = "SELECT chunks, vectors, width, sha256 FROM embedded WHERE document = ? AND model = ?"
    found = connection.execute(query, (row.number, model)).fetchone()
    if found is None:
        return None
    chunks, vectors, width, sha256 = found
    if _sha256(chunks, vectors) != sha256:
        raise IndexDamaged(_damaged(row))
    rows = np.frombuffer(vectors, dtype="<f4").reshape(-1, width).astype(np.float32, copy=False)
    return Embedded(model, CHUNKS.validate_json(chunks), rows)


def held_of(row: Row, places: Sequence[Place]) -> Held:
    """Give a document without its words."""
    return Held(
        id=row.id,
        title=row.title,
        authors=row.authors,
        year=row.year,
        format=row.format,
        collections=tuple(dict.fromkeys(one.collection for one in places)),
        places=tuple(places),
        passages=row.passages,
        speakers=row.speakers,
        remarks=row.remarks,
        partly=row.partly,
        added=row.added,
    )


# --- steps of a transaction


@dataclass(frozen=True)
class _Here:
    document: int
    collection: str
    sha256: str


def _corrected(
    connection: sqlite3.Connection, document_id: str, corrections: Corrections
) -> tuple[Row, Corrections, Document]:
    """Give a document's row, its corrections with more of them, and the document as they have it."""
    row = _row_of(connection, "id", document_id)
    if row is None:
        raise UnknownName(f"there is no document {shown_name(document_id)!r}.", field="document_id")
    document = read_document(connection, row)
    printed = {one.label: one.label for one in document.speakers}
    printed |= {one.label: label for label, one in row.corrections.speakers.items() if one.label and label in printed}
    unknown = set(corrections.speakers) - set(printed)
    if unknown:
        names = ", ".join(printed) or "nobody"
        raise UnknownName(
            f"{document_id} has no speaker {shown_name(min(unknown))!r}. Those who speak in it: {names}.",
            field="speaker",
        )
    by_printed = {printed[label]: one for label, one in corrections.speakers.items()}
    kept = row.corrections | corrections.model_copy(update={"speakers": by_printed})
    return row, kept, as_added(document, kept)


def _place(connection: sqlite3.Connection, path: Path) -> _Here | None:
    query = "SELECT document, collection, sha256 FROM places WHERE path = ?"
    found = connection.execute(query, (_bytes(path),)).fetchone()
    return _Here(*found) if found else None


def _row_of(connection: sqlite3.Connection, column: Literal["number", "id", "sha256"], value: object) -> Row | None:
    query = f"SELECT {_COLUMNS} FROM documents WHERE {column} = ?"  # noqa: S608 - names of ours
    found = connection.execute(query, (value,)).fetchone()
    return _row(*found) if found else None


def _id_of(connection: sqlite3.Connection, number: int) -> str:
    return str(connection.execute("SELECT id FROM documents WHERE number = ?", (number,)).fetchone()[0])


def _places_of(connection: sqlite3.Connection, number: int) -> int:
    return int(connection.execute("SELECT COUNT(*) FROM places WHERE document = ?", (number,)).fetchone()[0])


def _free_id(connection: sqlite3.Connection, path: Path) -> str:
    ids = (id_for(path, length) for length in range(6, 64, 4))
    return next(one for one in ids if _row_of(connection, "id", one) is None)


def _insert(connection: sqlite3.Connection, path: Path, read: "ReadFile", embedded: Embedded) -> int:
    document_id = read.document.id
    if _row_of(connection, "id", document_id) is not None:
        raise Overtaken(path)  # passages go by the document's id: it must be read again under another
    cursor = connection.execute(
        "INSERT INTO documents (id, sha256, content_sha256, format, title, authors, year, passages, speakers, remarks, "
        "partly, corrections, added) VALUES (?, ?, '', '', '', '[]', NULL, 0, '[]', '[]', 0, ?, ?)",
        (document_id, read.sha256, Corrections().model_dump_json(), _now()),
    )
    number = int(cursor.lastrowid or 0)
    _fill(connection, number, read, embedded, Corrections())
    return number


def _replace(connection: sqlite3.Connection, number: int, path: Path, read: "ReadFile", embedded: Embedded) -> None:
    """Put another content in a document's place; what was corrected by hand stays."""
    row = _row_of(connection, "number", number)
    if row is None or read.document.id != row.id:
        raise Overtaken(path)
    connection.execute("DELETE FROM sources WHERE document = ?", (number,))
    connection.execute("DELETE FROM embedded WHERE document = ?", (number,))
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('scrub', '1')")
    _fill(connection, number, read, embedded, row.corrections)


def _fill(
    connection: sqlite3.Connection, number: int, read: "ReadFile", embedded: Embedded, corrections: Corrections
) -> None:
    content, source = read.document.model_dump_json().encode(), undo_cleaning(read.document).encode()
    connection.execute(
        "INSERT INTO sources VALUES (?, zeroblob(?), ?, ?, ?)", (number, FILLER, source, _sha256(source), content)
    )
    _put_embedded(connection, number, embedded)
    remarks = json.dumps([one.text for one in read.remarks], ensure_ascii=False)
    connection.execute(
        "UPDATE documents SET sha256 = ?, content_sha256 = ?, format = ?, remarks = ?, partly = ? WHERE number = ?",
        (read.sha256, _sha256(content), read.format, remarks, any(one.partly for one in read.remarks), number),
    )
    _set_shown(connection, number, as_added(read.document, corrections))
    connection.execute("INSERT OR IGNORE INTO meta VALUES ('model', ?)", (embedded.model,))


def _set_shown(connection: sqlite3.Connection, number: int, document: Document) -> None:
    """Keep beside a document what lists show of it."""
    speakers = json.dumps([[one.label, one.role] for one in document.speakers], ensure_ascii=False)
    authors = json.dumps(document.authors, ensure_ascii=False)
    connection.execute(
        "UPDATE documents SET title = ?, authors = ?, year = ?, passages = ?, speakers = ? WHERE number = ?",
        (document.title, authors, document.year, len(document.passages), speakers, number),
    )


def _put_embedded(connection: sqlite3.Connection, number: int, embedded: Embedded) -> None:
    chunks, vectors = CHUNKS.dump_json(embedded.chunks), embedded.vectors.astype("<f4").tobytes()
    width = embedded.vectors.shape[1]
    connection.execute("DELETE FROM embedded WHERE document = ? AND model = ?", (number, embedded.model))
    connection.execute(
        "INSERT INTO embedded VALUES (?, ?, zeroblob(?), ?, ?, ?, ?)",
        (number, embedded.model, FILLER, chunks, vectors, width, _sha256(chunks, vectors)),
    )


def _delete(connection: sqlite3.Connection, number: int) -> None:
    """Delete a document that has no place any more."""
    for table, column in (("sources", "document"), ("embedded", "document"), ("documents", "number")):
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (number,))  # noqa: S608 - names of ours
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('scrub', '1')")


def _set_place(connection: sqlite3.Connection, seen: Seen, number: int, collection: str) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?, ?, ?)",
        (_bytes(seen.path), number, collection, seen.size, seen.modified, seen.sha256),
    )


def _keep_if_partly(connection: sqlite3.Connection, path: Path, collection: str, row: Row) -> None:
    if row.partly:
        _put_problem(connection, path, collection, "partly read", " ".join(row.remarks))


def _put_problem(connection: sqlite3.Connection, path: Path, collection: str, outcome: str, reason: str) -> None:
    values = (_bytes(path), collection, outcome, reason, _now())
    connection.execute("INSERT OR REPLACE INTO problems VALUES (?, ?, ?, ?, ?)", values)


def _next(connection: sqlite3.Connection) -> None:
    """Say that the library is another one from here on."""
    number = read_generation(connection) + 1
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('generation', ?)", (str(number),))


def _row(*values: object) -> Row:
    number, document_id, sha256, content, kind, title, authors, year, passages, speakers, remarks, *rest = values
    partly, corrections, added = rest
    return Row(
        number=int(str(number)),
        id=str(document_id),
        sha256=str(sha256),
        content_sha256=str(content),
        format=str(kind),
        title=str(title),
        authors=tuple(json.loads(str(authors))),
        year=None if year is None else int(str(year)),
        passages=int(str(passages)),
        speakers=tuple((label, role) for label, role in json.loads(str(speakers))),
        remarks=tuple(json.loads(str(remarks))),
        partly=bool(partly),
        corrections=Corrections.model_validate_json(str(corrections)),
        added=str(added),
    )


def _sha256(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def _damaged(row: Row) -> str:
    return f"what is kept of {row.id} is damaged. Remove it and add it again: nothing is quoted from it."


def _bytes(path: Path) -> bytes:
    return os.fsencode(path)


def _path(stored: bytes) -> Path:
    return Path(os.fsdecode(stored))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
