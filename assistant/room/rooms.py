"""All sessions of this computer: made, found by code or name, ended, and deleted in time."""

import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import structlog

from assistant.room import changes as to
from assistant.room.asking import Asker
from assistant.room.keys import hash_key, new_code, new_key, new_session_id, read_code
from assistant.room.plan import Plan
from assistant.room.store import SUFFIX, NotNow, RoomFile, finish_deleting
from assistant.schema import Answer, Query
from corpus.errors import CoproduceError, DataFolderError

FOLDER = "rooms"
#: A session that nobody ended is deleted when nothing has happened in it for so many days.
FORGOTTEN_AFTER_DAYS = 90
#: A rehearsal is in memory alone, and goes when it was made so long ago.
REHEARSAL_S = 24 * 3600
SWEPT_EVERY_S = 3600
log = structlog.get_logger()


class Rooms:
    """The sessions that a server holds."""

    def __init__(self, data_dir: Path, ask: Callable[[Query], Answer], *, threads: int, most: int) -> None:
        """Open every session of a data folder; what waited there is answered.

        Args:
            data_dir: The data folder; sessions are in a folder of it.
            ask: Answers a question.
            threads: Questions answered at once.
            most: Sessions at once, at most.
        """
        self.folder = data_dir / FOLDER
        self.most = most
        self.asker = Asker(ask, threads)
        self._lock = threading.Lock()
        self._rooms: dict[str, RoomFile] = {}
        if self.folder.is_dir():
            finish_deleting(self.folder)
            for path in sorted(self.folder.glob(f"*{SUFFIX}")):
                try:
                    file = RoomFile.open(path)
                except DataFolderError as error:
                    log.warning(str(error))
                    continue
                self._rooms[file.room.session] = file
        self.delete_old()
        for file in self._rooms.values():
            if file.room.phase_of_life != "ended":
                self.asker.add_waiting(file)
        self._closed = threading.Event()
        threading.Thread(target=self._sweep, daemon=True, name="room-sweep").start()

    def make(self, plan: Plan, *, nicknames: bool, keep_days: int, rehearsal: bool = False) -> tuple[RoomFile, str]:
        """Make a session; also give the facilitator's key, which is kept nowhere.

        Raises:
            NotNow: there are as many as may be.
            DataFolderError: its file cannot be written.
        """
        with self._lock:
            alike = [one for one in self._rooms.values() if (one.path is None) is rehearsal]
            if sum(file.room.phase_of_life != "ended" for file in alike) >= self.most:
                kind = "rehearsals" if rehearsal else "sessions"
                raise NotNow(f"There are {self.most} {kind} already. End one of them first.")
            key = new_key()
            made = to.Made(
                session=new_session_id(),
                code=new_code({file.room.code for file in self._rooms.values()}),
                plan=plan,
                lead=hash_key(key),
                nicknames=nicknames,
                keep_days=keep_days,
            )
            path = None if rehearsal else self.folder / f"{made.session}{SUFFIX}"
            file = RoomFile.make(path, made)
            self._rooms[made.session] = file
            return file, key

    def get(self, session: str) -> RoomFile | None:
        """Give a session by its name in addresses."""
        return self._rooms.get(session)

    def by_code(self, typed: str) -> RoomFile | None:
        """Give the open session that has a code, however it was typed."""
        code = read_code(typed)
        found = (one for one in self._rooms.values() if one.room.code == code and one.room.phase_of_life == "open")
        return next(found, None)

    def end(self, file: RoomFile, who: str, key: str, today: date | None = None) -> None:
        """End a session; nothing is left of a rehearsal."""
        file.do(who, key, to.Ended(on=(today or date.today()).isoformat()))

    def delete(self, file: RoomFile) -> None:
        """Delete a session without a trace."""
        with self._lock:
            self._rooms.pop(file.room.session, None)
        self.asker.forget(file.room.session)
        file.told()
        file.delete()

    def delete_old(self, today: date | None = None) -> list[str]:
        """Delete the sessions whose days are over, and give their names."""
        today = today or date.today()
        gone = [file for file in self._rooms.values() if _is_over(file, today)]
        for file in gone:
            try:
                self.delete(file)
            except (OSError, CoproduceError) as error:
                log.error("a session could not be deleted", error=type(error).__name__)
        return [file.room.session for file in gone]

    def _sweep(self) -> None:
        """Delete, every hour, what is due."""
        while not self._closed.wait(SWEPT_EVERY_S):
            try:
                self.delete_old()
            except Exception as error:  # the next hour tries again
                log.error("sessions could not be looked through", error=type(error).__name__)

    def close(self) -> None:
        """Close every file."""
        self._closed.set()
        self.asker.stop()
        for file in self._rooms.values():
            file.close()


def _is_over(file: RoomFile, today: date) -> bool:
    if file.room.phase_of_life == "ended":
        return date.fromisoformat(file.room.ended_on) + timedelta(days=file.room.keep_days) < today
    if file.path is None:
        return time.monotonic() - file.opened > REHEARSAL_S
    newest = max((one.stat().st_mtime for one in file.path.parent.glob(f"{file.path.name}*")), default=time.time())
    return date.fromtimestamp(newest) + timedelta(days=FORGOTTEN_AFTER_DAYS) < min(
        today, date.fromtimestamp(time.time())
    )
