"""Draw charts as inline SVG, each with a title, a description and the same numbers as a table.

A chart is 360 units wide and fits a telephone. Colours come from the page's style sheet; what is told by colour is told
by shape or words as well: of two series one is solid and the other hollow.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from assistant.quoting.visible import shortened
from eval import svg
from eval.schema import Bin
from eval.svg import LEFT, RIGHT, TOP, WIDTH

CONFIDENCE_BINS = 20
LATENCY_BINS = 20
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
_MIDDLE = LEFT + (WIDTH - LEFT - RIGHT) / 2
#: Points nearer than this share one label.
_CLOSE = 14.0


@dataclass(frozen=True)
class Chart:
    """A drawing and its text equivalents: a caption, one sentence on what can be seen, and every number drawn."""

    id: str
    title: str
    description: str
    svg: Markup
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    columns_of_words: int = 1


@dataclass(frozen=True)
class Bar:
    """One line of a bar chart: shares from 0 to 1, None where a measure does not apply."""

    label: str
    count: int
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Point:
    """One configuration: what it costs, along the bottom, and how good it is, from 0 to 1."""

    label: str
    cost: float
    quality: float


def percent(share: float | None) -> str:
    """Write a share, for instance 0.256 as 26%; nothing to judge is a dash."""
    return "–" if share is None else f"{100 * share:.0f}%"


def draw_bars(id: str, title: str, series: Sequence[str], bars: Sequence[Bar]) -> Chart:
    """Draw one or two bars for each line, the first solid and the second hollow, with their values beside them."""
    thick, step, left = 11, 8 + 13 * len(series), 158
    parts = [svg.legend(list(zip(series, ("solid", "hollow"), strict=False)))]
    for number, bar in enumerate(bars):
        top = TOP + number * step
        parts.append(svg.text(left - 6, top + step / 2, f"{shortened(bar.label, 18)} ({bar.count})", "label", "end"))
        parts.append(svg.line(left, top, left, top + step - 8, "axis"))
        for row, value in enumerate(bar.values):
            y = top + 13 * row
            if value is None:
                parts.append(svg.text(left + 6, y + 9.5, "does not apply", "tick"))
                continue
            long = (WIDTH - left - 44) * min(max(value, 0.0), 1.0)
            parts.append(svg.rectangle(left, y, long, thick, ("solid", "hollow")[row % 2]))
            parts.append(svg.text(left + 5 + long, y + 9.5, percent(value), "value"))
    first = [bar for bar in bars if bar.values and bar.values[0] is not None]
    low = min(first, key=lambda bar: bar.values[0] or 0.0, default=None)
    said = f" Lowest: {low.label}, {percent(low.values[0])}." if low else ""
    return _chart(
        id,
        title,
        f"For each of {_many(len(bars), 'kind')} of question, {' and '.join(series)}, in percent.{said}",
        TOP + len(bars) * step + 4,
        parts,
        ("kind", "questions", *series),
        [(bar.label, str(bar.count), *map(percent, bar.values)) for bar in bars],
    )


def draw_reliability(id: str, bins: Sequence[Bin]) -> Chart:
    """Draw how often answers were supported against how sure they were; each point says how many answers it holds."""
    height = 330
    across, up = svg.scale_across(1.0), svg.scale_up(0.0, 1.0, height)
    parts = [svg.axes(height, (across, QUARTERS, percent), (up, QUARTERS, percent))]
    parts.append(svg.text(_MIDDLE, height - 4, "confidence shown", "tick", "middle"))
    parts.append(svg.text(2, 12, "share that was supported", "tick"))
    parts.append(svg.line(across(0), up(0), across(1), up(1), "guide"))
    drawn = [(one, one.confidence, one.supported) for one in bins if one.count]
    points = [(one, x, y) for one, x, y in drawn if x is not None and y is not None]
    most = max((one.count for one, _, _ in points), default=1)
    parts.append(svg.curve([(across(x), up(y)) for _, x, y in points]))
    for one, x, y in points:
        radius = 3 + 5 * math.sqrt(one.count / most)
        parts.append(svg.circle(across(x), up(y), radius))
        parts.append(svg.text(across(x), up(y) - radius - 4, str(one.count), "value", "middle"))
    over = sum(one.count for one, x, y in points if x - y > 0.1)
    under = sum(one.count for one, x, y in points if y - x > 0.1)
    return _chart(
        id,
        "Can the confidence be believed?",
        "On the dashed line confidence is what it says: of answers shown with 80%, 80 of 100 are supported. "
        "Below it answers are too sure, above it not sure enough. The number at a point says how many questions it "
        f"holds. Here {_many(over, 'question')} stood in bins that were too sure by more than 10 points, and {under} "
        "in bins that were not sure enough by as much.",
        height,
        parts,
        ("confidence between", "questions", "mean confidence", "supported"),
        [
            (
                f"{percent(one.lower)} and {percent(one.upper)}",
                str(one.count),
                percent(one.confidence),
                percent(one.supported),
            )
            for one in bins
        ],
    )


def draw_confidence(
    id: str, answerable: Sequence[float], unanswerable: Sequence[float], thresholds: Mapping[str, float]
) -> Chart:
    """Draw how confidence is spread: over answerable questions upwards, over unanswerable ones downwards."""
    height, top, room = 300, 66, 190.0
    across = svg.scale_across(1.0)
    edges = [number / CONFIDENCE_BINS for number in range(CONFIDENCE_BINS + 1)]
    above, below = (_count(values, edges) for values in (answerable, unanswerable))
    most_above, most_below = max(*above, 1), max(*below, 1)
    scale, wide = room / (most_above + most_below), across(edges[1]) - across(0)
    middle = top + most_above * scale
    ends = (f"answerable ({len(answerable)}), up", "solid"), (f"unanswerable ({len(unanswerable)}), down", "hollow")
    parts = [svg.legend(ends), svg.line(LEFT, middle, WIDTH - RIGHT, middle, "axis")]
    for count, y in ((most_above, top), (0, middle), (most_below, top + room)):
        parts.append(svg.text(LEFT - 5, y + 4, str(count), "tick", "end"))
    for edge, up, down in zip(edges, above, below, strict=False):
        parts.append(svg.rectangle(across(edge) + 1, middle - up * scale, wide - 2, up * scale, "solid"))
        parts.append(svg.rectangle(across(edge) + 1, middle, wide - 2, down * scale, "hollow"))
    for tick in QUARTERS:
        parts.append(svg.text(across(tick), height - 22, percent(tick), "tick", "middle"))
    parts.append(svg.text(_MIDDLE, height - 5, "confidence", "tick", "middle"))
    for number, (name, value) in enumerate(sorted(thresholds.items(), key=lambda item: item[1])):
        parts.append(svg.mark(across(min(max(value, 0.0), 1.0)), top - 6, top + room + 4, name, number))
    marks = "; ".join(f"{name}: {percent(value)}" for name, value in thresholds.items())
    return _chart(
        id,
        "How sure, where there is an answer and where there is none",
        "The further apart the two sides stand, the better confidence tells them apart. "
        + (f"Dashed lines: {marks}." if thresholds else "The run does not say where its thresholds are."),
        height,
        parts,
        ("confidence between", "answerable", "unanswerable"),
        [
            (f"{percent(low)} and {percent(high)}", str(up), str(down))
            for low, high, up, down in zip(edges, edges[1:], above, below, strict=False)
            if up or down
        ],
    )


def draw_latency(id: str, latencies_ms: Sequence[float], marks: Mapping[str, float | None]) -> Chart:
    """Draw how long answers took, in milliseconds; the last bar holds all that were far slower than the rest."""
    height = 250
    found = sorted(value for value in latencies_ms if math.isfinite(value))
    usual = found[min(len(found) - 1, int(len(found) * 0.95))] if found else 1.0
    ticks = svg.round_ticks(min(found[-1], 2 * usual) if found else 1.0, 5)
    last = ticks[-1]
    edges = [last * number / LATENCY_BINS for number in range(LATENCY_BINS + 1)]
    counts = _count(found, edges)
    beyond = sum(value > last for value in found)
    across, most = svg.scale_across(last), max([*counts, 1])
    up = svg.scale_up(0, most, height)
    parts = [svg.axes(height, (across, ticks, _number), (up, (0, most), _number))]
    wide = across(edges[1]) - across(0)
    for edge, count in zip(edges, counts, strict=False):
        parts.append(svg.rectangle(across(edge) + 1, up(count), wide - 2, up(0) - up(count), "solid"))
    shown = {name: value for name, value in marks.items() if value is not None}
    for number, (name, value) in enumerate(sorted(shown.items(), key=lambda item: item[1])):
        if value <= last:
            parts.append(svg.mark(across(value), TOP - 4, up(0), name, number))
    parts.append(svg.text(_MIDDLE, height - 4, "milliseconds to answer", "tick", "middle"))
    parts.append(svg.text(2, 12, "questions", "tick"))
    slow = (
        f" {_many(beyond, 'question')} took longer than {_number(last)} ms; the last bar counts them." if beyond else ""
    )
    said = ", ".join(f"{name} {value:.1f} ms" for name, value in shown.items())
    return _chart(
        id,
        "How long an answer takes",
        f"{_many(len(found), 'question')} timed: {said or 'no figures'}.{slow}",
        height,
        parts,
        ("milliseconds between", "questions"),
        [
            (f"{_number(low)} and {_number(high)}" + (" or more" if high == last and beyond else ""), str(count))
            for low, high, count in zip(edges, edges[1:], counts, strict=False)
            if count
        ],
    )


def draw_points(id: str, title: str, cost: str, quality: str, points: Sequence[Point]) -> Chart:
    """Draw quality against a cost; the line joins those that no other beats on both."""
    height = 280
    qualities = [point.quality for point in points] or [0.0, 1.0]
    rungs = svg.round_rungs(min(qualities), max(qualities))
    low, high = rungs[0], rungs[-1]
    ticks = svg.round_ticks(max([point.cost for point in points] or [1.0]), 5)
    across, up = svg.scale_across(ticks[-1]), svg.scale_up(low, high, height)
    parts = [svg.axes(height, (across, ticks, _number), (up, rungs, _round_percent))]
    parts.append(svg.text(_MIDDLE, height - 4, cost, "tick", "middle"))
    parts.append(svg.text(2, 12, quality, "tick"))
    best = [one for one in points if not any(_beats(other, one) for other in points)]
    front = sorted(best, key=lambda one: (one.cost, -one.quality))
    parts.append(svg.curve([(across(one.cost), up(one.quality)) for one in front]))
    labels: list[tuple[float, float, list[int]]] = []
    for number, point in enumerate(points, start=1):
        x, y = across(point.cost), up(point.quality)
        parts.append(svg.circle(x, y, 5, "dot" if point in best else "ring"))
        near = next((names for at, to, names in labels if abs(at - x) < _CLOSE and abs(to - y) < _CLOSE), None)
        if near is None:
            labels.append((x, y, [number]))
        else:
            near.append(number)
    for x, y, names in labels:
        end = x > WIDTH - 60
        words = ", ".join(map(str, names))
        parts.append(svg.text(x + (-9 if end else 9), y - 6, words, "value", "end" if end else "start"))
    return _chart(
        id,
        title,
        f"Each of {_many(len(points), 'configuration')} by its number in the table: {quality} upwards (the axis starts "
        f"at {_round_percent(low)}), {cost} to the right. Solid ones are beaten by none in both; the line joins them.",
        height,
        parts,
        ("number", "configuration", quality, cost, "beaten by another"),
        [
            (str(number), one.label, _fine_percent(one.quality), _number(one.cost), "no" if one in best else "yes")
            for number, one in enumerate(points, start=1)
        ],
        columns_of_words=2,
    )


def _chart(
    id: str,
    title: str,
    description: str,
    height: float,
    parts: Sequence[Markup],
    head: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    columns_of_words: int = 1,
) -> Chart:
    drawn = svg.drawing(id, title, description, height, parts)
    return Chart(id, title, description, drawn, head, tuple(rows), columns_of_words)


def _beats(one: Point, other: Point) -> bool:
    """Tell whether one is at least as good and as cheap as another, and better in one of the two."""
    return (
        one.quality >= other.quality
        and one.cost <= other.cost
        and (one.quality, one.cost) != (other.quality, other.cost)
    )


def _count(values: Sequence[float], edges: Sequence[float]) -> list[int]:
    """Count values between edges of equal distance; a bin holds its lower edge, the last one all that is above."""
    counts = [0] * (len(edges) - 1)
    for value in values:
        # Rounded, so that 0.15 falls into the bin that starts at 0.15 whatever its last binary digit.
        place = int(round((value - edges[0]) / (edges[1] - edges[0]), 9))
        counts[min(max(place, 0), len(counts) - 1)] += 1
    return counts


def _number(value: float) -> str:
    return f"{value:.4g}" if value < 10_000 else f"{value:.0f}"


def _fine_percent(share: float) -> str:
    return f"{100 * share:.1f}%"


def _round_percent(share: float) -> str:
    return f"{100 * share:.4g}%"


def _many(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"
