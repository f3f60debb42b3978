"""Find what is on a page beside its text: running heads, page numbers, line numbers, printing marks.

Nothing is thrown away: what is found here is lifted out of the text, and stays in the source.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from corpus.readers.pdf.glyphs import Sheet
from corpus.readers.pdf.rows import Line

_ZONE = 0.13  # of a page's height, at the top and at the bottom
_FIRST = 0.25  # the very first and last line may stand so far from the edge
_AT_EDGE = 4  # lines from the top or bottom that are looked at
_NUMBER = re.compile(
    r"(?:page|p\.|seite)?\s*[-–—|·•\[(]*\s*(\d{1,4}|[ivxlc]{1,7})\s*[-–—|·•\])]*(?:\s*(?:of|/|von)\s*\d{1,4})?",
    re.IGNORECASE,
)
_EDGE_NUMBER = re.compile(r"^(\d{1,4}|[ivxlc]{1,7})(?=\s)|(?<=\s)(\d{1,4}|[ivxlc]{1,7})$", re.IGNORECASE)
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_LINE_NUMBERS = 8  # so many in a row, counting up, are no list


@dataclass
class Page:
    """A page with its lines, those that are furniture, and the number that is printed on it."""

    sheet: Sheet
    lines: list[Line]
    furniture: list[Line] = field(default_factory=list)
    label: str | None = None


def lift_furniture(pages: list[Page]) -> None:
    """Move furniture from the lines of all pages, and find the printed numbers."""
    for page in pages:
        _lift(page, [line for line in page.lines if _is_outside(line, page.sheet)])
        _lift_line_numbers(page)
    _lift_repeated(pages)
    _lift_numbers(pages)


def _lift(page: Page, lines: list[Line]) -> None:
    gone = {id(line) for line in lines}
    if gone:
        page.furniture += [line for line in page.lines if id(line) in gone]
        page.lines = [line for line in page.lines if id(line) not in gone]


def _is_outside(line: Line, sheet: Sheet) -> bool:
    """Tell whether a line stands outside what is seen of the page."""
    x, y = (line.x0 + line.x1) / 2, (line.y0 + line.y1) / 2
    return not (-1 <= x <= sheet.width + 1 and -1 <= y <= sheet.height + 1)


def _zone_lines(page: Page) -> list[Line]:
    """Give the outermost lines at the top and bottom of a page."""
    height = page.sheet.height
    order = sorted(page.lines, key=lambda line: line.baseline)
    rows: list[list[Line]] = []
    for line in order:
        if rows and abs(rows[-1][0].baseline - line.baseline) < 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    edge = rows[:_AT_EDGE] + rows[max(len(rows) - _AT_EDGE, _AT_EDGE) :]
    return [
        line
        for row in edge
        for line in row
        if line.y1 < (_FIRST if row is rows[0] else _ZONE) * height
        or line.y0 > (1 - (_FIRST if row is rows[-1] else _ZONE)) * height
        or line.furniture
    ]


def _key(line: Line) -> str:
    """Give a running line without what changes from page to page: its number."""
    return re.sub(r"\d+|\b[ivxlc]+\b", "#", " ".join(line.text.split()).casefold())


def _lift_repeated(pages: list[Page]) -> None:
    """Lift what stands at the same height on several pages, and what its program marked as furniture there."""
    places: dict[tuple[str, int], set[int]] = defaultdict(set)
    zones = [_zone_lines(page) for page in pages]
    for at, lines in enumerate(zones):
        for line in lines:
            for shift in (-1, 0, 1):
                places[(_key(line), round(line.baseline / 3) + shift)].add(at)
    for at, (page, lines) in enumerate(zip(pages, zones, strict=True)):
        repeated = []
        for line in lines:
            there = places[(_key(line), round(line.baseline / 3))]
            near = any(0 < abs(at - other) <= 2 for other in there)
            many = len(there) >= 3 or (len(there) == 2 and (len(pages) <= 4 or near))
            in_zone = line.y1 < _ZONE * page.sheet.height or line.y0 > (1 - _ZONE) * page.sheet.height
            if line.furniture or (near and many and in_zone and re.search(r"\w", line.text)):
                repeated.append(line)
        theirs = {id(line) for line in repeated}
        others = [line for line in page.lines if id(line) not in theirs]
        gone = [line for line in repeated if line.furniture or _has_room(line, others)]
        _lift(page, gone)


def _has_room(line: Line, others: list[Line]) -> bool:
    """Tell whether a line stands apart from the text; one with numbers must do so clearly, since tables have such."""
    near = [one for one in others if one.x0 < line.x1 and line.x0 < one.x1]
    gap = min((max(one.y0 - line.y1, line.y0 - one.y1) for one in near), default=99.0)
    return gap > (0.4 if re.search(r"\d", line.text) else -0.3) * line.size


def _lift_numbers(pages: list[Page]) -> None:
    """Find the number that is printed on each page by how the numbers count up, and lift those that stand alone."""
    found: list[list[tuple[int, str, Line, bool]]] = []
    offsets: Counter[int] = Counter()
    for at, page in enumerate(pages):
        numbers = list(_numbers_of(page))
        found.append(numbers)
        offsets.update({value - at for value, _, _, _ in numbers})
    agreed = {offset for offset, count in offsets.items() if count >= min(2, len(pages))}
    for at, (page, numbers) in enumerate(zip(pages, found, strict=True)):
        fitting = [one for one in numbers if one[0] - at in agreed]
        if not fitting:
            continue
        best = max(fitting, key=lambda one: (offsets[one[0] - at], one[3]))
        neighbours = offsets[best[0] - at]
        if neighbours < 2 and len(pages) > 1:
            continue
        page.label = best[1]
        _lift(page, [line for value, _, line, alone in fitting if alone and value - at == best[0] - at])


def _numbers_of(page: Page) -> list[tuple[int, str, Line, bool]]:
    """List what may be a page's number: its value, how it is printed, its line, and whether it stands alone there."""
    numbers = []
    for line in [*_zone_lines(page), *page.furniture]:
        words = line.text.strip()
        if match := _NUMBER.fullmatch(words):
            numbers.append((_value(match[1]), match[1], line, True))
        elif line in page.furniture:
            for match in _EDGE_NUMBER.finditer(words):
                printed = match[1] or match[2]
                numbers.append((_value(printed), printed, line, False))
    return [one for one in numbers if one[0] > 0]


