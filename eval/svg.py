"""Write the small pieces of SVG that charts are made of: text, lines, bars, axes. All text is escaped."""

import math
from collections.abc import Callable, Sequence

from markupsafe import Markup

from assistant.quoting.visible import visible

#: Units of a drawing, not pixels: a drawing grows and shrinks with the page.
WIDTH = 360
LEFT, RIGHT, TOP, BOTTOM = 46, 16, 38, 40

Scale = Callable[[float], float]


def drawing(id: str, title: str, description: str, height: float, parts: Sequence[Markup]) -> Markup:
    """Give a whole drawing, named and described for people who cannot see it."""
    return Markup(
        '<svg role="img" aria-labelledby="{id}-title" aria-describedby="{id}-description" '
        'viewBox="0 0 {width} {height:.0f}" xmlns="http://www.w3.org/2000/svg"><title id="{id}-title">{title}</title>'
        '<desc id="{id}-description">{description}</desc>{parts}</svg>'
    ).format(
        id=id,
        width=WIDTH,
        height=height,
        title=visible(title),
        description=visible(description),
        parts=Markup("").join(parts),
    )


def text(x: float, y: float, words: str, look: str, anchor: str = "start") -> Markup:
    """Write words; `anchor` says whether they start, end or have their middle at x."""
    return Markup('<text x="{:.1f}" y="{:.1f}" class="{}" text-anchor="{}">{}</text>').format(
        x, y, look, anchor, visible(words)
    )


def line(x1: float, y1: float, x2: float, y2: float, look: str) -> Markup:
    """Draw a straight line."""
    return Markup('<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>').format(x1, y1, x2, y2, look)


def rectangle(x: float, y: float, width: float, height: float, look: str) -> Markup:
    """Draw a bar; one without length is left out."""
    if width <= 0 or height <= 0:
        return Markup("")
    return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}"/>').format(
        x, y, width, height, look
    )


def circle(x: float, y: float, radius: float, look: str = "dot") -> Markup:
    """Draw a point."""
    return Markup('<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" class="{}"/>').format(x, y, radius, look)


def curve(points: Sequence[tuple[float, float]]) -> Markup:
    """Join points with straight lines."""
    return Markup('<polyline class="curve" points="{}"/>').format(" ".join(f"{x:.1f},{y:.1f}" for x, y in points))


def legend(entries: Sequence[tuple[str, str]]) -> Markup:
    """Say what the looks of bars mean, one above the other."""
    rows = [
        rectangle(2, 2 + 15 * number, 10, 10, look) + text(17, 11 + 15 * number, words, "label")
        for number, (words, look) in enumerate(entries)
    ]
    return Markup("").join(rows)


def axes(
    height: float,
    across: tuple[Scale, Sequence[float], Callable[[float], str]],
    up: tuple[Scale, Sequence[float], Callable[[float], str]],
) -> Markup:
    """Draw both axes: for each its scale, where its ticks stand and how a tick is written."""
    floor = height - BOTTOM
    parts = [line(LEFT, TOP, LEFT, floor, "axis"), line(LEFT, floor, WIDTH - RIGHT, floor, "axis")]
    place, ticks, write = across
    for tick in ticks:
        parts.append(text(place(tick), floor + 15, write(tick), "tick", "middle"))
        parts.append(line(place(tick), floor, place(tick), floor + 3, "axis"))
    place, ticks, write = up
    for tick in ticks:
        parts.append(text(LEFT - 5, place(tick) + 4, write(tick), "tick", "end"))
        parts.append(line(LEFT, place(tick), WIDTH - RIGHT, place(tick), "grid"))
    return Markup("").join(parts)


def mark(x: float, top: float, bottom: float, words: str, number: int) -> Markup:
    """Draw a dashed line with its name above; every second name stands one row higher, so that neighbours fit."""
    anchor = "end" if x > WIDTH - 70 else "start" if x < LEFT + 40 else "middle"
    row = top - 12 * (number % 2)
    return (
        line(x, row + 3, x, bottom, "halo")
        + line(x, row + 3, x, bottom, "guide")
        + text(x, row, words, "value", anchor)
    )


def scale_across(most: float) -> Scale:
    """Give the scale from 0 on the left to `most` on the right."""
    return lambda value: LEFT + (WIDTH - LEFT - RIGHT) * value / most


def scale_up(low: float, high: float, height: float) -> Scale:
    """Give the scale from `low` at the bottom to `high` at the top."""
    floor = height - BOTTOM
    return lambda value: floor - (floor - TOP) * (value - low) / (high - low)


def round_ticks(most: float, about: int) -> list[float]:
    """Give ticks from 0 to at least `most`, in steps of 1, 2 or 5 times a power of ten.

    >>> round_ticks(87, 5)
    [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    """
    if not 1e-6 < most < math.inf:
        return [0.0, 1.0]
    power = 10.0 ** math.floor(math.log10(most / about))
    step = next(size * power for size in (1, 2, 5, 10) if size * power * about >= most * 0.999)
    return [step * number for number in range(math.ceil(round(most / step, 9)) + 1)]


def round_rungs(low: float, high: float) -> list[float]:
    """Give ticks for shares, from at most `low` to at least `high`, inside 0 to 1, in round steps of a percentage.

    >>> round_rungs(0.911, 0.963)
    [0.9, 0.92, 0.94, 0.96, 0.98]
    """
    spread = max(high - low, 0.01)
    step = next(size for size in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25) if size * 4 >= spread * 0.999)
    first, last = math.floor(round(low / step, 6)), math.ceil(round(high / step, 6))
    first, last = max(first, 0), min(max(last, first + 2), math.ceil(round(1 / step, 6)))
    return [round(step * number, 6) for number in range(min(first, last - 2), last + 1)]
