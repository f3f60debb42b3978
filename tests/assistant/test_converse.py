"""Guards follow-up questions: what is left out is taken from before, and a question of its own is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.converse import stand_alone
from assistant.schema import Query

FIRST = "What did academics say about equal power in research teams?"


def follow(question: str, *history: str) -> str:
    return stand_alone(Query(question=question, history=history))


def test_stand_alone_leaves_a_first_question_as_it_is() -> None:
    assert follow("and what about that?") == "and what about that?"


@pytest.mark.parametrize(
    "question",
    [
        "what about from public partners?",
        "And from public partners?",
        "How about trust?",
        "Why is that hard for universities and funders?",
        "Did they mention meetings, budgets and training?",
        "Why?",
        "more",
    ],
)
def test_stand_alone_puts_the_earlier_question_before_one_that_leans_on_it(question: str) -> None:
    assert follow(question, FIRST) == f"{FIRST} {question}"


@pytest.mark.parametrize(
    "question",
    [
        "Which projects did RfPB fund around London?",
        "What recommendations does the summary make for funders?",
        "Let us try something else: trust",
        "New topic: who funded it?",
    ],
)
def test_stand_alone_leaves_a_question_of_its_own_alone(question: str) -> None:
    assert follow(question, FIRST) == question


def test_stand_alone_goes_one_question_further_back_where_the_last_one_leans_too() -> None:
    assert follow("and funders?", FIRST, "what about public partners?") == (
        f"{FIRST} what about public partners? and funders?"
    )


def test_stand_alone_stops_at_a_question_that_stands_by_itself() -> None:
    second = "Which projects did RfPB fund around London?"
    assert follow("and elsewhere?", FIRST, second) == f"{second} and elsewhere?"


def test_stand_alone_skips_empty_history() -> None:
    assert follow("and funders?", FIRST, "", "  ") == f"{FIRST} and funders?"


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=4))
def test_stand_alone_always_ends_with_the_question(question: str, history: list[str]) -> None:
    assert follow(question, *history).endswith(question)
