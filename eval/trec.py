"""Read and write the two files that every tool of the field reads: TREC qrels and TREC runs.

A line of qrels: `query 0 document relevance`. A line of a run: `query Q0 document rank score tag`. Fields are parted
by white space, so white space in an id is written as %20 and the like, and `%` as %25: see `trec_id`. Both are read
compressed by gzip too, whatever their names; a line that begins with `#` is a comment.
"""

import gzip
import math
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import numpy as np

from corpus.errors import CaseError

#: Query id → document id → relevance.
Qrels = Mapping[str, Mapping[str, int]]
#: Query id → document ids with their scores, best first.
Rankings = Mapping[str, Sequence[tuple[str, float]]]

_GZIP = b"\x1f\x8b"
_MOST = 2.0**100  # scores beyond it are written as this: a 32-bit number has room for more steps below


def trec_id(name: str) -> str:
    """Write an id so that it is one field: each id has a form of its own, and most are their own form.

    >>> trec_id("dv-001"), trec_id("my case")
    ('dv-001', 'my%20case')
    """
    return re.sub(r"[\s%\ufeff\x00-\x20\x7f]|^#", lambda found: quote(found[0]), name)


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

    trec_eval sorts by score and breaks ties by id, whatever the rank says; up to version 9 it holds a score in 32 bits.
    So a score that is not below the one before it, in 32 bits too, is lowered by as little as they allow: the order
    then is ours whoever reads it. Every other score is written as it is.
    """
    path.write_text("".join(_run_lines(rankings, trec_id(tag) or "run")), encoding="utf-8", newline="\n")


def _run_lines(rankings: Rankings, tag: str) -> Iterator[str]:
    for query, documents in rankings.items():
        last = np.float32(np.inf)
        for rank, (document, wanted) in enumerate(documents, start=1):
            within = min(max(float(wanted), -_MOST), _MOST)
            if np.float32(within) < last:
                last, written = np.float32(within), repr(within)
            else:
                last = np.nextafter(last, np.float32(-np.inf))
                written = str(last)
            yield f"{trec_id(query)} Q0 {trec_id(document)} {rank} {written} {tag}\n"


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Read qrels. Raises CaseError, which names the file and line."""
    qrels: dict[str, dict[str, int]] = {}
    first: dict[tuple[str, str], str] = {}
    for where, (query, _, document, relevance) in _fields(path, 4, "query 0 document relevance"):
        put_grade(qrels, first, query, document, read_grade(relevance, where), where)
    return qrels


def read_grade(written: str, where: str) -> int:
    """Read a relevance: a whole number, as 2 or 2.0. Raises CaseError."""
    try:
        grade = float(written)
    except ValueError:
        grade = math.nan
    if not grade.is_integer():
        raise CaseError(f"{where}: the relevance must be a whole number; found {written!r}.")
    return int(grade)


def put_grade(
    qrels: dict[str, dict[str, int]],
    first: dict[tuple[str, str], str],
    query: str,
    document: str,
    grade: int,
    where: str,
) -> None:
    """Add a judgement; `first` remembers where each was read. Raises CaseError where another one was read before."""
    documents = qrels.setdefault(query, {})
    before = first.setdefault((query, document), where)
    if documents.setdefault(document, grade) != grade:
        line = before.rpartition(", ")[2]
        raise CaseError(
            f"{where}: {document!r} was judged {documents[document]} for {query!r} before, on {line}, now {grade}. "
            "Keep one of the two lines."
        )


def read_run(path: Path) -> dict[str, list[tuple[str, float]]]:
    """Read a run, each query's documents as trec_eval orders them: by score, ties by id, both from high to low.

    Raises:
        CaseError: a line is broken, or names a document twice; the message names the file and line.
    """
    found: dict[str, dict[str, float]] = {}
    for where, fields in _fields(path, 6, "query Q0 document rank score tag", more=True):
        query, _, document, _, written = fields[:5]
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
    """Put documents in the order in which trec_eval 10 ranks them: scores in 64 bits, ties by the bytes of the id.

    Both go from high to low. Up to version 9 it held scores in 32 bits, so that near ones tied.
    """
    return sorted(documents, key=lambda one: (one[1], one[0].encode()), reverse=True)


def read_bytes(path: Path) -> bytes:
    """Read a file, unpacked where it is compressed by gzip. Raises CaseError."""
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if content.startswith(_GZIP) else content
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CaseError(f"{path} is compressed by gzip, but damaged ({error}).") from None
    except OSError as error:
        raise CaseError(f"{path} cannot be read: {error.strerror or error}.") from None


def _fields(path: Path, count: int, expected: str, *, more: bool = False) -> Iterator[tuple[str, list[str]]]:
    """Give the fields of each line that is neither empty nor a comment; `more`: others may follow, as in a run."""
    for number, line in enumerate(read_bytes(path).removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        where = f"{path}, line {number}"
        fields = line.split()
        if not fields or fields[0].startswith(b"#"):
            continue
        if len(fields) < count or (len(fields) > count and not more):
            raise CaseError(f"{where}: expected {count} fields, {expected!r}; found {len(fields)}.")
        try:
            yield where, [field.decode() for field in fields]
        except UnicodeDecodeError as error:
            raise CaseError(f"{where}: expected UTF-8 ({error.reason}).") from None
