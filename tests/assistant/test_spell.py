"""Guards the repair of misspelt words: near words are put right, known words and short ones are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.spell import repair

KNOWN = ["research", "power", "priorities", "production", "knowledge", "trust", "transparency", "empower", "tower"]
KNOWN_SET = frozenset(KNOWN)


@pytest.mark.parametrize(
    ("question", "repaired"),
    [
        ("reserch prioritys", "research priorities"),  # one letter missing; "ys" for "ies" is two edits
        ("What is pwoer?", "What is power?"),  # two letters swapped count as one edit
        ("knowlege and trsut", "knowledge and trust"),
        ("Transparancy!", "transparency!"),
        ("powr", "power"),  # "power" and "tower" differ; power is one letter away
    ],
)
def test_repair_puts_near_words_right(question: str, repaired: str) -> None:
    assert repair(question, KNOWN, KNOWN_SET)[0] == repaired


def test_repair_says_what_it_replaced() -> None:
    assert repair("Reserch on power", KNOWN, KNOWN_SET) == ("research on power", {"Reserch": "research"})


def test_repair_takes_the_more_common_of_equally_near_words() -> None:
    assert repair("xower", KNOWN, KNOWN_SET)[0] == "power"
    assert repair("xower", ["tower", "power"], KNOWN_SET)[0] == "tower"


@pytest.mark.parametrize(
    "question",
    [
        "Research, POWER and trust",
        "the pwr of it",  # three letters: too many neighbours
        "sourdough bread",  # nothing near
        "zzower",  # two edits, but only one is allowed in six letters
        "xxoduction",  # two edits at the start of a longer word: another word
        "2017 B.4.iii 😀",
        "",
    ],
)
def test_repair_leaves_the_rest_alone(question: str) -> None:
    assert repair(question, KNOWN, KNOWN_SET) == (question, {})


@given(st.lists(st.sampled_from(KNOWN), max_size=8), st.sampled_from([" ", ", ", "? ", "-"]))
def test_repair_never_touches_known_words(words: list[str], joint: str) -> None:
    question = joint.join(words)
    assert repair(question, KNOWN, KNOWN_SET) == (question, {})


@given(st.text(max_size=60))
def test_repair_changes_nothing_but_words_and_is_done_once(question: str) -> None:
    once, changed = repair(question, KNOWN, KNOWN_SET)
    assert set(changed.values()) <= KNOWN_SET
    assert (once == question) == (not changed)
    assert repair(once, KNOWN, KNOWN_SET)[0] == once
