"""The SQLite file of added documents: how it is opened, its tables, and how a removal leaves no trace.

Every change is one transaction that is on the disk when it returns. Words stand only in pages of their own: each row
with words begins with more zeros than a shared page holds, so that what shares a page with other rows is zeros, and
SQLite overwrites the rest when the row goes (`secure_delete`).
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from corpus.errors import DataFolderError

FOLDER = "added"
FILE = "library.sqlite"
#: "copr": files of ours, by `file` and by us.
APPLICATION_ID = 0x636F7072
#: Raise this when a table changes.
SCHEMA_VERSION = 1
#: More than SQLite keeps of a long row in a page that other rows share (4,061 bytes of a page of 4,096).
FILLER = 4200
_BUSY_S = 60
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL UNIQUE,
    content_sha256 TEXT NOT NULL, format TEXT NOT NULL, title TEXT NOT NULL, authors TEXT NOT NULL, year INTEGER,
    passages INTEGER NOT NULL, speakers TEXT NOT NULL, remarks TEXT NOT NULL, partly INTEGER NOT NULL,
    corrections TEXT NOT NULL, added TEXT NOT NULL
);
CREATE TABLE sources (
    document INTEGER PRIMARY KEY REFERENCES documents(number), filler BLOB NOT NULL,
    source BLOB NOT NULL, source_sha256 TEXT NOT NULL, content BLOB NOT NULL
);
CREATE TABLE embedded (
    document INTEGER NOT NULL REFERENCES documents(number), model TEXT NOT NULL, filler BLOB NOT NULL,
    chunks BLOB NOT NULL, vectors BLOB NOT NULL, width INTEGER NOT NULL, sha256 TEXT NOT NULL,
    UNIQUE (document, model)
);
CREATE TABLE places (
    path BLOB PRIMARY KEY, document INTEGER NOT NULL REFERENCES documents(number), collection TEXT NOT NULL,
    size INTEGER NOT NULL, modified INTEGER NOT NULL, sha256 TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX places_of ON places(document);
CREATE TABLE problems (
    path BLOB PRIMARY KEY, collection TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL, found TEXT NOT NULL
) WITHOUT ROWID;
"""
#: Tables of names: small, and rewritten whole when something goes.
_NAMES = ("documents", "places", "problems")


def library_path(data_dir: Path) -> Path:
    """Give the file of a data folder that holds what was added."""
    return data_dir / FOLDER / FILE


class Database:
    """A connection to the file of added documents. Use it in one thread, and close it."""

    def __init__(self, path: Path) -> None:
        """Open the file; it is made where it is missing, for its owner alone.

        Raises:
            DataFolderError: it cannot be opened, is none of ours, or was made by a later version.
        """
        self.path = path
        try:
            path.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(mode=0o700, exist_ok=True)
            for_owner_alone(path)
            self._connection = connect(path)
        except (OSError, sqlite3.Error) as error:
            raise unusable(path, error) from None
        try:
            self._prepare()
        except (sqlite3.Error, DataFolderError) as error:
            self._connection.close()
            raise unusable(path, error) if isinstance(error, sqlite3.Error) else error from None

    def __enter__(self) -> "Database":
        """Use it in a with statement: it is closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close it; what is left of a removal in the WAL goes first."""
        with suppress(DataFolderError):
            self.scrub()
        self._connection.close()

    def _prepare(self) -> None:
        application, version = self._pragma("application_id"), self._pragma("user_version")
        if (application, version) == (0, 0) and not self._connection.execute("SELECT 1 FROM sqlite_schema").fetchone():
            with self.writing() as connection:
                if not connection.execute("SELECT 1 FROM sqlite_schema").fetchone():  # another did not come first
                    for statement in _SCHEMA.split(";\n"):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            application, version = self._pragma("application_id"), self._pragma("user_version")
        if application != APPLICATION_ID:
            raise DataFolderError(
                f"{self.path} is not a library of coproduce. Move it away, or choose another folder with --data-dir."
            )
        if version > SCHEMA_VERSION:
            raise DataFolderError(
                f"{self.path} was made by a later version of coproduce. Install that version to use it."
            )

    def _pragma(self, name: str) -> int:
        return int(self._connection.execute(f"PRAGMA {name}").fetchone()[0])

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Change something: all that is done inside is kept together and is on the disk afterwards, or none of it is.

        Raises:
            DataFolderError: the disk is full, or the file cannot be written.
        """
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise unusable(self.path, error) from None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read one state of the library, whatever others write meanwhile. Raises DataFolderError."""
        try:
            self._connection.execute("BEGIN")
            try:
                yield self._connection
            finally:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise unusable(self.path, error) from None

    def scrub(self) -> bool:
        """Take away what is left of what was removed: copies in tables of names, and the WAL. Tell whether all is gone.

        Raises:
            DataFolderError: the file cannot be written.
        """
        try:
            if self._connection.execute("SELECT 1 FROM meta WHERE name = 'scrub'").fetchone():
                from assistant.keeping.added.derived import forget_words, words_version  # noqa: PLC0415 - it needs this

                rows = self._connection.execute("SELECT number, content_sha256, corrections FROM documents").fetchall()
                forget_words(self.path, {number: words_version(sha256, how) for number, sha256, how in rows})
                with self.writing() as connection:
                    rewrite(connection, _NAMES)
                    connection.execute("DELETE FROM meta WHERE name = 'scrub'")
            busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy
        except sqlite3.Error as error:
            raise unusable(self.path, error) from None


