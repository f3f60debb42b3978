"""The page of principles: for each theme of the interviews, what the authors say and what both sides said."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from assistant.quoting.cite import place_of
from assistant.serving.web.pages import page
from assistant.serving.web.quoted import Quoted, quoted
from assistant.serving.web.words import Words
from corpus.load import library_folders
from corpus.plain import Plain
from corpus.principles import Principle, load_principles
from corpus.schema import Document, Kind, Role

#: What the notes of a document's manifest are looked up by: these are all said on this page.
_ASKED = "five principles"


@dataclass(frozen=True)
class Theme:
    """A theme with the words that are shown of it."""

    anchor: str
    place: str
    says: list[Quoted]
    public: list[Quoted]
    academic: list[Quoted]
    more: str
    count: int
    plain: Plain | None


def add_principles(app: FastAPI, documents: tuple[Document, ...], words: Words) -> None:
    """Add the page `/principles`."""
    texts = {(document.id, document.text): folder for document, folder in library_folders()}
    shown = [
        (document, notes_of(document), [_theme(document, one, words) for one in load_principles(document, folder)])
        for document in documents
        if (folder := texts.get((document.id, document.text)))
    ]
    shown = [(document, notes, themes) for document, notes, themes in shown if themes]

    @app.get("/principles", response_class=HTMLResponse)
    def principles() -> HTMLResponse:
        return page("principles.html", here="/principles", shown=shown)


def notes_of(document: Document) -> list[str]:
    """Give what must be said beside a document's principles, in the words of its manifest."""
    notes = [note.note for note in document.notes if re.search(note.asked, _ASKED, re.IGNORECASE)]
    return [note for note in (document.standing_note, *notes) if note]


def _theme(document: Document, one: Principle, words: Words) -> Theme:
    inside = [other for other in document.passages if other.section == one.section and other.kind is Kind.INTERVIEW]
    sides = {role: [quoted(document, document.passage(name)) for name in names] for role, names in one.quotes.items()}
    plain = words.plain_for([(document.id, one.section)])
    return Theme(
        anchor=re.sub(r"\s+", "-", one.section),
        place=place_of(one.section, one.section_title),
        says=[quoted(document, document.passage(name), span) for name, span in one.says],
        public=sides[Role.PUBLIC],
        academic=sides[Role.ACADEMIC],
        more=f"/quotes?{urlencode({'section': one.section})}#found",
        count=len(inside),
        plain=plain[0] if plain else None,
    )
