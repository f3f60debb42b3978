"""`coproduce eval compare`, `gate` and `lint`, through the command itself."""

import json

import pytest
from typer.testing import CliRunner

from assistant.serving.terminal.cli import app
from corpus.errors import CoproduceError
from eval.cases import split_path
from eval.gate import BaselineError
from eval.paired import RunsDiffer


@pytest.fixture
def run(assistant_built):
    def run(*arguments, asks=False):
        data_dir = ["--data-dir", str(assistant_built.settings.data_dir)] if asks else []
        return CliRunner().invoke(app, ["eval", *map(str, arguments), *data_dir])

    return run


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """A few cases of dev, one of them not answerable."""
    lines = split_path("dev").read_text(encoding="utf-8").splitlines()
    path = tmp_path_factory.mktemp("cases") / "few.jsonl"
    path.write_text("\n".join([*lines[:4], lines[-1]]), encoding="utf-8")
    return path


@pytest.fixture
def folders(run, few, tmp_path):
    """Two runs of the same cases, the second with one citation only."""
    config = tmp_path / "one.toml"
    config.write_text("citations = 1\n")
    before, after = tmp_path / "before", tmp_path / "after"
    assert run("run", "--cases", few, "--out", before, asks=True).exit_code == 0
    assert run("run", "--cases", few, "--out", after, "--config", config, asks=True).exit_code == 0
    return before, after


def test_compare_prints_tables_or_json(run, folders):
    result = run("compare", *folders)
    assert result.exit_code == 0, result.output
    assert "after compared with before: 5 questions of few.jsonl" in result.stdout
    printed = json.loads(run("compare", *folders, "--json").stdout)
    assert (printed["baseline"], printed["pairs"][0]["name"]) == ("before", "after")
    assert "words" in {one["name"] for one in printed["pairs"][0]["measures"]}


def test_compare_refuses_one_run_and_runs_of_other_cases(run, folders, few, tmp_path):
    assert isinstance(run("compare", folders[0]).exception, RunsDiffer)
    other = tmp_path / "other.jsonl"
    other.write_text(few.read_text(encoding="utf-8").split("\n")[0], encoding="utf-8")
    assert run("run", "--cases", other, "--out", tmp_path / "other", asks=True).exit_code == 0
    refused = run("compare", folders[0], tmp_path / "other").exception
    assert isinstance(refused, RunsDiffer)
    assert "not made from the same cases" in str(refused)


def test_gate_passes_fails_and_refuses(run, folders, few, tmp_path):
    baseline = tmp_path / "baseline.json"
    assert run("gate", "--baseline", baseline, "--run", folders[0], "--write").exit_code == 0
    assert run("gate", "--baseline", baseline, "--run", folders[0]).exit_code == 0
    asked_now = run("gate", "--baseline", baseline, "--cases", few, "--json", asks=True)
    assert asked_now.exit_code == 0, asked_now.output
    assert json.loads(asked_now.stdout)["passed"]

    better = json.loads(baseline.read_text())
    better["measures"]["recall@10"] = 1.5
    baseline.write_text(json.dumps(better))
    failed = run("gate", "--baseline", baseline, "--run", folders[0])
    assert failed.exit_code == 1
    assert "Failed: few.jsonl is worse than the baseline." in failed.stdout
    assert "recall@10" in failed.stdout

    better["fingerprint"]["corpus_sha256"] = "0" * 64
    baseline.write_text(json.dumps(better))
    refused = run("gate", "--baseline", baseline, "--run", folders[0]).exception
    assert isinstance(refused, RunsDiffer)
    assert "not made from the same documents" in str(refused)


def test_gate_without_a_baseline_says_how_to_make_one(run, folders, tmp_path):
    missing = run("gate", "--baseline", tmp_path / "absent.json", "--run", folders[0]).exception
    assert isinstance(missing, BaselineError)
    assert "--write" in str(missing)


def test_lint_ends_with_1_on_errors_and_0_on_warnings(run, few, tmp_path):
    warned = run("lint", few)
    assert warned.exit_code == 0, warned.output
    assert "warning kind" in warned.stdout
    twice = tmp_path / "twice.jsonl"
    twice.write_text(few.read_text(encoding="utf-8") * 2, encoding="utf-8")
    assert run("lint", twice).exit_code == 1
    leaked = run("lint", few, twice.parent / "twice.jsonl", "--json")
    assert leaked.exit_code == 1
    assert "leakage" in {one["rule"] for one in json.loads(leaked.stdout)}


def test_mistakes_are_one_line_without_a_traceback():
    assert issubclass(RunsDiffer, CoproduceError)
    assert issubclass(BaselineError, CoproduceError)
