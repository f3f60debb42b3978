"""Read a file that a person adds into a document: tell what it is by its content, read it, say what must be said.

`read_file` does so in a process of its own (`corpus/readers/isolated.py`); `read_content` is what runs there.
"""

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

from corpus.errors import CorpusError
from corpus.frozen import Frozen
from corpus.readers.assemble import assemble
from corpus.readers.extracted import Extracted, Remark
from corpus.readers.isolated import DEFAULT_LIMITS, Limits, read_isolated
from corpus.readers.sniff import Kind, sniff
from corpus.schema import Document

Reader = Callable[[bytes, str], Extracted]


class ReadFile(Frozen):
    """A file as it was read."""

    document: Document
    format: str
    remarks: tuple[Remark, ...] = ()
    sha256: str
    """Of the file's bytes."""


def read_file(path: Path, *, document_id: str, limits: Limits = DEFAULT_LIMITS) -> ReadFile:
    """Read a file into a document of some id, in a process of its own.

    The file is opened once, without waiting: a pipe, a socket or a device is refused, a link at its end not followed.

    Raises:
        CorpusError: it cannot be read; the message says why, and what to do. It does not hold the file's name.
    """
    content = read_bytes(path, limits.max_bytes)
    answer = read_isolated(content, name=path.name, document_id=document_id, limits=limits)
    return ReadFile.model_validate_json(answer)


def read_bytes(path: Path, most: int) -> bytes:
    """Read an ordinary file's bytes. Raises CorpusError where it is none, cannot be opened or has more than `most`."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise CorpusError("it is no ordinary file (a link, a folder, a pipe or a device). Add the file itself.")
        handle = os.open(path, flags)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its name cannot be used"
        raise CorpusError(
            f"it cannot be opened: {why}. Close it elsewhere, check that you may read it, and try again."
        ) from None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise CorpusError("it is no ordinary file. Add the file itself.")
        try:
            content = file.read(most + 1)
        except OSError as error:
            raise CorpusError(f"it cannot be read: {error.strerror or error}. Try again.") from None
    if len(content) > most:
        raise CorpusError(f"it is larger than {most // 1_000_000:,} MB. Add the part of it that you need.")
    return content


def read_content(content: bytes, *, name: str, document_id: str, seconds: float | None = None) -> ReadFile:
    """Read a file's bytes into a document, in this process.

    Raises:
        CorpusError: they cannot be read; the message says why, and what to do.
    """
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise CorpusError("it is empty.")
    kind = sniff(content, name)
    if not kind.is_read:
        also = f", though its name ends as that of {kind.ending_called} does" if kind.ending_called else ""
        raise CorpusError(f"it is {kind.called}{also}; that is not read. {kind.advice}")
    try:
        found = _extracted(content, name, kind, seconds)
    except CorpusError as error:
        also = f" (Its content is {kind.called}, whatever its name says.)" if kind.said else ""
        raise CorpusError(f"{error}{also}") from None
    remarks = (*_ending(kind), *found.remarks)
    document = assemble(found, document_id=document_id, name=_stem(name))
    return ReadFile(document=document, format=kind.format, remarks=remarks, sha256=hashlib.sha256(content).hexdigest())


def _extracted(content: bytes, name: str, kind: Kind, seconds: float | None) -> Extracted:
    """Read a file with the reader of its kind; each is loaded when it is first needed."""
    if kind.format == "pdf":
        from corpus.readers.pdf.reader import read_pdf  # noqa: PLC0415
        from corpus.readers.turns import mark_turns  # noqa: PLC0415

        found, line_starts = read_pdf(content, seconds=seconds)
        return mark_turns(found, line_starts)
    return _reader_of(kind.format)(content, name)


def _reader_of(kind: str) -> Reader:
    from corpus.readers import captions, docx, html, markdown, plain  # noqa: PLC0415

    readers: dict[str, Reader] = {
        "docx": docx.read,
        "html": html.read,
        "markdown": markdown.read,
        "text": plain.read,
        "vtt": captions.read,
        "srt": captions.read,
    }
    if kind == "epub":
        from corpus.readers import epub  # noqa: PLC0415

        return epub.read
    return readers[kind]


def _ending(kind: Kind) -> tuple[Remark, ...]:
    """Say that a file is something else than its ending says."""
    if not kind.ending_called:
        return ()
    words = f"Its name ends as that of {kind.ending_called} does, but it is {kind.called}, and was read as that."
    return (Remark(code="ending", text=words),)


def _stem(name: str) -> str:
    """Give a file's name as a title: without its ending, with spaces."""
    stem = Path(name).stem
    words = (
        "".join(letter if letter.isprintable() else " " for letter in stem).encode("utf-8", "replace").decode("utf-8")
    )
    return " ".join(words.replace("_", " ").replace("-", " ").split()) or "Document"
