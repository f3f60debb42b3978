"""What the styles of a Word file say of the paragraphs and words that use them."""

import re
from dataclasses import dataclass

from lxml import etree

from corpus.readers.docx_xml import OFF, child, children, is_on, local, number_of, value_of

_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc \d|toc heading|table of (?:figures|authorities)|index \d)", re.IGNORECASE)
_FAR = 20  # styles based on each other: a longer chain goes in a ring


@dataclass
class Style:
    """One style, with what it has from the styles that it is based on."""

    name: str = ""
    outline: int | None = None
    list_id: str | None = None
    level: int | None = None
    hidden: bool = False
    bold: bool = False
    size: int = 0

    @property
    def is_title(self) -> bool:
        """Whether it is that of a document's title."""
        return self.name.casefold() == "title"

    @property
    def is_contents(self) -> bool:
        """Whether it is that of a table of contents."""
        return bool(_CONTENTS.fullmatch(self.name))


class Styles:
    """The styles of a file, by their ids."""

    def __init__(self, root: etree._Element | None) -> None:
        """Read styles.xml; a file may have none."""
        self._elements = {value_of(one, "styleId"): one for one in (() if root is None else children(root, "style"))}
        self._known: dict[str, Style] = {}
        self.default = next(
            (
                name
                for name, one in self._elements.items()
                if value_of(one, "type") == "paragraph" and value_of(one, "default") not in ("", *OFF)
            ),
            "",
        )
        #: Of a style of lists: the list that it uses.
        self.lists = {
            name: value_of(child(one, "pPr", "numPr", "numId"))
            for name, one in self._elements.items()
            if value_of(one, "type") == "numbering"
        }

    def get(self, name: str) -> Style:
        """Give a style; an empty one where there is none of that id."""
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def _read(self, name: str) -> Style:
        chain: list[etree._Element] = []
        while (element := self._elements.get(name)) is not None and len(chain) < _FAR:
            chain.append(element)
            name = value_of(child(element, "basedOn"))
        style = Style(name=value_of(child(chain[0], "name")) if chain else "")
        for element in reversed(chain):
            found = _HEADING.fullmatch(value_of(child(element, "name")))
            if found:
                style.outline = int(found[1]) - 1
            apply(style, child(element, "pPr"), child(element, "rPr"))
        return style


def apply(style: Style, paragraph: etree._Element | None, run: etree._Element | None) -> None:
    """Let properties of a paragraph and of its words take effect."""
    for one in paragraph if paragraph is not None else ():
        if local(one) == "outlineLvl":
            style.outline = number_of(one) if number_of(one) < 9 else None
        elif local(one) == "numPr":
            list_id, level = child(one, "numId"), child(one, "ilvl")
            style.list_id = value_of(list_id) if list_id is not None else style.list_id
            style.level = number_of(level) if level is not None else style.level
    for one in run if run is not None else ():
        if local(one) == "vanish":
            style.hidden = is_on(one)
        elif local(one) == "b":
            style.bold = is_on(one)
        elif local(one) == "sz":
            style.size = number_of(one)
