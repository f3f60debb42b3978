"""Read plain text: headings, paragraphs, lists; margin numbers and running heads of a printed page lifted out."""

import re
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

from corpus.lines import Line, lines_of
from corpus.outline import Heading, read_outline
from corpus.readers.composing import BlockWriter, Slice
from corpus.readers.encodings import decode
from corpus.readers.extracted import Extracted
from corpus.readers.labels import label_of
from corpus.readers.turns import mark_turns
from corpus.schema import Spot
from corpus.sentences import Span

_NUMBERED = re.compile(r"\s*(?P<number>\d{1,5})(?=\s|$)")
_QUOTING = re.compile(r"(?:>[ \t]?)+")
_FEW = 6  # lines: fewer with numbers in the margin could be anything
_SHARE = 0.9  # of the lines must have the number that follows the one before
_HEAD_LINES = 2  # at the top and at the end of a page may be running heads
_PAGES = 3  # a line must come back on so many pages to be one


def read(content: bytes, name: str) -> Extracted:
    """Read a file of plain text.

    Raises:
        CorpusError: the bytes are no text.
    """
    del name
    decoded = decode(content)
    source = decoded.text
    lines = lines_of(source)
    lifted = [*_margin_numbers(source, lines), *_running_heads(source, lines)]
    shown = _blanked(source, lifted)
    writer = BlockWriter(source, decoded.repairs)
    pages = _page_starts(source)
    _write_outline(writer, shown, lifted, pages)
    found = writer.finish("text", remarks=decoded.remarks)
    return mark_turns(found, writer.line_starts, writer.follows)


def _blanked(source: str, lifted: Sequence[Span]) -> str:
    """Give the source with white space for what is lifted out, so that every place stays where it is."""
    shown = source.replace("\ufeff", " ") if source.startswith("\ufeff") else source
    parts, done = [], 0
    for start, end in sorted(lifted):
        parts += [shown[done:start], " " * (end - max(start, done))]
        done = max(end, done)
    return "".join([*parts, shown[done:]])


def _write_outline(writer: BlockWriter, shown: str, lifted: Sequence[Span], pages: Sequence[int]) -> None:
    """Write headings and blocks in order; what is lifted goes where it stands."""
    waiting = deque(sorted(lifted))
    remaining = deque(pages)
    for one in read_outline(shown):
        while remaining and remaining[0] <= one.start:
            remaining.popleft()
            writer.part("\n\n")
            writer.spot(Spot(start=0, page=len(pages) - len(remaining)))
        if isinstance(one, Heading):
            writer.write("heading", _slices([_title_span(shown, one)], waiting), level=one.level)
        elif one.kind == "break":
            writer.stop()
        elif one.kind == "list":
            for start, end in one.parts:
                _write_lines(writer, "item", shown, [(start, end)], waiting)
        elif one.kind == "lines":
            _write_lines(writer, "paragraph", shown, list(one.parts), waiting)
        else:
            _write_lines(writer, "paragraph", shown, [(one.start, one.end)], waiting)
    writer.copy([Slice(*one, lifted="furniture") for one in waiting])


def _write_lines(
    writer: BlockWriter, kind: Literal["item", "paragraph"], shown: str, spans: Sequence[Span], waiting: deque[Span]
) -> None:
    """Write the lines of a block; where they stay lines, each is one in the text too."""
    slices: list[Slice] = []
    for number, (start, end) in enumerate(spans):
        if number:
            slices.append(Slice(spans[number - 1][1], spans[number - 1][1], put="\n"))
        slices += _slices(_lines_in(shown, start, end), waiting)
    writer.write(kind, _noting_lines(writer, slices), level=1 if kind == "item" else 0)


def _noting_lines(writer: BlockWriter, slices: Sequence[Slice]) -> Iterator[Slice]:
    """Hand slices on and note where in the text each is: there a line of the file begins."""
    for one in slices:
        if one.lifted is None and one.put is None:
            writer.begin_line()
        yield one


def _lines_in(shown: str, start: int, end: int) -> list[Span]:
    """Give the lines of a block without the white space around them and the marks of quoting before them."""
    spans = []
    for line in lines_of(shown[start:end]):
        quoting = _QUOTING.match(line.text)
        first = line.start + (quoting.end() if quoting else 0)
        if first < line.end:
            spans.append((start + first, start + line.end))
    return spans


def _slices(spans: Sequence[Span], waiting: deque[Span]) -> list[Slice]:
    """Give slices in order, with what is lifted between them."""
    slices: list[Slice] = []
    for start, end in spans:
        while waiting and waiting[0][0] < end:
            slices.append(Slice(*waiting.popleft(), lifted="furniture"))
        slices.append(Slice(start, end))
    return slices


def _title_span(shown: str, heading: Heading) -> Span:
    """Give where a heading's words stand in its line."""
    words = shown[heading.start : heading.end]
    left = len(words) - len(words.lstrip("#= \t"))
    right = len(words.rstrip("#= \t"))
    return heading.start + left, heading.start + max(right, left)


def _margin_numbers(source: str, lines: Sequence[Line]) -> list[Span]:
    """Find the numbers of lines in the margin, as transcripts have them."""
    with_words = [line for line in lines if line.text]
    found = [(line, match) for line in with_words if (match := _NUMBERED.match(source, line.start, line.end))]
    if len(found) < _FEW or len(found) < _SHARE * len(with_words):
        return []
    numbers = [int(match["number"]) for _, match in found]
    follows = sum(1 for one, after in pairwise(numbers) if after in (one + 1, 1))
    if follows < _SHARE * (len(numbers) - 1):
        return []
    words = [line.text[match.end("number") - line.start :].lstrip() for line, match in found]
    go_on = sum(1 for one in words if one[:1].islower())
    named = sum(1 for one in words if (label := label_of(one)) and label.likeness)
    if go_on + named < len(words) / 5:
        return []  # a list
    return [match.span("number") for _, match in found]


def _page_starts(source: str) -> list[int]:
    """Give where each page begins, in a text that was printed page by page; nothing where it has no pages."""
    ends = [match.end() for match in re.finditer("\f", source)]
    return [0, *ends] if ends else []


def _running_heads(source: str, lines: Sequence[Line]) -> list[Span]:
    """Find what is printed at the top or end of page after page, with another number each time."""
    starts = _page_starts(source)
    if len(starts) <= _PAGES:
        return []
    pages: dict[int, list[Line]] = {}
    for line in lines:
        if line.text:
            pages.setdefault(bisect_right(starts, line.start), []).append(line)
    edges = [
        line
        for page in pages.values()
        for line in (*page[:_HEAD_LINES], *page[max(len(page) - _HEAD_LINES, _HEAD_LINES) :])
    ]
    kinds = Counter(_without_numbers(line.text) for line in edges)
    return [
        (line.start, line.end)
        for line in edges
        if kinds[_without_numbers(line.text)] >= max(_PAGES, len(starts) // 3) and len(line.text) <= 120
    ]


def _without_numbers(words: str) -> str:
    return " ".join(re.sub(r"\d+", "0", words).split())
