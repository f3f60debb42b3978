"""Load the questions that passages answer: what people ask in words that the report does not use.

`questions.jsonl` in a document's folder holds, for a sentence of the document, questions that it answers (how they came
about is in docs/decisions/0003). They are embedded beside the sentence and never shown. A sentence is named by words of
it, not by a passage's id, so a change of the reader leaves the file valid; words that stand nowhere are refused.

`not_covered.jsonl` holds the opposite: topics that people ask about and that the document does not cover. A question
that is nearer to these than to any that the document answers is refused.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from corpus.errors import CorpusError
from corpus.schema import Document, Frozen, Passage

FILE = "questions.jsonl"
NOT_COVERED_FILE = "not_covered.jsonl"


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
    for number, line in _read_lines(path):
        try:
            expansion = Expansion.model_validate(json.loads(line))
        except ValueError as error:  # pydantic's own error is one, too
            raise CorpusError(f"{path}, line {number}: {str(error).splitlines()[0]}") from None
        passage, span = _locate(document, expansion, path, number)
        found.setdefault(passage.id, []).extend((span, question) for question in expansion.questions)
    return found


class NotCovered(Frozen):
    """A topic that people ask about and that a document does not cover, with questions on it."""

    topic: str
    kind: Literal["near", "false_premise", "practical", "far", "instruction"]
    questions: tuple[str, ...]


def load_not_covered(folder: Path) -> tuple[NotCovered, ...]:
    """Load the topics that a document does not cover; none where its folder has no such file.

    Raises:
        CorpusError: a line is malformed.
    """
    path = folder / NOT_COVERED_FILE
    if not path.is_file():
        return ()
    topics = []
    for number, line in _read_lines(path):
        try:
            topics.append(NotCovered.model_validate(json.loads(line)))
        except ValueError as error:
            raise CorpusError(f"{path}, line {number}: {str(error).splitlines()[0]}") from None
    return tuple(topics)


def _locate(document: Document, expansion: Expansion, path: Path, number: int) -> tuple[Passage, tuple[int, int]]:
    among = [passage for passage in document.passages if passage.section == expansion.section]
    found = [passage for passage in among if expansion.about in passage.text]
    if len(found) != 1:
        places = "no passage" if not found else f"{len(found)} passages"
        raise CorpusError(
            f"{path}, line {number}: “{expansion.about}” stands in {places} of section {expansion.section} of "
            f"{document.id}, not in one. Correct the words or the section, or remove the line."
        )
    passage = found[0]
    start = passage.start + passage.text.index(expansion.about)
    inside = (span for span in passage.sentences if span[0] <= start < span[1])
    return passage, next(inside, (passage.start, passage.end))


def _read_lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path} cannot be read: {error}. Restore the file, or remove it.") from None
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line
