"""Keep cases that people write in a file of the data folder, beside drafts: questions on whose answer feedback came.

A draft is a line with `question` and `note`, and `history` where there were earlier questions. The web chat writes it
when somebody says whether an answer helped, with the places that the answer `cited`; other fields are kept until it is
finished. `coproduce eval new --drafts`
makes a case of it, which takes the place of its line.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from filelock import Timeout
from pydantic import ConfigDict, Field, ValidationError

from assistant.keeping.feedback import hold_drafts
from corpus.errors import CaseError, DataFolderError
from corpus.frozen import Frozen
from eval.cases import read_lines
from eval.schema import Case, Span, Words


class Draft(Frozen):
    """A question on whose answer somebody gave feedback: not yet a case."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    question: Words
    note: str
    history: tuple[str, ...] = ()
    helpful: bool | None = None
    cited: tuple[Span, ...] = Field(default=(), description="The places that the answer showed.")


class DraftLine(NamedTuple):
    """A draft, and the line of the file that holds it."""

    draft: Draft
    line: bytes


def is_draft(line: bytes) -> bool:
    """Tell whether a line of a case file is still a draft."""
    try:
        read = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(read, dict) and "note" in read


def read_drafts(path: Path) -> tuple[DraftLine, ...]:
    """Read the drafts of a file, in order; none where there is no file.

    Raises:
        CaseError: the file cannot be read, or a draft is broken; the message gives its line.
    """
    found = []
    for number, line in read_lines(path) if path.exists() else ():
        if not is_draft(line):
            continue
        try:
            found.append(DraftLine(Draft.model_validate(json.loads(line)), line))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise CaseError(f"{path}, line {number}: {field}: {first['msg'].lower()}.") from None
    return tuple(found)


def ids_of(path: Path) -> list[str]:
    """List the ids in a case file, those of lines that cannot be used too; none where there is no file."""
    found = []
    for _, line in read_lines(path) if path.exists() else ():
        try:
            read = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(read, dict) and isinstance(read.get("id"), str):
            found.append(read["id"])
    return found


def append_case(path: Path, case: Case) -> None:
    """Write a case at the end of a file, which is made where it is missing.

    Raises:
        CaseError: the id is taken.
        DataFolderError: the file cannot be written.
    """
    with _locked(path):
        _check_id(path, case)
        _put(path, [*_lines(path), _line_of(case)])


def finish_draft(path: Path, line: bytes, case: Case | None) -> None:
    """Put a case in the place of a draft, or nothing; where the draft is gone by now, the case goes to the end.

    Raises:
        CaseError: the id is taken.
        DataFolderError: the file cannot be written.
    """
    with _locked(path):
        if case is not None:
            _check_id(path, case)
        lines = _lines(path)
        at = lines.index(line) if line in lines else len(lines)
        _put(path, [*lines[:at], *([] if case is None else [_line_of(case)]), *lines[at + 1 :]])


def _check_id(path: Path, case: Case) -> None:
    if case.id in ids_of(path):
        raise CaseError(f"{path} has a case with the id {case.id!r} already; give this one its own.")


def _line_of(case: Case) -> bytes:
    return json.dumps(case.model_dump(mode="json"), ensure_ascii=False).encode()


def _lines(path: Path) -> list[bytes]:
    return [line for _, line in read_lines(path)] if path.exists() else []


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the file, so that the web chat and a terminal do not write at once."""
    try:
        with hold_drafts(path):
            yield
    except Timeout:
        raise DataFolderError(f"{path} is held by another program. Try again when it has ended.") from None
    except OSError as error:
        raise DataFolderError(f"{path} cannot be written: {error.strerror or error}.") from None


def _put(path: Path, lines: list[bytes]) -> None:
    """Write the file whole or not at all; whoever may read it still may, and nobody else."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    if path.exists():
        shutil.copymode(path, new)
    with new.open("wb") as file:
        file.write(b"".join(line.rstrip(b"\r") + b"\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
