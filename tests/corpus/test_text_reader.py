"""Guards the reader of documents that users add: text unchanged, sections, passages, sentences, and clear refusals."""

import re
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corpus.clean import undo_cleaning
from corpus.errors import CorpusError
from corpus.readers.passages import JOINED_CHARACTERS, MAX_CHARACTERS
from corpus.readers.text import read_text, read_text_file
from corpus.schema import Document, Kind

WORD = re.compile(r"[^\W_]+")
PIECES = [
    *(
        "# H\n",
        "## “Sub” x\n",
        "= T =\n",
        "== U ==\n",
        " = = V = = \n",
        "Line\n---\n",
        "===\n",
        "***\n",
        "#\n",
        "# ![](x)\n",
    ),
    *("- item\n", "  - inner\n", "1. one\n", "* \n", "> q\n", "```\n", "~~~\n", "    code\n", "| a | b |\n|---|---|\n"),
    *("A b c. ", "Who? ", "Tools:\n", "wrapped\n", "\n\n", "\n", "\r\n", "\r", "\t", "  \n", "x  \n", "\f", "\u2028"),
    *("[a]: http://x\n", "<div>\n", "<!-- c -->\n", "\\", "\ufeff", "e\u0301", "日本語。", "title: x\n", "---\n"),
    *("many words " * 40, "A sentence. " * 90, "unbroken" * 130),
]
SOURCES = st.one_of(st.lists(st.sampled_from(PIECES), max_size=30).map("".join), st.text(max_size=300))


def read(source: str) -> Document:
    return read_text(source, document_id="added", title="Added")


def texts(document: Document) -> list[str]:
    return [passage.text for passage in document.passages]


def sentences(document: Document) -> list[list[str]]:
    return [[document.text[slice(*span)] for span in passage.sentences] for passage in document.passages]


def outline(document: Document) -> list[tuple[str, tuple[str, ...]]]:
    return [(section.id, section.path) for section in document.sections]


def test_small_document_is_read_as_by_hand() -> None:
    document = read("# Tea\n\nTea is hot. It is good.\n\n## Milk\n\nMilk is cold.\r\n")
    assert document.text == "# Tea\n\nTea is hot. It is good.\n\n## Milk\n\nMilk is cold.\r\n"
    assert outline(document) == [("1", ("Tea",)), ("1.1", ("Tea", "Milk"))]
    assert [(section.start, section.end) for section in document.sections] == [(0, 32), (32, 56)]
    first, second = document.passages
    assert (first.start, first.end, first.text) == (7, 30, "Tea is hot. It is good.")
    assert first.sentences == ((7, 18), (19, 30))
    assert (second.start, second.end, second.text, second.lines) == (41, 54, "Milk is cold.", (7, 7))
    assert (second.section, second.section_title, second.path) == ("1.1", "Milk", ("Tea", "Milk"))
    assert (second.kind, second.speaker, document.speakers) == (Kind.REPORT, None, ())


