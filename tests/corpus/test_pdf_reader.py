"""Guards how PDFs are read: words, columns, furniture, footnotes, places, and what cannot be read."""

import re
from collections.abc import Callable

import pytest
from reportlab.pdfgen.canvas import Canvas

from corpus.clean import undo_cleaning
from corpus.errors import CorpusError
from corpus.readers.assemble import assemble
from corpus.readers.pdf.hyphens import Hyphens
from corpus.readers.pdf.reader import listed, read_pdf
from corpus.schema import Document
from tests.corpus.pdfs import BOLD, HEIGHT, WIDTH, changed, cropped, form, pdf, picture, turned, wrapped, write

LEFT = "The left column tells how a group of people began to meet each week in the old town hall near the river."
RIGHT = "The right column tells what they decided there, who paid for the tea, and why the meetings ended in spring."
BODY = (
    "People who use services were asked what mattered to them, and their answers shaped the study from the very "
    "start until the report was written. Nobody was paid for their time at first, which many said was unfair. "
)


def read(content: bytes) -> tuple[Document, dict[str, str]]:
    """Read a PDF; give its document and its remarks by their codes."""
    found, _ = read_pdf(content)
    document = assemble(found, document_id="own", name="File name")
    assert undo_cleaning(document) == found.source
    return document, {remark.code: remark.text for remark in found.remarks}


def text_of(content: bytes) -> str:
    document, _ = read(content)
    return "\n".join(passage.text for passage in document.passages)


def body(number: int, *, head: str = "Annual report", label: str | None = None) -> Callable[[Canvas], None]:
    """Give a page with a running head, two paragraphs of its own and its number at the foot."""

    words = BODY.split()
    own = " ".join([*words[number:], *words[:number]])

    def draw(canvas: Canvas) -> None:
        write(canvas, 72, HEIGHT - 40, [head], 8)
        y = write(canvas, 72, HEIGHT - 90, wrapped(f"Page {number} begins here. {own}", 440))
        write(canvas, 72, y - 12, wrapped(f"Then part {number} ends. {own}", 440))
        write(canvas, WIDTH / 2, 30, [label or str(number)], 9)

    return draw


def test_columns_are_read_one_after_the_other_below_a_title_over_both() -> None:
    def page(canvas: Canvas) -> None:
        write(canvas, 72, 760, ["A title that stands over both of the columns of this page"], 16, BOLD)
        left, right = wrapped(LEFT, 190), wrapped(RIGHT, 190)
        for at, (one, other) in enumerate(zip(left, right, strict=False)):  # the file has them line by line
            write(canvas, 72, 720 - 12 * at, [one])
            write(canvas, 310, 720 - 12 * at, [other])
        write(canvas, 72, 720 - 12 * min(len(left), len(right)), left[len(right) :])
        write(canvas, 310, 720 - 12 * min(len(left), len(right)), right[len(left) :])

    document, _ = read(pdf(page))
    assert document.title == "A title that stands over both of the columns of this page"
    assert [one.text for one in document.passages] == [f"{LEFT}\n\n{RIGHT}"]


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("the involve-", "ment of people", "the involvement of people"),
        ("by co-", "production with", "by co-production with"),
        ("for decision-", "making in", "for decision-making in"),
        ("the multi-", "disciplinary team", "the multidisciplinary team"),
        ("in 2010-", "2012 they met", "in 2010-2012 they met"),
        ("an Anglo-", "Saxon word", "an Anglo-Saxon word"),
        ("soft\u00ad", "ware and", "software and"),
    ],
)
def test_word_across_two_lines_is_joined_unless_the_hyphen_belongs(before: str, after: str, joined: str) -> None:
    content = pdf(
        lambda canvas: write(canvas, 72, 700, ["This line is as long as the next of them " + before, after]) and None
    )
    assert text_of(content).endswith(joined)


def test_document_decides_on_its_own_words_before_a_vocabulary_does() -> None:
    assert Hyphens(["a data-base is"]).belongs("data-", "base")
    assert not Hyphens(["a database is"]).belongs("data-", "base")


def test_running_heads_and_page_numbers_are_lifted_and_lead_to_printed_labels() -> None:
    document, _ = read(pdf(*(body(number, label=f"{number + 4}") for number in range(1, 5))))
    words = "\n".join(passage.text for passage in document.passages)
    assert "Annual report" not in words
    assert not re.search(r"^\d+$", words, re.MULTILINE)
    lifted = [one.source_text.strip() for one in document.pieces if one.reason == "furniture"]
    assert lifted == ["Annual report", "5", "Annual report", "6", "Annual report", "7", "Annual report", "8"]
    places = {
        document.text[one.start : one.start + 6]: document.place_of(one.start, one.end) for one in document.passages
    }
    assert [(places[f"Page {n}"].page, places[f"Page {n}"].page_label) for n in range(1, 5)] == [
        (1, "5"), (2, "6"), (3, "7"), (4, "8"),
    ]  # fmt: skip


