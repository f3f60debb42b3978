"""docs/evaluation.md is true, command by command: from a folder of documents and a spreadsheet to a gate."""

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.serving.terminal.cli import app
from corpus.errors import CoproduceError, CorpusError
from corpus.readers.text import read_text
from eval.cases import FoldedText, load_cases, locate_cases, offer_marks, read_case
from eval.documents import read_documents
from eval.exchange import import_cases
from eval.folder import read_run
from eval.gate import read_baseline
from eval.lint import lint_cases
from eval.schema import Case

PAGE = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")


def blocks(language):
    """Give the blocks of the page in a language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What the page shows, in files; beside it what people have in such folders."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "docs" / "2024").mkdir(parents=True)
    (folder / "beir" / "qrels").mkdir(parents=True)
    files = {
        "docs/minutes.md": blocks("markdown")[0],
        "docs/2024/march.md": "Parking is free for members after six in the evening.",
        "docs/scan.pdf": "%PDF",
        "docs/.hidden.md": "Nothing to see.",
        "questions.csv": blocks("csv")[0],
        "few.toml": blocks("toml")[0],
        "found.jsonl": next(block for block in blocks("json") if '"query"' in block),
        "qrels.txt": blocks("text")[0],
        "bm25.run": blocks("text")[1],
        "beir/corpus.jsonl": next(block for block in blocks("json") if '"_id": "d1"' in block),
        "beir/queries.jsonl": next(block for block in blocks("json") if '"_id": "q1"' in block),
        "beir/qrels/test.tsv": blocks("text")[2],
        "bm25-beir.run": blocks("text")[3],
    }
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def test_every_command_of_the_page_does_what_it_says(folder, settings_built, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COPRODUCE_DATA_DIR", str(settings_built.data_dir))
    said = {}
    commands = "".join(blocks("sh")).splitlines()
    workflow = re.findall(r"run: (coproduce .*)", blocks("yaml")[0])
    assert [command for command in commands if command in workflow] == workflow  # CI does what is shown before it
    assert len(workflow) == 2
    for command in commands:
        name, *arguments = shlex.split(command)
        made = CliRunner().invoke(app, arguments)
        assert name == "coproduce"
        assert made.exit_code == 0, f"{command}: {made.output} {made.exception}"
        said[command] = made
    assert len(commands) == len(said) > 15
    first = read_run(Path("runs/first"))
    assert (first.summary.measures["recall@5"], first.summary.measures["verbatim"]) == (1, 1)
    assert first.cases[2].evidence == (("on 2 April",), ("at the Harbour Library",))
    assert "Not read, as they are no Markdown or plain text: scan.pdf" in said[commands[1]].stderr
    assert "travel costs are paid within" in Path("runs/first/report.html").read_text(encoding="utf-8")
    assert read_run(Path("runs/now")).answers == first.answers  # from kept embeddings
    theirs = read_run(Path("runs/theirs"))
    assert [row.measures["recall@1"] for row in theirs.rows] == [1, 1, 1, None]
    assert read_run(Path("runs/bm25")).summary.measures["RR@10"] == 0.75
    assert read_run(Path("runs/bm25-beir")).summary.measures["RR@10"] == 0.5
    assert read_baseline(Path("baseline.json")).tolerances["recall@5"] == 0.05
    assert Path("gate.md").read_text(encoding="utf-8").startswith("**Passed:** 4 questions of questions.csv")
    assert [case.id for case in first.cases] == ["paid-when", "taxi", "next-meeting", "chair"]
    # Its own qrels lack the question that nothing answers: the note says what knows it.
    strict = ["eval", "score", "runs/first/qrels.trec", "runs/first/run.trec", "--strict"]
    assert "Give the run's folder as QRELS" in str(CliRunner().invoke(app, strict).exception)
    assert CliRunner().invoke(app, [*strict[:2], "runs/first", *strict[3:]]).exit_code == 0
    scored = json.loads(CliRunner().invoke(app, ["eval", "score", "runs/first", "--json"]).stdout)
    assert scored["measures"]["recall@5"] == {
        "queries": 3, "value": 1, "interval": [pytest.approx(0.025 ** (1 / 3)), 1],
    }  # fmt: skip
    assert scored["measures"]["refusal_recall"]["value"] == first.summary.measures["refusal_recall"] == 1
    assert {"recall@5", "evidence_shown", "answerable_refused", "verbatim"} < scored["measures"].keys()
    assert scored["kinds"]["not there"]["refusal_recall"]["queries"] == 1
    assert scored["kinds"]["money"]["evidence_shown"]["queries"] == 2
    assert "evidence_shown" not in scored["kinds"]["not there"]
    # The gate stops what got worse; and a spreadsheet may be asked as it is.
    gate = ["eval", "gate", "--baseline", "baseline.json", "--run"]
    assert CliRunner().invoke(app, [*gate, "runs/theirs"]).exit_code == 1
    asked = ["eval", "run", "--documents", "docs", "--cases", "questions.csv", "--out", "runs/typed"]
    assert CliRunner().invoke(app, asked).exit_code == 0
    assert CliRunner().invoke(app, [*gate, "runs/typed"]).exit_code == 0
    # The gate asks the documents itself; and a line more in one of them is said, and stops nothing.
    with Path("docs/minutes.md").open("a", encoding="utf-8") as file:
        file.write("\nThe minutes of February were agreed.\n")
    asked = ["--documents", "docs", "--cases", "cases.jsonl"]
    held = CliRunner().invoke(app, [*gate[:-1], *asked])
    assert held.exit_code == 0, held.output
    assert "The documents are not those of the baseline." in " ".join(held.stdout.split())


def test_every_case_on_the_page_is_one(folder):
    lines = "".join(block for block in blocks("json") if '"evidence"' in block).splitlines()
    placed = [(f"line {number}", read_case(line.encode(), "page")) for number, line in enumerate(lines)]
    cases = locate_cases(placed, read_documents(folder / "docs").documents)
    assert [case.id for case in cases] == ["m1", "m2", "m3", "m4", "m5"]
    table = PAGE[PAGE.index("| field | needed |") : PAGE.index("## Another system")]
    assert set(re.findall(r"`(\w+)`", "".join(row.split("|")[1] for row in table.splitlines()[2:] if row))) == set(
        Case.model_fields
    )


def test_evidence_that_stands_in_no_document_is_named(folder, tmp_path):
    (tmp_path / "cases.jsonl").write_text(
        '{"id": "a", "question": "?", "kind": "k", "answerable": true, "evidence": [["never written"]]}'
    )
    with pytest.raises(CoproduceError, match="line 1: this evidence of a does not stand in the documents: 'never"):
        load_cases(tmp_path / "cases.jsonl", read_documents(folder / "docs").documents)


def test_everything_that_is_wrong_with_a_spreadsheet_is_named_at_once(folder, tmp_path):
    """Three rows of which two are wrong; `lint` says the same, by line, and of the documents, not the report."""
    path = tmp_path / "typed.csv"
    path.write_text(
        "question,expected passage\nWhen?,never written\nWhat for?,Taxi fares need a receipt\nWhere?,nor this\n"
    )
    documents = read_documents(folder / "docs").documents
    with pytest.raises(CoproduceError) as caught:
        import_cases("csv", path, documents)
    first, second = str(caught.value).splitlines()
    assert f"{path}, line 2: this evidence of typed-001 does not stand in the documents: 'never written'" in first
    assert f"{path}, line 4: this evidence of typed-003 does not stand in the documents: 'nor this'" in second
    errors = [one for one in lint_cases([path], documents) if one.severity == "error"]
    assert [(one.rule, one.line, one.case_id) for one in errors] == [
        ("evidence", 2, "typed-001"), ("evidence", 4, "typed-003"),
    ]  # fmt: skip
    assert "stands nowhere in the documents" in errors[0].message
    path.write_text("question,expected passage,answerable\nWhen?,,maybe\n,,no\nWhat?,,no\n")
    with pytest.raises(CoproduceError) as caught:
        import_cases("csv", path, documents)
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == [f"{path}, line {n}" for n in (2, 3)]
    assert [(one.rule, one.line) for one in lint_cases([path], documents) if one.severity == "error"] == [
        ("broken", 2), ("broken", 3),
    ]  # fmt: skip
    path.write_text("question,expected passage\n" + "When?,never written\n" * 30)
    with pytest.raises(CoproduceError) as caught:
        import_cases("csv", path, documents)
    assert str(caught.value).splitlines()[-1] == "… and 10 more."


def test_words_with_signs_of_emphasis_between_them_are_offered_as_they_stand():
    document = read_text("Fares of up to **ten pounds** a day are paid, _not more_.", document_id="d", title="D")
    for typed, stands in (
        ("up to ten pounds a day", "up to **ten pounds** a day"),
        ("are paid, not more.", "are paid, _not more_."),
    ):
        assert offer_marks(typed, [FoldedText(document)]).endswith(f"does: {stands}")
    assert offer_marks("up to nine pounds", [FoldedText(document)]) == ""


def test_a_folder_is_read_with_the_folders_in_it(folder, tmp_path):
    found = read_documents(folder / "docs")
    assert [one.id for one in found.documents] == ["2024-march", "minutes"]
    assert found.passed_over == ("scan.pdf",)
    (tmp_path / "a b.md").write_text("One.")
    (tmp_path / "a_b.txt").write_text("Two.")
    with pytest.raises(CorpusError, match=r"a b\.md and .*a_b\.txt would both have the id 'a-b'. Rename one"):
        read_documents(tmp_path)
    (tmp_path / "a_b.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(CorpusError, match=r"a_b\.txt is UTF-16"):
        read_documents(tmp_path)
    for name, message in (
        ("absent", "there is no folder"),
        ("docs", "no document was found in .*docs: expected files"),
    ):
        (tmp_path / "docs").mkdir(exist_ok=True)
        with pytest.raises(CorpusError, match=message):
            read_documents(tmp_path / name)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--documents", "docs"), "--documents needs --cases"),
        (("run", "--documents", "docs", "--beir", "x"), "--beir goes with"),
        (("run", "--strict"), "go with --beir"),
        (("lint", "--documents", "docs"), "--documents needs case files"),
        (("gate", "--documents", "docs"), "--documents needs --cases"),
        (("gate", "--run", "x", "--documents", "docs"), "give --run, or the cases to ask"),
        (("import", "csv", "x", "y", "--strict"), "go with `import run` only"),
    ],
)
def test_options_that_do_not_fit_are_refused(arguments, message):
    assert message in str(CliRunner().invoke(app, ["eval", *arguments]).exception)
