"""Keep built indexes in the data folder: written whole or not at all, known by what they were made from.

Layout:  DATA/encoders/KEY/     the exported embedding model
         DATA/indexes/KEY/      vectors, words, chunks and documents, with `manifest.json`

KEY is a hash of everything that decides what an index holds, so an index that does not fit is never found.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from assistant.finding.adapter import ADAPTER_FILE
from assistant.keeping.model import file_sha256, model_sha256
from assistant.settings import Settings
from corpus.chunk import CHUNKER_VERSION
from corpus.contested import Contested
from corpus.errors import DataFolderError, IndexDamaged
from corpus.expand import NotCovered
from corpus.load import library_sha256
from corpus.schema import Chunk, Document, Frozen, content_id

if TYPE_CHECKING:
    from assistant.finding.index import ChunkIndex

#: Raise this when the same chunks would be indexed in another way, or a stored file changes its shape.
INDEX_VERSION = 6
_LOCK_TIMEOUT_S = 600
_DOCUMENTS = TypeAdapter(tuple[Document, ...])
_CHUNKS = TypeAdapter(tuple[Chunk, ...])
_NOT_COVERED = TypeAdapter(tuple[NotCovered, ...])
_CONTESTED = TypeAdapter(tuple[Contested, ...])


class MadeFrom(Frozen):
    """Everything that decides what an index holds."""

    model: str
    model_sha256: str
    corpus_sha256: str
    adapter_sha256: str
    chunker_version: int = CHUNKER_VERSION
    index_version: int = INDEX_VERSION

    @classmethod
    def from_settings(cls, settings: Settings) -> "MadeFrom":
        """Say what an index must be made from under these settings and this installation."""
        return cls(
            model=settings.model,
            model_sha256=model_sha256(settings.model),
            corpus_sha256=library_sha256(),
            adapter_sha256=file_sha256(ADAPTER_FILE),
        )

    @property
    def key(self) -> str:
        """A short name for it."""
        return content_id(self.model_dump_json())

    @property
    def encoder_key(self) -> str:
        """A short name for the embedding model alone."""
        return content_id(self.model, self.model_sha256, self.index_version)


class StoredManifest(Frozen):
    """What `manifest.json` holds: what the index was made from, and each file's size and hash."""

    made_from: MadeFrom
    files: dict[str, tuple[int, str]]


class StoredIndex(Frozen):
    """An index as it was loaded."""

    documents: tuple[Document, ...]
    chunks: tuple[Chunk, ...]
    not_covered: tuple[NotCovered, ...] = ()
    contested: tuple[Contested, ...] = ()


class Store:
    """The data folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def encoder_folder(self, made_from: MadeFrom) -> Path:
        """Where the exported embedding model is, or will be."""
        return self.root / "encoders" / made_from.encoder_key

    def index_folder(self, made_from: MadeFrom) -> Path:
        """Where the index is, or will be."""
        return self.root / "indexes" / made_from.key

    def has(self, folder: Path) -> bool:
        """Tell whether a folder was written whole."""
        return (folder / "manifest.json").is_file()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Let one process at a time write to the data folder. Raises DataFolderError."""
        from filelock import FileLock, Timeout  # noqa: PLC0415 - only a build writes

        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with FileLock(self.root / ".lock", timeout=_LOCK_TIMEOUT_S):
                yield
        except Timeout:
            raise DataFolderError(
                f"another coproduce has been writing to {self.root} for {_LOCK_TIMEOUT_S // 60} minutes. "
                "Wait for it, or end it, and try again."
            ) from None
        except OSError as error:
            raise self._unwritable(error) from None

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

    def remove_others(self, keep: Path) -> None:
        """Remove the folders beside one: older indexes that nothing will find again."""
        for folder in keep.parent.iterdir():
            if folder != keep:
                shutil.rmtree(folder, ignore_errors=True)

    def check(self, folder: Path) -> None:
        """Check each file of a folder against its size and hash. Raises IndexDamaged."""
        try:
            manifest = StoredManifest.model_validate_json((folder / "manifest.json").read_bytes())
        except (OSError, ValidationError) as error:
            raise _damaged(folder / "manifest.json", str(error).splitlines()[0]) from None
        if folder.name not in (manifest.made_from.key, manifest.made_from.encoder_key):
            raise _damaged(folder / "manifest.json", "it was made from something else than its folder's name says")
        with ThreadPoolExecutor(max_workers=2) as pool:
            list(pool.map(lambda item: _check_file(folder / item[0], *item[1]), manifest.files.items()))

    def load(self, folder: Path) -> "tuple[StoredIndex, ChunkIndex]":
        """Load an index. Raises IndexDamaged where a file is missing, changed or does not fit the others."""
        from assistant.finding.index import ChunkIndex  # noqa: PLC0415 - FAISS is needed only once an index is opened

        self.check(folder)
        try:
            documents = _DOCUMENTS.validate_json((folder / "documents.json").read_bytes())
            chunks = _CHUNKS.validate_json((folder / "chunks.json").read_bytes())
            not_covered = _NOT_COVERED.validate_json((folder / "not_covered.json").read_bytes())
            contested = _CONTESTED.validate_json((folder / "contested.json").read_bytes())
        except (OSError, ValidationError) as error:
            raise _damaged(folder, str(error).splitlines()[0]) from None
        index = ChunkIndex.load(folder)
        if index.size != len(chunks):
            raise _damaged(folder, f"{index.size} vectors for {len(chunks)} chunks")
        stored = StoredIndex(documents=documents, chunks=chunks, not_covered=not_covered, contested=contested)
        return stored, index

    def save(self, folder: Path, made_from: MadeFrom, stored: StoredIndex, index: "ChunkIndex") -> None:
        """Write an index. Raises DataFolderError."""

        def fill(new: Path) -> None:
            (new / "documents.json").write_bytes(_DOCUMENTS.dump_json(stored.documents))
            (new / "chunks.json").write_bytes(_CHUNKS.dump_json(stored.chunks))
            (new / "not_covered.json").write_bytes(_NOT_COVERED.dump_json(stored.not_covered))
            (new / "contested.json").write_bytes(_CONTESTED.dump_json(stored.contested))
            index.save(new)

        self.write(folder, made_from, fill)

    def _unwritable(self, error: OSError) -> DataFolderError:
        return DataFolderError(
            f"the data folder {self.root} cannot be written: {error.strerror or error}. "
            "Choose another with --data-dir or COPRODUCE_DATA_DIR."
        )


def is_built(settings: Settings) -> bool:
    """Tell whether an index that fits the settings and this installation is there."""
    store, made_from = Store(settings.data_dir), MadeFrom.from_settings(settings)
    return store.has(store.index_folder(made_from)) and store.has(store.encoder_folder(made_from))


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


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
