"""Write a sheet as a Word file: a title, real headings and quotations, in reading order; cards in a table to be cut."""

import io
from datetime import UTC, datetime

import docx
from docx.document import Document as WordFile
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import _Cell

from assistant.quoting.visible import in_one_line, visible
from assistant.room.exports.sheets import Block, Sheet

_BLACK = RGBColor(0, 0, 0)
_LANGUAGE = "en-GB"


def write_word(sheet: Sheet) -> bytes:
    """Write a sheet as the bytes of a DOCX file."""
    file = docx.Document()
    _set_up(file, sheet)
    file.add_heading(in_one_line(sheet.title), level=1)
    cards: list[Block] = []
    for block in (*sheet.blocks, Block("break")):
        if block.kind == "card":
            cards.append(block)
            continue
        _add_cards(file, cards, columns=1 if sheet.layout == "large" else 2)
        cards = []
        _add(file, block)
    written = io.BytesIO()
    file.save(written)
    return written.getvalue()


def _add(file: WordFile, block: Block) -> None:
    if block.kind == "heading":
        file.add_heading(in_one_line(block.text), level=block.level)
    elif block.kind == "text":
        file.add_paragraph(visible(block.text))
    elif block.kind == "item":
        file.add_paragraph(visible(block.text), style="List Bullet")
    elif block.kind == "line":
        file.add_paragraph("_" * 70)
    elif block.kind == "mat":
        paragraph = file.add_paragraph()
        run = paragraph.add_run(in_one_line(block.text))
        run.bold, run.font.size = True, Pt(28)
    elif block.kind == "quote":
        words = file.add_paragraph(visible(block.text), style="Quote")
        words.paragraph_format.keep_with_next = True
        file.add_paragraph(in_one_line(f"{block.by} {block.reference}".strip()))


def _add_cards(file: WordFile, cards: list[Block], columns: int) -> None:
    """Add cards as cells with dashed borders, which are where to cut."""
    if not cards:
        return
    table = file.add_table(rows=-(-len(cards) // columns), cols=columns)
    for number, card in enumerate(cards):
        cell = table.cell(number // columns, number % columns)
        _cut_lines(cell)
        words = cell.paragraphs[0]
        words.add_run(visible(card.text)).font.size = Pt(22 if columns == 1 else 12)
        by = cell.add_paragraph(in_one_line(card.by))
        by.runs[0].font.size = Pt(14 if columns == 1 else 10)
        if card.reference:
            cell.add_paragraph().add_run(in_one_line(card.reference)).font.size = Pt(8)
    for row in table.rows:
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))


def _cut_lines(cell: _Cell) -> None:
    borders = OxmlElement("w:tcBorders")
    for side in ("top", "left", "bottom", "right"):
        line = OxmlElement(f"w:{side}")
        line.set(qn("w:val"), "dashed")
        line.set(qn("w:sz"), "6")
        line.set(qn("w:color"), "000000")
        borders.append(line)
    cell._tc.get_or_add_tcPr().append(borders)


def _set_up(file: WordFile, sheet: Sheet) -> None:
    section = file.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(1.5 if sheet.layout != "plain" else 2.5)
    section.top_margin = section.bottom_margin = Cm(1.5 if sheet.layout != "plain" else 2.5)
    for language in file.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), _LANGUAGE)
    normal = file.styles["Normal"]
    normal.font.size, normal.font.color.rgb = Pt(13), _BLACK
    for level in (1, 2, 3):
        file.styles[f"Heading {level}"].font.color.rgb = _BLACK
    quote = file.styles["Quote"]
    quote.font.italic, quote.font.color.rgb = False, _BLACK
    about = file.core_properties
    about.title, about.subject = in_one_line(sheet.title), ""
    about.author = about.last_modified_by = "coproduce"
    about.comments, about.keywords, about.language = "", "", _LANGUAGE
    about.created = about.modified = datetime(2000, 1, 1, tzinfo=UTC)  # no time of day
