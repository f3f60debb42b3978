"""Join the letters of a page to words and lines, whatever order the file has them in.

A line here is a run of letters on one baseline without a wide gap: a line of a column, a cell of a table.
"""

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby

from corpus.readers.pdf.glyphs import SLANTED, Glyph, Sheet, Style

_WORD_GAP = 0.17  # of the size: a wider gap is a space, though the file has none
_RUN_GAP = 1.6  # within one run of the file
_JOIN_GAP = 0.7  # between two runs that the file has apart


@dataclass
class Line:
    """Letters on one baseline. `marks` are places in `text` of raised numbers and signs that lead to notes."""

    page: int
    x0: float
    x1: float
    y0: float
    y1: float
    baseline: float
    size: float
    bold: bool
    text: str
    marks: list[tuple[int, int]] = field(default_factory=list)
    hidden: bool = False
    furniture: bool = False
    font: str = ""
    first_gap: float = 0.0  # between its first word and the second
    first_word_end: float = 0.0
    second_word_start: float = 0.0

    @property
    def height(self) -> float:
        """How high its letters stand."""
        return max(self.y1 - self.y0, 1.0)


def lines_of_sheet(sheet: Sheet, *, turn: int = 0) -> list[Line]:
    """Give the lines of a page that stand upright (or turned by so many quarters), in the order of the file."""
    glyphs = [glyph for glyph in sheet.glyphs if glyph.style.turn == turn]
    if turn == SLANTED:
        by_object = groupby(glyphs, key=lambda glyph: id(glyph.style))
        return [line for _, run in by_object if (line := _line(list(run), sheet.number)) is not None]
    runs = _runs([_upright(glyph, turn) for glyph in glyphs] if turn else glyphs)
    return [line for run in _joined(runs) if (line := _line(run, sheet.number)) is not None]


def _upright(glyph: Glyph, turn: int) -> Glyph:
    """Give a turned letter as if it stood upright, so that it finds its neighbours."""
    if turn == 1:
        x0, x1, y0, y1 = -glyph.y1, -glyph.y0, glyph.x0, glyph.x1
    elif turn == 2:
        x0, x1, y0, y1 = -glyph.x1, -glyph.x0, -glyph.y1, -glyph.y0
    else:
        x0, x1, y0, y1 = glyph.y0, glyph.y1, -glyph.x1, -glyph.x0
    return Glyph(glyph.text, x0, x1, y0, y1, glyph.style, glyph.space)


def main_turn(sheet: Sheet) -> int:
    """Tell how most of a page's letters are turned: a table may be printed across."""
    counts = Counter(glyph.style.turn for glyph in sheet.glyphs if glyph.style.turn < 4)
    return counts.most_common(1)[0][0] if counts else 0


def _runs(glyphs: list[Glyph]) -> list[list[Glyph]]:
    """Cut the letters where the next one does not stand beside the one before."""
    runs: list[list[Glyph]] = []
    for glyph in glyphs:
        if runs and _follows(runs[-1][-1], glyph):
            runs[-1].append(glyph)
        else:
            runs.append([glyph])
    return runs


def _follows(before: Glyph, glyph: Glyph, widest: float = _RUN_GAP) -> bool:
    size = max(before.style.size, glyph.style.size)
    gap = glyph.x0 - before.x1
    shift = abs(glyph.style.baseline - before.style.baseline)
    if shift > 0.12 * size:  # raised or lowered: it is smaller and close by
        small = min(before.style.size, glyph.style.size) < 0.9 * size
        return shift < 0.55 * size and small and -0.3 * size < gap < 0.45 * size
    return -0.5 * size < gap < widest * size


