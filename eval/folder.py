"""Keep a run in a folder: a line for each question as it is answered, so that a stopped run can go on.

started.json    what the run was made from; a stopped run goes on only if that is still so
cases.jsonl     the cases as they were asked
answers.jsonl   a line for each question: its answer, time and error
run.trec, qrels.trec, per_query.csv, summary.json, report.html    written at the end; summary.json last
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, TypeVar

from pydantic import BaseModel, ValidationError

from assistant.schema import Answer
from corpus.errors import CaseError
from corpus.frozen import Frozen
from corpus.load import load_library
from corpus.schema import Document
from eval import trec
from eval.rank import qrels_of
from eval.rows import read_rows, write_rows
from eval.schema import LocatedCase, Outcome, Run, RunSummary, Started

M = TypeVar("M", bound=BaseModel)
#: The judgements of a run, by which its `run.trec` is scored; queries that nothing answers have none.
OWN_QRELS = "qrels.trec"


class RunFolderError(CaseError):
    """A run folder cannot be used: it holds another run, or a file of it is broken."""


class Record(Frozen):
    """A line of `answers.jsonl`."""

    case_id: str
    latency_ms: float | None
    error: str | None
    leakage: float | None
    answer: Answer | None


class Recorder:
    """Writes each outcome of a run into its folder as soon as it is there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[str] | None = None

    def __enter__(self) -> "Recorder":
        """Open the file of answers; what it holds stays."""
        self._file = (self._folder / "answers.jsonl").open("a", encoding="utf-8", newline="\n")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        if self._file is not None:
            self._file.close()

    def add(self, outcome: Outcome) -> None:
        """Write one outcome; it stays even if the program ends right after."""
        if self._file is None:
            raise ValueError("the recorder is not open: use it in a with statement.")
        self._file.write(_line_of(outcome))
        self._file.flush()


