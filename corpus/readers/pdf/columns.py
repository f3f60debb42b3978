"""Put the lines of a page into reading order: columns one after the other, the rows of a table across them.

A gutter is a strip that few lines cross. What crosses it (a title over two columns, a wide table) divides the columns
above it from those below it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from corpus.readers.pdf.rows import Line

_MAX_DEPTH = 6
_FULL = 0.72  # of a column's width: so much of it the lines of prose fill


@dataclass
class Region:
    """Lines that are read from the top down: a part of a column, or a table with its rows."""

    lines: list[Line] = field(default_factory=list)
    rows: list[list[list[Line]]] = field(default_factory=list)  # of a table: rows, cells, lines
    x0: float = 0.0
    x1: float = 0.0


Rule = tuple[float, float, float]
"""From x0 to x1, at y."""


def regions_of(lines: list[Line], rules: list[Rule]) -> list[Region]:
    """Give the regions of a page, in reading order; tables between rules first, since their cells look like columns."""
    tables: dict[int, Region] = {}
    for x0, x1, edges in _ruled(rules):
        inside = [
            line
            for line in lines
            if x0 - 3 <= (line.x0 + line.x1) / 2 <= x1 + 3 and edges[0] - 1 <= (line.y0 + line.y1) / 2 <= edges[-1] + 1
        ]
        table = _table_between(inside, edges)
        if table is None:
            continue
        taken = {id(line) for row in table.rows for cell in row for line in cell}
        place = Line(inside[0].page, x0, x1, edges[0], edges[-1], edges[-1], inside[0].size, False, "")
        lines = [*(line for line in lines if id(line) not in taken), place]
        tables[id(place)] = table
    return list(_with_tables(_in_order(lines, rules), tables))


def _with_tables(regions: list[Region], tables: dict[int, Region]) -> Iterator[Region]:
    """Put each table where the line that holds its place stands."""
    for region in regions:
        lines = region.lines or [line for row in region.rows for cell in row for line in cell]
        if not any(id(line) in tables for line in lines):
            yield region
            continue
        part: list[Line] = []
        for line in lines:
            if id(line) in tables:
                if part:
                    yield Region(part, x0=region.x0, x1=region.x1)
                yield tables[id(line)]
                part = []
            else:
                part.append(line)
        if part:
            yield Region(part, x0=region.x0, x1=region.x1)


def _ruled(rules: list[Rule]) -> Iterator[tuple[float, float, list[float]]]:
    """Find the outlines of tables: three rules or more of one width, one below the other."""
    rows: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda one: one[2])[:3000]:
        if rows and rule[2] - rows[-1][-1][2] < 2:
            rows[-1].append(rule)
        else:
            rows.append([rule])
    widths: list[tuple[float, float, list[float]]] = []
    for row in rows:
        for x0, x1 in _joined_rules(row):
            y = sum(rule[2] for rule in row) / len(row)
            near = next((one for one in widths if abs(one[0] - x0) < 6 and abs(one[1] - x1) < 6), None)
            if near is None:
                widths.append((x0, x1, [y]))
            else:
                near[2].append(y)
    yield from (one for one in widths if len(one[2]) >= 3 and one[1] - one[0] > 60)


def _joined_rules(row: list[Rule]) -> Iterator[tuple[float, float]]:
    """Join the rules at one height that touch: each cell draws its own."""
    left, right = None, 0.0
    for x0, x1, _ in sorted(row):
        if left is not None and x0 - right < 6:
            right = max(right, x1)
            continue
        if left is not None:
            yield left, right
        left, right = x0, x1
    if left is not None:
        yield left, right


def _table_between(lines: list[Line], edges: list[float]) -> Region | None:
    """Put lines between rules into rows and cells; nothing where they do not stand beside each other."""
    rows = [[line for line in lines if above <= (line.y0 + line.y1) / 2 < below] for above, below in pairwise(edges)]
    rows = [row for row in rows if row]
    cells = [_cells(row) for row in rows]
    if not lines or sum(len(row) > 1 for row in cells) < max(1, len(cells) / 2):
        return None
    while cells and len(cells[-1]) == 1:  # a box below the table, between rules of the same width
        del cells[-1], rows[-1]
    if len(rows) <= 2 and max(len(cell) for row in cells for cell in row) > 3:  # rules only around the head
        return _table(lines, [])
    return Region(rows=cells, x0=min(line.x0 for line in lines), x1=max(line.x1 for line in lines))


def _in_order(lines: list[Line], rules: list[Rule], depth: int = 0) -> list[Region]:
    """Give the regions of a part of a page, in reading order."""
    lines = sorted(lines, key=lambda line: (line.y0 + line.y1, line.x0))
    gutter = _find_gutter(lines) if len(lines) > 3 and depth < _MAX_DEPTH else None
    if gutter is None:
        return [_region(lines)] if lines else []
    found: list[Region] = []
    for crossing, band in _bands(lines, *gutter):
        if crossing:
            found += _in_order(band, rules, depth + 1) if depth + 1 < _MAX_DEPTH else [_region(band)]
            continue
        middle = (gutter[0] + gutter[1]) / 2
        left = [line for line in band if line.x1 <= middle]
        right = [line for line in band if line.x0 >= middle]
        if not left or not right:
            found += _in_order(band, rules, depth + 1)
        elif below := _heading_below(left, right):
            rest = [line for line in left if id(line) not in {id(one) for one in below}]
            found += [*_in_order(rest, rules, depth + 1), *_in_order(right, rules, depth + 1), _region(below)]
        elif _is_table(left, right, band, rules, gutter):
            found.append(_table(band, rules))
        else:
            found += _in_order(left, rules, depth + 1) + _in_order(right, rules, depth + 1)
    return list(_merged(found))


def _heading_below(left: list[Line], right: list[Line]) -> list[Line]:
    """Find a heading that stands below two columns and is too short to reach over both."""
    end, size = max(line.y1 for line in right), median(line.size for line in left)
    last = left[-1:]
    for line in reversed(left[:-1]):  # the last heading alone, though it has two lines
        if line.size != last[0].size or last[0].baseline - line.baseline > 1.55 * line.size:
            break
        last.insert(0, line)
    if last[0].y0 <= end or not 0 < len(last) <= 3 or len(last) == len(left):
        return []
    above = left[-len(last) - 1].y1
    stands_out = all(line.size > 1.09 * size or line.bold for line in last) and not all(line.bold for line in left)
    return last if stands_out and last[0].y0 - above > 0.5 * size else []


def _region(lines: list[Line]) -> Region:
    ordered = _by_rows(lines)
    return Region(ordered, x0=min(line.x0 for line in lines), x1=max(line.x1 for line in lines))


def _by_rows(lines: list[Line]) -> list[Line]:
    """Order lines from the top down; those on one baseline from the left."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: one.baseline):
        if rows and abs(rows[-1][0].baseline - line.baseline) < 0.35 * min(rows[-1][0].size, line.size):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda one: one.x0)]