def test_byte_order_mark_is_lifted_and_lines_still_fit() -> None:
    document = read("\ufeffOne.\r\n\r\nTwo.")
    assert document.text == "One.\r\n\r\nTwo."
    assert [(piece.reason, piece.source_start, piece.source_end) for piece in document.pieces] == [
        ("mark", 0, 1),
        ("kept", 1, 13),
    ]
    assert undo_cleaning(document) == "\ufeffOne.\r\n\r\nTwo."
    assert document.passages[0].lines == (1, 3)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Title\n=====\nw\n\nPart\n----\nw", [("1", ("Title",)), ("1.1", ("Title", "Part"))]),
        ("= A =\nw\n= = B = =\nw\n = C = \nw", [("1", ("A",)), ("1.1", ("A", "B")), ("2", ("C",))]),
        ("==A==\nw\n=== B ===\nw\n* item\n== C ==\nw", [("1", ("A",)), ("1.1", ("A", "B")), ("2", ("C",))]),
        ("# A\nw\n### B\nw\n## C\nw", [("1", ("A",)), ("1.1", ("A", "B")), ("1.2", ("A", "C"))]),
        ("# A\n## B\n### C\nw", [("1", ("A",)), ("1.1", ("A", "B")), ("1.1.1", ("A", "B", "C"))]),
        ("## A\nw\n# B\nw", [("1", ("A",)), ("2", ("B",))]),
        ("before\n# A\nw", [("0", ("Added",)), ("1", ("A",))]),
        ("no heading", [("1", ("Added",))]),
        ("# *Much* `code` [here](http://x)\nw", [("1", ("Much code here",))]),
        ("# A\nw\n# A\nw", [("1", ("A",)), ("2", ("A",))]),
    ],
)  # fmt: skip
def test_headings_make_sections(source: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    document = read(source)
    assert outline(document) == expected
    for section in document.sections:
        outer = section.id.rpartition(".")[0]
        assert not outer or document.holds(outer, section.id)
        assert section.within == tuple(section.id[:at] for at, one in enumerate(section.id) if one == ".")


@pytest.mark.parametrize(
    "source",
    [
        "w\n```\n# no heading\n== nor this ==\n```\n",
        "w\n\n    # code\n",
        "- item\n\n  # in an item\n",
        "> # quoted\n",
        "#hashtag\n",
        "# ![](picture.png)\n",
        "==\n\nw = x = y\n= =\n",
        f"# {'word ' * 50}\n",
        "one\ntwo\nthree\n-----\n",
        "---\ntitle: Settings\nyear: 2020\n---\nw",
    ],
)
def test_what_only_looks_like_a_heading_is_text(source: str) -> None:
    document = read(source)
    assert outline(document) == [("1", ("Added",))]
    assert set(WORD.findall(source)) == {word for text in texts(document) for word in WORD.findall(text)}


def test_paragraphs_are_joined_to_the_limit_and_no_further() -> None:
    paragraph = "x" * 199 + "."  # 200 characters; three and their empty lines are 604, four would be 806
    document = read("\n\n".join([paragraph] * 4))
    assert [len(text) for text in texts(document)] == [604, 200]
    assert [len(passage.sentences) for passage in document.passages] == [3, 1]
    assert JOINED_CHARACTERS == 650


def test_no_passage_runs_over_a_heading_or_a_rule() -> None:
    assert texts(read("a\n\nb\n\n# H\n\nc\n\n***\n\nd")) == ["a\n\nb", "c", "d"]


def test_paragraph_between_the_limits_stands_alone_and_longer_is_cut_evenly_at_sentences() -> None:
    sentence = "It has " + "a" * 92 + "."  # 100 characters, 101 with the space
    whole = " ".join([sentence] * 8)
    assert texts(read(f"Short.\n\n{whole}\n\nShort.")) == ["Short.", whole, "Short."]
    assert MAX_CHARACTERS == 900
    cut = read(" ".join([sentence] * 12))  # 1,211 characters: two parts of about 606
    assert [len(passage.sentences) for passage in cut.passages] == [6, 6]


def test_sentence_longer_than_a_passage_is_cut_between_words() -> None:
    document = read("word " * 400)
    assert len(document.passages) == 3
    assert all(text.split() == ["word"] * len(text.split()) for text in texts(document))
    assert sum(len(text.split()) for text in texts(document)) == 400


def test_wrapped_lines_are_one_paragraph_and_lines_that_ended_are_several() -> None:
    wrapped = "A paragraph that was wrapped\nat thirty characters ends only\nwhere its words end. So it does."
    assert sentences(read(wrapped)) == [
        ["A paragraph that was wrapped\nat thirty characters ends only\nwhere its words end.", "So it does."]
    ]
    assert sentences(read("Tea\nCoffee, black\nHot milk with sugar\nWater")) == [
        ["Tea", "Coffee, black", "Hot milk with sugar", "Water"]
    ]


def test_list_stays_with_the_sentence_that_introduces_it() -> None:
    before = f"It has {'x' * 640} in it."
    document = read(f"{before} We need:\n\n- tea\n  - green\n- milk\n\nThen we start.")
    assert sentences(document) == [[before], ["We need:", "- tea\n  - green", "- milk", "Then we start."]]
    alone = read(f"{before} We need:\n\n- tea\n- {'m' * 620}")
    assert sentences(alone)[1][:2] == ["We need:", "- tea"]
    assert [passage.is_list for passage in alone.passages] == [False, True]


def test_long_list_is_cut_between_items_and_keeps_its_introduction() -> None:
    document = read("We need:\n\n" + "\n".join(f"- item {number} {'m' * 90}" for number in range(12)))
    first, second = document.passages
    assert first.text.startswith("We need:")
    assert (first.lead_in, second.lead_in) == ("", "We need:")
    assert second.text.startswith("- item")
    assert first.is_list
    assert second.is_list


def test_equal_paragraphs_have_ids_of_their_own() -> None:
    one, two = read("Same.\n\n# H\n\nSame.").passages
    assert (one.text, one.id != two.id) == (two.text, True)
    assert read("Same.\n\n# H\n\nSame.").passages == (one, two)


@given(SOURCES)
def test_any_text_gives_passages_that_hold_all_of_its_words(source: str) -> None:
    try:
        document = read(source)
    except CorpusError:
        assume(False)
        return
    assert undo_cleaning(document) == source
    assert document.text == source.removeprefix("\ufeff")
    assert len({passage.id for passage in document.passages}) == len(document.passages)
    assert len({section.id for section in document.sections}) == len(document.sections)
    held, position = set(), 0
    for section in document.sections:
        held |= set(range(section.heading_start, section.heading_end))
    for passage in document.passages:
        assert position <= passage.start
        assert document.text[passage.start : passage.end] == passage.text == passage.text.strip()
        assert 0 < len(passage.text) <= MAX_CHARACTERS
        assert passage.sentences[0][0] == passage.start
        assert passage.sentences[-1][1] == passage.end
        position = passage.start
        for start, end in passage.sentences:
            assert position <= start < end <= passage.end
            assert not WORD.search(document.text[position:start])
            position = end
        held |= set(range(passage.start, passage.end))
        (section,) = [one for one in document.sections if one.start <= passage.start < one.end]
        assert (passage.section, passage.end <= section.end) == (section.id, True)
    for word in WORD.finditer(document.text):
        assert set(range(*word.span())) <= held, word.group()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "holds nothing"),
        (" \n\ufeff\n", "holds nothing"),
        ("# Only\n\n## Headings\n", "holds only headings"),
        ("a\0b", "NUL character at 1"),
        ("ab\ud800", "half a character (a lone surrogate) at 2"),
    ],
)
def test_text_without_words_to_cite_is_refused(source: str, said: str) -> None:
    with pytest.raises(CorpusError, match=re.escape(said)):
        read(source)


