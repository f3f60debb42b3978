"""Any text can be written into a page, and nothing in it hides."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.quoting.visible import shortened, visible

FLAG_OF_WALES = "\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain “words”, naïve — 日本語 עברית\n\tand more", "plain “words”, naïve — 日本語 עברית\n\tand more"),
        ("half a \ud83d character", "half a \ufffd character"),
        ("a whole \U0001f600 one", "a whole \U0001f600 one"),
        ("safe \u202egnp.exe", "safe ⟦U+202E⟧gnp.exe"),
        ("one\u200btwo\ufeff", "one⟦U+200B⟧two⟦U+FEFF⟧"),
        ("tag \U000e0041", "tag ⟦U+E0041⟧"),
        (FLAG_OF_WALES, FLAG_OF_WALES),
        ("\U0001f3f4\U000e0041", "\U0001f3f4⟦U+E0041⟧"),
        ("\u2066isolated\u2069 \u200emark", "⟦U+2066⟧isolated⟦U+2069⟧ ⟦U+200E⟧mark"),
        # Persian with a joiner that parts, Hindi and an emoji with one that joins, hyphens that show at a line's end
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष 👩\u200d🔬 no\u2060break", "क्\u200dष 👩\u200d🔬 no\u2060break"),
        ("co\u00adpro\u00adduc\u00adtion", "co\u00adpro\u00adduc\u00adtion"),
        ("bell\x07 null\x00 next\x85", "bell\ufffd null\ufffd next\ufffd"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
    ],
)
def test_what_hides_is_shown_and_what_cannot_be_written_is_replaced(text, shown):
    assert visible(text) == shown


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_any_text_can_be_written_and_is_stable(text):
    shown = visible(text)
    assert shown.encode().decode() == shown
    assert visible(shown) == shown


def test_text_is_shortened_at_a_word():
    assert shortened("one two three", 13) == "one two three"
    assert shortened("one two three", 12) == "one two …"
    assert shortened("x" * 50, 10) == f"{'x' * 10} …"
    assert shortened("nai\u0308ve and so on", 3) == "na …"  # the dots stay with their letter or go with it


@settings(deadline=None)
@given(st.text(), st.integers(1, 50))
def test_shortened_text_is_a_beginning(text, characters):
    cut = shortened(text, characters)
    assert cut == text or text.startswith(cut.removesuffix(" …"))
    assert len(cut) <= max(len(text), characters + 2)
