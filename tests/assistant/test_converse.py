"""Guards follow-up questions: what is left out is taken from before, and a question of its own is left alone."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.pipeline import Assistant
from assistant.reading.clean import clean_question
from assistant.reading.follow_up import Turn, spell_out
from assistant.reading.grammar import Grammar
from corpus.errors import QuestionRefused

FIRST = "What did academics say about equal power in research teams?"
TOPIC = "equal power in research teams?"  # what FIRST is about, without whose voice it asks for


Follow = Callable[..., Turn]


@pytest.fixture(scope="session")
def follow(assistant_built: Assistant) -> Follow:
    """Read a question after others, oldest first."""
    return lambda question, *history: assistant_built.reader.read_turn(question, history)


def test_stand_alone_leaves_a_first_question_as_it_is(follow: Follow) -> None:
    assert follow("and what about that?").parsed.text == "and what about that?"


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
def test_question_that_says_nothing_of_its_own_takes_the_earlier_topic(question: str, follow: Follow) -> None:
    found = follow(question, FIRST)
    assert found.parsed.text == TOPIC
    assert found.lean != "new"


@pytest.mark.parametrize(
    "question",
    ["Why is that?", "Why?", "what year roughly", "which ones pay?"],
)
def test_question_that_leans_on_the_earlier_one_is_put_behind_it(question: str, follow: Follow) -> None:
    found = follow(question, FIRST)
    assert found.parsed.text == f"{TOPIC} {question}"
    assert found.lean != "new"


@pytest.mark.parametrize(
    ("question", "text"),
    [("How about trust?", "trust?"), ("and COCAPP?", "COCAPP?"), ("What about ground rules?", "ground rules?")],
)
def test_another_topic_replaces_the_earlier_one_and_keeps_the_voice(question: str, text: str, follow: Follow) -> None:
    found = follow(question, FIRST)
    assert found.parsed.text == text
    assert found.lean != "new"


@pytest.mark.parametrize(
    "question",
    [
        "Which projects did RfPB fund around London?",
        "What recommendations does the summary make for funders?",
        "Let us try something else: trust",
        "New topic: who funded it?",
        "What is Mode 2 knowledge?",
        "What is the most important principle of co-production?",
        "Is there a quote about trust?",
        "What does PPI stand for in this report?",
        "how long did one team spend checking their main outcome before the grant began",
    ],
)
def test_question_of_its_own_is_left_alone(question: str, follow: Follow) -> None:
    found = follow(question, FIRST)
    assert found.parsed.text == question
    assert found.lean == "new"


def test_question_without_a_topic_goes_further_back_where_the_last_one_has_none_either(follow: Follow) -> None:
    assert follow("and academics?", FIRST, "what about public partners?").parsed.text == TOPIC


def test_earlier_question_of_its_own_is_the_one_that_counts(follow: Follow) -> None:
    second = "Which projects did RfPB fund around London?"
    assert follow("why is that?", FIRST, second).parsed.text == f"{second} why is that?"


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=4))
def test_nothing_that_is_typed_breaks_it(assistant_built: Assistant, question: str, history: list[str]) -> None:
    try:
        cleaned = [clean_question(one, 200) for one in (*history, question)]
    except QuestionRefused:
        return
    assert assistant_built.reader.read_turn(cleaned[-1], tuple(cleaned[:-1])).parsed.text


@pytest.mark.parametrize(
    ("question", "before", "whole"),
    [
        ("more from D", "What did Public partner B say?", "more from Public partner D"),
        ("and 12?", "a quote by academic researcher 5 on trust", "and Academic Researcher 12?"),
        ("what about B", "What did Public partner D say?", "what about Public partner B"),
        ("and 5?", "What did Public partner B say?", "and Academic Researcher 5?"),  # only they have numbers
        ("more from section B.4", "What did Public partner B say?", "more from section B.4"),
        ("is a plan needed", "What did Public partner B say?", "is a plan needed"),
        ("more from D", "What is trust?", "more from D"),
    ],
)
def test_a_letter_or_number_alone_is_a_speaker_of_the_family_last_spoken_of(
    question: str, before: str, whole: str, grammar: Grammar
) -> None:
    assert spell_out(question, (before,), grammar) == whole


def test_the_same_person_asked_about_something_else_is_told_from_the_topic(follow: Follow) -> None:
    found = follow("what else did that one say about training?", "What did Public partner B say about power?")
    assert (found.parsed.text, found.parsed.speakers) == ("training?", ("Public partner B",))