def test_paragraph_goes_on_over_the_page_and_is_cited_where_its_words_stand() -> None:
    lines = wrapped(BODY * 4, 440)

    def page(part: list[str], number: int) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            write(canvas, 72, 100 + 12 * len(part) if number == 1 else 760, part)
            write(canvas, 300, 30, [f"Page {number} of 2"], 8)

        return draw

    document, _ = read(pdf(page(lines[:5], 1), page(lines[5:], 2)))
    assert " ".join(one.text for one in document.passages) == (BODY * 4).strip()
    end = document.text.rindex("report was written")
    assert (document.place_of(0, 10).page, document.place_of(end, end + 5).page) == (1, 2)
    assert document.place_of(0, end).last_page == 2


def test_line_numbers_in_the_margin_are_lifted() -> None:
    def page(canvas: Canvas) -> None:
        for at, line in enumerate(wrapped(BODY * 3, 400)):
            write(canvas, 40, 760 - 20 * at, [str(at + 1)], 8)
            write(canvas, 72, 760 - 20 * at, [line])

    assert text_of(pdf(page)).replace("\n\n", " ").startswith(BODY.strip())


def test_what_is_turned_or_outside_the_page_is_lifted() -> None:
    def page(canvas: Canvas) -> None:
        write(canvas, 72, 700, wrapped(BODY, 400))
        canvas.saveState()
        canvas.translate(20, 300)
        canvas.rotate(90)
        write(canvas, 0, 0, ["Printed by Smith 12:03"], 7)
        canvas.restoreState()
        write(canvas, 72, 20, ["proof file 7 of 9"], 7)

    content = changed(pdf(page), lambda writer: cropped(writer, (0, 50, WIDTH, HEIGHT)))
    document, _ = read(content)
    assert [one.text for one in document.passages] == [BODY.strip()]
    lifted = {one.source_text.strip() for one in document.pieces if one.reason == "furniture"}
    assert lifted == {"Printed by Smith 12:03", "proof file 7 of 9"}


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_rotated_page_is_read_upright(angle: int) -> None:
    def page(canvas: Canvas) -> None:
        """Draw so that the page reads upright once its viewer has turned it."""
        canvas.translate(*{90: (500, 100), 180: (500, 700), 270: (100, 700)}[angle])
        canvas.rotate(angle)
        write(canvas, 0, 0, wrapped(BODY, 400))

    assert text_of(changed(pdf(page), lambda writer: turned(writer, angle))) == BODY.strip()
    assert text_of(pdf(page)) == BODY.strip()  # words printed across a page that nothing turns


def test_footnote_stands_apart_and_its_mark_is_lifted() -> None:
    def page(canvas: Canvas) -> None:
        write(canvas, 72, 700, ["People were asked what mattered to them"])
        end = 72 + canvas.stringWidth("People were asked what mattered to them", "Helvetica", 10)
        canvas.setFont("Helvetica", 6)
        canvas.drawString(end, 704, "1")
        canvas.setFont("Helvetica", 10)
        canvas.drawString(end + 4, 700, " and they said it.")
        write(canvas, 72, 688, wrapped(BODY, 400))
        canvas.line(72, 110, 200, 110)
        write(canvas, 72, 100, ["1 In two rounds, by post.", "2 Not all of them answered."], 7)

    document, _ = read(pdf(page))
    first, *notes = document.passages
    assert first.text.startswith("People were asked what mattered to them and they said it.")
    assert [(one.note, one.text) for one in notes] == [(1, "In two rounds, by post."), (2, "Not all of them answered.")]
    assert notes[0].lead_in == "People were asked what mattered to them and they said it."


def test_fields_of_a_form_are_read_beside_their_labels() -> None:
    assert text_of(pdf(form)).replace("\n\n", " ") == "Name of the lead: Ann Lee of Leeds Has it been approved? ☒"


