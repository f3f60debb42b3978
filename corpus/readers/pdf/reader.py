"""Read a PDF: pages to letters, letters to lines, lines to columns and blocks, blocks to a text with its source."""

import re
import time
from collections.abc import Sequence
from dataclasses import replace

import pypdfium2 as pdfium
from pypdfium2 import raw

from corpus.errors import CorpusError
from corpus.readers.extracted import Extracted, Remark
from corpus.readers.pdf.about import about, attachments_of, fields_of, label_of, outline_of, year_in
from corpus.readers.pdf.blocks import Group, groups_of, looks_of, set_levels
from corpus.readers.pdf.broken import broken_pages
from corpus.readers.pdf.columns import regions_of
from corpus.readers.pdf.furniture import Page, lift_furniture
from corpus.readers.pdf.glyphs import Sheet, take_sheet
from corpus.readers.pdf.hyphens import Hyphens
from corpus.readers.pdf.rows import Line, lines_of_sheet, main_turn
from corpus.readers.pdf.write import Writer, continues

#: Letters of a whole file; more than any book has.
MAX_LETTERS = 20_000_000
_PICTURE = 0.5  # of a page: a picture so large with few letters is a scan
_FEW = 40  # letters
_OCR_PLACE = "a scan, read by a machine"


def read_pdf(content: bytes, *, seconds: float | None = None) -> tuple[Extracted, list[int]]:
    """Read a PDF; give with it where the lines of the pages begin in its text.

    With `seconds` (of a processor), pages for which there is no time are left and named.

    Raises:
        CorpusError: it is protected by a password, is no PDF that can be opened, or holds no letters.
    """
    until = time.process_time() + seconds if seconds else None
    document = _opened(content)
    try:
        return _Reading(document, content, until).read()
    finally:
        document.close()


def _opened(content: bytes) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise CorpusError(
                "it is protected by a password. Open it with the password, save or print it to a new PDF without "
                "one, and add that."
            ) from None
        if "security" in str(error).lower():
            raise CorpusError(
                "it is encrypted in a way that cannot be read here. Print it to a new PDF, and add that."
            ) from None
        raise CorpusError(
            "it is damaged and cannot be opened. Open it in a PDF reader, save it as a new file, and add that."
        ) from None
    if len(document) == 0:
        document.close()
        raise CorpusError("it has no pages that can be read. Save it as a new file, and add that.")
    return document


