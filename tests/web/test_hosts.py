"""`coproduce serve` as a person starts it: it answers its own names, and not those that another site points at it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from assistant.serving.web.hosts import may_be_reached_as
from assistant.settings import Settings, load_settings
from corpus.errors import CoproduceError
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
        # How the page that says so looks is no secret.
        assert client.get("/files/looks.css", headers=rebound).status_code == 200
    process.send_signal(signal.SIGINT)
    out, complaint = process.communicate(timeout=20)
    assert process.returncode == 130  # as a shell expects of what Ctrl+C has stopped
    assert out == ""
    assert "Traceback" not in complaint
    assert "a request named a host that is not ours" in complaint
    assert "DRINK" not in complaint
