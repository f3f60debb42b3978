"""Guards the command: what it prints, the shapes of its JSON, and one clear line for every mistake."""

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from assistant.keeping.store import Store, WantedIndex
from assistant.serving.terminal.arguments import make_query, typed_filters
from assistant.settings import Settings

QUESTION = "What did public partners say about confidence?"
COMMANDS = ["ask", "search", "quotes", "sections", "build", "serve"]

Done = CompletedProcess[str]

#: Stands for the folder of the built index.
DATA = ("--data-dir", "DATA")
#: Arguments and standard input by name, run once, two at a time.
RUNS: dict[str, tuple[list[str | bytes], bytes]] = {
    "help": (["--help"], b""),
    **{f"{command} help": ([command, "--help"], b"") for command in COMMANDS},
    "ask": (["ask", QUESTION, "--timings", *DATA], b""),
    "ask json": (["ask", QUESTION, "--json", *DATA], b""),
    "ask stdin": (["ask", "-", "--json", *DATA], QUESTION.encode() + b"\n"),
    "ask off topic": (["ask", "How do I bake sourdough bread?", "--json", *DATA], b""),
    "ask follow-up": (
        ["ask", "what about from academics?", "--history", QUESTION, "--json", *DATA],
        b"",
    ),
    "search": (["search", "ground rules", "--role", "public", *DATA], b""),
    "search json": (["search", "ground rules", "--role", "public", "--json", *DATA], b""),
    "quotes": (["quotes"], b""),
    "quotes json": (["quotes", "--json"], b""),
    "quotes public": (["quotes", "--role", "public", "--json"], b""),
    "quotes narrow": (
        ["quotes", "--role", "PUBLIC", "--section", "b4IV", "--speaker", "public partnerA", "--json"],
        b"",
    ),
    "quotes of anybody": (["quotes", "--role", "", "--section", "", "--speaker", " ", "--json"], b""),
    "quotes none": (["quotes", "--role", "public", "--section", "B.4.vi", "--json"], b""),
    "sections": (["sections"], b""),
    "sections json": (["sections", "--json"], b""),
    "build": (["build", *DATA], b""),
}
#: What a person may get wrong, and what must be said. Nothing is printed but one line.
MISTAKES: dict[str, tuple[list[str | bytes], bytes, str]] = {
    "empty": (["ask", "", *DATA], b"", "the question is empty"),
    "white space": (["ask", " \n ", *DATA], b"", "the question is empty"),
    "too long": (["ask", "x" * 20_000, *DATA], b"", "20,000 characters"),
    "too long on stdin": (["ask", "-", *DATA], b"word " * 40_000, "characters"),
    "NUL byte": (["ask", "-", *DATA], b"what\0is it", "NUL byte"),
    "lone surrogate": (["ask", "-", *DATA], b"what \xed\xa0\x80 is it", "lone surrogate"),
    "not UTF-8": (["ask", b"what \xff is it", *DATA], b"", "lone surrogate"),
    "emoji": (["ask", "😀😀", *DATA], b"", "no words"),
    "empty search": (["search", "", *DATA], b"", "the question is empty"),
    "emoji search": (["search", "😀", *DATA], b"", "no words"),
    "history not UTF-8": (["ask", "and trust?", "--history", b"\xff", *DATA], b"", "surrogate"),
    "section": (["ask", "power", "--section", "B.9", *DATA], b"", "Background, Project team, "),
    "speaker": (["ask", "power", "--speaker", "Bob", *DATA], b"", "Public partner Z"),
    "role": (["ask", "power", "--role", "boss", *DATA], b"", "There are: public, academic."),
    "kind": (["search", "power", "--kind", "x", *DATA], b"", "recommendation, project, footnote"),
    "document": (["search", "power", "--document", "x", *DATA], b"", "There are: involve-2017."),
    "quotes section": (["quotes", "--section", "B.9"], b"", "B.4.iii"),
    "quotes speaker": (["quotes", "--speaker", "Academic Researcher 9"], b"", "Academic Researcher 10"),
    "quotes role": (["quotes", "--role", "boss"], b"", "There are: public, academic."),
    "speaker not UTF-8": (["quotes", "--speaker", b"\xff"], b"", "Academic Researcher 10"),
    "no question": (["ask", *DATA], b"", "which question?"),
    "question and input": (["ask", "power", "--input", "x", *DATA], b"", "not both"),
    "output alone": (["ask", "--output", "x", *DATA], b"", "--output needs --input"),
    "data folder": (["ask", "power", "--data-dir", "FILE/below"], b"", "cannot be written"),
    "data folder to build": (["build", "--data-dir", "FILE/below"], b"", "--data-dir or COPRODUCE_DATA_DIR"),
    "data folder is a file": (["build", "--data-dir", "FILE"], b"", "cannot be written"),
    "port": (["serve", "--port", "0", *DATA], b"", "--port cannot be 0"),
}


