"""The types of what can be cited: documents, sections, passages, quotes, chunks.

All offsets are half-open and count Unicode characters, never bytes: `document.text[start:end]`.
All line numbers count from 1 in the source file, as an editor shows them.
"""

import re
from bisect import bisect_left, bisect_right
from enum import StrEnum
from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from corpus.frozen import Frozen
from corpus.vocabulary import Vocabulary

#: Which side of what was studied a speaker is on, by the document's own word: a role's id in its vocabulary.
Role = str


#: How words that were left out are printed, inside a quote.
_LEFT_OUT = re.compile(r"(?<=\w)\s*(?:…|\.{3,})\s*(?=\w)")


class Kind(StrEnum):
    """What sort of thing a passage is."""

    REPORT = "report"  # the authors' own account
    LITERATURE = "literature"  # the authors on what others have written
    INTERVIEW = "interview"  # one quotation of a person who was interviewed
    RECOMMENDATION = "recommendation"
    PROJECT = "project"
    FOOTNOTE = "footnote"

    @classmethod
    def _missing_(cls, value: object) -> "Kind | None":
        """Find a kind whatever its letter case."""
        wanted = value.strip().casefold() if isinstance(value, str) else value
        return next((kind for kind in cls if kind.value == wanted), None)


class Piece(Frozen):
    """One stretch of the source and what became of it in the cleaned text.

    `kept` pieces stand in the text; the text may differ from the source there only by how the same letters are written
    (accents as one character instead of two, ligatures as letters, mojibake that was certain), and then `source_text`
    holds what the source has. All other pieces were taken out of the text: `layout` (white space, line ends), `mark`
    (a byte order mark), `footnote_mark`, `separator` (what is printed between the cells of a table), `hyphen` (of a
    word that a line end cuts), `furniture` (running heads, page and line numbers, what the page does not show) and
    `markup` (tags, marks of emphasis, times of cues).
    """

    reason: Literal["kept", "layout", "mark", "footnote_mark", "separator", "hyphen", "furniture", "markup"]
    source_start: int
    source_end: int
    text_start: int
    source_text: str = Field(default="", description="What the source has here, where the text does not show it.")


class Spot(Frozen):
    """Where the text from `start` on stands in the file, until the next spot. What a format does not have is None."""

    start: int
    page: int | None = Field(default=None, description="The page of the file, from 1.")
    page_label: str | None = Field(default=None, description="What is printed on that page as its number.")
    seconds: float | None = Field(default=None, description="The time in a recording.")
    place: str | None = Field(default=None, description="What else a person can look up: a chapter's file, a cell.")


class Place(Frozen):
    """Where a span of a text stands, as a person can look it up. What a document does not have is None."""

    page: int | None = Field(default=None, description="The page of the file on which it begins, from 1.")
    last_page: int | None = Field(default=None, description="The page on which it ends, where that is another.")
    page_label: str | None = Field(default=None, description="What is printed on its first page as its number.")
    time: float | None = Field(default=None, description="Where in the recording it begins, in seconds.")
    place: str | None = Field(default=None, description="What else can be looked up: a chapter's file, a cell.")
    paragraph: int | None = Field(default=None, description="Which paragraph of its section it begins in, from 1.")


class Speaker(Frozen):
    """Somebody who is quoted, by the label that the document gives them."""

    label: str
    role: Role | None = None


class Section(Frozen):
    """A heading and everything under it, up to the next heading."""

    id: str = Field(description="The report's own id, or the name of a part that has none.")
    title: str
    path: tuple[str, ...] = Field(description="Titles from the outermost part down to this one.")
    within: tuple[str, ...] = Field(default=(), description="Ids of the sections around it, the outermost first.")
    start: int
    end: int
    heading_start: int
    heading_end: int


class Record(Frozen):
    """One row of a document's table: its cells by the names of their columns, in the table's order."""

    cells: dict[str, str]
    same_as: str | None = Field(default=None, description="Passage id of the earlier row for the same thing.")

    @property
    def name(self) -> str:
        """What the row is about: its first cell."""
        return next(iter(self.cells.values()), "")


