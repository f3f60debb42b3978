"""Guards what stands around the command: terminals of any width, pipes, closed streams, and how text comes in."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from assistant.pipeline import Assistant
from assistant.schema import Query
from assistant.serving.terminal.console import say
from assistant.serving.terminal.encodings import as_utf8
from assistant.settings import Settings
from corpus.errors import BatchError

QUESTION = "What did public partners say about confidence?"
COMMAND = [sys.executable, "-m", "assistant.serving.terminal.cli"]
ROOT = Path(__file__).parents[2]
CURLY = "What’s said about trust?"


@pytest.mark.parametrize("columns", ["0", "1", "2", "100"])
def test_a_pipe_gets_whole_lines_without_spaces_at_their_ends(
    coproduce: Any, settings_built: Settings, assistant_built: Assistant, columns: str
) -> None:
    shown = coproduce("ask", QUESTION, "--data-dir", settings_built.data_dir, env={"COLUMNS": columns})
    answer = assistant_built.ask(Query(question=QUESTION))
    lines = shown.stdout.splitlines()
    assert all(line == line.rstrip() for line in lines)
    for block in answer.blocks:
        if block.kind == "quotation":
            assert f"  {block.words} [{block.citation.marker}]" in lines
            assert f"  {block.attribution}" in lines
    for notice in answer.notices:
        assert notice in lines


@pytest.mark.parametrize("command", [["quotes", "--role", "public"], ["sections"], ["glossary"]], ids=" ".join)
def test_lists_into_a_pipe_are_not_wrapped_or_padded(coproduce: Any, command: list[str]) -> None:
    wide, narrow = (coproduce(*command, env={"COLUMNS": columns}).stdout for columns in ("500", "30"))
    assert wide == narrow
    assert all(line == line.rstrip() for line in wide.splitlines())


def in_a_terminal(arguments: list[str], columns: int) -> str:
    """Run the command in a terminal that is so many columns wide, and give what it wrote."""
    pty = pytest.importorskip("pty", reason="there are no such terminals on Windows")
    leader, follower = pty.openpty()
    env = {name: value for name, value in os.environ.items() if not name.startswith("COPRODUCE_")}
    env |= {"COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1"}
    with subprocess.Popen([*COMMAND, *arguments], stdout=follower, stderr=follower, cwd=ROOT, env=env) as process:
        os.close(follower)
        written = b""
        try:
            while part := os.read(leader, 65536):
                written += part
        except OSError:  # how Linux says that the other end is closed
            pass
        finally:
            os.close(leader)
    assert process.returncode == 0, written
    return written.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("columns", [0, 1, 2, 19, 40])
def test_a_narrow_terminal_loses_no_word_of_a_quotation(
    settings_built: Settings, assistant_built: Assistant, columns: int
) -> None:
    shown = in_a_terminal(["ask", QUESTION, "--data-dir", str(settings_built.data_dir)], columns)
    for block in assistant_built.ask(Query(question=QUESTION)).blocks:
        if block.kind == "quotation":
            assert " ".join(block.words.split()) in " ".join(shown.replace("\x1b[2m", "").split())
    if columns == 40:
        assert max(map(len, shown.splitlines())) <= 40 + len("\x1b[2m\x1b[0m")


def test_say_breaks_lines_for_a_person_and_indents_each(capsys: pytest.CaptureFixture[str]) -> None:
    say(Console(width=20), "one two three four five", indent=2)
    assert capsys.readouterr().out == "  one two three four\n  five\n"
    say(Console(width=20, soft_wrap=True), "one two three four five\nsix", indent=2)
    assert capsys.readouterr().out == "  one two three four five\n  six\n"


CLOSED = [
    (["quotes", "--json"], ">&-", "coproduce: the output cannot be written: it is closed."),
    (["sections"], ">&-", "coproduce: the output cannot be written: it is closed."),
    (["--help"], ">&-", "coproduce: the output cannot be written: it is closed."),
    (["ask", QUESTION, "DATA"], ">&-", "coproduce: the output cannot be written: it is closed."),
    (["ask", "-", "DATA"], "<&-", "coproduce: standard input cannot be read: it is closed."),
    (["ask", "--input", "-", "DATA"], "<&-", "coproduce: standard input cannot be read: it is closed."),
    (["mcp", "DATA"], "<&-", "coproduce: this command speaks with another program"),
    (["mcp", "DATA"], ">&-", "coproduce: this command speaks with another program"),
]


def with_streams(arguments: list[str], streams: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    """Run the command from a shell that closes some of its standard streams."""
    given = [word for one in arguments for word in (["--data-dir", str(data_dir)] if one == "DATA" else [one])]
    return subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {streams}', "sh", *COMMAND, *given],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=120,
    )


@pytest.mark.skipif(os.name == "nt", reason="closes streams as a POSIX shell does")
@pytest.mark.parametrize(("arguments", "streams", "said"), CLOSED, ids=[f"{one[0][0]} {one[1]}" for one in CLOSED])
def test_a_closed_stream_gets_one_line(settings_built: Settings, arguments: list[str], streams: str, said: str) -> None:
    done = with_streams(arguments, streams, settings_built.data_dir)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(said)


@pytest.mark.skipif(os.name == "nt", reason="closes streams as a POSIX shell does")
def test_what_needs_no_stream_does_without_it(settings_built: Settings, tmp_path: Path) -> None:
    answered = with_streams(["ask", QUESTION, "DATA"], "<&- 2>&-", settings_built.data_dir)
    assert (answered.returncode, "[1]" in answered.stdout) == (0, True)
    assert with_streams(["build", "DATA"], "<&- >&- 2>&-", settings_built.data_dir).returncode == 0
    (tmp_path / "in.jsonl").write_text('{"question": "trust"}\n')
    batch = ["ask", "--input", str(tmp_path / "in.jsonl"), "--output", str(tmp_path / "out.jsonl"), "DATA"]
    assert with_streams(batch, "<&- >&- 2>&-", settings_built.data_dir).returncode == 0
    assert json.loads((tmp_path / "out.jsonl").read_text())["question"] == "trust"


def test_version_is_that_of_the_package(coproduce: Any) -> None:
    from importlib.metadata import version

    shown = coproduce("--version")
    assert (shown.returncode, shown.stdout) == (0, f"coproduce {version('coproduction-assistant')}\n")


WAYS = [
    CURLY.encode(),
    CURLY.encode("utf-8-sig"),
    CURLY.encode("utf-16"),
    b"\xfe\xff" + CURLY.encode("utf-16-be"),
    CURLY.encode("utf-16-le"),  # as a program writes it that leaves the mark out
    CURLY.encode("utf-16-be"),
    CURLY.encode("cp1252"),
]


@pytest.mark.parametrize(
    "raw", WAYS, ids=["utf-8", "utf-8 mark", "utf-16", "be", "le, no mark", "be, no mark", "cp1252"]
)
def test_text_is_read_in_the_encoding_it_was_written_in(raw: bytes) -> None:
    read, said = as_utf8(raw, "a.txt")
    assert read.decode() == CURLY
    assert (said is not None) == (raw == CURLY.encode("cp1252"))
    if said:
        assert str(said).startswith("a.txt is not UTF-8. It was read as Windows-1252")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"a",
        b"a\0",
        b"what\0is it",  # a NUL byte is no UTF-16
        "“whole” and broken: ".encode() + b"\xff",  # where UTF-8 stands, a broken byte is none of Windows'
        b"\x81 is nothing in cp1252",
        b"what \xed\xa0\x80 is it",
    ],
)
def test_text_that_is_in_no_other_encoding_is_left_alone(raw: bytes) -> None:
    expected = b"a" if raw == b"a\0" else raw  # one letter in UTF-16
    assert as_utf8(raw, "a.txt") == (expected, None)


def test_utf_16_that_is_cut_short_is_named() -> None:
    with pytest.raises(BatchError, match=r"a\.txt begins as UTF-16, but byte 2 does not go on so"):
        as_utf8(b"\xff\xfea", "a.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_question_on_standard_input_may_come_from_windows(
    coproduce: Any, settings_built: Settings, assistant_built: Assistant, encoding: str
) -> None:
    shown = coproduce(
        "ask", "-", "--json", "--data-dir", settings_built.data_dir, stdin=f"{CURLY}\r\n".encode(encoding)
    )
    answer = json.loads(shown.stdout)
    assert answer["question"].strip() == CURLY
    assert answer["text"] == assistant_built.ask(Query(question=CURLY)).text
    assert ("Windows-1252" in shown.stderr) == (encoding == "cp1252")


def test_standard_input_that_is_no_text_is_named(coproduce: Any, settings_built: Settings) -> None:
    shown = coproduce("ask", "-", "--data-dir", settings_built.data_dir, stdin=b"what \x81")
    assert (shown.returncode, shown.stdout) == (2, "")
    assert shown.stderr.startswith("coproduce: standard input is no text that can be read: byte 5 (0x81) is not UTF-8.")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_many_questions_come_from_standard_input(coproduce: Any, settings_built: Settings, encoding: str) -> None:
    lines = [json.dumps({"id": 1, "question": CURLY}, ensure_ascii=False), "broken", '{"id": 2, "question": "power"}']
    stdin = "\r\n".join(lines).encode(encoding)
    shown = coproduce("ask", "--input", "-", "--output", "-", "--data-dir", settings_built.data_dir, stdin=stdin)
    assert shown.returncode == 1
    assert [json.loads(line)["id"] for line in shown.stdout.splitlines()] == [1, 2]
    assert json.loads(shown.stdout.splitlines()[0])["question"] == CURLY
    assert "coproduce: standard input, line 2: not a JSON object" in shown.stderr
    assert "1 of 3 lines of standard input could not be answered" in shown.stderr
    assert ("Windows-1252" in shown.stderr) == (encoding == "cp1252")
    assert not (ROOT / "-").exists()
