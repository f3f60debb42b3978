"""Split a source into lines, with the offsets at which they stand."""

import re
from dataclasses import dataclass

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Line:
    """One line of the source without the white space around it; `indented` where it had some before."""

    start: int
    end: int
    text: str
    indented: bool


def line_starts_of(source: str) -> tuple[int, ...]:
    """Give the source offset at which each line starts."""
    return (0, *(match.end() for match in _LINE_END.finditer(source)))


def lines_of(source: str) -> list[Line]:
    """Split a source into lines. Form feeds and tabs count as white space, a byte order mark as nothing."""
    lines = []
    starts = line_starts_of(source)
    for start, end in zip(starts, (*starts[1:], len(source)), strict=True):
        raw = source[start:end]
        body = raw.removeprefix("\ufeff").lstrip()
        text = body.rstrip()
        first = start + len(raw) - len(body)
        lines.append(Line(first, first + len(text), text, indented=raw.removeprefix("\ufeff")[:1].isspace()))
    return lines