class Passage(Frozen):
    """What a person cites: a paragraph, a list with the sentence that introduces it, a quote, a record, a footnote.

    `text` is exactly `document.text[start:end]`. For a quote it is the words without the outer quotation marks.
    """

    id: str
    document_id: str
    start: int
    end: int
    text: str
    kind: Kind
    section: str
    section_title: str
    path: tuple[str, ...]
    within: tuple[str, ...] = Field(default=(), description="Ids of the sections around its own, the outermost first.")
    lines: tuple[int, int] = Field(description="First and last line in the source, from 1.")
    lead_in: str = Field(default="", description="Text before it that says what it is about: embedded, never shown.")
    sentences: tuple[tuple[int, int], ...] = Field(description="Spans of sentences and list items, in order.")
    is_list: bool = False
    speaker: str | None = None
    role: Role | None = None
    label_as_printed: str | None = None
    label_start: int | None = None
    label_end: int | None = None
    printed_start: int | None = Field(default=None, description="Where the opening quotation mark stands.")
    note: int | None = Field(default=None, description="A footnote's number.")
    record: Record | None = None

    @model_validator(mode="after")
    def _check_span(self) -> "Passage":
        if self.end - self.start != len(self.text):
            raise ValueError(f"span {self.start}-{self.end} does not fit a text of {len(self.text)} characters")
        if (self.speaker is None) != (self.kind is not Kind.INTERVIEW):
            raise ValueError("a passage has a speaker if, and only if, it is an interview quote")
        return self

    @cached_property
    def cuts(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Where what is shown of it may begin, and where it may end: whole sentences and items, never a part of one.

        In a quote also where the print leaves words out ("…"): what stands between is what was quoted in one run.
        """
        starts = {self.start, *(start for start, _ in self.sentences)}
        ends = {self.end, *(end for _, end in self.sentences)}
        if self.speaker:
            for gap in _LEFT_OUT.finditer(self.text):
                ends.add(self.start + gap.start())
                starts.add(self.start + gap.end())
        return tuple(sorted(starts)), tuple(sorted(ends))

    def widen(self, start: int, end: int) -> tuple[int, int]:
        """Give the shortest span between two cuts that holds another span."""
        starts, ends = self.cuts
        return max(one for one in starts if one <= start), min(one for one in ends if one >= end)

    def is_in(self, section: str) -> bool:
        """Tell whether it stands in a section, or in one inside it."""
        return section == self.section or section in self.within


class Quote(Frozen):
    """A quotation with its speaker, as `coproduce quotes --json` prints it."""

    quoted_text: str
    speaker: str
    label_as_printed: str
    role: Role
    section: str
    section_title: str
    lines: tuple[int, int]
    document_id: str
    passage_id: str


class Cited(Frozen):
    """Whom the authors cite for a span of a passage, as printed in its section."""

    passage_id: str
    span: tuple[int, int]
    author: str


class Document(Frozen):
    """A document as it can be cited: its cleaned text, its structure and the way back to its source."""

    id: str
    title: str
    short_title: str
    authors: tuple[str, ...]
    publisher: str
    year: int | None
    licence: str
    url: str | None
    reference: str
    sha256: str = Field(description="Of the source as it was read, in UTF-8.")
    words_sha256: str = Field(description="Of the words alone: no white space, no byte order mark, accents composed.")
    text: str
    source_characters: int
    source_line_starts: tuple[int, ...]
    pieces: tuple[Piece, ...]
    sections: tuple[Section, ...]
    passages: tuple[Passage, ...]
    speakers: tuple[Speaker, ...]
    vocabulary: Vocabulary = Vocabulary()
    inline_phrases: tuple[tuple[int, int], ...] = Field(
        default=(), description="Words in quotation marks that nobody is named for: never a quote with a speaker."
    )

    cited: tuple[Cited, ...] = Field(default=(), description="Whom the authors cite, where the words do not say so.")
    format: str = Field(default="", description="What was read: `pdf`, `docx` …; nothing for a text of lines.")
    spots: tuple[Spot, ...] = Field(default=(), description="Where the text stands in the file, in its order.")
    paragraph_starts: tuple[int, ...] = Field(default=(), description="Where its paragraphs, items and rows begin.")
    origin: Literal["bundled", "added"] = Field(
        default="bundled", description="Whether it comes with this tool, or somebody added it."
    )

    def cited_in(self, passage_id: str, span: tuple[int, int]) -> tuple[str, ...]:
        """Give whom the authors cite for all of a span of a passage, each once, as far as it is known."""
        start, end = span
        of_passage = (one for one in self.cited if one.passage_id == passage_id)
        return tuple(dict.fromkeys(one.author for one in of_passage if one.span[0] <= start and end <= one.span[1]))

    @cached_property
    def _kept(self) -> tuple[list[int], list[Piece]]:
        kept = sorted((piece for piece in self.pieces if piece.reason == "kept"), key=lambda piece: piece.text_start)
        return [piece.text_start for piece in kept], kept

    def source_offset_of(self, position: int) -> int:
        """Give the source offset of the character at `position` of the text, or of the last one before it."""
        starts, kept = self._kept
        piece = kept[max(bisect_right(starts, position) - 1, 0)]
        within = min(max(position - piece.text_start, 0), piece.source_end - piece.source_start - 1)
        return piece.source_start + within

    def line_of(self, position: int) -> int:
        """Give the source line, from 1, of the character at `position` of the text."""
        return bisect_right(self.source_line_starts, self.source_offset_of(position))

    def lines_of(self, start: int, end: int) -> tuple[int, int]:
        """Give the first and last source line of a span of the text."""
        return self.line_of(start), self.line_of(end - 1)

    def place_of(self, start: int, end: int) -> Place:
        """Give where a span of the text stands in the file."""
        first, last = self._spot_at(start), self._spot_at(max(end - 1, start))
        paragraph = self._paragraph_of(start)
        if first is None or last is None:
            return Place(paragraph=paragraph)
        return Place(
            page=first.page,
            last_page=last.page if last.page != first.page else None,
            page_label=first.page_label,
            time=first.seconds,
            place=first.place,
            paragraph=paragraph,
        )

    def _spot_at(self, position: int) -> Spot | None:
        """Give the spot that holds a position of the text."""
        at = bisect_right(self._spot_starts, position) - 1
        return self.spots[at] if at >= 0 else None

    @cached_property
    def _spot_starts(self) -> list[int]:
        return [spot.start for spot in self.spots]

    def _paragraph_of(self, position: int) -> int | None:
        """Count the paragraphs of a section up to the one at `position`."""
        if not self.paragraph_starts:
            return None
        section = next((one for one in self.sections if one.start <= position < one.end), None)
        before = bisect_left(self.paragraph_starts, section.start) if section else 0
        return max(bisect_right(self.paragraph_starts, position) - before, 1)

    @cached_property
    def roles(self) -> tuple[Role, ...]:
        """The roles of those who are quoted, in the order of the vocabulary."""
        there = dict.fromkeys(speaker.role for speaker in self.speakers if speaker.role)
        ordered = [role for role in self.vocabulary.role_words if role in there]
        return (*ordered, *(role for role in there if role not in ordered))

    def passage(self, passage_id: str) -> Passage:
        """Find a passage by its id. Raises KeyError where there is none."""
        return self._by_id[passage_id]

    @cached_property
    def _by_id(self) -> dict[str, Passage]:
        return {passage.id: passage for passage in self.passages}

    def section(self, section_id: str) -> Section:
        """Find a section by its id. Raises KeyError where there is none."""
        return self._sections_by_id[section_id]

    def holds(self, outer: str, inner: str) -> bool:
        """Tell whether a section of it is another, or stands inside it."""
        known = self._sections_by_id.get(inner)
        return inner == outer or (known is not None and outer in known.within)

    @cached_property
    def _sections_by_id(self) -> dict[str, Section]:
        return {section.id: section for section in reversed(self.sections)}


class Chunk(Frozen):
    """What a machine embeds. Its span holds only the passage's words; `embedded_text` adds where they stand."""

    id: str
    passage_id: str
    document_id: str
    start: int
    end: int
    embedded_text: str
    view: Literal["passage", "sentence", "question"] = Field(
        description="Whether the whole passage is embedded, one sentence, or a question that the sentence answers."
    )
