"""Write a collection as CSV, a row for each quotation and for each question that the documents do not answer.

UTF-8 with the mark that Excel looks for; a cell that a spreadsheet would take for a formula is made harmless.
"""

import csv
import io

from assistant.quoting.export.cells import guard_cell
from assistant.quoting.export.collect import Collection, Part, Quotation
from assistant.quoting.export.references import vancouver
from assistant.quoting.visible import in_one_line, visible

COLUMNS = (
    "question",
    "quotation",
    "speaker",
    "role",
    "section",
    "section_title",
    "lines",
    "document",
    "reference",
    "address",
    "answer",
    "notices",
    "notes",
    "made",
)


def write_csv(collection: Collection, base: str = "") -> str:
    """Write the table. `base` is the address of the web chat, before each address in its reader."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS, restval="", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writeheader()
    for part in collection.parts:
        said = {
            "question": in_one_line(part.question),
            "answer": in_one_line(part.refusal),
            "notices": in_one_line(" ".join(part.notices)),
            "notes": in_one_line(" ".join(collection.notes)),
            "made": collection.made.isoformat(),
        }
        rows = [_row(quotation, base) for quotation in part.quotations] or ([{}] if _said(part) else [])
        writer.writerows({name: guard_cell(cell) for name, cell in {**said, **row}.items()} for row in rows)
    return "\ufeff" + file.getvalue()


def _said(part: Part) -> bool:
    return bool(part.question or part.refusal)


def _row(quotation: Quotation, base: str) -> dict[str, str]:
    citation = quotation.citation
    return {
        "quotation": visible(citation.answer_text),
        "speaker": in_one_line(citation.speaker or ""),
        "role": citation.role or "",
        "section": in_one_line(citation.section),
        "section_title": in_one_line(citation.section_title),
        "lines": "–".join(str(line) for line in dict.fromkeys(quotation.lines)),
        "document": in_one_line(citation.document_title),
        "reference": vancouver(quotation.document),
        "address": base.rstrip("/") + quotation.address,
    }
