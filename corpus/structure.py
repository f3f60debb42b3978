"""Group the lines of a hard-wrapped text into blocks: headings, paragraphs, list items, quotes, footnotes, records.

An empty line is not a reliable paragraph break in such a text (list items and sentences are cut by them, at page ends
above all), so a block goes on over an empty line while its sentence is unfinished and the next line starts small.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from corpus.lines import Line, lines_of
from corpus.manifest import ReaderSettings
from corpus.quotes import QuoteMarks, find_quote
from corpus.speakers import label_pattern

Slice = tuple[int, int]
SourceBlockKind = Literal[
    "heading", "sub_heading", "paragraph", "item", "entry", "quote", "caption", "footnote", "record"
]

_FINISHED = (".", "?", "!", ":", ";", "”", "’", '"', ")")


@dataclass
class SourceBlock:
    """Source slices that belong together, in reading order."""

    kind: SourceBlockKind
    slices: list[Slice] = field(default_factory=list)
    section: str = ""
    title: str = ""
    quote: QuoteMarks | None = None
    note: int | None = None
    columns: tuple[list[Slice], ...] | None = None


def find_footnotes(lines: list[Line], settings: ReaderSettings) -> dict[int, list[int]]:
    """Find the footnotes: number → indexes of its lines. They are numbered through, and stand after an empty line."""
    found: dict[int, list[int]] = {}
    if not settings.footnotes:
        return found
    inside = False
    for index, line in enumerate(lines):
        following = len(found) + 1
        after_gap = index == 0 or not lines[index - 1].text
        if (after_gap or inside) and re.match(rf"{following}\s+[^\s.)]", line.text):
            found[following] = [index]
            inside = True
        elif inside and line.text and not line.indented:
            found[following - 1].append(index)
        else:
            inside = False
    return found


def find_footnote_marks(
    source: str, lines: list[Line], footnotes: dict[int, list[int]], settings: ReaderSettings
) -> dict[int, Slice]:
    """Find where each footnote's digits are glued to a word or a year, "researchers4", "(20103)", but to no label."""
    marks: dict[int, Slice] = {}
    labels = label_pattern(settings.speakers) if settings.speakers else re.compile(r"(?!)")
    labelled = [match.span() for match in labels.finditer(source)] if footnotes else []
    position = 0
    for number, indexes in footnotes.items():
        pattern = re.compile(rf"(?:(?<=[^\W\d_])|(?<=[\u0300-\u036f])|(?<=\b\d{{4}})){number}(?!\w)")
        found = pattern.finditer(source, position, lines[indexes[0]].start)
        match = next((one for one in found if not any(start <= one.start() < end for start, end in labelled)), None)
        if match:
            marks[number] = match.span()
            position = match.end()
    return marks


def group_blocks(source: str, settings: ReaderSettings) -> Iterator[SourceBlock]:
    """Group a source's lines into blocks, in reading order; a footnote follows the block that it interrupts."""
    lines = lines_of(source)
    footnotes = find_footnotes(lines, settings)
    note_of_line = {index: number for number, indexes in footnotes.items() for index in indexes}
    grouper = _Grouper(source, settings, lines)
    waiting: list[int] = []
    for index, line in enumerate(lines):
        if index in note_of_line:
            if note_of_line[index] not in waiting:
                waiting.append(note_of_line[index])
            continue
        interrupted = grouper.current
        ended = list(grouper.feed(index, line))
        if ended and interrupted:
            yield ended.pop(0)
        if waiting and line.text and grouper.current is not interrupted:
            yield from _footnote_blocks(waiting, footnotes, lines)
            waiting.clear()
        yield from ended
    yield from grouper.close()
    yield from _footnote_blocks(waiting, footnotes, lines)


def _footnote_blocks(numbers: list[int], footnotes: dict[int, list[int]], lines: list[Line]) -> Iterator[SourceBlock]:
    for number in numbers:
        yield SourceBlock(
            "footnote", [(lines[index].start, lines[index].end) for index in footnotes[number]], note=number
        )


