"""Read a page of HTML: its article, in reading order, with headings, lists, tables and notes. Nothing is fetched."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from corpus.readers.composing import Composer
from corpus.readers.docx_numbering import shown_as
from corpus.readers.encodings import Decoded, decode
from corpus.readers.extracted import BlockKind, Extracted, Remark
from corpus.readers.html_article import Article
from corpus.readers.html_tree import Node, parse
from corpus.readers.writer import Reason

_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)|^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w-]+)", re.I
)
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark meter nobr output picture "
    "progress q ruby rb s samp small span strike strong sub sup time tt u var wbr math mi mn mo mrow msub msup mtext "
    "mfrac msqrt semantics mstyle mspace mover munder munderover msubsup mtable mtr mtd blink rtc slot".split()
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_NOTE_MARK = re.compile(r"\[?\(?(?:\d{1,3}|[*†‡§¶]{1,3}|[a-z]|note \d{1,3}|nb \d{1,2})\)?\]?[,;]?", re.I)
_NUMBER = re.compile(r"\[?\(?(?:\d{1,3}|[*†‡§])\)?\]?[.:]?")
_NOTE_ROLES = frozenset(("footnote", "endnote", "rearnote", "doc-footnote", "doc-endnote"))
_BACK = re.compile(r"[\s↩↑^⏎︎←\[\]]*|\^|Jump up.*|Back(?: to (?:text|content))?|Return to text", re.I)
_SITE = re.compile(r"\s+(?:[|–—·»:]|-)\s+[^|–—·»]{2,60}$")
_LONG_CELL = 700
_LIST_FORMS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_FEW_WORDS = 25


def read(content: bytes, name: str) -> Extracted:
    """Read a page of HTML.

    Raises:
        CorpusError: it is no text, or nested deeper than any page.
    """
    decoded = decode_page(content)
    root, parser = parse(decoded.text, is_xml=name.casefold().endswith((".xhtml", ".xht")))
    article = Article(root)
    out = Composer()
    PageWriter(out, article, note_marks([(article.root, on_page)]), on_page).write(article.root)
    head = _Head(parser)
    remarks = list(decoded.remarks)
    read_words = sum(1 for _ in re.finditer(r"\w+", out.source))
    if read_words < _FEW_WORDS and parser.css_first("script") is not None:
        remarks.append(
            Remark(
                code="made_by_scripts",
                text="The page holds hardly any words of its own: scripts put them there, and scripts are never run. "
                "Print it to PDF in a browser, and add that.",
                partly=True,
            )
        )
    title = head.title(article)
    return out.finish("html", title=title, authors=head.authors(), year=head.year(), remarks=tuple(remarks))


def decode_page(content: bytes) -> Decoded:
    """Decode a page by its mark, else as what it must be, else by what it says of itself."""
    match = _CHARSET.search(content[:4096])
    declared = (match[1] or match[2]).decode("ascii") if match else None
    decoded = decode(content, declared)
    return Decoded(decoded.text.removeprefix("\ufeff"), decoded.encoding, decoded.remarks)


class _Head:
    """What a page says of itself in its head."""

    def __init__(self, parser: LexborHTMLParser) -> None:
        self._values: dict[str, list[str]] = {}
        for one in parser.css("meta"):
            attributes = one.attributes or {}
            key = attributes.get("name") or attributes.get("property") or attributes.get("itemprop")
            value = " ".join((attributes.get("content") or "").split())
            if key and value:
                self._values.setdefault(key.casefold(), []).append(value)
        found = parser.css_first("head title") or parser.css_first("title")
        self._title = " ".join((found.text() or "").split()) if found is not None else ""

    def title(self, article: Article) -> str:
        """Give the title: of the article's one outermost heading, else the page's without the site's name."""
        for heading in (one for one in article.body.walk() if one.tag == "h1" and not one.hidden):
            words = " ".join(heading.words().replace("¶", "").split())
            if words and (not self._title or words.casefold() in self._title.casefold()):
                return words
        named = self._first("citation_title", "dc.title", "og:title")
        return named or _SITE.sub("", self._title)

    def authors(self) -> tuple[str, ...]:
        """Give the authors that it names."""
        for key in ("citation_author", "dc.creator", "dcterms.creator", "author", "article:author"):
            names = [one for one in self._values.get(key, []) if "://" not in one and "@" not in one]
            if names:
                return tuple(dict.fromkeys(names))
        return ()

    def year(self) -> int | None:
        """Give the year in which it says that it was published."""
        keys = "citation_publication_date citation_date article:published_time dc.date dc.date.issued dcterms.issued "
        keys += "dcterms.created datepublished date pubdate"
        for key in keys.split():
            if found := re.search(r"\b(1[89]\d\d|20\d\d)\b", self._first(key)):
                return int(found[0])
        return None

    def _first(self, *keys: str) -> str:
        return next((self._values[key][0] for key in keys if key in self._values), "")


