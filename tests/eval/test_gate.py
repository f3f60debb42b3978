"""The gate lets a good run pass and catches retrievers that were broken on purpose, with the real assistant."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from rich.console import Console
from typer.testing import CliRunner

from assistant.keeping.model import model_sha256
from assistant.pipeline import Assistant
from assistant.serving.terminal.cli import app
from corpus.load import load_library
from eval.cases import load_cases, split_path
from eval.fingerprint import corpus_sha256, start_run
from eval.folder import write_run
from eval.gate import (
    TOLERANCES,
    Baseline,
    BaselineError,
    check_gate,
    make_baseline,
    read_baseline,
    renew_baseline,
    show_gate,
    with_tolerances,
    write_baseline,
)
from eval.gate_files import write_junit, write_markdown
from eval.measures import MEASURES
from eval.paired import RunsDiffer
from eval.run import make_run, run_cases
from eval.verdict import judge_pair


@pytest.fixture(scope="module")
def cases():
    """Cases of dev of every kind: every third."""
    return load_cases(split_path("dev"))[::3]


@pytest.fixture(scope="module")
def run_of(assistant_built, cases):
    def run_of(answerer):
        started = start_run("tried", "dev.jsonl", cases, load_library().documents, assistant_built.settings)
        documents = load_library().documents
        return make_run(list(run_cases(answerer, cases, documents)), documents, started)

    return run_of


class AskedOnce:
    """The real assistant's answers, each asked for once: what is tried below is done to them."""

    def __init__(self, assistant) -> None:
        self._assistant = assistant
        self._answers = {}

    def ask(self, query):
        if query not in self._answers:
            self._answers[query] = self._assistant.ask(query)
        return self._answers[query]


@pytest.fixture(scope="module")
def asked(assistant_built):
    return AskedOnce(assistant_built)


@pytest.fixture(scope="module")
def good(run_of, asked):
    return run_of(asked)


@pytest.fixture(scope="module")
def baseline(good):
    return make_baseline(good)


class BrokenRetriever:
    """The real retriever, with what it finds broken on the way out."""

    def __init__(self, retriever, damage: Callable[[list], list]) -> None:
        self._retriever = retriever
        self._damage = damage

    def __getattr__(self, name):
        return getattr(self._retriever, name)

    def search(self, parsed, limit):
        found = self._retriever.search(parsed, limit)
        return replace(found, candidates=self._damage(list(found.candidates)))


@pytest.fixture(scope="module")
def broken(assistant_built, run_of):
    def broken(damage):
        retriever = BrokenRetriever(assistant_built.retriever, damage)
        settings = assistant_built.settings
        sha256 = model_sha256(settings.model)
        return run_of(Assistant(assistant_built.library, retriever, settings, model_sha256=sha256))

    return broken


class Changed:
    """The real assistant's answers, changed on the way out."""

    def __init__(self, asked, change) -> None:
        self._asked = asked
        self._change = change

    def ask(self, query):
        return self._change(self._asked.ask(query))


def drops(result):
    return {drop.measure for drop in result.drops}


def printed(result, width=100):
    console = Console(width=width)
    with console.capture() as capture:
        show_gate(console, result)
    return capture.get()


def test_the_same_assistant_passes(baseline, run_of, assistant_built):
    result = check_gate(baseline, run_of(assistant_built))
    assert result.passed
    assert (result.drops, result.better, result.no_answer) == ((), (), {})
    assert "Passed: 50 questions of dev.jsonl, as good" in printed(result)


def test_a_reversed_ranking_is_caught_and_the_questions_lost_are_named(baseline, good, broken):
    result = check_gate(baseline, broken(lambda candidates: candidates[::-1]))
    assert not result.passed
    assert {"recall@1", "recall@5", "nDCG@10"} <= drops(result)
    [drop] = [one for one in result.drops if one.measure == "recall@1"]
    assert drop.worse_by == pytest.approx(drop.before - drop.after, abs=1e-6)
    assert drop.worse_by > 0.3
    values = {row.case_id: row.measures["recall@1"] for row in good.rows}
    assert drop.lost
    assert all(values[case_id] > 0 for case_id in drop.lost)
    text = printed(result)
    assert "Failed: dev.jsonl is worse than the baseline." in text
    assert f"{drop.lost[0]} (" in text
    assert drop.compared.verdict == "worse"
    assert "recall@1" in text


