"""Give the numbers of lists and headings as Word shows them: they stand nowhere in a file, only how to count."""

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from corpus.readers.docx_xml import child, children, local, number_of, value_of

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = {"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
             "twelve": "twelfth"}  # fmt: skip


@dataclass
class _Level:
    """How one level of a list counts."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    restart: int | None = None
    legal: bool = False
    style: str | None = None


@dataclass
class _Counting:
    """Where a list has come to, level by level."""

    at: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Counts the paragraphs of every list of a document, in its order."""

    def __init__(self, root: etree._Element | None, style_lists: dict[str, str] | None = None) -> None:
        """Read numbering.xml. `style_lists` gives the list that a style of lists uses, by the style's id."""
        self._abstract: dict[str, dict[int, _Level]] = {}
        self._links: dict[str, str] = {}
        self._lists: dict[str, str] = {}
        self._overrides: dict[str, dict[int, _Level]] = {}
        self._starts: dict[str, dict[int, int]] = {}
        self._counting: dict[str, _Counting] = {}
        self._begun: set[tuple[str, int]] = set()
        self._style_lists = style_lists or {}
        for one in root if root is not None else ():
            if local(one) == "abstractNum":
                self._read_abstract(one)
            elif local(one) == "num":
                self._read_list(one)

    def level_of_style(self, list_id: str, style: str) -> int:
        """Give the level of a list that a style of paragraphs stands for."""
        levels = self._levels(list_id)
        return next((number for number, level in levels.items() if level.style == style), 0)

    def is_bullet(self, list_id: str, level: int) -> bool:
        """Tell whether a level has a sign and no number."""
        found = self._levels(list_id).get(level)
        return found is None or found.format in ("bullet", "none") or not found.text

    def known(self, list_id: str) -> bool:
        """Tell whether a list is one: a paragraph may name one that does not exist."""
        return list_id in self._lists

    def next(self, list_id: str, level: int) -> str:
        """Count one paragraph, and give its number as it is shown; nothing for a bullet."""
        levels = self._levels(list_id)
        abstract = self._lists.get(list_id, list_id)
        counting = self._counting.setdefault(abstract, _Counting())
        own = levels.get(level, _Level())
        override = self._starts.get(list_id, {}).get(level)
        if override is not None and (list_id, level) not in self._begun:
            counting.at[level] = override
        elif level in counting.at:
            counting.at[level] += 1
        else:
            counting.at[level] = own.start
        self._begun.add((list_id, level))
        for deeper in list(counting.at):
            limit = levels.get(deeper, _Level()).restart
            if deeper > level and (limit is None or (limit > 0 and level < limit)):
                del counting.at[deeper]
        if self.is_bullet(list_id, level):
            return ""
        for outer in range(level):  # a level that nobody used shows where it begins
            if outer not in counting.at and f"%{outer + 1}" in own.text:
                counting.at[outer] = levels.get(outer, _Level()).start
        words = own.text
        for number in range(9, 0, -1):
            shown = levels.get(number - 1, _Level())
            form = "decimal" if own.legal and shown.format != "decimalZero" else shown.format
            count = counting.at.get(number - 1, shown.start)
            words = words.replace(f"%{number}", shown_as(form, count))
        return " ".join(words.split())

    def _levels(self, list_id: str) -> dict[int, _Level]:
        abstract = self._lists.get(list_id, "")
        for _ in range(8):  # a list may take its levels from a style, which names another
            style = self._links.get(abstract)
            following = self._lists.get(self._style_lists.get(style or "", ""))
            if following is None or following == abstract:
                break
            abstract = following
        return {**self._abstract.get(abstract, {}), **self._overrides.get(list_id, {})}

    def _read_abstract(self, element: etree._Element) -> None:
        name = value_of(element, "abstractNumId")
        self._abstract[name] = {number_of(one, "ilvl"): _read_level(one) for one in children(element, "lvl")}
        link = child(element, "numStyleLink")
        if link is not None:
            self._links[name] = value_of(link)

    def _read_list(self, element: etree._Element) -> None:
        name = value_of(element, "numId")
        abstract = child(element, "abstractNumId")
        self._lists[name] = value_of(abstract) if abstract is not None else ""
        for override in children(element, "lvlOverride"):
            level = number_of(override, "ilvl")
            start, whole = child(override, "startOverride"), child(override, "lvl")
            if whole is not None:
                self._overrides.setdefault(name, {})[level] = _read_level(whole)
            if start is not None:
                self._starts.setdefault(name, {})[level] = number_of(start, "val")


def _read_level(element: etree._Element) -> _Level:
    level = _Level()
    for one in element:
        name = local(one)
        if name == "start":
            level.start = number_of(one, "val")
        elif name == "numFmt":
            level.format = value_of(one) or "decimal"
        elif name == "lvlText":
            level.text = value_of(one)
        elif name == "lvlRestart":
            level.restart = number_of(one, "val")
        elif name == "isLgl":
            level.legal = value_of(one) not in ("0", "false", "off")
        elif name == "pStyle":
            level.style = value_of(one)
        elif "AlternateContent" in name:
            level.format = "decimal"
    return level


def shown_as(form: str, count: int) -> str:
    """Write a number in one of Word's ways.

    >>> [shown_as(form, 4) for form in ("decimal", "upperRoman", "lowerLetter", "ordinal", "cardinalText")]
    ['4', 'IV', 'd', '4th', 'Four']
    """
    return _FORMS.get(form, str)(count)


def _letter(count: int) -> str:
    """After z come aa, bb, cc, as in Word."""
    return _LETTERS[(count - 1) % 26] * ((count - 1) // 26 + 1) if 0 < count < 26 * 40 else str(count)


def _roman(count: int) -> str:
    if not 0 < count < 4000:
        return str(count)
    words = ""
    for size, letters in _ROMAN:
        while count >= size:
            words += letters
            count -= size
    return words


def _ordinal(count: int) -> str:
    ending = "th" if count % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{ending}"


def _in_words(count: int) -> str:
    if not 0 <= count < 100:
        return str(count)
    if count < 20:
        return _ONES[count]
    tens, ones = divmod(count, 10)
    return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")


def _ordinal_words(count: int) -> str:
    words = _in_words(count)
    head, dash, last = words.rpartition("-")
    last = _ORDINALS.get(last) or (last[:-1] + "ieth" if last.endswith("y") else last + "th")
    return head + dash + last


_FORMS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda count: f"{count:02}",
    "upperRoman": lambda count: _roman(count).upper(),
    "lowerRoman": _roman,
    "upperLetter": lambda count: _letter(count).upper(),
    "lowerLetter": _letter,
    "ordinal": _ordinal,
    "cardinalText": lambda count: _in_words(count).capitalize(),
    "ordinalText": lambda count: _ordinal_words(count).capitalize(),
    "numberInDash": lambda count: f"- {count} -",
    "decimalEnclosedCircle": lambda count: chr(0x245F + count) if 0 < count <= 20 else str(count),
    "none": lambda count: "",  # noqa: ARG005
    "bullet": lambda count: "",  # noqa: ARG005
}
