"""Guards how Word files are read, with files made by python-docx and, for what it cannot make, with XML put into them."""

import io
import re
import zipfile

import pytest
from docx import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.clean import undo_cleaning
from corpus.errors import CorpusError
from corpus.readers import docx
from corpus.readers.assemble import assemble
from corpus.readers.docx_numbering import shown_as
from corpus.readers.extracted import Extracted

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"


def saved(word: object) -> bytes:
    out = io.BytesIO()
    word.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def body(xml: str, parts: dict[str, str] | None = None, namespace: str = W) -> bytes:
    """Make a Word file of the XML of a body; `parts` are further parts by the kind of their relation."""
    out = io.BytesIO()
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    declared = (
        f'xmlns:w="{namespace}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
        'xmlns:v="urn:schemas-microsoft-com:vml"'
    )
    relation = '<Relationship Id="r{0}" Type="{1}/{0}" Target="{2}"/>'
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        package = (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
        )
        main = relation.format("officeDocument", kinds, "word/document.xml")
        file.writestr("_rels/.rels", package.format(main))
        file.writestr("word/document.xml", f"<w:document {declared}><w:body>{xml}</w:body></w:document>")
        others = "".join(relation.format(kind, kinds, f"{kind}.xml") for kind in parts or {})
        file.writestr("word/_rels/document.xml.rels", package.format(others))
        for kind, content in (parts or {}).items():
            file.writestr(f"word/{kind}.xml", f"<w:{kind} {declared}>{content}</w:{kind}>")
    return out.getvalue()


def p(words: str, properties: str = "") -> str:
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}<w:r><w:t>{words}</w:t></w:r></w:p>"


def read(content: bytes) -> Extracted:
    """Read a file and hold what every reader promises against what it gives."""
    found = docx.read(content, "a.docx")
    position = 0
    for block in found.blocks:
        assert position <= block.start <= block.end
        position = block.end
    if any(re.search(r"\w", found.text[one.start : one.end]) for one in found.blocks if one.kind != "heading"):
        assert undo_cleaning(assemble(found, document_id="a", name="a")) == found.source
    return found


def shown(found: Extracted) -> list[tuple[str, int, str]]:
    return [
        (one.kind, one.level, found.text[one.start : one.end].strip()) for one in found.blocks if one.kind != "break"
    ]


def codes(found: Extracted) -> list[str]:
    return [one.code for one in found.remarks]


def test_headings_lists_tables_and_title_of_a_real_writer() -> None:
    word = WordDocument()
    word.add_heading("Guidance", 0)
    word.add_heading("Scope", 1)
    para = word.add_paragraph("Public in")
    para.add_run("volve").bold = True
    para.add_run("ment matters.")
    word.add_paragraph("first", style="List Number")
    word.add_paragraph("second", style="List Number")
    word.add_paragraph("a point", style="List Bullet")
    table = word.add_table(2, 2)
    for cell, words in zip([c for row in table.rows for c in row.cells], ("Site", "Cost", "Leeds", "£5"), strict=True):
        cell.text = words
    word.core_properties.author = "Ann Lee"
    found = read(saved(word))
    assert shown(found) == [
        ("heading", 1, "Guidance"),
        ("heading", 2, "Scope"),
        ("paragraph", 0, "Public involvement matters."),
        ("item", 1, "1. first"),
        ("item", 1, "2. second"),
        ("item", 1, "a point"),
        ("row", 0, "Site\tCost"),
        ("row", 0, "Leeds\t£5"),
    ]
    assert (found.title, found.authors, found.year, codes(found)) == ("Guidance", ("Ann Lee",), None, [])


NUMBERING = """
<w:abstractNum w:abstractNumId="0">
 <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1."/></w:lvl>
 <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:isLgl/><w:lvlText w:val="%1.%2"/></w:lvl>
 <w:lvl w:ilvl="2"><w:start w:val="3"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="(%3)"/></w:lvl>
</w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="o"/></w:lvl></w:abstractNum>
<w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="6"><w:abstractNumId w:val="0"/>
 <w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>
<w:num w:numId="7"><w:abstractNumId w:val="1"/></w:num>
"""