def test_shuffled_passage_ids_are_caught(baseline, run_of, asked):
    """Each hit gets the id of some other passage: the offsets stay right, but what they are called is wrong."""
    ids = [passage.id for document in load_library().documents for passage in document.passages]
    others = dict(zip(ids, random.Random(1).sample(ids, len(ids)), strict=True))

    def shuffle(answer):
        hits = tuple(hit.model_copy(update={"passage_id": others[hit.passage_id]}) for hit in answer.hits)
        return answer.model_copy(update={"hits": hits})

    result = check_gate(baseline, run_of(Changed(asked, shuffle)))
    assert drops(result) == {"nDCG@10"}
    assert not result.passed


def test_shuffled_citation_ids_are_caught(baseline, run_of, asked):
    def shuffle(answer):
        ids = [one.passage_id for one in answer.citations]
        citations = zip(answer.citations, [*ids[1:], *ids[:1]], strict=True)
        return answer.model_copy(
            update={"citations": tuple(one.model_copy(update={"passage_id": other}) for one, other in citations)}
        )

    assert "verbatim" in drops(check_gate(baseline, run_of(Changed(asked, shuffle))))


def test_answers_given_to_the_wrong_questions_are_caught(baseline, good):
    """The answers are all right, each for the question after it."""
    ids = [case.id for case in good.cases]
    moved = dict(zip(ids, [*ids[1:], ids[0]], strict=True))
    outcomes = [one.model_copy(update={"answer": good.answers[moved[one.case.id]]}) for one in good.outcomes]
    run = make_run(outcomes, load_library().documents, start_like(good))
    assert {"recall@10", "nDCG@10", "evidence_shown"} <= drops(check_gate(baseline, run))


def start_like(run):
    from eval.schema import Started

    return Started(**{name: getattr(run.summary, name) for name in Started.model_fields})


def test_dropped_questions_are_caught_even_where_what_is_left_looks_better(baseline, good):
    """Only questions that went well are kept: every mean over them is as high as can be."""
    kept = [one for one in good.outcomes if not one.case.answerable or good_at(good, one.case.id)]
    flattering = make_run(kept, load_library().documents, start_like(good))
    assert flattering.summary.measures["recall@1"] == 1
    result = check_gate(baseline, flattering.model_copy(update={"cases": good.cases}))
    assert not result.passed
    assert len(result.no_answer) == len(good.cases) - len(kept) > 0
    assert "recall@5" in drops(result)
    assert "missing from the run" in printed(result)


def good_at(run, case_id):
    return {row.case_id: row for row in run.rows}[case_id].measures["recall@1"] == 1


def test_one_dropped_question_is_caught_though_no_measure_drops_beyond_its_tolerance(baseline, good):
    loose = baseline.model_copy(update={"tolerances": dict.fromkeys(baseline.tolerances, 0.5)})
    result = check_gate(loose, good.model_copy(update={"rows": good.rows[1:]}))
    assert (result.drops, result.passed) == ((), False)
    assert list(result.no_answer) == [good.rows[0].case_id]
    assert "1 question got no answer; the baseline has 0" in printed(result)


def test_errors_are_caught(baseline, run_of, asked):
    class Failing:
        def ask(self, query):
            if query.id == baseline_ids[3]:
                raise RuntimeError("it broke")
            return asked.ask(query)

    baseline_ids = list(baseline.questions)
    result = check_gate(baseline, run_of(Failing()))
    assert not result.passed
    assert result.no_answer == {baseline_ids[3]: "RuntimeError: it broke"}


def test_refusing_everything_and_refusing_nothing_are_caught(baseline, good):
    def with_status(status):
        answers = {one: answer.model_copy(update={"status": status}) for one, answer in good.answers.items()}
        outcomes = [one.model_copy(update={"answer": answers[one.case.id]}) for one in good.outcomes]
        return make_run(outcomes, load_library().documents, start_like(good))

    assert "answerable_refused" in drops(check_gate(baseline, with_status("not_in_corpus")))
    result = check_gate(baseline, with_status("answered"))
    assert "refusal_recall" in drops(result)
    [drop] = [one for one in result.drops if one.measure == "refusal_recall"]
    unanswerable = {case.id for case in good.cases if not case.answerable}
    assert set(drop.lost) <= unanswerable
    assert drop.lost


# By hand, on runs that need no assistant.


@pytest.fixture
def half(make):
    """Ten questions, of which so many are found at rank 1."""

    def half(found, **options):
        cases = [make.case([(0, 5)], id=f"q{number}") for number in range(10)]
        right, wrong = make.hit(0, 10), make.hit(50, 60)
        outcomes = [make.outcome(case, hits=(right if number < found else wrong,)) for number, case in enumerate(cases)]
        return make.run(*outcomes, **options)

    return half


