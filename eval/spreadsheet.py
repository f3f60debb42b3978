"""Write cases as a spreadsheet would hold them, and read what people type: only question and passage are needed.

    question, expected passage, speaker, answerable, id, kind, section, role, history, alternatives, act, lean, forms

`expected passage` is the first alternative of the first piece of evidence. `alternatives` has all others, one a line:
"or: …" is another alternative, "and: …" begins another piece. `history` has the earlier questions, `forms` the forms
that are wanted, one a line. In these three a line end is written `\\n`, a backslash `\\\\`, and an entry without words
`\\`.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from assistant.quoting.export.cells import guard_cell, unguard_cell
from corpus.errors import CaseError
from eval.cases import make_case, raise_all
from eval.schema import Case

COLUMNS = (
    "question",
    "expected passage",
    "speaker",
    "answerable",
    "id",
    "kind",
    "section",
    "role",
    "history",
    "alternatives",
    "act",
    "lean",
    "forms",
)
#: The kind of a case that says none.
TYPED = "typed"
_ANSWERABLE = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}
_ESCAPED = {written: meant for meant, written in _ESCAPES.items()}


def write_csv(path: Path, cases: Iterable[Case]) -> None:
    """Write cases as CSV: UTF-8 with the mark that Excel looks for, commas, CRLF; formulas are guarded."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for case in cases:
        first, *others = case.evidence or [("",)]
        more = [f"or: {_escape(words)}" for words in first[1:]]
        for group in others:
            more += [f"and: {_escape(group[0])}", *(f"or: {_escape(words)}" for words in group[1:])]
        cells = [
            case.question,
            first[0],
            case.speaker or "",
            "yes" if case.answerable else "no",
            case.id,
            case.kind,
            case.section or "",
            case.role or "",
            _join(case.history),
            "\n".join(more),
            case.act,
            case.lean or "",
            _join(case.forms),
        ]
        writer.writerow([guard_cell(cell) for cell in cells])
    path.write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode())


def read_csv(path: Path) -> list[tuple[str, Case]]:
    """Read cases from CSV, each with where it stands; the columns may come in any order, and be parted by `;` or tabs.

    Raises:
        CaseError: the file is not CSV, or rows are broken; the message names the file and every line.
    """
    cases = []
    faults = []
    for line, found in read_each_row(path):
        if isinstance(found, CaseError):
            faults.append(found)
        else:
            cases.append((f"{path}, line {line}", found))
    raise_all(faults)
    if not cases:
        raise CaseError(f"{path}: no cases were found below the first line.")
    return cases


def read_each_row(path: Path) -> Iterator[tuple[int, Case | CaseError]]:
    """Read each row by itself: its line, and its case or what is wrong with it.

    Raises:
        CaseError: the file is not CSV, or its first line does not name the columns.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CaseError(f"{path} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError as error:
        raise CaseError(f"{path} is not UTF-8 ({error.reason}). In Excel, save it as “CSV UTF-8”.") from None
    rows = _rows(text, path)
    line, header = next(rows, (1, []))
    where = f"{path}, line {line}"
    names = [_column(cell, where) for cell in header]
    for needed in COLUMNS[:2]:
        if needed not in names:
            raise CaseError(f"{where}: there is no column {needed!r}. Expected at least: question, expected passage.")
    named = [name for name in names if name]
    if len(set(named)) < len(named):
        raise CaseError(f"{where}: a column comes twice.")
    for number, (line, cells) in enumerate(rows, start=1):
        try:
            yield line, _read_row(names, cells, f"{path.stem}-{number:03d}", f"{path}, line {line}")
        except CaseError as error:
            yield line, error


def _rows(text: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give each row that is not empty, with the line on which it begins."""
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise CaseError(f"{path}, line {start}: this is not CSV: {error}.") from None


def _column(cell: str, where: str) -> str:
    name = re.sub(r"[\s_]+", " ", unguard_cell(cell)).strip().casefold()
    if name and name not in COLUMNS:  # spreadsheets write columns that somebody has emptied
        raise CaseError(f"{where}: there is no column {cell!r}. There are: {', '.join(COLUMNS)}.")
    return name


def _read_row(names: Sequence[str], found: Sequence[str], case_id: str, where: str) -> Case:
    if len(found) > len(names) and any(found[len(names) :]):
        raise CaseError(f"{where}: found {len(found)} cells, but there are {len(names)} columns.")
    typed = list(zip(names, map(unguard_cell, found), strict=False))
    if any(cell.strip() for name, cell in typed if not name):
        raise CaseError(f"{where}: there is something in a column whose first cell, the column's name, is empty.")
    cells = dict.fromkeys(COLUMNS, "") | {name: cell for name, cell in typed if name}
    evidence = _read_evidence(cells["expected passage"].strip(), cells["alternatives"], where)
    said = cells["answerable"].strip().casefold()
    if said and said not in _ANSWERABLE:
        raise CaseError(f"{where}: answerable must be yes or no; found {cells['answerable']!r}.")
    fields = {
        "id": cells["id"] or case_id,
        "question": cells["question"],
        "kind": cells["kind"] or TYPED,
        "answerable": _ANSWERABLE[said] if said else bool(evidence),
        "evidence": evidence,
        "history": _part(cells["history"]),
        "section": cells["section"].strip() or None,
        "speaker": cells["speaker"].strip() or None,
        "role": cells["role"].strip().casefold() or None,
        "act": cells["act"].strip() or Case.model_fields["act"].default,
        "lean": cells["lean"].strip() or None,
        "forms": [form for line in _part(cells["forms"]) if (form := line.strip())],
    }
    return make_case(fields, where)


def _read_evidence(first: str, alternatives: str, where: str) -> list[list[str]]:
    groups = [[first]] if first else []
    for line in _lines(alternatives):
        sort, colon, words = line.partition(":")
        if not colon or sort.strip().casefold() not in ("or", "and"):
            raise CaseError(f"{where}: a line of alternatives must begin with “or:” or “and:”; found {line[:60]!r}.")
        if not groups:
            raise CaseError(f"{where}: there are alternatives, but no expected passage.")
        if sort.strip().casefold() == "and":
            groups.append([])
        groups[-1].append(_unescape(words.strip()))
    return groups


def _join(entries: Iterable[str]) -> str:
    return "\n".join(_escape(entry) or "\\" for entry in entries)


def _part(cell: str) -> list[str]:
    return [_unescape(line) for line in _lines(cell)]


def _lines(cell: str) -> Sequence[str]:
    return [line for line in cell.replace("\r\n", "\n").split("\n") if line]


def _escape(words: str) -> str:
    return re.sub(r"[\\\n\r]", lambda found: _ESCAPES[found[0]], words)


def _unescape(line: str) -> str:
    if line == "\\":
        return ""
    return re.sub(r"\\[\\nr]", lambda found: _ESCAPED[found[0]], line)
