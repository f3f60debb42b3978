"""Load the questions that passages answer: what people ask in words that the report does not use.

`questions.jsonl` in a document's folder holds, for a sentence of the document, questions that it answers (how they came
about is in docs/decisions/0003). They are embedded beside the sentence and never shown. A sentence is named by words of
it, not by a passage's id, so a change of the reader leaves the file valid; words that stand nowhere are refused.

`not_covered.jsonl` holds the opposite: topics that people ask about and that the document does not cover. A question
that is nearer to these than to any that the document answers is refused.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from corpus.errors import CorpusError
from corpus.frozen import Frozen
from corpus.locate import locate, read_json_lines
from corpus.schema import Document

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
    for where, line in read_json_lines(path):
        try:
            expansion = Expansion.model_validate(line)
        except ValidationError as error:
            raise CorpusError(f"{where}: {str(error).splitlines()[0]}") from None
        passage, span = locate(document, expansion.section, expansion.about, where)
        found.setdefault(passage.id, []).extend((span, question) for question in expansion.questions)
    return found


class NotCovered(Frozen):
    """A topic that people ask about and that a document does not cover, with questions on it."""

    topic: str
    kind: Literal["near", "false_premise", "practical", "far", "instruction"]
    questions: tuple[str, ...]
    place: str = Field(default="", description="For a practical or personal matter: what kind of place helps.")


def load_not_covered(folder: Path) -> tuple[NotCovered, ...]:
    """Load the topics that a document does not cover; none where its folder has no such file.

    Raises:
        CorpusError: a line is malformed.
    """
    path = folder / NOT_COVERED_FILE
    if not path.is_file():
        return ()
    topics = []
    for where, line in read_json_lines(path):
        try:
            topics.append(NotCovered.model_validate(line))
        except ValidationError as error:
            raise CorpusError(f"{where}: {str(error).splitlines()[0]}") from None
    return tuple(topics)
