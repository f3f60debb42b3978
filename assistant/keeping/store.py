"""Keep built indexes in the data folder: written whole or not at all, known by what they were made from.

Layout:  DATA/encoders/KEY/     the exported embedding model
         DATA/entries/KEY/      a document with what belongs to it
         DATA/indexes/KEY/      a document's part of the index: chunks, vectors and words
         DATA/embedded.sqlite   while a part is built: what is embedded of it, so that a build which was stopped goes on
         DATA/building.json     while a process builds: how far it has come

KEY is a hash of everything that decides what a folder holds, so one that does not fit is never found; `manifest.json`
beside the files says what it was. A document's folders go by that document's own content: others come and go without
them, and what is only shown of it, or only decides how it is asked, makes nothing be embedded again.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from pydantic import ValidationError

from assistant.finding.learned import Learned, LearnedFrom, load_learned
from assistant.keeping.model import file_sha256, model_sha256
from assistant.settings import Settings
from corpus.chunk import CHUNKER_VERSION
from corpus.errors import DataFolderError, IndexDamaged
from corpus.frozen import Frozen, content_id
from corpus.library import Entry, EntryHashes, Library
from corpus.load import hash_folder, library_folders

if TYPE_CHECKING:
    from assistant.finding.index import Index, IndexPart

#: Raise this when the same chunks would be indexed in another way, or a stored file changes its shape.
INDEX_VERSION = 10
_LOCK_TIMEOUT_S = 600
_LOOK_AGAIN_S = 0.5
_BUILDING_FILE = "building.json"

#: Called with what is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


class Building(Frozen):
    """How far a build has come, for other processes to read."""

    what: str
    done: int
    total: int


class MadeFrom(Frozen):
    """Everything that decides what a folder holds: an exported model, an entry, or a part of an index."""

    index_version: int = INDEX_VERSION
    model: str | None = None
    model_sha256: str | None = None
    chunker_version: int | None = None
    tuned_sha256: str | None = None
    document: str | None = None
    document_sha256: str | None = None

    @property
    def key(self) -> str:
        """A short name for it."""
        return content_id(self.model_dump_json())

    @property
    def without_model(self) -> "MadeFrom":
        """The same whatever the model."""
        return self.model_copy(update={"model": None, "model_sha256": None, "tuned_sha256": None})


@dataclass(frozen=True)
class WantedIndex:
    """What must be there under some settings and this installation."""

    encoder: MadeFrom
    entries: tuple[MadeFrom, ...]
    parts: tuple[MadeFrom, ...]
    here: LearnedFrom
    learned: Learned

    @classmethod
    def from_settings(cls, settings: Settings) -> "WantedIndex":
        """Say what the bundled library's index must be made from, without reading a document."""
        return cls._of(settings, [hash_folder(folder) for folder in library_folders()])

    @classmethod
    def from_library(cls, settings: Settings, library: Library) -> "WantedIndex":
        """Say what a library's index must be made from."""
        return cls._of(settings, [entry.hashes for entry in library.entries])

    @classmethod
    def _of(cls, settings: Settings, entries: Sequence[EntryHashes]) -> "WantedIndex":
        weights = model_sha256(settings.model)
        here = LearnedFrom.here(weights, entries)
        learned = load_learned(here)
        encoder = MadeFrom(model=settings.model, model_sha256=weights, tuned_sha256=learned.tuned_sha256)
        part = encoder.model_copy(update={"chunker_version": CHUNKER_VERSION})
        return cls(
            encoder,
            tuple(MadeFrom(document=one.document_id, document_sha256=one.content) for one in entries),
            tuple(
                part.model_copy(update={"document": one.document_id, "document_sha256": one.indexed}) for one in entries
            ),
            here,
            learned,
        )


class StoredManifest(Frozen):
    """What `manifest.json` holds: what the folder was made from, and each file's size and hash."""

    made_from: MadeFrom
    files: dict[str, tuple[int, str]]