@pytest.mark.parametrize("document_id", ["", "Notes", "my notes", "-a", "ä"])
def test_id_that_cannot_be_used_is_refused(document_id: str) -> None:
    with pytest.raises(CorpusError, match="small letters"):
        read_text("Words.", document_id=document_id, title="T")


@pytest.mark.parametrize(
    ("name", "source", "document_id", "title"),
    [
        ("My_field notes-2.md", "Words.", "my-field-notes-2", "My field notes 2"),
        ("a.md", "# The Title\n\nw\n\n## Part\n\nw", "a", "The Title"),
        ("a.txt", "# One\n\nw\n\n# Two\n\nw", "a", "a"),
        ("a.txt", "## Part\n\nw\n\n# Late\n\nw", "a", "a"),
    ],
)
def test_file_has_id_and_title(tmp_path: Path, name: str, source: str, document_id: str, title: str) -> None:
    (tmp_path / name).write_text(source, encoding="utf-8")
    document = read_text_file(tmp_path / name)
    assert (document.id, document.title) == (document_id, title)
    given = read_text_file(str(tmp_path / name), document_id="mine", title="Mine")
    assert (given.id, given.title) == ("mine", "Mine")


def test_file_whose_name_has_no_plain_letter_has_an_id(tmp_path: Path) -> None:
    (tmp_path / "日本.md").write_text("Words.", encoding="utf-8")
    assert re.fullmatch(r"document-[0-9a-f]{8}", read_text_file(tmp_path / "日本.md").id)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "holds nothing"),
        (b"caf\xc3\xa9\ncaf\xe9", "is not UTF-8: byte 9 (0xe9, on line 2) cannot be read"),
        (b"%PDF\x001", "is no text: byte 4 is NUL"),
        ("words".encode("utf-16"), "is UTF-16, not UTF-8"),
    ],
)
def test_file_that_is_no_text_is_refused_by_name(tmp_path: Path, raw: bytes, said: str) -> None:
    path = tmp_path / "notes.md"
    path.write_bytes(raw)
    with pytest.raises(CorpusError, match=re.escape(said)) as refused:
        read_text_file(path)
    assert str(path) in str(refused.value)


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.md"):
        with pytest.raises(CorpusError, match="cannot be read"):
            read_text_file(path)


def test_large_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "large.md").write_text("Some words stand here.\n\n" * 4_000, encoding="utf-8")
    document = read_text_file(tmp_path / "large.md")
    assert sum(len(passage.sentences) for passage in document.passages) == 4_000
