"""Answer many questions from a file, one JSON object a line; a broken line is named and the others are answered."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from assistant.schema import Answer, Query
from assistant.serving.terminal.encodings import DASH, as_utf8, name_of, read_input
from corpus.errors import BatchError, CoproduceError
from corpus.filters import Filters


def _ignore(_said: CoproduceError) -> None:
    """Say nothing."""


def read_queries(
    path: Path, complain: Callable[[CoproduceError], None] = _ignore
) -> Iterator[tuple[int, Query | BatchError]]:
    """Read a file of questions: the number of each line that is not empty, and its query or what is wrong with it.

    A dash stands for standard input. `complain` is told where the file's encoding had to be guessed.

    Raises:
        BatchError: the file cannot be read at all.
    """
    name = name_of(path)
    read, guessed = as_utf8(read_input(path), name)
    if guessed:
        complain(guessed)
    for number, line in enumerate(read.split(b"\n"), start=1):
        if line.strip():
            yield number, _read_query(line, number, name)


def _read_query(line: bytes, number: int, name: str) -> Query | BatchError:
    try:
        return Query.model_validate(json.loads(line))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part not in ("str", "int")) or "the object"
        return BatchError(f"{name}, line {number}: {where}: {first['msg'].lower()}. The line was left out.")
    except (ValueError, RecursionError) as error:
        return BatchError(f"{name}, line {number}: not a JSON object ({error}). The line was left out.")


class Answers(Protocol):
    """What answers a query: an assistant, or a desk."""

    def ask(self, query: Query) -> Answer:
        """Answer a query."""
        ...


def answer_file(
    assistant: Answers,
    source: Path,
    target: Path | None,
    complain: Callable[[CoproduceError], None],
    filters: Filters | None = None,
) -> int:
    """Answer a file of questions into another; a dash, or no target, stands for standard input and output.

    Returns how many were answered.

    The answers stand in the order of the questions. The target appears whole or not at all. `filters` hold for every
    question that has none of its own.

    Raises:
        BatchError: a file cannot be read or written, or some lines could not be answered; `complain` was given each.
    """
    answered = broken = 0
    with _writer(source, target) as write:
        for _, result in answer_all(assistant, source, filters or Filters(), complain):
            if isinstance(result, CoproduceError):
                complain(result)
                broken += 1
            else:
                write(result.model_dump_json() + "\n")
                answered += 1
    if broken:
        raise BatchError(
            f"{broken} of {broken + answered} lines of {name_of(source)} could not be answered; they are named above."
        )
    return answered


@contextmanager
def _writer(source: Path, target: Path | None) -> Iterator[Callable[[str], object]]:
    """Give a way to write lines: the target appears whole at the end, or not at all. Raises BatchError."""
    if target in (None, DASH):
        yield sys.stdout.write
        return
    if target.is_dir():
        raise BatchError(f"{target} cannot be written: it is a folder. Give --output a file.")
    if source.exists() and target.exists() and target.samefile(source):
        raise BatchError(f"--output would overwrite the questions in {source}. Give it another file.")
    partial = target.with_name(target.name + ".part")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            yield file.write
        partial.replace(target)
    except OSError as error:
        raise BatchError(f"{target} cannot be written: {error.strerror or error}.") from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def answer_all(
    assistant: Answers,
    source: Path,
    filters: Filters = Filters(),  # noqa: B008 - frozen
    complain: Callable[[CoproduceError], None] = _ignore,
) -> Iterator[tuple[int, Answer | CoproduceError]]:
    """Answer each question of a file, in order: the number of its line, and the answer or why there is none."""
    for number, query in read_queries(source, complain):
        if isinstance(query, BatchError):
            yield number, query
            continue
        try:
            yield number, assistant.ask(query.model_copy(update={"filters": query.filters | filters}))
        except CoproduceError as error:
            yield number, BatchError(f"{name_of(source)}, line {number}: {error} The line was left out.")
