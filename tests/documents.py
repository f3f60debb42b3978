"""Small documents put together by hand, whose every word, label and title a test chooses."""

from corpus.frozen import content_id
from corpus.schema import Document, Kind, Passage, Piece, Section, Speaker

HEADING = "Words\n\n"


def make_document(
    quote: str = "We met as equals.",
    speaker: str = "Public partner A",
    title: str = "Minutes",
    *,
    written: str = "It rained. We stayed in.",
    authors: tuple[str, ...] = ("Ada Okoro",),
    publisher: str = "Our Group",
    year: int | None = 2020,
    document_id: str = "minutes",
) -> Document:
    """Make a document of a quote by a speaker, and a paragraph of two sentences by its authors.

    The quote stands on line 3 of the source, and the paragraph two lines after the quote ends.
    """
    start = len(HEADING) + 1
    label = start + len(quote) + 2
    text = f"{HEADING}“{quote}” {speaker}\n\n{written}"
    paragraph = len(text) - len(written)
    middle = paragraph + written.find(". ") + 1 if ". " in written else len(text)
    section = Section(id="1", title=title, path=(title,), start=0, end=len(text), heading_start=0, heading_end=5)
    place = {"document_id": document_id, "section": "1", "section_title": title, "path": (title,)}
    line = 3 + quote.count("\n")
    said = Passage(
        id=content_id(document_id, "said"),
        start=start,
        end=start + len(quote),
        text=quote,
        kind=Kind.INTERVIEW,
        lines=(3, line),
        sentences=((start, start + len(quote)),),
        speaker=speaker,
        role="public",
        label_as_printed=speaker,
        label_start=label,
        label_end=label + len(speaker),
        **place,
    )
    own = Passage(
        id=content_id(document_id, "written"),
        start=paragraph,
        end=len(text),
        text=written,
        kind=Kind.REPORT,
        lines=(line + 2, line + 2),
        sentences=((paragraph, middle), (middle + 1, len(text))) if middle < len(text) else ((paragraph, len(text)),),
        **place,
    )
    return Document(
        id=document_id,
        title=title,
        short_title=title,
        authors=authors,
        publisher=publisher,
        year=year,
        licence="",
        url=None,
        reference="",
        sha256="",
        words_sha256="",
        text=text,
        source_characters=len(text),
        source_line_starts=(0, *(at + 1 for at, character in enumerate(text) if character == "\n")),
        pieces=(Piece(reason="kept", source_start=0, source_end=len(text), text_start=0),),
        sections=(section,),
        passages=(said, own),
        speakers=(Speaker(label=speaker, role="public"),),
    )
