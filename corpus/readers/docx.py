"""Read Word files: what a person sees who accepts all changes, in reading order, with the numbers that Word shows.

Words that were deleted or hidden are not read; comments are counted. At the end the words of the file's XML are counted
against those that were read, by another way than they were read by, and a gap is said.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from copy import copy

from lxml import etree

from corpus.errors import CorpusError
from corpus.readers.archive import Archive
from corpus.readers.composing import Composer
from corpus.readers.docx_inline import Inline, InlineReader, words_in
from corpus.readers.docx_numbering import Numbering
from corpus.readers.docx_styles import Style, Styles, apply
from corpus.readers.docx_xml import child, children, is_on, local, value_of
from corpus.readers.extracted import BlockKind, Extracted, Remark
from corpus.readers.labels import label_of
from corpus.readers.turns import mark_turns

_THROUGH = ("customXml", "ins", "moveTo", "smartTag", "sdtContent")
_GONE = ("del", "moveFrom")
_LONG_CELL = 700  # characters: a table with such a cell is there for the layout
_MANY_PARAGRAPHS = 4
_HEADING_WORDS = 14
_NO_AUTHOR = re.compile(
    r"(?:python-docx|microsoft.*|windows.*|user|admin\w*|owner|author|unknown|un-named|apache poi|.*\\.*|.*@.*|\W*)",
    re.IGNORECASE,
)
_FIRST_WORDS = 2000


def read(content: bytes, name: str) -> Extracted:
    """Read a Word file.

    Raises:
        CorpusError: it is damaged, locked, or no Word file.
    """
    del name
    archive = Archive(content, "Word")
    reader = _Reader(archive)
    reader.read()
    title, authors = reader.title, _authors(archive)
    found = reader.out.finish("docx", authors=authors, remarks=tuple(reader.remarks()))
    found = found.model_copy(update={"title": title or _property_title(archive, found.text)})
    return mark_turns(found, [match.end() for match in re.finditer("\n", found.text)])


class _Reader:
    """Goes through the body of a file."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.main = _main_part(archive)
        self.parts = dict(_related(archive, self.main))
        self.by_id = {one: target for _, one, target in _relations(archive, self.main)}
        self.root = archive.read_xml(self.main)
        self.styles = Styles(self._part("styles"))
        self.numbering = Numbering(self._part("numbering"), self.styles.lists)
        self.inline = InlineReader(self.styles, self._diagram)
        self.out = Composer()
        self.title = ""
        self.notes = {kind: self._notes(f"{kind}s") for kind in ("footnote", "endnote")}
        self._waiting_notes: list[Inline] = []
        self._boxes: list[etree._Element] = []
        self._numbers = {"footnote": 0, "endnote": 0}
        self._carried: list[Inline] = []
        self._bold: list[tuple[int, int]] = []  # paragraphs all in bold: which, and how large
        self._has_headings = False
        self._has_title = any(
            self._style_of(one).is_title and words_in(one) for one in self.root.iter() if local(one) == "p"
        )
        self._row_deleted = 0
        self._in_table = 0

    def read(self) -> None:
        """Read the body, then the notes that are left."""
        body = child(self.root, "body")
        if body is None:
            raise CorpusError("its main part has no body. Open it in Word and save it again.")
        self._blocks(body)
        self._end_paragraph()
        self._write_notes()
        self._make_bold_headings()

    def remarks(self) -> Iterator[Remark]:
        """Say what a person should know of how it was read."""
        if self.inline.inserted or self.inline.deleted or self._row_deleted:
            yield Remark(
                code="tracked_changes",
                text="The file has tracked changes. It was read as if all were accepted; deleted words are not shown.",
            )
        comments = self._part("comments")
        count = sum(1 for _ in children(comments, "comment")) if comments is not None else 0
        if count:
            shown = "One comment is" if count == 1 else f"{count:,} comments are"
            yield Remark(code="comments", text=f"{shown} not part of the text and not read.")
        if self.inline.hidden:
            count = sum(self.inline.hidden.values())
            yield Remark(code="hidden_text", text=f"Hidden text ({count:,} words) is not read.")
        if self.inline.chunks or any(local(one) == "altChunk" for one in self.root.iter()):
            yield Remark(
                code="embedded_files",
                text="The file takes in another file that is not read. Open it in Word, save it, and add it again.",
                partly=True,
            )
        yield from self._gap()

    def _gap(self) -> Iterator[Remark]:
        """Count the words of the XML against those that were read."""
        there = Counter(words_in(self.root))
        for kind in self._numbers:
            for number, note in self.notes[kind].items():
                if number in self.inline.referred[kind]:
                    there.update(words_in(note))
        read = Counter(re.findall(r"\w+", self.out.words))
        missing = there - read - self.inline.hidden - self.inline.placeholders
        count = sum(missing.values())
        if count:
            yield Remark(
                code="words_not_read",
                text=f"{count:,} of the {sum(there.values()):,} words in the file were not read: they stand in a part "
                "of it that is not known. Save it as PDF and add that, and compare.",
                partly=True,
            )

    def _part(self, kind: str) -> etree._Element | None:
        name = self.parts.get(kind)
        return self.archive.read_xml(name) if name and self.archive.has(name) else None

    def _notes(self, kind: str) -> dict[str, etree._Element]:
        root = self._part(kind)
        return {value_of(one, "id"): one for one in root if local(one)} if root is not None else {}

    def _diagram(self, relation: str) -> list[str]:
        """Give the words of a diagram, box by box."""
        name = self.by_id.get(relation, "")
        if not self.archive.has(name):
            return []
        root = self.archive.read_xml(name)
        boxes = ("".join(one.itertext()) for one in root.iter() if local(one) == "p")
        return [words for words in boxes if words.strip()]

    def _blocks(self, container: etree._Element) -> None:
        for one in container:
            name = local(one)
            if name == "p":
                self._paragraph(one)
            elif name == "tbl":
                self._end_paragraph()
                self._table(one)
            elif name == "sdt":
                if _is_placeholder(one):
                    self.inline.placeholders.update(words_in(one))
                elif (content := child(one, "sdtContent")) is not None:
                    self._contents(content) if _is_contents(one) else self._blocks(content)
            elif name in _THROUGH:
                self.inline.inserted += name in ("ins", "moveTo")
                self._blocks(one)
            elif name in _GONE:
                self.inline.deleted += 1
            elif name == "AlternateContent":
                self._blocks(self.inline.chosen(one))

    def _contents(self, container: etree._Element) -> None:
        """Leave a table of contents out: its words are the headings'."""
        for one in container.iter():
            if local(one) == "p" and words_in(one):
                self.out.open("paragraph")
                self.out.lift(" ".join(one.words for one in self.inline.read(one) if one.kind == "words"), "furniture")

    def _style_of(self, paragraph: etree._Element) -> Style:
        """Give the style of a paragraph, with its own properties."""
        own = child(paragraph, "pPr")
        name = value_of(child(own, "pStyle")) or self.styles.default
        style = copy(self.styles.get(name))
        if style.list_id and style.level is None:
            style.level = self.numbering.level_of_style(style.list_id, name)
        apply(style, own, None)
        return style

    def _paragraph(self, element: etree._Element) -> None:
        own = child(element, "pPr")
        style = self._style_of(element)
        found = [*self._carried, *self.inline.read(element, style)]
        self._carried = []
        mark = child(own, "rPr")
        if child(mark, "del") is not None or child(mark, "moveFrom") is not None:
            self.inline.deleted += 1
            self._carried = found  # the paragraph's end was deleted: it goes on in the next
            return
        if value_of(child(own, "framePr"), "dropCap") in ("drop", "margin"):
            self._carried = found
            return
        self._write(found, style)

    def _end_paragraph(self) -> None:
        if self._carried:
            carried, self._carried = self._carried, []
            self._write(carried, Style())

    def _write(self, found: list[Inline], style: Style) -> None:
        words = "".join(one.words for one in found if one.kind == "words")
        if words.strip():
            if style.is_contents or self.inline.in_contents:
                self.out.open("paragraph")
                self.out.lift(words, "furniture")
            else:
                self._begin(words, style)
                self._inline(found)
        self._write_boxes(found)

    def _begin(self, words: str, style: Style) -> None:
        """Open the block that a paragraph is, and write its number."""
        number = self._number(style)
        kind: BlockKind = "paragraph"
        level = 0
        if style.is_title and not self._in_table:
            kind, level = "heading", 1
            self.title = self.title or " ".join(words.split())
        elif style.outline is not None and not self._in_table:
            kind, level = "heading", style.outline + 1 + self._has_title
            self._has_headings = True
        elif number is not None:
            kind, level = "item", (style.level or 0) + 1
        if kind == "heading":
            self._write_notes()
        self.out.open(kind, level=level)
        if kind == "paragraph" and not self._in_table and self.inline.all_bold and _could_head(words):
            self._bold.append((len(self.out.drafts) - 1, self.inline.size))
        if number:
            self.out.add(f"{number} ")

    def _number(self, style: Style) -> str | None:
        """Give the number of a paragraph as Word shows it; nothing where it is in no list."""
        if not style.list_id or style.list_id == "0" or not self.numbering.known(style.list_id):
            return None
        return self.numbering.next(style.list_id, min(style.level or 0, 8))

    def _inline(self, found: list[Inline]) -> None:
        """Write words, line ends and the marks of notes."""
        for one in found:
            if one.kind == "words":
                for part in re.split(r"([\n\t])", one.words):
                    if part == "\n":
                        self.out.put(part, "\n")
                    elif part == "\t":
                        self.out.put(part, self._tab())
                    else:
                        self.out.add(part)
            elif one.kind in ("footnote", "endnote") and one.id in self.notes[one.kind]:
                self._numbers[one.kind] += 1
                number = self._numbers[one.kind]
                self.out.lift(one.words or str(number), "footnote_mark", name=f"{one.kind} {one.id}")
                self._waiting_notes.append(one.numbered(number))

    def _tab(self) -> str:
        """Keep a tab that follows a short beginning: it may stand behind somebody's name."""
        return "\t" if self.out.length - self.out.block_start <= 40 else " "

    def _write_boxes(self, found: list[Inline]) -> None:
        """Write what stands in text boxes and diagrams below the paragraph that they hang on."""
        boxes = [one for one in found if one.kind in ("box", "diagram")]
        for one in boxes:
            if one.kind == "diagram":
                self.out.open("paragraph")
                self.out.add(one.words)
            elif self._in_table and one.element is not None:
                self._boxes.append(one.element)
            elif one.element is not None:
                self._blocks(one.element)
                self._end_paragraph()

    def _write_notes(self) -> None:
        """Write the notes of what stands above, each apart."""
        waiting, self._waiting_notes = self._waiting_notes, []
        for one in waiting:
            paragraphs = [two for two in self.notes[one.kind][one.id].iter() if local(two) == "p"]
            found = [self.inline.read(two, self._style_of(two)) for two in paragraphs]
            if not any(two.words.strip() for part in found for two in part):
                continue
            self.out.open("note", number=one.number, anchor_name=f"{one.kind} {one.id}")
            for number, part in enumerate(found):
                if number:
                    self.out.add(" ")
                self._inline([two for two in part if two.kind == "words"])

    def _table(self, table: etree._Element) -> None:
        rows = list(self._rows(table))
        self.out.stop()
        self._in_table += 1
        if _is_layout(rows):
            self._in_table -= 1
            for row in rows:
                for cell in row:
                    self._blocks(cell)
                    self._end_paragraph()
            self._in_table += 1
        else:
            for row in rows:
                self._row(row)
        self._in_table -= 1
        self.out.stop()
        boxes, self._boxes = self._boxes, []
        for box in boxes:
            self._blocks(box)
            self._end_paragraph()

    def _row(self, row: list[etree._Element]) -> None:
        """Write the cells of a row, a tab between each two."""
        begun = False
        for cell in row:
            paragraphs = [one for one in cell.iter() if local(one) == "p" and not _is_inside(one, cell)]
            open_cell = False
            for paragraph in paragraphs:
                style = self._style_of(paragraph)
                found = [*self._carried, *self.inline.read(paragraph, style)]
                self._carried = []
                if child(paragraph, "pPr", "rPr", "del") is not None:
                    self._carried = found
                    continue
                if any(one.kind == "words" and one.words.strip() for one in found):
                    if not begun:
                        self.out.open("row")
                        begun = True
                    elif not open_cell:
                        self.out.put("\t", "\t")
                    else:
                        self.out.add(" ")
                    open_cell = True
                    if number := self._number(style):
                        self.out.add(f"{number} ")
                    self._inline([one.without_breaks() for one in found])
                self._write_boxes(found)
            self._carried = []

    def _rows(self, table: etree._Element) -> Iterator[list[etree._Element]]:
        for one in table:
            name = local(one)
            if name == "tr":
                if child(one, "trPr", "del") is not None:
                    self._row_deleted += 1
                else:
                    yield list(_cells(one))
            elif name == "sdt" and (content := child(one, "sdtContent")) is not None:
                yield from self._rows(content)
            elif name in _THROUGH:
                yield from self._rows(one)

    def _make_bold_headings(self) -> None:
        """Make headings of short paragraphs in bold, in a file that has no other: many people write so."""
        if self._has_headings:
            return
        bold = dict(self._bold)
        sizes = sorted(set(bold.values()), reverse=True)
        for at, size in bold.items():
            following = self.out.drafts[at + 1] if at + 1 < len(self.out.drafts) else None
            if following is not None and at + 1 not in bold and following.kind != "break":
                self.out.drafts[at].kind = "heading"
                self.out.drafts[at].level = min(sizes.index(size), 3) + 1 + self._has_title