class _Grouper:
    """Reads lines one by one and gives out blocks as they end."""

    def __init__(self, source: str, settings: ReaderSettings, lines: list[Line]) -> None:
        self.source = source
        self.settings = settings
        self.lines = lines
        self.current: SourceBlock | None = None
        self._gap = False
        self._section = ""
        self._quote_until = -1
        self._heading = re.compile(settings.heading_pattern)
        self._bullet = re.compile(settings.bullet_pattern)
        self._named = {_folded(heading.printed): heading for heading in settings.named_headings}
        self._captions = {_folded(caption) for caption in settings.captions}

    def close(self) -> Iterator[SourceBlock]:
        """End the open block, if there is one."""
        if self.current:
            yield self.current
        self.current = None

    def feed(self, index: int, line: Line) -> Iterator[SourceBlock]:
        """Take one line; give out the blocks that it ends."""
        if not line.text:
            self._gap = True
            return
        if index <= self._quote_until:
            return
        gap, self._gap = self._gap, False
        if heading := self._heading_block(line):
            yield from self.close()
            yield heading
        elif self._in_table():
            yield from self._feed_table(line)
        elif quote := find_quote(self.source, self.lines, index, self.settings, self._is_heading):
            yield from self.close()
            self._quote_until = quote.last_line
            yield SourceBlock("quote", quote.slices, quote=quote)
        elif self._bullet.match(line.text):
            yield from self.close()
            self.current = SourceBlock("item", [(line.start, line.end)])
        elif self.current and self._goes_on(line, gap=gap):
            self.current.slices.append((line.start, line.end))
        else:
            yield from self.close()
            named = self.settings.heading_of(self._section)
            self.current = SourceBlock(
                "entry" if named and named.entry_ends_with else "paragraph", [(line.start, line.end)]
            )

    def _heading_block(self, line: Line) -> SourceBlock | None:
        folded = _folded(line.text)
        if named := self._named.get(folded):
            self._section = named.id
            return SourceBlock("heading", [(line.start, line.end)], section=named.id, title=named.title)
        if match := self._heading.match(line.text):
            self._section = match["id"]
            return SourceBlock("heading", [(line.start, line.end)], section=match["id"], title=_title(match["title"]))
        for title in self.settings.sub_headings.get(self._section, ()):
            if folded == _folded(title):
                return SourceBlock("sub_heading", [(line.start, line.end)], title=title)
        if folded in self._captions:
            return SourceBlock("caption", [(line.start, line.end)])
        return None

    def _is_heading(self, line: Line) -> bool:
        return _folded(line.text) in self._named or bool(self._heading.match(line.text))

    def _in_table(self) -> bool:
        named = self.settings.heading_of(self._section)
        return bool(named and named.table)

    def _goes_on(self, line: Line, *, gap: bool) -> bool:
        """Tell whether a line belongs to the open block."""
        assert self.current is not None
        tail = self.source[self.current.slices[-1][0] : self.current.slices[-1][1]]
        named = self.settings.heading_of(self._section)
        if named and named.entry_ends_with and tail.endswith(named.entry_ends_with):
            return False
        return not gap or (not tail.endswith(_FINISHED) and line.text[0].islower())

    def _feed_table(self, line: Line) -> Iterator[SourceBlock]:
        """Read a record of one line, or collect lines until they end as a record does; then cut it into its cells."""
        if self.settings.table.separator:
            yield from self.close()
            self.current = self._record_of(line)  # it stays open, so that a footnote after it stays with the table
            return
        if self.current is None or self.current.kind != "record":
            yield from self.close()
            self.current = SourceBlock("record")
        self.current.slices.append((line.start, line.end))
        last_cell = self._last_cell(self.current.slices)
        if last_cell is not None:
            self.current.columns = self._flattened(self.current.slices, last_cell)
            yield from self.close()

    def _record_of(self, line: Line) -> SourceBlock:
        """Cut a line at the separators; one with another number of cells is no record, and keeps its words."""
        block = SourceBlock("record", [(line.start, line.end)])
        cells: list[list[Slice]] = []
        start = line.start
        for cell in line.text.split(self.settings.table.separator):
            words = cell.strip()
            first = start + len(cell) - len(cell.lstrip())
            cells.append([(first, first + len(words))] if words else [])
            start += len(cell) + len(self.settings.table.separator)
        if self.settings.table.separator.isspace():  # a line's own white space at its end went with empty cells
            cells += [[] for _ in range(len(self.settings.table.columns) - len(cells)) if len(cells) > 1]
        if len(cells) == len(self.settings.table.columns) and cells[0]:
            block.columns = tuple(cells)
        return block

    def _last_cell(self, slices: list[Slice]) -> int | None:
        """Give the source offset at which a known value of the last column starts, if the lines end with one."""
        start, end = slices[0][0], slices[-1][1]
        for value in sorted(self.settings.table.ends_with, key=len, reverse=True):
            words = r"\s+".join(re.escape(word) for word in value.split())
            if match := re.search(rf"(?<!\S){words}$", self.source[start:end], re.IGNORECASE):
                return start + match.start()
        return None

    def _flattened(self, slices: list[Slice], last_cell: int) -> tuple[list[Slice], ...]:
        name: list[Slice] = []
        address: list[Slice] = []
        last: list[Slice] = []
        for start, end in slices:
            if end <= last_cell:
                text = self.source[start:end]
                (address if address or text.startswith(("http://", "https://")) else name).append((start, end))
            elif start < last_cell:
                name.append((start, start + len(self.source[start:last_cell].rstrip())))
                last.append((last_cell, end))
            else:
                last.append((start, end))
        return name, address, last


def _title(words: str) -> str:
    """Give a heading's words as a title: without the colon of a heading that introduces a list."""
    return " ".join(words.split()).removesuffix(":")


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
