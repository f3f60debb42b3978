"""The source reader: the whole document as plain HTML, with one span highlighted. Works without JavaScript."""

from fastapi import FastAPI, Query
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from assistant.web.pages import page
from corpus.schema import Document, Passage, Section

Span = tuple[int, int]


def add_reader(app: FastAPI, documents: tuple[Document, ...]) -> None:
    """Add the page `/read/DOCUMENT?from=START&to=END`, which shows a document with that span highlighted."""
    by_id = {document.id: document for document in documents}

    @app.get("/read/{document_id}", response_class=HTMLResponse)
    def read(
        document_id: str,
        first: str = Query(default="", alias="from"),
        last: str = Query(default="", alias="to"),
    ) -> HTMLResponse:
        document = by_id.get(document_id)
        if document is None:
            return page("missing.html", status=404, wanted=document_id, known=documents)
        start, end = (int(value) if value.isascii() and value.isdigit() else -1 for value in (first, last))
        cited = (start, end) if 0 <= start < end <= len(document.text) else None
        return page(
            "reader.html",
            document=document,
            parts=[_section_part(document, section, cited) for section in document.sections],
            cited=cited,
        )


def _section_part(document: Document, section: Section, cited: Span | None) -> dict[str, object]:
    return {
        "section": section,
        "level": min(6, 1 + len(section.path)),
        "title": document.text[section.heading_start : section.heading_end],
        "heading": highlight(document.text, (section.heading_start, section.heading_end), cited),
        "blocks": _blocks(document, section, cited),
    }


def _blocks(document: Document, section: Section, cited: Span | None) -> list[dict[str, object]]:
    """Cut a section's text at its empty lines, and say of each block which passage it is and where it stands."""
    blocks: list[dict[str, object]] = []
    position = section.heading_end
    while position < section.end:
        stop = document.text.find("\n\n", position, section.end)
        stop = section.end if stop < 0 else stop
        words = document.text[position:stop]
        start = position + len(words) - len(words.lstrip())
        end = start + len(words.strip())
        if start < end:
            passage = next((one for one in document.passages if one.start < end and start < one.end), None)
            blocks.append(
                {
                    "html": highlight(document.text, (start, end), cited),
                    "kind": _kind(passage),
                    "lines": document.lines_of(start, end),
                }
            )
        position = stop + 2
    return blocks


def _kind(passage: Passage | None) -> str:
    return passage.kind.value if passage else "sub-heading"


def highlight(text: str, span: Span, cited: Span | None) -> Markup:
    """Escape a span of a text, with the part of it that is cited inside `<mark>`."""
    start, end = span
    if cited is None or cited[1] <= start or end <= cited[0]:
        return _escaped(text[start:end])
    first, last = max(start, cited[0]), min(end, cited[1])
    anchor = Markup(' id="cited" tabindex="-1"') if first == cited[0] else ""
    return Markup("{}<mark{}>{}</mark>{}").format(
        _escaped(text[start:first]), anchor, _escaped(text[first:last]), _escaped(text[last:end])
    )


def _escaped(text: str) -> Markup:
    return Markup("<br>").join(text.split("\n"))  # join escapes what it joins