def _could_head(words: str) -> bool:
    """Tell whether words could be a heading: few, no sentence, and nobody's name before what they say."""
    words = words.strip()
    if len(words.split()) > _HEADING_WORDS or words.endswith((".", ",", ";", ":")) or "\n" in words:
        return False
    label = label_of(words)
    return bool(re.search(r"[^\W\d_]", words)) and not (label and label.likeness)


def _is_layout(rows: list[list[etree._Element]]) -> bool:
    """Tell whether a table only puts things beside each other, so that its cells are read one after the other."""
    cells = [cell for row in rows for cell in row]
    if len(cells) <= 1:
        return True
    for cell in cells:
        if any(local(one) == "tbl" for one in cell.iter()):
            return True
        paragraphs = [one for one in cell.iter() if local(one) == "p" and words_in(one)]
        length = sum(len(one.text or "") for one in cell.iter() if local(one) == "t")
        if len(paragraphs) > _MANY_PARAGRAPHS or length > _LONG_CELL:
            return True
    return False


def _cells(row: etree._Element) -> Iterator[etree._Element]:
    for one in row:
        name = local(one)
        if name == "tc":
            if child(one, "tcPr", "cellDel") is None:
                yield one
        elif name == "sdt" and (content := child(one, "sdtContent")) is not None:
            yield from _cells(content)
        elif name in _THROUGH:
            yield from _cells(one)


