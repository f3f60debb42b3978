"""Load the points on which a document shows more than one view, so that an answer to one side shows the other too.

`contested.jsonl` in a document's folder holds, for each point, its sides, and for each side the passages that take it.
What a side "says" is for whoever reviews the file; it is never shown.
"""

from pathlib import Path

from pydantic import Field, ValidationError

from corpus.errors import CorpusError
from corpus.frozen import Frozen
from corpus.locate import locate, read_json_lines
from corpus.schema import Document

FILE = "contested.jsonl"


class _Words(Frozen):
    """Where a passage is, by its section and some of its words."""

    section: str
    about: str


class _Side(Frozen):
    says: str
    passages: tuple[_Words, ...] = Field(min_length=1)


class _Point(Frozen):
    """One line of the file."""

    point: str
    sides: tuple[_Side, ...] = Field(min_length=2)


class Contested(Frozen):
    """A point on which a document shows more than one view."""

    point: str
    sides: tuple[tuple[str, ...], ...] = Field(description="For each side, the ids of the passages that take it.")


def load_contested(document: Document, folder: Path) -> tuple[Contested, ...]:
    """Load a document's contested points; none where its folder has no such file.

    Raises:
        CorpusError: a line is malformed, or its words do not stand where it says.
    """
    path = folder / FILE
    if not path.is_file():
        return ()
    points = []
    for where, line in read_json_lines(path):
        try:
            point = _Point.model_validate(line)
        except ValidationError as error:
            raise CorpusError(f"{where}: {str(error).splitlines()[0]}") from None
        sides = [
            [locate(document, one.section, one.about, where)[0].id for one in side.passages] for side in point.sides
        ]
        points.append(Contested(point=point.point, sides=tuple(tuple(dict.fromkeys(side)) for side in sides)))
    return tuple(points)
