"""A question that asks two things is taken apart; one that asks one thing is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.reading.parts import asks, split_parts


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "Who funded MOSAICS, and who funded the vitiligo light study?",
            ("Who funded MOSAICS", "who funded the vitiligo light study?"),
        ),
        (
            "Who funded the DRINK trial and how much did it cost?",
            ("Who funded the DRINK trial", "Who funded the DRINK trial how much did it cost?"),
        ),
        ("What is PPI? Who wrote the report?", ("What is PPI?", "Who wrote the report?")),
    ],
)
def test_two_things_are_told_apart(question: str, parts: tuple[str, ...]) -> None:
    assert split_parts(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "Who funded the DRINK trial?",
        "What do patients and carers say about trust?",
        "Public and patient involvement",
        "Why? Why? Why? Who? What? When?",
        "",
    ],
)
def test_one_thing_is_left_alone(question: str) -> None:
    assert split_parts(question) == ()


def test_what_leads_up_to_a_question_is_not_one() -> None:
    lead, question = split_parts("I am a carer, not a scientist. Does helping out make you feel better?")
    assert not asks(lead)
    assert asks(split_parts("Who wrote it? Who paid for it?")[0])
    assert "Does helping out" in question


@given(st.text(max_size=200))
def test_any_text_gives_no_part_or_several(text: str) -> None:
    assert len(split_parts(text)) in (0, 2, 3)