def _value(printed: str) -> int:
    """Give the value of a number in digits or Roman letters; 0 where it is none."""
    if printed.isdigit():
        return int(printed)
    letters = [_ROMAN[letter] for letter in printed.lower()]
    return sum(-one if one < following else one for one, following in pairwise([*letters, 0]))


def _lift_line_numbers(page: Page) -> None:
    """Lift numbers that count the lines in the margin, where they stand alone and where they begin a line."""
    alone = [line for line in page.lines if line.text.strip().isdigit() and len(line.text.strip()) <= 4]
    others = [line for line in page.lines if not line.text.strip().isdigit()]
    for right_edge in (True, False):
        columns: dict[int, list[Line]] = defaultdict(list)
        for line in alone:
            columns[round((line.x1 if right_edge else line.x0) / 4)].append(line)
        for column in columns.values():
            column.sort(key=lambda line: line.baseline)
            left, right = min(line.x0 for line in column), max(line.x1 for line in column)
            outside = all(one.x0 > right or one.x1 < left for one in others)
            margin = all(one.x0 > right for one in others) or all(one.x1 < left for one in others)
            if len(column) >= 5 and outside and margin and _counts_up([line.text for line in column]):
                _lift(page, column)
    led = [line for line in page.lines if re.match(r"\d{1,4} ", line.text) and line.first_gap > 0.5 * line.size]
    led.sort(key=lambda line: line.baseline)
    if (
        len(led) >= _LINE_NUMBERS
        and len(led) >= 0.6 * len(page.lines)
        and _counts_up([one.text.split()[0] for one in led])
    ):
        for line in led:
            _split_number(page, line)


def _counts_up(numbers: list[str]) -> bool:
    values = [int(number) for number in numbers]
    steps = [after - before for before, after in pairwise(values)]
    usual, count = Counter(steps).most_common(1)[0]
    return usual in (1, 2, 5, 10) and count >= 0.85 * len(steps)


def _split_number(page: Page, line: Line) -> None:
    """Take the number off the beginning of a line."""
    number = line.text.split()[0]
    cut = len(number) + 1
    page.furniture.append(
        Line(line.page, line.x0, line.first_word_end, line.y0, line.y1, line.baseline, line.size, line.bold, number)
    )
    line.text = line.text[cut:]
    line.x0 = line.second_word_start
    line.marks = [(start - cut, end - cut) for start, end in line.marks if start >= cut]
