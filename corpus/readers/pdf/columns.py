"""Put the lines of a page into reading order: columns one after the other, the rows of a table across them.

A gutter is a strip that few lines cross. What crosses it (a title over two columns, a wide table) divides the columns
above it from those below it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
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


def regions_of(lines: list[Line], rules: list[tuple[float, float, float]], depth: int = 0) -> list[Region]:
    """Give the regions of a page, in reading order."""
    lines = sorted(lines, key=lambda line: (line.y0 + line.y1, line.x0))
    gutter = _find_gutter(lines) if len(lines) > 3 and depth < _MAX_DEPTH else None
    if gutter is None:
        return [_region(lines)] if lines else []
    found: list[Region] = []
    for crossing, band in _bands(lines, *gutter):
        if crossing:
            found += regions_of(band, rules, depth + 1) if depth + 1 < _MAX_DEPTH else [_region(band)]
            continue
        middle = (gutter[0] + gutter[1]) / 2
        left = [line for line in band if line.x1 <= middle]
        right = [line for line in band if line.x0 >= middle]
        if not left or not right:
            found += regions_of(band, rules, depth + 1)
        elif _is_table(left, right, band, rules, gutter):
            found.append(_table(band, rules))
        else:
            found += regions_of(left, rules, depth + 1) + regions_of(right, rules, depth + 1)
    return list(_merged(found))


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
    rules: list[tuple[float, float, float]],
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


def _table(band: list[Line], rules: list[tuple[float, float, float]]) -> Region:
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
