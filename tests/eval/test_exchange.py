"""Our cases go out to each form and come back unchanged; what others write is read, or named by file and line."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.settings import Settings
from corpus.errors import CaseError, UnknownName
from corpus.load import load_library
from eval import trec
from eval.beir import read_beir
from eval.cases import DATA, load_cases, split_path
from eval.exchange import OF_HITS, export_cases, import_cases, import_run, write_cases
from eval.fingerprint import start_run
from eval.rank import qrels_of
from eval.schema import Case
from eval.spreadsheet import read_csv, write_csv

FORMS = ["csv", "beir", "trec"]
SPLITS = sorted(path.stem for path in DATA.glob("*.jsonl"))
EVIDENCE = "It was a deliberate strategy to not provide a definition of co-production"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("split", SPLITS)
def test_every_bundled_split_comes_back_unchanged(form, split, tmp_path):
    cases = load_cases(split_path(split))
    export_cases(form, cases, tmp_path / "out")
    back = import_cases(form, tmp_path / "out")
    assert back == cases
    write_cases(tmp_path / "back.jsonl", back)
    assert load_cases(tmp_path / "back.jsonl") == cases


@pytest.mark.parametrize("form", ["beir", "trec"])
def test_exported_qrels_are_those_of_a_run(form, tmp_path):
    cases, documents = load_cases(split_path("dev")), load_library().documents
    export_cases(form, cases, tmp_path / "out")
    exported = read_beir(tmp_path / "out").qrels if form == "beir" else trec.read_qrels(tmp_path / "out" / "qrels.trec")
    ours = qrels_of(cases, [passage for document in documents for passage in document.passages])
    assert exported == {query: judged for query, judged in ours.items() if judged}
    assert len(exported) > 100


def test_nothing_is_written_over_and_unknown_forms_list_the_known(tmp_path):
    cases = load_cases(split_path("dev"))[:2]
    (tmp_path / "there").write_text("mine")
    for form in FORMS:
        with pytest.raises(CaseError, match="exists already; nothing was written"):
            export_cases(form, cases, tmp_path / "there")
        with pytest.raises(CaseError, match="there is no folder"):
            export_cases(form, cases, tmp_path / "absent" / "out")
    with pytest.raises(CaseError, match="exists already"):
        write_cases(tmp_path / "there", cases)
    assert (tmp_path / "there").read_text() == "mine"
    with pytest.raises(UnknownName, match="Forms: csv, beir, trec"):
        export_cases("xlsx", cases, tmp_path / "out")
    with pytest.raises(UnknownName, match="Forms: csv, beir, trec"):
        import_cases("xlsx", tmp_path / "there")


# --- spreadsheets

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(str.strip).filter(bool)
texts = st.text(st.characters(exclude_categories=["Cs"]))


@settings(max_examples=200)
@given(
    question=words,
    evidence=st.lists(st.lists(words, min_size=1, max_size=3), max_size=3),
    history=st.lists(texts, max_size=3),
    kind=words,
    case_id=words,
    role=st.sampled_from([None, "public", "academic"]),
    act=words,
    lean=st.none() | words,
    forms=st.lists(words, max_size=3),
)
def test_any_case_comes_back_from_a_spreadsheet(
    tmp_path_factory, question, evidence, history, kind, case_id, role, act, lean, forms
):
    case = Case(
        id=case_id,
        question=question,
        kind=kind,
        answerable=bool(evidence),
        evidence=evidence,
        history=history,
        role=role,
        act=act,
        lean=lean,
        forms=forms,
    )
    path = tmp_path_factory.mktemp("csv") / "cases.csv"
    write_csv(path, [case, case])
    assert [found for _, found in read_csv(path)] == [case, case]


def test_formulas_are_guarded_and_read_back(tmp_path, make):
    questions = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "'quoted'", "’tis", "'=1"]
    cases = [make.case(id=f"c{number}", question=question).plain for number, question in enumerate(questions)]
    write_csv(tmp_path / "cases.csv", cases)
    text = (tmp_path / "cases.csv").read_text(encoding="utf-8-sig")
    assert [line.split(",")[0] for line in text.splitlines()[1:]] == [
        "'=HYPERLINK(1)", "'+1", "'-1", "'@SUM(A1)", "'quoted'", "’tis", "''=1",
    ]  # fmt: skip
    assert [case for _, case in read_csv(tmp_path / "cases.csv")] == cases


@pytest.mark.parametrize(
    "typed",
    [
        f"question,expected passage\nWas it defined?,{EVIDENCE}\n",
        f"\ufeffquestion;expected passage\r\nWas it defined?;{EVIDENCE}\r\n",
        f"Expected Passage\tQUESTION\r\n{EVIDENCE}\tWas it defined?",
        f'question,expected_passage,speaker,answerable\n,,,\n"Was it defined?","{EVIDENCE}",,Yes\n,,,\n',
        f"answerable;question;expected passage\nTRUE; Was it defined? ; {EVIDENCE} \n",
    ],
)
def test_what_people_type_is_read(tmp_path, typed):
    (tmp_path / "mine.csv").write_text(typed, encoding="utf-8", newline="")
    [case] = import_cases("csv", tmp_path / "mine.csv")
    assert (case.question, case.evidence, case.answerable) == ("Was it defined?", ((EVIDENCE,),), True)
    assert case.id.startswith("mine-00")
    assert case.kind == "typed"


def test_a_question_without_a_passage_is_not_answerable_and_alternatives_are_read(tmp_path):
    (tmp_path / "mine.csv").write_text(
        "question,expected passage,alternatives,history\n"
        "Who won?,,,\n"
        'Both?,one,"or: uno\nAnd: two\nor: dos","Who won?\n\\\nAnd\\nwho lost?"\n'
    )
    [(_, first), (place, second)] = read_csv(tmp_path / "mine.csv")
    assert (first.answerable, first.evidence) == (False, ())
    assert second.evidence == (("one", "uno"), ("two", "dos"))
    assert second.history == ("Who won?", "", "And\nwho lost?")
    assert place == f"{tmp_path / 'mine.csv'}, line 3"


def test_how_a_question_is_meant_is_read_and_may_be_left_out(tmp_path):
    """A file of before these columns, and one where they are typed, with a cell left empty."""
    (tmp_path / "old.csv").write_text(f"question,expected passage\nWas it defined?,{EVIDENCE}\n")
    [(_, case)] = read_csv(tmp_path / "old.csv")
    assert (case.act, case.lean, case.forms) == ("asks", None, ())
    (tmp_path / "mine.csv").write_text(
        'question,expected passage,forms,lean,act\nHello there,,,, greets \nBriefly?,,"short \n\ncount",more,\n'
    )
    [(_, first), (_, second)] = read_csv(tmp_path / "mine.csv")
    assert (first.act, first.lean, first.forms) == ("greets", None, ())
    assert (second.act, second.lean, second.forms) == ("asks", "more", ("short", "count"))


def test_columns_that_somebody_has_emptied_are_passed_over(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(f"question,,expected passage,\nWhat?,,{EVIDENCE},\n")
    [(_, case)] = read_csv(path)
    assert (case.question, case.evidence) == ("What?", ((EVIDENCE,),))


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("question\nWhat?", "line 1: there is no column 'expected passage'"),
        ("question,expected pasage\nWhat?,x", "line 1: there is no column 'expected pasage'. There are: question"),
        ("question,question,expected passage\n", "line 1: a column comes twice"),
        (
            f"question,,expected passage,\nWhat?,x,{EVIDENCE},",
            "line 2: there is something in a column whose",
        ),
        ("", "line 1: there is no column 'question'"),
        ("question,expected passage\n", "no cases were found below the first line"),
        ("question,expected passage\nWhat?,never printed", "line 2: this evidence of mine-001 does not stand in the"),
        (f'question,expected passage\n"\nA?",{EVIDENCE}\n"?', "line 4: this is not CSV"),
        (f"question,expected passage\n,{EVIDENCE}", "line 2: question: string should have at least 1 character"),
        (
            "question,expected passage,answerable\nWhat?,,perhaps",
            "line 2: answerable must be yes or no; found 'perhaps'",
        ),
        ("question,expected passage,answerable\nWhat?,,yes", "line 2: mine-001 is answerable but has no evidence"),
        (f"question,expected passage\nWhat?,{EVIDENCE},and more", "line 2: found 3 cells, but there are 2 columns"),
        ("question,expected passage,alternatives\nWhat?,,or: x", "line 2: there are alternatives, but no expected"),
        (
            "question,expected passage,alternatives\nWhat?,x,other",
            "line 2: a line of alternatives must begin with “or:”",
        ),
        ("question,expected passage,id\nA?,,x\nB?,,x", "line 3: the id 'x' was used on line 2 already"),
        ("question,expected passage,role\nA?,,patient", "line 2: mine-001 names the role 'patient', which no"),
    ],
)
def test_a_broken_row_is_named(tmp_path, typed, message):
    path = tmp_path / "mine.csv"
    path.write_text(typed, encoding="utf-8")
    with pytest.raises(CaseError) as caught:
        import_cases("csv", path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_what_is_not_utf_8_says_how_to_save_it(tmp_path):
    (tmp_path / "mine.csv").write_bytes("question,expected passage\n“Who?”,".encode("cp1252"))
    with pytest.raises(CaseError, match="save it as “CSV UTF-8”"):
        read_csv(tmp_path / "mine.csv")


# --- BEIR and TREC as others write them


def beir(folder, queries=None, qrels="query-id\tcorpus-id\tscore\nq1\td1\t1\n", corpus=None):
    (folder / "qrels").mkdir()
    corpus = corpus or [{"_id": "d1", "title": "T", "text": EVIDENCE}, {"_id": 2, "title": "", "text": "other"}]
    queries = queries or [
        {"_id": "q1", "text": "Defined?", "metadata": {"url": "x"}},
        {"_id": "q2", "text": "Who won?"},
    ]
    for name, lines in (("corpus", corpus), ("queries", queries)):
        written = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        (folder / f"{name}.jsonl").write_text("\n".join(written))
    (folder / "qrels" / "test.tsv").write_text(qrels)
    return folder


def test_queries_of_others_become_cases_with_the_relevant_texts_as_evidence(tmp_path):
    first, second = import_cases("beir", beir(tmp_path))
    assert (first.id, first.evidence, first.answerable, first.kind) == ("q1", ((EVIDENCE,),), True, "imported")
    assert (second.id, second.evidence, second.answerable) == ("q2", (), False)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"qrels": "q1\td1"}, "test.tsv, line 1: expected query-id, corpus-id and score with tabs between; found 2"),
        ({"qrels": "q1\td1\thigh"}, "test.tsv, line 1: the relevance must be a whole number"),
        ({"qrels": "q1\td1\t1\nq1\td1\t0"}, "test.tsv, line 2: 'd1' was judged 1 for 'q1' before, on line 1, now 0"),
        ({"qrels": "q1\td9\t1"}, "queries.jsonl, line 1: 'd9' is judged relevant, but corpus.jsonl does not have it"),
        ({"queries": ["{"]}, "queries.jsonl, line 1: expected a JSON object"),
        ({"queries": ["[]"]}, "queries.jsonl, line 1: expected a JSON object; found '[]'"),
        ({"queries": [{"_id": "q1"}]}, "queries.jsonl, line 1: text must be text; found 'None'"),
        ({"queries": [{"_id": True, "text": "x"}]}, "queries.jsonl, line 1: _id must be text"),
        ({"corpus": [{"_id": "d1", "text": "x"}] * 2}, "corpus.jsonl, line 2: the _id 'd1' was used"),
        ({"corpus": [{"_id": "d1", "text": "elsewhere"}]}, "queries.jsonl, line 1: this evidence of q1 does not stand"),
    ],
)
def test_a_broken_beir_folder_is_named(tmp_path, parts, message):
    with pytest.raises(CaseError) as caught:
        import_cases("beir", beir(tmp_path, **parts))
    assert str(tmp_path) in str(caught.value)
    assert message in str(caught.value)


def test_a_beir_folder_without_one_clear_file_of_judgements_is_refused(tmp_path):
    (beir(tmp_path) / "qrels" / "test.tsv").rename(tmp_path / "qrels" / "dev.tsv")
    assert import_cases("beir", tmp_path)
    (tmp_path / "qrels" / "train.tsv").write_text("")
    with pytest.raises(CaseError, match=r"expected test\.tsv, or one file of judgements; found dev\.tsv, train\.tsv"):
        import_cases("beir", tmp_path)


def test_trec_qrels_without_our_file_give_the_relevant_passages_as_evidence(tmp_path):
    cases = load_cases(split_path("dev"))[:3]
    export_cases("trec", cases, tmp_path / "out")
    (tmp_path / "out" / "cases.jsonl").unlink()
    back = import_cases("trec", tmp_path / "out")
    assert [(case.id, case.question) for case in back] == [(case.id, case.question) for case in cases]
    [document] = load_library().documents
    judged = trec.read_qrels(tmp_path / "out" / "qrels.trec")
    for case in back:
        assert case.evidence == (tuple(document.passage(name).text for name in judged[case.id]),)
    with (tmp_path / "out" / "qrels.trec").open("a") as file:
        file.write("dv-001 0 nowhere 1\n")
    with pytest.raises(CaseError, match="'nowhere', judged for 'dv-001', is no passage"):
        import_cases("trec", tmp_path / "out")


# --- runs of other systems


def test_another_systems_run_is_measured_by_its_ranking_alone(tmp_path):
    """Its first question is ranked right, its second not at all."""
    cases, documents = load_cases(split_path("dev"))[:2], load_library().documents
    passages = [passage for document in documents for passage in document.passages]
    right = next(iter(qrels_of(cases, passages)["dv-001"]))
    (tmp_path / "run.trec").write_text(f"dv-001 Q0 {right} 1 7.5 theirs\n")
    started = start_run("theirs", "dev.jsonl", cases, documents, Settings())
    run = import_run(tmp_path / "run.trec", cases, documents, started)
    assert [row.status for row in run.rows] == ["answered", "missing"]
    assert run.summary.measures["recall@1"] == run.summary.measures["RR@10"] == 0.5
    assert {name for name, value in run.summary.measures.items() if value is not None} == OF_HITS
    [hit] = run.answers["dv-001"].hits
    assert (hit.passage_id, hit.score, hit.rank) == (right, 7.5, 1)
    for line, message in (("dv-999 Q0 x 1 1 t", "no case 'dv-999'"), ("dv-001 Q0 x 1 1 t", "'x', ranked for 'dv-001'")):
        (tmp_path / "bad.trec").write_text(line)
        with pytest.raises(CaseError, match=message):
            import_run(tmp_path / "bad.trec", cases, documents, started, strict=True)
    # Without it what is unknown keeps its rank, and holds nothing.
    said = []
    (tmp_path / "odd.trec").write_text(f"dv-001 Q0 x 1 2 t\ndv-001 Q0 {right} 2 1 t\ndv-999 Q0 {right} 1 1 t\n")
    odd = import_run(tmp_path / "odd.trec", cases, documents, started, warn=said.append)
    assert odd.rows[0].measures["RR@10"] == 0.5
    assert "no case 'dv-999'" in said[0]
    assert "'x', ranked for 'dv-001': this is no passage of the documents" in said[1]