@dataclass
class _List:
    """A list that is open: its numbers, if it has any."""

    form: str | None
    count: int
    step: int


class PageWriter:
    """Writes an article, block by block."""

    def __init__(self, out: Composer, article: Article, notes: dict[str, str], resolve: Callable[[str], str]) -> None:
        """Write to `out`. `notes` gives the mark of each note by its name; `resolve` names what a link leads to."""
        self.out = out
        self.article = article
        self._notes = notes
        self._resolve = resolve
        self._open = False
        self._space = False
        self._kind: BlockKind = "paragraph"
        self._level = 0
        self._number: int | None = None
        self._anchor: str | None = None
        self._lists: list[_List] = []
        self._marker = ""
        self._pre = 0
        self._in_note: list[tuple[str, int]] = []  # the notes that are open, and the elements that they are
        self._labelled: str | None = None  # a note whose number stands in an element before it

    def write(self, root: Node) -> None:
        """Write all of an element: down into what stands in it, without recursion."""
        waiting: list[tuple[Node, bool]] = [(root, True)]
        while waiting:
            node, entering = waiting.pop()
            if not entering:
                self._leave(node)
            elif not node.tag:
                self._text(node.text)
            elif node.hidden:
                continue
            elif node is not root and self.article.is_furniture(node):
                self._lift(node)
            elif node.tag == "table" and not _is_layout(node):
                self._table(node)
            elif self._enter(node):
                waiting.append((node, False))
                waiting.extend((one, True) for one in reversed(node.children))
        self._close()

    def _enter(self, node: Node) -> bool:
        """Begin an element; False where all of it is done."""
        tag = node.tag
        target = self._target(node)
        if "pagebreak" in f"{node.get('epub:type')} {node.get('role')}":
            self._page(node)
            return False
        if tag == "dt" and target is not None:
            self._close()
            self._mark(node.words(), "markup")
            self._labelled = target
            return False
        if tag == "dd" and self._labelled is not None:
            target, self._labelled = self._labelled, None
        if tag == "br":
            self._break()
        elif self._in_note and not self._open and tag != "li" and _NUMBER.fullmatch(node.words().strip()):
            self._mark(node.words(), "markup")
            self._open = False
            return False
        elif tag == "del":
            self._mark(node.words(), "markup")
            return False
        elif tag in ("a", "sup") and self._is_note_mark(node):
            link = node if tag == "a" else next((one for one in node.walk() if one.tag == "a"), node)
            self._mark(node.words(), "footnote_mark", self._resolve(link.get("href")))
            return False
        elif tag == "a" and self._in_note and _BACK.fullmatch(node.words()):
            self._mark(node.words(), "markup")
            return False
        elif tag == "hr":
            self._close()
            self.out.stop()
        elif tag not in _INLINE:
            self._close()
            self._begin(node)
        if target is not None and tag not in ("sup",):
            if tag in _INLINE:
                if not self._open:
                    self._begin_note(target)
            else:
                self._in_note.append((target, id(node)))
                self._begin_note(target)
        return True

    def _page(self, node: Node) -> None:
        """Note the printed number of the page that begins here."""
        label = node.get("title") or node.get("aria-label") or node.words()
        if words := node.words().strip():
            self._mark(words, "furniture")
        label = re.sub(r"(?i)^page\s+", "", " ".join(label.split()).strip(" .[]"))
        if label:
            self.out.turn_page(label)

    def _begin(self, node: Node) -> None:
        tag = node.tag
        if tag in _HEADINGS:
            self._kind, self._level = "heading", int(tag[1])
        elif tag in ("ul", "ol", "menu", "dir"):
            start = _whole(node.get("start"), 1)
            form = _LIST_FORMS.get(node.get("type"), "decimal") if tag == "ol" and not _is_unmarked(node) else None
            backwards = "reversed" in node.attributes
            if backwards and "start" not in node.attributes:
                start = sum(1 for one in node.children if one.tag == "li")
            self._lists.append(_List(form, start, -1 if backwards else 1))
        elif tag == "li":
            self._kind, self._level = "item", max(len(self._lists), 1)
            if self._lists and self._lists[-1].form:
                inner = self._lists[-1]
                inner.count = _whole(node.get("value"), inner.count)
                self._marker = f"{shown_as(inner.form or 'decimal', inner.count)}. "
                inner.count += inner.step
        elif tag in ("pre", "listing", "xmp"):
            self._pre += 1
        if self._in_note and self._kind in ("paragraph", "item"):
            self._begin_note(self._in_note[-1][0])

    def _leave(self, node: Node) -> None:
        tag = node.tag
        if tag in _INLINE or tag in ("br", "hr"):
            return
        self._close()
        if tag in ("ul", "ol", "menu", "dir") and self._lists:
            self._lists.pop()
        elif tag in ("pre", "listing", "xmp"):
            self._pre -= 1
        if self._in_note and id(node) == self._in_note[-1][1]:
            self._in_note.pop()
        if self._lists and tag != "li" and node.parent is not None and _item_of(node):
            self._kind, self._level = "item", len(self._lists)

    def _target(self, node: Node) -> str | None:
        """Give the name of the note that an element is or begins, where it is one."""
        for name in (node.get("id"), node.get("name") if node.tag == "a" else ""):
            if name and self._resolve(f"#{name}") in self._notes:
                return self._resolve(f"#{name}")
        if node.tag not in _INLINE and _NOTE_ROLES.intersection(f"{node.get('epub:type')} {node.get('role')}".split()):
            return self._resolve(f"#{node.get('id')}")
        return None

    def _begin_note(self, target: str) -> None:
        self._kind, self._level = "note", 0
        self._anchor = target
        shown = re.search(r"\d+", self._notes.get(target, ""))
        self._number = int(shown[0]) if shown else None
        self._marker = ""

    def _is_note_mark(self, node: Node) -> bool:
        """Tell whether a link is the mark of a note."""
        link = node if node.tag == "a" else next((one for one in node.walk() if one.tag == "a"), None)
        if link is None or "#" not in link.get("href"):
            return False
        if self._resolve(link.get("href")) not in self._notes:
            return False
        return not (self._in_note and not self._open)

    def _text(self, text: str) -> None:
        if self._pre:
            for part in re.split(r"(\n)", text.replace("\r\n", "\n")):
                if part == "\n":
                    self._break()
                elif part:
                    self._add(part)
            return
        words = " ".join(text.split())
        if not words:
            self._space = self._space or bool(text)
            return
        self._space = self._space or text[0].isspace()
        self._add(words)
        self._space = text[-1].isspace()

    def _add(self, words: str) -> None:
        if not self._open:
            if not words.strip():
                return
            self.out.open(self._kind, level=self._level, number=self._number, anchor_name=self._anchor)
            self._open = True
            if self._marker:
                self.out.add(self._marker)
                self._marker = ""
        elif self._space:
            self.out.add(" ")
        self._space = False
        self.out.add(words)

    def _mark(self, words: str, reason: Reason, name: str | None = None) -> None:
        """Leave something out of the sentence that it stands in."""
        shown = " ".join(words.split())
        if not shown:
            return
        if not self._open:
            self.out.open(self._kind, level=self._level, number=self._number, anchor_name=self._anchor)
            self._open = True
        self.out.lift(shown, reason, name=name)

    def _break(self) -> None:
        if self._open:
            self.out.put("\n", "\n")
            self._space = False

    def _close(self) -> None:
        self._open = self._space = False
        self._kind, self._level, self._number, self._anchor = "paragraph", 0, None, None

    def _lift(self, node: Node) -> None:
        """Keep account of what is none of the article."""
        words = " ".join(node.words().split())
        if not words:
            return
        if node.tag in _INLINE and self._open:
            self.out.lift(words, "furniture")
            return
        self._close()
        self.out.open("paragraph")
        self.out.lift(words, "furniture")

    def _table(self, table: Node) -> None:
        """Write a table by rows, with a tab between two cells."""
        self._close()
        self.out.stop()
        for row in _rows(table):
            if row.tag == "caption":
                self._inside(row)
                self._close()
                continue
            self._kind = "row"
            begun = False
            for cell in (one for one in row.children if one.tag in ("td", "th") and not one.hidden):
                if begun and cell.length:
                    self.out.put("\t", "\t")
                    self._space = False
                self._inside(cell)
                begun = begun or self._open
            self._close()
        self.out.stop()

    def _inside(self, cell: Node) -> None:
        """Write the words of a cell as one run; blocks in it are parted by a space."""
        waiting = list(reversed(cell.children))
        while waiting:
            node = waiting.pop()
            if not node.tag:
                self._text(node.text)
            elif node.hidden:
                continue
            elif self._is_note_mark(node) and node.tag in ("a", "sup"):
                link = node if node.tag == "a" else next(one for one in node.walk() if one.tag == "a")
                self._mark(node.words(), "footnote_mark", self._resolve(link.get("href")))
            elif node.tag == "a" and self.article.is_furniture(node):
                self._mark(node.words(), "markup")
            else:
                apart = node.tag not in _INLINE
                self._space = self._space or apart
                if apart:
                    waiting.append(Node("", {}, text=" "))
                waiting.extend(reversed(node.children))


