"""Read captions, VTT or SRT: cues are joined to the turns of those who speak, and the time is the place.

A cue names its speaker by a tag (`<v Ann>`), or by a label that the whole file gives evidence for (`Ann: …`). A cue
without a name goes on where the one before is plainly not finished, or where names stand only at a change of speaker.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from corpus.errors import CorpusError
from corpus.lines import Line, lines_of
from corpus.readers.composing import BlockWriter, Slice
from corpus.readers.encodings import decode
from corpus.readers.extracted import Extracted
from corpus.readers.labels import Label, Labels, find_labels, label_of, seconds_of
from corpus.schema import Spot
from corpus.sentences import Span

_CUE = re.compile(
    r"(?P<start>(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?)\s*-->\s*(?P<end>(?:\d{1,3}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?).*"
)
_TAG = re.compile(
    r"<(?P<close>/?)(?P<name>[A-Za-z]+|(?=\d))(?P<more>[^<>]*)>|\{\\[^{}]*\}|&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);"
)
_SRT_TAG = frozenset(("i", "b", "u", "s", "font", "v", "c", "lang", "ruby", "rt"))
_CHANGE = re.compile(r"\s*(?:>>+|&gt;&gt;(?:&gt;)?|[-–—](?=\s?[^\W\d_]))\s*")
_FINISHED = re.compile(r"[.?!…]['\"”’)\]]*$")
_ASIDE = re.compile(r"\[[^\[\]]*\]|\([^()]*\)|♪.*♪")
_NAMED_EACH = 0.8  # of the cues begin with a name: then one without has none
_ROLLING = 0.3  # of the cues repeat the line before: then all such lines are left out
_LONG = 600  # characters: a run of cues without a name is cut where a sentence ends
_PAUSE = 4.0  # seconds without a word also end it


@dataclass
class _Said:
    """Words of a cue by one voice: their slices, and whether a sign of change stands before them."""

    slices: list[Slice]
    words: str
    voice: str | None = None
    voice_span: Span | None = None
    changes: bool = False
    label: Label | None = None


@dataclass
class _Cue:
    start: float
    end: float
    lines: list[Line] = field(default_factory=list)
    said: list[_Said] = field(default_factory=list)


def read(content: bytes, name: str) -> Extracted:
    """Read a file of captions.

    Raises:
        CorpusError: it is no text, or has no cue.
    """
    decoded = decode(content)
    lines = lines_of(decoded.text)
    is_vtt = decoded.text.lstrip("\ufeff").startswith("WEBVTT")
    cues = _cues(lines, is_vtt=is_vtt)
    if not cues:
        raise CorpusError(
            f"{name} has no cue with a time (00:01 --> 00:04). Save it as VTT or SRT again, or as plain text."
        )
    repeated = _repeated(cues)
    for cue in cues:
        cue.said = list(_said(decoded.text, cue, repeated, is_vtt=is_vtt))
    tagged = any(one.voice for cue in cues for one in cue.said)
    labels = None if tagged else _find_labels(cues)
    writer = BlockWriter(decoded.text, decoded.repairs)
    speakers = _Captions(writer, labels, known=tagged or labels is not None)
    share = sum(1 for cue in cues if cue.said and speakers.names(cue.said[0])) / len(cues)
    speakers.each_named = tagged or share >= _NAMED_EACH
    for cue in cues:
        for one in cue.said:
            speakers.write(cue, one)
    title = re.match(r"WEBVTT[ \t]+[-–—]?[ \t]*(?P<title>\S.*)", lines[0].text) if is_vtt else None
    found = writer.finish("vtt" if is_vtt else "srt", title=title["title"] if title else "", remarks=decoded.remarks)
    blocks = tuple(
        block.model_copy(update={"speaker": who, "label_start": span[0], "label_end": span[1]})
        if who and span
        else block
        for block, (who, span) in zip(found.blocks, speakers.by_block, strict=True)
    )
    return found.model_copy(update={"blocks": blocks, "transcript": True})


def _cues(lines: Sequence[Line], *, is_vtt: bool) -> list[_Cue]:
    """Give the cues with their lines; ids, times, notes and styles are none of them."""
    cues: list[_Cue] = []
    at = 0
    open_cue = False
    while at < len(lines):
        line = lines[at]
        following = _CUE.fullmatch(lines[at + 1].text) if at + 1 < len(lines) else None
        is_id = following is not None and (line.text.isdigit() or (is_vtt and (not open_cue or not line.text)))
        if match := _CUE.fullmatch(line.text):
            cues.append(_Cue(seconds_of(match["start"]) or 0.0, seconds_of(match["end"]) or 0.0))
            open_cue = True
        elif not line.text:
            open_cue = open_cue and not is_vtt  # SRT may have empty lines inside a cue
        elif open_cue and not is_id:
            cues[-1].lines.append(line)
        at += 1
    return cues


def _repeated(cues: Sequence[_Cue]) -> set[int]:
    """Find the lines that roll on from the cue before, as in captions made by a machine; by where they start."""
    found = set()
    last = ""
    end = 0.0
    for cue in cues:
        near = cue.start - end <= 0.1
        shown = [_bare(line.text) for line in cue.lines]
        for number, line in enumerate(cue.lines):
            if number == 0 and near and last and shown[0] == last and (len(shown) > 1 or cue.end - cue.start < 0.05):
                found.add(line.start)
        last = next((one for one in reversed(shown) if one), last)
        end = cue.end
    return found if len(found) > _ROLLING * len(cues) and len(found) > 3 else set()


def _bare(words: str) -> str:
    return " ".join(re.sub(r"<[^<>]*>", "", words).split())


def _said(source: str, cue: _Cue, repeated: set[int], *, is_vtt: bool) -> Iterator[_Said]:
    """Take a cue apart by voices and by signs of change; tags are left out."""
    current = _Said([], "")
    for line in cue.lines:
        if line.start in repeated:
            current.slices.append(Slice(line.start, line.end, lifted="furniture"))
            continue
        at = line.start
        if change := _CHANGE.match(line.text):
            if current.words.strip():
                yield current
                current = _Said([], "")
            current.changes = True
            current.slices.append(Slice(at, at + change.end(), lifted="markup"))
            at += change.end()
        for match in _TAG.finditer(source, at, line.end):
            name = (match["name"] or "").casefold()
            if match[0][0] == "<" and not is_vtt and name not in _SRT_TAG:
                continue
            _add(current, source, at, match.start())
            at = match.end()
            if match[0][0] == "&":
                words = html.unescape(match[0])
                if words == match[0] or not is_vtt:
                    _add(current, source, match.start(), at)
                else:
                    shown = "" if words in "\u200e\u200f" else words
                    current.slices.append(
                        Slice(match.start(), at, put=shown) if shown else Slice(match.start(), at, lifted="markup")
                    )
                    current.words += shown
            elif name == "v" and not match["close"]:
                if current.words.strip():
                    yield current
                    current = _Said([], "")
                voice = re.fullmatch(r"(?:\.\S+)?\s+(?P<who>.*\S)\s*", match["more"], re.DOTALL)
                if voice:
                    first = match.start("more") + voice.start("who")
                    current.voice, current.voice_span = voice["who"], (first, first + len(voice["who"]))
                    current.slices.append(Slice(match.start(), first, lifted="markup"))
                    current.slices.append(Slice(first, first + len(voice["who"]), name="voice"))
                    current.slices.append(Slice(first + len(voice["who"]), at, lifted="markup"))
                else:
                    current.slices.append(Slice(match.start(), at, lifted="markup"))
            else:
                current.slices.append(Slice(match.start(), at, lifted="markup"))
        _add(current, source, at, line.end)
        current.words += " "
    current.words = current.words.strip()
    if current.slices:
        current.label = label_of(current.words)
        yield current


def _add(said: _Said, source: str, start: int, end: int) -> None:
    if start < end:
        said.slices.append(Slice(start, end))
        said.words += source[start:end]


def _find_labels(cues: Sequence[_Cue]) -> Labels | None:
    """Find the labels of a file whose cues have no tags: what has none belongs to the one before."""
    texts: list[str] = []
    for one in (one for cue in cues for one in cue.said if one.words.strip()):
        one.words = one.words.strip()
        one.label = label_of(one.words)
        if texts and not (one.label and one.label.likeness) and not one.changes:
            texts[-1] += " " + one.words
        else:
            texts.append(one.words)
    return find_labels(texts)


class _Captions:
    """Joins what is said to turns."""

    def __init__(self, writer: BlockWriter, labels: Labels | None, *, known: bool) -> None:
        self.writer = writer
        self.labels = labels
        self.known = known
        self.each_named = True
        self.by_block: list[tuple[str | None, Span | None]] = []
        self._speaker: str | None = None
        self._open = False
        self._length = 0
        self._last = ""
        self._end = 0.0

    def names(self, said: _Said) -> str | None:
        """Give whom words name as their speaker."""
        if said.voice:
            return " ".join(said.voice.split())
        return self.labels.of(said.label) if self.labels and said.label else None

    def write(self, cue: _Cue, said: _Said) -> None:
        """Write what is said, as a turn or as the part of one."""
        if not said.words.strip():
            self.writer.copy([one for one in said.slices if one.lifted])
            return
        name = self.names(said)
        doubtful = name is None and said.label is not None and said.label.likeness is not None and self.known
        goes_on = name is None and not doubtful and self._goes_on(cue, said)
        if name is not None and name == self._speaker and self._open:
            slices = [Slice(one.start, one.end, "markup") if one.name else one for one in said.slices]
            self._extend(cue, said, slices if said.voice else self._split(said)[1], drop=self._split(said)[0])
        elif goes_on:
            self._extend(cue, said, said.slices)
        else:
            self._begin(cue, said, name)
        self._last = said.words
        self._end = cue.end

    def _goes_on(self, cue: _Cue, said: _Said) -> bool:
        """Tell whether words without a name belong to what was said before."""
        if not self._open or said.changes or _ASIDE.fullmatch(said.words.strip()):
            return False
        if self._speaker is None:
            long = self._length > _LONG and (_FINISHED.search(self._last) or self._length > _LONG * 1.4)
            return not long and cue.start - self._end < _PAUSE
        return not self.each_named or (not _FINISHED.search(self._last) and said.words[:1].islower())

    def _begin(self, cue: _Cue, said: _Said, name: str | None) -> None:
        """Begin a turn; the label stands in the text, above the words."""
        self.writer.part("\n\n")
        self.writer.spot(Spot(start=0, seconds=cue.start))
        label, words = self._split(said)
        span = None
        if name is not None:
            first, last = self.writer.copy(label)
            span = self._label_span(said, first, last)
            self.writer.part("\n")
        else:
            words = [*label, *words]
        count = len(self.writer.blocks)
        self.writer.write("turn" if self.known else "paragraph", words)
        if len(self.writer.blocks) == count:  # a name and nothing said yet
            self._open = False
            return
        self.by_block.append((name, span))
        self._speaker, self._open = name, not _ASIDE.fullmatch(said.words.strip())
        self._length = len(said.words)

    def _extend(self, cue: _Cue, said: _Said, words: Sequence[Slice], drop: Sequence[Slice] = ()) -> None:
        """Go on with the turn that is open."""
        if drop and not said.voice:
            self.writer.copy([Slice(one.start, one.end, "markup") for one in drop])
        self.writer.part(" ")
        self.writer.spot(Spot(start=0, seconds=cue.start))
        _, end = self.writer.copy(words)
        self.writer.blocks[-1] = self.writer.blocks[-1].model_copy(update={"end": end})
        self._length += len(said.words)

    def _split(self, said: _Said) -> tuple[list[Slice], list[Slice]]:
        """Part the slices of a label from those of the words."""
        if said.voice:
            cut = next(number for number, one in enumerate(said.slices) if one.name) + 2
            return list(said.slices[:cut]), list(said.slices[cut:])
        if not (self.labels and said.label and self.labels.of(said.label)):
            return [], list(said.slices)
        label: list[Slice] = []
        words: list[Slice] = []
        left = said.label.words
        done = said.slices[0].start
        for one in said.slices:
            left -= one.start > done  # lines are joined by a space
            done = one.end
            length = 0 if one.lifted else len(one.put) if one.put is not None else one.end - one.start
            if left <= 0:
                words.append(one)
            elif length <= left or one.put is not None:
                label.append(one)
            else:
                label.append(Slice(one.start, one.start + left))
                words.append(Slice(one.start + left, one.end))
            left -= length
        return label, words

    def _label_span(self, said: _Said, first: int, last: int) -> Span:
        if said.voice or said.label is None:
            return first, last
        return min(first + said.label.start, last), min(first + said.label.end, last)
