"""Write and read `per_query.csv`: a line for each question, with its measures, for a spreadsheet or another program."""

import csv
import io
import math
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError

from assistant.quoting.export.cells import guard_cell, unguard_cell
from corpus.errors import CaseError
from eval.measures import MEASURES
from eval.schema import QueryRow

_FIELDS = [name for name in QueryRow.model_fields if name != "measures"]
_MEASURES = [measure.name for measure in MEASURES.values() if measure.per_question]
#: The field `words` and the measure `words` are two columns: the measure has none where nothing was quoted.
_COLUMNS = ["quoted_words" if name == "words" else name for name in _FIELDS]
_YES_NO = {"yes": True, "no": False}


def write_rows(path: Path, rows: Sequence[QueryRow]) -> None:
    """Write rows as CSV: UTF-8, a cell that a spreadsheet would take for a formula guarded by an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*_COLUMNS, *_MEASURES])
    for row in rows:
        cells = [getattr(row, name) for name in _FIELDS] + [row.measures.get(name) for name in _MEASURES]
        writer.writerow([_written(cell) for cell in cells])
    path.write_text(text.getvalue(), encoding="utf-8", newline="")


def _written(cell: str | bool | float | None) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return guard_cell(cell) if isinstance(cell, str) else "" if cell is None else repr(cell)


def read_rows(path: Path) -> tuple[QueryRow, ...]:
    """Read what `write_rows` wrote. Raises CaseError, which names the file and line."""
    rows, start = [], 1
    try:
        reader = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True)
        header = next(reader, [])
        for cells in reader:
            start, where = reader.line_num + 1, f"{path}, line {max(start, 2)}"
            if len(cells) != len(header):
                raise CaseError(f"{where}: expected {len(header)} cells, as the first line has; found {len(cells)}.")
            rows.append(_read_row(dict(zip(header, cells, strict=True)), where))
        return tuple(rows)
    except OSError as error:
        raise CaseError(f"{path} cannot be read: {error.strerror or error}.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise CaseError(f"{path} is not CSV in UTF-8: {error}.") from None


def _read_row(cells: dict[str, str], where: str) -> QueryRow:
    def number(name: str) -> float | None:
        return float(cells[name]) if cells[name] else None

    readers: dict[str, Callable[[str], object]] = {
        "answerable": lambda name: _YES_NO[cells[name]],
        "supported": lambda name: _YES_NO[cells[name]],
        "refused": lambda name: _YES_NO[cells[name]],
        "confidence": lambda name: float(cells[name]),
        "latency_ms": number,
        "words": lambda name: int(cells[f"quoted_{name}"]),
        "error": lambda name: unguard_cell(cells[name]) or None,
    }
    try:
        fields = {name: readers[name](name) if name in readers else unguard_cell(cells[name]) for name in _FIELDS}
        measures = {name: number(name) for name in _MEASURES}
        if any(value is not None and not math.isfinite(value) for value in measures.values()):
            raise ValueError("a measure is not a finite number")
        return QueryRow.model_validate({**fields, "measures": measures})
    except ValidationError as error:
        first = error.errors()[0]
        raise CaseError(f"{where}: {first['loc'][0]}: {first['msg'].lower()}; found {first['input']!r:.80}.") from None
    except KeyError as error:
        raise CaseError(f"{where}: {error} is not a column, or not yes or no.") from None
    except ValueError as error:
        raise CaseError(f"{where}: {error}.") from None
