"""Cases are asked as they are written, and an error ends neither the run nor goes unseen."""

import pytest

from assistant.schema import Query
from assistant.settings import Settings
from corpus.errors import QuestionRefused
from corpus.filters import Filters
from corpus.load import load_library
from eval.cases import load_cases, split_path
from eval.fingerprint import start_run
from eval.run import leaked, make_run, run_case, run_cases

SETTINGS = Settings()


class Echo:
    """Answers with a fixed answer and remembers what it was asked; a question with "broken" in it fails."""

    def __init__(self, answer):
        self.answer = answer
        self.asked: list[Query] = []

    def ask(self, query):
        self.asked.append(query)
        if "refuse" in query.question:
            raise QuestionRefused("there are no words in it.")
        if "broken" in query.question:
            raise KeyError("lost")
        return self.answer


def test_a_case_is_asked_with_its_history_and_without_its_expectations(make):
    case = make.case(history=["Before?"], role="public")
    echo = Echo(make.outcome(case).answer)
    outcome = run_case(echo, case)
    assert echo.asked == [Query(id="c1", question="Question c1?", history=("Before?",))]
    assert outcome.answer is echo.answer
    assert outcome.latency_ms >= 0


def test_an_error_is_kept_and_the_run_goes_on(make):
    cases = [
        make.case([(0, 5)], id="a", question="refuse this"),
        make.case([(0, 5)], id="b", question="broken"),
        make.case([(0, 5)], id="c"),
    ]
    answered = make.outcome(cases[2], citations=(make.citation(0, 5),)).answer
    outcomes = list(run_cases(Echo(answered), cases))
    assert [outcome.answer is None for outcome in outcomes] == [True, True, False]
    assert [outcome.error for outcome in outcomes] == ["there are no words in it.", "KeyError: 'lost'", None]
    run = made(outcomes)
    assert run.summary.errors == 2
    assert [row.status for row in run.rows] == ["error", "error", "answered"]
    assert set(run.answers) == {"c"}
    assert run.outcomes == tuple(outcomes)


def test_a_case_with_a_section_is_asked_again_with_filters(make):
    """Two hits and one citation come back; the hits are Public partner B's in B.1, the citation is nobody's."""
    case = make.case([(0, 5)], speaker="Public partner B", role="public", section="Part B")
    partner = make.hit(0, 9).model_copy(update={"speaker": "Public partner B", "role": "public"})
    answer = make.outcome(case, hits=(partner, partner), citations=(make.citation(0, 5),)).answer
    echo = Echo(answer)
    outcome = run_case(echo, case, known_as_d())
    assert [query.filters for query in echo.asked] == [
        Filters(),
        Filters(speaker="Public partner B", role="public", section="Part B"),
    ]
    assert outcome.leakage == pytest.approx(1 / 3)
    assert run_case(Echo(answer), make.case(speaker="Public partner B")).leakage is None  # unanswerable


@pytest.mark.parametrize(
    ("filters", "share"),
    [
        (Filters(section="B.1"), 0),
        (Filters(section="Part B"), 0),
        (Filters(section="B"), 1),  # there is no such section
        (Filters(section="B.2"), 1),
        (Filters(section="Part A"), 1),
        (Filters(role="public"), 0.5),
        (Filters(role="academic"), 1),
        (Filters(speaker="Public partner B", section="B.1"), 0.5),
        (Filters(speaker="Public partner C"), 1),
    ],
)
def test_leaked_by_hand(make, filters, share):
    partner = make.citation(0, 5, speaker="Public partner B", role="public")
    assert leaked(filters, [partner, make.hit(0, 9)], known_as_d()) == share
    assert leaked(filters, [], known_as_d()) == 0


def test_of_a_document_that_is_not_here_only_the_section_itself_is_let_through(make):
    assert leaked(Filters(section="B.1"), [make.hit(0, 9)]) == 0
    assert leaked(Filters(section="Part B"), [make.hit(0, 9)]) == 1
    assert leaked(Filters(section="Part B"), [make.hit(0, 9)], load_library().documents) == 1


def test_a_fault_with_filters_is_an_error_though_the_answer_stays(make):
    class Fussy(Echo):
        def ask(self, query):
            if query.filters != Filters():
                raise KeyError("filters")
            return super().ask(query)

    case = make.case([(0, 5)], section="B.1")
    outcome = run_case(Fussy(make.outcome(case, citations=(make.citation(0, 5),)).answer), case)
    assert (outcome.status, outcome.error) == ("answered", "with filters: KeyError: 'filters'")
    run = made([outcome])
    assert (run.summary.errors, run.summary.measures["filter_leakage"], run.summary.measures["evidence_shown"]) == (
        1,
        1,
        1,
    )


def test_ctrl_c_ends_the_run(make):
    class Stopped:
        def ask(self, query):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_case(Stopped(), make.case([(0, 5)]))


def test_kinds_are_measured_apart(make):
    outcomes = [
        make.outcome(make.case([(0, 5)], id="a", kind="table"), hits=(make.hit(0, 9),)),
        make.outcome(make.case([(0, 5)], id="b", kind="lay"), hits=(make.hit(9, 20),)),
        make.outcome(make.case([(0, 5)], id="c", kind="table"), hits=(make.hit(9, 20),)),
    ]
    summary = made(outcomes).summary
    assert summary.kind_sizes == {"lay": 1, "table": 2}
    assert {kind: values["recall@1"] for kind, values in summary.kinds.items()} == {"lay": 0, "table": 0.5}


def test_the_real_assistant_is_judged(assistant_built):
    """Real parts from beginning to end. The bars are low: they show that offsets fit, not how good the answers are."""
    cases = load_cases(split_path("dev"))[:40]
    found = made(list(run_cases(assistant_built, cases, assistant_built.documents))).summary
    assert found.errors == 0
    assert found.measures["verbatim"] == 1
    assert found.measures["filter_leakage"] == 0
    assert found.measures["recall@10"] > 0.6
    assert found.measures["nDCG@10"] > 0.4
    assert found.measures["section"] > 0.5
    assert 0 < found.measures["evidence_shown"] <= 1


def test_a_hit_list_turned_round_is_worth_less(assistant_built):
    """The measures can fail: the same hits in the wrong order lose recall@1 and nDCG, but not recall@10."""
    cases = load_cases(split_path("dev"))[:20]
    outcomes = list(run_cases(assistant_built, cases, assistant_built.documents))
    turned = [
        outcome.model_copy(
            update={"answer": outcome.answer.model_copy(update={"hits": tuple(reversed(outcome.answer.hits))})}
        )
        for outcome in outcomes
    ]
    good, bad = made(outcomes).summary.measures, made(turned).summary.measures
    assert bad["recall@1"] < good["recall@1"]
    assert bad["nDCG@10"] < good["nDCG@10"]
    assert bad["recall@10"] == good["recall@10"]


def known_as_d():
    """Give the library's document by the name that the makers' hits and citations have for theirs."""
    [document] = load_library().documents
    return [document.model_copy(update={"id": "d"})]


def made(outcomes):
    documents = load_library().documents
    return make_run(
        outcomes, documents, start_run("mine", "mine.jsonl", [one.case for one in outcomes], documents, SETTINGS)
    )
