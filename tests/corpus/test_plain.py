"""Plain words and principles: the bundled ones stand, broken ones are named, and no index is made from them."""

import re
from pathlib import Path

import pytest

from corpus.errors import CorpusError
from corpus.load import hash_folder
from corpus.plain import MAX_WORDS, load_plain
from corpus.principles import load_principles, themes_of
from corpus.schema import Document, Kind
from tests.corpus.conftest import FOLDER


def test_every_section_stands_in_plain_words(document: Document) -> None:
    plain = load_plain(document, FOLDER)
    assert [one.section for one in plain] == [section.id for section in document.sections]
    for one in plain:
        assert 2 <= len(one.sentences) <= 4
        assert all(len(sentence.split()) <= MAX_WORDS for sentence in one.sentences)
        text = " ".join(one.sentences)
        assert not any(speaker.label in text for speaker in document.speakers)
        assert not any(name.split()[-1] in text for name in document.authors)


def test_plain_words_take_over_no_run_of_words(document: Document) -> None:
    """They are ours: seven words in a row that the report has would be a quotation without its mark."""
    words = re.findall(r"[\w’-]+", document.text.casefold())
    runs = {" ".join(words[at : at + 7]) for at in range(len(words) - 6)}

    def taken(text: str) -> list[str]:
        mine = re.findall(r"[\w’-]+", text.casefold())
        return [run for at in range(len(mine) - 6) if (run := " ".join(mine[at : at + 7])) in runs]

    assert taken("Some people described co-production as a form of PPI that involves"), "the check finds nothing"
    for one in load_plain(document, FOLDER):
        assert [run for sentence in one.sentences for run in taken(sentence)] == [], one.section


BUNDLED = (FOLDER / "plain.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            BUNDLED.replace('id = "Timescales"', 'id = "Nowhere"'),
            "involve-2017 has no section Nowhere. It has: Background",
        ),
        (re.sub(r'\[\[section\]\]\nid = "A.1"\n.*\n', "", BUNDLED), "no text for section A.1. Write one for every"),
        (BUNDLED.replace('id = "Timescales"', 'id = "A.1"'), "section A.1 stands there twice"),
        (BUNDLED.replace("Four people worked on this", "“Four” people worked on this"), "a quotation mark"),
        (BUNDLED.replace("Four people worked on this", "‘Four’ people worked on this"), "a quotation mark"),
        (BUNDLED.replace("Four people worked on this.", "Four." + " word" * 16 + "."), "more than 15 words"),
        (BUNDLED.replace(" This was from February to April 2017.", ""), "Timescales: 1 sentences, expected 2 to 4"),
        ("[[section]]\nid = 'A.1'\n", "plain: field required"),
        ("nonsense", "cannot be used"),
    ],
)
def test_broken_plain_words_are_named(tmp_path: Path, document: Document, text: str, message: str) -> None:
    (tmp_path / "plain.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=re.escape(message)):
        load_plain(document, tmp_path)


def test_a_document_without_the_files_has_neither(tmp_path: Path, document: Document) -> None:
    assert load_plain(document, tmp_path) == ()
    assert load_principles(document, tmp_path) == ()


def test_every_theme_has_the_authors_words_and_both_sides_where_both_are_quoted(document: Document) -> None:
    principles = load_principles(document, FOLDER)
    assert [one.section for one in principles] == [
        f"B.4.{number}" for number in ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"]
    ]
    for one in principles:
        assert one.says
        for name, (start, end) in one.says:
            passage = document.passage(name)
            assert (passage.kind, passage.section) == (Kind.REPORT, one.section)
            assert (start, end) in passage.sentences
        assert list(one.quotes) == ["public", "academic"]
        for role, names in one.quotes.items():
            assert {document.passage(name).role for name in names} <= {role}
    assert [one.section for one in principles if not one.quotes["public"]] == ["B.4.vi", "B.4.viii"]
    assert all(one.quotes["academic"] for one in principles)


PRINCIPLES = (FOLDER / "principles.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PRINCIPLES.replace('section = "B.4.x"', 'section = "B.4.ix"'), "Expected each theme once: B.4.i, B.4.ii"),
        (PRINCIPLES.replace("Equal power for", "Unequal power for"), "stands in no passage of section B.4.iii"),
        (
            PRINCIPLES.replace(
                "Everyone talked about the challenges to achieving more equality", "If you put yourself"
            ),
            "not by the authors",
        ),
        (
            PRINCIPLES.replace('quotes.public = ["It’s coll', 'quotes.academic = ["It’s coll').replace(
                'quotes.academic = ["PPI', 'quotes.public = ["PPI'
            ),
            "but stands under",
        ),
        (
            PRINCIPLES.replace('quotes.public = ["You have a voice in all decisions"]\n', ""),
            "section B.4.v has quotes by public, and none is chosen",
        ),
        (
            PRINCIPLES.replace('quotes.public = ["It’s coll', 'quotes.nurse = ["It’s coll'),
            "nobody in involve-2017 is nurse. There are: public, academic.",
        ),
        (PRINCIPLES.replace('quotes.public = ["It’s coll', 'public = ["It’s coll'), "public: extra inputs are not"),
    ],
)
def test_broken_principles_are_named(tmp_path: Path, document: Document, text: str, message: str) -> None:
    assert text != PRINCIPLES
    (tmp_path / "principles.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=re.escape(message)):
        load_principles(document, tmp_path)


def test_what_is_only_shown_makes_no_index_stale(library: Path) -> None:
    folder = library / "involve-2017"
    before = hash_folder(folder)
    seen = {before.content}
    for name in ("plain.toml", "principles.toml", "contested.jsonl", "glossary.toml", "vocabulary.toml"):
        (folder / name).write_text("# changed", encoding="utf-8")
        after = hash_folder(folder)
        assert (after.indexed, after.questions) == (before.indexed, before.questions), name
        seen.add(after.content)
    assert len(seen) == 6
    path = folder / "questions.jsonl"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert hash_folder(folder).indexed != before.indexed


def test_themes_are_the_sections_in_which_people_are_quoted(document: Document) -> None:
    assert len(themes_of(document)) == 10
