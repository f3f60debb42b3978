"""Write quotations, and take them apart again. This file is the only writer and the only parser of `[n]`.

A quotation in an answer is a block of Markdown:

    > “the exact words” [2]
    >
    > — Public partner B, B.4.i The language of co-production

`verify.py` takes every answer apart again before anybody sees it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.schema import Block, Citation, HeadingBlock, QuotationBlock
from corpus.errors import VerbatimError
from corpus.schema import Document, Kind, Passage

_BLOCK = re.compile(r"(?:^> .*\n?|^>\n)+", re.MULTILINE)
_QUOTED = re.compile(r"\A(?P<words>.*) \[(?P<marker>\d+)\]\n\n(?P<by>— .*)\Z", re.DOTALL)
_MARKER = re.compile(r"(?<!\\)\[(\d+)\]")
_SPECIAL = re.compile(r"([\\`*_<>&~$|\[\]])")
_LINE_START = re.compile(r"^([^\S\n]*)([-+#=]|\d+(?=[.)]))", re.MULTILINE)
_WITH_LINES = ("", "text", "markdown", "vtt", "srt")
_NUMBERED = re.compile(r"[1-9]|\.")
_ESCAPED = re.compile(r"\\([^\w\s]|_)")


def make_citation(marker: int, passage: Passage, document: Document, span: tuple[int, int] | None = None) -> Citation:
    """Cite a passage. `span` is of what is shown of it; without it, all of it is."""
    shown = span or (passage.start, passage.end)
    place = document.place_of(*shown)
    return Citation(
        marker=marker,
        passage_id=passage.id,
        document_id=document.id,
        document_title=document.title,
        section=passage.section,
        section_title=passage.section_title,
        start=passage.start,
        end=passage.end,
        lines=document.lines_of(passage.start, passage.end),
        quoted_text=document.text[passage.start : passage.end],
        answer_span=shown,
        kind=passage.kind,
        speaker=passage.speaker,
        role=passage.role,
        page=place.page,
        last_page=place.last_page,
        page_label=place.page_label,
        time=place.time,
        place=place.place,
        paragraph=place.paragraph,
        added=document.origin == "added",
    )


def quote(marker: int, passage: Passage, document: Document, span: tuple[int, int] | None = None) -> QuotationBlock:
    """Cite a passage as it is shown: whole, or a span of it."""
    citation = make_citation(marker, passage, document, span)
    return QuotationBlock(citation=citation, attribution=attribution_of(citation, document))


def render_text(blocks: Sequence[Block]) -> str:
    """Write the blocks of an answer as Markdown: this is all that `Answer.text` ever is."""
    written: list[str] = []
    before = ""
    for block in blocks:
        if isinstance(block, QuotationBlock):
            written.append(write_quotation(block))
        elif isinstance(block, HeadingBlock):
            written.append(write_heading(block.text))
        elif before == "refusal":  # the reason goes on in the same paragraph
            written[-1] += f" {block.text}"
        else:
            written.append(block.text)
        before = block.kind
    return "\n\n".join(written)


def write_heading(words: str) -> str:
    """Write a heading as a paragraph of Markdown; a document's words may stand in it."""
    return f"**{escape_markdown(words)}**"


def write_quotation(block: QuotationBlock) -> str:
    """Write a quotation as a block of Markdown."""
    return write_quoted(block.words, block.citation.marker, block.attribution)


def write_quoted(words: str, number: int, attribution: str) -> str:
    """Write words with their marker and attribution as a block of Markdown."""
    lines = f"{escape_markdown(words)} {marker(number)}\n\n{escape_markdown(attribution)}".split("\n")
    quoted = [f"> {line}" if line else ">" for line in lines]
    # Two spaces end a line inside a list or record; without them Markdown would run the lines together.
    return "\n".join(
        f"{line}  " if _ends_a_line(line, following) else line for line, following in pairwise([*quoted, ""])
    )


def _ends_a_line(line: str, following: str) -> bool:
    """Tell whether two spaces are written after a line: another follows it within a paragraph."""
    return line != ">" and following not in (">", "")


def escape_markdown(text: str) -> str:
    """Escape a source's text so that it shows as it is: no markup, no link, no marker of its own."""
    escaped = _SPECIAL.sub(r"\\\1", text)
    return _LINE_START.sub(
        lambda match: match[1] + (f"{match[2]}\\" if match[2].isdigit() else f"\\{match[2]}"), escaped
    )


def unescape_markdown(text: str) -> str:
    """Undo `escape_markdown`."""
    return _ESCAPED.sub(r"\1", text)