def tolerating(run, **tolerances):
    return make_baseline(run, {name.replace("_at_", "@"): value for name, value in tolerances.items()})


def test_a_drop_of_just_the_tolerance_passes_and_a_little_more_fails(half):
    """From 8 of 10 to 6 of 10 is 0.2."""
    assert check_gate(tolerating(half(8), recall_at_1=0.2), half(6)).passed
    result = check_gate(tolerating(half(8), recall_at_1=0.19), half(6))
    assert not result.passed
    [drop] = result.drops
    assert (drop.measure, drop.before, drop.after, drop.worse_by) == ("recall@1", 0.8, 0.6, 0.2)
    assert drop.lost == ("q6", "q7")
    assert result.lost == {"q6": "Question q6?", "q7": "Question q7?"}


def test_a_gain_passes_and_is_named(half):
    result = check_gate(tolerating(half(5), recall_at_1=0.1), half(9))
    assert (result.passed, result.better) == (True, ("recall@1",))
    assert "Better than the baseline: recall@1" in printed(result)


def test_whether_chance_could_do_as_much_is_said_beside_the_tolerance(half):
    """8 of 10 to 2: six lost and none won, p = 2/2⁶. 8 to 6: two lost, p = 2/2². The tolerance decides all the same.

    It is the verdict of `compare --by`: two of ten lost are too few to tell, by about 40 questions (six must be lost).
    """
    for found, p, verdict in ((2, 2 / 2**6, "worse"), (6, 2 / 2**2, "too few questions")):
        pair = judge_pair(half(8), half(found), MEASURES["recall@1"])
        [held] = check_gate(tolerating(half(8), recall_at_1=0.1), half(found)).drops
        assert held.compared == pair.primary
        result = check_gate(tolerating(half(8), recall_at_1=0.1), half(found))
        [drop] = result.drops
        assert (drop.compared.p, drop.compared.verdict, drop.compared.losses) == (pytest.approx(p), verdict, 8 - found)
        assert f"{p:.3f}" in printed(result, 80)
        assert "…" not in printed(result, 80)


def test_tolerances_are_given_as_options(half, tmp_path):
    baseline = make_baseline(half(8))
    assert not check_gate(baseline, half(6)).passed
    given = [f"{name}=off" for name in baseline.tolerances if name != "recall@1"]
    assert check_gate(with_tolerances(baseline, [*given, "RECALL@1 = 0.2"]), half(6)).passed
    assert not check_gate(with_tolerances(baseline, [*given, "recall@1=0.1"]), half(6)).passed
    assert with_tolerances(baseline, ["RR@10=0.5"]).tolerances["RR@10"] == 0.5
    for typed in ("recall@1", "recall@1=-1", "recall@1=nan", "recall@1=2%", "words=1", "recall@3=0.1"):
        with pytest.raises(BaselineError, match=f"--tolerate {typed}: "):
            with_tolerances(baseline, [typed])
    renew_baseline(tmp_path / "b.json", half(8), ["recall@1=0.123"])
    assert read_baseline(tmp_path / "b.json").tolerances["recall@1"] == 0.123


