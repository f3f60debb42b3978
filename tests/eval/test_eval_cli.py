"""`coproduce eval`, through the command itself."""

import json
import shlex

import pytest
from typer.testing import CliRunner

from assistant.pipeline import Assistant
from assistant.serving.terminal.cli import app
from corpus.errors import CoproduceError, UnknownName
from corpus.filters import Filters
from eval.cases import DATA, load_cases, split_path
from eval.command import settings_for
from eval.folder import RunFolderError, read_run
from eval.measures import MEASURES


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
    assert list(printed["measures"]) == list(MEASURES)
    assert printed["cases"] == sum(printed["kind_sizes"].values()) == 5
    assert printed["measures"]["verbatim"] == 1
    assert "failures" not in printed
    assert "failures" in json.loads(run("--cases", str(few), "--json", "--failures").stdout)


def test_tables_are_printed_and_failures_on_demand(run, few):
    plain = run("--cases", str(few)).stdout
    assert "Evaluation on few.jsonl" in plain
    assert "By kind of question" in plain
    assert "cases went wrong" not in plain
    assert "cases went wrong" in run("--cases", str(few), "--failures").stdout


def test_only_chosen_measures_are_shown_and_unknown_ones_list_the_known(run, few):
    shown = run("--cases", str(few), "--measures", "ndcg@10").stdout
    assert "nDCG@10" in shown
    assert "RR@10" not in shown
    unknown = run("--cases", str(few), "--measures", "F1")
    assert isinstance(unknown.exception, UnknownName)
    assert "There are: recall@1" in str(unknown.exception)


def test_the_default_split_is_test(run):
    """No case of it may end in an error."""
    result = run("--json")
    assert result.exit_code == 0, result.output[-500:]
    printed = json.loads(result.stdout)
    assert printed["source"] == "test.jsonl"
    assert printed["cases"] == len(load_cases(split_path("test")))
    assert printed["errors"] == printed["measures"]["filter_leakage"] == 0


def test_a_run_is_written_with_every_file_and_read_back(run, few, tmp_path):
    folder = tmp_path / "run"
    result = run("run", "--cases", str(few), "--out", str(folder), "--json")
    assert result.exit_code == 0, result.output
    names = {path.name for path in folder.iterdir()}
    assert names == {"started.json", "cases.jsonl", "answers.jsonl", "run.trec", "qrels.trec", "per_query.csv",
                     "summary.json", "report.html"}  # fmt: skip
    found = read_run(folder)
    assert found.summary.model_dump(mode="json") == json.loads(result.stdout)
    assert len(found.rows) == len(found.answers) == len(found.cases) == 5
    assert found.summary.index_bytes > 100_000
    again = run("run", "--cases", str(few), "--out", str(folder))
    assert "holds a run already" in str(again.exception)


def test_a_run_without_a_folder_goes_into_the_data_folder(few, tmp_path, assistant_built, monkeypatch):
    """The data folder is a copy of links, so that nothing is left in the shared one."""
    for name in ("encoders", "indexes"):
        (tmp_path / name).symlink_to(assistant_built.settings.data_dir / name)
    result = CliRunner().invoke(app, ["eval", "run", "--cases", str(few), "--data-dir", str(tmp_path)])
    assert result.exit_code == 0, result.output
    [folder] = (tmp_path / "runs").iterdir()
    assert folder.name.startswith("few-")
    assert read_run(folder).summary.name == folder.name