class Store:
    """The data folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def encoder_folder(self, made_from: MadeFrom) -> Path:
        """Where the exported embedding model is, or will be."""
        return self.root / "encoders" / made_from.key

    def entry_folder(self, made_from: MadeFrom) -> Path:
        """Where a document with what belongs to it is, or will be."""
        return self.root / "entries" / made_from.key

    def part_folder(self, made_from: MadeFrom) -> Path:
        """Where a document's part of the index is, or will be."""
        return self.root / "indexes" / made_from.key

    @property
    def embedded(self) -> Path:
        """What a build keeps of its vectors until they stand in their part."""
        return self.root / "embedded.sqlite"

    def has(self, folder: Path) -> bool:
        """Tell whether a folder was written whole."""
        return (folder / "manifest.json").is_file()

    def has_all(self, wanted: WantedIndex) -> bool:
        """Tell whether the exported model and every part of an index are there."""
        return all(self.has(folder) for folder in self.folders(wanted))

    def folders(self, wanted: WantedIndex) -> list[Path]:
        """List every folder of an index, that of the exported model included."""
        entries, parts = map(self.entry_folder, wanted.entries), map(self.part_folder, wanted.parts)
        return [self.encoder_folder(wanted.encoder), *entries, *parts]

    @contextmanager
    def lock(self, waiting: Progress) -> Iterator[Progress]:
        """Let one process at a time write to the data folder.

        While another one does, `waiting` is told again and again how far that one has come. Gives a way to tell others
        how far this one has come.

        Raises:
            DataFolderError: the folder cannot be written, or another process holds it and does not get on.
        """
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._wait_for_lock(waiting):
                try:
                    yield self._write_building
                finally:
                    (self.root / _BUILDING_FILE).unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from None

    def _wait_for_lock(self, waiting: Progress) -> AbstractContextManager[object]:
        from filelock import FileLock, Timeout  # noqa: PLC0415 - only a build writes

        lock, told, since = FileLock(self.root / ".lock"), None, monotonic()
        while told is None or monotonic() - since < _LOCK_TIMEOUT_S:
            try:
                return lock.acquire(timeout=0 if told is None else _LOOK_AGAIN_S)
            except Timeout:
                if told != (now := self._read_building()):
                    told, since = now, monotonic()
                waiting(f"Waiting for another coproduce: {now.what}", now.done, now.total)
        raise DataFolderError(
            f"another coproduce has held {self.root} for {_LOCK_TIMEOUT_S // 60} minutes without getting on. "
            "Wait for it, or end it, and try again."
        )

    def _read_building(self) -> Building:
        try:
            return Building.model_validate_json((self.root / _BUILDING_FILE).read_bytes())
        except (OSError, ValidationError):  # it has only begun, or is writing the file just now
            return Building(what="building the index", done=0, total=1)

    def _write_building(self, what: str, done: int, total: int) -> None:
        with suppress(OSError):  # nothing is lost but what others could have read
            _write(self.root / _BUILDING_FILE, Building(what=what, done=done, total=total).model_dump_json().encode())

    def write(self, folder: Path, made_from: MadeFrom, fill: Callable[[Path], None]) -> None:
        """Fill a new folder and put it in place in one step; a crash leaves the old state. Raises DataFolderError."""
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(
                dir=folder.parent, prefix=".new-", ignore_cleanup_errors=True
            ) as temporary:
                new = Path(temporary) / "content"
                new.mkdir()
                fill(new)
                paths = sorted(path for path in new.rglob("*") if path.is_file())
                files = {path.relative_to(new).as_posix(): (path.stat().st_size, file_sha256(path)) for path in paths}
                manifest = StoredManifest(made_from=made_from, files=files)
                (new / "manifest.json").write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
                for path in [*paths, new / "manifest.json"]:
                    _flush(path)
                if folder.exists():
                    folder.rename(Path(temporary) / "old")
                new.rename(folder)
        except OSError as error:
            raise self._unwritable(error) from None

    def remove_others(self, wanted: WantedIndex, also_kept: Iterable[Path] = ()) -> None:
        """Remove the folders that nothing will find again: older ones. What another model has of the same is kept."""
        kept = {*self.folders(wanted), *also_kept}
        current = {one.without_model for one in (wanted.encoder, *wanted.parts)}
        for parent in {folder.parent for folder in kept}:
            for folder in parent.iterdir():
                if folder in kept:
                    continue
                found = _made_from(folder)
                if found and found.model not in (None, wanted.encoder.model) and found.without_model in current:
                    continue
                shutil.rmtree(folder, ignore_errors=True)

    def check(self, folder: Path) -> None:
        """Check each file of a folder against its size and hash. Raises IndexDamaged."""
        try:
            manifest = StoredManifest.model_validate_json((folder / "manifest.json").read_bytes())
        except (OSError, ValidationError) as error:
            raise _damaged(folder / "manifest.json", str(error).splitlines()[0]) from None
        if folder.name != manifest.made_from.key:
            raise _damaged(folder / "manifest.json", "it was made from something else than its folder's name says")
        with ThreadPoolExecutor(max_workers=2) as pool:
            list(pool.map(lambda item: _check_file(folder / item[0], *item[1]), manifest.files.items()))

    def load(self, wanted: WantedIndex) -> "tuple[Library, Index]":
        """Load an index. Raises IndexDamaged where a file is missing, changed or does not fit the others."""
        from assistant.finding.index import Index  # noqa: PLC0415 - FAISS is needed only once an index is opened

        library = Library(self.load_entry(self.entry_folder(one)) for one in wanted.entries)
        return library, Index([self.load_part(self.part_folder(one)) for one in wanted.parts])

    def load_entry(self, folder: Path) -> Entry:
        """Load a document with what belongs to it. Raises IndexDamaged."""
        self.check(folder)
        try:
            return Entry.model_validate_json((folder / "entry.json").read_bytes())
        except (OSError, ValidationError) as error:
            raise _damaged(folder / "entry.json", str(error).splitlines()[0]) from None

    def load_part(self, folder: Path) -> "IndexPart":
        """Load a document's part of the index. Raises IndexDamaged."""
        from assistant.finding.index import IndexPart  # noqa: PLC0415 - as above

        self.check(folder)
        try:
            return IndexPart.load(folder)
        except IndexDamaged as error:
            raise _damaged(folder, str(error)) from None

    def save_entry(self, made_from: MadeFrom, entry: Entry) -> None:
        """Write a document with what belongs to it, but for its known questions, which are chunks of its part.

        Raises:
            DataFolderError: the folder cannot be written.
        """
        content = entry.model_copy(update={"questions": ()}).model_dump_json().encode()
        self.write(self.entry_folder(made_from), made_from, lambda new: _write(new / "entry.json", content))

    def save_part(self, made_from: MadeFrom, part: "IndexPart") -> None:
        """Write a document's part of the index. Raises DataFolderError."""
        self.write(self.part_folder(made_from), made_from, part.save)

    def _unwritable(self, error: OSError) -> DataFolderError:
        return DataFolderError(
            f"the data folder {self.root} cannot be written: {error.strerror or error}. "
            "Choose another with --data-dir or COPRODUCE_DATA_DIR."
        )


def is_built(settings: Settings) -> bool:
    """Tell whether an index that fits the settings and this installation is there."""
    return Store(settings.data_dir).has_all(WantedIndex.from_settings(settings))


def _made_from(folder: Path) -> MadeFrom | None:
    """Read what a folder was made from; None where it was not written whole, or by a version that says it otherwise."""
    try:
        return StoredManifest.model_validate_json((folder / "manifest.json").read_bytes()).made_from
    except (OSError, ValidationError):
        return None


def _check_file(path: Path, size: int, sha256: str) -> None:
    try:
        found = path.stat().st_size
        if found != size:
            raise _damaged(path, f"{found:,} bytes found, {size:,} expected")
        if file_sha256(path) != sha256:
            raise _damaged(path, "its content is not what was written")
    except OSError as error:
        raise _damaged(path, error.strerror or str(error)) from None


def _damaged(path: Path, what: str) -> IndexDamaged:
    return IndexDamaged(f"the index file {path} is damaged: {what}. Run `coproduce build --force` to make it again.")


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:  # Windows flushes only what may be written
        os.fsync(file.fileno())
