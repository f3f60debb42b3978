"""Take the letters off a page of a PDF, each with its place as the page is seen: turned upright, from the top down."""

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

#: More letters than this on one page are no page that anybody reads.
MAX_GLYPHS = 60_000
#: Of objects (paths, pictures) on a page, so many are looked at.
MAX_OBJECTS = 5_000
#: The turn of letters that stand at no right angle: a mark across the page.
SLANTED = 5
_HIDDEN = 3  # text render mode: neither filled nor stroked
_SAME_PLACE = 0.12  # of the size: a letter printed twice, a little apart, is a bold one


@dataclass(frozen=True, slots=True)
class Style:
    """What a run of letters looks like. `turn` is in quarters of a turn, counted with the page as it is seen."""

    font: str
    size: float
    bold: bool
    turn: int
    hidden: bool
    furniture: bool  # marked as page furniture by the program that wrote the file
    baseline: float


@dataclass(slots=True)
class Glyph:
    """A letter with its box on the upright page, in points from the top left."""

    text: str
    x0: float
    x1: float
    y0: float
    y1: float
    style: Style
    space: bool  # a space stands before it


@dataclass
class Sheet:
    """A page as it is seen: its letters in the order of the file, its rules and pictures."""

    number: int
    width: float
    height: float
    glyphs: list[Glyph] = field(default_factory=list)
    rules: list[tuple[float, float, float]] = field(default_factory=list)  # x0, x1, y of lines across
    picture_share: float = 0.0  # of the page, under the largest picture
    drawn: int = 0  # how many paths there are
    unreadable: int = 0  # letters whose font does not say what they are
    objects: int = 0


class View:
    """Turns the file's coordinates into those of the page as it is seen."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        left, bottom, right, top = page.get_cropbox(fallback_ok=True)
        media = page.get_mediabox(fallback_ok=True) or (0, 0, 612, 792)
        self.left, self.right = sorted((max(left, media[0]), min(right, media[2])))
        self.bottom, self.top = sorted((max(bottom, media[1]), min(top, media[3])))
        self.turns = (page.get_rotation() // 90) % 4
        across, down = self.right - self.left, self.top - self.bottom
        self.width, self.height = (down, across) if self.turns % 2 else (across, down)

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """Give x0, y0, x1, y1 from the top left of the page as it is seen."""
        xa, ya = self.point(left, bottom)
        xb, yb = self.point(right, top)
        return min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Give where a point stands, from the top left of the page as it is seen."""
        if self.turns == 0:
            return x - self.left, self.top - y
        if self.turns == 1:
            return y - self.bottom, x - self.left
        if self.turns == 2:
            return self.right - x, y - self.bottom
        return self.top - y, self.right - x


def take_sheet(page: pdfium.PdfPage, number: int) -> Sheet:
    """Take the letters, rules and pictures off a page. Raises PdfiumError where the page is broken."""
    view = View(page)
    sheet = Sheet(number, view.width, view.height)
    text = page.get_textpage()
    try:
        sheet.glyphs = list(_glyphs(text, view, sheet))
    finally:
        text.close()
    _look_at_objects(page, view, sheet)
    return sheet


def _glyphs(text: pdfium.PdfTextPage, view: View, sheet: Sheet) -> Iterator[Glyph]:
    handle = text.raw
    count = min(raw.FPDFText_CountChars(handle), MAX_GLYPHS)
    box, matrix = raw.FS_RECTF(), raw.FS_MATRIX()
    box_at, matrix_at = ctypes.byref(box), ctypes.byref(matrix)
    styles: dict[int, Style] = {}
    space, half, upright, left, top = False, 0, view.turns == 0, view.left, view.top
    code_of, box_of, object_of = raw.FPDFText_GetUnicode, raw.FPDFText_GetLooseCharBox, raw.FPDFText_GetTextObject
    address = ctypes.addressof
    before: Glyph | None = None
    place = (0.0, 0.0, 0.0)
    for index in range(count):
        code = code_of(handle, index)
        if code in (32, 10, 13, 9, 0xA0, 0x200B) or (0x2000 <= code <= 0x200A):
            space = True
            continue
        if 0xD800 <= code < 0xDC00:
            half = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((half - 0xD800) << 10) + (code - 0xDC00) if half else 0xFFFD
        half = 0
        if code in (0, 0xFFFD, 0xFFFE, 0xFFFF) or 0xE000 <= code < 0xF900 or (code < 32 and code != 2):
            sheet.unreadable += 1
            if not 0xE000 <= code < 0xF900:
                continue
        if not box_of(handle, index, box_at):
            continue
        found = object_of(handle, index)
        key = address(found.contents) if found else 0
        style = styles.get(key)
        if style is None:
            style = styles[key] = _style(handle, index, found, view, matrix, matrix_at)
        if upright:
            x0, x1, y0, y1 = box.left - left, box.right - left, top - box.top, top - box.bottom
        else:
            x0, y0, x1, y1 = view.box(box.left, box.bottom, box.right, box.top)
        letter = "-" if code == 2 else chr(code)
        glyph = Glyph(letter, x0, x1, y0, y1, style, space)
        if before and before.style is style:
            if (x0, x1, y0) == place:  # the next letter of a ligature
                glyph.x0 = glyph.x1
        elif before and before.text == letter and _twice(before, glyph):
            continue
        place = (x0, x1, y0)
        yield glyph
        before, space = glyph, False


