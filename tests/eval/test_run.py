"""Cases are asked as they are written, and an error ends neither the run nor goes unseen."""

import pytest

from assistant.schema import Query
from corpus.errors import QuestionRefused
from corpus.load import load_library
from eval.cases import load_cases, split_path
from eval.run import evaluate, run_case, run_cases


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
    case = make.case([(0, 5)], history=["Before?"], role="public")
    echo = Echo(make.outcome(case).answer)
    outcome = run_case(echo, case)
    assert echo.asked == [Query(id="c1", question="Question c1?", history=("Before?",))]
    assert outcome.answer is echo.answer
    assert outcome.latency_ms >= 0


def test_an_error_counts_as_refused_and_the_run_goes_on(make):
    cases = [
        make.case([(0, 5)], id="a", question="refuse this"),
        make.case([(0, 5)], id="b", question="broken"),
        make.case([(0, 5)], id="c"),
    ]
    answered = make.outcome(cases[2], citations=(make.citation(0, 5),)).answer
    outcomes = list(run_cases(Echo(answered), cases))
    assert [outcome.refused for outcome in outcomes] == [True, True, False]
    assert [outcome.error for outcome in outcomes] == ["there are no words in it.", "KeyError: 'lost'", None]
    evaluation = evaluate("mine", outcomes, load_library())
    assert evaluation.errors == {"a": "there are no words in it.", "b": "KeyError: 'lost'"}
    assert evaluation.measures.errors == 2
    assert [(failure.id, failure.status) for failure in evaluation.failures] == [("a", "error"), ("b", "error")]


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
    kinds = evaluate("mine", outcomes, load_library()).kinds
    assert list(kinds) == ["lay", "table"]
    assert (kinds["lay"].cases, kinds["lay"].recall_at_1) == (1, 0)
    assert (kinds["table"].cases, kinds["table"].recall_at_1) == (2, 0.5)


def test_the_real_assistant_is_judged(assistant_built):
    """Real parts from beginning to end. The bars are low: they show that offsets fit, not how good the answers are."""
    outcomes = list(run_cases(assistant_built, load_cases(split_path("dev"))[:40]))
    found = evaluate("dev", outcomes, load_library()).measures
    assert found.errors == 0
    assert found.verbatim_rate == 1
    assert found.recall_at_10 > 0.6
    assert found.ndcg_at_10 > 0.4
    assert 0 < found.evidence_in_answer <= 1


def test_a_hit_list_turned_round_is_worth_less(assistant_built):
    """The measures can fail: the same hits in the wrong order lose recall@1 and nDCG, but not recall@10."""
    outcomes = list(run_cases(assistant_built, load_cases(split_path("dev"))[:20]))
    turned = [
        outcome.model_copy(
            update={"answer": outcome.answer.model_copy(update={"hits": tuple(reversed(outcome.answer.hits))})}
        )
        for outcome in outcomes
    ]
    good = evaluate("dev", outcomes, load_library()).measures
    bad = evaluate("dev", turned, load_library()).measures
    assert bad.recall_at_1 < good.recall_at_1
    assert bad.ndcg_at_10 < good.ndcg_at_10
    assert bad.recall_at_10 == good.recall_at_10
