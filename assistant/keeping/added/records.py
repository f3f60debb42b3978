"""What the library of added documents gives: its documents, their places, and what became of each file."""

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from corpus.corrections import Corrections
from corpus.errors import UnknownName
from corpus.filters import BOTH, OWN, REPORT
from corpus.frozen import Frozen
from corpus.shown import shown_name

_COLLECTION = re.compile(r"[^\W_][\w .-]{0,59}")
_RESERVED = (REPORT, OWN, BOTH, "all")

Outcome = Literal["added", "unchanged", "moved", "replaced", "refused", "missing", "removed"]


class Place(Frozen):
    """Where a document was found."""

    path: str
    """As text: what is not seen as itself is written as an escape."""
    collection: str


class Held(Frozen):
    """A document of the library, without its words."""

    id: str
    title: str
    authors: tuple[str, ...]
    year: int | None
    format: str
    collections: tuple[str, ...]
    places: tuple[Place, ...]
    passages: int
    speakers: tuple[tuple[str, str | None], ...]
    """Whom it quotes: label and role, as they are shown."""
    remarks: tuple[str, ...]
    partly: bool
    """Whether something of it was not read."""
    added: str
    """When, in UTC."""


class Problem(Frozen):
    """A file that was refused, or of which something was not read."""

    path: str
    collection: str
    outcome: Literal["refused", "partly read"]
    reason: str
    found: str
    """When, in UTC."""


class FileResult(Frozen):
    """What became of one file."""

    path: str
    outcome: Outcome
    collection: str
    document_id: str | None = None
    title: str | None = None
    format: str | None = None
    partly: bool = False
    """Whether something of it was not read."""
    remarks: tuple[str, ...] = ()
    """What a person must know of how it was read."""
    reason: str | None = None
    """Why it was refused, or is missing; and what to do."""


class Done(Frozen):
    """What adding or updating did, or would do."""

    dry_run: bool
    added: int
    unchanged: int
    moved: int
    replaced: int
    refused: int
    missing: int
    removed: int
    partly: int
    passed_over: int
    """Hidden files in folders, which are not looked at."""
    files: tuple[FileResult, ...]

    @classmethod
    def of(cls, files: Sequence[FileResult], *, dry_run: bool, passed_over: int = 0) -> "Done":
        """Count what became of files."""
        counts = {name: sum(one.outcome == name for one in files) for name in _COUNTED}
        partly = sum(one.partly for one in files)
        return cls(dry_run=dry_run, partly=partly, passed_over=passed_over, files=tuple(files), **counts)

    @property
    def all_read(self) -> bool:
        """Whether every file was read whole."""
        return not (self.refused or self.missing or self.partly)


_COUNTED = ("added", "unchanged", "moved", "replaced", "refused", "missing", "removed")


class Removed(Frozen):
    """A document, or one place of it, that was taken out, or would be."""

    dry_run: bool
    document_id: str
    title: str
    places: tuple[Place, ...]
    whole: bool
    """Whether the document itself is gone: it has no other place."""


@dataclass(frozen=True)
class Row:
    """A document as its row has it."""

    number: int
    id: str
    sha256: str
    """Of the file's bytes."""
    content_sha256: str
    """Of the `Document` as it was read."""
    format: str
    title: str
    authors: tuple[str, ...]
    year: int | None
    passages: int
    speakers: tuple[tuple[str, str | None], ...]
    remarks: tuple[str, ...]
    partly: bool
    corrections: Corrections
    added: str

    @property
    def version(self) -> tuple[int, str, str]:
        """What decides how it answers: one that is the same need not be read again."""
        return self.number, self.content_sha256, self.corrections.model_dump_json()


def check_collection(name: str) -> str:
    """Check the name of a collection and give it without spaces around. Raises UnknownName."""
    name = " ".join(name.split())
    if not _COLLECTION.fullmatch(name):
        raise UnknownName(
            f"{shown_name(name)!r} cannot be the name of a collection: expected letters, digits, spaces, hyphens and "
            "full stops, 60 at most, a letter or digit first.",
            field="collection",
        )
    if name.casefold() in _RESERVED:
        raise UnknownName(
            f"{name!r} cannot be the name of a collection: it stands for something else. Choose another name.",
            field="collection",
        )
    return name


def id_for(path: Path, length: int = 6) -> str:
    """Make a document's id of its place: the file's name, and digits that tell it from others of that name."""
    stem = re.sub(r"[^a-z0-9]+", "-", path.stem.casefold()).strip("-")[:40].strip("-")
    return f"{stem or 'document'}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:length]}"