def test_what_was_found_is_written_for_ci_and_for_a_pull_request(half, tmp_path, make):
    """JUnit as a reader of it counts: a test for each measure held, and one for answers; Markdown stays words."""
    run = half(6)
    nasty = "</details>\x01 | a*b* <b> `x` [y](z)\n# no"
    cases = tuple(one.model_copy(update={"question": nasty}) if one.id == "q7" else one for one in run.cases)
    result = check_gate(tolerating(half(8), recall_at_1=0.1, recall_at_5=1), run.model_copy(update={"cases": cases}))
    write_junit(tmp_path / "gate.xml", result)
    root = ElementTree.parse(tmp_path / "gate.xml").getroot()
    [suite] = root
    assert (root.tag, suite.get("tests"), suite.get("failures")) == ("testsuites", "3", "1")
    assert [test.get("name") for test in suite] == ["recall@1", "recall@5", "questions without an answer"]
    [failure] = suite.iter("failure")
    assert failure.get("message").startswith("recall@1 was 80.0%, now 60.0%: worse by 20.0%, tolerated 10.0%; p 0.500")
    assert failure.text.startswith("q6: Question q6?\nq7: </details>\ufffd | a*b*")
    write_markdown(tmp_path / "gate.md", result)
    said = (tmp_path / "gate.md").read_text(encoding="utf-8")
    assert said.startswith("**Failed:** mine.jsonl is worse than the baseline, over 10 questions.\n")
    assert "| recall\\@1 | 80.0% | 60.0% | 20.0% | 10.0% | 0.500 | too few | 2 |" in said
    assert said.count("</details>") == said.count("<details>") == 1
    assert "- q7: \\</details\\>" in said
    passed = check_gate(tolerating(half(8), recall_at_1=0.1), half(8))
    write_markdown(tmp_path / "gate.md", passed)
    assert (
        tmp_path / "gate.md"
    ).read_text() == "**Passed:** 10 questions of mine.jsonl, as good as the baseline, or nearly.\n"
    write_junit(tmp_path / "gate.xml", passed)
    assert not list(ElementTree.parse(tmp_path / "gate.xml").iter("failure"))
    short = check_gate(tolerating(half(8), recall_at_1=1), half(8).model_copy(update={"rows": half(8).rows[1:]}))
    write_junit(tmp_path / "gate.xml", short)
    [failure] = ElementTree.parse(tmp_path / "gate.xml").iter("failure")
    assert (failure.get("type"), failure.text) == ("no answer", "q0: missing from the run")
    with pytest.raises(BaselineError, match="cannot be written"):
        write_junit(tmp_path / "no" / "gate.xml", passed)


def test_swapping_which_questions_are_found_passes_without_a_drop(half, make):
    """The gate is about means: comparing says which questions changed."""
    assert check_gate(tolerating(half(5), recall_at_1=0), half(5)).passed


def test_less_is_better_for_some(make):
    cases = [make.case([(0, 5)], id=f"q{number}") for number in range(4)]
    answered = make.run(*(make.outcome(case, citations=(make.citation(0, 5),)) for case in cases))
    refusing = make.run(*(make.outcome(case) for case in cases))
    result = check_gate(tolerating(answered, answerable_refused=0.5), refusing)
    assert [(drop.measure, drop.worse_by) for drop in result.drops] == [("answerable_refused", 1.0)]
    assert check_gate(tolerating(refusing, answerable_refused=0), answered).better == ("answerable_refused",)


def test_a_measure_that_cannot_be_measured_any_more_fails(make):
    case = make.case([(0, 5)])
    shown = make.run(make.outcome(case, citations=(make.citation(0, 5),)))
    refused = make.run(make.outcome(case))
    baseline = tolerating(shown, verbatim=1.0)
    [drop] = check_gate(baseline, refused).drops
    assert (drop.measure, drop.after, drop.worse_by) == ("verbatim", None, None)
    assert "–" in printed(check_gate(baseline, refused))


def test_other_cases_are_refused(half):
    with pytest.raises(RunsDiffer, match=r"the baseline and the run 'run' were not made from the same cases.*--write"):
        check_gate(make_baseline(half(5)), half(5, made_from="e"))


def test_documents_that_changed_are_said_and_the_same_cases_held_all_the_same(half, tmp_path):
    """One word more in a document is another fingerprint; 8 of 10 are still 8, and 6 are still worse."""
    baseline = tolerating(half(8), recall_at_1=0.1)
    changed = {found: with_corpus(half(found), "9" * 64) for found in (8, 6)}
    result = check_gate(baseline, changed[8])
    assert result.passed
    assert "The documents are not those of the baseline." in " ".join(printed(result).split())
    assert check_gate(baseline, half(8)).notes == ()
    worse = check_gate(baseline, changed[6])
    assert [drop.lost for drop in worse.drops] == [("q6", "q7")]
    write_markdown(tmp_path / "gate.md", worse)
    assert "Note: The documents are not those of the baseline." in (tmp_path / "gate.md").read_text(encoding="utf-8")
    write_junit(tmp_path / "gate.xml", worse)
    [note] = ElementTree.parse(tmp_path / "gate.xml").iter("system-out")
    assert note.text.startswith("The documents are not those of the baseline.")


def test_another_version_of_the_bundled_report_is_refused(half):
    bundled = corpus_sha256(load_library().documents)
    with pytest.raises(RunsDiffer, match="not made from the same documents"):
        check_gate(make_baseline(half(8)), with_corpus(half(8), bundled))


def with_corpus(run, sha256):
    fingerprint = run.summary.fingerprint.model_copy(update={"corpus_sha256": sha256})
    return run.model_copy(update={"summary": run.summary.model_copy(update={"fingerprint": fingerprint})})


