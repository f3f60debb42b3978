"""Guards the data folder: the damaged is refused by name, what does not fit is never found, a crash loses nothing."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant.keeping import build
from assistant.keeping import store as store_module
from assistant.keeping.build import build_index, make_part
from assistant.keeping.store import MadeFrom, Store, WantedIndex, is_built
from assistant.settings import Settings
from corpus.errors import DataFolderError, IndexDamaged
from corpus.library import Entry, Library
from corpus.load import LIBRARY, entry_of, load_library
from corpus.readers.report import words_sha256
from corpus.readers.text import read_text
from tests.assistant.test_added_documents import WordLengths

ROOT = Path(__file__).parent.parent.parent
ENTRY_FILES = ["entry.json"]
PART_FILES = ["asked.faiss", "chunks.json", "not_covered.faiss", "vectors.faiss", "words.json", "words.npz"]


@pytest.fixture(scope="module")
def wanted(settings_built: Settings) -> WantedIndex:
    """What the real index was made from."""
    return WantedIndex.from_settings(settings_built)


@pytest.fixture(scope="module")
def part(wanted: WantedIndex) -> MadeFrom:
    """What the report's part of it was made from."""
    (part,) = wanted.parts
    return part


@pytest.fixture
def store(tmp_path: Path, settings_built: Settings, wanted: WantedIndex, part: MadeFrom) -> Store:
    """A data folder with a copy of the real index, which no test may write to, and the real encoder beside it."""
    copy, real = Store(tmp_path / "data"), Store(settings_built.data_dir)
    shutil.copytree(real.part_folder(part), copy.part_folder(part))
    shutil.copytree(real.entry_folder(wanted.entries[0]), copy.entry_folder(wanted.entries[0]))
    encoder = copy.encoder_folder(wanted.encoder)
    encoder.parent.mkdir()
    encoder.symlink_to(real.encoder_folder(wanted.encoder))
    return copy


