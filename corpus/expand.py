"""Load the questions that passages answer: what people ask in words that the report does not use.

`questions.jsonl` in a document's folder holds, for a sentence of the document, questions that it answers, written by
people who read the report. They are embedded beside the sentence and never shown. A sentence is named by words of it,
not by a passage's id, so a change of the reader leaves the file valid; words that stand nowhere are refused.
"""

import json
from pathlib import Path

from pydantic import ValidationError

from corpus.errors import CorpusError
from corpus.schema import Document, Frozen, Passage

FILE = "questions.jsonl"


class Expansion(Frozen):
    """One line of the file."""

    section: str
    about: str
    questions: tuple[str, ...]


def load_questions(document: Document, folder: Path) -> dict[str, list[tuple[tuple[int, int], str]]]:
    """Load a document's questions: passage id → the span of the sentence that each question is about, and the question.

    Gives nothing for a document without such a file.

    Raises:
        CorpusError: a line is malformed, or its words do not stand in the section that it names.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    found: dict[str, list[tuple[tuple[int, int], str]]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            expansion = Expansion.model_validate(json.loads(line))
        except (ValueError, ValidationError) as error:
            raise CorpusError(f"{path}, line {number}: {str(error).splitlines()[0]}") from None
        passage, span = _locate(document, expansion, path, number)
        found.setdefault(passage.id, []).extend((span, question) for question in expansion.questions)
    return found


def _locate(document: Document, expansion: Expansion, path: Path, number: int) -> tuple[Passage, tuple[int, int]]:
    for passage in document.passages:
        if passage.section == expansion.section and (at := passage.text.find(expansion.about)) >= 0:
            start = passage.start + at
            inside = (span for span in passage.sentences if span[0] <= start < span[1])
            return passage, next(inside, (passage.start, passage.end))
    raise CorpusError(
        f"{path}, line {number}: “{expansion.about}” does not stand in section {expansion.section} of {document.id}. "
        "Correct the words or the section, or remove the line."
    )
