"""The contested points and the glossary: bundled ones stand, broken ones are named by file and line."""

import json
from pathlib import Path

import pytest

from corpus.contested import load_contested
from corpus.errors import CorpusError
from corpus.glossary import load_glossary
from corpus.load import load_library
from corpus.schema import Document


def test_every_contested_point_has_two_sides_in_the_report(document: Document) -> None:
    points = load_library().contested
    assert len(points) >= 30
    for point in points:
        assert len(point.sides) >= 2
        assert all(document.passage(one).text for side in point.sides for one in side)


def test_the_gold_standard_has_both_its_sides(document: Document) -> None:
    point = next(point for point in load_library().contested if "gold standard" in point.point)
    for_it, against_it = (" ".join(document.passage(one).text for one in side) for side in point.sides)
    assert "it is the gold standard of PPI" in for_it
    assert "nervousness/scepticism" in against_it


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2"),
        (json.dumps({"point": "p", "sides": []}), "line 2"),
        (
            json.dumps(
                {"point": "p", "sides": [{"says": "s", "passages": [{"section": "B.3", "about": "no such words"}]}] * 2}
            ),
            "stands in no passage of section B.3",
        ),
    ],
)
def test_a_broken_point_is_named(tmp_path: Path, document: Document, line: str, message: str) -> None:
    (tmp_path / "contested.jsonl").write_text("\n" + line, encoding="utf-8")
    with pytest.raises(CorpusError, match=message):
        load_contested(document, tmp_path)


def test_a_document_without_the_files_has_neither(tmp_path: Path, document: Document) -> None:
    assert load_contested(document, tmp_path) == ()
    assert load_glossary(document, tmp_path) == ()


def test_the_glossary_says_what_is_the_reports_and_what_is_ours() -> None:
    entries = {entry.term: entry for entry in load_library().glossary}
    assert len(entries) >= 40
    assert {entry.defined_by for entry in entries.values()} == {"report", "us"}
    assert entries["PPI"].meaning.endswith(".")


def test_a_word_is_found_whatever_its_form_and_its_other_words_with_it() -> None:
    glossary = load_library().glossary

    def meant(text: str) -> list[str]:
        return [entry.term for entry in glossary if entry.pattern.search(text)]

    (found,) = [entry for entry in glossary if entry.pattern.search("What do lay members think of it?")]
    assert "public partner" in (found.term, *found.also)
    assert "lay member" in (found.term, *found.also)
    assert meant("pineapples") == []
    assert "PPI" in meant("Is PPI enough?")
    assert "PPI" not in meant("Is ppi enough?")  # an abbreviation counts only as it is written


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[entry]]\nterm = 'x'\n", "meaning"),
        ("nonsense", "cannot be used"),
        (
            "[[entry]]\nterm='x'\nmeaning='m'\nsection='B.3'\nabout='no such words'\ndefined_by='us'\n",
            "stands in no passage",
        ),
    ],
)
def test_a_broken_glossary_is_named(tmp_path: Path, document: Document, text: str, message: str) -> None:
    (tmp_path / "glossary.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=message):
        load_glossary(document, tmp_path)


def test_a_word_under_two_entries_is_refused(tmp_path: Path, document: Document) -> None:
    where = "section='Timescales'\nabout='conducted in parallel'\n"
    entry = f"[[entry]]\nterm='{{}}'\nalso=['shared']\nmeaning='m'\n{where}defined_by='us'\n"
    (tmp_path / "glossary.toml").write_text(entry.format("x") + entry.format("y"), encoding="utf-8")
    with pytest.raises(CorpusError, match=r"shared.* stands under x and under y"):
        load_glossary(document, tmp_path)
