"""One SQLite file a session: every change a numbered row, on the disk before it is acknowledged.

A change carries a key that was made where it came from. The same key from the same sender is the same change, so that
whoever got no reply may send it again.
"""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from assistant.room.changes import (
    ANY_CHANGE,
    Asked,
    Change,
    Dotted,
    Flagged,
    Made,
    Responded,
    RuleWritten,
    TookBack,
)
from assistant.room.rules import why_not
from assistant.room.state import Room
from corpus.errors import CoproduceError, DataFolderError

SUFFIX = ".sqlite"
#: Stands beside a session that is being deleted: what is left of it is removed when coproduce starts again.
GONE = ".gone"
MOST_KEY_CHARACTERS = 80
#: So many changes a session takes, at most, and of each device.
MOST_CHANGES, MOST_CHANGES_EACH = 200_000, 2_000
FULL = "This session takes no more from here."
OTHER_WORDS = (
    "This page was sent before, with other words, which are kept. Copy what you typed, load the page again, and send "
    "it from there."
)
_ALWAYS = ("app", "lead", "co")
#: What somebody writes: a key that comes with other words than before is not the same change.
_WRITTEN = Asked | Responded | Dotted | Flagged | RuleWritten
_INSERT = "INSERT INTO changes VALUES (?, ?, ?, ?)"
_BLANK_QUESTION = (
    "UPDATE changes SET body = json_set(body, '$.text', '', '$.same', '') "
    "WHERE json_extract(body, '$.kind') = 'asked' AND json_extract(body, '$.question') = ?"
)
_BLANK_ANSWER = (
    """UPDATE changes SET body = json_set(body, '$.same', '', '$.answer', json('{"status": "taken_back"}')) """
    "WHERE json_extract(body, '$.kind') = 'answered' AND json_extract(body, '$.same') = ?"
)


class NotNow(CoproduceError):
    """A change that cannot be made as the session is; the message is for whoever wanted it."""


@dataclass(frozen=True)
class Done:
    """What became of a change: its number, and whether it had been made before."""

    n: int
    repeated: bool


