"""Read Markdown: its words without its marks, front matter apart, HTML inside, footnotes apart, tables as rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt

from corpus.lines import Line, lines_of
from corpus.outline import Heading, OutlineBlock, read_outline
from corpus.readers.composing import BlockWriter, Slice
from corpus.readers.encodings import decode
from corpus.readers.extracted import BlockKind, Extracted
from corpus.readers.markdown_inline import inline_slices
from corpus.readers.turns import mark_turns
from corpus.sentences import Span

_PARSER = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join"])
_FRONT = re.compile(
    r"\ufeff?(?P<fence>---|\+\+\+)[ \t]*\r?\n(?P<body>.*?)(?:^|\n)(?P=fence)[ \t]*(?:\r?\n|$)", re.DOTALL
)
_SETTING = re.compile(r"(?m)^(?P<key>[A-Za-z_-]+)[ \t]*[:=][ \t]*(?P<value>.*(?:\n[ \t]+.*|\n- .*)*)")
_REFERENCE = re.compile(r" {0,3}\[(?P<name>(?:[^\[\]\\]|\\.)+)\]:")
_NOTE = re.compile(r"\[\^(?P<id>[^\]\s]+)\]:[ \t]*")
_MARKER = re.compile(r"(?P<indent>[ \t]*)(?P<mark>[-*+]|\d{1,9}[.)])(?:[ \t]+|$)")
_RULE_OF_TABLE = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?")
_CELL_END = re.compile(r"(?<!\\)\|")
_FENCE = re.compile(r"(?:`{3,}|~{3,})")
_QUOTING = re.compile(r"(?:>[ \t]?)+")
_ATTRIBUTES = re.compile(r"\s*\{[#.:][^{}]*\}\s*$")
_HTML = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<raw>script|style|template)\b.*?(?:</(?P=raw)\s*>|\Z)|<(?P<close>/?)(?P<tag>[a-zA-Z][\w-]*)[^<>]*>"
    r"|<[!?][^<>]*>|(?P<entity>&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);)",
    re.DOTALL | re.IGNORECASE,
)
_INLINE_TAGS = frozenset(
    "a abbr b bdi bdo big cite code data del dfn em font i img ins kbd label mark q s samp small span strike strong "
    "sub sup time tt u var wbr picture source".split()
)


@dataclass(frozen=True)
class _Html:
    """A block of HTML between Markdown."""

    start: int
    end: int


def read(content: bytes, name: str) -> Extracted:
    """Read a file of Markdown.

    Raises:
        CorpusError: the bytes are no text.
    """
    del name
    decoded = decode(content)
    source = decoded.text
    front = _FRONT.match(source)
    settings = _settings(front["body"]) if front and _SETTING.search(front["body"]) else {}
    shown = _without(source, [(0, front.end())] if front and settings else [])
    shown = _without(shown, [(0, 1)]) if shown.startswith("\ufeff") else shown
    environment: dict[str, Any] = {}
    tokens = _PARSER.parse(_by_lines(shown), environment)
    lines = lines_of(shown)
    blocks = [
        _Html(lines[token.map[0]].start, max(line.end for line in lines[token.map[0] : token.map[1]]))
        for token in tokens
        if token.type == "html_block" and token.level == 0 and token.map
    ]
    references = {key: value for key, value in environment.get("references", {}).items() if not key.startswith("^")}
    shown = _without(shown, [(one.start, one.end) for one in blocks])
    shown = _without(shown, list(_reference_lines(shown, lines, references)))
    notes = frozenset(match["id"] for line in lines if (match := _NOTE.match(line.text)))
    writer = _Writer(BlockWriter(source, decoded.repairs), shown, references, notes)
    for one in sorted([*read_outline(shown), *blocks], key=lambda one: one.start):
        writer.write(one)
    found = writer.out.finish(
        "markdown",
        title=settings.get("title", ""),
        authors=_list(settings.get("authors") or settings.get("author") or ""),
        year=_year(settings),
        remarks=decoded.remarks,
    )
    return mark_turns(writer.anchored(found), writer.out.line_starts, writer.out.follows)


def _by_lines(shown: str) -> str:
    return "\n".join(re.split(r"\r\n|\n|\r", shown))


def _without(shown: str, spans: Sequence[Span]) -> str:
    """Put white space in place of what is read apart; line ends stay."""
    parts, done = [], 0
    for start, end in sorted(spans):
        parts += [shown[done:start], re.sub(r"[^\r\n]", " ", shown[max(start, done) : end])]
        done = max(end, done)
    return "".join([*parts, shown[done:]])


def _settings(body: str) -> dict[str, str]:
    return {match["key"].casefold(): match["value"].strip().strip("\"'") for match in _SETTING.finditer(body)}


def _list(value: str) -> tuple[str, ...]:
    """Read one name, or a list of names, of front matter."""
    value = value.split(" #", maxsplit=1)[0]
    parts = re.split(r"\n\s*-\s*|,(?![^(]*\))|\s+and\s+|;", value.strip().strip("[]").removeprefix("- "))
    named = [re.sub(r"^name\s*:\s*", "", part.strip()).splitlines() for part in parts if part.strip()]
    return tuple(one for lines in named if lines and (one := lines[0].strip().strip("\"'")))


def _year(settings: dict[str, str]) -> int | None:
    for key in ("year", "date", "published"):
        if found := re.search(r"\b(1[89]\d\d|20\d\d)\b", settings.get(key, "")):
            return int(found[0])
    return None


def _reference_lines(shown: str, lines: Sequence[Line], references: dict[str, Any]) -> Iterator[Span]:
    """Find the lines that only say where links lead."""
    from markdown_it.common.utils import normalizeReference  # noqa: PLC0415

    for line in lines:
        match = _REFERENCE.match(line.text)
        if match and normalizeReference(match["name"]) in references and not _NOTE.match(line.text):
            yield line.start, line.end
    del shown


class _Writer:
    """Writes the blocks of Markdown one below the other."""

    def __init__(self, out: BlockWriter, shown: str, references: dict[str, Any], notes: frozenset[str]) -> None:
        self.out = out
        self.shown = shown
        self.references = references
        self.notes = notes
        self._note_of: dict[int, str] = {}

    def write(self, one: Heading | OutlineBlock | _Html) -> None:
        """Write one block."""
        if isinstance(one, _Html):
            self._html(one)
        elif isinstance(one, Heading):
            self._heading(one)
        elif one.kind == "break":
            self.out.stop()
        elif one.kind == "list":
            for part in one.parts:
                self._item(part)
        elif one.kind == "lines":
            self._lines(one)
        else:
            self._paragraph(lines_of(self.shown[one.start : one.end]), one.start)

    def anchored(self, found: Extracted) -> Extracted:
        """Say of each note where its mark was."""
        blocks = [
            block.model_copy(update={"anchor": self.out.places.get(self._note_of[at])})
            if at in self._note_of
            else block
            for at, block in enumerate(found.blocks)
        ]
        return found.model_copy(update={"blocks": tuple(blocks)})

    def _heading(self, one: Heading) -> None:
        words = self.shown[one.start : one.end]
        words = words[: match.start()] if (match := _ATTRIBUTES.search(words)) else words
        left = len(words) - len(words.lstrip("#= \t"))
        right = max(len(words.rstrip("#= \t")), left)
        if re.search(r"\w#+$", words):  # C# is no mark
            right = len(words.rstrip())
        self.out.write("heading", self._inline([(one.start + left, one.start + right)]), level=one.level)

    def _paragraph(self, lines: Sequence[Line], offset: int, kind: BlockKind = "paragraph", level: int = 0) -> None:
        """Write a paragraph, or the note that it is."""
        spans: list[Span] = []
        note = None
        for line in lines:
            if not line.text:
                continue
            first = offset + line.start
            quoting = _QUOTING.match(line.text)
            first += quoting.end() if quoting else 0
            if not spans and (match := _NOTE.match(self.shown, first, offset + line.end)) and match["id"] in self.notes:
                note = match["id"]
                first = match.end()
            if first < offset + line.end:
                spans.append((first, offset + line.end))
        count = len(self.out.blocks)
        if note is None:
            self.out.write(kind, self._inline(spans), level=level)
            return
        number = int(note) if note.isdigit() else None
        self.out.write("note", self._inline(spans), number=number)
        if len(self.out.blocks) > count:
            self._note_of[len(self.out.blocks) - 1] = note

    def _inline(self, spans: Sequence[Span]) -> Iterator[Slice]:
        """Give the words of some lines, and note where each begins in the text."""
        if not spans:
            return
        starts = {start for start, _ in spans}
        lines = sorted(starts)
        for one in inline_slices(self.shown, spans, self.references, self.notes):
            if one.lifted is None and not (one.put and one.put.isspace()):
                while lines and lines[0] <= one.start:
                    lines.pop(0)
                    if self.out.line_starts[-1:] != [self.out.position]:
                        self.out.begin_line()
            yield one

    def _item(self, part: Span) -> None:
        """Write an item of a list, and those of the lists inside it."""
        run: list[Line] = []
        depths: list[int] = []
        level = 1
        for whole in lines_of(self.shown[part[0] : part[1]]):
            line = whole
            start = part[0] + line.start
            line_start = max(self.shown.rfind("\n", 0, start), self.shown.rfind("\r", 0, start)) + 1
            marker = _MARKER.match(self.shown, line_start, part[0] + line.end)
            if (marker or not line.text) and run:
                self._paragraph(run, part[0], "item", level)
                run = []
            if marker:
                indent = len(marker["indent"].expandtabs(4))
                while depths and depths[-1] > indent:
                    depths.pop()
                if not depths or depths[-1] < indent:
                    depths.append(indent)
                level = len(depths)
                is_number = marker["mark"][0].isdigit()
                after = line.start if is_number else min(marker.end() - part[0], line.end)
                line = Line(after, line.end, line.text[after - line.start :], line.indented)
            if line.text:
                run.append(line)
        if run:
            self._paragraph(run, part[0], "item", level)

    def _lines(self, one: OutlineBlock) -> None:
        """Write a table by rows, or code by lines."""
        parts = list(one.parts)
        table = len(parts) > 1 and _RULE_OF_TABLE.fullmatch(self.shown[slice(*parts[1])])
        if table and "|" in self.shown[slice(*parts[0])]:
            self.out.stop()
            for number, (start, end) in enumerate(parts):
                if number != 1:
                    self.out.write("row", self._cells(start, end))
            self.out.stop()
            return
        if _FENCE.match(self.shown, parts[0][0]):
            parts = parts[1:]
            if parts and _FENCE.fullmatch(self.shown[slice(*parts[-1])].strip()):
                parts.pop()
        slices = []
        for number, (start, end) in enumerate(parts):
            if number:
                slices.append(Slice(parts[number - 1][1], parts[number - 1][1], put="\n"))
            slices.append(Slice(start, end))
        self.out.write("paragraph", slices)

    def _cells(self, start: int, end: int) -> Iterator[Slice]:
        """Give the cells of a row, a tab between each two; the lines between them are lifted."""
        at = start
        begun = False
        for match in [*_CELL_END.finditer(self.shown, start, end), None]:
            stop = match.start() if match else end
            words = self.shown[at:stop]
            first, last = at + len(words) - len(words.lstrip()), at + len(words.rstrip())
            if first < last:
                yield from inline_slices(self.shown, [(first, last)], self.references, self.notes)
                begun = True
            if match:
                inside = begun and match.end() < end
                yield Slice(match.start(), match.end(), "separator", put="\t" if inside else None)
                at = match.end()

    def _html(self, one: _Html) -> None:
        """Write the words of a block of HTML."""
        kind: BlockKind = "paragraph"
        level = 0
        slices: list[Slice] = []
        at = one.start

        def end_block() -> None:
            nonlocal slices, kind, level
            self.out.write(kind, slices, level=level)
            slices, kind, level = [], "paragraph", 0

        for match in _HTML.finditer(self.out.source, one.start, one.end):
            if at < match.start():
                slices.append(Slice(at, match.start()))
            at = match.end()
            tag = (match["tag"] or "").casefold()
            if match["entity"]:
                slices.append(_entity(match))
            elif not tag or tag in _INLINE_TAGS:
                slices.append(Slice(match.start(), at, "markup"))
            elif tag == "br":
                slices.append(Slice(match.start(), at, "markup", put="\n"))
            elif tag in ("td", "th"):
                slices.append(Slice(match.start(), at, "markup", put="\t" if match["close"] else None))
            else:
                end_block()
                slices.append(Slice(match.start(), at, "markup"))
                if not match["close"] and re.fullmatch(r"h[1-6]", tag):
                    kind, level = "heading", int(tag[1])
                elif not match["close"] and tag in ("li", "tr"):
                    kind, level = ("item", 1) if tag == "li" else ("row", 0)
        if at < one.end:
            slices.append(Slice(at, one.end))
        end_block()


def _entity(match: re.Match[str]) -> Slice:
    """Give the letter that an entity stands for."""
    import html  # noqa: PLC0415

    words = html.unescape(match[0])
    return Slice(match.start(), match.end(), put=words) if words and "\ufffd" not in words else Slice(*match.span())