def snapshot(folder: Path) -> dict[str, bytes]:
    """Give every file below a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def written(*folders: Path) -> dict[str, int]:
    """Give every file in some folders with the time at which it was written."""
    return {str(path): path.stat().st_mtime_ns for folder in folders for path in folder.iterdir()}


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip(path: Path) -> None:
    changed = bytearray(path.read_bytes())
    changed[len(changed) // 2] ^= 1
    path.write_bytes(changed)


def grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def remove(path: Path) -> None:
    path.unlink()


DAMAGES = [truncate, empty, flip, grow, remove]


def test_the_copy_is_as_good_as_the_index(store: Store, wanted: WantedIndex, settings_built: Settings) -> None:
    library, index = store.load(wanted)
    assert library.documents == load_library().documents
    assert len(index.chunks) == index.vectors.size > 500
    assert store.has_all(wanted)
    assert is_built(settings_built.model_copy(update={"data_dir": store.root}))


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_load_names_each_file_that_is_damaged_and_what_to_do(
    store: Store, wanted: WantedIndex, part: MadeFrom, damage: Callable[[Path], None]
) -> None:
    for folder, expected in (
        (store.entry_folder(wanted.entries[0]), ENTRY_FILES),
        (store.part_folder(part), PART_FILES),
    ):
        names = sorted(path.name for path in folder.iterdir() if path.name != "manifest.json")
        assert names == expected
        for name in names:
            kept = (folder / name).read_bytes()
            damage(folder / name)
            with pytest.raises(IndexDamaged) as caught:
                store.load(wanted)
            assert f"the index file {folder / name} is damaged: " in str(caught.value)
            assert "`coproduce build --force`" in str(caught.value)
            assert "\n" not in str(caught.value)
            (folder / name).write_bytes(kept)
    store.load(wanted)


@pytest.mark.parametrize("damage", [truncate, empty, remove], ids=lambda damage: damage.__name__)
def test_load_names_a_damaged_manifest(
    store: Store, wanted: WantedIndex, part: MadeFrom, damage: Callable[[Path], None]
) -> None:
    for folder in (store.part_folder(part), store.entry_folder(wanted.entries[0])):
        damage(folder / "manifest.json")
        with pytest.raises(IndexDamaged) as caught:
            store.load(wanted)
        assert f"the index file {folder / 'manifest.json'} is damaged: " in str(caught.value)
        assert "`coproduce build --force`" in str(caught.value)


@pytest.mark.parametrize(
    ("found", "changed"),
    [
        (b'"model": "all-MiniLM-L6-v2"', b'"model": "all-MiniLM-L6-v3"'),
        (b'"model_sha256": "', b'"model_sha256": "f'),
        (b'"index_version": ', b'"index_version": 9'),
        (b'"chunker_version": ', b'"chunker_version": 9'),
        (b'"tuned_sha256": "', b'"tuned_sha256": "f'),
        (b'"document": "involve-2017"', b'"document": "involve-2018"'),
        (b'"document_sha256": "', b'"document_sha256": "f'),
    ],
)
def test_load_refuses_a_manifest_that_says_another_origin(
    store: Store, wanted: WantedIndex, part: MadeFrom, found: bytes, changed: bytes
) -> None:
    path = store.part_folder(part) / "manifest.json"
    manifest = path.read_bytes()
    assert manifest.count(found) == 1
    path.write_bytes(manifest.replace(found, changed))
    with pytest.raises(IndexDamaged, match="made from something else"):
        store.load(wanted)


def test_load_refuses_a_part_or_an_entry_under_the_name_of_another(store: Store, wanted: WantedIndex) -> None:
    other = {"document_sha256": "0" * 64}
    others = replace(
        wanted,
        parts=tuple(one.model_copy(update=other) for one in wanted.parts),
        entries=tuple(one.model_copy(update=other) for one in wanted.entries),
    )
    with pytest.raises(IndexDamaged, match=r"manifest\.json is damaged"):
        store.load(others)
    store.part_folder(wanted.parts[0]).rename(store.part_folder(others.parts[0]))
    with pytest.raises(IndexDamaged, match="made from something else"):
        store.load(replace(wanted, parts=others.parts))
    store.entry_folder(wanted.entries[0]).rename(store.entry_folder(others.entries[0]))
    with pytest.raises(IndexDamaged, match="made from something else"):
        store.load(others)


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("encoder", {"model": "another"}),
        ("encoder", {"model_sha256": "0" * 64}),
        ("encoder", {"tuned_sha256": ""}),
        ("encoder", {"index_version": 999}),
        ("parts", {"model": "another"}),
        ("parts", {"model_sha256": "0" * 64}),
        ("parts", {"document_sha256": "0" * 64}),
        ("parts", {"document": "another"}),
        ("parts", {"tuned_sha256": ""}),
        ("parts", {"chunker_version": 999}),
        ("parts", {"index_version": 999}),
        ("entries", {"document_sha256": "0" * 64}),
        ("entries", {"document": "another"}),
        ("entries", {"index_version": 999}),
    ],
    ids=str,
)
def test_an_index_made_from_something_else_is_not_found(
    store: Store,
    wanted: WantedIndex,
    settings_built: Settings,
    what: str,
    changes: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = settings_built.model_copy(update={"data_dir": store.root})
    assert is_built(settings)
    now = getattr(wanted, what)
    changed = (
        now.model_copy(update=changes) if what == "encoder" else tuple(one.model_copy(update=changes) for one in now)
    )
    other = replace(wanted, **{what: changed})
    assert sum(one != two for one, two in zip(store.folders(other), store.folders(wanted), strict=True)) == 1
    monkeypatch.setattr(WantedIndex, "from_settings", classmethod(lambda cls, settings: other))
    assert not is_built(settings)


def test_what_an_index_is_made_from_is_the_model_and_the_report(wanted: WantedIndex, part: MadeFrom) -> None:
    weights = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    for made_from in (wanted.encoder, part):
        assert (made_from.model, made_from.model_sha256) == ("all-MiniLM-L6-v2", weights)
    assert part.document == wanted.entries[0].document == "involve-2017"
    for sha256 in (part.document_sha256, part.tuned_sha256, wanted.entries[0].document_sha256):
        assert sha256 is not None and len(sha256) == 64


@pytest.fixture
def library_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the bundled library that is taken for it."""
    copy = Path(shutil.copytree(LIBRARY, tmp_path / "library"))
    monkeypatch.setattr(store_module, "library_folders", lambda: sorted(copy.iterdir()))
    return copy


