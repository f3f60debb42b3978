"""Keep what people say of an answer, helpful or not, as a draft of an evaluation case in the data folder.

`coproduce eval new --drafts` goes through the drafts and makes cases of them. Nothing is sent anywhere.
"""

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import Field, field_validator

from assistant.schema import MAX_HISTORY, Answer, Query
from corpus.errors import DataFolderError
from corpus.filters import Filters
from corpus.frozen import Sent

MAX_REASON_CHARACTERS = 1000
#: A file with as much as this takes no more: somebody should go through it first.
MAX_BYTES = 5_000_000
_LOCK_TIMEOUT_S = 10


class Feedback(Sent):
    """What somebody says of the answer to a question. The answer itself is not sent: the question is asked again."""

    question: str = Field(description="The question that was asked.")
    history: tuple[str, ...] = Field(
        default=(), max_length=MAX_HISTORY, description="The questions asked before it, oldest first."
    )
    filters: Filters = Field(default=Filters(), description="What was searched; left out: everything.")
    helpful: bool = Field(description="Whether the answer helped.")
    reason: str = Field(
        default="",
        max_length=MAX_REASON_CHARACTERS,
        description=f"What was good, wrong or missing; at most {MAX_REASON_CHARACTERS:,} characters.",
    )

    @field_validator("reason")
    @classmethod
    def _check_reason(cls, value: str) -> str:
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("it holds half a character (a lone surrogate); please type it again")
        return value.strip()

    @property
    def query(self) -> Query:
        """The question, to be asked again."""
        return Query(question=self.question, history=self.history, filters=self.filters)


def drafts_path(data_dir: Path) -> Path:
    """Give the file of a data folder in which drafts and new cases are kept."""
    return data_dir / "cases" / "drafts.jsonl"


@contextmanager
def hold_drafts(path: Path) -> Iterator[None]:
    """Hold the file of drafts, so that the web chat and a terminal do not write at once. Its folder is made.

    Raises:
        Timeout: another program holds it.
        OSError: the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_name(f".{path.name}.lock"), timeout=_LOCK_TIMEOUT_S):
        yield


def keep_feedback(data_dir: Path, feedback: Feedback, answer: Answer) -> None:
    """Write feedback as a line of `cases/drafts.jsonl`, which is on the disk when this returns.

    Args:
        data_dir: The data folder.
        feedback: What was said.
        answer: The answer that it was said of.

    Raises:
        DataFolderError: the file is full, held by another program, or cannot be written.
    """
    said = "Somebody found the answer helpful." if feedback.helpful else "Somebody found the answer not helpful."
    line = {
        "question": " ".join(feedback.question.split()),
        "note": f"{said} {feedback.reason}".strip(),
        "history": feedback.history,
        "helpful": feedback.helpful,
        "status": answer.status,
        "filters": feedback.filters.model_dump(mode="json", exclude_none=True),
        "cited": [citation.model_dump(include={"document_id", "start", "end"}) for citation in answer.citations],
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    _append(drafts_path(data_dir), json.dumps(line, ensure_ascii=False).encode() + b"\n")


def _append(path: Path, line: bytes) -> None:
    """Write a line at the end of a file, whole or not at all; only its owner may read it."""
    # Unbuffered: nothing is written after a failure.
    with _locked(path), _of_owner(path).open("a+b", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if size + len(line) > MAX_BYTES:
            raise DataFolderError(
                "the feedback was not saved: the file of drafts is full. "
                "Whoever runs coproduce can go through it with: coproduce eval new --drafts"
            )
        if size and not _ends_a_line(file, size):
            line = b"\n" + line  # somebody edited the file by hand
        try:
            if file.write(line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(file.fileno())
        except OSError:
            file.truncate(size)  # else half a line would spoil the next one
            raise


def _of_owner(path: Path) -> Path:
    """Let only its owner read a file, which is made where it is missing."""
    path.touch(mode=0o600)
    with suppress(PermissionError):  # it is another's, who let us write it
        path.chmod(0o600)
    return path


def _ends_a_line(file: FileIO, size: int) -> bool:
    file.seek(size - 1)
    return file.read(1) == b"\n"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the file, as whoever makes cases of the drafts does. Raises DataFolderError."""
    try:
        with hold_drafts(path):
            yield
    except Timeout:
        raise DataFolderError(
            "the feedback was not saved: the file of drafts is held by another program. Try again in a moment."
        ) from None
    except OSError as error:
        raise DataFolderError(
            f"the feedback was not saved: the data folder cannot be written ({error.strerror or error})."
        ) from None
