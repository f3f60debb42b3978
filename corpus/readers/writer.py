"""Write the words of a source one after the other and keep account of every character, so that all can be undone.

What `corpus/clean.py` does for the report, for readers that also leave out markup and repair letters.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from corpus.errors import CorpusError
from corpus.schema import Piece
from corpus.sentences import Span

Reason = Literal["layout", "mark", "footnote_mark", "separator", "hyphen", "furniture", "markup"]

#: Characters that no reader sees: control characters, soft hyphens, marks of byte order and of where a word may break.
UNSEEN = "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u200b\u2060\ufeff\ufff9-\ufffb"
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_ANY_UNSEEN = "[" + UNSEEN + "]"
_SPECIAL = re.compile(
    rf"(?P<gap>[\s{UNSEEN}]{{2,}}|[^\S ])|(?P<unseen>{_ANY_UNSEEN})|(?P<letters>\S[\u0300-\u036f]+|[ﬀ-ﬆ])"
)


@dataclass(frozen=True)
class Repair:
    """A stretch of a source whose letters were garbled, and what they certainly were."""

    start: int
    end: int
    words: str


class Writer:
    """Copies slices of a source into a text.

    >>> writer = Writer("**Co-design**  works")
    >>> writer.lift(0, 2, "markup"); writer.copy(2, 11); writer.lift(11, 13, "markup"); writer.copy(13, 20)
    (0, 9)
    (9, 15)
    >>> writer.finish()[0]
    'Co-design works'
    """

    def __init__(self, source: str, repairs: Sequence[Repair] = ()) -> None:
        """Start an empty text. `repairs` are put wherever their place is copied; they stand in order."""
        self.source = source
        self._repairs = list(repairs)
        self._next_repair = 0
        self._parts: list[str] = []
        self._length = 0
        self.tail = ""  # the last two characters of the text so far
        self._pieces: list[Piece] = []

    @property
    def position(self) -> int:
        """The length of the text so far, in characters."""
        return self._length

    @property
    def last(self) -> str:
        """The last character of the text so far; nothing at its beginning."""
        return self.tail[-1:]

    def space(self, inserted: str) -> None:
        """Append white space that stands for the source's layout."""
        if inserted.strip():
            raise CorpusError(f"only white space may be inserted, not {inserted!r}")
        self._append(inserted)

    def lift(self, start: int, end: int, reason: Reason) -> None:
        """Leave out source[start:end]."""
        if start < end:
            self._piece(reason, start, end, self.source[start:end])

    def put(self, start: int, end: int, words: str) -> None:
        """Append what source[start:end] stands for: the same letters, written otherwise."""
        if self.source[start:end] == words:
            self._piece("kept", start, end, "")
        else:
            self._piece("kept", start, end, self.source[start:end])
        self._append(words)

    def copy(self, start: int, end: int) -> Span:
        """Append source[start:end]: runs of white space become one space, accents one character, ligatures letters."""
        first = self._length
        while self._next_repair < len(self._repairs) and self._repairs[self._next_repair].end <= start:
            self._next_repair += 1
        while self._next_repair < len(self._repairs):
            repair = self._repairs[self._next_repair]
            if repair.end > end:
                break
            if repair.start >= start:
                self._copy(start, repair.start)
                self.put(repair.start, repair.end, repair.words)
                start = repair.end
            self._next_repair += 1
        self._copy(start, end)
        return first, self._length

    def finish(self) -> tuple[str, tuple[Piece, ...]]:
        """Give the text and its pieces, with the white space that was passed over accounted for.

        Raises:
            CorpusError: a source character that is not white space was neither kept nor lifted, or was used twice.
        """
        pieces = sorted(self._pieces, key=lambda piece: (piece.source_start, piece.source_end))
        whole: list[Piece] = []
        position = 0
        for piece in pieces:
            self._skip(position, piece.source_start, whole)
            whole.append(piece)
            position = piece.source_end
        self._skip(position, len(self.source), whole)
        return "".join(self._parts), tuple(whole)

    def _skip(self, start: int, end: int, whole: list[Piece]) -> None:
        if end < start:
            raise CorpusError("some words of the file were read twice. Please report this file as a fault.")
        skipped = self.source[start:end]
        if re.sub(f"{_ANY_UNSEEN}+", "", skipped).strip():
            raise CorpusError("some words of the file would be lost. Please report this file as a fault.")
        if skipped:
            whole.append(Piece(reason="layout", source_start=start, source_end=end, text_start=0, source_text=skipped))

    def _copy(self, start: int, end: int) -> None:
        for match in _SPECIAL.finditer(self.source, start, end):
            found = match[0]
            if match.lastgroup == "letters":
                words = "".join(_LIGATURES.get(one, one) for one in unicodedata.normalize("NFC", found))
                if words == found:
                    continue
                self._keep(start, match.start())
                self.put(match.start(), match.end(), words)
            else:
                self._keep(start, match.start())
                gap = match.lastgroup == "gap" and not re.fullmatch(f"{_ANY_UNSEEN}+", found)
                self.lift(match.start(), match.end(), "layout" if gap else "mark")
                if gap:
                    self._append(" ")
            start = match.end()
        self._keep(start, end)

    def _keep(self, start: int, end: int) -> None:
        if start < end:
            self._piece("kept", start, end, "")
            self._append(self.source[start:end])

    def _piece(self, reason: Literal["kept"] | Reason, start: int, end: int, source_text: str) -> None:
        self._pieces.append(
            Piece(reason=reason, source_start=start, source_end=end, text_start=self._length, source_text=source_text)
        )

    def _append(self, part: str) -> None:
        if part:
            self._parts.append(part)
            self._length += len(part)
            self.tail = (self.tail + part)[-2:]
