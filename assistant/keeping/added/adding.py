"""Add files, look again at those that were added, and take out what is gone: one file after the other.

Each file is kept or refused before the next one is begun, so that whatever stops this, all that was told is kept, and
the same command goes on where it stopped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.keeping.added.database import Database, library_path
from assistant.keeping.added.embed import Embedder
from assistant.keeping.added.records import Done, FileResult, Outcome, Row, check_collection
from assistant.keeping.added.shelf import Overtaken, Seen, Shelf
from assistant.keeping.added.walk import Found, Missing, find_files, look_at, sizes_of
from corpus.errors import CoproduceError, CorpusError, DataFolderError
from corpus.filters import USUAL
from corpus.readers.read import ReadFile, read_file
from corpus.shown import shown_name

_TRIES = 4
_GONE = (
    "there is nothing at this place any more. What was read stays; `coproduce update --remove-missing` takes it out."
)


@dataclass(frozen=True)
class Progressed:
    """How far adding has come."""

    files: int
    of_files: int
    size: int
    """Bytes of the files that are done."""
    of_size: int
    now: str
    """The file in hand, as text; empty at the end."""


Read = Callable[..., ReadFile]


def _silent(_: Progressed) -> None:
    """Tell nobody."""


class Adder:
    """Adds and updates. `results` grows as it goes: after a stop it says what is kept."""

    def __init__(
        self,
        data_dir: Path,
        embedder: Embedder,
        *,
        told: Callable[[Progressed], None] = _silent,
        read: Read = read_file,
        dry_run: bool = False,
    ) -> None:
        """Say how.

        Args:
            data_dir: The data folder.
            embedder: What embeds.
            told: Is told before each file how far it has come.
            read: Reads a file.
            dry_run: Whether nothing is changed; files are read all the same, to tell which would be refused.
        """
        self._data_dir = data_dir
        self._embedder = embedder
        self._told = told
        self._read = read
        self._dry_run = dry_run
        self.results: list[FileResult] = []
        self._at = Progressed(0, 0, 0, 0, "")
        self._size = 0

    def add(self, named: Sequence[Path], collection: str | None = None) -> Done:
        """Add files, and the files of folders.

        Raises:
            DataFolderError: the library cannot be written: the disk is full, or the folder is another's.
            UnknownName: the collection's name cannot be one.
        """
        wanted = None if collection is None else check_collection(collection)
        found = find_files(named, self._data_dir)
        return self._go_through(found, {}, wanted, remove_missing=False)

    def update(self, *, remove_missing: bool = False) -> Done:
        """Look again at every file that was added or refused; take out those that are gone if `remove_missing`.

        Raises:
            DataFolderError: the library cannot be written.
        """
        if not library_path(self._data_dir).exists():
            return Done.of([], dry_run=self._dry_run)
        with Database(library_path(self._data_dir)) as database:
            known = Shelf(database).known_places()
        found = Found(files=list(known))
        return self._go_through(
            found, {place: where for place, (where, _) in known.items()}, None, remove_missing=remove_missing
        )

    def _go_through(
        self, found: Found, collections: dict[Path, str], wanted: str | None, *, remove_missing: bool
    ) -> Done:
        path = library_path(self._data_dir)
        with TemporaryDirectory() as nowhere:
            if self._dry_run and not path.exists():
                path = library_path(Path(nowhere))
            with Database(path) as database:
                shelf = Shelf(database)
                for place, reason in found.refused:
                    self._refuse(shelf, place, wanted or USUAL, reason)
                if not self._dry_run and found.files:
                    self._follow_model(shelf)
                sizes = list(sizes_of(found.files))
                done = 0
                for number, (place, size) in enumerate(zip(found.files, sizes, strict=True)):
                    self._at, self._size = (
                        Progressed(number, len(sizes), done, sum(sizes), shown_name(place.name)),
                        size,
                    )
                    self._told(self._at)
                    self._one(shelf, place, wanted, collections.get(place), remove_missing=remove_missing)
                    done += size
                self._told(Progressed(len(sizes), len(sizes), done, done, ""))
        return Done.of(self.results, dry_run=self._dry_run, passed_over=found.passed_over)

    def _follow_model(self, shelf: Shelf) -> None:
        """Embed again what another model has embedded, beside it, and switch when all is there."""
        if shelf.model in (None, self._embedder.model):
            return
        reembed(shelf, self._embedder, self._told)

    def _one(self, shelf: Shelf, place: Path, wanted: str | None, known: str | None, *, remove_missing: bool) -> None:
        where = wanted or known or USUAL
        try:
            seen = look_at(place)
        except Missing as gone:
            if known is None:
                self._refuse(shelf, place, where, str(gone))
            elif remove_missing:
                removed = None if self._dry_run else shelf.remove_place(place)
                title = removed.title if removed else None
                self._say(place, "removed", where, title=title, document_id=removed.document_id if removed else None)
            else:
                self._say(place, "missing", where, reason=_GONE)
            return
        except CorpusError as error:
            self._refuse(shelf, place, where, str(error))
            return
        try:
            self._keep(shelf, seen, wanted, where)
        except DataFolderError:
            raise
        except CoproduceError as error:
            self._refuse(shelf, place, where, str(error))
        except Exception as error:  # a fault of a reader stops no other file
            fault = type(error).__name__
            reason = f"reading it failed with a fault of ours ({fault}). Please report it; other files were read."
            self._refuse(shelf, place, where, reason)

    def _keep(self, shelf: Shelf, seen: Seen, wanted: str | None, where: str) -> None:
        for attempt in range(_TRIES):
            outcome, there = shelf.what_would(seen.path, wanted, seen.sha256)
            if self._dry_run:
                read = None if there else self._read(seen.path, document_id=shelf.id_for(seen.path))
                self._say_read(seen.path, outcome, where, there, read)
                return
            try:
                if there is not None:
                    outcome, row = shelf.put(seen, wanted)
                else:
                    read = self._read(seen.path, document_id=shelf.id_for(seen.path))
                    if read.sha256 != seen.sha256:  # it was changed meanwhile: what was read counts
                        seen = Seen(seen.path, seen.size, seen.modified, read.sha256)
                    outcome, row = shelf.put(seen, wanted, read, self._embedder.embed(read.document, self._told_within))
                self._say_read(seen.path, outcome, where, row, None)
                return
            except Overtaken:
                if attempt == _TRIES - 1:
                    raise

    def _told_within(self, done: int, of: int) -> None:
        """Tell how far a file has come that is being embedded."""
        self._told(replace(self._at, size=self._at.size + self._size * done // max(of, 1)))

    def _refuse(self, shelf: Shelf, place: Path, where: str, reason: str) -> None:
        reason = shown_name(reason)  # a file's name may stand in it
        if not self._dry_run:
            shelf.refuse(place, where, reason)
        self._say(place, "refused", where, reason=reason)

    def _say_read(self, place: Path, outcome: Outcome, where: str, row: Row | None, read: ReadFile | None) -> None:
        if row is not None:
            self.results.append(
                FileResult(
                    path=shown_name(place),
                    outcome=outcome,
                    collection=where,
                    document_id=row.id,
                    title=row.title,
                    format=row.format,
                    partly=row.partly,
                    remarks=row.remarks,
                )
            )
        elif read is not None:
            self.results.append(
                FileResult(
                    path=shown_name(place),
                    outcome=outcome,
                    collection=where,
                    document_id=read.document.id,
                    title=read.document.title,
                    format=read.format,
                    partly=any(one.partly for one in read.remarks),
                    remarks=tuple(one.text for one in read.remarks),
                )
            )

    def _say(
        self,
        place: Path,
        outcome: Outcome,
        where: str,
        *,
        reason: str | None = None,
        title: str | None = None,
        document_id: str | None = None,
    ) -> None:
        self.results.append(
            FileResult(
                path=shown_name(place),
                outcome=outcome,
                collection=where,
                reason=reason,
                title=title,
                document_id=document_id,
            )
        )


def reembed(shelf: Shelf, embedder: Embedder, told: Callable[[Progressed], None] = _silent) -> None:
    """Embed every document by a model beside the vectors that answer, and let these answer when all are there.

    A stop loses the document in hand; what was embedded is not embedded again.
    """
    missing = shelf.without_vectors(embedder.model)
    for number, document_id in enumerate(missing):
        told(Progressed(number, len(missing), number, len(missing), f"{document_id} (another embedding model)"))
        shelf.put_vectors(document_id, embedder.embed(shelf.document(document_id)))
    shelf.switch_to(embedder.model)
