"""`coproduce eval compare`, `gate`, `report`, `lint`, `new`, `import` and `export`, through the command itself."""

import json

import pytest
from typer.testing import CliRunner

from assistant.serving.terminal.cli import app
from corpus.errors import CoproduceError
from corpus.load import load_library
from eval.cases import load_cases, split_path
from eval.command import ask_all
from eval.folder import read_run, write_run
from eval.run import make_run


@pytest.fixture
def invoke(assistant_built):
    def invoke(*arguments, typed=None):
        return CliRunner().invoke(app, ["eval", *map(str, arguments)], input=typed)

    return invoke


@pytest.fixture(scope="module")
def runs(assistant_built, tmp_path_factory):
    """A run of a few dev cases, and one with every ranking turned round and the last citation alone."""
    folder = tmp_path_factory.mktemp("runs")
    cases = load_cases(split_path("dev"))[:12]
    good = ask_all(assistant_built, "dev.jsonl", cases)
    broken = [
        one.model_copy(
            update={
                "answer": one.answer.model_copy(
                    update={"hits": one.answer.hits[::-1], "citations": one.answer.citations[-1:]}
                )
            }
        )
        for one in good.outcomes
    ]
    bad = make_run(broken, load_library().documents, good.summary.model_copy(update={"name": "bad"}))
    write_run(folder / "good", good)
    write_run(folder / "bad", bad)
    return folder


def test_runs_are_compared(invoke, runs):
    shown = invoke("compare", runs / "good", runs / "bad", "--questions", 1)
    assert shown.exit_code == 0, shown.output
    assert "recall@1" in shown.stdout
    printed = json.loads(invoke("compare", runs / "good", runs / "bad", "--json").stdout)
    [recall] = [one for one in printed["pairs"][0]["measures"] if one["name"] == "recall@1"]
    assert recall["difference"] < 0
    assert isinstance(invoke("compare", runs / "good").exception, CoproduceError)


def test_the_gate_lets_the_same_run_pass_and_stops_a_worse_one(invoke, runs, tmp_path):
    baseline = tmp_path / "baseline.json"
    written = invoke("gate", "--baseline", baseline, "--run", runs / "good", "--write")
    assert written.exit_code == 0, written.output
    assert "is written: 12 questions of dev.jsonl" in " ".join(written.stderr.split())
    assert invoke("gate", "--baseline", baseline, "--run", runs / "good").exit_code == 0
    stopped = invoke("gate", "--baseline", baseline, "--run", runs / "bad")
    assert stopped.exit_code == 1
    assert "Failed" in stopped.stdout
    printed = invoke("gate", "--baseline", baseline, "--run", runs / "bad", "--json")
    assert printed.exit_code == 1
    assert not json.loads(printed.stdout)["passed"]


def test_the_gate_asks_the_questions_itself(invoke, assistant_built, tmp_path):
    lines = split_path("dev").read_text(encoding="utf-8").splitlines()[:3]
    (tmp_path / "few.jsonl").write_text("\n".join(lines), encoding="utf-8")
    arguments = ("gate", "--baseline", tmp_path / "b.json", "--cases", tmp_path / "few.jsonl")
    arguments += ("--data-dir", assistant_built.settings.data_dir)
    assert invoke(*arguments, "--write").exit_code == 0
    assert invoke(*arguments).exit_code == 0
    own = invoke("gate", "--baseline", tmp_path / "b.json")
    assert "was made of few.jsonl, which is not bundled. Give it: --cases FILE" in str(own.exception)
    absent = invoke("gate", "--baseline", tmp_path / "absent.json")
    assert "absent.json cannot be read" in str(absent.exception)
    both = invoke("gate", "--run", tmp_path, "--split", "dev")
    assert "not both" in str(both.exception)


def test_the_page_is_written_again_beside_an_earlier_run(invoke, runs, tmp_path):
    result = invoke("report", runs / "bad", "--before", runs / "good", "--out", tmp_path / "page.html")
    assert result.exit_code == 0, result.output
    assert "<html" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_lint_ends_with_1_where_something_must_be_put_right(invoke, tmp_path):
    line = split_path("dev").read_text(encoding="utf-8").splitlines()[0]
    (tmp_path / "twice.jsonl").write_text(f"{line}\n{line}\n", encoding="utf-8")
    result = invoke("lint", tmp_path / "twice.jsonl")
    assert result.exit_code == 1
    assert "twice.jsonl:2: error" in result.stdout
    assert json.loads(invoke("lint", tmp_path / "twice.jsonl", "--json").stdout)
    assert invoke("lint", split_path("dev")).exit_code == 0


def test_cases_are_written_in_the_terminal(invoke, assistant_built, tmp_path):
    lines = ["How do I descale a kettle?", "", "n", "", "", "", "", "", "y", "", ""]
    data_dir = ("--data-dir", assistant_built.settings.data_dir)
    result = invoke("new", "--file", tmp_path / "mine.jsonl", *data_dir, typed="\n".join(lines))
    assert result.exit_code == 0, result.output
    [case] = load_cases(tmp_path / "mine.jsonl")
    assert (case.question, case.answerable) == ("How do I descale a kettle?", False)
    assert "There are no drafts" in invoke("new", "--drafts", "--file", tmp_path / "none.jsonl", *data_dir).output


@pytest.mark.parametrize("form", ["csv", "beir", "trec"])
def test_cases_go_out_and_come_back(invoke, tmp_path, form):
    assert invoke("export", form, tmp_path / "out", "--split", "dev").exit_code == 0
    result = invoke("import", form, tmp_path / "out", tmp_path / "back.jsonl")
    assert result.exit_code == 0, result.output
    assert load_cases(tmp_path / "back.jsonl") == load_cases(split_path("dev"))
    assert "go with `import run` only" in str(
        invoke("import", form, tmp_path / "out", tmp_path / "b", "--split", "dev").exception
    )


def test_a_run_of_another_system_comes_in_and_is_compared(invoke, runs, tmp_path):
    """The TREC file of our own run, brought in as if it were another's: its ranking is worth the same."""
    cases = tmp_path / "few.jsonl"
    cases.write_text("\n".join(split_path("dev").read_text(encoding="utf-8").splitlines()[:12]), encoding="utf-8")
    result = invoke("import", "run", runs / "good" / "run.trec", tmp_path / "theirs", "--cases", cases)
    assert result.exit_code == 0, result.output
    ours, theirs = read_run(runs / "good"), read_run(tmp_path / "theirs")
    assert (tmp_path / "theirs" / "report.html").is_file()
    for name in ("recall@1", "nDCG@10", "span_iou@5"):
        assert theirs.summary.measures[name] == pytest.approx(ours.summary.measures[name], abs=1e-12)
    assert theirs.summary.measures["verbatim"] is None
    assert invoke("compare", runs / "good", tmp_path / "theirs").exit_code == 0
