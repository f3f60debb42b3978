"""Guards the library of added documents against a simple model: same, changed, moved, gone, and no trace."""

import os
import random
import shutil
import socket
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from assistant.keeping.added.adding import Adder
from assistant.keeping.added.database import FILLER, Database, generation_of, library_path
from assistant.keeping.added.shelf import Seen, Shelf
from corpus.corrections import Corrections, SpeakerAs
from corpus.errors import DataFolderError, UnknownName
from tests.added import add, bytes_of, contents_of, fake_embedder, update

NAMES = st.sampled_from(["index.md", "a/index.md", "b/index.md", "b/notes.txt", "a/minutes of May.txt"])
TEXTS = st.sampled_from(
    ["Oats are sown in March.", "Barley is sown in April.\n\nIt is cut in August.", "Rye.", "", "x\0y"]
)
COLLECTIONS = st.sampled_from([None, "farm", "minutes"])
POSIX = pytest.mark.skipif(os.name == "nt", reason="permissions, pipes and sockets as POSIX has them")
READABLE = {"Oats are sown in March.", "Barley is sown in April.\n\nIt is cut in August.", "Rye."}


class LibraryAgainstModel(RuleBasedStateMachine):
    """What the library holds is what a dictionary of places would."""

    @initialize()
    def begin(self) -> None:
        """Begin with an empty folder and no library."""
        self.root = Path(tempfile.mkdtemp()).resolve()
        self.files, self.data = self.root / "files", self.root / "data"
        self.files.mkdir()
        self.held: dict[str, tuple[str, str]] = {}
        self.refused: dict[str, str] = {}

    def teardown(self) -> None:
        """Leave nothing."""
        if hasattr(self, "root"):
            shutil.rmtree(self.root)

    def _on_disk(self) -> dict[str, str]:
        return {str(path): path.read_text() for path in self.files.rglob("*") if path.is_file()}

    def _take(self, path: str, text: str, collection: str | None) -> None:
        before = self.held.get(path)
        if text in READABLE:
            self.held[path] = (text, collection or (before[1] if before else "documents"))
            self.refused.pop(path, None)
        else:
            self.refused[path] = text

    @rule(name=NAMES, text=TEXTS)
    def write(self, name: str, text: str) -> None:
        """Write a file, or change it."""
        path = self.files / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    @rule(name=NAMES, other=NAMES)
    def rename(self, name: str, other: str) -> None:
        """Give a file another name, over another one perhaps."""
        if (self.files / name).exists() and name != other:
            (self.files / other).parent.mkdir(exist_ok=True)
            (self.files / name).replace(self.files / other)

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        """Delete a file."""
        (self.files / name).unlink(missing_ok=True)

    @rule(collection=COLLECTIONS)
    def add_all(self, collection: str | None) -> None:
        """Add the whole folder."""
        done = add(self.data, self.files, collection=collection)
        on_disk = self._on_disk()
        assert len(done.files) == len(on_disk)
        assert done.refused == sum(text not in READABLE for text in on_disk.values())
        assert done.unchanged == sum(
            text in READABLE
            and path in self.held
            and self.held[path][0] == text
            and collection in (None, self.held[path][1])
            for path, text in on_disk.items()
        )
        for path, text in on_disk.items():
            self._take(path, text, collection)

    @rule(name=NAMES)
    def add_one(self, name: str) -> None:
        """Add one file."""
        path = self.files / name
        if path.exists():
            add(self.data, path)
            self._take(str(path), path.read_text(), None)

    @rule(remove_missing=st.booleans())
    def update_all(self, remove_missing: bool) -> None:
        """Look again at what is known."""
        done = update(self.data, remove_missing=remove_missing)
        on_disk = self._on_disk()
        known = set(self.held) | set(self.refused)
        gone = known - set(on_disk)
        assert (done.removed if remove_missing else done.missing) == len(gone)
        for path in known & set(on_disk):
            self._take(path, on_disk[path], None)
        if remove_missing:
            for path in gone:
                self.held.pop(path, None)
                self.refused.pop(path, None)

    @rule(pick=st.integers(0, 100))
    def remove_one(self, pick: int) -> None:
        """Remove a document by its id."""
        if not library_path(self.data).exists():
            return
        with Database(library_path(self.data)) as database:
            shelf = Shelf(database)
            held = shelf.documents()
            if not held:
                return
            one = held[pick % len(held)]
            shelf.remove(one.id)
        for place in one.places:
            del self.held[place.path]
            self.refused.pop(place.path, None)

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        """Each content once, with all its places; nothing else."""
        if not hasattr(self, "root") or not library_path(self.data).exists():
            return
        expected: dict[str, set[tuple[str, str]]] = {}
        for path, (text, collection) in self.held.items():
            expected.setdefault(text, set()).add((path, collection))
        assert contents_of(self.data) == expected
        with Database(library_path(self.data)) as database:
            assert {one.path for one in Shelf(database).problems()} == set(self.refused)
        stored = bytes_of(self.data)
        for text in READABLE - set(expected):
            assert text.encode() not in stored, f"a trace of {text!r}"


