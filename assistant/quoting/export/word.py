"""Write a collection as a Word file: real headings, lists and quotations, in British English; no links or fields."""

import io
from datetime import UTC, datetime, time

import docx
from docx.document import Document as WordFile
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from assistant.quoting.cite import marker
from assistant.quoting.export.collect import Collection, Part, Quotation
from assistant.quoting.export.references import vancouver
from assistant.quoting.visible import in_one_line, visible

_INK = RGBColor(0x1F, 0x2A, 0x2A)
_ACCENT = RGBColor(0x0F, 0x5C, 0x56)
_QUIET = RGBColor(0x4A, 0x57, 0x57)
_LANGUAGE = "en-GB"
ATTRIBUTION_STYLE = "Quote Source"


def write_docx(collection: Collection) -> bytes:
    """Write the collection as the bytes of a DOCX file."""
    file = docx.Document()
    _set_up(file, collection)
    file.add_heading(in_one_line(collection.title), level=1)
    file.add_paragraph(collection.made_on)
    for part in collection.parts:
        _add_part(file, part)
    if collection.documents:
        file.add_heading("References", level=2)
        for document in collection.documents:
            file.add_paragraph(f"{collection.numbers_of(document)}: {vancouver(document)}", style="List Bullet")
    file.add_heading("About these words", level=2)
    for note in collection.notes:
        file.add_paragraph(in_one_line(note), style="List Bullet")
    written = io.BytesIO()
    file.save(written)
    return written.getvalue()


def _add_part(file: WordFile, part: Part) -> None:
    if part.question:
        file.add_heading(in_one_line(part.question), level=2)
    if part.narrowed:
        file.add_paragraph(in_one_line(f"Narrowed to: {part.narrowed}"))
    if part.refusal:
        file.add_paragraph(in_one_line(part.refusal))
    for group in part.groups:
        if group.heading:
            file.add_heading(in_one_line(group.heading), level=3)
        for quotation in group.quotations:
            _add_quotation(file, quotation)
    for notice in part.notices:
        file.add_paragraph(in_one_line(notice), style="List Bullet")


def _add_quotation(file: WordFile, quotation: Quotation) -> None:
    words = file.add_paragraph(style="Quote")
    words.paragraph_format.keep_with_next = True  # with whose words they are
    words.add_run(visible(quotation.words))
    words.add_run(f" {marker(quotation.citation.marker)}").italic = False
    file.add_paragraph(in_one_line(quotation.attribution), style=ATTRIBUTION_STYLE)


def _set_up(file: WordFile, collection: Collection) -> None:
    """Set the page, the language, the styles and what the file says of itself."""
    section = file.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin = section.bottom_margin = Cm(2.5)
    for language in file.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), _LANGUAGE)
    normal = file.styles["Normal"]
    normal.font.size, normal.font.color.rgb = Pt(11), _INK
    for level, points in ((1, 20), (2, 15), (3, 12)):
        heading = file.styles[f"Heading {level}"]
        heading.font.size, heading.font.color.rgb = Pt(points), _ACCENT
    quote = file.styles["Quote"]
    quote.font.italic, quote.font.color.rgb = False, _INK
    quote.paragraph_format.left_indent = Cm(1)
    quote.paragraph_format.space_after = Pt(2)
    source = file.styles.add_style(ATTRIBUTION_STYLE, WD_STYLE_TYPE.PARAGRAPH)
    source.base_style = normal
    source.font.size, source.font.color.rgb = Pt(10), _QUIET
    source.paragraph_format.left_indent = Cm(1)
    source.paragraph_format.space_after = Pt(10)
    about = file.core_properties
    about.title, about.subject = in_one_line(collection.title), "Exact quotations, each with its place"
    about.author = about.last_modified_by = "coproduce"
    about.comments, about.keywords, about.language = "", "", _LANGUAGE
    about.created = about.modified = datetime.combine(collection.made, time(), UTC)
