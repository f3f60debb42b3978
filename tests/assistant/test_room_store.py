"""A session is what its acknowledged changes add up to: against a simple model, after kills, and once deleted."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.room import changes as to
from assistant.room.keys import CODE_LETTERS, fits, hash_key, new_code, read_code
from assistant.room.quotes import Quotes
from assistant.room.results import results_of
from assistant.room.rules import MOST_FLAGS_EACH, MOST_RULES_EACH
from assistant.room.state import FEWEST_SHOWN, Room
from assistant.room.store import GONE, NotNow, RoomFile, delete_files, finish_deleting
from corpus.errors import DataFolderError
from corpus.load import load_library
from tests.assistant.room_kills import kill_often
from tests.assistant.room_plans import made

PEOPLE = ("p1", "p2", "p3", "p4")
QUOTES = Quotes(load_library())
_person = st.sampled_from(PEOPLE)
_choice = st.sampled_from(("yes", "no"))
#: What may be wanted, in any order; much of it is not allowed at that moment.
WANTED = st.one_of(
    st.builds(to.Opened),
    st.builds(to.Joined, person=_person, token=_person),
    st.builds(to.Left, person=_person),
    st.builds(to.Responded, person=_person, step=st.sampled_from(("first", "second")), round=st.sampled_from((1, 2)),
              fields=st.fixed_dictionaries({"choice": _choice}), passed=st.booleans()),
    st.builds(to.Moved, step=st.integers(0, 2), phase=st.sampled_from(("think", "pairs", "again", "read"))),
    st.builds(to.Paused, paused=st.booleans()),
    st.builds(to.ResultsShown, step=st.just("first"), shown=st.booleans()),
    st.builds(to.Asked, person=_person, question=st.sampled_from(("q1", "q2")), text=st.just("Why?"),
              same=st.just("why")),
    st.builds(to.Answered, same=st.just("why"), answer=st.just(to.KeptAnswer(status="answered"))),
    st.builds(to.Hid, what=st.just("question"), id=st.sampled_from(("q1", "q2")), hidden=st.booleans()),
    st.builds(to.Screened, item=st.just("question"), id=st.sampled_from(("q1", "q2"))),
    st.builds(to.TookBack, person=_person, question=st.sampled_from(("q1", "q2"))),
    st.builds(to.Flagged, person=_person, word=st.sampled_from(("PPI", "ontology"))),
    st.builds(to.RuleWritten, rule=st.sampled_from(("r1", "r2")), text=st.just("Listen"), person=st.just("")),
)  # fmt: skip


class Model:
    """The same in as few words as can be: who is in, who answered what in which round, what is asked and shown."""

    def __init__(self) -> None:
        self.life, self.step, self.phase, self.paused = "made", 0, "think", False
        self.members: set[str] = set()
        self.ever: set[str] = set()
        self.answers: dict[tuple[str, int, str], tuple[str, bool]] = {}
        self.questions: dict[str, str] = {}
        self.gone: set[str] = set()
        self.hidden: set[str] = set()
        self.on: str = ""
        self.answered = False
        self.flags: set[tuple[str, str]] = set()

    def take(self, change: to.Change) -> bool:
        """Say whether it is taken, and take it."""
        steps = ("first", "second")
        match change:
            case to.Opened():
                taken = self.life == "made"
                self.life = "open"
            case to.Joined():
                if taken := self.life == "open" and change.person not in self.ever:
                    self.members.add(change.person)
                    self.ever.add(change.person)
            case to.Left():
                taken = change.person in self.members
                self.members.discard(change.person)
            case to.Responded():
                number = {"think": 1, "again": 2}.get(self.phase, 0)
                at = steps[self.step] == change.step == "first" and number == change.round
                if taken := change.person in self.members and self.life == "open" and not self.paused and at:
                    self.answers[change.step, change.round, change.person] = (change.fields["choice"], change.passed)
            case to.Moved():
                phases = (("think", "pairs", "again", "read"), ("think", "read"))
                if taken := change.step < 2 and change.phase in phases[change.step]:
                    self.step, self.phase, self.on = change.step, change.phase, "step"
            case to.Paused():
                taken, self.paused = True, change.paused
            case to.Asked():
                if taken := change.person in self.members and change.question not in self.questions:
                    self.questions[change.question] = change.person
            case to.Hid():
                if taken := change.id in self.questions:
                    (self.hidden.add if change.hidden else self.hidden.discard)(change.id)
                    self.on = "" if change.hidden and self.on == change.id else self.on
            case to.Screened():
                if taken := change.id in self.questions and change.id not in self.hidden | self.gone:
                    self.on = change.id
            case to.TookBack():
                if taken := self.questions.get(change.question) == change.person:
                    self.gone.add(change.question)
                    self.answered &= bool(set(self.questions) - self.gone)
                    self.on = "" if self.on == change.question else self.on
            case to.Answered():
                taken = bool(set(self.questions) - self.gone) and not self.answered
                self.answered |= taken
            case to.Flagged():
                if taken := change.person in self.members:
                    self.flags.add((change.word, change.person))
            case _:
                taken = True
        return taken

    def shows(self) -> object:
        """What a page could tell of it."""
        given = dict(self.answers)
        counted = {person for (_, _, person), (_, passed) in given.items() if not passed}
        asked = {question for question in self.questions if question not in self.gone}
        return given, len(counted), asked, self.on, len(self.flags), self.members, (self.step, self.phase)


def shows(room: Room) -> object:
    given = {
        (step, number, one.person): (one.fields["choice"], one.passed)
        for (step, number), of in room.responses.items()
        for one in of.values()
    }
    asked = {one.id for one in room.questions.values() if not one.taken_back}
    on = {"question": room.item_id, "step": "step"}.get(room.item, "")
    members = {one.id for one in room.people.values() if not one.left}
    flags = sum(len(people) for people in room.flags.values())
    return given, room.responded("first"), asked, on, flags, members, (room.step, room.phase)


@settings(max_examples=60)
@given(wanted=st.lists(st.tuples(WANTED, st.booleans()), max_size=40))
def test_session_is_what_a_simple_model_says_and_sending_twice_counts_once(
    wanted: list[tuple[to.Change, bool]],
) -> None:
    file, model = RoomFile.make(None, made()), Model()
    for number, (change, again) in enumerate(wanted):
        taken = model.take(change)
        try:
            done = file.do("x", str(number), change)
        except NotNow:
            assert not taken, change
        else:
            assert taken and done.n == file.room.n and not done.repeated, change
            if again:
                assert file.do("x", str(number), change).repeated and file.room.n == done.n
        assert shows(file.room) == model.shows()
    counts = [sum((step, number) == ("first", one) for step, one, _ in model.answers) for number in (1, 2)]
    passed = [sum(of[1] for at, of in model.answers.items() if at[1] == number) for number in (1, 2)]
    enough = any(count - gone >= FEWEST_SHOWN for count, gone in zip(counts, passed, strict=True))
    assert (results_of(file.room, file.room.plan.steps[0], QUOTES) is not None) is enough
    file.close()


def test_session_is_the_same_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "rooms" / "s1.sqlite"
    file = RoomFile.make(path, made())
    for number, change in enumerate([
        to.Opened(), to.Joined(person="p1", token="t1"), to.Asked(person="p1", question="q1", text="Why?", same="why"),
        to.Responded(person="p1", step="first", round=1, fields={"choice": "yes", "why": "So"}), to.Paused(paused=True),
    ]):  # fmt: skip
        file.do("p1", f"k{number}", change)
    file.close()
    again = RoomFile.open(path)
    assert again.room == file.room
    assert again.do("p1", "k2", to.Opened()).repeated  # the key is known, whatever comes with it
    with pytest.raises(NotNow, match="paused"):
        again.do("p1", "k9", to.Responded(person="p1", step="first", round=1, fields={"choice": "no"}))
    assert path.stat().st_mode & 0o077 == 0
    again.close()


def test_what_is_on_the_disk_when_it_is_acknowledged_is_whole(tmp_path: Path) -> None:
    file = RoomFile.make(tmp_path / "s1.sqlite", made())
    file.do("lead", "k", to.Opened())
    mode, synchronous = (
        file._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
    )
    assert (mode, synchronous) == ("wal", 2)  # FULL
    with sqlite3.connect(tmp_path / "s1.sqlite") as other:  # another process sees it at once
        assert other.execute("SELECT count(*) FROM changes").fetchone() == (2,)
    other.close()
    file.close()


def test_file_that_is_no_session_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").write_text("not a session, but long enough to look like a file of something else " * 20)
    with pytest.raises(DataFolderError):
        RoomFile.open(tmp_path / "a.sqlite")


@pytest.mark.timeout(600)
def test_kills_lose_nothing_and_double_nothing() -> None:
    assert kill_often(20) == []


@pytest.mark.timeout(600)
def test_room_in_memory_fails_the_same_kills() -> None:
    assert any("is lost" in fault for fault in kill_often(2, naive=True))


PLANTED = "the heron in my garden is called Wilhelmina"


def let_in(path: Path | None = None) -> RoomFile:
    """Give an open session with two people."""
    file = RoomFile.make(path, made())
    for number, change in enumerate([to.Opened(), *(to.Joined(person=f"p{n}", token=f"t{n}") for n in (1, 2))]):
        file.do("app", f"in {number}", change)
    return file


def test_key_that_comes_again_with_other_words_is_refused() -> None:
    file = let_in()
    asked = to.Asked(person="p1", question="q1", text="Why?", same="why")
    assert not file.do("p1", "k", asked).repeated and file.do("p1", "k", asked).repeated
    with pytest.raises(NotNow, match="other words"):
        file.do("p1", "k", asked.model_copy(update={"text": "Why not?", "same": "why not"}))
    rule = to.RuleWritten(rule="r1", text="Listen", person="p1")
    file.do("p1", "r", rule)
    with pytest.raises(NotNow, match="other words"):
        file.do("p1", "r", rule.model_copy(update={"text": "Speak"}))
    assert [one.text for one in file.room.questions.values()] == ["Why?"]
    file.close()


@pytest.mark.parametrize("alike", [False, True])
def test_question_that_is_taken_back_leaves_the_file(tmp_path: Path, alike: bool) -> None:
    path = tmp_path / "s1.sqlite"
    file = let_in(path)
    said = to.KeptBlock(kind="text", text=f"{PLANTED}: this is said of it")
    asked = to.Asked(person="p1", question="q1", text=PLANTED, same=PLANTED)
    file.do("p1", "1", asked)
    if alike:
        file.do("p2", "1", to.Asked(person="p2", question="q2", text="The heron?", same=PLANTED))
    file.do("app", "1", to.Answered(same=PLANTED, answer=to.KeptAnswer(status="answered", blocks=(said,))))
    assert PLANTED.encode() in _bytes_of(tmp_path)
    file.do("p1", "2", to.TookBack(person="p1", question="q1"))
    assert (PLANTED.encode() in _bytes_of(tmp_path)) is alike  # the other one still asks it
    assert bool(file.room.answers) is alike
    assert file.do("p1", "1", asked).repeated
    file.close()
    again = RoomFile.open(path)
    assert (again.room.questions, again.room.answers) == (file.room.questions, file.room.answers)
    again.close()


def test_full_session_can_be_led_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.room.store.MOST_CHANGES_EACH", 3)
    file = let_in()
    flags = [to.Flagged(person="p1", word=f"word {number}") for number in range(4)]
    for number, flag in enumerate(flags[:3]):
        file.do("p1", f"k{number}", flag)
    with pytest.raises(NotNow, match="takes no more"):
        file.do("p1", "k3", flags[3])
    file.do("p2", "k", to.Flagged(person="p2", word="word 4"))  # one device stops nobody else
    monkeypatch.setattr("assistant.room.store.MOST_CHANGES", file.room.n)
    with pytest.raises(NotNow, match="takes no more"):
        file.do("p2", "k2", to.Flagged(person="p2", word="word 5"))
    file.do("co", "k", to.Paused(paused=True))
    file.do("lead", "k", to.Ended(on="2026-01-31"))
    file.close()


@pytest.mark.parametrize(("kind", "most"), [("rule", MOST_RULES_EACH), ("word", MOST_FLAGS_EACH)])
def test_one_device_does_not_fill_the_list_for_the_others(kind: str, most: int) -> None:
    def written(person: str, number: int) -> to.Change:
        if kind == "word":
            return to.Flagged(person=person, word=f"word {number} of {person}")
        return to.RuleWritten(rule=f"r{number}{person}", text="Listen", person=person)

    file = let_in()
    for number in range(most):
        file.do("p1", f"k{number}", written("p1", number))
    with pytest.raises(NotNow, match="no more are taken"):
        file.do("p1", "k", written("p1", most))
    file.do("p2", "k", written("p2", 0))
    for number in range(MOST_RULES_EACH + 1):
        file.do("lead", f"k{number}", to.RuleWritten(rule=f"r{number}", text="Listen"))
    file.close()


def _bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("cut_off_after", [0, 1, 2, 3, None])
def test_no_byte_is_left_after_deleting_even_if_it_was_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut_off_after: int | None
) -> None:
    path = tmp_path / "s1.sqlite"
    file = RoomFile.make(path, made())
    file.do("lead", "k", to.Opened())
    file.do("lead", "k2", to.RuleWritten(rule="r1", text=PLANTED))
    assert PLANTED.encode() in _bytes_of(tmp_path)
    unlinked = 0
    unlink = Path.unlink

    def cut(self: Path, missing_ok: bool = False) -> None:
        nonlocal unlinked
        if unlinked == cut_off_after:
            raise KeyboardInterrupt
        unlinked += 1
        unlink(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", cut)
    if cut_off_after is None:
        file.delete()
    else:
        # What a process that is killed leaves: a journal too.
        path.with_name("s1.sqlite-wal").write_bytes(PLANTED.encode())
        with pytest.raises(KeyboardInterrupt):
            delete_files(path)
        assert path.with_suffix(GONE).exists()
        cut_off_after = None
        finish_deleting(tmp_path)
        file.close()
    assert PLANTED.encode() not in _bytes_of(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_codes_are_read_aloud_easily_and_keys_fit_their_hash_alone() -> None:
    assert not set(CODE_LETTERS) & set("AEIOU01L2Z5S6G8B")
    code = new_code()
    assert len(code) == 6 and read_code(f" {code[:3].lower()} {code[3:]}-") == code
    assert fits("key", hash_key("key")) and not fits("kex", hash_key("key")) and not fits("", "") and not fits("x", "")


#: Makes sessions in processes of their own, each killed at a random moment of its deletion.
KILLED_WHILE_DELETING = """
import os, random, signal, sys, time
from pathlib import Path
from assistant.room import changes as to
from assistant.room.store import RoomFile
from tests.assistant.room_plans import made