def _merged(regions: list[Region]) -> Iterator[Region]:
    """Join regions of one column that nothing divides."""
    last: Region | None = None
    for region in regions:
        if last and not last.rows and not region.rows and _one_column(last, region):
            last = Region([*last.lines, *region.lines], x0=min(last.x0, region.x0), x1=max(last.x1, region.x1))
            continue
        if last:
            yield last
        last = region
    if last:
        yield last


def _one_column(above: Region, below: Region) -> bool:
    under = below.lines[0].y0 >= above.lines[-1].y0
    return under and abs(above.x0 - below.x0) < 30 and abs(above.x1 - below.x1) < 30


def _find_gutter(lines: list[Line]) -> tuple[float, float] | None:
    """Find the strip across which lines stand beside each other, in the most of them."""
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    size = median(line.size for line in lines)
    edges = sorted({line.x1 for line in lines if line.x1 < right - size})
    best: tuple[float, tuple[float, float]] | None = None
    tried: set[int] = set()
    for edge in edges:
        if int(edge) in tried:
            continue
        tried.add(int(edge))
        after = [line.x0 for line in lines if line.x0 > edge + 0.55 * size]
        if not after or edge - left < 1.5 * size:
            continue
        end = _strip_end(edge, lines, size)
        if end is None:
            continue
        score = _score(lines, edge, end)
        if score and (best is None or score > best[0]):
            best = (score, (edge, end))
    return best[1] if best else None


def _strip_end(edge: float, lines: list[Line], size: float) -> float | None:
    """Give where the strip that begins at an edge ends: the nearest beginning of lines, but for a few that cross it."""
    starts = sorted(line.x0 for line in lines if line.x0 > edge + 0.2 * size and line.x1 > edge)
    for start in starts:
        if start - edge >= 0.7 * size:
            return start
    return None


def _score(lines: list[Line], start: float, end: float) -> float:
    """Say how many lines stand beside others across a strip; nothing where too few do or too many cross it."""
    middle = (start + end) / 2
    beside = 0
    for crossing, band in _bands(lines, start, end):
        if crossing:
            continue
        left = [line for line in band if line.x1 <= middle]
        right = [line for line in band if line.x0 >= middle]
        if (len(left) >= 2 and len(right) >= 2) or (left and right and len(band) >= 3):
            top, bottom = max(left[0].y0, right[0].y0), min(left[-1].y1, right[-1].y1)
            beside += sum(line.y1 > top and line.y0 < bottom for line in band)
    crossing_lines = sum(line.x0 < start and line.x1 > end for line in lines)
    if beside < 4 or beside < 0.5 * crossing_lines:
        return 0.0
    return beside * (1 + min(end - start, 40) / 40)


