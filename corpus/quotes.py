"""Find attributed quotations: words in quotation marks, at the start of a line, with a speaker's label after them.

Closing marks are printed in several ways and labels may stand on the next line or be broken over two, so a quotation
is found from its two sure ends: the opening mark that begins a line, and the first speaker's label after it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from corpus.lines import Line
from corpus.manifest import ReaderSettings
from corpus.schema import Document, Kind, Quote, Role, Speaker
from corpus.speakers import label_pattern, speaker_of

_OPENING = "“"
_LONGEST = 60  # lines; a stray opening mark must not swallow the rest of a document


@dataclass(frozen=True)
class QuoteMarks:
    """Where a quotation stands in the source: its words, its label, and the lines they take up."""

    slices: list[tuple[int, int]]
    words: tuple[int, int]
    label: tuple[int, int]
    label_as_printed: str
    speaker: Speaker
    last_line: int


def find_quote(
    source: str, lines: list[Line], index: int, settings: ReaderSettings, is_heading: Callable[[Line], bool]
) -> QuoteMarks | None:
    """Find the attributed quotation that begins on the line at `index`, if one does."""
    first = lines[index]
    if not first.text.startswith(_OPENING) or not settings.speakers:
        return None
    pattern = label_pattern(settings.speakers)
    for last in range(index, min(index + _LONGEST, len(lines))):
        line = lines[last]
        if last > index and (line.text.startswith(_OPENING) or is_heading(line)):
            return None
        if line.text and not lines[last - 1].text and last > index and not _goes_on(line, pattern):
            return None  # a new paragraph: its label, if it has one, is not this quotation's
        match = pattern.search(source, first.start, line.end)
        if match is None:
            continue
        speaker = speaker_of(match["label"], settings.speakers)
        if speaker is None:
            return None
        opening = first.start + len(_OPENING)
        closing = max(source.rfind(mark, opening, match.start()) for mark in settings.closing_marks)
        end = closing if closing > opening else match.start()
        words = source[opening:end]
        return QuoteMarks(
            slices=[(one.start, one.end) for one in lines[index : last + 1] if one.text],
            words=(opening + len(words) - len(words.lstrip()), opening + len(words.rstrip())),
            label=match.span(),
            label_as_printed=" ".join(match.group().split()),
            speaker=speaker,
            last_line=last,
        )
    return None


def _goes_on(line: Line, pattern: re.Pattern[str]) -> bool:
    """Tell whether a line after an empty one belongs to the quotation before: it starts small, or with a label."""
    return line.text[0].islower() or bool(pattern.match(line.text))


def find_inline_phrases(text: str, taken: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Find words in double quotation marks outside the attributed quotations, as spans without the marks."""
    position = 0
    while (opening := text.find(_OPENING, position)) >= 0:
        inside = next(((start, end) for start, end in taken if start <= opening < end), None)
        closing = text.find("”", opening)
        if inside:
            position = inside[1]
        elif closing < 0:
            return
        else:
            yield opening + 1, closing
            position = closing


def quotes_of(
    document: Document, *, role: Role | None = None, speaker: str | None = None, section: str | None = None
) -> list[Quote]:
    """List a document's quotations in reading order, narrowed to a role, speaker or section where one is given."""
    return [
        Quote(
            quoted_text=passage.text,
            speaker=passage.speaker or "",
            label_as_printed=passage.label_as_printed or "",
            role=passage.role or "",
            section=passage.section,
            section_title=passage.section_title,
            lines=passage.lines,
            document_id=document.id,
            passage_id=passage.id,
        )
        for passage in document.passages
        if passage.kind is Kind.INTERVIEW
        and (role is None or passage.role == role)
        and (speaker is None or passage.speaker == speaker)
        and (section is None or passage.is_in(section))
    ]
