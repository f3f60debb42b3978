"""A run folder comes back as it was written; a stopped run goes on only if it is still the same run."""

import csv
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.quoting.export.cells import guard_cell, unguard_cell
from assistant.settings import Settings
from corpus.errors import CaseError
from corpus.load import load_library
from eval.cases import DATA, load_cases
from eval.cli import BASELINE
from eval.fingerprint import cases_sha256, config_of, corpus_sha256, start_run
from eval.folder import Recorder, RunFolderError, begin, read_run, resume_run, write_run
from eval.gate import read_baseline
from eval.measures import MEASURES
from eval.rows import read_rows, write_rows
from eval.run import make_run
from eval.schema import Outcome, QueryRow

SETTINGS = Settings()


@pytest.fixture
def outcomes(make):
    awkward = make.case([(0, 5)], id="=a, b", question='=1+1 "now"\n’tis -é\t😀', kind="+odd", history=["- before"])
    whole = make.case(
        [(10, 20)], [(90, 95)], id="two", section="B.1", act="asks", lean="more", forms=["short", "count"]
    )
    return (
        make.outcome(awkward, hits=(make.hit(0, 9, 1), make.hit(9, 20, 2)), citations=(make.citation(0, 5),)),
        make.outcome(whole, hits=(make.hit(0, 40),), latency_ms=0.1 + 0.2).model_copy(update={"leakage": 1 / 3}),
        Outcome(case=make.case([(0, 5)], id="broken"), answer=None, error="=HYPERLINK(1)"),
        Outcome(case=make.case(id="missing"), answer=None),
    )


@pytest.fixture
def run(outcomes):
    return make_run(outcomes, load_library().documents, started_for(outcomes), index_bytes=123)


def started_for(outcomes, settings=SETTINGS):
    cases = [outcome.case for outcome in outcomes]
    return start_run("mine", "mine.jsonl", cases, load_library().documents, settings)


def test_a_run_comes_back_as_it_was_written(run, outcomes, tmp_path):
    write_run(tmp_path / "run", run)
    assert read_run(tmp_path / "run") == run
    assert run.outcomes == outcomes


