"""`coproduce eval`, through the command itself."""

import json

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from corpus.errors import CoproduceError, UnknownName
from eval.cases import load_cases, split_path
from eval.schema import Measures


@pytest.fixture
def run(assistant_built):
    def run(*arguments):
        data_dir = str(assistant_built.settings.data_dir)
        return CliRunner().invoke(app, ["eval", *arguments, "--data-dir", data_dir])

    return run


@pytest.fixture
def few(tmp_path):
    """The first cases of dev, with one that is not answerable."""
    lines = split_path("dev").read_text(encoding="utf-8").splitlines()
    refused = next(line for line in lines if not json.loads(line)["answerable"])
    path = tmp_path / "few.jsonl"
    path.write_text("\n".join([*lines[:4], refused]), encoding="utf-8")
    return path


def test_json_is_one_object_with_all_measures(run, few):
    result = run("--cases", str(few), "--json")
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    assert printed["source"] == "few.jsonl"
    assert set(printed["measures"]) == set(Measures.model_fields)
    assert printed["measures"]["cases"] == 5
    assert printed["measures"]["verbatim_rate"] == 1
    assert sum(kind["cases"] for kind in printed["kinds"].values()) == 5
    assert "failures" not in printed
    assert "failures" in json.loads(run("--cases", str(few), "--json", "--failures").stdout)


def test_tables_are_printed_and_failures_on_demand(run, few):
    plain = run("--cases", str(few)).stdout
    assert "Evaluation on few.jsonl" in plain
    assert "By kind of question" in plain
    assert "cases went wrong" not in plain
    assert "cases went wrong" in run("--cases", str(few), "--failures").stdout


def test_the_default_split_is_test(run):
    """No case of it may end in an error."""
    result = run("--json")
    assert result.exit_code == 0, result.output[-500:]
    printed = json.loads(result.stdout)
    assert printed["source"] == "test.jsonl"
    assert printed["measures"]["cases"] == len(load_cases(split_path("test")))
    assert printed["measures"]["errors"] == 0


def test_a_question_that_cannot_be_asked_is_reported_with_exit_code_1(run, tmp_path):
    path = tmp_path / "broken.jsonl"
    path.write_text('{"id": "x", "question": "???", "kind": "odd", "answerable": false, "evidence": []}')
    result = run("--cases", str(path))
    assert result.exit_code == 1
    assert "Error in x: there are no words in" in result.stdout


def test_an_unknown_split_and_two_sources_are_refused(run, few):
    unknown = run("--split", "exam")
    assert isinstance(unknown.exception, UnknownName)
    assert "There are: dev, test, train" in str(unknown.exception)
    both = run("--split", "dev", "--cases", str(few))
    assert isinstance(both.exception, CoproduceError)
    assert "not both" in str(both.exception)


def test_help_names_the_command_and_its_options():
    assert "eval" in CliRunner().invoke(app, ["--help"]).stdout
    result = CliRunner().invoke(app, ["eval", "--help"])
    assert result.exit_code == 0
    for option in ("--split", "--cases", "--json", "--failures", "--data-dir"):
        assert option in result.stdout
