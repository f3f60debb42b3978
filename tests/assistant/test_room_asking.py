"""Sessions of a data folder: questions answered in turn and once, again after a restart; sessions deleted in time."""

import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from assistant.room import changes as to
from assistant.room.asking import counted_alike
from assistant.room.rooms import FORGOTTEN_AFTER_DAYS, Rooms
from assistant.room.store import NotNow, RoomFile
from assistant.schema import Answer, Query
from corpus.errors import QuestionRefused
from tests.assistant.room_plans import PLAN

PLANTED = "the heron in my garden is called Wilhelmina"


class Ask:
    """Notes what is asked, in order, and refuses all of it once it may begin."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.may = threading.Event()

    def __call__(self, query: Query) -> Answer:
        self.may.wait(30)
        self.asked.append(query.question)
        raise QuestionRefused("that is no question.")


def opened(rooms: Rooms, people: int = 2) -> RoomFile:
    file, _ = rooms.make(PLAN, nicknames=False, keep_days=7)
    file.do("lead", "open", to.Opened())
    for number in range(people):
        file.do("app", f"join {number}", to.Joined(person=f"p{number}", token=f"t{number}"))
    return file


def ask(rooms: Rooms, file: RoomFile, person: str, text: str) -> None:
    same = counted_alike(text)
    file.do(person, text, to.Asked(person=person, question=f"{person}{text}", text=text, same=same))
    rooms.asker.add(file, person, text, same)


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_devices_take_turns_and_the_same_question_is_answered_once(tmp_path: Path) -> None:
    asking = Ask()
    rooms = Rooms(tmp_path, asking, threads=1, most=5)
    file = opened(rooms, 3)
    ask(rooms, file, "p0", "first")  # the one thread takes it, and waits
    until(lambda: not rooms.asker._turns)
    for person, text in (("p0", "b"), ("p0", "c"), ("p0", "d"), ("p1", "x"), ("p2", "X?"), ("p2", "y"), ("p1", " x !")):
        ask(rooms, file, person, text)
    asking.may.set()
    until(lambda: not file.room.waiting())
    assert asking.asked == ["first", "b", "x", "y", "c", "d"]
    assert len(file.room.answers) == 6 and file.room.answers["x"].status == "refused"
    rooms.close()


def test_what_waited_is_answered_after_a_restart(tmp_path: Path) -> None:
    stopped, again = Ask(), Ask()
    rooms = Rooms(tmp_path, stopped, threads=1, most=5)
    file = opened(rooms)
    ask(rooms, file, "p0", "What is trust?")
    rooms.asker.stop()
    again.may.set()
    anew = Rooms(tmp_path, again, threads=1, most=5)
    found = anew.get(file.room.session)
    assert found is not None and anew.by_code(file.room.code.lower()) is found
    until(lambda: not found.room.waiting())
    assert again.asked == ["What is trust?"]
    stopped.may.set()
    rooms.close()
    anew.close()


def test_sessions_go_when_their_days_are_over_or_nobody_came_back(tmp_path: Path) -> None:
    rooms = Rooms(tmp_path, Ask(), threads=1, most=5)
    ended, forgotten, open_still = opened(rooms), opened(rooms), opened(rooms)
    for file in (ended, forgotten, open_still):
        file.do("lead", "rule", to.RuleWritten(rule="r1", text=PLANTED))
    today = date.today()
    rooms.end(ended, "lead", "end", today)
    assert rooms.delete_old(today + timedelta(days=7)) == []
    assert rooms.delete_old(today + timedelta(days=8)) == [ended.room.session]
    assert forgotten.path is not None and open_still.path is not None
    import os

    old = time.time() - (FORGOTTEN_AFTER_DAYS + 1) * 86400
    for path in rooms.folder.glob(f"{forgotten.path.name}*"):
        os.utime(path, (old, old))
    assert rooms.delete_old(today) == [forgotten.room.session]
    assert rooms.get(open_still.room.session) is open_still
    rooms.delete(open_still)
    assert PLANTED.encode() not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert list(rooms.folder.iterdir()) == []
    rooms.close()


def test_no_more_sessions_are_open_at_once_than_may_be(tmp_path: Path) -> None:
    rooms = Rooms(tmp_path, Ask(), threads=1, most=1)
    file = opened(rooms)
    with pytest.raises(NotNow, match="1 sessions already"):
        opened(rooms)
    rooms.end(file, "lead", "end")
    opened(rooms)
    rooms.close()


def test_rehearsals_take_no_sessions_place_and_go_after_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = Rooms(tmp_path, Ask(), threads=1, most=1)
    rehearsal, _ = rooms.make(PLAN, nicknames=False, keep_days=7, rehearsal=True)
    session, _ = rooms.make(PLAN, nicknames=False, keep_days=7)
    for again in (False, True):
        with pytest.raises(NotNow, match="already"):
            rooms.make(PLAN, nicknames=False, keep_days=7, rehearsal=again)
    assert rooms.delete_old() == []
    monkeypatch.setattr("assistant.room.rooms.REHEARSAL_S", -1)
    assert rooms.delete_old() == [rehearsal.room.session]
    assert rooms.get(session.room.session) is session
    rooms.close()


def test_session_whose_file_is_gone_stops_no_sweep(tmp_path: Path) -> None:
    rooms = Rooms(tmp_path, Ask(), threads=1, most=5)
    gone, old = opened(rooms), opened(rooms)
    assert gone.path is not None
    for path in gone.path.parent.glob(f"{gone.path.name}*"):
        path.unlink()
    old.do("lead", "end", to.Ended(on="2026-01-01"))
    assert rooms.delete_old(date(2026, 3, 1)) == [old.room.session]
    rooms.close()
