"""Guards the questions that passages answer: each is tied to words that stand in the report, or refused."""

import json
from pathlib import Path

import pytest

from corpus.errors import CorpusError
from corpus.expand import FILE, load_questions
from corpus.load import LIBRARY
from corpus.schema import Document

LINE = {"section": "B.4.iii", "about": "it’s about equality", "questions": ["Is power equal?", "Who decides?"]}


def write(folder: Path, *lines: object) -> Path:
    """Write a questions file; text goes in as it is, anything else as JSON."""
    written = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    (folder / FILE).write_text("\n".join(written), encoding="utf-8")
    return folder


def test_questions_are_tied_to_the_sentence_with_their_words(document: Document, tmp_path: Path) -> None:
    found = load_questions(document, write(tmp_path, LINE))
    ((passage_id, tied),) = found.items()
    passage = document.passage(passage_id)
    assert passage.lines == (671, 674)
    assert [question for _, question in tied] == ["Is power equal?", "Who decides?"]
    for (start, end), _ in tied:
        assert (start, end) in passage.sentences
        assert document.text[start:end].endswith("it’s about equality")


def test_document_without_the_file_has_no_questions(document: Document, tmp_path: Path) -> None:
    assert load_questions(document, tmp_path) == {}


@pytest.mark.parametrize("line", [
    {**LINE, "about": "it is about equality"},
    {**LINE, "section": "B.4.iv"},
    {**LINE, "note": "an unknown key"},
    {"section": "B.4.iii", "questions": ["Why?"]},
    "not JSON",
    "[1, 2]",
], ids=["other words", "other section", "unknown key", "missing key", "not JSON", "not an object"])  # fmt: skip
def test_broken_line_is_refused_by_its_number(document: Document, tmp_path: Path, line: object) -> None:
    with pytest.raises(CorpusError) as caught:
        load_questions(document, write(tmp_path, LINE, line))
    assert f"{FILE}, line 2: " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_file_that_is_not_utf_8_is_refused(document: Document, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes("é".encode("cp1252"))
    with pytest.raises(CorpusError, match=FILE):
        load_questions(document, tmp_path)


def test_bundled_questions_are_tied_to_sentences_of_the_report(document: Document) -> None:
    found = load_questions(document, LIBRARY / document.id)
    assert found
    for passage_id, tied in found.items():
        passage = document.passage(passage_id)
        for span, question in tied:
            assert question.strip()
            assert span in passage.sentences
