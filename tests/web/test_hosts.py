"""`coproduce serve` as a person starts it: it answers its own names, and not those that another site points at it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from assistant.serving.web.hosts import may_be_reached_as
from assistant.serving.web.server import listen
from assistant.settings import Settings, load_settings
from corpus.errors import CoproduceError
from tests.loops import run_alone
from tests.web.serving import free_port

PUBLIC = "coproduce.example.org"
# Ctrl+C stops what follows, though tests that run in the background ignore it, and so would all that they start.
AS_IN_A_TERMINAL = """\
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.mark.parametrize(
    ("host", "hosts", "asked", "answered"),
    [
        ("127.0.0.1", (), "127.0.0.1:7860", True),
        ("127.0.0.1", (), "LOCALHOST:7860", True),
        ("127.0.0.1", (), "me.localhost", True),
        ("127.0.0.1", (), "[::1]:7860", True),
        ("::1", (), "[::1]:7860", True),
        ("127.0.0.1", (), "evil.example:7860", False),
        ("localhost", (), "localhost.evil.example", False),
        ("127.0.0.1", (), "127.0.0.1.evil.example", False),
        ("127.0.0.1", (), "10.0.0.5", False),
        ("127.0.0.1", (), "evil.example@127.0.0.1.evil.example", False),
        ("127.0.0.1", (), "", False),
        ("127.0.0.1", (), "[", False),
        ("127.0.0.1", (PUBLIC,), f"{PUBLIC.upper()}:443", True),
        ("127.0.0.1", (PUBLIC,), "localhost:7860", True),
        ("127.0.0.1", (PUBLIC,), "evil.example", False),
        ("127.0.0.1", ("[2001:DB8:0:0::1]",), "[2001:db8::1]:7860", True),
        ("[::1]", (), "evil.example", False),
        ("::1", (), "[2001:db8::1]:7860", False),
        ("0.0.0.0", (), "laptop.local:7860", True),
        ("0.0.0.0", (PUBLIC,), "laptop.local:7860", False),
    ],
)
def test_names_that_are_answered(host: str, hosts: tuple[str, ...], asked: str, answered: bool) -> None:
    assert may_be_reached_as(Settings(host=host, hosts=hosts), asked) is answered


def test_names_are_read_from_the_environment(env_without_settings: pytest.MonkeyPatch) -> None:
    env_without_settings.setenv("COPRODUCE_HOSTS", f" {PUBLIC.upper()}, [::2] {PUBLIC}")
    assert load_settings().hosts == (PUBLIC, "::2")
    for bad in ("*", "*.example.org", "https://a.example", "a.example:80", "a..example", "a/b"):
        env_without_settings.setenv("COPRODUCE_HOSTS", f"good.example {bad}")
        with pytest.raises(CoproduceError, match="COPRODUCE_HOSTS cannot be ") as caught:
            load_settings()
        assert f"{bad!r} is not the name of a computer" in str(caught.value)


def test_answers_are_sent_at_once_on_a_connection_that_is_kept() -> None:
    """Each accepted connection has TCP_NODELAY: without it an answer waits for the browser's acknowledgement."""

    async def accepted_option() -> int:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def note(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection = writer.get_extra_info("socket")
            found.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        port = free_port()
        async with await asyncio.start_server(note, sock=listen(Settings(port=port))):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return await found

    assert run_alone(accepted_option)


@pytest.mark.parametrize(
    ("host", "told"), [("::1", "[::1]:"), ("nowhere.invalid", "nowhere.invalid:"), ("192.0.2.1", "192.0.2.1:")]
)
def test_an_address_that_cannot_be_listened_on_is_told(host: str, told: str) -> None:
    port = free_port()
    with socket.socket(socket.AF_INET6) as taken:
        if host == "::1":
            taken.bind((host, port))
            taken.listen()
        with pytest.raises(CoproduceError) as caught:
            listen(Settings(host=host, port=port))
    assert str(caught.value).startswith(f"{told}{port} cannot be listened on: ")
    assert ("--port 7861" if host == "::1" else "--host 127.0.0.1") in str(caught.value)


@pytest.fixture(scope="module")
def served(settings_built: Settings) -> Iterator[tuple[subprocess.Popen[str], str]]:
    port = free_port()
    command = [sys.executable, "-c", AS_IN_A_TERMINAL, "-m", "assistant.serving.terminal.cli", "serve"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--data-dir", str(settings_built.data_dir)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line == f"The web chat is ready: http://127.0.0.1:{port}  (Ctrl+C stops it)\n"
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is sent as POSIX systems send it")
def test_served_under_its_own_name_only_and_stopped(served: tuple[subprocess.Popen[str], str]) -> None:
    process, address = served
    rebound = {"Host": address.removeprefix("http://").replace("127.0.0.1", "evil.example")}
    with httpx.Client(base_url=address, timeout=30) as client:
        assert client.get("/privacy").status_code == 200
        assert client.get("/privacy", headers={"Host": "localhost"}).status_code == 200
        asked = {"question": "Who funded the DRINK trial?"}
        assert client.post("/api/ask", json=asked).json()["status"] == "answered"
        for method, path in (
            ("GET", "/"),
            ("GET", "/privacy"),
            ("POST", "/api/ask"),
            ("POST", "/gradio_api/queue/join"),
        ):
            refused = client.request(method, path, json=asked if method == "POST" else None, headers=rebound)
            assert refused.status_code == 421
            assert "coproduce does not answer at this address" in refused.text
            assert "content-security-policy" in refused.headers
            assert "DRINK" not in refused.text
        # A monitor may know an address alone.
        assert client.get("/healthz", headers=rebound).json() == {"status": "alive"}
        assert client.get("/readyz", headers=rebound).json() == {"status": "ready"}
        # How the page that says so looks is no secret.
        assert client.get("/files/looks.css", headers=rebound).status_code == 200
    process.send_signal(signal.SIGINT)
    out, complaint = process.communicate(timeout=20)
    assert process.returncode == 130  # as a shell expects of what Ctrl+C has stopped
    assert out == ""
    assert "Traceback" not in complaint
    assert "a request named a host that is not ours" in complaint
    assert "DRINK" not in complaint
