"""Guards attribution on small made-up texts: words get a speaker only where the label is theirs."""

from collections.abc import Callable

import pytest

from corpus.schema import Document, Kind

HEADING = "B.4.i The language of co-production\n\n"
Read = Callable[[str], Document]


def quotes_in(document: Document) -> list[tuple[str, str | None]]:
    """List the words and speaker of each quote."""
    return [(passage.text, passage.speaker) for passage in document.passages if passage.kind is Kind.INTERVIEW]


@pytest.mark.parametrize(
    ("printed", "words", "speaker"),
    [
        ("“I like it” [Academic Researcher 5]", "I like it", "Academic Researcher 5"),
        ("“I like it.” \n[Public partnerF]", "I like it.", "Public partner F"),
        ("“I like it”. (Academic Researcher 10)", "I like it", "Academic Researcher 10"),
        ("“I like it “ [Academic Researchers 1]", "I like it", "Academic Researcher 1"),
        ('“I like it "[Academic Researcher 11]', "I like it", "Academic Researcher 11"),
        ("“I like it [Academic Researcher 13]", "I like it", "Academic Researcher 13"),
        ("“He said “go” to me” [Public Partner B]", "He said “go” to me", "Public partner B"),
        ("“We have [patient partner] here” [Public partner A]", "We have [patient partner] here", "Public partner A"),
        ("“I like\n it” [Academic Researcher \n7]", "I like it", "Academic Researcher 7"),
        ("“I like\n\f\n it” [Academic Researcher 7]", "I like it", "Academic Researcher 7"),
    ],
)
def test_quote_is_read_with_its_speaker(read: Read, printed: str, words: str, speaker: str) -> None:
    document = read(f"{HEADING}{printed}\n\nWhat the authors say.\n")
    assert quotes_in(document) == [(words, speaker)]
    assert [passage.text for passage in document.passages][-1] == "What the authors say."


@pytest.mark.parametrize(
    "printed",
    [
        "They call it “a new word”.",
        "“A new word” is what they call it.",
        "They call it “a new word” [Part B Interviews].",
        "“A new word” [specialist]",
        "“A new word” [Academic Researcher]",
    ],
)
def test_words_without_a_speakers_label_are_no_quote(read: Read, printed: str) -> None:
    document = read(f"{HEADING}{printed}\n")
    assert quotes_in(document) == []
    assert [document.text[start:end].casefold() for start, end in document.inline_phrases] == ["a new word"]


def test_label_goes_to_the_quote_before_it_not_to_a_phrase_before_that(read: Read) -> None:
    document = read(f"{HEADING}“A new word” is what they call it.\n\n“I like it” [Academic Researcher 5]\n")
    assert quotes_in(document) == [("I like it", "Academic Researcher 5")]


def test_label_in_a_later_paragraph_does_not_make_a_phrase_a_quote(read: Read) -> None:
    later = "Others agreed, as one of them said (Academic Researcher 5) at length."
    document = read(f"{HEADING}“Trust” was key.\n\n{later}\n")
    assert quotes_in(document) == []
    assert [passage.text for passage in document.passages] == ["“Trust” was key.", later]


def test_heading_ends_the_search_for_a_label(read: Read) -> None:
    document = read(f"{HEADING}“Trust” was key.\n\nB.4.ii Another section\n\n(Academic Researcher 5) said so.\n")
    assert quotes_in(document) == []
