"""From a folder of documents and a spreadsheet of questions to a report and a gate, through the commands themselves."""

import json

import pytest
from typer.testing import CliRunner

from assistant.serving.terminal.cli import app
from corpus.errors import CoproduceError, CorpusError
from eval.cases import load_cases
from eval.documents import read_documents
from eval.folder import read_run

MINUTES = """# Minutes of the patient group

## Travel

Members agreed that travel costs are paid within ten working days. Taxi fares need a receipt.

## Next meeting

The next meeting is on 2 April at the Harbour Library, with lunch from noon.
"""
QUESTIONS = """question;expected passage;kind
When are travel costs paid?;travel costs are paid within ten working days;money
Where is the next meeting?;at the Harbour Library;place
Who chairs the board of trustees?;;lacking
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "docs" / "2024").mkdir(parents=True)
    (folder / "docs" / "minutes.md").write_text(MINUTES, encoding="utf-8")
    (folder / "docs" / "2024" / "minutes.txt").write_text("Parking is free for members after six in the evening.")
    (folder / "docs" / "scan.pdf").write_bytes(b"%PDF")
    (folder / "docs" / ".hidden.md").write_text("Nothing to see.")
    (folder / "questions.csv").write_text(QUESTIONS, encoding="utf-8")
    return folder


def test_from_documents_and_a_spreadsheet_to_a_report_and_a_gate(folder, settings_built, tmp_path):
    def invoke(*arguments):
        made = CliRunner().invoke(app, ["eval", *map(str, arguments)])
        assert made.exception is None or isinstance(made.exception, SystemExit), made.exception
        return made

    docs, cases = ("--documents", folder / "docs"), tmp_path / "cases.jsonl"
    data = ("--data-dir", settings_built.data_dir)
    assert invoke("import", "csv", folder / "questions.csv", cases, *docs).exit_code == 0
    assert invoke("lint", cases, *docs).exit_code == 0
    ran = invoke("run", *docs, "--cases", cases, "--out", tmp_path / "first", "--json", *data)
    assert ran.exit_code == 0, ran.output
    assert "Not read, as they are no Markdown or plain text: scan.pdf" in ran.stderr
    run = read_run(tmp_path / "first")
    assert (run.summary.measures["recall@5"], run.summary.measures["verbatim"]) == (1, 1)
    assert run.cases[0].groups[0][0].document_id == "minutes"
    assert "travel costs are paid" in (tmp_path / "first" / "report.html").read_text(encoding="utf-8")
    gate = ("gate", "--baseline", tmp_path / "baseline.json", "--run")
    assert invoke(*gate, tmp_path / "first", "--write").exit_code == 0
    # A spreadsheet may be asked as it is; its cases are the same, so the two runs are comparable.
    again = invoke("run", *docs, "--cases", folder / "questions.csv", "--out", tmp_path / "second", *data)
    assert again.exit_code == 0, again.output
    assert read_run(tmp_path / "second").answers == run.answers
    assert invoke(*gate, tmp_path / "second").exit_code == 0
    # What another system found in the same documents.
    found = tmp_path / "found.jsonl"
    found.write_text(json.dumps({"query": "questions-001", "text": "Taxi fares need a receipt."}))
    theirs = invoke("import", "run", found, tmp_path / "theirs", "--cases", cases, *docs)
    assert theirs.exit_code == 0, theirs.output
    assert read_run(tmp_path / "theirs").summary.measures["recall@5"] == 0
    assert invoke("compare", tmp_path / "first", tmp_path / "theirs").exit_code == 0


def test_evidence_that_stands_in_no_document_is_named(folder, tmp_path):
    (tmp_path / "cases.jsonl").write_text(
        '{"id": "a", "question": "?", "kind": "k", "answerable": true, "evidence": [["never written"]]}'
    )
    with pytest.raises(CoproduceError, match="line 1: this evidence of a does not stand in the documents: 'never"):
        load_cases(tmp_path / "cases.jsonl", read_documents(folder / "docs").documents)


def test_a_folder_is_read_with_the_folders_in_it(folder, tmp_path):
    found = read_documents(folder / "docs")
    assert [one.id for one in found.documents] == ["2024-minutes", "minutes"]
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
        (("import", "csv", "x", "y", "--strict"), "go with `import run` only"),
    ],
)
def test_options_that_do_not_fit_are_refused(arguments, message):
    assert message in str(CliRunner().invoke(app, ["eval", *arguments]).exception)
