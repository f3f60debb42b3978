"""Put the pages together and serve them: the chat, the source reader, our own files, and headers that guard them."""

import os
import socket
from collections.abc import Callable
from functools import partial

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported: nothing is sent anywhere

import gradio as gr
import structlog
import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from assistant.pipeline import Assistant
from assistant.serving.web.api import add_api
from assistant.serving.web.chat import build_chat
from assistant.serving.web.exports import add_exports
from assistant.serving.web.frame import add_embed
from assistant.serving.web.frame_how import add_embed_how
from assistant.serving.web.front import Front
from assistant.serving.web.headers import guard_app
from assistant.serving.web.hosts import may_be_reached_as
from assistant.serving.web.logs import set_up_logs
from assistant.serving.web.pages import STATIC, name_library
from assistant.serving.web.principles_page import add_principles
from assistant.serving.web.projector import add_projector
from assistant.serving.web.quotes_page import add_quotes
from assistant.serving.web.reader import add_reader
from assistant.serving.web.statements import add_statements
from assistant.serving.web.theme import our_theme
from assistant.serving.web.words import Words, add_words
from assistant.settings import Settings
from corpus.errors import CoproduceError


def create_app(assistant: Assistant, settings: Settings, answers_to: Callable[[str], bool] | None = None) -> FastAPI:
    """Make the web application. One process serves it: Gradio keeps each conversation in memory.

    Args:
        assistant: What is asked.
        settings: How it behaves.
        answers_to: Tells of a `Host` header whether requests with it are answered; any if left out.
    """
    app = FastAPI(title="coproduce", docs_url=None, redoc_url=None, openapi_url=None)

    name_library(assistant.library.described)
    app.add_middleware(Front, library=assistant.library)
    guard_app(app, settings, answers_to)

    app.mount("/files", StaticFiles(directory=STATIC), name="static")
    words = Words(assistant.library)
    add_reader(app, assistant.documents)
    add_exports(app, assistant, settings)
    add_api(app, assistant, settings)
    add_embed(app, assistant, settings)
    add_embed_how(app, assistant, settings)
    add_projector(app, assistant)
    add_quotes(app, assistant.library)
    add_principles(app, assistant.library, words)
    add_words(app, words)
    add_statements(app, assistant.library)
    chat = build_chat(assistant, settings, words)
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        chat,
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        max_file_size="1kb",
        favicon_path=str(STATIC / "icon.svg"),
        theme=our_theme(),
    )
    return mounted


def serve_until_stopped(settings: Settings) -> None:
    """Serve the web chat until Ctrl+C.

    Raises:
        CoproduceError: the address or port cannot be listened on.
    """
    set_up_logs(settings.log_level)
    listener = _listen(settings)
    assistant = Assistant.from_settings(settings)
    for line in assistant.refused_files:
        structlog.get_logger().warning(line)
    app = create_app(assistant, settings, partial(may_be_reached_as, settings))
    shown = "localhost" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    print(f"The web chat is ready: http://{shown}:{settings.port}  (Ctrl+C stops it)", flush=True)
    structlog.get_logger().info("serving", host=settings.host, port=settings.port)
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=3)
    uvicorn.Server(config).run(sockets=[listener])


def _listen(settings: Settings) -> socket.socket:
    """Take the port before the models are loaded, so that a port in use is told at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise CoproduceError(
            f"{settings.host}:{settings.port} cannot be listened on: {error.strerror or error}. "
            "Is coproduce running already? Otherwise choose another port: coproduce serve --port 7861"
        ) from None
    return listener
