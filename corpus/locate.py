"""Find the passage that a hand-written line is about: by its section and some of its words, never by an id.

So a change of the reader leaves the hand-written files valid, and words that stand nowhere, or in two places, are
refused instead of being attached to something else.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from corpus.errors import CorpusError
from corpus.schema import Document, Passage


def locate(document: Document, section: str, about: str, where: str) -> tuple[Passage, tuple[int, int]]:
    """Give the one passage of a section that holds some words, and the span of its sentence that they begin in.

    Raises:
        CorpusError: the words stand in no passage of the section, or in several; it says `where` they are from.
    """
    among = [passage for passage in document.passages if passage.section == section]
    found = [passage for passage in among if about in passage.text]
    if len(found) != 1:
        places = "no passage" if not found else f"{len(found)} passages"
        raise CorpusError(
            f"{where}: “{about}” stands in {places} of section {section} of {document.id}, not in one. "
            "Correct the words or the section, or remove the line."
        )
    passage = found[0]
    start = passage.start + passage.text.index(about)
    inside = (span for span in passage.sentences if span[0] <= start < span[1])
    return passage, next(inside, (passage.start, passage.end))


def read_json_lines(path: Path) -> Iterator[tuple[str, object]]:
    """Give each line of a file of JSON lines, with where it stands; empty lines are passed over. Raises CorpusError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path} cannot be read: {error}. Restore the file, or remove it.") from None
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            where = f"{path}, line {number}"
            try:
                yield where, json.loads(line)
            except ValueError as error:
                raise CorpusError(f"{where}: {error}") from None
