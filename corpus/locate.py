"""Find the passage that a hand-written line is about: by its section and some of its words, never by an id.

So a change of the reader leaves the hand-written files valid, and words that stand nowhere, or in two places, are
refused instead of being attached to something else.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from corpus.errors import CorpusError
from corpus.schema import Document, Passage


def locate(document: Document, section: str, about: str, where: str) -> tuple[Passage, tuple[int, int]]:
    """Give the one passage of a section that holds some words, and the span of its sentence that they begin in.

    Raises:
        CorpusError: the words stand in no passage of the section, or in several; it says `where` they are from.
    """
    passage, start = _find(document, section, about, where, lambda text: text)
    inside = (span for span in passage.sentences if span[0] <= start < span[1])
    return passage, next(inside, (passage.start, passage.end))


def locate_words(document: Document, section: str, words: str, where: str) -> tuple[Passage, tuple[int, int]]:
    """Give the one passage of a section that holds some words, and their span; a line's end counts as a space.

    Raises as `locate` does.
    """
    passage, start = _find(document, section, words, where, lambda text: text.replace("\n", " "))
    return passage, (start, start + len(words))


def _find(
    document: Document, section: str, words: str, where: str, as_read: Callable[[str], str]
) -> tuple[Passage, int]:
    """Find the one passage of a section that holds some words, as its text is read, and where they begin."""
    among = [passage for passage in document.passages if passage.section == section]
    found = [passage for passage in among if words in as_read(passage.text)]
    if len(found) != 1:
        places = "no passage" if not found else f"{len(found)} passages"
        raise CorpusError(
            f"{where}: “{words}” stands in {places} of section {section} of {document.id}, not in one. "
            "Correct the words or the section, or remove the line."
        )
    return found[0], found[0].start + as_read(found[0].text).index(words)


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
