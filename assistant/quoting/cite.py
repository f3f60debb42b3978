"""Write and check quotations. This file is the only writer and the only parser of `[n]`.

A quotation in an answer is a block of Markdown:

    > “the exact words” [2]
    >
    > — Public partner B, B.4.i The language of co-production

Every answer is verified before anybody sees it: each block is taken apart again, its words must be exactly the slice
of the document that its citation names, and its attribution must be the one that the passage has. Nothing is matched
loosely. An answer that fails is not shown.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.quoting.framing import HEADINGS, NOT_COVERED, SMALL_TALK
from assistant.schema import Answer, Citation
from corpus.errors import VerbatimError
from corpus.schema import Document, Kind, Passage

_BLOCK = re.compile(r"(?:^> .*\n?|^>\n)+", re.MULTILINE)
_QUOTED = re.compile(r"\A(?P<words>.*) \[(?P<marker>\d+)\]\n\n(?P<by>— .*)\Z", re.DOTALL)
_MARKER = re.compile(r"(?<!\\)\[(\d+)\]")
_SPECIAL = re.compile(r"([\\`*_<>&~$|\[\]])")
_LINE_START = re.compile(r"^(\s*)([-+#=]|\d+(?=[.)]))", re.MULTILINE)
_NUMBERED = re.compile(r"[A-Z]\.|[1-9]\d*(?:\.|$)")
_ESCAPED = re.compile(r"\\([^\w\s]|_)")


def make_citation(marker: int, passage: Passage, document: Document, span: tuple[int, int] | None = None) -> Citation:
    """Cite a passage, or a span of it."""
    start, end = span or (passage.start, passage.end)
    return Citation(
        marker=marker,
        passage_id=passage.id,
        document_id=document.id,
        document_title=document.title,
        section=passage.section,
        section_title=passage.section_title,
        start=start,
        end=end,
        lines=document.lines_of(start, end),
        quoted_text=document.text[start:end],
        kind=passage.kind,
        speaker=passage.speaker,
        role=passage.role,
    )


def write_quotation(citation: Citation, document: Document) -> str:
    """Write a citation of a document as a block of Markdown."""
    words = escape_markdown(citation.quoted_text)
    if citation.speaker:
        words = f"“{words}”"
    lines = f"{words} {marker(citation.marker)}\n\n{escape_markdown(attribution_of(citation, document))}".split("\n")
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
    """A part of an answer's text: a quotation with its marker and attribution, or framing text with neither."""

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


def verify(answer: Answer, documents: Sequence[Document]) -> Answer:
    """Check every quotation, speaker and marker of an answer against the documents, and return it.

    Raises:
        VerbatimError: something does not stand in the source exactly as it is shown.
    """
    by_id = {document.id: document for document in documents}
    for hit in answer.hits:
        if hit.document_id not in by_id or by_id[hit.document_id].text[hit.start : hit.end] != hit.text:
            raise VerbatimError(f"hit {hit.rank} is not verbatim: {hit.text[:60]!r}")
    if re.search(r"[“”]", " ".join([*answer.notices, *answer.suggestions])):
        raise VerbatimError("words in quotation marks stand in a notice or suggestion")
    if answer.status == "not_in_corpus":
        if (
            answer.citations
            or not answer.text.startswith((NOT_COVERED, SMALL_TALK))
            or re.search(r"[“”>]", answer.text)
        ):
            raise VerbatimError("an answer that says that the report does not say must not show anything from it")
        return answer
    for citation in answer.citations:
        verify_citation(citation, by_id)
    by_marker = {citation.marker: citation for citation in answer.citations}
    if [citation.marker for citation in answer.citations] != list(range(1, len(answer.citations) + 1)):
        raise VerbatimError("the citations are not numbered 1, 2, 3 …")
    shown = []
    for block in read_blocks(answer.text):
        if block.marker is None:
            if block.words not in HEADINGS:
                raise VerbatimError(f"words that are neither a quotation nor ours: {block.words[:60]!r}")
            continue
        if block.marker not in by_marker:
            raise VerbatimError(f"[{block.marker}] leads to no citation")
        citation = by_marker[block.marker]
        expected = f"“{citation.quoted_text}”" if citation.speaker else citation.quoted_text
        if block.words != expected:
            raise VerbatimError(
                f"the words shown at [{block.marker}] are not those of the source: {block.words[:60]!r}"
            )
        if block.attribution != attribution_of(citation, by_id[citation.document_id]):
            raise VerbatimError(f"the name shown at [{block.marker}] is not the source's: {block.attribution!r}")
        shown.append(block.marker)
    if shown != list(by_marker):
        raise VerbatimError(f"the citations {list(by_marker)} do not fit the quotations shown {shown}")
    return answer


def verify_citation(citation: Citation, documents: dict[str, Document]) -> None:
    """Check one citation: its words are its slice, its slice is in its passage, its speaker is the passage's."""
    document = documents.get(citation.document_id)
    if document is None:
        raise VerbatimError(f"[{citation.marker}] cites a document that is not here: {citation.document_id!r}")
    try:
        passage = document.passage(citation.passage_id)
    except KeyError:
        raise VerbatimError(f"[{citation.marker}] cites a passage that is not in {document.id}") from None
    if not passage.start <= citation.start < citation.end <= passage.end:
        raise VerbatimError(f"[{citation.marker}] reaches outside its passage")
    if passage.speaker and (citation.start, citation.end) != (passage.start, passage.end):
        raise VerbatimError(f"[{citation.marker}] cuts a quote: {citation.quoted_text[:60]!r}")
    if document.text[citation.start : citation.end] != citation.quoted_text:
        raise VerbatimError(f"[{citation.marker}] is not verbatim: {citation.quoted_text[:60]!r}")
    said = (citation.speaker, citation.role, citation.kind, citation.section, citation.section_title)
    if citation.document_title != document.title:
        raise VerbatimError(f"[{citation.marker}] names another document: {citation.document_title!r}")
    if said != (passage.speaker, passage.role, passage.kind, passage.section, passage.section_title):
        raise VerbatimError(f"[{citation.marker}] is not by {citation.speaker!r} in {citation.section}")
    if (
        passage.kind is Kind.INTERVIEW
        and document.text[passage.label_start : passage.label_end] != passage.label_as_printed
    ):
        raise VerbatimError(f"[{citation.marker}] has no label where the report prints it")
    if citation.lines != document.lines_of(citation.start, citation.end):
        raise VerbatimError(f"[{citation.marker}] gives the wrong lines: {citation.lines}")


def place_of(section: str, title: str) -> str:
    """Name a section for people: "B.4.i The language of co-production", "Background"."""
    return f"{section} {title}" if _NUMBERED.match(section) else title


def attribution_of(citation: Citation, document: Document) -> str:
    """Say in words whose words they are and where they stand, and if they are only a part of the passage."""
    passage = document.passage(citation.passage_id)
    where = place_of(citation.section, citation.section_title)
    first, last = citation.lines
    lines = f"line {first}" if first == last else f"lines {first}–{last}"
    who = {
        Kind.INTERVIEW: citation.speaker or "",
        Kind.FOOTNOTE: f"Footnote {passage.note} of the report",
        Kind.PROJECT: "The report’s list of projects",
    }.get(citation.kind, document.spoken_of or document.title)
    where = "" if where == who else where
    whole = (citation.start, citation.end) == (passage.start, passage.end)
    part = "" if whole else "part of a list" if passage.is_list else "part of a paragraph"
    return f"— {', '.join(words for words in (who, where, lines, part) if words)}"