def on_page(link: str) -> str:
    """Name the place that a link leads to, on a page that stands alone."""
    return link.rpartition("#")[2]


def note_marks(pages: Sequence[tuple[Node, Callable[[str], str]]]) -> dict[str, str]:
    """Find the notes of pages by the marks that lead to them: the name of each note, and the mark's words.

    A note leads back to its mark, which stands before it: only what comes after its mark is a note.
    """
    marks: dict[str, str] = {}
    found: dict[str, str] = {}
    for root, resolve in pages:
        for node in root.walk():
            for name in (node.get("id"), node.get("name") if node.tag == "a" else ""):
                if name and (place := resolve(f"#{name}")) in marks:
                    found[place] = marks[place]
            if node.tag == "a" and not node.hidden and "#" in node.get("href") and (words := _mark_of(node)):
                marks.setdefault(resolve(node.get("href")), words)
    return found


def _mark_of(link: Node) -> str:
    """Give the words of a link that is the mark of a note; nothing where it is another link."""
    words = " ".join(link.words().split())
    kinds = f"{link.get('epub:type')} {link.get('role')}".split()
    if "noteref" in kinds or "doc-noteref" in kinds:
        return words
    raised = any(one.tag == "sup" for one in (link.parent, *link.children) if one is not None)
    raised = raised or any("noteref" in one or "footnote" in one for one in link.names)
    return words if _NOTE_MARK.fullmatch(words) and (raised or words[:1] == "[") else ""


