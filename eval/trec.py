"""Read and write the two files that every tool of the field reads: TREC qrels and TREC runs.

A line of qrels: `query 0 document relevance`. A line of a run: `query Q0 document rank score tag`. Fields are parted
by white space, so white space in an id is written as %20 and the like, and `%` as %25: see `trec_id`.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import numpy as np

from corpus.errors import CaseError

#: Query id → document id → relevance.
Qrels = Mapping[str, Mapping[str, int]]
#: Query id → document ids with their scores, best first.
Rankings = Mapping[str, Sequence[tuple[str, float]]]

_MOST = 2.0**100  # scores beyond it are written as this: a 32-bit number has room for more steps below


def trec_id(name: str) -> str:
    """Write an id so that it is one field: each id has a form of its own, and most are their own form.

    >>> trec_id("dv-001"), trec_id("my case")
    ('dv-001', 'my%20case')
    """
    return re.sub(r"[\s%\ufeff\x00-\x20\x7f]", lambda found: quote(found[0]), name)


def write_qrels(path: Path, qrels: Qrels) -> None:
    """Write qrels. A query without relevant documents has no line: the format cannot hold it."""
    lines = (
        f"{trec_id(query)} 0 {trec_id(document)} {relevance}\n"
        for query, documents in qrels.items()
        for document, relevance in documents.items()
    )
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def write_run(path: Path, rankings: Rankings, tag: str) -> None:
    """Write a run, each query's documents in the order in which they are given.

    trec_eval sorts by score and breaks ties by id, whatever the rank says. So a score that is not below the one before
    it is lowered by as little as a 32-bit number can be: the order then is ours.
    """
    path.write_text("".join(_run_lines(rankings, trec_id(tag) or "run")), encoding="utf-8", newline="\n")


def _run_lines(rankings: Rankings, tag: str) -> Iterator[str]:
    for query, documents in rankings.items():
        last = np.float32(np.inf)
        for rank, (document, wanted) in enumerate(documents, start=1):
            within = np.float32(min(max(wanted, -_MOST), _MOST))
            last = min(within, np.nextafter(last, np.float32(-np.inf)))
            yield f"{trec_id(query)} Q0 {trec_id(document)} {rank} {last!s} {tag}\n"


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Read qrels. Raises CaseError, which names the file and line."""
    qrels: dict[str, dict[str, int]] = {}
    for where, (query, _, document, relevance) in _fields(path, 4, "query 0 document relevance"):
        try:
            grade = int(relevance)
        except ValueError:
            raise CaseError(f"{where}: the relevance must be a whole number; found {relevance!r}.") from None
        documents = qrels.setdefault(query, {})
        if documents.get(document, grade) != grade:
            raise CaseError(
                f"{where}: {document!r} was judged {documents[document]} for {query!r} before, now {grade}."
            )
        documents[document] = grade
    return qrels


def read_run(path: Path) -> dict[str, list[tuple[str, float]]]:
    """Read a run, each query's documents as trec_eval orders them: by score, ties by id, both from high to low.

    Raises:
        CaseError: a line is broken, or names a document twice; the message names the file and line.
    """
    found: dict[str, dict[str, float]] = {}
    for where, (query, _, document, _, written, _) in _fields(path, 6, "query Q0 document rank score tag"):
        try:
            score = float(written)
        except ValueError:
            score = math.nan
        if math.isnan(score):
            raise CaseError(f"{where}: the score must be a number; found {written!r}.")
        documents = found.setdefault(query, {})
        if document in documents:
            raise CaseError(f"{where}: {document!r} stands in the ranking of {query!r} twice.")
        documents[document] = score
    return {query: in_order(documents.items()) for query, documents in found.items()}


def in_order(documents: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    """Put documents in the order in which trec_eval ranks them: it holds scores in 32 bits, so near ones tie."""
    with np.errstate(over="ignore"):
        return sorted(documents, key=lambda one: (float(np.float32(one[1])), one[0].encode()), reverse=True)


def _fields(path: Path, count: int, expected: str) -> Iterator[tuple[str, list[str]]]:
    try:
        lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as error:
        raise CaseError(f"{path} cannot be read: {error.strerror or error}.") from None
    for number, line in enumerate(lines, start=1):
        where = f"{path}, line {number}"
        fields = line.split()
        if not fields:
            continue
        if len(fields) != count:
            raise CaseError(f"{where}: expected {count} fields, {expected!r}; found {len(fields)}.")
        try:
            yield where, [field.decode() for field in fields]
        except UnicodeDecodeError as error:
            raise CaseError(f"{where}: expected UTF-8 ({error.reason}).") from None
