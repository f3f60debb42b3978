"""Guards how documents are made of what any reader gives: passages, turns, notes, tables and places."""

import pytest

from corpus.clean import undo_cleaning
from corpus.errors import CorpusError
from corpus.readers.assemble import assemble
from corpus.readers.extracted import Block, BlockKind, Extracted, Spot
from corpus.schema import Document, Kind, Piece

Part = tuple[BlockKind, str] | tuple[BlockKind, str, dict[str, object]]


def found(*parts: Part, spots: tuple[Spot, ...] = (), **more: object) -> Extracted:
    """Write blocks one below the other; of a turn, the name stands before it with a colon."""
    text, blocks = "", []
    for kind, words, *extra in parts:
        given = dict(extra[0]) if extra else {}
        if speaker := given.get("speaker"):
            given |= {"label_start": len(text), "label_end": len(text) + len(str(speaker))}
            text += f"{speaker}: "
        blocks.append(Block.model_validate({"kind": kind, "start": len(text), "end": len(text + words), **given}))
        text += f"{words}\n\n"
    kept = Piece(reason="kept", source_start=0, source_end=len(text), text_start=0)
    return Extracted.model_validate(
        {"format": "pdf", "source": text, "text": text, "pieces": (kept,), "blocks": blocks, "spots": spots, **more}
    )


def document_of(*parts: Part, **more: object) -> Document:
    document = assemble(found(*parts, **more), document_id="own", name="File name")  # type: ignore[arg-type]
    assert all(document.text[one.start : one.end] == one.text for one in document.passages)
    return document


def texts(document: Document) -> list[str]:
    return [passage.text for passage in document.passages]


def test_turns_are_quotations_that_take_in_nothing_of_the_next() -> None:
    document = document_of(
        ("turn", "Who decides? Is it you?", {"speaker": "Interviewer"}),
        ("turn", "We do.", {"speaker": "Ann Lee, carer"}),
        ("turn", "Somebody coughs."),
        ("turn", "Right.", {"speaker": "Ann Lee, carer"}),
    )
    said = [(one.kind, one.speaker, one.text, one.lead_in) for one in document.passages]
    assert said == [
        (Kind.INTERVIEW, "Interviewer", "Who decides? Is it you?", ""),
        (Kind.INTERVIEW, "Ann Lee, carer", "We do.", "Is it you?"),
        (Kind.REPORT, None, "Somebody coughs.", ""),
        (Kind.INTERVIEW, "Ann Lee, carer", "Right.", ""),
    ]
    first = document.passages[0]
    assert document.text[first.label_start : first.label_end] == first.label_as_printed == "Interviewer"
    assert [(one.label, one.role) for one in document.speakers] == [("Interviewer", None), ("Ann Lee, carer", None)]
    assert document.roles == ()


def test_long_turn_is_cut_and_every_part_has_its_speaker() -> None:
    document = document_of(("turn", "It has words in it. " * 90, {"speaker": "Bo"}))
    assert len(document.passages) == 2
    assert {one.speaker for one in document.passages} == {"Bo"}


def test_note_stands_apart_with_the_sentence_that_it_belongs_to() -> None:
    document = document_of(
        ("paragraph", "First one. Second one."),
        ("note", "See Smith.", {"number": 3, "anchor": 22}),
        ("paragraph", "After it."),
    )
    assert texts(document) == ["First one. Second one.", "See Smith.", "After it."]
    note = document.passages[1]
    assert (note.kind, note.note, note.lead_in, note.speaker) == (Kind.FOOTNOTE, 3, "Second one.", None)


def test_rows_stay_rows_and_a_long_table_repeats_its_head() -> None:
    document = document_of(("row", "Site | Cost"), *((("row", f"Site {n} | {'x' * 80}")) for n in range(14)))
    first, second = document.passages
    assert first.text.startswith("Site | Cost")
    assert (first.lead_in, second.lead_in) == ("", "Site | Cost")
    assert [document.text[slice(*span)] for span in first.sentences][:2] == ["Site | Cost", f"Site 0 | {'x' * 80}"]