@pytest.fixture(scope="module")
def done(coproduce: Any, settings_built: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    """Every run, by its name."""
    file = tmp_path_factory.mktemp("cli") / "a-file"
    file.write_text("not a folder")
    real = {"DATA": str(settings_built.data_dir), "FILE": str(file), "FILE/below": str(file / "below")}

    def run(arguments: list[str | bytes], stdin: bytes) -> Done:
        given = [real.get(one, one) if isinstance(one, str) else one for one in arguments]
        finished: Done = coproduce(*given, stdin=stdin)
        return finished

    with ThreadPoolExecutor(max_workers=2) as pool:
        runs = {name: pool.submit(run, *what) for name, what in RUNS.items()}
        runs |= {name: pool.submit(run, arguments, stdin) for name, (arguments, stdin, _) in MISTAKES.items()}
        return {name: future.result() for name, future in runs.items()}


def json_of(done: Done) -> Any:
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(done: dict[str, Done], command: str) -> None:
    shown = done[f"{command} help"]
    assert shown.returncode == 0
    assert f"Example: coproduce {command}" in shown.stdout


def test_help_lists_every_command(done: dict[str, Done]) -> None:
    assert done["help"].returncode == 0
    for command in [*COMMANDS, "eval"]:
        assert re.search(rf"^  {command} ", done["help"].stdout, re.MULTILINE)


def test_ask_prints_a_cited_answer(done: dict[str, Done]) -> None:
    shown = done["ask"]
    assert shown.returncode == 0
    assert "[1]" in shown.stdout
    assert re.search(r"— Public partner [A-Z], B\.4\.", shown.stdout)
    assert "2017 findings; NIHR guidance has moved on since" in " ".join(shown.stdout.split())
    assert "Traceback" not in shown.stderr
    assert re.fullmatch(r"\d+ ms to answer, \d+ ms to start\n", shown.stderr)


def test_ask_json_has_the_shape_of_the_design(done: dict[str, Done]) -> None:
    answer = json_of(done["ask json"])
    assert list(answer) == [
        *("id", "question", "status", "confidence", "mode", "text"),
        *("citations", "hits", "notices", "suggestions", "blocks", "notes", "offers"),
    ]
    assert answer["id"] is None
    assert answer["question"] == QUESTION
    assert answer["status"] in {"answered", "partial"}
    assert answer["mode"] == "extractive"
    for citation in answer["citations"]:
        assert list(citation) == [
            *("marker", "passage_id", "document_id", "document_title", "section", "section_title", "start", "end"),
            *("lines", "quoted_text", "answer_span", "kind", "speaker", "role"),
        ]
        assert len(citation["lines"]) == 2
    for hit in answer["hits"]:
        assert list(hit) == [
            *("rank", "score", "passage_id", "document_id", "section", "start", "end"),
            *("text", "kind", "speaker", "role"),
        ]
    assert [citation["marker"] for citation in answer["citations"]] == list(range(1, len(answer["citations"]) + 1))
    assert [block["citation"] for block in answer["blocks"] if block["kind"] == "quotation"] == answer["citations"]
    assert [note["text"] for note in answer["notes"]] == answer["notices"]
    assert [offer["text"] for offer in answer["offers"]] == answer["suggestions"]


def test_ask_reads_the_question_from_standard_input(done: dict[str, Done]) -> None:
    assert json_of(done["ask stdin"]) == json_of(done["ask json"])


def test_ask_refuses_what_the_report_does_not_say(done: dict[str, Done]) -> None:
    answer = json_of(done["ask off topic"])
    assert answer["status"] == "not_in_corpus"
    assert answer["citations"] == []
    assert answer["text"].startswith("The report does not say.")


def test_ask_takes_the_earlier_questions(done: dict[str, Done]) -> None:
    answer = json_of(done["ask follow-up"])
    assert {one["role"] for one in answer["citations"] if one["kind"] == "interview"} == {"academic"}


def test_search_prints_and_gives_the_hits(done: dict[str, Done]) -> None:
    hits = json_of(done["search json"])
    assert [hit["rank"] for hit in hits] == list(range(1, 11))
    assert {hit["role"] for hit in hits} == {"public"}
    assert list(hits[0]) == [
        *("rank", "score", "passage_id", "document_id", "section", "start", "end", "text", "kind", "speaker", "role"),
    ]
    assert done["search"].returncode == 0
    assert done["search"].stdout.startswith(f"1. {hits[0]['speaker']}, {hits[0]['section']}, lines ")


def test_quotes_gives_all_95(done: dict[str, Done]) -> None:
    quotes = json_of(done["quotes json"])
    assert len(quotes) == 95
    for quote in quotes:
        assert list(quote) == [
            *("quoted_text", "speaker", "label_as_printed", "role", "section", "section_title"),
            *("lines", "document_id", "passage_id"),
        ]
        assert quote["quoted_text"][0] not in "“"
        assert quote["quoted_text"][-1] not in "”“"
        assert quote["document_id"] == "involve-2017"
    first = quotes[0]
    assert first["quoted_text"].startswith("It is very trendy at the moment to put the co prefix")
    assert (first["speaker"], first["role"], first["section"]) == ("Public partner B", "public", "B.4.i")
    assert first["lines"] == [565, 565]
    assert done["quotes"].stdout.rstrip().endswith("95 quotes")
    assert done["quotes"].stdout.count("\n— ") == 95


def test_quotes_are_narrowed(done: dict[str, Done]) -> None:
    public = json_of(done["quotes public"])
    assert len(public) == 18
    assert {quote["role"] for quote in public} == {"public"}
    assert sum(quote["speaker"] == "Service User Researcher C" for quote in public) == 1
    narrow = json_of(done["quotes narrow"])
    assert [quote["lines"][0] for quote in narrow] == [759, 809]
    assert json_of(done["quotes none"]) == []
    assert json_of(done["quotes of anybody"]) == json_of(done["quotes json"])


@pytest.mark.parametrize(("typed", "kind"), [("", None), (" ", None), ("INTERVIEW", "interview"), (None, None)])
def test_a_kind_may_be_in_any_case_and_empty(typed: str | None, kind: str | None) -> None:
    filters = typed_filters("", " ", "", typed, "")
    assert filters["kind"] == kind
    assert make_query("power", filters, None) == make_query("power", {"kind": kind}, None)


def test_sections_lists_every_section(done: dict[str, Done]) -> None:
    sections = json_of(done["sections json"])
    assert all(list(section) == ["id", "title", "path", "lines"] for section in sections)
    ids = [section["id"] for section in sections]
    assert ids[:4] == ["Background", "Project team", "Timescales", "Part A"]
    assert ids[-2:] == ["Summary", "Projects"]
    assert [one for one in ids if one.startswith("B.4.")] == [
        f"B.4.{roman}" for roman in ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
    ]
    shown = done["sections"].stdout.splitlines()
    assert [line.split("  ")[0] for line in shown] == ids


def test_build_says_that_the_index_is_up_to_date(done: dict[str, Done]) -> None:
    assert done["build"].returncode == 0
    assert done["build"].stdout == ""
    assert done["build"].stderr.startswith("The index is up to date: ")


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_line_and_a_non_zero_exit(done: dict[str, Done], mistake: str) -> None:
    shown = done[mistake]
    assert shown.returncode in (1, 2), shown.stderr
    assert shown.stdout == ""
    assert "Traceback" not in shown.stderr
    assert MISTAKES[mistake][2] in shown.stderr
    assert len(shown.stderr.splitlines()) == 1, shown.stderr
    assert shown.stderr.startswith("coproduce: ")


@pytest.mark.parametrize("mistake", ["section", "speaker", "role", "kind", "document", "quotes role", "quotes speaker"])
def test_a_name_that_does_not_exist_ends_with_2(done: dict[str, Done], mistake: str) -> None:
    assert done[mistake].returncode == 2
    assert "there is no " in done[mistake].stderr


@pytest.mark.parametrize(
    ("name", "value"), [("COPRODUCE_HITS", "0"), ("COPRODUCE_LOG_LEVEL", "loud"), ("COPRODUCE_PORT", "http")]
)
def test_a_bad_setting_gets_one_line(coproduce: Any, settings_built: Settings, name: str, value: str) -> None:
    shown = coproduce("ask", "power", "--data-dir", settings_built.data_dir, env={name: value})
    assert shown.returncode == 1
    assert shown.stdout == ""
    assert len(shown.stderr.splitlines()) == 1
    assert shown.stderr.startswith(f"coproduce: {name} cannot be '{value}': ")


def test_the_data_folder_comes_from_the_environment(coproduce: Any, settings_built: Settings) -> None:
    shown = coproduce("search", "trust", "--json", env={"COPRODUCE_DATA_DIR": str(settings_built.data_dir)})
    assert len(json.loads(shown.stdout)) == 10


@pytest.mark.parametrize("part", ["index", "entry", "encoder"])
def test_a_damaged_file_is_named_and_nothing_is_answered(
    coproduce: Any, settings_built: Settings, tmp_path: Path, part: str
) -> None:
    data = Path(shutil.copytree(settings_built.data_dir, tmp_path / "data"))
    store, wanted = Store(data), WantedIndex.from_settings(settings_built)
    path = {
        "index": store.part_folder(wanted.parts[0]) / "vectors.faiss",
        "entry": store.entry_folder(wanted.entries[0]) / "entry.json",
        "encoder": store.encoder_folder(wanted.encoder) / "encoder.onnx",
    }[part]
    os.truncate(path, path.stat().st_size - 1)
    for command in (["ask", QUESTION], ["search", "power", "--json"]):
        shown = coproduce(*command, "--data-dir", data)
        assert shown.returncode == 1
        assert shown.stdout == ""
        assert shown.stderr.splitlines() == [
            f"coproduce: the index file {path} is damaged: {path.stat().st_size:,} bytes found, "
            f"{path.stat().st_size + 1:,} expected. Run `coproduce build --force` to make it again."
        ]


def test_output_that_nobody_reads_is_no_traceback(settings_built: Settings) -> None:
    arguments = [sys.executable, "-m", "assistant.serving.terminal.cli", "quotes", "--json"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read().decode()
    assert "Traceback" not in said
    assert "Exception ignored" not in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has /dev/full, a disk that is always full")
@pytest.mark.parametrize("arguments", [["quotes", "--json"], ["sections"]], ids=" ".join)
def test_a_full_disk_gets_one_line(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        shown = subprocess.run(
            [sys.executable, "-m", "assistant.serving.terminal.cli", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            text=True,
        )
    assert shown.returncode != 0
    assert "Traceback" not in shown.stderr
    assert len(shown.stderr.splitlines()) == 1
    assert "No space left" in shown.stderr


@pytest.mark.parametrize("command", ["ask", "search"])
def test_asking_imports_nothing_heavy(settings_built: Settings, command: str) -> None:
    shown = subprocess.run(
        [
            *(sys.executable, "-X", "importtime", "-m", "assistant.serving.terminal.cli", command, QUESTION),
            *("--data-dir", settings_built.data_dir),
        ],
        capture_output=True,
        check=True,
        text=True,
    )
    # A line of the listing ends so: "|      1234 |   numpy.linalg".
    modules = {line.rpartition("|")[2].strip().partition(".")[0] for line in shown.stderr.splitlines()}
    assert {"onnxruntime", "tokenizers", "faiss"} <= modules
    assert not modules & {
        *("torch", "transformers", "sentence_transformers", "gradio", "fastapi", "uvicorn"),
        *("scipy", "bm25s", "pandas", "sklearn", "onnx"),
    }


def test_quotes_and_sections_need_no_index(coproduce: Any, tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("not a folder")
    shown = coproduce("sections", env={"COPRODUCE_DATA_DIR": str(tmp_path / "a-file" / "below")})
    assert shown.returncode == 0
