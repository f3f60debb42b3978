"""Guards follow-up questions: what is left out is taken from before, and a question of its own is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.reading.follow_up import spell_out, stand_alone
from assistant.reading.grammar import Grammar
from corpus.load import load_library

FIRST = "What did academics say about equal power in research teams?"
TOPIC = "equal power in research teams?"  # what FIRST is about, without whose voice it asks for


GRAMMAR = Grammar(load_library())


def follow(question: str, *history: str) -> str:
    return stand_alone(question, history, GRAMMAR).text


def test_stand_alone_leaves_a_first_question_as_it_is() -> None:
    assert follow("and what about that?") == "and what about that?"


@pytest.mark.parametrize(
    "question",
    [
        "what about from public partners?",
        "And from public partners?",
        "any quotes on that?",
        "more",
        "and academics?",
        "same again but lay people",
        "a shorter one pls",
        "too long, i need under 15 words",
        "just in B.4.vi",
    ],
)
def test_question_that_says_nothing_of_its_own_takes_the_earlier_topic(question: str) -> None:
    found = stand_alone(question, (FIRST,), GRAMMAR)
    assert found.text == TOPIC
    assert found.keeps_voice


@pytest.mark.parametrize(
    "question",
    ["Why is that?", "Why?", "what year roughly", "and do they get looked at again later?", "which ones pay?"],
)
def test_question_that_leans_on_the_earlier_one_is_put_behind_it(question: str) -> None:
    found = stand_alone(question, (FIRST,), GRAMMAR)
    assert found.text == f"{TOPIC} {question}"
    assert found.keeps_voice


@pytest.mark.parametrize(
    ("question", "text"),
    [("How about trust?", "trust?"), ("and COCAPP?", "COCAPP?"), ("What about ground rules?", "ground rules?")],
)
def test_another_topic_replaces_the_earlier_one_and_keeps_the_voice(question: str, text: str) -> None:
    found = stand_alone(question, (FIRST,), GRAMMAR)
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
        "What does PPI stand for in this report?",
        "Who had oversight of this whole piece of work?",
        "how long did one team spend checking their main outcome before the grant began",
    ],
)
def test_question_of_its_own_is_left_alone(question: str) -> None:
    found = stand_alone(question, (FIRST,), GRAMMAR)
    assert found.text == question
    assert not found.keeps_voice


def test_question_without_a_topic_goes_further_back_where_the_last_one_has_none_either() -> None:
    assert follow("and academics?", FIRST, "what about public partners?") == TOPIC


def test_earlier_question_of_its_own_is_the_one_that_counts() -> None:
    second = "Which projects did RfPB fund around London?"
    assert follow("why is that?", FIRST, second) == f"{second} why is that?"


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=4))
def test_nothing_that_is_typed_breaks_it(question: str, history: list[str]) -> None:
    found = stand_alone(question, tuple(history), GRAMMAR)
    if not history:
        assert found.text == question


@pytest.mark.parametrize(
    ("question", "before", "whole"),
    [
        ("more from D", "What did Public partner B say?", "more from Public partner D"),
        ("and 12?", "a quote by academic researcher 5 on trust", "and Academic Researcher 12?"),
        ("what about B", "What did Public partner D say?", "what about Public partner B"),
        ("and 5?", "What did Public partner B say?", "and 5?"),  # public partners have letters
        ("more from section B.4", "What did Public partner B say?", "more from section B.4"),
        ("is a plan needed", "What did Public partner B say?", "is a plan needed"),
        ("more from D", "What is trust?", "more from D"),
    ],
)
def test_a_letter_or_number_alone_is_a_speaker_of_the_family_last_spoken_of(
    question: str, before: str, whole: str
) -> None:
    assert spell_out(question, (before,), GRAMMAR) == whole


def test_the_same_person_asked_about_something_else_is_told_from_the_topic() -> None:
    found = stand_alone(
        "what else did that one say about training?", ("What did Public partner B say about power?",), GRAMMAR
    )
    assert (found.text, found.same_person) == ("training?", True)
