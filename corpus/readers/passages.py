"""Cut what a reader found into sections and passages: what is short is joined, what is long is cut between sentences.

Whatever the format was, passages are made here, so that a document gives the same ones as Markdown and as PDF.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from corpus.frozen import content_id
from corpus.outline import Heading
from corpus.schema import Document, Kind, Passage, Section
from corpus.sentences import Span, sentence_spans

#: Whole paragraphs are joined to a passage of at most so many characters; tuned on the span benchmark.
JOINED_CHARACTERS = 650
#: A paragraph longer than this is cut.
MAX_CHARACTERS = 900
#: What introduces a turn, or heads a table, is embedded with it up to this length.
_MAX_LEAD_IN = 300


@dataclass(frozen=True)
class Voice:
    """Who says a turn: the label, and where it is printed in the text."""

    label: str
    printed: str
    label_start: int
    label_end: int


@dataclass(frozen=True)
class Stretch:
    """What is joined with its like or cut: a paragraph, a list, lines that stay lines, a turn, a note.

    `parts` are items or lines; without any, its sentences are. A turn or a note is never joined with anything. `pages`
    are those on which it begins and ends: what begins on another page is not joined, so that a citation has one.
    """

    kind: Literal["paragraph", "list", "lines", "turn", "note"]
    start: int
    end: int
    parts: tuple[Span, ...] = ()
    lead_in: str = ""
    voice: Voice | None = None
    note: int | None = None
    pages: tuple[int | None, int | None] = (None, None)


@dataclass
class Draft:
    """A passage before it knows its document."""

    start: int
    end: int
    sentences: list[Span] = field(default_factory=list)
    is_list: bool = False
    lead_in: str = ""
    repeated: str = ""  # stands before the later parts, where it is cut
    alone: bool = False
    kind: Kind = Kind.REPORT
    voice: Voice | None = None
    note: int | None = None
    pages: tuple[int | None, int | None] = (None, None)


def sections_of(headings: Sequence[Heading], title: str, first: int, text_end: int) -> tuple[Section, ...]:
    """Number the sections: 2.1 stands in 2. What stands before the first heading is section 0, of the document's title.

    `first` is where the first heading or block begins. A document without headings has one section, 1.
    """
    sections = []
    if not headings or first < headings[0].start:
        end = headings[0].start if headings else text_end
        number = "0" if headings else "1"
        sections.append(
            Section(id=number, title=title, path=(title,), start=0, end=end, heading_start=0, heading_end=0)
        )
    stack: list[tuple[int, int, str]] = []  # level, number and title of the headings around
    for place, heading in enumerate(headings):
        number_before = 0
        while stack and stack[-1][0] >= heading.level:
            number_before = stack.pop()[1]
        stack.append((heading.level, number_before + 1, heading.title))
        sections.append(
            Section(
                id=".".join(str(number) for _, number, _ in stack),
                title=heading.title,
                path=tuple(outer for _, _, outer in stack),
                within=tuple(".".join(str(number) for _, number, _ in stack[:depth]) for depth in range(1, len(stack))),
                start=heading.start,
                end=headings[place + 1].start if place + 1 < len(headings) else text_end,
                heading_start=heading.start,
                heading_end=heading.end,
            )
        )
    return tuple(sections)


def drafts_of(stretches: Sequence[Stretch | None], text: str) -> Iterator[Draft]:
    """Join what is short and cut what is long; None is a heading or a rule, over which no passage runs."""
    current: Draft | None = None
    for draft in _introduced([_draft_of(one, text) for one in stretches], text):
        too_long = draft is not None and draft.end - draft.start > MAX_CHARACTERS
        if current and (draft is None or too_long or not _joins(current, draft)):
            yield current
            current = None
        if draft is None:
            continue
        if too_long:
            yield from _cut(draft)
        elif current:
            pages = (current.pages[0], draft.pages[1])
            current = Draft(current.start, draft.end, [*current.sentences, *draft.sentences], pages=pages)
        else:
            current = draft
    if current:
        yield current


def _joins(current: Draft, draft: Draft) -> bool:
    """Tell whether what follows belongs into one passage with what stands before it."""
    near = draft.end - current.start <= JOINED_CHARACTERS and current.pages[1] == draft.pages[0]
    return near and not (current.alone or draft.alone)


def passages_of(document: Document, drafts: Sequence[Draft]) -> Iterator[Passage]:
    """Give the passages of a document that has its text and its sections."""
    sections = iter(document.sections)
    section = next(sections)
    for draft in drafts:
        while draft.start >= section.end:
            section = next(sections)
        words = document.text[draft.start : draft.end]
        voice = draft.voice
        yield Passage(
            id=content_id(document.id, draft.start, words),
            document_id=document.id,
            start=draft.start,
            end=draft.end,
            text=words,
            kind=draft.kind,
            section=section.id,
            section_title=section.title,
            path=section.path,
            within=section.within,
            lines=document.lines_of(draft.start, draft.end),
            lead_in=draft.lead_in,
            sentences=tuple(draft.sentences),
            is_list=draft.is_list,
            speaker=voice.label if voice else None,
            label_as_printed=voice.printed if voice else None,
            label_start=voice.label_start if voice else None,
            label_end=voice.label_end if voice else None,
            note=draft.note,
        )


def _draft_of(one: Stretch | None, text: str) -> Draft | None:
    """Begin a passage with a stretch and its sentences; nothing for what ends a passage."""
    if one is None:
        return None
    parts = one.parts or sentence_spans(text[one.start : one.end], one.start)
    kind = Kind.FOOTNOTE if one.kind == "note" else Kind.INTERVIEW if one.voice else Kind.REPORT
    heads_table = one.kind == "lines" and bool(one.lead_in)
    return Draft(
        one.start,
        one.end,
        [piece for part in parts for piece in _fit(part, text)],
        is_list=one.kind == "list",
        lead_in="" if heads_table else shortened(one.lead_in),
        repeated=shortened(one.lead_in) if heads_table else "",
        alone=one.kind in ("turn", "note"),
        kind=kind,
        voice=one.voice,
        note=one.note,
        pages=one.pages,
    )


def shortened(words: str) -> str:
    """Give words that stand before others, in one line; the end of them where they are long."""
    return " ".join(words.split())[-_MAX_LEAD_IN:]


def _fit(part: Span, text: str) -> list[Span]:
    """Cut one sentence, item or line that is longer than a passage may be."""
    start, end = part
    if end - start <= MAX_CHARACTERS:
        return [part]
    from semantic_text_splitter import TextSplitter  # noqa: PLC0415 - asking may import this file, and cuts nothing

    found = TextSplitter(MAX_CHARACTERS).chunk_indices(text[start:end])
    return [(start + first, start + first + len(words)) for first, words in found]


def _introduced(drafts: list[Draft | None], text: str) -> Iterator[Draft | None]:
    """Move the sentence that introduces a list to the list."""
    before: Draft | None = None
    for draft in drafts:
        following = draft
        if before and draft and draft.is_list and not before.is_list and _introduces(before, text):
            *others, introduction = before.sentences
            before = replace(before, end=others[-1][1], sentences=others) if others else None
            following = replace(
                draft,
                start=introduction[0],
                sentences=[introduction, *draft.sentences],
                lead_in=text[slice(*introduction)],
                repeated=text[slice(*introduction)],
            )
        if before:
            yield before
        if following is None:
            yield None
        before = following
    if before:
        yield before


def _introduces(draft: Draft, text: str) -> bool:
    return not draft.alone and text[draft.start : draft.end].rstrip("*_").endswith(":")


def _cut(draft: Draft) -> Iterator[Draft]:
    """Cut a long passage at the ends of sentences into parts of about the same length."""
    length = draft.end - draft.start
    target = length / -(-length // MAX_CHARACTERS)
    part: list[Span] = []
    first = True
    for start, end in draft.sentences:
        if part and (end - part[0][0] > MAX_CHARACTERS or part[-1][1] - part[0][0] >= target - (end - start) / 2):
            yield _part(draft, part, first=first)
            part, first = [], False
        part.append((start, end))
    yield _part(draft, part, first=first)


def _part(draft: Draft, sentences: list[Span], *, first: bool) -> Draft:
    """Make a part of a long passage; the later parts of a list or table carry what introduces it."""
    lead_in = draft.lead_in if draft.alone else "" if first else draft.repeated
    return replace(draft, start=sentences[0][0], end=sentences[-1][1], sentences=list(sentences), lead_in=lead_in)
