"""Serve an application on a free local port, from a thread."""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        return int(finder.getsockname()[1])


@contextmanager
def serving(app: FastAPI, port: int = 0, log_level: str = "error") -> Iterator[str]:
    """Give the address while it is served: on a port that must be known before, or any free one."""
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:  # as `coproduce serve` does: else answers wait 40 ms
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        running = uvicorn.Server(uvicorn.Config(app, log_level=log_level))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            for _ in range(200):
                if running.started:
                    break
                time.sleep(0.05)
            assert running.started, "the server did not start within 10 seconds"
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            running.should_exit = True
            thread.join(timeout=10)