took = 0.003
for number in range(int(sys.argv[2])):
    folder = Path(sys.argv[1], str(number))
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        file = RoomFile.make(folder / "s1.sqlite", made())
        file.do("lead", "k", to.Opened())
        file.do("lead", "k2", to.RuleWritten(rule="r1", text=sys.argv[3]))
        os.write(writes, b"x")
        began = time.monotonic()
        file.delete()
        os.write(writes, b"%.6f" % (time.monotonic() - began))
        os._exit(0)
    os.read(reads, 1)
    if number:  # the first is let go on, and measured
        time.sleep(random.uniform(0, took))
        os.kill(child, signal.SIGKILL)
    else:
        took = float(os.read(reads, 20))
    os.waitpid(child, 0)
    os.close(reads), os.close(writes)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="processes are killed as POSIX systems kill them")
def test_deletion_that_a_kill_cut_off_is_finished_by_the_next_start(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED_WHILE_DELETING, str(tmp_path), "60", PLANTED]
    subprocess.run(command, check=True, timeout=120)
    cut_off = 0
    for folder in tmp_path.iterdir():
        begun = (folder / f"s1{GONE}").exists() or not (folder / "s1.sqlite").exists()
        cut_off += (folder / f"s1{GONE}").exists()
        finish_deleting(folder)
        assert (PLANTED.encode() in _bytes_of(folder)) is not begun
        assert not begun or list(folder.iterdir()) == []
    assert cut_off > 0