class _Reading:
    """One reading of one file, and what must be said about it."""

    def __init__(self, document: pdfium.PdfDocument, content: bytes, until: float | None) -> None:
        self.document = document
        self.content = content
        self.until = until
        self.remarks: list[Remark] = []
        self.pages: list[Page] = []
        self.broken: list[int] = []
        self.pictures: list[int] = []
        self.scans: list[int] = []
        self.garbled: list[int] = []
        self.empty: list[int] = []
        self.late: list[int] = []
        self.comments = 0

    def read(self) -> tuple[Extracted, list[int]]:
        """Read every page, then say what was not read."""
        xfa = self.document.get_formtype() in (raw.FORMTYPE_XFA_FULL,)
        self._take_pages()
        self._look_for_broken_streams()
        self._remark_pages()
        if not any(page.lines for page in self.pages):
            raise CorpusError(self._why_nothing(xfa))
        lift_furniture(self.pages)
        for page in self.pages:
            label = label_of(self.document, page.sheet.number - 1)
            page.label = page.label or label
        return self._written()

    def _take_pages(self) -> None:
        letters = 0
        form = self._form()
        for at in range(len(self.document)):
            if (self.until and time.process_time() > self.until) or letters > MAX_LETTERS:
                self.late.append(at + 1)
                continue
            try:
                page = self.document[at]
            except pdfium.PdfiumError:
                self.broken.append(at + 1)
                continue
            try:
                sheet = take_sheet(page, at + 1)
                fields = list(fields_of(page, form, at + 1))
            except (pdfium.PdfiumError, ValueError):
                self.broken.append(at + 1)
                continue
            finally:
                page.close()
            self.comments += sum(one is None for one in fields)
            letters += len(sheet.glyphs)
            self._add(sheet, [one for one in fields if one is not None])

    def _form(self) -> object:
        """Open the form of the file, where it has one that can be read."""
        try:
            if self.document.get_formtype() == raw.FORMTYPE_NONE:
                return None
            self.document.init_forms()
        except (pdfium.PdfiumError, RuntimeError, OSError):
            return None
        return self.document.formenv.raw if self.document.formenv else None

    def _add(self, sheet: Sheet, fields: list[Line]) -> None:
        """Make a page of a sheet, and sort out what kind of page it is."""
        number = sheet.number
        seen = [glyph for glyph in sheet.glyphs if not glyph.style.hidden]
        hidden = len(sheet.glyphs) - len(seen)
        scan = sheet.picture_share > _PICTURE and hidden > max(len(seen), _FEW)
        if scan:
            self.scans.append(number)
        elif hidden:
            sheet.glyphs = seen
        if sheet.unreadable > max(20, 0.3 * len(sheet.glyphs)):
            self.garbled.append(number)
            sheet.glyphs = [glyph for glyph in sheet.glyphs if not "\ue000" <= glyph.text < "\uf900"]
        turn = main_turn(sheet)
        if turn:
            _turn_upright(sheet, turn)
        lines = lines_of_sheet(sheet)
        page = Page(sheet, _with_fields(lines, fields))
        for other in {glyph.style.turn for glyph in sheet.glyphs} - {0}:  # printing marks, labels of axes
            page.furniture += lines_of_sheet(sheet, turn=other)
        self.pages.append(page)
        words = sum(len(line.text) for line in page.lines)
        if words < _FEW and (sheet.picture_share > _PICTURE or (not words and sheet.drawn > 200)):
            self.pictures.append(number)
        elif not words and not sheet.objects:
            self.empty.append(number)

    def _look_for_broken_streams(self) -> None:
        seconds = 2.0 if self.until is None else max(0.5, min(2.0, self.until - time.process_time()))
        for number in broken_pages(self.content, seconds):
            if number not in self.broken and number <= len(self.document):
                self.broken.append(number)
        self.broken.sort()

    def _remark_pages(self) -> None:
        again = "Open the file in a PDF reader, save it as a new file, and add that."
        self._remark("pages_without_text", self.pictures, "a picture and needs OCR", "pictures and need OCR")
        self._remark("broken_pages", self.broken, "broken", "broken", f"What could be read of it was. {again}")
        self._remark(
            "letters_unknown",
            self.garbled,
            "written in letters that the file does not explain",
            "written in letters that the file does not explain",
            "Words are missing there. Ask for another copy, or let OCR read it.",
        )
        self._remark("out_of_time", self.late, "not read", "not read", "The time for one file ran out. Allow more.")
        self._remark(
            "ocr_text",
            self.scans,
            "a scan",
            "scans",
            "The words are those that OCR once found there; they may hold wrong letters.",
            partly=False,
        )
        if names := attachments_of(self.document):
            count = "1 file is" if len(names) == 1 else f"{len(names)} files are"
            named = f"{count} attached and not read: {', '.join(names[:10])}. Save what you need, and add it."
            self.remarks.append(Remark(code="attachments", text=named, partly=True))
        if self.comments:
            count = "1 comment is" if self.comments == 1 else f"{self.comments} comments are"
            self.remarks.append(Remark(code="comments", text=f"{count} not part of the text."))

    def _remark(
        self, code: str, numbers: list[int], one: str, many: str, advice: str = "", *, partly: bool = True
    ) -> None:
        """Say what is the matter with some pages, if there are any."""
        if numbers:
            what = f"is {one}" if len(numbers) == 1 else f"are {many}"
            words = f"{listed(numbers, len(self.document))} {what}. {advice}".strip()
            self.remarks.append(Remark(code=code, text=words[0].upper() + words[1:], partly=partly))

    def _why_nothing(self, xfa: bool) -> str:
        if xfa:
            return "it is a form of the kind XFA, whose words no page holds. Print it to a new PDF, and add that."
        if self.pictures:
            return (
                "all of its pages are pictures. Let OCR read them (most scanners and PDF programs can), and add that."
            )
        if self.garbled:
            return "its letters cannot be told: the file does not explain its fonts. Ask for another copy, or use OCR."
        if self.broken:
            return "its pages are broken. Open it in a PDF reader, save it as a new file, and add that."
        if self.late:
            return "no page could be read in the time for one file. Add a smaller part of it, or allow more time."
        return "it holds no words. Look whether it is the right file."

    def _written(self) -> tuple[Extracted, list[int]]:
        by_page = [regions_of(page.lines, page.sheet.rules) for page in self.pages]
        looks = looks_of(by_page)
        groups: list[list[Group]] = [
            groups_of(regions, looks, page.sheet.height) for regions, page in zip(by_page, self.pages, strict=True)
        ]
        set_levels([one for page in groups for one in page], outline_of(self.document))
        numbers = {
            page.sheet.number: {one.number for one in found if one.kind == "note" and one.number is not None}
            for page, found in zip(self.pages, groups, strict=True)
        }
        hyphens = Hyphens(line.text for page in self.pages for line in page.lines)
        writer = Writer(self.pages, hyphens, numbers)
        for number in self.scans:
            writer.say_of(number, _OCR_PLACE)
        for group in _flowing(groups):
            writer.write(group)
        writer.close()
        out = writer.out
        text = "".join(out.text)
        ends = next((spot.start for spot in out.spots if (spot.page or 0) > 2), len(text))
        said = about(self.document)
        found = Extracted(
            format="pdf",
            source="".join(out.source),
            text=text,
            pieces=tuple(out.pieces),
            blocks=tuple(out.blocks),
            spots=tuple(out.spots),
            title=said.title or _title(groups),
            authors=said.authors,
            year=year_in(text[:ends]),
            remarks=tuple(self.remarks),
        )
        return found, out.line_starts


