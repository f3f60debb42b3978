"""`coproduce serve --room`: what it prints, under which names it answers, and that it stops although pages listen."""

import os
import re
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from assistant.serving.web.hosts import may_be_reached_as
from assistant.serving.web.rooms.network import is_own_name, join_address, qr_svg, qr_text, warnings_of
from assistant.serving.web.rooms.words import room_languages
from assistant.serving.web.server import say_room
from assistant.settings import Settings
from tests.web.room_http import Device
from tests.web.serving import free_port
from tests.web.test_hosts import AS_IN_A_TERMINAL

OPEN = Settings(room=True, host="0.0.0.0")
NAMED = Settings(room=True, host="0.0.0.0", hosts=("room.example.org",))
BEHIND = Settings(room=True, hosts=("room.example.org",), proxies="127.0.0.1")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "asked", "answered"),
    [
        (OPEN, "127.0.0.1:7860", True),
        (OPEN, "localhost:7860", True),
        (OPEN, f"{socket.gethostname()}:7860", True),
        (OPEN, "evil.example:7860", False),  # a site that points its name at this computer
        (OPEN, "192.0.2.77:7860", False),
        (NAMED, "room.example.org", True),
        (NAMED, "evil.example", False),
        (Settings(host="0.0.0.0"), "evil.example", True),  # the control: without --room it is as it was
        (Settings(room=True), "evil.example", False),
    ],
)
def test_room_answers_to_this_computers_own_names_and_those_that_are_set(
    settings: Settings, asked: str, answered: bool
) -> None:
    assert may_be_reached_as(settings, asked) is answered


def test_join_address_is_one_that_phones_reach() -> None:
    assert join_address(NAMED, "https", "127.0.0.1:7860") == "https://room.example.org"
    assert join_address(NAMED, "https", "room.example.org") == "https://room.example.org"
    assert join_address(NAMED, "http", "127.0.0.1:7860") == "http://room.example.org:7860"
    assert join_address(NAMED, "http", "room.example.org:7860") == "http://room.example.org:7860"
    assert join_address(BEHIND, "http", "127.0.0.1:7860") == "https://room.example.org"
    assert join_address(OPEN, "http", "192.168.1.7:7860") == "http://192.168.1.7:7860"
    assert "localhost" not in join_address(OPEN, "http", "localhost:7860") or not is_own_name("0.0.0.0")
    assert join_address(Settings(room=True), "http", "localhost:7860") == "http://localhost:7860"


@pytest.mark.parametrize(
    ("settings", "at"), [(NAMED, "http://room.example.org:7860"), (BEHIND, "https://room.example.org")]
)
def test_printed_address_and_qr_code_are_those_that_phones_open(settings: Settings, at: str) -> None:
    lines = say_room(settings, "http://localhost:7860", "0" * 32)
    assert f"Phones join at: {at}/room" in lines and qr_text(f"{at}/room") in lines
    alone = say_room(Settings(room=True, hosts=("room.example.org",)), "http://localhost:7860", "0" * 32)
    assert "Phones cannot reach" in alone[1] and len(alone) == 2  # the control: nothing that they cannot open


def test_warnings_say_what_to_do() -> None:
    assert "Phones cannot reach 127.0.0.1" in warnings_of(Settings(room=True))[0]
    assert any(word in " ".join(warnings_of(OPEN)) for word in ("firewall", "hotspot"))


def test_qr_code_is_a_picture_that_runs_nothing() -> None:
    drawn = qr_svg("http://192.0.2.1:7860/room/x/take")
    assert drawn.lstrip().startswith("<?xml") and "<svg" in drawn and "<script" not in drawn


def test_languages_of_the_room_are_whole() -> None:
    assert next(iter(room_languages())) == "en" and set(room_languages()) == {"en", "cy", "pl", "ur", "bn"}


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is sent as POSIX systems send it")
@pytest.mark.timeout(600)
def test_serve_room_prints_where_to_go_and_stops_at_once_although_a_page_listens(settings_built: Settings) -> None:
    port = free_port()
    command = [sys.executable, "-c", AS_IN_A_TERMINAL, "-m", "assistant.serving.terminal.cli", "serve", "--room"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--data-dir", str(settings_built.data_dir)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "HF_HUB_OFFLINE": "1"}
    )
    try:
        assert process.stdout is not None
        printed = [process.stdout.readline() for _ in range(3)]
        assert printed[0].startswith("The web chat is ready")
        found = re.search(r"/room/new#([0-9a-f]{32})", printed[1])
        assert found is not None and "Phones cannot reach 127.0.0.1" in printed[2]
        base = f"http://127.0.0.1:{port}"
        lead = Device(base)
        assert lead.post("/room/new/key", {"key": found[1]}).status_code == 303
        assert Device(base).post("/room/new/key", {"key": "0" * 32}).status_code == 403
        made = lead.http.post("/room/new", data={"plan": "short", "rehearse": "1"}, files={"none": b""}).text
        at = re.search(r"(/room/[0-9a-f]{20})/lead#", made)
        assert at is not None
        with httpx.stream("GET", f"{base}{at[1]}/lead/stream?after=-1", cookies=lead.http.cookies, timeout=60) as reply:
            lines = reply.iter_lines()
            assert next(lines) == "retry: 2000"
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert "event: over" in list(lines)
        process.communicate(timeout=60)
        assert process.returncode == 130
        assert time.monotonic() - began < 30  # without ending the streams it would wait for its limit and cut them
    finally:
        process.kill()
        process.communicate()
