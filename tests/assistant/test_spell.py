"""Guards the repair of misspelt words: near words are put right, known words and short ones are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.reading.spelling import Speller

KNOWN = ["research", "power", "priorities", "production", "knowledge", "trust", "transparency", "empower", "tower"]
SPELLER = Speller(KNOWN)


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
    assert SPELLER.repair(question)[0] == repaired


def test_repair_says_what_it_replaced() -> None:
    assert SPELLER.repair("Reserch on power") == ("research on power", {"Reserch": "research"})


def test_repair_takes_the_more_common_of_equally_near_words() -> None:
    assert SPELLER.repair("xower")[0] == "power"
    assert Speller(["tower", "power"]).repair("xower")[0] == "tower"


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
    assert SPELLER.repair(question) == (question, {})


@given(st.lists(st.sampled_from(KNOWN), max_size=8), st.sampled_from([" ", ", ", "? ", "-"]))
def test_repair_never_touches_known_words(words: list[str], joint: str) -> None:
    question = joint.join(words)
    assert SPELLER.repair(question) == (question, {})


@given(st.text(max_size=60))
def test_repair_changes_nothing_but_words_and_is_done_once(question: str) -> None:
    once, changed = SPELLER.repair(question)
    assert set(changed.values()) <= set(KNOWN)
    assert (once == question) == (not changed)
    assert SPELLER.repair(once)[0] == once


def test_words_of_the_language_and_those_that_people_ask_with_are_right() -> None:
    speller = Speller(["pecking", "power", "tokens"], ["powr", "tokenism", "boss"], {"packing", "boss"}.__contains__)
    assert speller.repair("packing it in")[0] == "packing it in"  # "pecking" is one letter away
    assert speller.repair("is it tokenism")[0] == "is it tokenism"  # two letters from "tokens", but people ask with it
    assert speller.repair("who has powr")[0] == "who has power"  # people do write it, one slip away from another word
    assert speller.repair("the bosss")[0] == "the boss"  # a word of theirs that is one of the language
    assert speller.repair("what Packing said")[0] == "what pecking said"  # as a name it may be somebody's here