@pytest.mark.parametrize(
    ("file", "part_changes"),
    [
        ("source.txt", True),
        ("manifest.toml", True),
        ("questions.jsonl", True),
        ("not_covered.jsonl", True),
        ("vocabulary.toml", False),
        ("contested.jsonl", False),
        ("glossary.toml", False),
        ("plain.toml", False),
        ("principles.toml", False),
    ],
)
def test_what_is_only_shown_makes_nothing_be_embedded_again(
    library_copy: Path, settings_built: Settings, file: str, part_changes: bool
) -> None:
    before = WantedIndex.from_settings(settings_built)
    grow(library_copy / "involve-2017" / file)
    after = WantedIndex.from_settings(settings_built)
    # What was learned from other questions is left out, also of the encoder.
    assert (after.encoder == before.encoder) == (file not in ("questions.jsonl", "not_covered.jsonl"))
    assert after.entries != before.entries
    assert (after.parts != before.parts) == part_changes


@pytest.mark.parametrize("missing", ["entry", "part", "encoder"])
def test_is_built_only_where_all_of_it_is_whole(
    store: Store, wanted: WantedIndex, part: MadeFrom, settings_built: Settings, missing: str
) -> None:
    settings = settings_built.model_copy(update={"data_dir": store.root})
    assert is_built(settings)
    if missing == "part":
        (store.part_folder(part) / "manifest.json").unlink()
    elif missing == "entry":
        (store.entry_folder(wanted.entries[0]) / "manifest.json").unlink()
    else:
        store.encoder_folder(wanted.encoder).unlink()
    assert not is_built(settings)


def test_is_built_says_no_for_a_folder_that_is_not_there(tmp_path: Path, settings_built: Settings) -> None:
    settings = settings_built.model_copy(update={"data_dir": tmp_path / "nowhere"})
    assert not is_built(settings)
    assert not (tmp_path / "nowhere").exists()


def test_a_crash_while_filling_leaves_the_old_folder(store: Store, wanted: WantedIndex, part: MadeFrom) -> None:
    before = snapshot(store.root / "indexes")

    def crash(new: Path) -> None:
        (new / "vectors.faiss").write_bytes(b"half")
        raise RuntimeError("the lights went out")

    with pytest.raises(RuntimeError, match="the lights went out"):
        store.write(store.part_folder(part), part, crash)
    assert snapshot(store.root / "indexes") == before
    store.load(wanted)


def test_a_crash_while_filling_leaves_no_half_folder(tmp_path: Path, part: MadeFrom) -> None:
    store = Store(tmp_path)
    folder = store.part_folder(part)

    def crash(new: Path) -> None:
        (new / "chunks.json").write_bytes(b"[]")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.write(folder, part, crash)
    assert not store.has(folder)
    assert not folder.exists()
    assert list((tmp_path / "indexes").iterdir()) == []


def test_what_a_killed_process_left_is_not_taken_for_an_index_and_is_cleared_away(
    store: Store, wanted: WantedIndex, part: MadeFrom
) -> None:
    left = store.root / "indexes" / ".new-killed" / "content"
    left.mkdir(parents=True)
    (left / "vectors.faiss").write_bytes(b"half")
    assert not store.has(left)
    store.remove_others(wanted)
    assert [path.name for path in (store.root / "indexes").iterdir()] == [part.key]
    store.load(wanted)