def connect(path: Path) -> sqlite3.Connection:
    """Connect to a file of ours: nothing is lost by a stop, and what goes is overwritten."""
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def rewrite(connection: sqlite3.Connection, tables: tuple[str, ...]) -> None:
    """Write small tables anew, inside a transaction: no page keeps a copy of a row that is gone."""
    connection.execute("PRAGMA defer_foreign_keys = ON")
    for table in tables:
        rows = connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - a name of ours
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - the same
        if rows:
            marks = ",".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - the same


def for_owner_alone(path: Path) -> None:
    """Let only its owner read a file, which is made where it is missing, and the folder that it is in."""
    with suppress(OSError):  # a folder of another's, or a disk without permissions
        if path.parent.stat().st_mode & 0o077:
            path.parent.chmod(0o700)
    if not path.exists():
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def generation_of(path: Path) -> int:
    """Give the number of the library's present state; 0 where there is none. Raises DataFolderError."""
    if not path.is_file() or not path.stat().st_size:
        return 0
    try:
        with closing(connect_to_read(path)) as connection:
            return read_generation(connection)
    except sqlite3.Error as error:
        raise unusable(path, error) from None


def read_generation(connection: sqlite3.Connection) -> int:
    """Give the number of the state that a connection sees."""
    if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").fetchone():
        return 0
    row = connection.execute("SELECT value FROM meta WHERE name = 'generation'").fetchone()
    return int(row[0]) if row else 0


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Connect to a library that is only read; also in a folder that cannot be written."""
    quoted = path.resolve().as_uri()
    connection = sqlite3.connect(f"{quoted}?mode=ro", uri=True, timeout=_BUSY_S, isolation_level=None)
    try:
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        log = path.with_name(path.name + "-wal")
        if log.exists() and log.stat().st_size:
            raise
        # Nobody can write there, and nothing waits in the log: the file is all there is.
        connection = sqlite3.connect(f"{quoted}?mode=ro&immutable=1", uri=True, isolation_level=None)
    return connection


def unusable(path: Path, error: Exception) -> DataFolderError:
    """Say why the library cannot be used, and what to do."""
    said = str(error)
    if "full" in said:
        return DataFolderError(
            "the disk is full. What was added until now is kept. Free some space and give the same command again: it "
            "goes on where it stopped."
        )
    if "readonly" in said or "unable to open" in said or isinstance(error, PermissionError):
        return DataFolderError(
            f"the library of added documents in {path.parent} cannot be written: {said}. "
            "Choose another folder with --data-dir or COPRODUCE_DATA_DIR."
        )
    if "malformed" in said or "not a database" in said:
        return DataFolderError(
            f"{path} is damaged ({said}). Restore it from a copy, or move it away and add your documents again."
        )
    return DataFolderError(f"the library of added documents in {path} cannot be used: {said}. Try again.")