def test_numbers_are_those_that_word_shows() -> None:
    lists = [(5, 0), (5, 1), (5, 2), (5, 2), (5, 1), (5, 0), (5, 1), (7, 0), (6, 0), (5, 0), (9, 0), (0, 0)]
    xml = "".join(p("x", f'<w:numPr><w:ilvl w:val="{b}"/><w:numId w:val="{a}"/></w:numPr>') for a, b in lists)
    found = read(body(xml, {"numbering": NUMBERING}))
    # Worked out by hand: II restarts what is deeper; list 6 begins anew once; 9 and 0 are no lists.
    expected = ["I. x", "1.1 x", "(c) x", "(d) x", "1.2 x", "II. x", "2.1 x", "x", "I. x", "II. x", "x", "x"]
    assert [words for _, _, words in shown(found)] == expected
    assert [kind for kind, _, _ in shown(found)][-2:] == ["paragraph", "paragraph"]
    forms = ("upperLetter", "lowerRoman", "ordinal", "ordinalText", "decimalZero", "cardinalText")
    assert [shown_as(form, 28) for form in forms] == ["BB", "xxviii", "28th", "Twenty-eighth", "28", "Twenty-eight"]


BOX = "<w:txbxContent><w:p><w:r><w:t>In the box</w:t></w:r></w:p></w:txbxContent>"
TWICE = (
    f'<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{BOX}</wps:txbx></w:drawing></mc:Choice>'
    f"<mc:Fallback><w:pict><v:textbox>{BOX}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>"
)


def test_text_box_is_read_once() -> None:
    found = read(body(f"<w:p><w:r><w:t>Before</w:t></w:r><w:r>{TWICE}</w:r></w:p>{p('After')}"))
    assert [words for _, _, words in shown(found)] == ["Before", "In the box", "After"]
    assert codes(found) == []


def test_changes_are_as_if_accepted_and_deleted_words_never_shown() -> None:
    changes = (
        "<w:p><w:r><w:t>We </w:t></w:r><w:del><w:r><w:delText>never</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>always</w:t></w:r></w:ins><w:r><w:t> ask.</w:t></w:r></w:p>"
        "<w:p><w:moveFrom><w:r><w:t>moved away</w:t></w:r></w:moveFrom><w:moveTo><w:r><w:t>moved here</w:t></w:r></w:moveTo></w:p>"
        "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>Joined </w:t></w:r></w:p>" + p("to this.")
        + "<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>" + p("row gone") + "</w:tc></w:tr><w:tr><w:tc>" + p("row")
        + "</w:tc><w:tc>" + p("stays") + "</w:tc></w:tr></w:tbl>"
    )  # fmt: skip
    found = read(body(changes))
    assert [words for _, _, words in shown(found)] == ["We always ask.", "moved here", "Joined to this.", "row\tstays"]
    assert codes(found) == ["tracked_changes"]
    assert not re.search("never|away|gone", found.source)


def test_notes_stand_apart_and_say_where_their_mark_was() -> None:
    note = (
        '<w:footnote w:id="2">' + p("See Smith.") + '</w:footnote><w:footnote w:id="3">' + p("Unused") + "</w:footnote>"
    )
    end = '<w:endnote w:id="2">' + p("At the end.") + "</w:endnote>"
    xml = (
        '<w:p><w:r><w:t>A sentence</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t> goes on.</w:t></w:r>'
        '<w:r><w:endnoteReference w:id="2"/></w:r></w:p>' + p("More.")
    )
    found = read(body(xml, {"footnotes": note, "endnotes": end}))
    assert shown(found)[0][2] == "A sentence goes on."
    notes = [(one.number, one.anchor, found.text[one.start : one.end]) for one in found.blocks if one.kind == "note"]
    assert notes == [(1, 10, "See Smith."), (1, 19, "At the end.")]
    assert codes(found) == []