LibraryAgainstModel.TestCase.settings = settings(max_examples=12, stateful_step_count=15, deadline=None)
TestLibraryAgainstModel = LibraryAgainstModel.TestCase


WORDS = [f"zq{number:05d}{letter}" for number in range(400) for letter in "abcdefgh"]


@pytest.mark.parametrize("seed", [0])
def test_removed_words_are_in_no_byte_of_the_data_folder(tmp_path: Path, seed: int) -> None:
    # Many documents of all lengths, changed and removed in any order, so that pages are shared, split and joined.
    chance = random.Random(seed)
    files, data = tmp_path / "files", tmp_path / "data"
    files.mkdir()
    words = iter(WORDS)
    inside: dict[Path, str] = {}
    for step in range(60):
        if inside and chance.random() < 0.4:
            path = chance.choice(sorted(inside))
            with Database(library_path(data)) as database:
                Shelf(database).remove(Shelf(database).find(str(path)).id)
            del inside[path]
            continue
        word = next(words)
        path = chance.choice([*sorted(inside), files / f"{word}.txt"])
        path.write_text(f"{word} " * chance.choice([3, 40, 500, 3000]))
        inside[path] = word
        add(data, path)
        if step % 7 == 0:
            with Database(library_path(data)) as database:
                Shelf(database).correct(Shelf(database).find(str(path)).id, Corrections(title=f"Title of {word}"))
    used = set(WORDS[: WORDS.index(next(words))])
    stored = bytes_of(data)
    kept = {word for word in used if word.encode() in stored}
    names = {path.stem for path in inside}
    assert kept == set(inside.values()) | names
    assert used - kept


def test_trace_would_be_found(tmp_path: Path) -> None:
    # Without secure_delete and with words in shared pages, the same search finds what was removed.
    import sqlite3

    path = tmp_path / "naive.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA secure_delete = OFF")
    connection.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, text TEXT)")
    connection.executemany("INSERT INTO kept VALUES (?, ?)", [(1, "zqsecret " * 9), (2, "others " * 9)])
    connection.commit()
    connection.execute("DELETE FROM kept WHERE id = 1")
    connection.commit()
    connection.close()
    assert b"zqsecret" in bytes_of(tmp_path)
    assert FILLER > 4061


