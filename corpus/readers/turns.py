"""Find the turns of people who speak, in what a reader gave as paragraphs: in transcripts, and quotations with a label.

A turn ends where the next label stands. What has no label has no speaker: a paragraph below somebody's turn may be
theirs, or a remark of whoever wrote it down. Only below a name on a line of its own does all belong to it.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.readers.extracted import Block, Extracted, Spot
from corpus.readers.labels import (
    Label,
    Labels,
    could_begin_turn,
    find_labels,
    label_of,
    likeness_of,
    only_time,
    person_in,
)

_TURNED = ("paragraph", "item", "row")
_ASIDE = re.compile(r"\s*(?:\[[^\[\]]*\]|\([^()]*\)|\*[^*]*\*|<[^<>]*>|\{[^{}]*\})[.,]?\s*")
_FINISHED = re.compile(r"[.?!…:;]['\"”’)\]]*\s*$")
_QUOTED = re.compile(
    r"(?:“(?P<a>[^“”]{8,3000})”|\"(?P<b>[^\"]{8,3000})\"|‘(?P<c>(?:[^‘’]|’(?=\w)){8,3000})’)"
    r"[.,;]?\s{0,2}(?:\[(?P<square>[^\[\]]{1,80})\]|\((?P<round>[^()]{1,80})\))"
)
_NO_SPEAKER = re.compile(
    r"\d|\b(?:sic|emphasis|added|translation|ibid|see|note|page|pp?|para|italics|et al|laughs?|laughter|pause"
    r"|inaudible)\b"
)
_PUBLISHED = re.compile(
    r"\b(?:Organi[sz]ation|Society|Dictionary|Journal|Universit\w+|NHS|Council|Department|Guardian|Times|News|Press"
    r"|Committee|Group|Network|Institute|College|Act|Report|Association|Commission|Government|Ministry|Office|Review"
    r"|Bible|Guide|Handbook|Manual|Foundation|Trust|Centre|Center|Agency|Authority|Board|Company|Ltd|Inc)\b"
)
_SHORT_QUOTE = 4  # words: what is shorter and no sentence is a phrase, not something that somebody said


@dataclass(frozen=True)
class _Unit:
    """A paragraph, or the part of one that begins with a line that may begin a turn."""

    block: Block
    start: int
    end: int
    label: Label | None


def mark_turns(found: Extracted, line_starts: Sequence[int] = (), follows: Collection[int] = ()) -> Extracted:
    """Make turns of the paragraphs of a transcript; of anything else, only quotations with a label become turns.

    Args:
        found: what a reader gives.
        line_starts: Where lines of the file begin in its text, in order: a turn may begin there, inside a paragraph.
        follows: Where blocks begin that no empty line parts from the one before: they belong to its turn.
    """
    units = list(_units(found, line_starts))
    labels = find_labels([found.text[one.start : one.end] for one in units])
    if labels is None:
        return found.model_copy(update={"blocks": tuple(_quoted(found))})
    writer = _Turns(found, labels, follows)
    by_block: dict[int, list[_Unit]] = {}
    for unit in units:
        by_block.setdefault(id(unit.block), []).append(unit)
    for block in found.blocks:
        if id(block) in by_block:
            for unit in by_block[id(block)]:
                writer.write(unit)
        else:
            writer.keep(block)
    times = sorted(writer.times.items())
    return found.model_copy(
        update={"blocks": tuple(writer.blocks), "spots": with_times(found.spots, times), "transcript": True}
    )


def _units(found: Extracted, line_starts: Sequence[int]) -> Iterator[_Unit]:
    """Cut paragraphs where a line inside them may begin a turn."""
    for block in found.blocks:
        if block.kind not in _TURNED:
            continue
        inner = line_starts[bisect_right(line_starts, block.start) : bisect_left(line_starts, block.end)]
        cuts = {block.start}
        for at, after in pairwise([block.start, *inner, block.end]):
            line = found.text[at:after].strip()
            label = label_of(line)
            alone = only_time(line) is not None or bool(_ASIDE.fullmatch(line))
            if alone or (label and could_begin_turn(label)):
                cuts.add(at)
            if alone or (label and label.likeness and label.alone):
                cuts.add(after)
        for start, end in pairwise(sorted({*cuts, block.end})):
            words = found.text[start:end]
            if words.strip():
                first = start + len(words) - len(words.lstrip())
                yield _Unit(block, first, start + len(words.rstrip()), label_of(words.strip()))


class _Turns:
    """Writes blocks with their speakers; knows who speaks while it goes down the text."""

    def __init__(self, found: Extracted, labels: Labels, follows: Collection[int]) -> None:
        self.text = found.text
        self.labels = labels
        self.follows = follows
        self.blocks: list[Block] = []
        self.times: dict[int, float] = {}
        self._begun = False
        self._speaker: tuple[str, int, int] | None = None  # who, and where the label stands
        self._holds = False  # a name on a line of its own holds until the next
        self._time: float | None = None

    def keep(self, block: Block) -> None:
        """Write what is no turn: a heading ends one, a note does not."""
        self.blocks.append(block)
        if block.kind in ("heading", "break"):
            self._speaker, self._holds = None, False

    def write(self, unit: _Unit) -> None:
        """Write a paragraph as a turn, or as the part of one."""
        words = self.text[unit.start : unit.end]
        if (seconds := only_time(words)) is not None:
            self._time = seconds
            return
        name = self.labels.of(unit.label) if unit.label else None
        if unit.label and name:
            self._begun = True
            self._speaker = (name, unit.start + unit.label.start, unit.start + unit.label.end)
            self._holds = unit.label.alone
            self._time = unit.label.seconds if unit.label.seconds is not None else self._time
            if not unit.label.alone:
                self._turn(unit.start + unit.label.words, unit.end, self._speaker)
        elif not self._begun:
            self.blocks.append(unit.block.model_copy(update={"start": unit.start, "end": unit.end}))
        elif _ASIDE.fullmatch(words):
            self._turn(unit.start, unit.end, None)
        elif unit.label and could_begin_turn(unit.label):
            self._speaker, self._holds = None, False
            self._turn(unit.start, unit.end, None)
        elif self._holds or unit.start in self.follows or self._goes_on(words):
            self._turn(unit.start, unit.end, self._speaker)
        else:
            self._speaker = None
            self._turn(unit.start, unit.end, None)

    def _goes_on(self, words: str) -> bool:
        """Tell whether a sentence of the turn before plainly goes on."""
        last = self.blocks[-1] if self.blocks else None
        if self._speaker is None or last is None or last.kind != "turn":
            return False
        return words[:1].islower() and not _FINISHED.search(self.text[last.start : last.end])

    def _turn(self, start: int, end: int, speaker: tuple[str, int, int] | None) -> None:
        if self._time is not None:
            self.times[start], self._time = self._time, None
        who, label_start, label_end = speaker or (None, None, None)
        self.blocks.append(
            Block(kind="turn", start=start, end=end, speaker=who, label_start=label_start, label_end=label_end)
        )


def with_times(spots: Sequence[Spot], times: Sequence[tuple[int, float]]) -> tuple[Spot, ...]:
    """Add times of a recording, given by where they begin in the text, to the places that a file has."""
    if not times:
        return tuple(spots)
    there = {spot.start: spot for spot in spots}
    at_time = dict(times)
    current, seconds = Spot(start=0), None
    merged = []
    for start in sorted({*there, *at_time}):
        current = there.get(start, current)
        seconds = at_time.get(start, seconds)
        own = current.seconds if current.seconds is not None and start in there else seconds
        merged.append(current.model_copy(update={"start": start, "seconds": own}))
    return tuple(merged)


def _quoted(found: Extracted) -> Iterator[Block]:
    """Cut quotations with somebody's label behind them out of the paragraphs that they stand in."""
    printed = Counter(
        label
        for block in found.blocks
        if block.kind in ("paragraph", "item")
        for match in _QUOTED.finditer(found.text, block.start, block.end)
        for label in (match["square"] or match["round"],)
    )
    for block in found.blocks:
        if block.kind not in ("paragraph", "item"):
            yield block
            continue
        start = block.start
        for match in _QUOTED.finditer(found.text, block.start, block.end):
            label = match["square"] or match["round"]
            words = next(group for group in ("a", "b", "c") if match[group] is not None)
            if not _names_somebody(label, printed[label], square=match["square"] is not None):
                continue
            if len(match[words].split()) < _SHORT_QUOTE and not _FINISHED.search(match[words]):
                continue
            if re.search(r"\w", found.text[start : match.start()]):
                yield block.model_copy(update={"start": start, "end": match.start()})
            at = match.start("square" if match["square"] is not None else "round")
            yield Block(
                kind="turn",
                start=match.start(words),
                end=match.end(words),
                speaker=person_in(label),
                label_start=at,
                label_end=at + len(label),
            )
            start = match.end()
        if start == block.start or re.search(r"\w", found.text[start : block.end]):
            yield block.model_copy(update={"start": start})


def _names_somebody(label: str, times: int, *, square: bool) -> bool:
    """Tell whether what stands in brackets behind a quotation says who said it; a year or a page does not."""
    likeness = likeness_of(label)
    if likeness is None or label != label.strip():
        return False
    person, title = person_in(label), label.rpartition(",")[2].strip()
    numbered = bool(re.search(r"\d", person))
    if likeness == "role" or (likeness == "code" and numbered):
        return square or numbered or times > 1
    if not square or _NO_SPEAKER.search(label.casefold()) or _PUBLISHED.search(label):
        return False
    if "," in label and (person == label or not title[:1].islower()):
        return False  # authors and a place or a year
    return times > 1 or (likeness == "name" and len(person.split()) <= 4)
