"""Guards many questions from a file: order and ids are kept, a broken line is named and costs nothing else."""

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from assistant.pipeline import Assistant
from assistant.schema import Answer, Query
from assistant.serving.terminal.batch import answer_all, read_queries
from assistant.settings import Settings
from corpus.errors import BatchError

GOOD = [
    {"id": "z9", "question": "What is co-production?"},
    {"id": 7, "question": "What did academics say about power?"},
    {"id": "a1", "question": "what about from public partners?", "history": ["What did academics say about power?"]},
    {"question": "trust"},
    {"id": "f", "question": "power", "filters": {"role": "public", "section": "b4iii"}},
    {"id": 3, "question": "qué — “co-production” 😀?"},
]
#: Lines that cannot be answered, with what must be said about each.
BROKEN = [
    ("not json", "not a JSON object"),
    ('["a list"]', "dictionary"),
    ('{"id": 1}', "question: field required"),
    ('{"id": 1, "question": ""}', "the question is empty"),
    ('{"id": 1, "question": 5}', "question: "),
    ('{"id": 1, "question": "power", "colour": "red"}', "colour: extra inputs are not permitted"),
    ('{"id": 1, "question": "power", "filters": {"section": "Z.9"}}', "there is no section 'Z.9'"),
    (
        '{"id": 1, "question": "power", "filters": {"role": "boss"}}',
        "there is no role 'boss'. There are: public, academic.",
    ),
    ('{"id": 1, "question": "a \\u0000 b"}', "NUL byte"),
    ('{"id": 1, "question": "a \\ud800 b"}', "lone surrogate"),
    ('{"id": 1.5, "question": "power"}', "id"),
    ('{"id": "cut', "not a JSON object"),
    (json.dumps({"question": "x" * 20_000}), "has 20,000 characters"),
]
GOOD_LINE = json.dumps({"id": "last", "question": "trust"})


