"""Write quotations as slides: one a slide, with a title, its reference, and notes."""

import io
from datetime import UTC, datetime

import pptx
from pptx.presentation import Presentation
from pptx.util import Cm, Pt

from assistant.quoting.visible import in_one_line, visible
from assistant.room.activities import hides_speakers
from assistant.room.exports.sheets import NOT_FOUND, found, whose
from assistant.room.plan import Plan, Step
from assistant.room.quotes import Cut, Quotes


def write_slides(plan: Plan, quotes: Quotes) -> bytes:
    """Write the steps of a plan as the bytes of a PPTX file."""
    file = pptx.Presentation()
    file.slide_width, file.slide_height = Cm(33.867), Cm(19.05)
    _slide(file, plan.title, "", "What is quoted are exact words of the report.")
    for step in plan.steps:
        _slide(file, step.title, step.text, _notes(step), by=whose(step) if step.text else "")
        hidden = hides_speakers(step)
        for number, span in enumerate(step.spans, start=1):
            cut = found(quotes, span)
            if cut is None:
                _slide(file, f"{step.title} ({number})", NOT_FOUND, "")
                continue
            by = "" if hidden and number <= len(step.cards) else cut.attribution
            _slide(file, f"{step.title} ({number})", cut.words, _of(cut), by=by, reference=cut.reference if by else "")
    about = file.core_properties
    about.title, about.author, about.last_modified_by = in_one_line(plan.title), "coproduce", "coproduce"
    about.language = "en-GB"
    about.created = about.modified = datetime(2000, 1, 1, tzinfo=UTC)
    written = io.BytesIO()
    file.save(written)
    return written.getvalue()


def _slide(file: Presentation, title: str, words: str, notes: str, *, by: str = "", reference: str = "") -> None:
    slide = file.slides.add_slide(file.slide_layouts[1])
    wide = file.slide_width - Cm(4)
    title_box, body = slide.shapes.title, slide.placeholders[1]
    for box, top, height in ((title_box, Cm(0.8), Cm(2.6)), (body, Cm(3.8), Cm(11.4))):
        box.left, box.top, box.width, box.height = Cm(2), top, wide, height
    title_box.text_frame.text = in_one_line(title)
    body.text_frame.text = visible(words)
    body.text_frame.word_wrap = True
    size = 32 if len(words) < 240 else 24 if len(words) < 480 else 17
    for paragraph in body.text_frame.paragraphs:
        paragraph.font.size = Pt(size)
    if by:
        place = slide.shapes.add_textbox(Cm(2), Cm(15.6), wide, Cm(2.6))
        place.name = "Whose words they are"
        place.text_frame.word_wrap = True
        place.text_frame.text = in_one_line(by)
        place.text_frame.paragraphs[0].font.size = Pt(18)
        if reference:
            line = place.text_frame.add_paragraph()
            line.text, line.font.size = in_one_line(reference), Pt(12)
    slide.notes_slide.notes_text_frame.text = visible(notes)


def _of(cut: Cut) -> str:
    return f"{cut.attribution}\n{cut.reference}\nExact words; said to show what the report says, not that it is right."


def _notes(step: Step) -> str:
    one = step.notes
    minutes = f"Minutes: {one.alone} alone, {one.pairs} in pairs, {one.table} at the table."
    return "\n".join(part for part in (whose(step), one.say, minutes, one.hard, one.care) if part)
