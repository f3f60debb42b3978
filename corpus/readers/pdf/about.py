"""What a PDF says of itself and what lies beside its pages: title, authors, outline, fields, attachments."""

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from corpus.readers.pdf.blocks import outline_key
from corpus.readers.pdf.glyphs import View
from corpus.readers.pdf.rows import Line

MAX_OUTLINE = 2_000
MAX_FIELDS = 2_000
_JUNK_TITLE = re.compile(
    r"^(microsoft (word|powerpoint)|untitled|title|document\d*|slide \d|print|layout \d|presentation\d*)\b"
    r"|\.(docx?|indd|pdf|pptx?|qxd|tex|dvi|xlsx?|odt|ai|rtf)\b|^[\w.-]*\d[\w.-]*$|^\W*$",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){1,4}")
_YEAR = re.compile(
    r"(?:©|\(c\)|copyright|published|publication|updated|version|date[d:]?|january|february|march|april|may|june|july"
    r"|august|september|october|november|december)[^\n]{0,30}?\b((?:19|20)\d\d)(?:\s?[-–]\s?((?:19|20)\d\d))?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class About:
    """What a file says of itself, as far as it can be believed."""

    title: str
    authors: tuple[str, ...]


def about(document: pdfium.PdfDocument) -> About:
    """Read title and authors from the file's own notes on itself."""
    try:
        notes = document.get_metadata_dict(skip_empty=True)
    except (pdfium.PdfiumError, ValueError):
        notes = {}
    title = " ".join(_clean(notes.get("Title", "")).split())
    title = "" if _JUNK_TITLE.search(title) or len(title) > 250 or " " not in title else title
    names = re.split(r"\s*(?:;|,(?! ?(?:Jr|PhD|MD)\b)| and | & )\s*", " ".join(_clean(notes.get("Author", "")).split()))
    return About(title, tuple(name for name in names if _NAME.fullmatch(name))[:30])


def _clean(words: str) -> str:
    return "".join(letter for letter in words if letter.isprintable() or letter.isspace())


def year_in(text: str) -> int | None:
    """Find the year of publication where the first pages name it."""
    years = [int(found[2] or found[1]) for found in _YEAR.finditer(text)]
    return max(years) if years and max(years) < 2100 else None


def outline_of(document: pdfium.PdfDocument) -> dict[str, int]:
    """Give the titles of the file's own outline with their levels, from 1."""
    found: dict[str, int] = {}
    try:
        for seen, item in enumerate(document.get_toc(max_depth=6)):
            if seen > MAX_OUTLINE:
                break
            key = outline_key(item.get_title() or "")
            if len(key) > 2:
                found.setdefault(key, item.level + 1)
    except (pdfium.PdfiumError, ValueError, RecursionError):
        return {}
    return found


def attachments_of(document: pdfium.PdfDocument) -> list[str]:
    """Name the files that are attached."""
    names = []
    for at in range(min(document.count_attachments(), 100)):
        try:
            names.append(_clean(document.get_attachment(at).get_name())[:80] or f"file {at + 1}")
        except pdfium.PdfiumError:
            names.append(f"file {at + 1}")
    return names


def label_of(document: pdfium.PdfDocument, at: int) -> str | None:
    """Give the label that the file has for a page, if it has one."""
    try:
        return _clean(document.get_page_label(at)).strip()[:20] or None
    except (pdfium.PdfiumError, ValueError):
        return None


def fields_of(page: pdfium.PdfPage, form: Any, number: int) -> Iterator[Line | None]:
    """Give what is filled into the fields of a page, and typed on it, as lines; None for each comment."""
    view = View(page)
    for at in range(min(raw.FPDFPage_GetAnnotCount(page.raw), MAX_FIELDS)):
        note = raw.FPDFPage_GetAnnot(page.raw, at)
        if not note:
            continue
        try:
            kind = raw.FPDFAnnot_GetSubtype(note)
            if kind == raw.FPDF_ANNOT_WIDGET and form:
                words = _value(form, note)
            elif kind == raw.FPDF_ANNOT_FREETEXT:
                words = _string(lambda buffer, size: raw.FPDFAnnot_GetStringValue(note, b"Contents", buffer, size))  # noqa: B023
            elif kind in (raw.FPDF_ANNOT_TEXT, raw.FPDF_ANNOT_HIGHLIGHT, raw.FPDF_ANNOT_STRIKEOUT):
                words = _string(lambda buffer, size: raw.FPDFAnnot_GetStringValue(note, b"Contents", buffer, size))  # noqa: B023
                if words.strip():
                    yield None
                continue
            else:
                continue
            box = raw.FS_RECTF()
            if words.strip() and raw.FPDFAnnot_GetRect(note, box):
                yield from _lines(words, view.box(box.left, box.bottom, box.right, box.top), number)
        finally:
            raw.FPDFPage_CloseAnnot(note)


def _value(form: Any, note: Any) -> str:
    """Give what a person sees in a field."""
    kind = raw.FPDFAnnot_GetFormFieldType(form, note)
    if kind in (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON):
        return "☒" if raw.FPDFAnnot_IsChecked(form, note) else ""
    if kind in (raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX):
        return _string(lambda buffer, size: raw.FPDFAnnot_GetFormFieldValue(form, note, buffer, size))
    return ""


def _string(ask: Any) -> str:
    """Ask pdfium for a string: once for its length, once for itself."""
    length = ask(None, 0)
    if length <= 2 or length > 200_000:
        return ""
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    ask(buffer, length)
    return bytes(buffer)[: length - 2].decode("utf-16-le", "replace")


def _lines(words: str, box: tuple[float, float, float, float], number: int) -> Iterator[Line]:
    """Set words into a box as a person sees them there."""
    x0, y0, x1, y1 = box
    rows = [" ".join(row.split()) for row in re.split(r"[\r\n]+", _clean(words)) if row.strip()]
    height = (y1 - y0) / max(len(rows), 1)
    size = round(min(max(height * 0.7, 4.0), 10.0), 1)
    for at, row in enumerate(rows):
        top = y0 + at * height
        base = top + height / 2 + 0.35 * size
        right = min(x1, x0 + 0.5 * size * len(row))
        yield Line(number, x0, right, base - 0.8 * size, base + 0.2 * size, base, size, False, row)