def write_lines(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def without_scores(answer: dict[str, Any]) -> dict[str, Any]:
    """Leave out the numbers that may differ in the last place between two processes."""
    hits = [{name: value for name, value in hit.items() if name != "score"} for hit in answer["hits"]]
    return {**answer, "hits": hits, "confidence": round(answer["confidence"], 2)}


@pytest.fixture(scope="module")
def good(coproduce: Any, settings_built: Settings, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The answers that the command writes for the good lines."""
    folder = tmp_path_factory.mktemp("good")
    lines = [json.dumps(one, ensure_ascii=number % 2 == 0) for number, one in enumerate(GOOD)]
    source = write_lines(folder / "in.jsonl", ["\ufeff" + lines[0] + "\r", "", "  ", *lines[1:]])
    data_dir = settings_built.data_dir
    done = coproduce("ask", "--input", source, "--output", folder / "out.jsonl", "--data-dir", data_dir, "--timings")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "ms a question, 6 questions" in done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["in.jsonl", "out.jsonl"]
    return [json.loads(line) for line in (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()]


def test_batch_keeps_the_order_and_the_ids(good: list[dict[str, Any]]) -> None:
    assert [answer["id"] for answer in good] == [one.get("id") for one in GOOD]
    assert [answer["question"] for answer in good] == [one["question"] for one in GOOD]


def test_batch_gives_the_answers_that_one_question_gets(good: list[dict[str, Any]], assistant_built: Assistant) -> None:
    for asked, found in zip(GOOD, good, strict=True):
        alone = assistant_built.ask(Query.model_validate(asked)).model_dump(mode="json")
        assert without_scores(found) == without_scores(alone)


@pytest.fixture(scope="module")
def mixed(
    coproduce: Any, settings_built: Settings, tmp_path_factory: pytest.TempPathFactory
) -> tuple[CompletedProcess[str], Path]:
    """What the command does with broken lines between good ones."""
    folder = tmp_path_factory.mktemp("mixed")
    lines = [line for broken, _ in BROKEN for line in (json.dumps(GOOD[1]), broken)]
    source = write_lines(folder / "in.jsonl", [*lines, GOOD_LINE])
    done = coproduce("ask", "--input", source, "--output", folder / "out.jsonl", "--data-dir", settings_built.data_dir)
    return done, folder


def test_batch_names_every_broken_line_and_answers_the_others(mixed: tuple[CompletedProcess[str], Path]) -> None:
    done, folder = mixed
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    *said, last = done.stderr.splitlines()
    assert len(said) == len(BROKEN)
    for number, (line, (_, what)) in enumerate(zip(said, BROKEN, strict=True), start=1):
        assert line.startswith(f"coproduce: {folder / 'in.jsonl'}, line {2 * number}: ")
        assert what in line
        assert line.endswith("The line was left out.")
    assert f"{len(BROKEN)} of {2 * len(BROKEN) + 1} lines" in last
    answers = [json.loads(line) for line in (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [answer["id"] for answer in answers] == [*[7] * len(BROKEN), "last"]
    assert sorted(path.name for path in folder.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_batch_writes_to_standard_output_without_output(
    coproduce: Any, settings_built: Settings, tmp_path: Path
) -> None:
    source = write_lines(tmp_path / "in.jsonl", [GOOD_LINE, "broken", GOOD_LINE])
    done = coproduce("ask", "--input", source, "--data-dir", settings_built.data_dir)
    assert done.returncode == 1
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["last", "last"]
    assert "line 2" in done.stderr


@pytest.mark.parametrize("target", ["a-folder", "nowhere/out.jsonl", "a-file/out.jsonl"])
def test_batch_says_that_the_output_cannot_be_written(
    coproduce: Any, settings_built: Settings, tmp_path: Path, target: str
) -> None:
    source = write_lines(tmp_path / "in.jsonl", [GOOD_LINE])
    (tmp_path / "a-folder").mkdir()
    (tmp_path / "a-file").write_text("kept")
    done = coproduce("ask", "--input", source, "--output", tmp_path / target, "--data-dir", settings_built.data_dir)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert str(tmp_path / target) in done.stderr
    assert "cannot be written" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-file", "a-folder", "in.jsonl"]


def test_batch_says_that_the_input_is_not_there_and_leaves_the_output(
    coproduce: Any, settings_built: Settings, tmp_path: Path
) -> None:
    (tmp_path / "out.jsonl").write_text("kept")
    done = coproduce(
        "ask",
        *("--input", tmp_path / "none.jsonl"),
        *("--output", tmp_path / "out.jsonl"),
        *("--data-dir", settings_built.data_dir),
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"coproduce: {tmp_path / 'none.jsonl'} cannot be read: No such file or directory."
    ]
    assert (tmp_path / "out.jsonl").read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl"]


def test_batch_does_not_write_over_its_own_questions(coproduce: Any, settings_built: Settings, tmp_path: Path) -> None:
    both = write_lines(tmp_path / "both.jsonl", [GOOD_LINE])
    done = coproduce("ask", "--input", both, "--output", both, "--data-dir", settings_built.data_dir)
    assert done.returncode != 0
    assert both.read_text() == f"{GOOD_LINE}\n"


def test_batch_refuses_filters_that_it_would_not_use_or_uses_them(
    coproduce: Any, settings_built: Settings, tmp_path: Path
) -> None:
    source = write_lines(tmp_path / "in.jsonl", ['{"question": "What did people say about power?"}'])
    done = coproduce("ask", "--input", source, "--role", "public", "--data-dir", settings_built.data_dir)
    if done.returncode == 0:
        assert {hit["role"] for hit in json.loads(done.stdout)["hits"]} <= {"public"}


@pytest.mark.parametrize("history", ["\\ud800", "\\u0000"])
def test_batch_goes_on_after_a_history_that_is_no_text(
    assistant_built: Assistant, tmp_path: Path, history: str
) -> None:
    source = write_lines(
        tmp_path / "in.jsonl", ['{"question": "and trust?", "history": ["' + history + '"]}', GOOD_LINE]
    )
    results = [result for _, result in answer_all(assistant_built, source)]
    assert isinstance(results[0], Answer | BatchError)
    assert isinstance(results[1], Answer)


@pytest.mark.parametrize("name", ["\\ud800", "\\u0000"])
def test_batch_can_write_whatever_id_it_took(assistant_built: Assistant, tmp_path: Path, name: str) -> None:
    source = write_lines(tmp_path / "in.jsonl", ['{"id": "' + name + '", "question": "trust"}', GOOD_LINE])
    first, second = (result for _, result in answer_all(assistant_built, source))
    if isinstance(first, Answer):
        assert json.loads(first.model_dump_json())["id"] == json.loads(f'"{name}"')
    assert isinstance(second, Answer)


def test_read_queries_counts_empty_lines(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b'\n\r\n{"question": "trust"}\r\n\n\xff\xfe\n{"question": "no line end"}')
    read = list(read_queries(tmp_path / "in.jsonl"))
    assert [number for number, _ in read] == [3, 5, 6]
    assert read[0][1] == Query(question="trust")
    assert isinstance(read[1][1], BatchError)
    assert read[2][1] == Query(question="no line end")


def test_read_queries_takes_numbers_and_words_as_ids_and_nothing_else(tmp_path: Path) -> None:
    lines = [json.dumps({"id": name, "question": "trust"}) for name in ("1", 1, None, True, 1.5, ["1"], {})]
    found = [query for _, query in read_queries(write_lines(tmp_path / "in.jsonl", lines))]
    ids = [query.id for query in found if isinstance(query, Query)]
    assert ids == ["1", 1, None]
    assert [type(name) for name in ids] == [str, int, type(None)]


def test_read_queries_of_an_empty_file_is_empty(tmp_path: Path) -> None:
    assert list(read_queries(write_lines(tmp_path / "in.jsonl", [""]))) == []