def _is_inside(paragraph: etree._Element, cell: etree._Element) -> bool:
    """Tell whether a paragraph of a cell stands in a text box, or was moved away: it is read otherwise."""
    up = paragraph.getparent()
    while up is not None and up is not cell:
        if local(up) in ("txbxContent", *_GONE):
            return True
        up = up.getparent()
    return False


def _is_placeholder(control: etree._Element) -> bool:
    return is_on(child(control, "sdtPr", "showingPlcHdr"))


def _is_contents(control: etree._Element) -> bool:
    gallery = value_of(child(control, "sdtPr", "docPartObj", "docPartGallery"))
    return gallery.casefold() in ("table of contents", "table of figures")


def _main_part(archive: Archive) -> str:
    for kind, _, target in _relations(archive, ""):
        if kind == "officeDocument":
            return target
    if archive.has("word/document.xml"):
        return "word/document.xml"
    raise CorpusError("it is no Word file: it has no document. Save it as .docx again.")


def _related(archive: Archive, name: str) -> Iterator[tuple[str, str]]:
    for kind, _, target in _relations(archive, name):
        yield kind, target


def _relations(archive: Archive, name: str) -> Iterator[tuple[str, str, str]]:
    """Give the kind, the id and the target of each part that a part uses; nothing outside the file."""
    folder, base = posixpath.split(name)
    relations = posixpath.join(folder, "_rels", f"{base}.rels")
    if not archive.has(relations):
        return
    for one in archive.read_xml(relations):
        if local(one) == "Relationship" and value_of(one, "TargetMode").casefold() != "external":
            target = value_of(one, "Target")
            path = target if target.startswith("/") else posixpath.join(folder, target)
            kind = value_of(one, "Type").rpartition("/")[2]
            yield kind, value_of(one, "Id"), posixpath.normpath(path).lstrip("/")


def _core(archive: Archive) -> dict[str, str]:
    target = next(
        (one for kind, _, one in _relations(archive, "") if kind in ("core-properties", "coreProperties")), ""
    )
    if not archive.has(target):
        return {}
    try:
        return {local(one): " ".join((one.text or "").split()) for one in archive.read_xml(target)}
    except CorpusError:
        return {}  # the words do not need it


def _authors(archive: Archive) -> tuple[str, ...]:
    names = (one.strip() for one in re.split(r"[;]", _core(archive).get("creator", "")))
    return tuple(one for one in names if one and not _NO_AUTHOR.fullmatch(one))


def _property_title(archive: Archive, text: str) -> str:
    """Give the title among a file's properties, where the text begins with it: it may be that of a template."""
    title = _core(archive).get("title", "")
    first = " ".join(text[:_FIRST_WORDS].split()).casefold()
    return title if len(title) > 3 and title.casefold() in first else ""