def _twice(before: Glyph, glyph: Glyph) -> bool:
    """Tell whether a letter was printed again over itself, to look bold or to throw a shadow."""
    near = _SAME_PLACE * max(glyph.style.size, 1)
    return abs(before.x0 - glyph.x0) < near and abs(before.y0 - glyph.y0) < near


def _style(handle: Any, index: int, found: Any, view: View, matrix: Any, matrix_at: Any) -> Style:
    """Read what a text object looks like, once for all of its letters."""
    size, turn = raw.FPDFText_GetFontSize(handle, index), 0
    if raw.FPDFText_GetMatrix(handle, index, matrix_at):
        size *= math.hypot(matrix.c, matrix.d) or math.hypot(matrix.a, matrix.b) or 1
        turn = round(math.degrees(math.atan2(matrix.b, matrix.a)) / 90) - view.turns
        slanted = abs(math.degrees(math.atan2(matrix.b, matrix.a)) / 90 - (turn + view.turns)) > 0.1
        turn = SLANTED if slanted else turn % 4
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(handle, index, x, y)
    across, down = view.point(x.value, y.value)
    baseline = {0: down, 1: across, 2: -down, 3: -across}.get(turn, down)
    font = _font_name(handle, index)
    weight = raw.FPDFText_GetFontWeight(handle, index)
    bold = weight >= 600 or any(word in font.lower() for word in ("bold", "black", "heavy", "semibold", "-demi"))
    mode = raw.FPDFTextObj_GetTextRenderMode(found) if found else 0
    return Style(
        font, max(abs(size), 0.1), bold, turn, mode == _HIDDEN, bool(found) and _is_marked_furniture(found), baseline
    )


def _font_name(handle: Any, index: int) -> str:
    flags = ctypes.c_int()
    buffer = ctypes.create_string_buffer(128)
    raw.FPDFText_GetFontInfo(handle, index, buffer, 128, flags)
    return buffer.value.decode("utf-8", "replace").split("+")[-1]


def _is_marked_furniture(found: Any) -> bool:
    """Tell whether the writing program marked text as `Artifact`: a running head, a page number."""
    for at in range(min(raw.FPDFPageObj_CountMarks(found), 8)):
        mark = raw.FPDFPageObj_GetMark(found, at)
        length = ctypes.c_ulong()
        buffer = (ctypes.c_ushort * 32)()
        if mark and raw.FPDFPageObjMark_GetName(mark, buffer, 64, length):
            name = bytes(buffer)[: max(length.value - 2, 0)].decode("utf-16-le", "replace")
            if name == "Artifact":
                return True
    return False


def _look_at_objects(page: pdfium.PdfPage, view: View, sheet: Sheet) -> None:
    """Find the rules of tables, and how much of the page is a picture."""
    area = max(sheet.width * sheet.height, 1)
    sheet.objects = raw.FPDFPage_CountObjects(page.raw)
    for seen, found in enumerate(page.get_objects(max_depth=4)):
        if seen > MAX_OBJECTS:
            return
        if found.type == raw.FPDF_PAGEOBJ_PATH:
            sheet.drawn += 1
        elif found.type != raw.FPDF_PAGEOBJ_IMAGE:
            continue
        try:
            x0, y0, x1, y1 = view.box(*found.get_bounds())
        except pdfium.PdfiumError:
            continue
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, sheet.width), min(y1, sheet.height)
        if found.type == raw.FPDF_PAGEOBJ_IMAGE:
            sheet.picture_share = max(sheet.picture_share, max(x1 - x0, 0) * max(y1 - y0, 0) / area)
        elif x1 - x0 > 20:
            if y1 - y0 < 3:
                sheet.rules.append((x0, x1, (y0 + y1) / 2))
            else:  # a box's edges are rules too
                sheet.rules += [(x0, x1, y0), (x0, x1, y1)]
