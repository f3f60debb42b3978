"""Read the words of one paragraph of Word: runs joined, fields by what they show, text boxes once."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from lxml import etree

from corpus.readers.docx_styles import Style, Styles
from corpus.readers.docx_xml import OFF, child, children, is_on, local, value_of

_THROUGH = frozenset(
    "r hyperlink ins moveTo smartTag fldSimple customXml dir bdo sdtContent oMath oMathPara subDoc rubyBase "
    "e num den sup sub deg fName lim sSup sSub sSubSup f rad nary func d m mr eqArr acc bar box groupChr limLow limUpp "
    "borderBox phant sPre".split()
)
_GONE = frozenset(("del", "moveFrom"))
_DRAWN = frozenset(("drawing", "pict", "object"))
_SYMBOLS = {
    "symbol": dict(
        zip(
            "ABCDEFGHIKLMNOPQRSTUWXYZabcdefghiklmnopqrstuwxyz",
            "ΑΒΧΔΕΦΓΗΙΚΛΜΝΟΠΘΡΣΤΥΩΞΨΖαβχδεφγηικλμνοπθρστυωξψζ",
            strict=True,
        )
    )
    | {
        "\xb3": "≥",
        "\xa3": "≤",
        "\xb1": "±",
        "\xb4": "×",
        "\xae": "→",
        "\xb7": "•",
        "\xb9": "≠",
        "\xb0": "°",
        "\xa5": "∞",
    },
    "wingdings": {
        "\xfc": "✓",
        "\xfe": "☑",
        "\xfd": "☒",
        "\xa8": "☐",
        "o": "☐",
        "x": "☒",
        "\xfb": "✗",
        "\xe0": "→",
        "\xa7": "▪",
    },
}
_SMARTART = "dm"


@dataclass(frozen=True)
class Inline:
    """A part of a paragraph: words, the mark of a note, a text box, or the words of a box of a diagram."""

    kind: Literal["words", "footnote", "endnote", "box", "diagram"]
    words: str = ""
    id: str = ""
    number: int | None = None
    element: etree._Element | None = None

    def numbered(self, number: int) -> "Inline":
        """Give the mark of a note its number."""
        return replace(self, number=number)

    def without_breaks(self) -> "Inline":
        """Put spaces for line ends and tabs, as inside a cell."""
        return replace(self, words=re.sub(r"[\n\t]", " ", self.words)) if self.kind == "words" else self


@dataclass
class _Field:
    """A field that is open: its result is shown, its instruction is not."""

    instruction: str = ""
    shows: bool = False


class InlineReader:
    """Reads paragraphs one after the other; a field may begin in one and end in another."""

    def __init__(self, styles: Styles, diagram: Callable[[str], list[str]]) -> None:
        """Take the styles, and a way to get the words of a diagram by its id."""
        self._styles = styles
        self._diagram = diagram
        self._fields: list[_Field] = []
        self.inserted = 0
        self.deleted = 0
        self.chunks = 0
        self.hidden: Counter[str] = Counter()
        self.placeholders: Counter[str] = Counter()
        self.referred: dict[str, set[str]] = {"footnote": set(), "endnote": set()}
        self.all_bold = False
        self.size = 0
        self._plain = 0
        self._bold = 0
        self._style = Style()

    @property
    def in_contents(self) -> bool:
        """Whether the place that was come to is inside a table of contents."""
        return any(re.match(r"\s*TOC\b", field.instruction) for field in self._fields)

    def read(self, paragraph: etree._Element, style: Style | None = None) -> list[Inline]:
        """Give the parts of a paragraph; neighbouring words are one."""
        self._style = style or Style()
        self._plain = self._bold = 0
        self.size = self._style.size
        parts: list[Inline] = []
        hidden = ""
        for one in self._parts(paragraph):
            if one.kind == "words" and one.id == "hidden":
                hidden += one.words
            elif one.kind == "words" and parts and parts[-1].kind == "words":
                parts[-1] = replace(parts[-1], words=parts[-1].words + one.words)
            else:
                parts.append(one)
        if hidden:
            self.hidden.update(re.findall(r"\w+", hidden))
        self.all_bold = self._bold > 0 and self._plain == 0
        return parts

    def chosen(self, alternatives: etree._Element) -> etree._Element:
        """Give the one of several ways to write the same thing that has words; never two."""
        choices = list(children(alternatives, "Choice"))
        fallback = child(alternatives, "Fallback")
        for one in choices:
            if words_in(one) or fallback is None:
                return one
        return fallback if fallback is not None else alternatives

    def _parts(self, container: etree._Element) -> Iterator[Inline]:
        for one in container:
            name = local(one)
            if name == "r":
                yield from self._run(one)
            elif name in _THROUGH:
                self.inserted += name in ("ins", "moveTo")
                yield from self._parts(one)
            elif name in _GONE:
                self.deleted += 1
            elif name == "sdt":
                if is_on(child(one, "sdtPr", "showingPlcHdr")):
                    self.placeholders.update(words_in(one))
                elif (content := child(one, "sdtContent")) is not None:
                    yield from self._parts(content)
            elif name == "ruby":
                yield from self._parts(one)
            elif name == "AlternateContent":
                yield from self._parts(self.chosen(one))
            elif name == "t" and self._shows():
                yield Inline("words", one.text or "")
            elif name in _DRAWN:
                yield from self._drawn(one)

    def _run(self, run: etree._Element) -> Iterator[Inline]:
        properties = child(run, "rPr")
        style = self._styles.get(value_of(child(properties, "rStyle")))
        vanish, bold, size = child(properties, "vanish"), child(properties, "b"), child(properties, "sz")
        hidden = is_on(vanish) if vanish is not None else style.hidden or self._style.hidden
        is_bold = is_on(bold) if bold is not None else style.bold or self._style.bold
        if size is not None and value_of(size).isdigit():
            self.size = max(self.size, int(value_of(size)))
        custom_mark = False
        for one in self._run_parts(run):
            if one.kind in ("footnote", "endnote"):
                custom_mark = one.words == "custom"
                yield replace(one, words="")
            elif one.kind == "words" and hidden:
                yield replace(one, id="hidden")
            elif one.kind == "words" and custom_mark:
                continue
            else:
                if one.kind == "words" and one.words.strip():
                    self._bold += is_bold
                    self._plain += not is_bold
                yield one

    def _run_parts(self, run: etree._Element) -> Iterator[Inline]:
        for one in run:
            name = local(one)
            if name == "fldChar":
                yield from self._field(one)
            elif name == "instrText" and self._fields:
                self._fields[-1].instruction += one.text or ""
            elif name == "AlternateContent":
                yield from self._run_parts(self.chosen(one))
            elif name in _DRAWN:
                yield from self._drawn(one)
            elif name == "ruby":
                yield from self._parts(one)
            elif not self._shows():
                continue
            elif name == "t":
                yield Inline("words", one.text or "")
            elif name in ("tab", "ptab"):
                yield Inline("words", "\t")
            elif name in ("br", "cr"):
                yield Inline("words", "\n")
            elif name == "noBreakHyphen":
                yield Inline("words", "-")
            elif name == "sym":
                yield Inline("words", _symbol(one))
            elif name in ("footnoteReference", "endnoteReference"):
                kind: Literal["footnote", "endnote"] = "footnote" if name[0] == "f" else "endnote"
                custom = value_of(one, "customMarkFollows") not in ("", *OFF)
                self.referred[kind].add(value_of(one, "id"))
                yield Inline(kind, "custom" if custom else "", value_of(one, "id"))

    def _field(self, mark: etree._Element) -> Iterator[Inline]:
        kind = value_of(mark, "fldCharType")
        if kind == "begin":
            self._fields.append(_Field())
            box = child(mark, "ffData", "checkBox")
            if box is not None:
                state = child(box, "checked")
                yield Inline("words", "☒" if is_on(state if state is not None else child(box, "default")) else "☐")
        elif kind == "separate" and self._fields:
            self._fields[-1].shows = True
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _shows(self) -> bool:
        return all(field.shows for field in self._fields)

    def _drawn(self, drawing: etree._Element) -> Iterator[Inline]:
        """Give the text boxes of a drawing, each once, and the words of a diagram."""
        for one in drawing:
            name = local(one)
            if name == "txbxContent":
                yield Inline("box", element=one)
            elif name == "AlternateContent":
                yield from self._drawn(self.chosen(one))
            elif name == "relIds":
                for words in self._diagram(value_of(one, _SMARTART)):
                    yield Inline("diagram", words)
            else:
                yield from self._drawn(one)


def _symbol(element: etree._Element) -> str:
    """Give the letter that a character of a symbol font shows; nothing where it is not known."""
    try:
        code = int(value_of(element, "char"), 16)
    except ValueError:
        return ""
    letter = chr(code - 0xF000) if 0xF000 <= code <= 0xF0FF else chr(code) if code < 0x110000 else ""
    font = value_of(element, "font").casefold()
    known = _SYMBOLS.get(font.rstrip(" 0123456789"))
    if known is not None:
        return known.get(letter, "")
    return letter if code < 0xE000 else ""


def _runs_on(paragraph: etree._Element) -> bool:
    """Tell whether a paragraph goes on in the next: a large first letter, or one whose end was deleted."""
    own = child(paragraph, "pPr")
    mark = child(own, "rPr")
    dropped = value_of(child(own, "framePr"), "dropCap") in ("drop", "margin")
    return dropped or child(mark, "del") is not None or child(mark, "moveFrom") is not None


def words_in(root: etree._Element) -> list[str]:
    """List the words of a part of the XML, by another way than they are read by.

    Deleted words are none; of what is written twice, the fallback is not counted.
    """
    parts: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        name = local(element)
        if event == "start":
            twice = name == "Fallback" and any(
                local(one) == "Choice" and any(local(two) == "t" and two.text for two in one.iter())
                for one in element.getparent()
            )
            deleted = name in _GONE and len(element)
            deleted = deleted or (name == "tr" and child(element, "trPr", "del") is not None)
            if deleted or twice or name == "rt":
                walk.skip_subtree()
            elif name == "t":
                parts.append(element.text or "")
            elif name in ("tab", "br", "cr", "ptab", "noBreakHyphen", "txbxContent"):
                parts.append(" ")
        elif name in ("p", "tc", "txbxContent") and not _runs_on(element):
            parts.append(" ")
    return re.findall(r"\w+", "".join(parts))
