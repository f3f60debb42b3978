"""Guards the data folder: the damaged is refused by name, what does not fit is never found, a crash loses nothing."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assistant.keeping.build import build_index
from assistant.keeping.store import MadeFrom, Store, is_built
from assistant.settings import Settings
from corpus.errors import DataFolderError, IndexDamaged


@pytest.fixture(scope="module")
def made_from(settings_built: Settings) -> MadeFrom:
    """What the real index was made from."""
    return MadeFrom.from_settings(settings_built)


@pytest.fixture(scope="module")
def real_folder(settings_built: Settings, made_from: MadeFrom) -> Path:
    """The folder of the real index, which no test may write to."""
    return Store(settings_built.data_dir).index_folder(made_from)


@pytest.fixture
def store(tmp_path: Path, real_folder: Path, settings_built: Settings, made_from: MadeFrom) -> Store:
    """A data folder with a copy of the real index, and the real encoder beside it."""
    copy = Store(tmp_path / "data")
    shutil.copytree(real_folder, copy.index_folder(made_from))
    encoder = copy.encoder_folder(made_from)
    encoder.parent.mkdir()
    encoder.symlink_to(Store(settings_built.data_dir).encoder_folder(made_from))
    return copy


def snapshot(folder: Path) -> dict[str, bytes]:
    """Give every file below a folder with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


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


def test_the_copy_is_as_good_as_the_index(store: Store, made_from: MadeFrom, settings_built: Settings) -> None:
    stored, index = store.load(store.index_folder(made_from))
    assert len(stored.chunks) == index.size
    assert is_built(settings_built.model_copy(update={"data_dir": store.root}))


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_load_names_each_file_that_is_damaged_and_what_to_do(
    store: Store, made_from: MadeFrom, damage: Callable[[Path], None]
) -> None:
    folder = store.index_folder(made_from)
    names = sorted(path.name for path in folder.iterdir() if path.name != "manifest.json")
    assert len(names) >= 5
    for name in names:
        kept = (folder / name).read_bytes()
        damage(folder / name)
        with pytest.raises(IndexDamaged) as caught:
            store.load(folder)
        assert f"the index file {folder / name} is damaged: " in str(caught.value)
        assert "`coproduce build --force`" in str(caught.value)
        assert "\n" not in str(caught.value)
        (folder / name).write_bytes(kept)
    store.load(folder)


@pytest.mark.parametrize("damage", [truncate, empty, remove], ids=lambda damage: damage.__name__)
def test_load_names_a_damaged_manifest(store: Store, made_from: MadeFrom, damage: Callable[[Path], None]) -> None:
    folder = store.index_folder(made_from)
    damage(folder / "manifest.json")
    with pytest.raises(IndexDamaged) as caught:
        store.load(folder)
    assert f"the index file {folder / 'manifest.json'} is damaged: " in str(caught.value)
    assert "`coproduce build --force`" in str(caught.value)


@pytest.mark.parametrize(
    ("found", "changed"),
    [
        (b'"model": "all-MiniLM-L6-v2"', b'"model": "all-MiniLM-L6-v3"'),
        (b'"chunker_version": ', b'"chunker_version": 9'),
        (b'"corpus_sha256": "', b'"corpus_sha256": "f'),
    ],
)
def test_load_refuses_a_manifest_that_says_another_origin(
    store: Store, made_from: MadeFrom, found: bytes, changed: bytes
) -> None:
    folder = store.index_folder(made_from)
    manifest = (folder / "manifest.json").read_bytes()
    assert found in manifest
    (folder / "manifest.json").write_bytes(manifest.replace(found, changed))
    with pytest.raises(IndexDamaged):
        store.load(folder)


