"""Group lines in reading order to headings, paragraphs, list items, rows of tables and footnotes."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

from corpus.readers.pdf.columns import Region
from corpus.readers.pdf.rows import Line

_FINISHED = re.compile(r"[.?!:;…][\"”’)\]]*$|[”\"]$")
BULLET = re.compile(
    r"^(?:[•◦▪▫●○■□◆►▶➢➤✓✔❖\uf0b7\uf0a7\uf0d8·‣⁃∙*]|[–—-](?=\s)|o(?=\s)|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)](?=\s))\s*"
)
_NOTE = re.compile(r"^\(?(\d{1,3}|[*†‡§¶]{1,3})[.)]?\s*(?=\S)")
_NUMBERED = re.compile(r"^(?:(?:section|chapter|part|appendix)\s+)?(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+\S", re.IGNORECASE)
_MAX_HEADING = 160

Kind = Literal["heading", "paragraph", "item", "row", "note"]


@dataclass
class Group:
    """Lines that are one block. `cells` are those of a row, each with its lines."""

    kind: Kind
    lines: list[Line]
    level: int = 0
    number: int | None = None
    cells: list[list[Line]] = field(default_factory=list)
    x0: float = 0.0
    x1: float = 0.0

    @property
    def text(self) -> str:
        """Its words, for looking at."""
        return " ".join(line.text for line in self.lines)


@dataclass(frozen=True)
class Looks:
    """How the document's ordinary text looks."""

    size: float
    leading: float  # of its size
    bold: bool


def looks_of(regions: Sequence[Sequence[Region]]) -> Looks:
    """Find the size, the distance of lines and the weight that most of the text has."""
    sizes: Counter[float] = Counter()
    weights: Counter[bool] = Counter()
    leadings: Counter[float] = Counter()
    for page in regions:
        for region in page:
            for line in region.lines:
                sizes[line.size] += len(line.text)
                weights[line.bold] += len(line.text)
            for before, line in zip(region.lines, region.lines[1:], strict=False):
                if before.size == line.size and line.baseline > before.baseline:
                    leadings[round((line.baseline - before.baseline) / line.size, 1)] += 1
    size = sizes.most_common(1)[0][0] if sizes else 10.0
    usual = [pair for pair in leadings.most_common(8) if 0.9 <= pair[0] <= 2.6]
    return Looks(size, usual[0][0] if usual else 1.2, weights[True] > weights[False])


def groups_of(regions: Sequence[Region], looks: Looks, height: float) -> list[Group]:
    """Give the blocks of one page, in reading order; its footnotes come last."""
    groups: list[Group] = []
    notes: list[Group] = []
    for region in regions:
        if region.rows:
            for cells in region.rows:
                lines = [line for cell in cells for line in cell]
                groups.append(Group("row", lines, cells=cells, x0=region.x0, x1=region.x1))
            continue
        body, small = _split_notes(region, looks, height)
        groups += _paragraphs(body, region, looks)
        notes += _notes(small)
    return [*_whole_headings(groups), *notes]


def _whole_headings(groups: list[Group]) -> Iterator[Group]:
    """Join a heading of two lines that the columns below it have divided."""
    last: Group | None = None
    for group in groups:
        if last and last.kind == group.kind == "heading" and _is_next_line(last.lines[-1], group.lines[0]):
            last.lines += group.lines
            continue
        if last:
            yield last
        last = group
    if last:
        yield last


def _is_next_line(above: Line, below: Line) -> bool:
    alike = above.size == below.size and above.bold == below.bold and above.font == below.font
    wider = above.x1 - above.x0 > below.x1 - below.x0
    beside = abs(above.x0 - below.x0) < 2 or abs(above.x0 + above.x1 - below.x0 - below.x1) < 4
    return alike and wider and beside and 0 < below.baseline - above.baseline < 1.55 * below.size


def _split_notes(region: Region, looks: Looks, height: float) -> tuple[list[Line], list[Line]]:
    """Find the footnotes at the end of a column: smaller lines, the first of which begins with a number or sign."""
    lines = region.lines
    at = len(lines)
    while at and lines[at - 1].size < 0.93 * looks.size:
        at -= 1
    for first in range(at, len(lines)):
        starts = _NOTE.match(lines[first].text)
        if starts and lines[first].y0 > 0.3 * height:
            return lines[:first], lines[first:]
    return lines, []


def _notes(lines: list[Line]) -> Iterator[Group]:
    """Cut footnotes where the next number or sign begins a line."""
    current: Group | None = None
    expected: int | None = None
    for line in lines:
        match = _NOTE.match(line.text)
        raised = bool(line.marks and line.marks[0][0] == 0)
        number = int(match[1]) if match and match[1].isdigit() else None
        starts = bool(match) and (current is None or raised or number is None or number == expected)
        if starts or current is None:
            if current:
                yield current
            current = Group("note", [line], number=number)
            expected = number + 1 if number else expected
        else:
            current.lines.append(line)
    if current:
        yield current


def _paragraphs(lines: list[Line], region: Region, looks: Looks) -> Iterator[Group]:
    current: Group | None = None
    rights = sorted(line.x1 for line in lines)
    right = rights[int(0.9 * (len(rights) - 1))] if rights else 0.0
    for line in lines:
        if current and _goes_on(current, line, looks, right):
            current.lines.append(line)
            continue
        if current:
            yield _finished(current, looks)
        kind: Kind = "item" if BULLET.match(line.text) and not _NUMBERED_HEADING(line, looks) else "paragraph"
        current = Group(kind, [line], x0=region.x0, x1=region.x1)
    if current:
        yield _finished(current, looks)


