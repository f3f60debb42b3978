"""Guards tokenizing: one word for every spelling of co-production, no stop words, stems."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.reading.tokenize import STOPWORDS, tokenize


@pytest.mark.parametrize(
    "written",
    ["co-production", "coproduction", "Co-Production", "co\u2010production", "co\u2011production", "co production"],
)
def test_tokenize_takes_every_spelling_of_coproduction_for_one_word(written: str) -> None:
    assert tokenize(written) == tokenize("coproduction")
    assert len(tokenize(written)) == 1


def test_tokenize_drops_stop_words_and_stems_the_rest() -> None:
    assert tokenize("What are the researchers saying about their relationships?") == ["research", "say", "relationship"]
    assert tokenize("sharing shared shares") == ["share"] * 3
    assert tokenize("the partner’s view") == tokenize("partner's view") == ["partner", "view"]
    assert tokenize("  … 😀 ") == []


@pytest.mark.parametrize("word", sorted(STOPWORDS))
def test_stop_words_are_dropped_whatever_their_case(word: str) -> None:
    assert tokenize(f"{word} {word.upper()} {word.capitalize()}") == []


@given(st.text(max_size=80))
def test_tokenize_takes_any_text(text: str) -> None:
    assert all(word == word.casefold() and not any(map(str.isspace, word)) for word in tokenize(text))
