"""Read a hard-wrapped plain-text report into a document: clean its text, then cut it into sections and passages."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field

from corpus.clean import Cleaner
from corpus.frozen import content_id
from corpus.lines import line_starts_of, lines_of
from corpus.manifest import Manifest
from corpus.quotes import find_inline_phrases
from corpus.schema import Document, Kind, Passage, Record, Section, Speaker
from corpus.sentences import Span, sentence_spans
from corpus.structure import SourceBlock, find_footnote_marks, find_footnotes, group_blocks
from corpus.vocabulary import Vocabulary


def read_report(source: str, manifest: Manifest, vocabulary: Vocabulary | None = None) -> Document:
    """Read a source text, as decoded and otherwise untouched, into a document.

    The words alone decide the result: line ends, tabs, form feeds, a byte order mark, accents in two characters and a
    missing last line end give the same passages, with line numbers that fit the source as it is.
    """
    lines = lines_of(source)
    marks = find_footnote_marks(source, lines, find_footnotes(lines, manifest.reader), manifest.reader)
    cleaner = Cleaner(source, marks=list(marks.values()))
    if source.startswith("\ufeff"):
        cleaner.lift(0, 1, "mark")
    writer = _Writer(cleaner, manifest, vocabulary or Vocabulary(), marks)
    for block in group_blocks(source, manifest.reader):
        writer.write(block)
    return writer.finish()


@dataclass
class _Draft:
    """A passage before the text is complete."""

    start: int
    end: int
    kind: Kind
    section: int
    sub_heading: str
    units: list[Span] = field(default_factory=list)
    is_list: bool = False
    lead_in: Span | None = None
    block: SourceBlock | None = None
    marker: str = ""
    label: Span | None = None
    printed_start: int | None = None
    record: Record | None = None
    lead_in_words: str = ""


class _Writer:
    """Writes blocks into the text one after the other and notes what each becomes."""

    def __init__(self, cleaner: Cleaner, manifest: Manifest, vocabulary: Vocabulary, marks: dict[int, Span]) -> None:
        self.vocabulary = vocabulary
        self.cleaner = cleaner
        self.marks = marks
        self.manifest = manifest
        self.drafts: list[_Draft] = []
        self.headings: list[tuple[Span, SourceBlock]] = []
        self.taken: list[Span] = []
        self._sub_heading = ""
        self._last: SourceBlock | None = None
        self._context: Span | None = None  # the authors' words that what follows hangs on

    def write(self, block: SourceBlock) -> None:
        """Append a block to the text."""
        if self._last is not None:
            self.cleaner.layout("\n" if block.kind in ("item", "entry") else "\n\n")
        getattr(self, f"_write_{block.kind}")(block)
        self._last = block

    def _write_heading(self, block: SourceBlock) -> None:
        self.headings.append((self.cleaner.copy_lines(block.slices), block))
        self._sub_heading = ""
        self._context = None

    def _write_sub_heading(self, block: SourceBlock) -> None:
        self.cleaner.copy_lines(block.slices)
        self._sub_heading = block.title
        self._context = None

    def _write_caption(self, block: SourceBlock) -> None:
        self.cleaner.copy_lines(block.slices)

    def _write_paragraph(self, block: SourceBlock) -> None:
        span = self.cleaner.copy_lines(block.slices)
        draft = self._draft(span, is_list=False)
        if self._context and self._last and self._last.kind == "paragraph" and self._text(self._context).endswith(":"):
            draft.lead_in = self._context
        draft.units = self._sentences(span)
        self._context = span

    def _write_item(self, block: SourceBlock) -> None:
        span = self.cleaner.copy_lines(block.slices)
        last = self.drafts[-1] if self.drafts else None
        if last and last.is_list and self._last and self._last.kind in ("item", "entry"):
            last.end = span[1]
            if _marker(self._text(span)) == last.marker or block.kind == "entry":
                last.units.append(span)
            else:  # an item of an inner list stays with the item that it explains
                last.units[-1] = (last.units[-1][0], span[1])
            return
        self._start_list(span)

    _write_entry = _write_item

    def _start_list(self, first_item: Span) -> None:
        """Begin a list with the sentence that introduces it, taken from the paragraph or heading before it."""
        last = self.drafts[-1] if self.drafts else None
        after = self._last.kind if self._last else None
        introduction: Span | None = None
        if after == "heading" and self._text(self.headings[-1][0]).endswith(":"):
            introduction = self._heading_words()
        elif after == "paragraph" and last and self._text((last.start, last.end)).endswith(":"):
            introduction = last.units.pop()
            if last.units:
                last.end = last.units[-1][1]
            else:
                self.drafts.pop()
        start = introduction[0] if introduction else first_item[0]
        draft = self._draft((start, first_item[1]), is_list=True)
        draft.units = [*([introduction] if introduction else []), first_item]
        draft.marker = _marker(self._text(first_item))
        if introduction and last and last.units and last.section == draft.section:
            draft.lead_in = last.units[-1][0], last.end
        self._context = introduction or self._context

    def _heading_words(self) -> Span:
        """Give the span of the last heading's words, without its number."""
        (start, end), block = self.headings[-1]
        number = self.manifest.reader.heading_of(block.section) is None
        return (self._text((start, end)).rindex(block.title) + start, end) if number else (start, end)

    def _text(self, span: Span) -> str:
        return self.cleaner.text[span[0] : span[1]]

    def _write_quote(self, block: SourceBlock) -> None:
        quote = block.quote
        assert quote is not None
        printed_start, printed_end = self.cleaner.copy_lines(block.slices)
        start, end = self.cleaner.locate(*quote.words)
        draft = self._draft((start, end), is_list=False, kind=Kind.INTERVIEW)
        draft.block = block
        draft.label = self.cleaner.locate(*quote.label)
        draft.printed_start = printed_start
        draft.units = self._sentences((start, end))
        draft.lead_in = self._context
        self.taken.append((printed_start, printed_end))

    def _write_footnote(self, block: SourceBlock) -> None:
        start, end = self.cleaner.copy_lines(block.slices)
        start += len(str(block.note))
        start = end - len(self._text((start, end)).lstrip())
        draft = self._draft((start, end), is_list=False, kind=Kind.FOOTNOTE)
        draft.block = block
        draft.units = [(start, end)]
        if block.note in self.marks:
            mark = self.marks[block.note][0]
            draft.lead_in = self._sentence_at(self.cleaner.locate(mark - 1, mark)[0])

    def _write_record(self, block: SourceBlock) -> None:
        if block.columns is None:  # no whole record: keep the words as a paragraph
            self._write_paragraph(block)
            return
        table = self.manifest.reader.table
        spans: dict[str, Span] = {}
        last = block.slices[0][0]
        for name, column in zip(table.columns, block.columns, strict=True):
            if column:
                self._lift_marks(last, column[0][0])
                if spans:
                    self.cleaner.layout("\n")
                spans[name] = self.cleaner.copy_lines(column)
                last = column[-1][1]
        self._lift_marks(last, block.slices[-1][1])
        present = list(spans.values())
        draft = self._draft((present[0][0], present[-1][1]), is_list=False, kind=Kind.PROJECT)
        draft.units = [(draft.start, draft.end)]
        draft.lead_in_words = table.lead_in
        draft.record = Record(cells={name: self._text(span) for name, span in spans.items()})

    def _lift_marks(self, start: int, end: int) -> None:
        """Leave out the separators between two cells: they are layout that is printed."""
        for match in re.finditer(r"\S+", self.cleaner.source[start:end]):
            self.cleaner.lift(start + match.start(), start + match.end(), "separator")

    def _sentence_at(self, position: int) -> Span | None:
        """Give the sentence at a position of the text: what a footnote belongs to."""
        units = (unit for draft in self.drafts for unit in draft.units)
        return next((unit for unit in units if unit[0] <= position < unit[1]), None)

    def _draft(self, span: Span, *, is_list: bool, kind: Kind | None = None) -> _Draft:
        section = self.headings[-1][1].section if self.headings else ""
        draft = _Draft(
            *span,
            kind=kind or self.manifest.reader.kind_of(section, is_list=is_list),
            section=len(self.headings) - 1,
            sub_heading=self._sub_heading,
            is_list=is_list,
        )
        self.drafts.append(draft)
        return draft

    def _sentences(self, span: Span) -> list[Span]:
        return sentence_spans(self._text(span), span[0])

    def finish(self) -> Document:
        """Complete the document."""
        text, pieces = self.cleaner.finish()
        source = self.cleaner.source
        sections = self._sections(len(text))
        meta = self.manifest
        document = Document(
            id=meta.id,
            title=meta.title,
            short_title=meta.short_title,
            authors=meta.authors,
            publisher=meta.publisher,
            year=meta.year,
            licence=meta.licence,
            url=meta.url,
            reference=meta.reference,
            sha256=hashlib.sha256(source.encode()).hexdigest(),
            words_sha256=words_sha256(source),
            text=text,
            source_characters=len(source),
            source_line_starts=line_starts_of(source),
            pieces=pieces,
            sections=sections,
            passages=(),
            speakers=(),
            vocabulary=self.vocabulary,
        )
        passages = self._passages(document)
        speakers = {passage.speaker: passage.role for passage in passages if passage.speaker and passage.role}
        return document.model_copy(
            update={
                "passages": passages,
                "speakers": tuple(
                    Speaker(label=label, role=role) for label, role in sorted(speakers.items(), key=_by_number)
                ),
                "inline_phrases": tuple(find_inline_phrases(text, self.taken)),
            }
        )

    def _sections(self, text_end: int) -> tuple[Section, ...]:
        titles = {block.section: block.title for _, block in self.headings}
        starts = [*(span[0] for span, _ in self.headings), text_end][1:]
        return tuple(
            Section(
                id=block.section,
                title=block.title,
                path=tuple(titles[outer] for outer in [*self._outer(block.section), block.section] if outer in titles),
                within=tuple(outer for outer in self._outer(block.section) if outer in titles),
                start=span[0],
                end=end,
                heading_start=span[0],
                heading_end=span[1],
            )
            for (span, block), end in zip(self.headings, starts, strict=True)
        )

    def _outer(self, section_id: str) -> list[str]:
        """Name the sections around one: B.4.iii stands in B.4, which stands in the part that holds what begins so."""
        parts = [
            heading.id
            for heading in self.manifest.reader.named_headings
            if heading.holds and section_id.startswith(heading.holds)
        ]
        numbers = section_id.split(".")
        return [*parts, *(".".join(numbers[:depth]) for depth in range(1, len(numbers)))]

    def _passages(self, document: Document) -> tuple[Passage, ...]:
        passages: list[Passage] = []
        listed: dict[str, str] = {}
        for draft in self.drafts:
            section = document.sections[draft.section] if draft.section >= 0 else None
            quote = draft.block.quote if draft.block else None
            words = document.text[draft.start : draft.end]
            passage_id = content_id(document.id, draft.start, words)
            record = draft.record
            for name in self.manifest.reader.table.listed_twice if record else ():
                if record and name in record.name:
                    record = record.model_copy(update={"same_as": listed.get(name)})
                    listed.setdefault(name, passage_id)
            passages.append(
                Passage(
                    id=passage_id,
                    document_id=document.id,
                    start=draft.start,
                    end=draft.end,
                    text=words,
                    kind=draft.kind,
                    section=section.id if section else "",
                    section_title=section.title if section else "",
                    path=(*(section.path if section else ()), *([draft.sub_heading] if draft.sub_heading else [])),
                    within=section.within if section else (),
                    lines=document.lines_of(draft.start, draft.end),
                    lead_in=document.text[slice(*draft.lead_in)] if draft.lead_in else draft.lead_in_words,
                    sentences=tuple(draft.units),
                    is_list=draft.is_list,
                    speaker=quote.speaker.label if quote else None,
                    role=quote.speaker.role if quote else None,
                    label_as_printed=quote.label_as_printed if quote else None,
                    label_start=draft.label[0] if draft.label else None,
                    label_end=draft.label[1] if draft.label else None,
                    printed_start=draft.printed_start,
                    note=draft.block.note if draft.block else None,
                    record=record,
                )
            )
        return tuple(passages)


def words_sha256(source: str) -> str:
    """Hash the words of a text: accents composed, no byte order mark, no white space."""
    words = "".join(unicodedata.normalize("NFC", source.removeprefix("\ufeff")).split())
    return hashlib.sha256(words.encode()).hexdigest()


def _marker(item: str) -> str:
    """Tell the kind of mark that a list item begins with: a bullet as it is, any number as "1", any letter as "a"."""
    mark = item.split(maxsplit=1)[0]
    return "1" if mark[0].isdigit() else "a" if len(mark) > 1 else mark


def _by_number(item: tuple[str, object]) -> tuple[str, int, str]:
    match = re.fullmatch(r"(.*?)(\d*)", item[0])
    return (match[1], int(match[2] or 0), item[0]) if match else (item[0], 0, item[0])
