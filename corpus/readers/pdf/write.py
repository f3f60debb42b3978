"""Write blocks of lines as a source and a text, with the pieces that lead from one to the other and back."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from corpus.readers.extracted import Block
from corpus.readers.pdf.blocks import Group
from corpus.readers.pdf.furniture import Page
from corpus.readers.pdf.hyphens import Hyphens
from corpus.readers.pdf.rows import Line
from corpus.schema import Piece, Spot

#: Letters that are printed as one, and what they are.
_OTHERWISE = re.compile("[\ufb00-\ufb06]|\u00ad|[^\\W\\d_][\u0300-\u036f]+|[\u00a0\u2000-\u200b]")
_FINISHED = re.compile(r"[.?!:;…][\"”’)\]]*$|[”\"]$")
_UNITS = re.compile(r"(?:^|[\s\d/(])(?:[kcmµ]?m|k?g|s|h|in|ft|km|cm|mm|r|R|χ|x|p)$|(?:^|[\s(=+−×/])[^\W\d_]$")


@dataclass
class Written:
    """What was written so far."""

    source: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
    line_starts: list[int] = field(default_factory=list)
    at_source: int = 0
    at_text: int = 0


class Writer:
    """Appends blocks; furniture goes into the source where its page begins."""

    def __init__(self, pages: Sequence[Page], hyphens: Hyphens, numbers: dict[int, set[int]]) -> None:
        """`numbers` are those of the footnotes of each page."""
        self.out = Written()
        self._pages = {page.sheet.number: page for page in pages}
        self._left = [page.sheet.number for page in pages]
        self._hyphens = hyphens
        self._numbers = numbers
        self._anchors: dict[tuple[int, str], int] = {}
        self._page: int | None = None
        self._place: dict[int, str] = {}

    def say_of(self, page: int, place: str) -> None:
        """Note what a person must know of the words of a page."""
        self._place[page] = place

    def write(self, group: Group) -> None:
        """Append one block."""
        if self.out.blocks:
            self._layout("\n", "\n" if group.kind in ("item", "row") else "\n\n")
        self._turn_to(group.lines[0].page)
        start = self.out.at_text
        if group.kind == "note":
            self._note_number(group)
            start = self.out.at_text
        if group.kind == "row":
            for number, cell in enumerate(group.cells):
                if number:
                    self._layout("\t", "\t")
                self._lines(cell)
        else:
            self._lines(group.lines)
        anchor = None
        if group.kind == "note" and group.number is not None:
            anchor = self._anchors.get((group.lines[0].page, str(group.number)))
        self.out.blocks.append(
            Block(
                kind=group.kind,
                start=start,
                end=self.out.at_text,
                level=group.level or int(group.kind == "item"),
                number=group.number,
                anchor=anchor,
            )
        )

    def close(self) -> None:
        """Append the furniture of the pages that are left."""
        if self._left:
            self._turn_to(self._left[-1] + 1)

    def _note_number(self, group: Group) -> None:
        line = group.lines[0]
        match = re.match(r"^\(?(\d{1,3}|[*†‡§¶]{1,3})[.)]?\s*", line.text)
        if match and match.end() < len(line.text):
            self._lift(line.text[: match.end()], "footnote_mark")
            line.text = line.text[match.end() :]
            line.marks = [(a - match.end(), b - match.end()) for a, b in line.marks if a >= match.end()]

    def _turn_to(self, number: int) -> None:
        """Write the furniture of pages up to one that now begins, and note the place."""
        while self._left and self._left[0] <= number:
            page = self._pages[self._left.pop(0)]
            for line in sorted(page.furniture, key=lambda one: (one.baseline, one.x0)):
                self._lift(f"{line.text}\n", "furniture")
        if number != self._page and number in self._pages:
            self._page = number
            spot = Spot(
                start=self.out.at_text, page=number, page_label=self._pages[number].label, place=self._place.get(number)
            )
            if self.out.spots and self.out.spots[-1].start == spot.start:
                self.out.spots.pop()
            self.out.spots.append(spot)

    def _lines(self, lines: Sequence[Line]) -> None:
        for number, line in enumerate(lines):
            following = lines[number + 1] if number + 1 < len(lines) else None
            if number:
                self._turn_to(line.page)
            self.out.line_starts.append(self.out.at_text)
            words = line.text
            if following is None:
                self._words(line, words)
            elif re.search(r"\w[-\u00ad‐]$", words) and not self._hyphen_belongs(words, following.text):
                self._words(line, words[:-1])
                self._lift(f"{words[-1]}\n", "hyphen")
            else:
                self._words(line, words)
                tight = bool(re.search(r"\w[-‐]$", words)) and following.text[:1].isalnum()
                self._layout("\n", "" if tight or _is_dense(words, following.text) else " ")

    def _hyphen_belongs(self, words: str, following: str) -> bool:
        return words[-1] != "\u00ad" and self._hyphens.belongs(words, following)

    def _words(self, line: Line, words: str) -> None:
        """Append a line's words without the marks of notes."""
        at = 0
        for start, end in line.marks:
            if end > len(words) or start < at or not self._is_mark(line, words, start, end):
                continue
            if start > at and words[start - 1] == " " and words[end : end + 1] in ("", *" .,;:)"):
                start -= 1  # noqa: PLW2901 - the space before a mark goes with it
            self._keep(words[at:start])
            self._anchors.setdefault((line.page, words[start:end].strip()), self.out.at_text)
            self._lift(words[start:end], "footnote_mark")
            at = end
        self._keep(words[at:])

    def _is_mark(self, line: Line, words: str, start: int, end: int) -> bool:
        """Tell a note's mark from an exponent or an ordinal's letters."""
        mark, before = words[start:end], words[:start]
        if re.fullmatch(r"[*†‡§¶]+", mark):
            return bool(before.strip())
        if not re.fullmatch(r"\d{1,3}(?:[,–-]\d{1,3})*[a-f]?", mark) or not before.strip():
            return False
        known = mark.isdigit() and int(mark) in self._numbers.get(line.page, ())
        return known or not (before[-1].isdigit() or _UNITS.search(before))

    def _keep(self, words: str) -> None:
        at = 0
        for found in _OTHERWISE.finditer(words):
            self._kept(words[at : found.start()], words[at : found.start()])
            self._otherwise(found.group())
            at = found.end()
        self._kept(words[at:], words[at:])

    def _otherwise(self, letters: str) -> None:
        if letters == "\u00ad":
            self._lift(letters, "hyphen")
        elif letters.isspace() or letters == "\u200b":
            self._layout(letters, " ")
        else:
            composed = unicodedata.normalize("NFC", letters)
            self._kept(letters, unicodedata.normalize("NFKC", letters) if "\ufb00" <= letters <= "\ufb06" else composed)

    def _kept(self, source: str, text: str) -> None:
        if not source:
            return
        last = self.out.pieces[-1] if self.out.pieces else None
        same = source == text
        if (
            last and same and last.reason == "kept" and not last.source_text
            and last.text_start + last.source_end - last.source_start == self.out.at_text
        ):  # fmt: skip
            self.out.pieces[-1] = last.model_copy(update={"source_end": last.source_end + len(source)})
        else:
            self._piece("kept", source, "" if same else source)
        self._append(source, text)

    def _lift(self, source: str, reason: str) -> None:
        self._piece(reason, source, source)
        self._append(source, "")

    def _layout(self, source: str, text: str) -> None:
        self._piece("layout", source, source)
        self._append(source, text)

    def _piece(self, reason: str, source: str, source_text: str) -> None:
        self.out.pieces.append(
            Piece.model_construct(
                reason=reason,  # type: ignore[arg-type]
                source_start=self.out.at_source,
                source_end=self.out.at_source + len(source),
                text_start=self.out.at_text,
                source_text=source_text,
            )
        )

    def _append(self, source: str, text: str) -> None:
        self.out.source.append(source)
        self.out.text.append(text)
        self.out.at_source += len(source)
        self.out.at_text += len(text)


def _is_dense(words: str, following: str) -> bool:
    """Tell whether a script is written without spaces between words."""
    return bool(words) and bool(following) and words[-1] > "\u2e80" and following[0] > "\u2e80"


def continues(last: Group, group: Group) -> bool:
    """Tell whether a paragraph goes on in the next column or on the next page."""
    if last.kind not in ("paragraph", "item") or group.kind != "paragraph":
        return False
    before, first = last.lines[-1], group.lines[0]
    if abs(before.size - first.size) > 0.12 * before.size or before.bold != first.bold:
        return False
    words, letter = before.text.rstrip(), first.text.lstrip()[:1]
    if _FINISHED.search(words):
        return False
    full = before.x1 > last.x1 - 4 * before.size
    return (
        letter.islower()
        or (words.endswith(("-", ",", "–")) and full)
        or (full and letter.isalnum() and len(words) > 30)
    )