def test_a_stopped_run_goes_on_and_asks_only_what_is_left(few, tmp_path, assistant_built, monkeypatch):
    folder = tmp_path / "run"
    asked = []

    def ask(self, query):
        if query.filters == Filters():
            if len(asked) == 3:
                raise KeyboardInterrupt
            asked.append(query.id)
        return whole(self, query)

    whole = Assistant.ask
    monkeypatch.setattr(Assistant, "ask", ask)
    options = ["--out", str(folder), "--data-dir", str(assistant_built.settings.data_dir)]
    stopped = CliRunner().invoke(app, ["eval", "run", "--cases", str(few), *options])
    assert stopped.exit_code != 0
    assert asked == ["dv-001", "dv-001", "dv-002"]  # the first is asked twice: once to warm up
    go_on = ["coproduce", "eval", "run", "--out", str(folder), "--resume", *options[2:]]
    assert f"2 of 5 questions are answered. To go on: {shlex.join(go_on)}\n" in stopped.stderr
    with pytest.raises(RunFolderError, match="was stopped"):
        read_run(folder)
    with (folder / "answers.jsonl").open("a") as answers:
        answers.write('{"case_id": "dv-003", "lat')  # as if the power had gone

    monkeypatch.setattr(Assistant, "ask", lambda self, query: asked.append(query.id) or whole(self, query))
    went_on = CliRunner().invoke(app, ["eval", "run", "--resume", *options])
    assert went_on.exit_code == 0, went_on.output
    assert "2 of 5 questions were answered before" in went_on.stderr
    assert "dv-001" not in asked[3:]
    assert "dv-002" not in asked[3:]
    straight = CliRunner().invoke(
        app, ["eval", "run", "--cases", str(few), "--out", str(tmp_path / "straight"), *options[2:]]
    )
    assert straight.exit_code == 0, straight.output
    first, second = read_run(folder), read_run(tmp_path / "straight")
    assert first.answers == second.answers
    assert [row.measures for row in first.rows] == [row.measures for row in second.rows]
    for name in ("run.trec", "qrels.trec", "cases.jsonl"):
        ours, theirs = (place.joinpath(name).read_text() for place in (folder, tmp_path / "straight"))
        assert ours.replace(" run\n", " straight\n") == theirs


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--resume"], "--resume needs --out"),
        (["--resume", "--out", "absent"], "absent/cases.jsonl cannot be read"),
        (["--beir", "x", "--split", "dev"], "--beir goes with"),
        (["--config", "absent.toml"], "absent.toml cannot be read"),
    ],
)
def test_options_that_do_not_fit_are_refused(run, few, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    result = run("run", *arguments)
    assert isinstance(result.exception, CoproduceError)
    assert message in str(result.exception)


def test_settings_come_from_a_file(run, few, tmp_path):
    config = tmp_path / "few.toml"
    config.write_text("hits = 3\ncitations = 1\n")
    result = run("run", "--cases", str(few), "--out", str(tmp_path / "run"), "--config", str(config), "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["config"]["hits"] == 3
    answers = read_run(tmp_path / "run").answers.values()
    assert all(len(answer.hits) <= 3 and len(answer.citations) <= 1 for answer in answers)


def test_another_model_has_its_index_beside_the_usual_one(tmp_path):
    config = tmp_path / "model.toml"
    config.write_text('model = "some/model"')
    settings = settings_for(config, tmp_path)
    assert (settings.model, settings.data_dir) == ("some/model", tmp_path)
    config.write_text(f'model = "some/model"\ndata_dir = "{tmp_path / "theirs"}"')
    assert settings_for(config, None).data_dir == tmp_path / "theirs"
    config.write_text("hits = 3")
    assert settings_for(config, tmp_path).data_dir == tmp_path


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("hits = 3\nhit = 4", "there is no setting 'hit'. There are: data_dir, model, hits"),
        ("hits = 0", "hits cannot be 0: input should be greater than or equal to 1"),
        ("hits = ", "expected TOML"),
    ],
)
def test_a_broken_file_of_settings_is_named(run, few, tmp_path, written, message):
    config = tmp_path / "bad.toml"
    config.write_text(written)
    result = run("run", "--cases", str(few), "--config", str(config))
    assert isinstance(result.exception, CoproduceError)
    assert str(result.exception).startswith(f"{config}: ")
    assert message in str(result.exception)


def test_options_before_the_command_are_refused(few):
    result = CliRunner().invoke(app, ["eval", "--split", "dev", "run"])
    assert "options come after the command: coproduce eval run" in str(result.exception)


def test_a_question_that_cannot_be_asked_is_reported_with_exit_code_1(run, tmp_path):
    path = tmp_path / "broken.jsonl"
    path.write_text('{"id": "x", "question": "???", "kind": "odd", "answerable": false, "evidence": []}')
    result = run("--cases", str(path))
    assert result.exit_code == 1
    assert "Error in x: there are no words in" in result.stdout


def test_an_unknown_split_and_two_sources_are_refused(run, few):
    unknown = run("--split", "exam")
    assert isinstance(unknown.exception, UnknownName)
    splits = ", ".join(sorted(path.stem for path in DATA.glob("*.jsonl")))
    assert f"There are: {splits}." in str(unknown.exception)
    assert f"Which bundled cases: {splits}." in " ".join(CliRunner().invoke(app, ["eval", "--help"]).stdout.split())
    both = run("--split", "dev", "--cases", str(few))
    assert isinstance(both.exception, CoproduceError)
    assert "not both" in str(both.exception)


def test_help_names_the_commands_and_says_which_recall_is_meant():
    shown = CliRunner().invoke(app, ["eval", "--help"]).stdout
    for command in ("run", "compare", "gate", "lint", "report", "import", "export"):
        assert f"\n  {command} " in shown
    assert "any alternative counting" in " ".join(CliRunner().invoke(app, ["eval", "run", "--help"]).stdout.split())


def test_help_names_the_command_and_its_options():
    assert "eval" in CliRunner().invoke(app, ["--help"]).stdout
    result = CliRunner().invoke(app, ["eval", "--help"])
    assert result.exit_code == 0
    for option in ("--split", "--cases", "--json", "--failures", "--data-dir"):
        assert option in result.stdout