def _NUMBERED_HEADING(line: Line, looks: Looks) -> bool:  # noqa: N802
    return _stands_out(line, looks) and bool(_NUMBERED.match(line.text))


def _stands_out(line: Line, looks: Looks) -> bool:
    """Tell whether a line looks like a heading: larger, or bold where the text is not."""
    return line.size > 1.09 * looks.size or (line.bold and not looks.bold and line.size > 0.95 * looks.size)


def _goes_on(group: Group, line: Line, looks: Looks, right: float) -> bool:
    """Tell whether a line belongs to the block that is open."""
    last, first = group.lines[-1], group.lines[0]
    size = max(last.size, line.size)
    distance = line.baseline - last.baseline
    if abs(distance) < 0.35 * size:  # on the same line, further right
        return line.x0 >= last.x1 - size
    if distance < 0 or distance > max(1.28 * looks.leading, 1.45) * size:
        return False
    if abs(last.size - line.size) > 0.12 * size or (last.bold != line.bold and _whole_bold(group, line, looks)):
        return False
    if BULLET.match(line.text) and (group.kind == "item" or _ended(last, line, right) or _FINISHED.search(last.text)):
        return False
    usual = _usual_distance(group, looks)
    if distance > usual * 1.25 + 0.5:
        return False
    shift = line.x0 - last.x0
    if len(group.lines) == 1:
        if (
            shift > 0.8 * size
            and group.kind == "paragraph"
            and (_ended(last, line, right) or _FINISHED.search(last.text))
        ):
            return False
    elif shift > 0.8 * size and line.x0 > min(one.x0 for one in group.lines[1:]) + 0.8 * size:
        return False  # an indented first line
    elif shift < -0.8 * size and group.lines[1].x0 > first.x0 + 0.5 * size:
        return False  # back to where hanging items begin
    return not (_ended(last, line, right) and _FINISHED.search(last.text))


def _whole_bold(group: Group, line: Line, looks: Looks) -> bool:
    """Tell whether weight divides a heading from the text: the lines before are bold throughout, or this one is."""
    return not looks.bold and (all(one.bold for one in group.lines) or (line.bold and len(line.text) < 90))


def _usual_distance(group: Group, looks: Looks) -> float:
    """Give how far apart the lines of a block stand so far."""
    distances = [
        after.baseline - before.baseline
        for before, after in zip(group.lines, group.lines[1:], strict=False)
        if after.baseline - before.baseline > 0.5 * after.size
    ]
    return median(distances) if distances else max(looks.leading, 1.15) * group.lines[-1].size


def _ended(last: Line, line: Line, right: float) -> bool:
    """Tell whether a line had room left for the next word, so that it ended on purpose."""
    word = line.text.split(" ", 1)[0]
    width = (line.x1 - line.x0) * (len(word) + 1) / max(len(line.text), 1)
    return last.x1 + width < right - 0.5 * last.size


def _finished(group: Group, looks: Looks) -> Group:
    """Say of a block whether it is a heading."""
    text = group.text.strip()
    lines = group.lines
    long = len(text) > _MAX_HEADING or len(lines) > 4
    letters = sum(letter.isalpha() for letter in text)
    if long or letters < 2 or not all(_stands_out(line, looks) for line in lines):
        return group
    ends = text.endswith((".", ",", ";")) and not re.search(r"\b[A-Z]\.$|etc\.$", text)
    large = all(line.size > 1.09 * looks.size for line in lines)
    if ends and not (large and len(text) < 60 and not text.endswith((",", ";"))):
        return group
    if BULLET.match(text) and not _NUMBERED.match(text) and not large:
        return group
    group.kind = "heading"
    return group


def set_levels(groups: Sequence[Group], known: dict[str, int]) -> None:
    """Rank headings by size, then weight; the file's own outline and printed numbers decide before that."""
    headings = [group for group in groups if group.kind == "heading"]
    styles = sorted({(group.lines[0].size, group.lines[0].bold) for group in headings}, reverse=True)
    merged: dict[tuple[float, bool], int] = {}
    rank, before = 0, None
    for style in styles:
        if before is None or before[0] - style[0] > 0.4 or before[1] != style[1]:
            rank += 1
        merged[style] = min(rank, 6)
        before = style
    base: dict[tuple[float, bool], int] = {}
    for group in headings:
        style = (group.lines[0].size, group.lines[0].bold)
        group.level = merged[style]
        number = _NUMBERED.match(group.text.strip())
        if number:
            depth = number[1].count(".") + 1
            base.setdefault(style, merged[style] - depth)
            if any(other.count(".") + 1 != depth for other in _numbers(headings, style)):
                group.level = max(1, min(base[style] + depth, 6))
    if known:
        outline_levels = [known[key] for group in headings if (key := outline_key(group.text)) in known]
        shift = _shift(headings, known) if outline_levels else 0
        for group in headings:
            if (key := outline_key(group.text)) in known:
                group.level = max(1, min(known[key] + shift, 6))


def _numbers(headings: list[Group], style: tuple[float, bool]) -> list[str]:
    return [
        match[1]
        for group in headings
        if (group.lines[0].size, group.lines[0].bold) == style and (match := _NUMBERED.match(group.text.strip()))
    ]


def _shift(headings: list[Group], known: dict[str, int]) -> int:
    """Leave a level for a title that the outline does not name."""
    first = headings[0]
    return int(first.level == 1 and outline_key(first.text) not in known and len(headings) > 1)


def outline_key(text: str) -> str:
    """Give a title as the outline and the page can both write it."""
    return re.sub(r"^[\d.]+|\W+", "", text).casefold()