def _joined(runs: list[list[Glyph]]) -> list[list[Glyph]]:
    """Join runs that stand beside each other on one line, though the file has them apart."""
    order = sorted(range(len(runs)), key=lambda at: (round(runs[at][0].style.baseline, 1), runs[at][0].x0))
    by_start: dict[int, list[int]] = {}
    for at in order:
        by_start.setdefault(int(runs[at][0].x0 // 20), []).append(at)
    joined_to: dict[int, int] = {}
    for at in order:
        last = runs[at][-1]
        reach = int((last.x1 + _JOIN_GAP * last.style.size) // 20)
        near = [one for cell in range(int((last.x1 - 6) // 20), reach + 1) for one in by_start.get(cell, ())]
        fitting = [
            one
            for one in near
            if one != at and one not in joined_to.values() and _follows(last, runs[one][0], _JOIN_GAP)
        ]
        if fitting:
            joined_to[at] = min(fitting, key=lambda one: abs(runs[one][0].x0 - last.x1))
    followers = set(joined_to.values())
    lines = []
    for at in range(len(runs)):
        if at in followers:
            continue
        run, seen = list(runs[at]), {at}
        while (following := joined_to.get(at)) is not None and following not in seen:
            run += runs[following]
            seen.add(following)
            at = following  # noqa: PLW2901 - follows the chain
        lines.append(run)
        followers |= seen
    left = followers_only(runs, joined_to, lines)
    return [*lines, *left]


def followers_only(runs: list[list[Glyph]], joined_to: dict[int, int], lines: list[list[Glyph]]) -> list[list[Glyph]]:
    """Give the runs that stand in a ring, and so begin no line: letters printed over each other."""
    there = {id(glyph) for line in lines for glyph in line}
    return [runs[at] for at in joined_to if id(runs[at][0]) not in there]


def _line(run: list[Glyph], page: int) -> Line | None:
    counts = Counter(map(id, styles := [glyph.style for glyph in run]))
    by_id = dict(zip(map(id, styles), styles, strict=True))
    sizes: Counter[tuple[float, bool, str]] = Counter()
    baselines: Counter[float] = Counter()
    for key, count in counts.items():
        style = by_id[key]
        sizes[(round(style.size, 1), style.bold, style.font)] += count
        baselines[round(style.baseline, 1)] += count
    size, _, font = sizes.most_common(1)[0][0]
    bold = sum(count for (_, is_bold, _), count in sizes.items() if is_bold) > 0.8 * len(run)
    baseline = baselines.most_common(1)[0][0]
    parts: list[str] = []
    marks: list[tuple[int, int]] = []
    length = 0
    before: Glyph | None = None
    word_ends: list[tuple[float, float]] = []
    for glyph in run:
        if before and (glyph.space or glyph.x0 - before.x1 > _WORD_GAP * size):
            parts.append(" ")
            length += 1
            word_ends.append((before.x1, glyph.x0))
        if (style := glyph.style).size < 0.85 * size and _is_raised(style, size, baseline) and _may_mark(glyph.text):
            if marks and marks[-1][1] == length:
                marks[-1] = (marks[-1][0], length + len(glyph.text))
            else:
                marks.append((length, length + len(glyph.text)))
        parts.append(glyph.text)
        length += len(glyph.text)
        before = glyph
    text = "".join(parts)
    if not text.strip():
        return None
    first_end, second = word_ends[0] if word_ends else (0.0, 0.0)
    return Line(
        page,
        run[0].x0,
        max(glyph.x1 for glyph in run),
        min(glyph.y0 for glyph in run),
        max(glyph.y1 for glyph in run),
        baseline,
        size,
        bold,
        text,
        marks,
        hidden=sum(counts[key] for key, style in by_id.items() if style.hidden) > len(run) / 2,
        furniture=all(style.furniture for style in by_id.values()),
        font=font,
        first_gap=second - first_end,
        first_word_end=first_end,
        second_word_start=second,
    )


def _is_raised(style: Style, size: float, baseline: float) -> bool:
    return style.size < 0.85 * size and style.baseline < baseline - 0.15 * size


def _may_mark(letter: str) -> bool:
    return letter.isdigit() or letter in "*†‡§¶,–-abcdef"
