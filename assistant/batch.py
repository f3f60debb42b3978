"""Answer many questions from a file, one JSON object a line; a broken line is named and the others are answered."""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from assistant.pipeline import Assistant
from assistant.schema import Answer, Query
from corpus.errors import BatchError, CoproduceError


def read_queries(path: Path) -> Iterator[tuple[int, Query | BatchError]]:
    """Read a file of questions: the number of each line that is not empty, and its query or what is wrong with it.

    Raises:
        BatchError: the file cannot be read at all.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise BatchError(f"{path} cannot be read: {error.strerror or error}.") from None
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, _read_query(line, number, path)


def _read_query(line: bytes, number: int, path: Path) -> Query | BatchError:
    try:
        return Query.model_validate(json.loads(line.removeprefix(b"\xef\xbb\xbf")))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the object"
        return BatchError(f"{path}, line {number}: {where}: {first['msg'].lower()}. The line was left out.")
    except ValueError as error:
        return BatchError(f"{path}, line {number}: not a JSON object ({error}). The line was left out.")


def answer_all(assistant: Assistant, path: Path) -> Iterator[tuple[int, Answer | CoproduceError]]:
    """Answer each question of a file, in order; give the error where one cannot be answered."""
    for number, query in read_queries(path):
        if isinstance(query, BatchError):
            yield number, query
            continue
        try:
            yield number, assistant.ask(query)
        except CoproduceError as error:
            yield number, BatchError(f"{path}, line {number}: {error} The line was left out.")