def _rows(table: Node) -> Iterator[Node]:
    for one in table.children:
        if one.hidden:
            continue
        if one.tag in ("tr", "caption"):
            yield one
        elif one.tag in ("thead", "tbody", "tfoot"):
            yield from (row for row in one.children if row.tag == "tr" and not row.hidden)


def _is_layout(table: Node) -> bool:
    """Tell whether a table only puts things beside each other."""
    if table.get("role").casefold() in ("presentation", "none"):
        return True
    cells = [one for row in _rows(table) for one in row.children if one.tag in ("td", "th")]
    if len(cells) <= 1:
        return True
    for cell in cells:
        inner = [one.tag for one in cell.walk()]
        if "table" in inner or _HEADINGS.intersection(inner) or cell.length > _LONG_CELL or inner.count("p") > 4:
            return True
    return False


def _item_of(node: Node) -> bool:
    """Tell whether an element stands in an item of a list."""
    up = node.parent
    while up is not None and up.tag not in ("ul", "ol", "table", "body"):
        if up.tag == "li":
            return True
        up = up.parent
    return False


def _is_unmarked(node: Node) -> bool:
    return bool(re.search(r"list-style(?:-type)?\s*:\s*none", node.get("style"))) or bool(
        {"list-unstyled", "simple", "unstyled", "no-bullets", "references"}.intersection(node.names)
    )


def _whole(words: str, other: int) -> int:
    try:
        return int(words)
    except ValueError:
        return other
