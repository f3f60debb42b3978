"""Guards follow-up questions: what is left out is taken from before, and a question of its own is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.converse import stand_alone

FIRST = "What did academics say about equal power in research teams?"
TOPIC = "equal power in research teams?"  # what FIRST is about, without whose voice it asks for


def follow(question: str, *history: str) -> str:
    return stand_alone(question, history).text


def test_stand_alone_leaves_a_first_question_as_it_is() -> None:
    assert follow("and what about that?") == "and what about that?"


@pytest.mark.parametrize(
    "question",
    [
        "what about from public partners?",
        "And from public partners?",
        "any quotes on that?",
        "Why is that?",
        "Why?",
        "more",
        "and academics?",
        "what did they say about it?",
    ],
)
def test_question_without_a_topic_takes_the_earlier_one(question: str) -> None:
    found = stand_alone(question, (FIRST,))
    assert found.text == f"{TOPIC} {question}"
    assert found.keeps_voice


@pytest.mark.parametrize(
    ("question", "text"),
    [("How about trust?", "trust?"), ("and COCAPP?", "COCAPP?"), ("What about ground rules?", "ground rules?")],
)
def test_another_topic_replaces_the_earlier_one_and_keeps_the_voice(question: str, text: str) -> None:
    found = stand_alone(question, (FIRST,))
    assert found.text == text
    assert found.keeps_voice


@pytest.mark.parametrize(
    "question",
    [
        "Which projects did RfPB fund around London?",
        "What recommendations does the summary make for funders?",
        "Let us try something else: trust",
        "New topic: who funded it?",
        "ground rules",
        "What is Mode 2 knowledge?",
        "What is the most important principle of co-production?",
        "Thanks!",
        "Is there a quote about trust?",
    ],
)
def test_question_of_its_own_is_left_alone(question: str) -> None:
    found = stand_alone(question, (FIRST,))
    assert found.text == question
    assert not found.keeps_voice


def test_question_without_a_topic_goes_further_back_where_the_last_one_has_none_either() -> None:
    assert follow("and academics?", FIRST, "what about public partners?") == f"{TOPIC} and academics?"


def test_earlier_question_of_its_own_is_the_one_that_counts() -> None:
    second = "Which projects did RfPB fund around London?"
    assert follow("why is that?", FIRST, second) == f"{second} why is that?"


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=4))
def test_nothing_that_is_typed_breaks_it(question: str, history: list[str]) -> None:
    found = stand_alone(question, tuple(history))
    if not history:
        assert found.text == question