def marker(number: int) -> str:
    """Write a marker: `[2]`."""
    return f"[{number}]"


@dataclass(frozen=True)
class ParsedBlock:
    """A part of an answer's text as it was taken apart: a quotation with its marker and attribution, or framing."""

    words: str
    marker: int | None = None
    attribution: str = ""


def read_blocks(text: str) -> Iterator[ParsedBlock]:
    """Take an answer's text apart, in order.

    Raises:
        VerbatimError: a block is not written as a quotation is.
    """
    position = 0
    for found in _BLOCK.finditer(text):
        yield from _framing(text[position : found.start()])
        position = found.end()
        lines = found.group().rstrip("\n").split("\n")
        inner = "\n".join(
            (line.removesuffix("  ") if _ends_a_line(line, following) else line).removeprefix(">").removeprefix(" ")
            for line, following in pairwise([*lines, ""])
        )
        match = _QUOTED.match(inner)
        if match is None:
            raise VerbatimError(f"a quotation without its citation: {inner[:60]!r}")
        yield ParsedBlock(unescape_markdown(match["words"]), int(match["marker"]), unescape_markdown(match["by"]))
    yield from _framing(text[position:])


def _framing(text: str) -> Iterator[ParsedBlock]:
    yield from (ParsedBlock(paragraph.strip()) for paragraph in text.split("\n\n") if paragraph.strip())


def markers_of(text: str) -> list[int]:
    """List the markers in a text, in order."""
    return [int(marker) for marker in _MARKER.findall(text)]


def place_of(section: str, title: str) -> str:
    """Name a section for people: "B.4.i The language of co-production", "Background"."""
    return f"{section} {title}" if _NUMBERED.search(section) else title


def stands_in(document: Document, span: tuple[int, int]) -> str:
    """Say where in its file a span stands, as people look it up: page, time, line or paragraph."""
    place = document.place_of(*span)
    if place.page is not None:
        pages = f"page {place.page}" if place.last_page is None else f"pages {place.page}–{place.last_page}"
        printed = place.page_label not in (None, str(place.page))
        where = f"p. {place.page_label}, {pages} of the file" if printed else pages
    elif place.time is not None:
        where = f"at {int(place.time) // 3600}:{int(place.time) // 60 % 60:02}:{int(place.time) % 60:02}"
    elif document.format in _WITH_LINES or place.paragraph is None:
        first, last = document.lines_of(*span)
        where = f"line {first}" if first == last else f"lines {first}–{last}"
    else:
        where = f"paragraph {place.paragraph}"
    return f"{where}, {place.place}" if place.place else where


def _footnote(passage: Passage, document: Document) -> str:
    """Name a footnote: the report's by its number alone, another document's with its title."""
    number = f"Footnote {passage.note}" if passage.note is not None else "Footnote"
    return f"{number} of the report" if document.vocabulary.authors_called else f"{number} of {document.title}"


def attribution_of(citation: Citation, document: Document) -> str:
    """Say in words whose words they are and where they stand, and if they are only a part of the passage."""
    passage, table = document.passage(citation.passage_id), document.vocabulary.table
    where = place_of(citation.section, citation.section_title)
    lines = stands_in(document, citation.answer_span)
    authors = " and ".join(document.cited_in(citation.passage_id, citation.answer_span))
    who = (
        {
            Kind.INTERVIEW: citation.speaker or "",
            Kind.FOOTNOTE: _footnote(passage, document),
            Kind.PROJECT: table.attribution if table else "",
        }.get(citation.kind)
        or document.vocabulary.authors_called
        or document.title
    )
    if document.origin == "added":
        return f"— {', '.join(words for words in _of_added(citation, passage, document, where, lines) if words)}"
    where = "" if where == who else where
    who = f"{who}, citing {authors}" if authors else who  # the words are not those of whom they cite
    return f"— {', '.join(words for words in (who, where, lines, _part(citation, passage)) if words)}"


def _of_added(citation: Citation, passage: Passage, document: Document, where: str, lines: str) -> tuple[str, ...]:
    """Say whose the words of an added document are: its own title comes first, whoever speaks in it."""
    title = " ".join(document.title.split())
    note = f"footnote {passage.note}" if passage.kind is Kind.FOOTNOTE and passage.note else ""
    place = "" if where == document.title else where
    return f"“{title}” (added document)", citation.speaker or note, place, lines, _part(citation, passage)


def _part(citation: Citation, passage: Passage) -> str:
    """Say that only a part of a passage is shown, where it is."""
    part = "of what was said" if passage.speaker else "of a list" if passage.is_list else "of a paragraph"
    return "" if citation.is_whole else f"part {part}"
