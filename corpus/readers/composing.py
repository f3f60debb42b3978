"""Write the blocks of a text, slice by slice, for readers that take marks, tags or repeated words out of it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from corpus.errors import CorpusError
from corpus.readers.encodings import find_repairs
from corpus.readers.extracted import Block, BlockKind, Extracted, Remark
from corpus.readers.writer import Reason, Repair, Writer
from corpus.schema import Spot

_CLOSE_SET = ("item", "row")
_WORD = re.compile(r"\w")


@dataclass(frozen=True)
class Slice:
    """A stretch of the source: copied; or left out for a reason; or put as other letters or as white space.

    `name` remembers where in the text it stood, for what refers to it.
    """

    start: int
    end: int
    lifted: Reason | None = None
    put: str | None = None
    name: str | None = None


class BlockWriter:
    """Writes blocks one below the other, and leaves out what stands between them."""

    def __init__(self, source: str, repairs: Sequence[Repair] = (), *, marks_only: bool = False) -> None:
        """Start an empty text. With `marks_only`, no letter or digit may be passed over."""
        self.source = source
        self.blocks: list[Block] = []
        self.spots: list[Spot] = []
        self.places: dict[str, int] = {}
        self.line_starts: list[int] = []
        self.follows: set[int] = set()  # where blocks begin that stand on the very next line
        self._lines_passed = 2
        self._writer = Writer(source, repairs)
        self._done = 0
        self._marks_only = marks_only

    def write(
        self,
        kind: BlockKind,
        slices: Iterable[Slice],
        *,
        level: int = 0,
        number: int | None = None,
        anchor: int | None = None,
    ) -> None:
        """Write one block; nothing where it has no words."""
        close = bool(self.blocks) and self.blocks[-1].kind == kind and kind in _CLOSE_SET
        self.part("\n" if close else "\n\n")
        start = self._writer.position
        self.copy(slices)
        if self._writer.position > start and kind != "break":
            end = self._writer.position
            self.blocks.append(Block(kind=kind, start=start, end=end, level=level, number=number, anchor=anchor))
            if self._lines_passed < 2:
                self.follows.add(start)

    def stop(self) -> None:
        """End a passage: what follows is something else."""
        at = self._writer.position
        if self.blocks and self.blocks[-1].kind != "break":
            self.blocks.append(Block(kind="break", start=at, end=at))

    def part(self, space: str) -> None:
        """Go on below what is written."""
        if self._writer.position and not self._writer.last.isspace():
            self._writer.space(space)

    @property
    def position(self) -> int:
        """The length of the text so far."""
        return self._writer.position

    def copy(self, slices: Iterable[Slice]) -> tuple[int, int]:
        """Write slices as one run of words; lines are joined by a space, or by nothing after a hyphen in a word."""
        first = self._writer.position
        for one in slices:
            start = one.start
            if self._done < start:
                skipped = self.source[self._done : start]
                if self._writer.position == first:
                    self._lines_passed = len(skipped.splitlines()) if skipped.strip() else skipped.count("\n")
                self._pass(self._done, start)
                breaks = one.put is not None and one.put.isspace()
                if any(c.isspace() for c in skipped) and self._writer.position > first and not breaks:
                    self._space()
            if one.put is None and one.lifted is None:
                start = self._without_double_space(one, first)
            if one.name is not None:
                self.places[one.name] = self._writer.position
            self._do(one, start, first)
            self._done = max(self._done, one.end)
        return first, self._writer.position

    def begin_line(self) -> None:
        """Remember that a line of the file begins here."""
        self.line_starts.append(self._writer.position)

    def spot(self, spot: Spot) -> None:
        """Say where the text that follows stands in the file."""
        at = spot.model_copy(update={"start": self._writer.position})
        if self.spots and self.spots[-1].start == at.start:
            self.spots.pop()
        self.spots.append(at)

    def finish(
        self,
        format_name: str,
        *,
        title: str = "",
        authors: tuple[str, ...] = (),
        year: int | None = None,
        remarks: tuple[Remark, ...] = (),
        transcript: bool = False,
    ) -> Extracted:
        """Give what was read."""
        self._pass(self._done, len(self.source))
        text, pieces = self._writer.finish()
        return Extracted(
            format=format_name,
            source=self.source,
            text=text,
            pieces=pieces,
            blocks=tuple(self.blocks),
            spots=tuple(self.spots),
            title=" ".join(title.split())[:500],
            authors=authors,
            year=year,
            remarks=remarks,
            transcript=transcript,
        )

    def _do(self, one: Slice, start: int, first: int) -> None:
        if one.put is not None and one.put.strip():
            self._writer.put(start, one.end, one.put)
        elif one.put is not None or one.lifted is not None:
            self._writer.lift(start, one.end, one.lifted or "layout")
            if one.put == " " and self._writer.position > first:
                self._space()
            elif one.put and self._writer.position > first and not self._writer.last.isspace():
                self._writer.space(one.put)
        else:
            self._writer.copy(start, one.end)

    def _without_double_space(self, one: Slice, first: int) -> int:
        """Pass over white space that follows white space, or begins a block."""
        start = one.start
        if self._writer.position == first or self._writer.last.isspace():
            while start < one.end and self.source[start].isspace():
                start += 1
        return start

    def _space(self) -> None:
        hyphenated = self._writer.tail[-1:] == "-" and self._writer.tail[:1].isalnum()
        if not self._writer.last.isspace() and not hyphenated:
            self._writer.space(" ")

    def _pass(self, start: int, end: int) -> None:
        """Leave out marks between slices: rules, signs of headings and of quotations."""
        skipped = self.source[start:end]
        if not skipped.strip():
            return
        if self._marks_only and _WORD.search(skipped):
            raise CorpusError("some words of the file would be lost. Please report this file as a fault.")
        left, right = len(skipped) - len(skipped.lstrip()), len(skipped.rstrip())
        self._writer.lift(start + left, start + right, "markup")


@dataclass
class Draft:
    """A block before the source is whole."""

    kind: BlockKind
    level: int = 0
    slices: list[Slice] = field(default_factory=list)
    number: int | None = None
    anchor_name: str | None = None
    spot: Spot | None = None


class Composer:
    """Puts a source together in reading order, for formats whose file is no text: the words, and what is left out."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._parts: list[str] = []
        self._length = 0
        self.drafts: list[Draft] = []
        self._open: Draft | None = None
        self._spot: Spot | None = None
        self._last_spot = Spot(start=0)

    @property
    def length(self) -> int:
        """How many characters the source has so far."""
        return self._length

    @property
    def block_start(self) -> int:
        """Where in the source the block that is open begins."""
        return self._open.slices[0].start if self._open and self._open.slices else self._length

    @property
    def source(self) -> str:
        """The source so far."""
        return "".join(self._parts)

    @property
    def words(self) -> str:
        """The source so far without the marks of notes, which stand at the end of words."""
        source = self.source
        return "\n".join(
            "".join(source[one.start : one.end] for one in draft.slices if one.lifted != "footnote_mark")
            for draft in self.drafts
        )

    def open(
        self, kind: BlockKind, *, level: int = 0, number: int | None = None, anchor_name: str | None = None
    ) -> None:
        """Begin a block."""
        if self._length:
            self._append("\n")
        self._open = Draft(kind, level, number=number, anchor_name=anchor_name, spot=self._spot)
        self._spot = None
        self.drafts.append(self._open)

    def add(self, words: str) -> None:
        """Append words to the block."""
        if words:
            self._slice(words)

    def lift(self, words: str, reason: Reason, name: str | None = None) -> None:
        """Append words that stand in the file here and not in the text."""
        if words:
            self._slice(words, lifted=reason, name=name)

    def put(self, words: str, white_space: str) -> None:
        """Append white space that the text keeps as it is, as between cells."""
        self._slice(words, put=white_space)

    def stop(self) -> None:
        """End a passage."""
        self.drafts.append(Draft("break"))

    def spot(self, spot: Spot) -> None:
        """Say where what follows stands in the file."""
        self._spot = self._last_spot = spot

    def turn_page(self, label: str) -> None:
        """Say that a page with this number begins; the rest of the place stays."""
        self.spot(self._last_spot.model_copy(update={"page_label": label}))

    def finish(
        self,
        format_name: str,
        *,
        title: str = "",
        authors: tuple[str, ...] = (),
        year: int | None = None,
        remarks: tuple[Remark, ...] = (),
    ) -> Extracted:
        """Write the text and give what was read."""
        source = self.source
        writer = BlockWriter(source, find_repairs(source), marks_only=True)
        anchors: list[tuple[int, str]] = []
        for draft in self.drafts:
            if draft.kind == "break":
                writer.stop()
                continue
            if draft.spot:
                if writer.position:
                    writer.part("\n\n")
                writer.spot(draft.spot)
            count = len(writer.blocks)
            writer.write(draft.kind, draft.slices, level=draft.level, number=draft.number)
            if draft.anchor_name and len(writer.blocks) > count:
                anchors.append((count, draft.anchor_name))
        for at, name in anchors:
            if name in writer.places:
                writer.blocks[at] = writer.blocks[at].model_copy(update={"anchor": writer.places[name]})
        return writer.finish(format_name, title=title, authors=authors, year=year, remarks=remarks)

    def _slice(
        self, words: str, *, lifted: Reason | None = None, put: str | None = None, name: str | None = None
    ) -> None:
        if self._open is None:
            self.open("paragraph")
        assert self._open is not None
        self._open.slices.append(Slice(self._length, self._length + len(words), lifted, put, name))
        self._append(words)

    def _append(self, words: str) -> None:
        self._parts.append(words)
        self._length += len(words)