def _turn_upright(sheet: Sheet, turn: int) -> None:
    """Turn a page whose words are printed across, so that they stand upright."""
    width, height = sheet.width, sheet.height

    def turned(x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        if turn == 1:  # read from the bottom up
            return height - y1, x0, height - y0, x1
        if turn == 2:
            return width - x1, height - y1, width - x0, height - y0
        return y0, width - x1, y1, width - x0

    def baseline(value: float, old: int) -> float:
        new = (old - turn) % 4
        if old > 3 or new:
            return value
        return value if turn == 1 else height + value if turn == 2 else width + value

    styles = {}
    for glyph in sheet.glyphs:
        glyph.x0, glyph.y0, glyph.x1, glyph.y1 = turned(glyph.x0, glyph.y0, glyph.x1, glyph.y1)
        style = glyph.style
        if id(style) not in styles:
            new = style.turn if style.turn > 3 else (style.turn - turn) % 4
            styles[id(style)] = (style, replace(style, turn=new, baseline=baseline(style.baseline, style.turn)))
        glyph.style = styles[id(style)][1]
    sheet.rules = []
    if turn % 2:
        sheet.width, sheet.height = height, width


def _with_fields(lines: list[Line], fields: list[Line]) -> list[Line]:
    """Set what is filled in behind the words that ask for it, where they stand on one line."""
    for field in fields:
        before = [
            line
            for line in lines
            if line.y0 < field.baseline - 0.2 * field.size < line.y1 + 2 and -3 <= field.x0 - line.x1 < 150
        ]
        if before:
            field.baseline = max(before, key=lambda line: line.x1).baseline
    return [*lines, *fields]


def _flowing(groups: Sequence[list[Group]]) -> list[Group]:
    """Join paragraphs that go on in the next column or on the next page; notes wait for their end."""
    flow: list[Group] = []
    waiting: list[Group] = []
    for page in groups:
        for group in page:
            if group.kind == "note":
                waiting.append(group)
            elif flow and continues(flow[-1], group) and flow[-1].lines[-1] is not group.lines[0]:
                flow[-1].lines += group.lines
                flow[-1].x1 = group.x1
            else:
                flow += [*waiting, group]
                waiting = []
    return [*flow, *waiting]


def _title(groups: Sequence[list[Group]]) -> str:
    """Take the largest heading of the first page for the title."""
    first = [one for one in (groups[0] if groups else []) if one.kind == "heading"]
    if not first:
        return ""
    largest = max(one.lines[0].size for one in first)
    words = " ".join(next(one for one in first if one.lines[0].size == largest).text.split())
    return words if 3 < len(words) < 200 else ""


def listed(numbers: Sequence[int], total: int) -> str:
    """Name pages: "page 3", "pages 3 to 9 and 12"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    named = [f"{run[0]} to {run[-1]}" if len(run) > 2 else " and ".join(map(str, run)) for run in runs]
    if len(numbers) == 1:
        return f"page {numbers[0]} of {total}" if total > 1 else "page 1"
    words = ", ".join(named)
    return "pages " + re.sub(r", (?=[^,]*$)", " and ", words) if " and " not in words else f"pages {words}"