def test_what_another_model_has_of_the_same_is_kept_and_the_rest_cleared_away(
    store: Store, wanted: WantedIndex, part: MadeFrom
) -> None:
    other = {"model": "other", "model_sha256": "0", "tuned_sha256": None}
    kept = [part.model_copy(update=other)]
    cleared = [
        part.model_copy(update={"model_sha256": "0"}),  # the same model with other weights
        part.model_copy(update={"tuned_sha256": "0"}),
        *(
            part.model_copy(update={**other, changed: value})
            for changed, value in (("document_sha256", "0"), ("document", "gone"), ("chunker_version", 0))
        ),
        part.model_copy(update={**other, "index_version": 0}),
    ]
    for one in (*kept, *cleared):
        store.write(store.part_folder(one), one, lambda _: None)
    encoder = wanted.encoder.model_copy(update=other)
    store.write(store.encoder_folder(encoder), encoder, lambda _: None)
    entry = wanted.entries[0].model_copy(update={"document_sha256": "0"})
    store.write(store.entry_folder(entry), entry, lambda _: None)
    (store.root / "indexes" / "strange").mkdir()
    store.remove_others(wanted)
    left = {path.name for parent in ("encoders", "indexes", "entries") for path in (store.root / parent).iterdir()}
    assert left == {wanted.encoder.key, encoder.key, part.key, kept[0].key, wanted.entries[0].key}


def test_building_for_another_model_and_back_builds_nothing_twice(
    tmp_path: Path, settings_built: Settings, wanted: WantedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, store, model = tmp_path / "library", Store(tmp_path / "data"), tmp_path / "model"
    monkeypatch.setattr(store_module, "library_folders", lambda: sorted(library.iterdir()))
    monkeypatch.setattr(build, "load_library", lambda: load_library.__wrapped__(library))
    write_document(library / "bees", "1 Bees\nHoney feeds bees in winter.\n\nA swarm leaves in May.\n")
    model.mkdir()
    (model / "tokenizer.json").write_text("another")
    first = settings_built.model_copy(update={"data_dir": store.root})
    second = first.model_copy(update={"model": str(model)})
    real = Store(settings_built.data_dir).encoder_folder(wanted.encoder)

    def link(new: Path) -> None:
        for name in ("encoder.onnx", "tokenizer.json", "max_tokens"):
            (new / name).symlink_to(real / name)

    for settings in (first, second):
        encoder = WantedIndex.from_settings(settings).encoder
        store.write(store.encoder_folder(encoder), encoder, link)
        assert build_index(settings, lambda *_: None)
        assert is_built(first)
    before = written(*store.folders(WantedIndex.from_settings(first)))
    assert not build_index(first, lambda *_: None)
    assert written(*store.folders(WantedIndex.from_settings(first))) == before
    assert is_built(second)


def test_write_replaces_a_folder_whole(tmp_path: Path, part: MadeFrom) -> None:
    store = Store(tmp_path)
    folder = store.part_folder(part)
    store.write(folder, part, lambda new: (new / "old").write_text("1") and None)
    store.write(folder, part, lambda new: (new / "new").write_text("2") and None)
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "new"]
    store.check(folder)


def test_build_index_does_nothing_where_the_index_fits(settings_built: Settings, wanted: WantedIndex) -> None:
    folders = Store(settings_built.data_dir).folders(wanted)
    before = written(*folders)
    reported: list[str] = []
    assert not build_index(settings_built, lambda what, *_: reported.append(what))
    assert reported == []
    assert written(*folders) == before


def entries_of(**texts: str) -> list[Entry]:
    return [entry_of(read_text(text, document_id=name, title=name)) for name, text in texts.items()]


def save(store: Store, entries: Sequence[Entry]) -> WantedIndex:
    """Write an index of entries as if there were nothing else."""
    wanted = WantedIndex.from_library(Settings(data_dir=store.root), Library(entries))
    for entry, of_entry, of_part in zip(entries, wanted.entries, wanted.parts, strict=True):
        store.save_entry(of_entry, entry)
        store.save_part(of_part, make_part(entry, WordLengths()))
    return wanted


