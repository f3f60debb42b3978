"""Guards the promise that cleaning only undoes layout: it can be undone, loses nothing, and knows every line."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.clean import Cleaner, undo_cleaning
from corpus.errors import CorpusError
from corpus.lines import lines_of
from corpus.schema import Document, Piece

# Words that stand once in the text, and the source line that their first letter stands on.
PLACES = [
    ("Recommendation six of", 3),
    ("-testing of these", 7),
    ("testing of these", 8),
    ("might be used as a starting", 21),
    ("the concept. Some argue", 39),
    ("Findings", 95),
    ("production in the late 1970s", 113),
    ("Lassiter (2005)", 210),
    ("were recorded and transcribed", 555),
    ("INVOLVE Co Production Round", 554),
    ("something quite innovative", 660),
    ("I think it can be in all research", 661),
    ("7]\n\nAs discussed", 940),
    ("transformational.” [Academic Researcher 7]", 1018),
    ("MOSAICS", 1303),
    ("ppi-completing-feedback-cycle/", 1312),
    ("NIHR RFPB", 1387),
]


def as_document(cleaner: Cleaner) -> Document:
    """Make a document of what a cleaner wrote, with nothing in it but text and pieces."""
    text, pieces = cleaner.finish()
    return Document.model_construct(text=text, pieces=pieces, source_characters=len(cleaner.source))


def compact(text: str) -> str:
    """Leave the white space out of a text, and write each accented letter as one character."""
    return "".join(unicodedata.normalize("NFC", text).split())


def test_undo_gives_the_source_back_exactly(document: Document, source: str) -> None:
    assert len(source) == 80_403
    given_back = undo_cleaning(document) == source  # a bool: pytest is slow to compare long texts
    assert given_back


def test_text_differs_from_the_source_by_white_space_and_five_footnote_marks(document: Document, source: str) -> None:
    words = compact(source)
    for printed, kept in [
        ("(GtEM1)reads", "(GtEM)reads"),
        ("Nesta20122", "Nesta2012"),
        ("(20103)", "(2010)"),
        ("researchers4who", "researcherswho"),
        ("discussion5.", "discussion."),
    ]:
        assert words.count(printed) == 1
        words = words.replace(printed, kept)
    # Footnotes that interrupt a sentence at a page end follow its paragraph, so only the letters can be compared.
    assert sorted(compact(document.text)) == sorted(words)


def test_every_source_character_but_white_space_is_in_the_text_or_a_recorded_piece(
    document: Document, source: str
) -> None:
    position = 0
    for piece in document.pieces:
        assert piece.source_start == position
        found = source[piece.source_start : piece.source_end]
        if piece.reason == "kept":
            assert document.text[piece.text_start : piece.text_start + len(found)] == found
        else:
            assert piece.source_text == found
        assert piece.reason != "layout" or not found.strip()
        position = piece.source_end
    assert position == len(source)


def test_every_character_of_the_text_but_white_space_comes_from_one_kept_piece(document: Document) -> None:
    covered = [0] * len(document.text)
    for piece in document.pieces:
        if piece.reason == "kept":
            for position in range(piece.text_start, piece.text_start + piece.source_end - piece.source_start):
                covered[position] += 1
    assert max(covered) == 1
    assert all(covered[at] or character.isspace() for at, character in enumerate(document.text))


def test_every_passage_is_its_slice_of_the_text(document: Document) -> None:
    assert len(document.passages) == 95 + 91 + 10 + 13 + 5  # quotes, paragraphs, lists, projects, footnotes
    for passage in document.passages:
        assert document.text[passage.start : passage.end] == passage.text
        assert passage.text == passage.text.strip()
        assert passage.text


def test_every_word_of_the_text_is_in_a_passage_a_heading_or_beside_a_quote(document: Document) -> None:
    outside = set(range(len(document.text)))
    for passage in document.passages:
        outside.difference_update(range(passage.printed_start or passage.start, passage.label_end or passage.end))
    for section in document.sections:
        outside.difference_update(range(section.heading_start, section.heading_end))
    left = "".join(character if at in outside else "\n" for at, character in enumerate(document.text))
    assert [line.strip() for line in left.splitlines() if line.strip()] == [
        *("1", "2", "3"),
        "Figure 1",
        *("Public management theory", "Service management theory"),
        *("The core economy and time banking", "UK policy and practice"),
        *("Science and technology studies", "Participatory research", "UK research funders", "Health research"),
        *("4", "5"),
        *("Getting to know each other", "Preparing the ground and establishing ground rules"),
        *("Role descriptions and managing expectations",),
        *("Facilitation techniques geared towards breaking down barriers",),
        *("Wide support infrastructure", "Role of ‘Guardian of the concept’"),
    ]


@pytest.mark.parametrize(("words", "line"), PLACES)
def test_words_are_found_on_the_line_where_they_are_printed(document: Document, words: str, line: int) -> None:
    assert document.line_of(document.text.index(words)) == line


def test_every_character_stands_on_its_source_line(document: Document, source: str) -> None:
    lines = source.split("\n")
    wrong = [
        at
        for at, character in enumerate(document.text)
        if not character.isspace()
        and (source[document.source_offset_of(at)] != character or character not in lines[document.line_of(at) - 1])
    ]
    assert wrong == []


def test_lines_of_a_passage_are_the_first_and_last_that_hold_its_words(document: Document, source: str) -> None:
    lines = source.split("\n")
    for passage in document.passages:
        first, last = passage.lines
        assert passage.text.split()[0].split("-")[0] in lines[first - 1]
        assert passage.text.split()[-1].split("-")[-1] in lines[last - 1]


def test_altered_piece_makes_undo_differ(document: Document, source: str) -> None:
    for reason, wrong in (("layout", "\n\n\n"), ("footnote_mark", "9")):
        at = next(number for number, piece in enumerate(document.pieces) if piece.reason == reason)
        altered = document.pieces[at].model_copy(update={"source_text": wrong})
        pieces = (*document.pieces[:at], altered, *document.pieces[at + 1 :])
        assert undo_cleaning(document.model_copy(update={"pieces": pieces})) != source


def test_altered_text_makes_undo_differ(document: Document, source: str) -> None:
    text = document.text.replace("not participatory", "now participatory").replace("doesn’t", "does")
    assert undo_cleaning(document.model_copy(update={"text": text})) != source


def test_missing_piece_is_refused(document: Document) -> None:
    for pieces in (document.pieces[1:], document.pieces[:-1], document.pieces[:700] + document.pieces[701:]):
        with pytest.raises(CorpusError, match=r"not accounted for|the pieces cover"):
            undo_cleaning(document.model_copy(update={"pieces": pieces}))


def test_lost_words_are_refused() -> None:
    cleaner = Cleaner("one two three")
    cleaner.copy_lines([(0, 3), (8, 13)])
    with pytest.raises(CorpusError, match="these words of the source would be lost: 'two'"):
        cleaner.finish()


def test_words_used_twice_are_refused() -> None:
    cleaner = Cleaner("one two")
    cleaner.copy_lines([(0, 7), (4, 7)])
    with pytest.raises(CorpusError, match="the source was used twice near 'two'"):
        cleaner.finish()


def test_words_that_are_not_in_the_source_are_refused() -> None:
    with pytest.raises(CorpusError, match="only white space may be inserted"):
        Cleaner("one").layout(" not ")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("co-\nproduction", "co-production"),
        ("2016-\n2018", "2016-2018"),
        ("well -\nmade", "well - made"),
        ("an aside –\nthis one", "an aside – this one"),
        ("two  spaces", "two spaces"),
        ("a\ttab \t here", "a tab here"),
        ("cafe\u0301", "café"),
        ("u\u0308ber cafe\u0301", "über café"),
        ("=\u0338", "≠"),
    ],
)
def test_cleaned_text_is_the_hand_written_one(source: str, text: str) -> None:
    cleaner = Cleaner(source)
    cleaner.copy_lines([(line.start, line.end) for line in lines_of(source)])
    assert cleaner.text == text
    assert undo_cleaning(as_document(cleaner)) == source


@pytest.mark.parametrize("word", ["cafe\u0301", "hoje\u0323\u0301", "x\u0303", "plain"])
def test_last_character_of_an_accented_word_is_located(word: str) -> None:
    cleaner = Cleaner(word)
    _, end = cleaner.copy_lines([(0, len(word))])
    assert cleaner.locate(0, len(word)) == (0, end)


def test_footnote_mark_is_left_out_and_given_back() -> None:
    cleaner = Cleaner("researchers4 who", marks=[(11, 12)])
    cleaner.copy_lines([(0, 16)])
    assert cleaner.text == "researchers who"
    document = as_document(cleaner)
    assert undo_cleaning(document) == "researchers4 who"
    assert (
        Piece(reason="footnote_mark", source_start=11, source_end=12, text_start=11, source_text="4") in document.pieces
    )


LETTERS = st.sampled_from("abcXYZ0129-–“”‘’'\".,:;()[]é\u0301\u0323ßİ中🙂 \t\u00a0\u2003\f\v")
SOURCES = st.lists(st.tuples(st.text(LETTERS, max_size=12), st.sampled_from(["\n", "\r\n", "\r"])), max_size=8).map(
    lambda lines: "".join(words + end for words, end in lines)
)


@given(source=SOURCES, groups=st.lists(st.integers(1, 4), max_size=8))
def test_cleaning_any_lines_can_be_undone(source: str, groups: list[int]) -> None:
    cleaner = Cleaner(source)
    spans = [(line.start, line.end) for line in lines_of(source)]
    while spans:
        size = groups.pop() if groups else 1
        start, end = cleaner.copy_lines(spans[:size])
        assert cleaner.text[start:end] == cleaner.text[start:]
        cleaner.layout("\n\n")
        del spans[:size]
    document = as_document(cleaner)
    assert undo_cleaning(document) == source
    assert compact(document.text) == compact(source)
    assert not set(document.text) & set("\t\r\f\v\u00a0\u2003")


@given(source=SOURCES, data=st.data())
def test_cleaning_with_marks_left_out_can_be_undone(source: str, data: st.DataObject) -> None:
    places = [at for at, character in enumerate(source) if character.isdigit()]
    chosen = data.draw(st.sets(st.sampled_from(places))) if places else set()
    cleaner = Cleaner(source, marks=[(at, at + 1) for at in chosen])
    cleaner.copy_lines([(line.start, line.end) for line in lines_of(source)])
    document = as_document(cleaner)
    assert undo_cleaning(document) == source
    kept = "".join(character for at, character in enumerate(source) if at not in chosen)
    assert len(compact(document.text)) <= len("".join(kept.split()))
    assert sum(piece.reason == "footnote_mark" for piece in document.pieces) == len(chosen)


@given(words=st.text(LETTERS, min_size=1), extra=st.characters(exclude_categories=["Zs", "Cc", "Cs", "Zl", "Zp"]))
def test_any_word_left_behind_is_noticed(words: str, extra: str) -> None:
    cleaner = Cleaner(words + extra)
    cleaner.copy_lines([(0, len(words))])
    with pytest.raises(CorpusError, match="would be lost"):
        cleaner.finish()


def test_footnote_marks_are_found_after_an_accent_in_two_characters(
    source: str, read: Callable[[str], Document]
) -> None:
    accented = source.replace("researchers4", "researché4")
    for form in ("NFC", "NFD"):
        document = read(unicodedata.normalize(form, accented))
        assert [piece.source_text for piece in document.pieces if piece.reason == "footnote_mark"] == list("12345")