def test_ligatures_are_letters_and_lead_back() -> None:
    from pathlib import Path

    import reportlab
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    pdfmetrics.registerFont(TTFont("Vera", Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"))
    document, _ = read(pdf(lambda canvas: write(canvas, 72, 700, ["The ﬁrst ﬂight was ﬁne"], font="Vera") and None))
    assert document.passages[0].text == "The first flight was fine"


def test_table_is_read_by_its_rows() -> None:
    rows = [("Site", "People", "Cost"), ("Leeds", "12", "£300"), ("York", "9", "£210"), ("Hull", "4", "£95")]

    def page(canvas: Canvas) -> None:
        for column, x in enumerate((72, 200, 300)):  # the file has it column by column
            for at, row in enumerate(rows):
                write(canvas, x, 700 - 16 * at, [row[column]])

    (passage,) = read(pdf(page))[0].passages
    assert passage.text.split("\n") == ["\t".join(row) for row in rows]
    assert len(passage.sentences) == 4


def test_headings_make_sections() -> None:
    def page(canvas: Canvas) -> None:
        y = write(canvas, 72, 760, ["Guide to sharing power"], 20, BOLD)
        for title in ("Before you start", "While you work"):
            y = write(canvas, 72, y - 20, [title], 13, BOLD)
            y = write(canvas, 72, y - 6, wrapped(BODY, 440))

    document, _ = read(pdf(page))
    assert [one.path for one in document.passages] == [
        ("Guide to sharing power", "Before you start"), ("Guide to sharing power", "While you work"),
    ]  # fmt: skip


def test_pages_that_are_pictures_are_named_and_the_others_read() -> None:
    document, remarks = read(pdf(body(1), picture, picture, picture, body(5)))
    assert remarks["pages_without_text"] == "Pages 2 to 4 are pictures and need OCR."
    assert [document.place_of(one.start, one.end).page for one in document.passages] == [1, 5]
    with pytest.raises(CorpusError, match="all of its pages are pictures"):
        read_pdf(pdf(picture))


def test_scan_with_hidden_words_is_read_and_marked() -> None:
    def page(canvas: Canvas) -> None:
        picture(canvas)
        words = canvas.beginText(72, 700)
        words.setFont("Helvetica", 10)
        words.setTextRenderMode(3)
        words.textLines(wrapped(BODY, 400))
        canvas.drawText(words)

    document, remarks = read(pdf(page))
    assert document.passages[0].text == BODY.strip()
    assert "OCR" in remarks["ocr_text"]
    assert "machine" in (document.place_of(0, 5).place or "")


def test_attachments_are_named_and_not_read() -> None:
    content = changed(pdf(body(1)), lambda writer: writer.add_attachment("costs.csv", b"a,b") and None)
    assert read(content)[1]["attachments"].startswith("1 file is attached and not read: costs.csv.")


def test_password_is_refused_and_a_file_that_anybody_may_open_is_read() -> None:
    def locked(word: str) -> bytes:
        return changed(pdf(body(1)), lambda writer: writer.encrypt(word, "owner", algorithm="AES-256"))

    with pytest.raises(CorpusError, match=r"protected by a password\. Open it"):
        read_pdf(locked("secret"))
    assert "begins here" in text_of(locked(""))


def test_page_with_a_broken_stream_is_named() -> None:
    whole = pdf(body(1), body(2), body(3))
    plain = changed(whole, lambda writer: [page.compress_content_streams() for page in writer.pages] and None)
    starts = [found.end() for found in re.finditer(rb"/FlateDecode[^\0]{0,200}?stream\r?\n", plain)]
    broken = bytearray(plain)
    broken[starts[1] + 60 : starts[1] + 90] = b"\xff" * 30
    assert "Page 2 of 3 is broken" in read(bytes(broken))[1]["broken_pages"]
    assert "broken_pages" not in read(plain)[1]


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([3], "page 3 of 20"),
        ([3, 4], "pages 3 and 4"),
        ([3, 4, 5, 9], "pages 3 to 5 and 9"),
        ([1, 3, 5], "pages 1, 3 and 5"),
    ],
)
def test_pages_are_listed_in_words(numbers: list[int], said: str) -> None:
    assert listed(numbers, 20) == said


@pytest.mark.parametrize("content", [b"%PDF-1.4", b"%PDF-1.4\n%%EOF", b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj"])
def test_file_that_is_no_whole_pdf_is_refused(content: bytes) -> None:
    with pytest.raises(CorpusError, match=r"[Ss]ave"):
        read_pdf(content)


def test_turns_of_a_transcript_are_quotations() -> None:
    from corpus.readers.read import read_content

    said = ["Interviewer: How did it begin?", "Ann Lee: With tea. We met", "in the hall each week.",
            "Interviewer: And then?",
            "Ann Lee: Then people asked for more.", "Interviewer: Thank you.", "Ann Lee: Not at all."]  # fmt: skip
    found = read_content(pdf(lambda canvas: write(canvas, 72, 700, said) and None), name="a.pdf", document_id="a")
    assert [(one.speaker, one.text) for one in found.document.passages] == [
        ("Interviewer", "How did it begin?"), ("Ann Lee", "With tea. We met in the hall each week."),
        ("Interviewer", "And then?"), ("Ann Lee", "Then people asked for more."), ("Interviewer", "Thank you."),
        ("Ann Lee", "Not at all."),
    ]  # fmt: skip