def begin(folder: Path, started: Started, cases: Sequence[LocatedCase]) -> None:
    """Make the folder of a run.

    Raises:
        RunFolderError: it holds a run already, or something else.
    """
    if (folder / "summary.json").exists() or (folder / "started.json").exists():
        raise RunFolderError(
            f"{folder} holds a run already. Give another folder to --out, or go on with that run: --resume."
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RunFolderError(f"{folder} is not an empty folder. Give --out a folder that is empty or does not exist.")
    folder.mkdir(parents=True, exist_ok=True)
    _write_lines(folder / "cases.jsonl", cases)
    _put(folder / "started.json", started.model_dump_json(indent=1) + "\n")


def resume_run(folder: Path, started: Started, cases: Sequence[LocatedCase]) -> tuple[Started, dict[str, Outcome]]:
    """Go on with a run that was stopped.

    A last line that was cut off in the middle is taken out: its question is asked again.

    Returns:
        What was said when the run began, and case id → outcome of the questions that were answered.

    Raises:
        RunFolderError: there is no such run, or it was made from other cases, another corpus or other settings.
    """
    if not (folder / "started.json").is_file():
        raise RunFolderError(f"{folder} holds no run that was stopped. Leave --resume out to begin one.")
    before = _read_object(folder / "started.json", Started)
    names = {"cases_sha256": "cases", "corpus_sha256": "corpus", "config_sha256": "settings, model or code"}
    changed = [
        words
        for name, words in names.items()
        if getattr(before.fingerprint, name) != getattr(started.fingerprint, name)
    ]
    if changed:
        keys = sorted(before.config.keys() | started.config.keys())
        which = [key for key in keys if before.config.get(key) != started.config.get(key)]
        raise RunFolderError(
            f"the run in {folder} was made with other {' and other '.join(changed)}"
            + (f" ({', '.join(which)})" if which else "")
            + ". It cannot go on; begin a new one in another folder."
        )
    answers = folder / "answers.jsonl"
    if answers.is_file():
        content = answers.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            answers.write_bytes(whole)
    return before, _read_outcomes(answers, cases)


def read_cases(folder: Path) -> tuple[LocatedCase, ...]:
    """Read the cases of a run folder, as they were asked. Raises RunFolderError."""
    return tuple(case for _, case in _read_lines(folder / "cases.jsonl", LocatedCase))


def write_run(
    path: Path,
    run: Run,
    documents: Sequence[Document] | None = None,
    *,
    qrels: trec.Qrels | None = None,
    rankings: trec.Rankings | None = None,
) -> None:
    """Write every file of a run but the page; `summary.json` last, so that a folder with one is whole.

    Args:
        path: The folder; it is made where it is missing, and files of the run in it are written over.
        run: The run.
        documents: Whose passages are judged in `qrels.trec`; the bundled library if left out.
        qrels: What is judged, where that is not passages of documents.
        rankings: What `run.trec` holds, where answers do not have all of it.
    """
    path.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        (path / "summary.json").unlink()
    documents = load_library().documents if documents is None else documents
    started = Started(**{name: getattr(run.summary, name) for name in Started.model_fields})
    _put(path / "started.json", started.model_dump_json(indent=1) + "\n")
    _write_lines(path / "cases.jsonl", run.cases)
    _put(path / "answers.jsonl", "".join(_line_of(one) for one in run.outcomes if one.status != "missing"))
    if rankings is None:
        rankings = {
            case_id: [(hit.passage_id, hit.score) for hit in answer.hits] for case_id, answer in run.answers.items()
        }
    if qrels is None:
        qrels = qrels_of(run.cases, [one for document in documents for one in document.passages])
    trec.write_run(path / "run.trec", rankings, run.summary.name)
    trec.write_qrels(path / OWN_QRELS, qrels)
    write_rows(path / "per_query.csv", run.rows)
    _put(path / "summary.json", run.summary.model_dump_json(indent=1) + "\n")


def read_run(path: Path) -> Run:
    """Read a run folder back.

    Raises:
        RunFolderError: it holds no finished run, or a file is broken; the message names the file and line.
    """
    if not (path / "summary.json").is_file():
        if (path / "started.json").is_file():
            raise RunFolderError(f"the run in {path} was stopped. Finish it: coproduce eval run --out {path} --resume.")
        raise RunFolderError(f"{path} holds no run. Expected a folder that `coproduce eval run --out` has written.")
    summary = _read_object(path / "summary.json", RunSummary)
    cases = read_cases(path)
    rows = read_rows(path / "per_query.csv")
    outcomes = _read_outcomes(path / "answers.jsonl", cases)
    known = {case.id for case in cases}
    if unknown := [row.case_id for row in rows if row.case_id not in known]:
        raise RunFolderError(f"{path / 'per_query.csv'} names {unknown[0]!r}, which cases.jsonl does not have.")
    answers = {case_id: outcome.answer for case_id, outcome in outcomes.items() if outcome.answer is not None}
    return Run(summary=summary, rows=rows, answers=answers, cases=cases)


def _line_of(outcome: Outcome) -> str:
    record = Record(
        case_id=outcome.case.id,
        latency_ms=outcome.latency_ms,
        error=outcome.error,
        leakage=outcome.leakage,
        answer=outcome.answer,
    )
    return record.model_dump_json() + "\n"


def _read_outcomes(path: Path, cases: Sequence[LocatedCase]) -> dict[str, Outcome]:
    by_id = {case.id: case for case in cases}
    outcomes: dict[str, Outcome] = {}
    for where, record in _read_lines(path, Record) if path.exists() else ():
        if record.case_id not in by_id:
            raise RunFolderError(f"{where}: there is no case {record.case_id!r} in this run.")
        if record.case_id in outcomes:
            raise RunFolderError(f"{where}: the case {record.case_id!r} was answered on an earlier line already.")
        outcomes[record.case_id] = Outcome(
            case=by_id[record.case_id],
            answer=record.answer,
            latency_ms=record.latency_ms,
            error=record.error,
            leakage=record.leakage,
        )
    return outcomes


def _write_lines(path: Path, models: Sequence[BaseModel]) -> None:
    _put(path, "".join(model.model_dump_json() + "\n" for model in models))


def _put(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8", newline="\n")
    new.replace(path)


def _read_lines(path: Path, model: type[M]) -> Iterator[tuple[str, M]]:
    for number, line in enumerate(_read(path).split(b"\n"), start=1):
        if line.strip():
            where = f"{path}, line {number}"
            yield where, _parse(line, model, where)


def _read_object(path: Path, model: type[M]) -> M:
    return _parse(_read(path), model, str(path))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RunFolderError(f"{path} cannot be read: {error.strerror or error}.") from None


def _parse(content: bytes, model: type[M], where: str) -> M:
    try:
        return model.model_validate(json.loads(content))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the object"
        raise RunFolderError(f"{where}: {field}: {first['msg'].lower()}; found {first['input']!r:.80}.") from None
    except (ValueError, RecursionError) as error:
        raise RunFolderError(f"{where}: expected a JSON object ({error}).") from None