def test_load_refuses_the_index_of_another_model_under_this_one(store: Store, made_from: MadeFrom) -> None:
    folder = store.index_folder(made_from)
    other = made_from.model_copy(update={"corpus_sha256": "0" * 64})
    folder.rename(store.index_folder(other))
    with pytest.raises(IndexDamaged):
        store.load(store.index_folder(other))


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "another"},
        {"model_sha256": "0" * 64},
        {"corpus_sha256": "0" * 64},
        {"chunker_version": 999},
        {"index_version": 999},
    ],
    ids=str,
)
def test_an_index_made_from_something_else_is_not_found(
    store: Store,
    made_from: MadeFrom,
    settings_built: Settings,
    changes: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = settings_built.model_copy(update={"data_dir": store.root})
    assert is_built(settings)
    other = made_from.model_copy(update=changes)
    assert store.index_folder(other) != store.index_folder(made_from)
    monkeypatch.setattr(MadeFrom, "from_settings", classmethod(lambda cls, settings: other))
    assert not is_built(settings)


def test_made_from_holds_the_model_and_the_report(made_from: MadeFrom) -> None:
    assert made_from.model == "all-MiniLM-L6-v2"
    assert made_from.model_sha256 == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert len(made_from.corpus_sha256) == 64


@pytest.mark.parametrize("part", ["index", "encoder"])
def test_is_built_only_where_both_halves_are_whole(
    store: Store, made_from: MadeFrom, settings_built: Settings, part: str
) -> None:
    settings = settings_built.model_copy(update={"data_dir": store.root})
    if part == "index":
        (store.index_folder(made_from) / "manifest.json").unlink()
    else:
        store.encoder_folder(made_from).unlink()
    assert not is_built(settings)


def test_is_built_says_no_for_a_folder_that_is_not_there(tmp_path: Path, settings_built: Settings) -> None:
    settings = settings_built.model_copy(update={"data_dir": tmp_path / "nowhere"})
    assert not is_built(settings)
    assert not (tmp_path / "nowhere").exists()


def test_a_crash_while_filling_leaves_the_old_folder(store: Store, made_from: MadeFrom) -> None:
    folder = store.index_folder(made_from)
    before = snapshot(store.root / "indexes")

    def crash(new: Path) -> None:
        (new / "vectors.faiss").write_bytes(b"half")
        raise RuntimeError("the lights went out")

    with pytest.raises(RuntimeError, match="the lights went out"):
        store.write(folder, made_from, crash)
    assert snapshot(store.root / "indexes") == before
    store.load(folder)


def test_a_crash_while_filling_leaves_no_half_folder(tmp_path: Path, made_from: MadeFrom) -> None:
    store = Store(tmp_path)
    folder = store.index_folder(made_from)

    def crash(new: Path) -> None:
        (new / "documents.json").write_bytes(b"[]")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.write(folder, made_from, crash)
    assert not store.has(folder)
    assert not folder.exists()
    assert list((tmp_path / "indexes").iterdir()) == []


def test_what_a_killed_process_left_is_not_taken_for_an_index_and_is_cleared_away(
    store: Store, made_from: MadeFrom
) -> None:
    left = store.root / "indexes" / ".new-killed" / "content"
    left.mkdir(parents=True)
    (left / "vectors.faiss").write_bytes(b"half")
    assert not store.has(left)
    store.remove_others(store.index_folder(made_from))
    assert [path.name for path in (store.root / "indexes").iterdir()] == [made_from.key]


def test_write_replaces_a_folder_whole(tmp_path: Path, made_from: MadeFrom) -> None:
    store = Store(tmp_path)
    folder = store.index_folder(made_from)
    store.write(folder, made_from, lambda new: (new / "old").write_text("1") and None)
    store.write(folder, made_from, lambda new: (new / "new").write_text("2") and None)
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "new"]
    store.check(folder)


def test_build_index_does_nothing_where_the_index_fits(settings_built: Settings, real_folder: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in real_folder.iterdir()}
    reported: list[str] = []
    assert not build_index(settings_built, lambda what, *_: reported.append(what))
    assert reported == []
    assert {path.name: path.stat().st_mtime_ns for path in real_folder.iterdir()} == before


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


def test_write_says_that_the_folder_cannot_be_written(tmp_path: Path, made_from: MadeFrom) -> None:
    (tmp_path / "a-file").write_text("not a folder")
    store = Store(tmp_path / "a-file")
    with pytest.raises(DataFolderError, match="cannot be written"):
        store.write(store.index_folder(made_from), made_from, lambda _: None)


def test_nothing_in_the_data_folder_is_a_pickle(settings_built: Settings) -> None:
    paths = [path for path in settings_built.data_dir.rglob("*") if path.is_file() and path.name != ".lock"]
    assert {path.suffix for path in paths} <= {".json", ".npz", ".faiss", ".onnx", ""}
    for path in paths:
        assert not path.read_bytes()[:2].startswith((b"\x80\x03", b"\x80\x04", b"\x80\x05")), path
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                for name in arrays.files:
                    assert arrays[name].dtype != object
