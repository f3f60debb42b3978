"""Makes PDFs with a real writer, one for each thing that a reader of PDFs must know."""

import io
from collections.abc import Callable, Sequence
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, FloatObject, NameObject
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

FONT, BOLD = "Helvetica", "Helvetica-Bold"
WIDTH, HEIGHT = A4
Draw = Callable[[Canvas], None]


def pdf(*pages: Draw, title: str = "", invariant: int = 1) -> bytes:
    """Write pages, each drawn by a function."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=invariant)
    if title:
        canvas.setTitle(title)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def write(canvas: Canvas, x: float, y: float, lines: Sequence[str], size: float = 10, font: str = FONT) -> float:
    """Write lines one below the other; give where the next would stand."""
    canvas.setFont(font, size)
    for line in lines:
        canvas.drawString(x, y, line)
        y -= 1.2 * size
    return y


def wrapped(words: str, width: float, size: float = 10) -> list[str]:
    """Break words into lines of a width in points."""
    lines, line = [], ""
    for word in words.split():
        longer = f"{line} {word}".strip()
        if stringWidth(longer, FONT, size) > width and line:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line]


def picture(canvas: Canvas) -> None:
    """Cover the page with a picture."""
    from PIL import Image

    image = Image.effect_noise((120, 160), 60).convert("RGB")
    canvas.drawImage(ImageReader(image), 0, 0, WIDTH, HEIGHT)


def changed(content: bytes, change: Callable[[PdfWriter], None]) -> bytes:
    """Change a PDF with pypdf."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def cropped(writer: PdfWriter, box: tuple[float, float, float, float]) -> None:
    """Show only a part of every page."""
    for page in writer.pages:
        page[NameObject("/CropBox")] = ArrayObject([FloatObject(edge) for edge in box])


def turned(writer: PdfWriter, angle: int) -> None:
    """Turn every page."""
    for page in writer.pages:
        page.rotate(angle)


def form(canvas: Canvas, **given: Any) -> None:
    """Write a form: a label, and a field that is filled in."""
    canvas.setFont(FONT, 10)
    canvas.drawString(72, 700, "Name of the lead:")
    canvas.acroForm.textfield(name="lead", value="Ann Lee of Leeds", x=170, y=694, width=200, height=18, **given)
    canvas.drawString(72, 660, "Has it been approved?")
    canvas.acroForm.checkbox(name="ok", checked=True, x=200, y=656, size=14)
