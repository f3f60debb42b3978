"""The pages that say how accessible this is and what is kept about whoever uses it."""

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from assistant.serving.web.pages import page
from corpus.library import Library


def add_statements(app: FastAPI, library: Library) -> None:
    """Add the pages `/accessibility` and `/privacy`."""

    notes = [note for document in library.documents for note in document.vocabulary.access]

    @app.get("/accessibility", response_class=HTMLResponse)
    def accessibility() -> HTMLResponse:
        return page("accessibility.html", here="/accessibility", notes=notes)

    @app.get("/privacy", response_class=HTMLResponse)
    def privacy() -> HTMLResponse:
        return page("privacy.html", here="/privacy")
