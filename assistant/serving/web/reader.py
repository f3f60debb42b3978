"""The source reader: the whole document as plain HTML, with one span highlighted. Works without JavaScript."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from assistant.serving.web.pages import page
from assistant.serving.web.quoted import Quoted, quoted, references_of
from assistant.serving.web.search_text import SHORTEST_PART, find_all, words_to_find
from corpus.schema import Document, Passage, Section

Span = tuple[int, int]

#: Longer searches are not made.
MAX_QUERY_CHARACTERS = 200
_BULLET = re.compile(r"\s*(?:[•o*+–-]|\d{1,3}[.)]|[a-z]\))\s+\S")
_TAKEN = re.compile(r"main|text|search|found|cited|back-to-answer|L[\d-]+")
_LONGEST_SUB_HEADING = 120


@dataclass
class PageBlock:
    """A paragraph, list, quote or heading of the page. `span` is in characters of the document's text."""

    span: Span
    kind: str
    anchor: str = ""
    line: int = 0
    last_line: int = 0
    lines: list[Markup] = field(default_factory=list)
    items: list[Markup] = field(default_factory=list)
    quoted: list[Quoted] = field(default_factory=list)
    ends_cited: bool = False  # the last of the cited words stand in it
    found: list[Span] = field(default_factory=list)
    following: str = ""  # the anchor of the next block in which the search found something
    preceding: str = ""  # and of the one before


@dataclass
class Part:
    """A section of the page: its heading, if one is printed, and its blocks."""

    anchor: str
    title: str
    level: int
    heading: PageBlock | None
    blocks: list[PageBlock]


#: Finds a document that whoever sends a request may read; None where there is none.
Find = Callable[[Request, str], Document | None]


def add_reader(app: FastAPI, documents: tuple[Document, ...], find: Find = lambda _request, _document_id: None) -> None:
    """Add the page `/read/DOCUMENT?from=START&to=END&q=WORDS`, and `/read`, which leads to the first document.

    Args:
        app: The web application.
        documents: What everybody may read.
        find: Finds what else somebody may read: documents that were added.
    """
    by_id = {document.id: document for document in documents}

    @app.get("/read", include_in_schema=False)
    def first_document(request: Request) -> RedirectResponse:
        return RedirectResponse(f"{request.scope.get('root_path', '')}/read/{documents[0].id}")

    @app.get("/read/{document_id}", response_class=HTMLResponse)
    def read(
        request: Request,
        document_id: str,
        first: str = Query(default="", alias="from"),
        last: str = Query(default="", alias="to"),
        q: str = "",
    ) -> HTMLResponse:
        document = by_id.get(document_id) or find(request, document_id)
        if document is None:
            return page("missing.html", status=404, wanted=document_id[:80], known=documents)
        cited, problem = read_span(document, first, last)
        parts = lay_out(document, cited)
        found, said = search(document, parts, q)
        for block in _all_blocks(parts):
            _write(document, block, cited)
        shown = page(
            "reader.html",
            here="/read",
            # Where a document gives a reference of its own, it stands at the head of its text.
            references=() if document.reference else references_of([document]),
            document=document,
            parts=parts,
            cited=cited,
            cited_from=quoted_spans(document, cited) if cited else [],
            problem=problem,
            q=q[:MAX_QUERY_CHARACTERS],
            found=found,
            said=said,
            others=[other for other in documents if other is not document],
        )
        if document.id not in by_id:
            shown.headers["Cache-Control"] = "no-store"  # what one may read is kept for nobody else
        return shown


def read_span(document: Document, first: str, last: str) -> tuple[Span | None, str]:
    """Read which span is to be highlighted: the span, without white space around it, or what is wrong with it."""
    if not first and not last:
        return None, ""
    length = len(document.text)
    found = f"from “{first[:20]}” to “{last[:20]}”"
    expected = f"two whole numbers, the first one smaller, from 0 to {length:,}"
    if not all(one.isascii() and one.isdigit() and len(one) <= len(str(length)) for one in (first, last)):
        return None, f"The address asks to highlight {found}; expected {expected}."
    start, end = int(first), int(last)
    if not start < end <= length:
        return None, f"The address asks to highlight {found}; expected {expected}."
    words = document.text[start:end]
    start, end = start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())
    if start >= end:
        return None, f"The address asks to highlight {found}, where only white space stands."
    return (start, end), ""


def lay_out(document: Document, cited: Span | None) -> list[Part]:
    """Lay a document out as sections and blocks; no character of its text is left out but white space."""
    passages = sorted(document.passages, key=lambda one: one.start)
    starts = [passage.start for passage in passages]
    anchors: set[str] = set()
    parts = []
    position = 0
    for section in document.sections:
        if document.text[position : section.start].strip():
            parts.append(Part("", "", 0, None, _blocks(document, (position, section.start), passages, starts)))
        blocks = _blocks(document, (section.heading_end, section.end), passages, starts)
        parts.append(_part(section, blocks, anchors))
        position = section.end
    if document.text[position:].strip():
        parts.append(Part("", "", 0, None, _blocks(document, (position, len(document.text)), passages, starts)))
    lines: set[int] = set()
    for block in _all_blocks(parts):
        block.line, block.last_line = document.line_of(block.span[0]), document.line_of(block.span[1] - 1)
        if not block.anchor:
            block.anchor = f"L{block.line}-{block.span[0]}" if block.line in lines else f"L{block.line}"
            lines.add(block.line)
        block.ends_cited = cited is not None and block.span[0] < cited[1] <= block.span[1]
    return parts