@POSIX
def test_only_the_owner_may_read_the_library(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("Oats.")
    data = tmp_path / "data"
    add(data, tmp_path / "one.md")
    database = Database(library_path(data))
    Shelf(database).documents()
    for path in [data, data / "added", *(data / "added").iterdir()]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    database.close()


@POSIX
def test_what_is_no_file_is_named_and_never_opened(tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (tmp_path / "outside.md").write_text("Words outside.")
    (files / "good.md").write_text("Words inside.")
    (files / "link.md").symlink_to(tmp_path / "outside.md")
    (files / "folder.md").symlink_to(tmp_path)
    os.mkfifo(files / "pipe.md")  # opening it would wait for ever
    (files / ".hidden.md").write_text("Hidden.")
    (files / "line\nbreak\x1b[31m.md").write_text("Named oddly.")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(files)  # a socket's path is short
        listener.bind("socket.md")
        os.chdir(here)
        done = add(tmp_path / "data", files, Path("/dev/null"), tmp_path / "nothing.md")
    said = {Path(one.path).name: one.reason for one in done.files if one.outcome == "refused"}
    assert {name: reason and reason.split(":")[0].split(",")[0] for name, reason in said.items()} == {
        "link.md": "it is a link",
        "folder.md": "it is a link",
        "pipe.md": "it is no file but a pipe",
        "socket.md": "it is no file but a socket",
        "null": "it is no file but a device",
        "nothing.md": "there is nothing at this place. Check its name.",
    }
    assert (done.added, done.passed_over) == (2, 1)
    assert not done.all_read
    assert any(one.path.endswith(r"line\nbreak\x1b[31m.md") for one in done.files)


def test_dry_run_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("Oats.")
    (tmp_path / "two.md").write_text("")
    data = tmp_path / "data"
    dry = Adder(data, fake_embedder(), dry_run=True)
    done = dry.add([tmp_path / "one.md", tmp_path / "two.md"])
    assert (done.added, done.refused, data.exists()) == (1, 1, False)
    add(data, tmp_path / "one.md")
    before = generation_of(library_path(data))
    (tmp_path / "one.md").write_text("Rye.")
    assert Adder(data, fake_embedder(), dry_run=True).update().replaced == 1
    assert generation_of(library_path(data)) == before
    assert set(contents_of(data)) == {"Oats."}


def test_another_model_answers_only_when_all_is_embedded(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("one", "two"):
        (tmp_path / f"{name}.md").write_text(f"The {name} of oats.")
        add(data, tmp_path / f"{name}.md")
    with Database(library_path(data)) as database:
        shelf = Shelf(database)
        new = fake_embedder("new")
        first, second = shelf.without_vectors("new")
        shelf.put_vectors(first, new.embed(shelf.document(first)))
        assert not shelf.switch_to("new")
        assert shelf.model == "fake"
        assert shelf.without_vectors("new") == [second]
    update(data, model="new")
    with Database(library_path(data)) as database:
        assert Shelf(database).model == "new"
        assert Shelf(database).without_vectors("new") == []
        assert len(Shelf(database).without_vectors("fake")) == 2


def test_corrections_stay_when_the_file_changes_and_are_checked(tmp_path: Path) -> None:
    data, path = tmp_path / "data", tmp_path / "one.md"
    path.write_text("Oats.")
    add(data, path)
    with Database(library_path(data)) as database:
        shelf = Shelf(database)
        (held,) = shelf.documents()
        shelf.correct(held.id, Corrections(title="On oats", authors=("A. Farmer",), year=1999))
        with pytest.raises(UnknownName, match=r"has no speaker 'Bob'"):
            shelf.correct(held.id, Corrections(speakers={"Bob": SpeakerAs(role="public")}))
    path.write_text("More oats.")
    assert update(data).replaced == 1
    with Database(library_path(data)) as database:
        (after,) = Shelf(database).documents()
    assert (after.id, after.title, after.authors, after.year) == (held.id, "On oats", ("A. Farmer",), 1999)


def test_two_writers_of_one_file_end_as_one(tmp_path: Path) -> None:
    # The other process adds the same file while this one reads it.
    data, path = tmp_path / "data", tmp_path / "one.md"
    path.write_text("Oats.")
    from corpus.readers.read import ReadFile, read_file

    def slow(place: Path, *, document_id: str) -> ReadFile:
        found = read_file(place, document_id=document_id)
        add(data, path, collection="theirs")
        return found

    done = Adder(data, fake_embedder(), read=slow).add([path])
    assert [one.outcome for one in done.files] == ["unchanged"]
    assert contents_of(data) == {"Oats.": {(str(path), "theirs")}}


def test_full_disk_is_told_and_what_was_added_stays(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("a", "b"):
        (tmp_path / f"{name}.md").write_text(f"{name} " * 2000)
    add(data, tmp_path / "a.md")
    with Database(library_path(data)) as database:
        pages = database._connection.execute("PRAGMA page_count").fetchone()[0]
        database._connection.execute(f"PRAGMA max_page_count = {pages}")  # as SQLite says that a disk is full
        read = fake_embedder()
        from corpus.readers.read import read_file

        found = read_file(tmp_path / "b.md", document_id="b")
        with pytest.raises(DataFolderError, match=r"the disk is full\. What was added until now is kept"):
            Shelf(database).put(Seen(tmp_path / "b.md", 1, 1, found.sha256), None, found, read.embed(found.document))
    assert len(contents_of(data)) == 1


def test_file_of_another_program_is_not_touched(tmp_path: Path) -> None:
    path = library_path(tmp_path)
    path.parent.mkdir()
    path.write_bytes(b"not a database, and long enough to be looked at" * 100)
    before = path.read_bytes()
    with pytest.raises(DataFolderError, match="damaged"):
        Database(path)
    assert path.read_bytes() == before
