"""The page of principles: for each theme of the interviews, what the authors say and what each side said."""

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from assistant.quoting.cite import place_of
from assistant.serving.web.conversation import section_anchor
from assistant.serving.web.pages import page
from assistant.serving.web.quoted import Quoted, quoted, references_of
from assistant.serving.web.words import Words
from corpus.library import Library
from corpus.plain import Plain
from corpus.principles import Principle
from corpus.schema import Document


@dataclass(frozen=True)
class Side:
    """What the people of one side said of a theme."""

    one: str
    many: str
    quotes: list[Quoted]


@dataclass(frozen=True)
class Theme:
    """A theme with the words that are shown of it."""

    anchor: str
    place: str
    says: list[Quoted]
    sides: list["Side"]
    more: str
    count: int
    plain: Plain | None


def add_principles(app: FastAPI, library: Library, words: Words) -> None:
    """Add the page `/principles`."""
    shown = []
    for entry in library.entries:
        if entry.principles:
            themes = [_theme(entry.document, one, library, words) for one in entry.principles]
            shown.append((entry.document, notes_of(entry.document), themes))
    references = references_of(document for document, _, _ in shown)

    @app.get("/principles", response_class=HTMLResponse)
    def principles() -> HTMLResponse:
        return page("principles.html", here="/principles", shown=shown, references=references)


def notes_of(document: Document) -> list[str]:
    """Give what must be said beside a document's principles, in the words of its vocabulary."""
    vocabulary = document.vocabulary
    notes = [note.note for note in vocabulary.notes if note.with_principles]
    return [note for note in (vocabulary.standing_note, *notes) if note]


def _theme(document: Document, one: Principle, library: Library, words: Words) -> Theme:
    sides = []
    for role, names in one.quotes.items():
        called = library.roles[role]
        sides.append(Side(called.one, called.many, [quoted(document, document.passage(name)) for name in names]))
    plain = words.plain_for([(document.id, one.section)])
    return Theme(
        anchor=section_anchor(one.section),
        place=place_of(one.section, one.section_title),
        says=[quoted(document, document.passage(name), span) for name, span in one.says],
        sides=sides,
        more=f"/quotes?{urlencode({'section': one.section})}#found",
        count=len(library.quotes_in(document.id, one.section)),
        plain=plain[0] if plain else None,
    )
