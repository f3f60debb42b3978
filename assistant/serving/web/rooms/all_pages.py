"""Put the pages of sessions together."""

from fastapi import FastAPI

from assistant.pipeline import Assistant
from assistant.serving.web.rooms.carrying import add_carrying
from assistant.serving.web.rooms.checking import add_checking
from assistant.serving.web.rooms.joining import add_joining
from assistant.serving.web.rooms.leading import add_leading
from assistant.serving.web.rooms.making import add_making
from assistant.serving.web.rooms.screening import add_screening
from assistant.serving.web.rooms.site import Site
from assistant.serving.web.rooms.taking import add_taking
from assistant.settings import Settings


def add_rooms(app: FastAPI, assistant: Assistant, settings: Settings) -> Site:
    """Add `/room` and all below it, and open the sessions that are kept.

    Raises:
        CorpusError: a pack does not fit its document.
    """
    site = Site(assistant, settings)
    app.state.rooms = site
    add_joining(app, site)
    add_making(app, site)
    add_checking(app, site)
    add_taking(app, site)
    add_leading(app, site)
    add_carrying(app, site)
    add_screening(app, site)
    return site
