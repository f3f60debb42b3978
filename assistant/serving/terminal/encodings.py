"""Read what other programs wrote: UTF-8, the UTF-16 of Windows PowerShell, or the cp1252 of older Windows programs."""

import codecs
import re
import sys
from pathlib import Path

from corpus.errors import BatchError, CoproduceError

#: Stands for standard input where a file's name is expected.
DASH = Path("-")
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
#: A letter outside ASCII as UTF-8 writes it. Text in cp1252 hardly ever holds one by chance.
_UTF8_LETTER = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")


def read_input(path: Path) -> bytes:
    """Read a file whole, or standard input where it is a dash. Raises BatchError."""
    try:
        if path != DASH:
            return path.read_bytes()
        if sys.stdin is None:
            raise BatchError("standard input cannot be read: it is closed.")
        return sys.stdin.buffer.read()
    except OSError as error:
        raise BatchError(f"{name_of(path)} cannot be read: {error.strerror or error}.") from None


def name_of(path: Path) -> str:
    """Name a file for a person."""
    return "standard input" if path == DASH else str(path)


def as_utf8(raw: bytes, name: str) -> tuple[bytes, CoproduceError | None]:
    """Give text as UTF-8 without a byte order mark, and what must be said where its encoding had to be guessed.

    What is in no encoding that we can tell is given as it is.

    Raises:
        BatchError: it begins as UTF-16, and is not.
    """
    encoding = _encoding_of(raw)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding.startswith("utf-16"):
            raise BatchError(
                f"{name} begins as UTF-16, but byte {error.start:,} does not go on so: it is cut short or damaged. "
                "Save it as UTF-8."
            ) from None
        return raw, None
    said = CoproduceError(
        f"{name} is not UTF-8. It was read as Windows-1252, the Western European encoding of older Windows programs. "
        "If letters come out wrong, save it as UTF-8."
    )
    return text.encode(), said if encoding == "cp1252" else None


def _encoding_of(raw: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if raw.startswith(mark):
            return encoding
    zeros = len(raw) // 4 + 1  # of the second bytes, more than half: Western text in UTF-16 without its mark
    if raw[1::2].count(0) >= zeros and not raw[::2].count(0):
        return "utf-16-le"
    if raw[::2].count(0) >= zeros and not raw[1::2].count(0):
        return "utf-16-be"
    try:
        raw.decode()
    except UnicodeDecodeError:
        return "utf-8" if _UTF8_LETTER.search(raw) else "cp1252"
    return "utf-8"
