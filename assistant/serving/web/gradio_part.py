"""Have Gradio draw the conversation by a script of ours: a custom component that compiles nothing in the browser.

Gradio's own HTML component compiles its template with `Function`, for which a page must allow `'unsafe-eval'`. This one
is fetched as Gradio fetches every custom component: three files below an address that names it.
"""

from abc import ABCMeta
from typing import Any

import gradio as gr
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from assistant.serving.web.headers import GRADIO_PART
from assistant.serving.web.pages import STATIC


class _WithoutStub(type(gr.HTML)):  # type: ignore[misc]
    """Makes a component without writing a `.pyi` file beside this one, which Gradio does for each class."""

    def __new__(cls, name: str, bases: tuple[type, ...], attributes: dict[str, Any]) -> type:
        return ABCMeta.__new__(cls, name, bases, attributes)


class Conversation(gr.HTML, metaclass=_WithoutStub):  # type: ignore[misc]  # its classes are made by a class of Gradio's
    """The conversation. Its value is a dictionary: HTML by the place that it is for, and what the page should know."""

    def get_block_name(self) -> str:
        """Name it to Gradio's page, which has no component of this name, so it fetches ours."""
        return "conversation"

    @classmethod
    def get_component_class_id(cls) -> str:
        """Give the name in the address of its files."""
        return "conversation"


def conversation() -> Conversation:
    """Make the conversation, empty."""
    return Conversation(None, js_on_load=None, html_template="", elem_id="conversation")


def add_part(app: FastAPI) -> None:
    """Serve the files of the component. Gradio would too, but prints a line for each and has browsers ask each time."""
    app.mount(GRADIO_PART, StaticFiles(directory=STATIC / "part"), name="part")
