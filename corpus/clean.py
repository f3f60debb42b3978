"""Build a cleaned text from slices of a source, keeping account of every source character.

Cleaning only undoes layout. Nothing is rewritten, so what was done can be undone: `undo_cleaning` gives the
source back, character for character.
"""

import re
import unicodedata
from itertools import pairwise

from corpus.errors import CorpusError
from corpus.schema import Document, Piece

_WORD_OR_SPACE = re.compile(r"\s+|\S+")
_DECOMPOSED = re.compile(r"\S[\u0300-\u036f]+")


class Cleaner:
    """Appends slices of a source to a text and records where each came from.

    >>> cleaner = Cleaner("co-\\nproduction  is")
    >>> cleaner.copy_lines([(0, 3), (4, 18)])
    (0, 16)
    >>> cleaner.text
    'co-production is'
    """

    def __init__(self, source: str, marks: list[tuple[int, int]] | None = None) -> None:
        """Start an empty text. `marks` are source spans of footnote marks, to be left out wherever they are met."""
        self.source = source
        self._marks = sorted(marks or [])
        self._parts: list[str] = []
        self._length = 0
        self._pieces: list[Piece] = []

    @property
    def text(self) -> str:
        """The cleaned text so far."""
        return "".join(self._parts)

    @property
    def position(self) -> int:
        """The length of the cleaned text so far, in characters."""
        return self._length

    def layout(self, inserted: str) -> None:
        """Append white space that stands for the source's layout."""
        if inserted.strip():
            raise CorpusError(f"only white space may be inserted, not {inserted!r}")
        self._append(inserted)

    def lift(self, start: int, end: int, reason: str) -> None:
        """Leave out source[start:end]: a footnote mark or a byte order mark."""
        self._pieces.append(
            Piece.model_validate(
                {
                    "reason": reason,
                    "source_start": start,
                    "source_end": end,
                    "text_start": self._length,
                    "source_text": self.source[start:end],
                }
            )
        )

    def copy_lines(self, spans: list[tuple[int, int]]) -> tuple[int, int]:
        """Append source slices as one run of text and return its span.

        Lines are joined by a space, or by nothing after a hyphen that ends a line inside a word: the hyphens of
        this kind of text are real ("co-" / "production"), so the hyphen stays.
        """
        start = self._length
        for number, (source_start, source_end) in enumerate(spans):
            if number and not self._is_hyphenated():
                self.layout(" ")
            self._copy(source_start, source_end)
        return start, self._length

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """Give the span in the text of source[start:end], whose first and last characters were kept."""
        first, last = self._piece_at(start), self._piece_at(end - 1)
        text_start = first.text_start + (0 if first.source_text else start - first.source_start)
        if last.source_text:
            return text_start, last.text_start + len(unicodedata.normalize("NFC", last.source_text))
        return text_start, last.text_start + end - last.source_start

    def _piece_at(self, source_offset: int) -> Piece:
        for piece in reversed(self._pieces):
            if piece.reason == "kept" and piece.source_start <= source_offset < piece.source_end:
                return piece
        raise CorpusError(f"source character {source_offset} is not in the text")

    def finish(self) -> tuple[str, tuple[Piece, ...]]:
        """Return the text and its pieces, with the skipped white space accounted for.

        Raises:
            CorpusError: a source character that is not white space was neither kept nor lifted, or was used twice.
        """
        pieces = sorted(self._pieces, key=lambda piece: piece.source_start)
        gaps: list[Piece] = []
        edges = [0, *(piece.source_end for piece in pieces)]
        starts = [*(piece.source_start for piece in pieces), len(self.source)]
        for gap_start, gap_end in zip(edges, starts, strict=True):
            if gap_end < gap_start:
                raise CorpusError(f"the source was used twice near {self.source[gap_end:gap_start][:60]!r}")
            skipped = self.source[gap_start:gap_end]
            if skipped.strip():
                raise CorpusError(f"these words of the source would be lost: {skipped.strip()[:80]!r}")
            if skipped:
                gaps.append(
                    Piece(
                        reason="layout", source_start=gap_start, source_end=gap_end, text_start=0, source_text=skipped
                    )
                )
        return self.text, tuple(sorted([*pieces, *gaps], key=lambda piece: piece.source_start))

    def _is_hyphenated(self) -> bool:
        tail = "".join(self._parts[-2:])[-2:]
        return len(tail) == 2 and tail[1] == "-" and tail[0].isalnum()

    def _append(self, part: str) -> None:
        self._parts.append(part)
        self._length += len(part)

    def _copy(self, start: int, end: int) -> None:
        """Append one slice of a line: runs of white space become one space, accents one character."""
        cuts = {start, end}
        for match in _WORD_OR_SPACE.finditer(self.source, start, end):
            if match.group().isspace() and match.group() != " ":
                cuts.update(match.span())
        for match in _DECOMPOSED.finditer(self.source, start, end):
            cuts.update(match.span())
        marks = [mark for mark in self._marks if start <= mark[0] and mark[1] <= end]
        for mark in marks:
            cuts.update(mark)
        for piece_start, piece_end in pairwise(sorted(cuts)):
            if (piece_start, piece_end) in marks:
                self.lift(piece_start, piece_end, "footnote_mark")
                continue
            found = self.source[piece_start:piece_end]
            if found.isspace() and found != " ":
                self.layout(" ")
                continue
            composed = unicodedata.normalize("NFC", found) if _DECOMPOSED.fullmatch(found) else found
            self._pieces.append(
                Piece(
                    reason="kept",
                    source_start=piece_start,
                    source_end=piece_end,
                    text_start=self._length,
                    source_text=found if composed != found else "",
                )
            )
            self._append(composed)


def undo_cleaning(document: Document) -> str:
    """Rebuild the source of a document from its cleaned text and its pieces.

    Raises:
        CorpusError: the pieces do not account for every source character exactly once.
    """
    rebuilt: list[str] = []
    position = 0
    for piece in document.pieces:
        if piece.source_start != position:
            raise CorpusError(f"source characters {position} to {piece.source_start} are not accounted for")
        length = piece.source_end - piece.source_start
        rebuilt.append(piece.source_text or document.text[piece.text_start : piece.text_start + length])
        position = piece.source_end
    if position != document.source_characters:
        raise CorpusError(f"the source has {document.source_characters} characters, the pieces cover {position}")
    return "".join(rebuilt)