def test_inner_items_stay_with_the_item_that_they_explain() -> None:
    document = document_of(
        ("paragraph", "We need:"), ("item", "1. tea", {"level": 1}), ("item", "a) green", {"level": 2}),
        ("item", "2. milk", {"level": 1}),
    )  # fmt: skip
    (passage,) = document.passages
    assert passage.is_list
    assert [document.text[slice(*span)] for span in passage.sentences] == ["We need:", "1. tea\n\na) green", "2. milk"]


def test_headings_make_the_path_and_the_title() -> None:
    document = document_of(
        ("heading", "Guide", {"level": 1}), ("heading", "Part", {"level": 2}), ("paragraph", "Words.")
    )
    assert (document.title, document.passages[0].path) == ("Guide", ("Guide", "Part"))
    assert document_of(("paragraph", "Words.")).title == "File name"
    assert document_of(("heading", "Guide", {"level": 1}), ("paragraph", "W."), title="Own title").title == "Own title"


def test_place_has_page_label_time_and_paragraph() -> None:
    spots = (Spot(start=0, page=8, page_label="iv"), Spot(start=7, page=9, page_label="1"))
    document = document_of(
        ("heading", "Title"), ("paragraph", "On nine."), ("paragraph", "Also nine."), ("break", ""), spots=spots
    )
    (passage,) = document.passages
    place = document.place_of(passage.start, passage.end)
    assert (place.page, place.page_label, place.last_page, place.paragraph) == (9, "1", None, 1)
    over = document.place_of(0, passage.end)
    assert (over.page, over.page_label, over.last_page) == (8, "iv", 9)
    assert document.place_of(passage.end - 3, passage.end).paragraph == 2
    timed = document_of(("turn", "Yes.", {"speaker": "A"}), spots=(Spot(start=0, seconds=61.5),))
    assert timed.place_of(3, 7).time == 61.5


def test_paragraphs_of_two_pages_are_not_joined() -> None:
    parts: tuple[Part, ...] = (("paragraph", "One."), ("paragraph", "Two."))
    assert len(document_of(*parts).passages) == 1
    paged = document_of(*parts, spots=(Spot(start=0, page=1), Spot(start=6, page=2)))
    assert [paged.place_of(one.start, one.end).page for one in paged.passages] == [1, 2]


@pytest.mark.parametrize(
    ("parts", "more", "said"),
    [
        ((), {}, "no words"),
        ((("heading", "Only"),), {}, "only headings"),
        ((("paragraph", "***"),), {}, "no words"),
        ((("paragraph", "a"),), {"source": "longer than it", "text": "a"}, "lead back"),
        ((("paragraph", "abc"),), {"blocks": [Block(kind="paragraph", start=0, end=3)] * 2}, "read twice"),
        ((("paragraph", "a\0b"),), {}, "NUL"),
    ],
)
def test_what_cannot_be_cited_is_refused(parts: tuple[Part, ...], more: dict[str, object], said: str) -> None:
    with pytest.raises(CorpusError, match=said):
        document_of(*parts, **more)


def test_pieces_lead_back_to_the_source() -> None:
    source = "in-\nvolve 4\nment"
    pieces = (
        Piece(reason="kept", source_start=0, source_end=2, text_start=0),
        Piece(reason="hyphen", source_start=2, source_end=4, text_start=2, source_text="-\n"),
        Piece(reason="kept", source_start=4, source_end=9, text_start=2),
        Piece(reason="furniture", source_start=9, source_end=12, text_start=7, source_text=" 4\n"),
        Piece(reason="kept", source_start=12, source_end=16, text_start=7),
    )
    one = Extracted(
        format="pdf",
        source=source,
        text="involvement",
        pieces=pieces,
        blocks=(Block(kind="paragraph", start=0, end=11),),
    )
    document = assemble(one, document_id="own", name="n")
    assert (document.passages[0].text, undo_cleaning(document)) == ("involvement", source)