def _bands(lines: list[Line], start: float, end: float) -> Iterator[tuple[bool, list[Line]]]:
    """Divide lines, from the top, into those that cross a strip and those that do not."""
    middle = (start + end) / 2
    band: list[Line] = []
    state = False
    for line in lines:
        crosses = line.x0 < middle < line.x1
        if band and crosses != state:
            yield state, band
            band = []
        state = crosses
        band.append(line)
    if band:
        yield state, band


def _is_table(
    left: list[Line],
    right: list[Line],
    band: list[Line],
    rules: list[Rule],
    gutter: tuple[float, float],
) -> bool:
    """Tell the cells of a table from columns of prose: rules cross them, or short lines stand in rows."""
    top, bottom = min(line.y0 for line in band), max(line.y1 for line in band)
    middle = (gutter[0] + gutter[1]) / 2
    across = {round(y) for x0, x1, y in rules if x0 < middle - 5 and x1 > middle + 5 and top + 2 < y < bottom - 2}
    if len(across) >= 2 or (across and len(band) < 8):
        return True
    rows = sum(any(abs(one.baseline - other.baseline) < 0.3 * one.size for other in right) for one in left)
    aligned = rows / max(min(len(left), len(right)), 1)
    inside = [(x0, x1) for x0, x1, y in rules if top < y < bottom]
    stop = any(x1 <= middle for _, x1 in inside) and any(x0 >= middle for x0, _ in inside)
    large = min(len(left), len(right)) >= 15 and gutter[1] - gutter[0] > 1.2 * band[0].size
    words = min(_shortness(left), _shortness(right)) > 10  # and no numbers
    if not across and large and words and (stop or aligned < 0.9):
        return False
    prose = min(_shortness(left), _shortness(right)) > 18 and min(_fill(left), _fill(right)) > _FULL
    return aligned > 0.5 and not prose and (_shortness(band) < 30 or len(band) < 8 or min(len(left), len(right)) < 3)


def _fill(lines: list[Line]) -> float:
    """Say how much of its column the middle line fills."""
    width = max(line.x1 for line in lines) - min(line.x0 for line in lines)
    return median((line.x1 - line.x0) / max(width, 1) for line in lines)


def _shortness(lines: list[Line]) -> float:
    return median(len(line.text) for line in lines)


def _table(band: list[Line], rules: list[Rule]) -> Region:
    """Put lines into the rows and cells of a table: between its rules where it has them, else on their baselines."""
    top, bottom = min(line.y0 for line in band), max(line.y1 for line in band)
    left, right = min(line.x0 for line in band), max(line.x1 for line in band)
    wide = sorted({round(y) for x0, x1, y in rules if x1 - x0 > 0.4 * (right - left) and top - 4 < y < bottom + 4})
    inner = [y for y in wide if top + 2 < y < bottom - 2]
    rows: list[list[Line]] = []
    if len(inner) >= 3:
        edges = [*inner, float("inf")]
        rows = [
            [line for line in band if before <= (line.y0 + line.y1) / 2 < edge]
            for before, edge in zip([float("-inf"), *inner], edges, strict=True)
        ]
        if max((len(row) for row in rows), default=0) > 0.7 * len(band):  # rules that frame, not divide
            rows = []
    if not rows:
        for line in sorted(band, key=lambda one: one.baseline):
            if rows and abs(rows[-1][0].baseline - line.baseline) < 0.5 * min(line.size, rows[-1][0].size):
                rows[-1].append(line)
            else:
                rows.append([line])
        rows = _wrapped_cells(rows)
    return Region(rows=[_cells(row) for row in rows if row], x0=left, x1=right)


def _wrapped_cells(rows: list[list[Line]]) -> list[list[Line]]:
    """Join a line that goes on in one cell only, close below its row, with that row."""
    joined: list[list[Line]] = []
    for row in rows:
        close = bool(joined) and row[0].baseline - max(one.baseline for one in joined[-1]) < 1.3 * row[0].size
        first = min(one.x0 for one in joined[-1]) if joined else 0.0
        if close and len(row) < len(joined[-1]) and min(one.x0 for one in row) > first + row[0].size:
            joined[-1].extend(row)
        else:
            joined.append(list(row))
    return joined


def _cells(row: list[Line]) -> list[list[Line]]:
    """Put the lines of a row that stand over each other into one cell."""
    cells: list[list[Line]] = []
    for line in sorted(row, key=lambda one: one.x0):
        fitting = next((cell for cell in cells if any(_over(line, one) for one in cell)), None)
        if fitting is None:
            cells.append([line])
        else:
            fitting.append(line)
    return [sorted(cell, key=lambda one: (one.baseline, one.x0)) for cell in cells]


def _over(line: Line, other: Line) -> bool:
    return line.x0 < other.x1 and other.x0 < line.x1
