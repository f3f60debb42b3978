"""Put the pages together and serve them: the chat, the source reader, our own files, and headers that guard them."""

import errno
import os
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported: nothing is sent anywhere

import gradio as gr
import structlog
import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware

from assistant.desk import Desk
from assistant.pipeline import Assistant
from assistant.serving.web.api import add_api
from assistant.serving.web.chat import build_chat
from assistant.serving.web.exports import add_exports
from assistant.serving.web.frame import add_embed
from assistant.serving.web.frame_how import add_embed_how
from assistant.serving.web.front import Front
from assistant.serving.web.go_on import add_go_on
from assistant.serving.web.gradio_part import add_part
from assistant.serving.web.head import HeadAsGet
from assistant.serving.web.headers import guard_app
from assistant.serving.web.health import add_health
from assistant.serving.web.hosts import may_be_reached_as
from assistant.serving.web.logs import set_up_logs
from assistant.serving.web.owner import Owner
from assistant.serving.web.pages import STATIC, name_library, write_below
from assistant.serving.web.principles_page import add_principles
from assistant.serving.web.projector import add_projector
from assistant.serving.web.proxy import BehindProxy, check_root
from assistant.serving.web.quotes_page import add_quotes
from assistant.serving.web.reader import add_reader
from assistant.serving.web.rooms.all_pages import add_rooms
from assistant.serving.web.rooms.network import local_addresses, named_addresses, phones_reach, qr_text, warnings_of
from assistant.serving.web.statements import add_statements
from assistant.serving.web.words import Words, add_words
from assistant.settings import Settings
from corpus.errors import CoproduceError

#: Where Gradio keeps the scripts and styles of its page.
GRADIO_ASSETS = Path(gr.__file__).parent / "templates" / "frontend" / "assets"


def create_app(assistant: Assistant, settings: Settings, answers_to: Callable[[str], bool] | None = None) -> FastAPI:
    """Make the web application. One process serves it: Gradio keeps each conversation in memory.

    Args:
        assistant: What is asked.
        settings: How it behaves.
        answers_to: Tells of a `Host` header whether requests with it are answered; any if left out.

    Raises:
        CoproduceError: the setting `root_path` is the address of a page.
    """
    app = FastAPI(title="coproduce", docs_url=None, redoc_url=None, openapi_url=None)

    write_below(settings.root_path)
    name_library(assistant.library.described)
    app.add_middleware(Front, library=assistant.library, assets=GRADIO_ASSETS)
    guard_app(app, settings, answers_to)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=6)
    app.add_middleware(HeadAsGet)
    app.add_middleware(BehindProxy, settings=settings)

    app.mount("/files", StaticFiles(directory=STATIC), name="static")
    words = Words(assistant.library)
    add_health(app, assistant)
    desk = Desk(assistant, settings, complain=structlog.get_logger().warning)
    add_reader(app, assistant.documents, Owner(settings).finder(desk))
    add_go_on(app, assistant)
    add_exports(app, assistant, settings)
    add_api(app, assistant, settings, desk)
    add_embed(app, assistant, settings)
    add_embed_how(app, assistant, settings)
    add_projector(app, assistant)
    add_quotes(app, assistant.library)
    add_principles(app, assistant.library, words)
    add_words(app, words)
    add_statements(app, assistant.library)
    add_part(app)
    if settings.room:
        add_rooms(app, assistant, settings)
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
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
    )
    check_root(settings.root_path, mounted.routes)
    return mounted


def serve_until_stopped(settings: Settings) -> None:
    """Serve the web chat until Ctrl+C.

    Raises:
        CoproduceError: the address or port cannot be listened on.
    """
    set_up_logs(settings.log_level)
    listener = listen(settings)
    assistant = Assistant.from_settings(settings)
    for line in assistant.refused_files:
        structlog.get_logger().warning(line)
    app = create_app(assistant, settings, partial(may_be_reached_as, settings))
    here = f"localhost:{settings.port}" if settings.host in ("0.0.0.0", "::") else settings.address  # noqa: S104
    print(f"The web chat is ready: http://{here}{settings.root_path}  (Ctrl+C stops it)", flush=True)
    if settings.room:
        print(
            "\n".join(say_room(settings, f"http://{here}{settings.root_path}", app.state.rooms.maker_key)), flush=True
        )
    structlog.get_logger().info("serving", host=settings.host, port=settings.port)
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, proxy_headers=False, timeout_graceful_shutdown=3
    )
    _Server(config).run(sockets=[listener])


class _Server(uvicorn.Server):
    """Ends the streams of sessions as it is stopped: they would go on for ever."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        site = getattr(getattr(self.config.app, "state", None), "rooms", None)
        if site is not None:
            site.stop_streams()
        await super().shutdown(sockets)
        if site is not None:
            site.close()


def say_room(settings: Settings, here: str, maker_key: str) -> list[str]:
    """Say where sessions are made and joined, with a QR code, and why phones may not reach it."""
    lines = [f"Make a session (keep this link to yourself): {here}/room/new#{maker_key}"]
    at = named_addresses(settings) or [f"http://{address}:{settings.port}" for address in local_addresses()]
    if at and phones_reach(settings):
        lines += [f"Phones join at: {address}{settings.root_path}/room" for address in at]
        lines.append(qr_text(f"{at[0]}{settings.root_path}/room"))
    return [*lines, *warnings_of(settings)]


def listen(settings: Settings) -> socket.socket:
    """Take the port before the models are loaded, so that a port in use is told at once.

    Raises:
        CoproduceError: the address or port cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        # The protocol is named for asyncio to send each answer at once (TCP_NODELAY): else it waits 40 ms at times.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            if sys.platform != "win32":  # there it would let two servers listen on one port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((settings.host, settings.port))
        except OSError:
            listener.close()
            raise
    except OSError as error:
        to_do = "Is coproduce running already? Otherwise choose another port: coproduce serve --port 7861"
        if isinstance(error, socket.gaierror) or error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
            to_do = "Give an address of this computer: coproduce serve --host 127.0.0.1"
        raise CoproduceError(f"{settings.address} cannot be listened on: {error.strerror or error}. {to_do}") from None
    return listener