def test_comments_hidden_words_placeholders_and_contents_are_no_text() -> None:
    xml = (
        '<w:p><w:pPr><w:pStyle w:val="TOC1"/></w:pPr><w:r><w:t>Scope 3</w:t></w:r></w:p>'
        '<w:p><w:commentRangeStart w:id="0"/><w:r><w:t>Said.</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t> secret words</w:t></w:r></w:p>'
        "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
        + p("Click here to enter text")
        + "</w:sdtContent></w:sdt>"
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> PAGEREF x </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>shown</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )
    styles = '<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>'
    found = read(body(xml, {"styles": styles, "comments": '<w:comment w:id="0">' + p("no") + "</w:comment>"}))
    assert [words for _, _, words in shown(found)] == ["Said.", "shown"]
    assert codes(found) == ["comments", "hidden_text"]
    assert "Scope 3" in found.source  # lifted, so that it can be put back


def test_strict_files_are_read_and_what_is_not_known_is_counted() -> None:
    assert [words for _, _, words in shown(read(body(p("Strict words."), namespace=STRICT)))] == ["Strict words."]
    found = read(body(p("Known.") + "<w:unheardOf>" + p("two words") + "</w:unheardOf>"))
    (gap,) = found.remarks
    assert (gap.code, gap.partly) == ("words_not_read", True)
    assert gap.text.startswith("2 of the 3 words")


def test_short_paragraphs_in_bold_are_headings_where_there_are_no_others() -> None:
    word = WordDocument()
    for words, bold in (("Who we are", True), ("We are a group.", False), ("Ann Lee:", True), ("Bold end.", True)):
        word.add_paragraph().add_run(words).bold = bold
    found = read(saved(word))
    assert [kind for kind, _, _ in shown(found)] == ["heading", "paragraph", "paragraph", "paragraph"]


@pytest.mark.parametrize("table", [False, True])
def test_transcripts_have_their_speakers(table: bool) -> None:
    said = [("INT", "So how was it?"), ("P1", "Good."), ("INT", "Why?"), ("P1", "Because I was asked.")]
    word = WordDocument()
    word.add_paragraph("Aim: to learn")
    if table:
        cells = word.add_table(0, 2)
        for who, words in said:
            row = cells.add_row()
            row.cells[0].text, row.cells[1].text = who, words
    else:
        for who, words in said:
            word.add_paragraph(f"{who}:\t{words}")
    found = read(saved(word))
    turns = [(one.speaker, found.text[one.start : one.end]) for one in found.blocks if one.kind == "turn"]
    assert turns == said
    assert {found.text[one.label_start : one.label_end] for one in found.blocks if one.speaker} == {"INT", "P1"}


def test_damaged_and_hostile_files_are_refused_with_a_reason() -> None:
    good = body(p("x"))
    with pytest.raises(CorpusError, match="no whole Word file"):
        docx.read(good[: len(good) // 2], "a.docx")
    bomb = "<!DOCTYPE w [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>"
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name).decode()
            if name == "word/document.xml":
                content = bomb + content.replace(">x<", ">&b;&b;x<")
            new.writestr(name, content)
    assert "aaaa" not in docx.read(out.getvalue(), "a.docx").source
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr("word/document.xml", b" " * 70_000_000)
    with pytest.raises(CorpusError, match="larger than 60 MB"):
        docx.read(out.getvalue(), "a.docx")


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")), max_size=30)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["Normal", "Heading 1", "List Number", "Title"]), st.lists(WORDS, max_size=4)))
)
def test_whatever_is_written_no_word_is_lost(paragraphs: list[tuple[str, list[str]]]) -> None:
    word = WordDocument()
    for style, runs in paragraphs:
        paragraph = word.add_paragraph(style=style)
        for run in runs:
            paragraph.add_run(run)
    found = read(saved(word))
    there = "".join("".join(runs) for _, runs in paragraphs)
    kept = re.sub(r"\s|(?m:^\d+\. )", "", found.source)
    assert sorted(re.sub(r"\s", "", there)) == sorted(kept) or re.search(r"\d", there)
    assert "words_not_read" not in codes(found)


def test_style_with_numbers_counts_headings() -> None:
    word = WordDocument()
    word.styles.add_style("Clause", WD_STYLE_TYPE.PARAGRAPH).element.append(
        parse_xml(f'<w:pPr {nsdecls("w")}><w:outlineLvl w:val="1"/></w:pPr>')
    )
    word.add_paragraph("Terms", style="Clause")
    word.add_paragraph("Words.")
    assert shown(read(saved(word)))[0] == ("heading", 2, "Terms")
