"""Read a file that a person adds, whatever its format, into a document."""

import hashlib
from pathlib import Path

from corpus.errors import CorpusError
from corpus.frozen import Frozen
from corpus.readers.extracted import Remark
from corpus.readers.text import read_text_file
from corpus.schema import Document
from corpus.shown import shown_name

_FORMATS = {".md": "markdown", ".markdown": "markdown", ".txt": "text"}


class ReadFile(Frozen):
    """A file as it was read."""

    document: Document
    format: str
    remarks: tuple[Remark, ...] = ()
    sha256: str
    """Of the file's bytes."""


def read_file(path: Path, *, document_id: str, limits: object = None) -> ReadFile:
    """Read a file into a document of some id.

    Raises:
        CorpusError: it cannot be read; the message says why, and what to do.
    """
    del limits
    kind = _FORMATS.get(path.suffix.lower())
    if kind is None:
        raise CorpusError(
            f"{shown_name(path.name)} is not read: its ending is {shown_name(path.suffix)!r}. "
            "Markdown (.md) and plain text (.txt) are."
        )
    try:
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise CorpusError(f"{shown_name(path.name)} cannot be read: {error.strerror or error}.") from None
    return ReadFile(document=read_text_file(path, document_id=document_id), format=kind, sha256=sha256)