def test_writing_is_the_same_every_time(run, tmp_path):
    write_run(tmp_path / "one", run)
    write_run(tmp_path / "two", read_run(tmp_path / "one"))
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_the_files_are_what_other_tools_expect(run, tmp_path):
    write_run(tmp_path / "run", run)
    assert (tmp_path / "run" / "run.trec").read_text().splitlines() == [
        "=a,%20b Q0 p0 1 1.0 mine",
        "=a,%20b Q0 p9 2 0.5 mine",
        "two Q0 p0 1 1.0 mine",
    ]
    with (tmp_path / "run" / "per_query.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["case_id"] for row in rows] == ["'=a, b", "two", "broken", "missing"]
    assert rows[0]["question"].startswith("'=1+1")
    assert rows[2]["error"] == "'=HYPERLINK(1)"
    assert rows[1]["latency_ms"] == "0.30000000000000004"
    assert (rows[0]["words"], rows[1]["words"], rows[1]["quoted_words"]) == ("2.0", "", "0")
    lines = (tmp_path / "run" / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["case_id"] for line in lines] == ["=a, b", "two", "broken"]


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("answers.jsonl", lambda text: text.replace("\n", "\n{\n", 1), "answers.jsonl, line 2: expected a JSON object"),
        (
            "answers.jsonl",
            lambda text: text + text,
            "answers.jsonl, line 4: the case '=a, b' was answered on an earlier",
        ),
        ("answers.jsonl", lambda text: text.replace('"two"', '"three"', 1), "line 2: there is no case 'three'"),
        ("answers.jsonl", lambda text: text.replace('"mode":', '"mood":', 1), "line 1: answer.mood: extra inputs"),
        ("cases.jsonl", lambda text: text.replace('"kind":', '"kin":', 1), "cases.jsonl, line 1: kind: field required"),
        ("summary.json", lambda text: text[:-4], "summary.json: expected a JSON object"),
        ("per_query.csv", lambda text: text.replace("two,", "three,"), "per_query.csv names 'three'"),
        ("per_query.csv", lambda text: text.replace(",error,", ",err,"), "line 2: 'error' is not a column"),
        (
            "per_query.csv",
            lambda text: text.replace("not_in_corpus", "lost"),
            "line 4: status: input should be 'answered'",
        ),
        ("per_query.csv", lambda text: text.replace("0.30000000000000004", "soon"), "line 4: could not convert string"),
        ("per_query.csv", lambda text: text + "x,y\n", "cells, as the first line has; found 2"),
    ],
)
def test_a_broken_file_is_named(run, tmp_path, name, change, message):
    write_run(tmp_path, run)
    path = tmp_path / name
    before = path.read_text(encoding="utf-8")
    path.write_text(change(before), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != before
    with pytest.raises(CaseError) as caught:
        read_run(tmp_path)
    assert str(tmp_path / name) in str(caught.value)
    assert message in str(caught.value)


def test_a_folder_without_a_run_says_what_was_expected(tmp_path):
    with pytest.raises(RunFolderError, match="holds no run"):
        read_run(tmp_path)
    with pytest.raises(RunFolderError, match="holds no run"):
        read_run(tmp_path / "absent")


# --- going on


def test_a_stopped_run_goes_on_with_what_was_recorded(outcomes, tmp_path):
    cases = [outcome.case for outcome in outcomes]
    started = started_for(outcomes)
    begin(tmp_path / "run", started, cases)
    with Recorder(tmp_path / "run") as recorder:
        recorder.add(outcomes[0])
        # Whatever happens next, the line is there already.
        assert (tmp_path / "run" / "answers.jsonl").read_text(encoding="utf-8").endswith("}\n")
        recorder.add(outcomes[2])
    later = started_for(outcomes).model_copy(update={"created": "2030-01-01T00:00:00+00:00"})
    before, done = resume_run(tmp_path / "run", later, cases)
    assert before == started
    assert done == {"=a, b": outcomes[0], "broken": outcomes[2]}


def test_a_line_that_was_cut_off_is_asked_again(outcomes, tmp_path):
    cases = [outcome.case for outcome in outcomes]
    begin(tmp_path / "run", started_for(outcomes), cases)
    with Recorder(tmp_path / "run") as recorder:
        recorder.add(outcomes[0])
        recorder.add(outcomes[1])
    answers = tmp_path / "run" / "answers.jsonl"
    whole = answers.read_bytes()
    for cut in (1, 5, 300):
        answers.write_bytes(whole[:-cut])
        assert set(resume_run(tmp_path / "run", started_for(outcomes), cases)[1]) == {"=a, b"}
        assert whole.startswith(answers.read_bytes())


def test_another_run_does_not_go_on(make, outcomes, tmp_path):
    cases = [outcome.case for outcome in outcomes]
    begin(tmp_path / "run", started_for(outcomes), cases)
    changed = outcomes[0].model_copy(update={"case": make.case([(0, 5)], id="=a, b", question="Another?")})
    with pytest.raises(RunFolderError, match="was made with other cases"):
        resume_run(tmp_path / "run", started_for([changed, *outcomes[1:]]), cases)
    with pytest.raises(RunFolderError, match=r"other settings, model or code \(hits\)"):
        resume_run(tmp_path / "run", started_for(outcomes, Settings(hits=3)), cases)
    with pytest.raises(RunFolderError, match="holds no run that was stopped"):
        resume_run(tmp_path / "absent", started_for(outcomes), cases)


def test_a_folder_in_use_is_not_begun(run, outcomes, tmp_path):
    cases = [outcome.case for outcome in outcomes]
    write_run(tmp_path / "run", run)
    with pytest.raises(RunFolderError, match="holds a run already"):
        begin(tmp_path / "run", started_for(outcomes), cases)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.doc").write_text("mine")
    for used in (tmp_path / "full", tmp_path / "full" / "thesis.doc"):
        with pytest.raises(RunFolderError, match="is not an empty folder"):
            begin(used, started_for(outcomes), cases)


# --- fingerprints


def test_fingerprints_know_content_not_order(make):
    one, two = make.case([(0, 5)], id="a"), make.case(id="b")
    assert cases_sha256([one, two]) == cases_sha256([two, one]) == cases_sha256([two.plain, one.plain])
    assert cases_sha256([one]) != cases_sha256([one, two])
    assert cases_sha256([one]) != cases_sha256([one.model_copy(update={"kind": "lay"})])
    assert cases_sha256([one]) != cases_sha256([one.model_copy(update={"forms": ("short",)})])
    [document] = load_library().documents
    other = document.model_copy(update={"text": document.text + "."})
    assert corpus_sha256([document]) == corpus_sha256(load_library().documents) != corpus_sha256([other])


def test_the_bundled_baseline_is_of_the_cases_as_they_are():
    """A field that cases are given later, and that theirs do not use, does not set it aside."""
    baseline = read_baseline(BASELINE)
    assert baseline.fingerprint.cases_sha256 == cases_sha256(load_cases(DATA / baseline.source))


def test_the_configuration_holds_what_decides_answers_and_not_where_they_are_kept(tmp_path):
    config = config_of(SETTINGS)
    assert config == config_of(Settings(data_dir=tmp_path, port=1, web_threads=2))
    assert config["hits"] == SETTINGS.hits
    assert config != config_of(Settings(hits=3))
    assert {"model_sha256", "code_sha256", "refuse_below", "version"} <= config.keys()


# --- cells and rows


@given(st.text())
def test_guarded_words_come_back_and_are_no_formula(words):
    assert unguard_cell(guard_cell(words)) == words
    assert not guard_cell(words).startswith(("=", "+", "-", "@", "\t", "\r"))


texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@given(texts, texts, st.booleans(), st.floats(0, 1), values, st.integers(0, 999))
def test_rows_come_back(tmp_path_factory, case_id, question, answerable, confidence, value, words):
    path = tmp_path_factory.mktemp("rows") / "per_query.csv"
    measures = {name: value for name, measure in MEASURES.items() if measure.per_question}
    row = QueryRow(
        case_id=case_id, question=question, kind="=k", answerable=answerable, status="partial", confidence=confidence,
        supported=answerable, refused=not answerable, latency_ms=value, words=words, error=question or None,
        measures=measures,
    )  # fmt: skip
    write_rows(path, [row, row])
    assert read_rows(path) == (row, row)
