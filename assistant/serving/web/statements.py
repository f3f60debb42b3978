"""The pages that say how accessible this is and what is kept about whoever uses it."""

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from assistant.serving.web.pages import page


def add_statements(app: FastAPI) -> None:
    """Add the pages `/accessibility` and `/privacy`."""

    @app.get("/accessibility", response_class=HTMLResponse)
    def accessibility() -> HTMLResponse:
        return page("accessibility.html", here="/accessibility")

    @app.get("/privacy", response_class=HTMLResponse)
    def privacy() -> HTMLResponse:
        return page("privacy.html", here="/privacy")