def test_a_documents_part_is_the_same_whatever_stands_beside_it(tmp_path: Path) -> None:
    bees, boats = entries_of(bees="Honey feeds bees. A swarm leaves.", boats="A lock raises a boat.\n\nBees float.")
    stored: list[tuple[MadeFrom, MadeFrom, dict[str, bytes]]] = []
    for number, entries in enumerate(([bees], [bees, boats], [boats, bees])):
        store = Store(tmp_path / str(number))
        wanted = save(store, entries)
        place = entries.index(bees)
        folder = store.part_folder(wanted.parts[place])
        stored.append((wanted.parts[place], wanted.entries[place], snapshot(folder)))
    assert stored[0] == stored[1] == stored[2]
    assert sorted(stored[0][2]) == sorted([*PART_FILES, "manifest.json"])


def test_parts_stored_apart_are_loaded_together_in_the_order_of_the_library(tmp_path: Path) -> None:
    store = Store(tmp_path)
    bees, boats = entries_of(bees="Honey feeds bees. A swarm leaves.", boats="A lock raises a boat.\n\nBees float.")
    save(store, [bees])
    save(store, [boats])
    for entries in ([bees, boats], [boats, bees], [boats]):
        wanted = WantedIndex.from_library(Settings(data_dir=tmp_path), Library(entries))
        library, index = store.load(wanted)
        assert library.entries == tuple(entries)
        expected = [chunk for entry in entries for chunk in make_part(entry, WordLengths()).chunks]
        assert list(index.chunks) == expected
        assert index.vectors.size == len(expected)
        assert index.words.size == len(library.passages)


def write_document(folder: Path, text: str) -> None:
    """Write a document's folder as the library has it: a source and a manifest that vouches for it."""
    folder.mkdir(parents=True)
    (folder / "source.txt").write_text(text, encoding="utf-8")
    raw, words = hashlib.sha256(text.encode()).hexdigest(), words_sha256(text)
    (folder / "manifest.toml").write_text(
        f"""id = "{folder.name}"
title = "{folder.name}"
short_title = "{folder.name}"
authors = []
publisher = ""
year = 2020
licence = ""
reference = ""
[source]
file = "source.txt"
sha256 = "{raw}"
words_sha256 = "{words}"
text_sha256 = "{raw}"
[reader]
heading_pattern = '^(?P<id>\\d)\\s+(?P<title>\\S.*)$'
bullet_pattern = '^-\\s+'
""",
        encoding="utf-8",
    )