def _part(section: Section, blocks: list[PageBlock], anchors: set[str]) -> Part:
    anchor = re.sub(r"\s+", "-", section.id)
    while anchor in anchors or _TAKEN.fullmatch(anchor):
        anchor = f"section-{anchor}"
    anchors.add(anchor)
    printed = section.heading_start < section.heading_end
    heading = PageBlock((section.heading_start, section.heading_end), "heading", anchor=anchor) if printed else None
    return Part(anchor, section.title, min(6, 1 + len(section.path)), heading, blocks)


def _blocks(document: Document, span: Span, passages: list[Passage], starts: list[int]) -> list[PageBlock]:
    """Cut a span at its empty lines, and say of each block what it is."""
    blocks = []
    for match in re.finditer(r"\S(?:.|\n(?!\s*\n))*", document.text[span[0] : span[1]]):
        start = span[0] + match.start()
        end = start + len(match[0].rstrip())
        inside = list(_inside(passages, starts, (start, end)))
        kind = inside[0].kind.value if inside else _unowned(document.text[start:end])
        block = PageBlock((start, end), "list" if _is_list(document.text[start:end]) else kind)
        block.quoted = [quoted(document, one) for one in inside if one.speaker and start <= one.end <= end]
        blocks.append(block)
    return blocks


def _inside(passages: list[Passage], starts: list[int], span: Span) -> Iterator[Passage]:
    for passage in passages[max(bisect_right(starts, span[0]) - 1, 0) :]:
        if passage.start >= span[1]:
            return
        if span[0] < passage.end:
            yield passage


def _is_list(text: str) -> bool:
    """Tell whether a block is shown as a list: two of its lines begin as items do."""
    return sum(bool(_BULLET.match(line)) for line in text.split("\n")) > 1


def _unowned(text: str) -> str:
    """Say what a block is that belongs to no passage: a heading inside a section, or something else."""
    return "sub-heading" if "\n" not in text and len(text) <= _LONGEST_SUB_HEADING and text[0].isalnum() else "other"


def _all_blocks(parts: Sequence[Part]) -> Iterator[PageBlock]:
    for part in parts:
        if part.heading:
            yield part.heading
        yield from part.blocks


def search(document: Document, parts: Sequence[Part], query: str) -> tuple[list[PageBlock], str]:
    """Find the blocks that hold all the words of a search, note what stands where, and say what came of it."""
    if not query.strip():
        return [], ""
    if len(query) > MAX_QUERY_CHARACTERS:
        return [], f"A search may have {MAX_QUERY_CHARACTERS} characters; this one has {len(query):,}. Use fewer words."
    words = words_to_find(query)
    if not words:
        return [], "There is no word in that search: type one or more words."
    found = []
    for block in _all_blocks(parts):
        start, end = block.span
        block.found = [(start + one, start + other) for one, other in find_all(words, document.text[start:end])]
        if block.found:
            found.append(block)
    for block, following in pairwise(found):
        block.following, following.preceding = following.anchor, block.anchor
    if not found:
        nowhere = "No paragraph here holds all these words" if words[1:] else "This word stands nowhere in this text"
        parts_too = f"Parts of words are found too, from {SHORTEST_PART} letters on: try fewer letters."
        return [], f"Nothing found. {nowhere}. {parts_too}"
    marked = sum(len(block.found) for block in found)
    return found, f"Found in {len(found):,} {_plural('paragraph', len(found))}, {_times(marked)}."


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


def _times(count: int) -> str:
    return f"marked in {count:,} {_plural('place', count)}"


def _write(document: Document, block: PageBlock, cited: Span | None) -> None:
    """Write a block's words as HTML, line by line; the lines of a list become its items."""
    start, end = block.span
    for words in document.text[start:end].split("\n"):
        shown = highlight(document.text, (start, start + len(words)), cited, block.found)
        if block.kind == "list" and _BULLET.match(words):
            block.items.append(shown)
        elif block.items:
            block.items[-1] += Markup("<br>") + shown
        else:
            block.lines.append(shown)
        start += len(words) + 1


def highlight(text: str, span: Span, cited: Span | None, found: Sequence[Span] = ()) -> Markup:
    """Escape a span of a text, with the part of it that is cited inside `<mark>`, and what a search found marked."""
    start, end = span
    if cited is None or cited[1] <= start or end <= cited[0]:
        return _with_found(text, span, found)
    first, last = max(start, cited[0]), min(end, cited[1])
    begins, ends = first == cited[0], last == cited[1]
    return Markup("{}{}<mark{}>{}</mark>{}{}").format(
        _with_found(text, (start, first), found),
        Markup('<span class="unseen cue">The cited words begin: </span>') if begins else "",
        Markup(' id="cited" tabindex="-1"') if begins else "",
        _with_found(text, (first, last), found),
        Markup('<span class="unseen cue"> (the cited words end)</span>') if ends else "",
        _with_found(text, (last, end), found),
    )


def _with_found(text: str, span: Span, found: Sequence[Span]) -> Markup:
    position, end = span
    written = Markup("")
    for one, other in found:
        first, last = max(one, position), min(other, end)
        if first < last:
            written += _escaped(text[position:first])
            written += Markup('<mark class="found">{}</mark>').format(text[first:last])
            position = last
    return written + _escaped(text[position:end])


def _escaped(text: str) -> Markup:
    return Markup("<br>").join(text.split("\n"))  # join escapes what it joins


def quoted_spans(document: Document, cited: Span) -> list[Quoted]:
    """Give what can be kept of a cited span: its part of each passage; a quote always whole."""
    return [
        quoted(document, one, (max(one.start, cited[0]), min(one.end, cited[1])))
        for one in document.passages
        if one.start < cited[1] and cited[0] < one.end
    ]