class RoomFile:
    """A session with its file. Safe to use from several threads; one of them writes at a time."""

    def __init__(self, connection: sqlite3.Connection, room: Room, path: Path | None) -> None:
        self._connection = connection
        self._writing = threading.Lock()
        #: Held while the state is altered, and by whoever reads it; never while the disk is waited for.
        self.reading = threading.Lock()
        self.room = room
        self.path = path
        self.opened = time.monotonic()
        self.listeners: list[Callable[[], None]] = []

    @classmethod
    def make(cls, path: Path | None, made: Made) -> "RoomFile":
        """Begin a session. Without a path it is in memory alone, and leaves nothing behind.

        Raises:
            DataFolderError: the file cannot be written.
        """
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
        connection = _connect(path)
        with _disk_errors():
            connection.execute("BEGIN")  # both or neither: a session without its first change is none
            connection.execute(
                "CREATE TABLE changes (n INTEGER PRIMARY KEY, who TEXT NOT NULL, key TEXT NOT NULL,"
                " body TEXT NOT NULL, UNIQUE (who, key))"
            )
            connection.execute("INSERT INTO changes VALUES (1, 'app', 'made', ?)", (made.model_dump_json(),))
            connection.execute("COMMIT")
        return cls(connection, Room.from_made(made), path)

    @classmethod
    def open(cls, path: Path) -> "RoomFile":
        """Open a session as it was when its last change was acknowledged.

        Raises:
            DataFolderError: the file is not a session, or was changed by another program.
        """
        connection = _connect(path)
        try:
            with _disk_errors():
                rows = connection.execute("SELECT n, body FROM changes ORDER BY n").fetchall()
            first = ANY_CHANGE.validate_json(rows[0][1])
            if not isinstance(first, Made):
                raise ValueError("the first change makes no session")
            room = Room.from_made(first)
            for n, body in rows[1:]:
                room.apply(n, ANY_CHANGE.validate_json(body))
        except (ValidationError, ValueError, IndexError, KeyError) as error:
            connection.close()
            raise DataFolderError(f"{path.name} cannot be read as a session: {type(error).__name__}.") from None
        return cls(connection, room, path)

    def do(self, who: str, key: str, change: Change, check: Callable[[Room], None] | None = None) -> Done:
        """Make a change: it is on the disk when this returns.

        Args:
            who: Whose key it is: a person's id, `lead`, `co` or `app`.
            key: Made by the sender for this change.
            change: The change.
            check: Looks at the session as it is at that moment, and raises what is against the change.

        Raises:
            NotNow: it cannot be made now, the key is none, or other words came with it before.
            DataFolderError: the disk cannot be written; nothing was changed.
        """
        if not 0 < len(key) <= MOST_KEY_CHARACTERS:
            raise NotNow("The page is out of date. Please load it again.")
        with self._writing:
            found = self._connection.execute("SELECT n, body FROM changes WHERE who = ? AND key = ?", (who, key))
            if before := found.fetchone():
                if isinstance(change, _WRITTEN) and not _is_same(before[1], change):
                    raise NotNow(OTHER_WORDS)
                return Done(before[0], repeated=True)
            if reason := why_not(self.room, change) or self._why_full(who):
                raise NotNow(reason)
            if check is not None:
                check(self.room)
            n = self.room.n + 1
            with _disk_errors():
                self._write(n, who, key, change)
            with self.reading:
                self.room.apply(n, change)
        self.told()
        return Done(n, repeated=False)

    def _why_full(self, who: str) -> str | None:
        """Say that a device, or all together, sent as much as is taken. Whoever leads can always go on, and end it."""
        if who in _ALWAYS:
            return None
        (sent,) = self._connection.execute("SELECT count(*) FROM changes WHERE who = ?", (who,)).fetchone()
        return FULL if sent >= MOST_CHANGES_EACH or self.room.n >= MOST_CHANGES else None

    def _write(self, n: int, who: str, key: str, change: Change) -> None:
        row = (n, who, key, change.model_dump_json())
        if not isinstance(change, TookBack):
            self._connection.execute(_INSERT, row)
            return
        question = self.room.questions[change.question]
        with self._connection:  # what is taken back is not only hidden: its words leave the file
            self._connection.execute("BEGIN")
            self._connection.execute(_INSERT, row)
            self._connection.execute(_BLANK_QUESTION, (question.id,))
            if self.room.only_asked_by(question):
                self._connection.execute(_BLANK_ANSWER, (question.same,))
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def told(self) -> None:
        """Tell whoever listens that something has changed."""
        for listener in list(self.listeners):
            listener()

    def close(self) -> None:
        """Close the file."""
        with self._writing:
            self._connection.close()

    def delete(self) -> None:
        """Delete the session: its file and its journals. Should this be cut off, `finish_deleting` goes on."""
        self.close()
        if self.path is not None:
            delete_files(self.path)


def _is_same(kept: str, change: Change) -> bool:
    if kept == change.model_dump_json():
        return True
    before = ANY_CHANGE.validate_json(kept)
    return isinstance(before, Asked) and not before.text  # taken back meanwhile


def delete_files(path: Path) -> None:
    """Remove a session's file and journals; a mark beside them stands until all are gone."""
    mark = path.with_suffix(GONE)
    mark.touch()
    _sync_folder(path.parent)
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm", f"{path.name}-journal"):
        path.with_name(name).unlink(missing_ok=True)
    _sync_folder(path.parent)
    mark.unlink(missing_ok=True)


def finish_deleting(folder: Path) -> None:
    """Go on where deleting was cut off."""
    for mark in folder.glob(f"*{GONE}"):
        delete_files(mark.with_suffix(SUFFIX))


def _sync_folder(folder: Path) -> None:
    import os  # noqa: PLC0415 - only where a folder can be opened

    with contextlib.suppress(OSError):  # Windows cannot
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _connect(path: Path | None) -> sqlite3.Connection:
    with _disk_errors():
        connection = sqlite3.connect(
            ":memory:" if path is None else path, isolation_level=None, check_same_thread=False, timeout=10
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
    return connection


@contextlib.contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise DataFolderError(f"the session could not be written to the data folder ({error}).") from None