def test_build_index_leaves_a_document_alone_when_another_comes_or_goes(
    tmp_path: Path, settings_built: Settings, wanted: WantedIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, store = tmp_path / "library", Store(tmp_path / "data")
    settings = settings_built.model_copy(update={"data_dir": store.root})
    monkeypatch.setattr(store_module, "library_folders", lambda: sorted(library.iterdir()))
    monkeypatch.setattr(build, "load_library", lambda: load_library.__wrapped__(library))
    encoder = store.encoder_folder(wanted.encoder)
    encoder.parent.mkdir(parents=True)
    encoder.symlink_to(Store(settings_built.data_dir).encoder_folder(wanted.encoder))

    def build_again() -> list[Path]:
        assert build_index(settings, lambda *_: None)
        assert is_built(settings)
        now = WantedIndex.from_settings(settings)
        loaded, index = store.load(now)
        assert [document.id for document in loaded.documents] == [folder.name for folder in sorted(library.iterdir())]
        assert index.words.size == len(loaded.passages)
        return [path for parent in ("entries", "indexes") for path in sorted((store.root / parent).iterdir())]

    write_document(library / "bees", "1 Bees\nHoney feeds bees in winter.\n\nA swarm leaves in May.\n")
    alone = build_again()
    before = written(*alone)
    write_document(library / "ant", "1 Ants\nAnts carry leaves.\n")
    assert len(build_again()) == 2 * len(alone)
    assert written(*alone) == before
    shutil.rmtree(library / "ant")
    write_document(library / "cow", "1 Cows\nCows eat grass.\n")
    build_again()
    assert written(*alone) == before
    shutil.rmtree(library / "cow")
    now = WantedIndex.from_settings(settings)
    assert store.has_all(now)  # nothing need be built for what has gone
    assert [document.id for document in store.load(now)[0].documents] == ["bees"]


@pytest.mark.parametrize("below", ["", "below", "below/further"])
def test_a_data_folder_that_cannot_be_written_says_what_to_do(
    tmp_path: Path, settings_built: Settings, below: str
) -> None:
    (tmp_path / "a-file").write_text("not a folder")
    root = tmp_path / "a-file" / below
    settings = settings_built.model_copy(update={"data_dir": root})
    assert not is_built(settings)
    with pytest.raises(DataFolderError) as caught:
        build_index(settings, lambda *_: None)
    assert f"the data folder {root} cannot be written: " in str(caught.value)
    assert "--data-dir or COPRODUCE_DATA_DIR" in str(caught.value)
    assert (tmp_path / "a-file").read_text() == "not a folder"


def test_write_says_that_the_folder_cannot_be_written(tmp_path: Path, part: MadeFrom) -> None:
    (tmp_path / "a-file").write_text("not a folder")
    store = Store(tmp_path / "a-file")
    with pytest.raises(DataFolderError, match="cannot be written"):
        store.write(store.part_folder(part), part, lambda _: None)


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from assistant.finding.encoder import optimise
from assistant.finding.index import IndexPart
from assistant.keeping.embed_cache import EmbeddingCache
from assistant.keeping.store import MadeFrom, Store
from corpus.errors import DataFolderError
import numpy as np
what, data, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
fill = IndexPart.load(folder).save if what == "vectors" else (
    lambda new: [(new / "encoder.onnx").symlink_to(folder / "encoder.onnx"), optimise(new)])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))  # the system writes as much to a file, then no more
store, made_from = Store(data), MadeFrom(document="bees")
try:
    if what == "embeddings":
        (data / "indexes").mkdir(parents=True)
        with EmbeddingCache(data / "embedded.sqlite") as cache:
            for number in range(2000):
                cache.put({number.to_bytes(16, "big"): np.ones(384, dtype=np.float32)})
    store.write(store.part_folder(made_from), made_from, fill)
except DataFolderError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the limit is one of POSIX systems")
@pytest.mark.parametrize("what", ["vectors", "encoder", "embeddings"])
def test_a_disk_that_is_full_while_a_library_of_others_writes_is_told(
    what: str, tmp_path: Path, settings_built: Settings, wanted: WantedIndex, part: MadeFrom
) -> None:
    # FAISS, onnxruntime and SQLite have errors of their own for it.
    real = Store(settings_built.data_dir)
    folder = real.encoder_folder(wanted.encoder) if what == "encoder" else real.part_folder(part)
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, what, str(tmp_path / "data"), str(folder)],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"the data folder {tmp_path / 'data'} cannot be written: ")
    assert "--data-dir or COPRODUCE_DATA_DIR" in done.stdout
    assert list((tmp_path / "data" / "indexes").iterdir()) == []  # and nothing half is left


def test_nothing_in_the_data_folder_is_a_pickle(settings_built: Settings) -> None:
    paths = [path for path in settings_built.data_dir.rglob("*") if path.is_file() and path.name != ".lock"]
    # .sqlite: embeddings that evaluations keep, where a test before this one has made some.
    assert {path.suffix for path in paths} <= {".json", ".npz", ".faiss", ".onnx", ".sqlite", ""}
    for path in paths:
        assert not path.read_bytes()[:2].startswith((b"\x80\x03", b"\x80\x04", b"\x80\x05")), path
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                for name in arrays.files:
                    assert arrays[name].dtype != object