def test_what_stopped_the_gate_is_an_error_in_junit_and_words_in_markdown(half, tmp_path):
    """Both files are written through the command where the cases are others, and where baseline or run are missing."""
    write_baseline(tmp_path / "b.json", make_baseline(half(5)))
    write_run(tmp_path / "run", half(5, made_from="e"), ())
    files = ["--junit", str(tmp_path / "gate.xml"), "--markdown", str(tmp_path / "gate.md")]
    for name, run, message in (
        ("b.json", "run", "not made from the same cases"),
        ("absent.json", "run", "cannot be read"),
        ("b.json", "absent", "holds no run"),
    ):
        asked = ["eval", "gate", "--baseline", str(tmp_path / name), "--run", str(tmp_path / run), *files]
        stopped = CliRunner().invoke(app, asked).exception
        assert (stopped.exit_code, message in str(stopped)) == (2, True)
        [suite] = ElementTree.parse(tmp_path / "gate.xml").getroot()
        assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "0", "1")
        [error] = suite.iter("error")
        assert message in error.get("message")
        said = (tmp_path / "gate.md").read_text(encoding="utf-8")
        assert said.startswith("**Stopped:** ")
        assert message in said
        (tmp_path / "gate.xml").unlink()
        (tmp_path / "gate.md").unlink()


def test_a_baseline_is_written_and_read_back_the_same_with_a_line_for_each_question(half, tmp_path):
    path = tmp_path / "baseline.json"
    written = make_baseline(half(7))
    write_baseline(path, written)
    assert read_baseline(path) == written
    lines = path.read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith('  "q') for line in lines) == 10
    assert [one.name for one in tmp_path.iterdir()] == ["baseline.json"]


def test_a_new_baseline_keeps_the_tolerances_that_somebody_set(half, tmp_path):
    path = tmp_path / "baseline.json"
    renew_baseline(path, half(7))
    assert read_baseline(path).tolerances["recall@1"] == TOLERANCES["recall@1"]
    stricter = read_baseline(path).model_copy(update={"tolerances": {"recall@1": 0.001, "RR@10": 0.1}})
    write_baseline(path, stricter)
    found = renew_baseline(path, half(9))
    assert (found.tolerances["recall@1"], found.tolerances["RR@10"]) == (0.001, 0.1)
    assert found.measures["recall@1"] == 0.9
    path.write_text("something else")
    with pytest.raises(BaselineError, match="expected a JSON object"):
        renew_baseline(path, half(9))
    assert path.read_text() == "something else"


def test_the_usual_tolerances_name_measures_that_can_be_better_or_worse():
    assert set(TOLERANCES) <= {name for name, one in MEASURES.items() if one.higher_is_better is not None}
    assert TOLERANCES["verbatim"] == TOLERANCES["filter_leakage"] == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (b"{", "expected a JSON object"),
        (b"[" * 100_000, "expected a JSON object"),
        (b"\xff", "expected a JSON object"),
        (b"[]", "the baseline: input should be a valid dictionary"),
        ({"tolerances": {"recall@1": -0.1}}, "tolerances.recall@1: input should be greater than or equal to 0"),
        ({"tolerances": {"recall@3": 0.1}}, "there is no measure 'recall@3' to tolerate. there are: recall@1, "),
        ({"tolerances": {"words": 0.1}}, "there is no measure 'words'"),
        ({"tolerances": {"latency_p50": 5}}, "'latency_p50' has a tolerance but no value"),
        ({"measures": {"recall@1": float("nan")}}, "measures.recall@1: input should be a finite number"),
        ({"extra": 1}, "extra: extra inputs are not permitted"),
    ],
)
def test_a_broken_baseline_is_named(half, tmp_path, change, message):
    path = tmp_path / "baseline.json"
    write_baseline(path, make_baseline(half(7)))
    if isinstance(change, bytes):
        path.write_bytes(change)
    else:
        path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(BaselineError) as caught:
        read_baseline(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert "--write" in str(caught.value)


def test_a_baseline_that_is_not_there_or_cannot_be_written_is_named(half, tmp_path):
    with pytest.raises(BaselineError, match=r"absent\.json cannot be read: No such file"):
        read_baseline(tmp_path / "absent.json")
    with pytest.raises(BaselineError, match="cannot be written: No such file"):
        write_baseline(tmp_path / "no" / "folder.json", make_baseline(half(1)))


def test_a_baseline_has_only_what_it_says():
    assert set(Baseline.model_fields) == {
        "source", "created", "version", "fingerprint", "tolerances", "measures", "no_answer", "questions",
    }  # fmt: skip
