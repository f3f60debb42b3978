"""Guards the references: each format against one written by hand, and against any text in its fields."""

import html
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.quoting.export.collect import Collection, ExportedTurn, Item, collect_items, collect_turns
from assistant.quoting.export.references import split_name, vancouver, write_bibtex, write_ris, write_vancouver
from assistant.quoting.visible import in_one_line
from corpus.errors import CoproduceError
from corpus.schema import Document
from tests.documents import make_document

DAY = date(2026, 12, 3)
ANYTHING = st.text(min_size=1, max_size=60)
UNTEX = {"textbackslash": "\\", "textbraceleft": "{", "textbraceright": "}", "textasciitilde": "~"}


def collect(*documents: Document) -> Collection:
    """Keep the quote of each document."""
    items = [
        Item(document_id=one.id, passage_id=one.passages[0].id, start=one.passages[0].start, end=one.passages[0].end)
        for one in documents
    ]
    return collect_items(items, documents, DAY)


def said_by_z(report: Document) -> str:
    return in_one_line(next(one.text for one in report.passages if one.speaker == "Public partner Z"))


def kept_from_report(report: Document) -> Collection:
    quote = next(one for one in report.passages if one.speaker == "Public partner Z")
    return collect_items(
        [Item(document_id=report.id, passage_id=quote.id, start=quote.start, end=quote.end)], [report], DAY
    )


def read_bibtex(text: str) -> dict[str, dict[str, list[str]]]:
    """Read entries as BibTeX does, by counting braces and nothing else; a field may be there more than once."""
    entries: dict[str, dict[str, list[str]]] = {}
    for entry in re.finditer(r"^@techreport\{([^,]+),\n", text, re.MULTILINE):
        position, fields = entry.end(), {}
        while text[position] != "}":
            name = re.compile(r"\s*(\w+) = \{").match(text, position)
            assert name, text[position : position + 40]
            depth, end = 1, name.end()
            while depth:
                depth += {"{": 1, "}": -1}.get(text[end], 0)
                end += 1
            fields.setdefault(name[1], []).append(text[name.end() : end - 1])
            position = end + (text[end] == ",")
            position = re.compile(r"\s*").match(text, position).end()  # type: ignore[union-attr]
        entries[entry[1]] = fields
    return entries


def untex(text: str) -> str:
    """Read a field as TeX shows it."""
    shown = {**UNTEX, "textasciicircum": "^"}
    text = re.sub(r"\\(text\w+)\{\}|\\([&%$#_])", lambda found: f"\0{ord(shown.get(found[1]) or found[2])}\0", text)
    text = re.sub(r"[{}]", "", text)
    return re.sub("\0(\\d+)\0", lambda found: chr(int(found[1])), text)


def read_ris(text: str) -> list[dict[str, list[str]]]:
    records: list[dict[str, list[str]]] = [{}]
    for line in filter(None, text.split("\r\n")):
        tag, dash, value = line[:2], line[2:6], line[6:]
        assert dash == "  - " and re.fullmatch(r"[A-Z][A-Z0-9]", tag), line
        if tag == "ER":
            records.append({})
        else:
            records[-1].setdefault(tag, []).append(value)
    assert records.pop() == {}
    return records


def test_vancouver_of_the_report_is_as_written_by_hand(report: Document) -> None:
    assert vancouver(report) == (
        "Johns T, Paylor J, Lovell P, McKevitt C. NIHR INVOLVE report on co-production and public involvement in "
        "research. NIHR INVOLVE; 2017."
    )


@pytest.mark.parametrize(
    ("authors", "publisher", "year", "expected"),
    [
        ((), "", None, "Minutes."),
        (("Ada Okoro",), "", 2020, "Okoro A. Minutes. 2020."),
        (("Jean-Luc van den Berg",), "Us", None, "van den Berg JL. Minutes. Us."),
        (("Okoro, Ada B.",), "Us", 2020, "Okoro AB. Minutes. Us; 2020."),
        (tuple(f"A{n} B{n}" for n in range(7)), "", None, "B0 A, B1 A, B2 A, B3 A, B4 A, B5 A, et al. Minutes."),
    ],
)
def test_vancouver_leaves_out_what_is_not_known(
    authors: tuple[str, ...], publisher: str, year: int | None, expected: str
) -> None:
    assert vancouver(make_document(authors=authors, publisher=publisher, year=year)) == expected


def test_vancouver_file_numbers_documents_and_says_what_is_quoted() -> None:
    other = make_document(title="Diary", document_id="diary")
    assert write_vancouver(collect(make_document(), other)).split("\n")[2:9] == [
        "",
        "References",
        "",
        "1. Okoro A. Minutes. Our Group; 2020.",
        "   Quoted: 1 Minutes, line 3 (Public partner A).",
        "",
        "2. Okoro A. Diary. Our Group; 2020.",
    ]


def test_ris_of_the_report_is_as_written_by_hand(report: Document) -> None:
    (record,) = read_ris(write_ris(kept_from_report(report)))
    assert record.pop("M2")[0].startswith("Made on 3 December 2026 with coproduce. These are exact words: ")
    assert record == {
        "TY": ["RPRT"],
        "AU": ["Johns, Tracey", "Paylor, Jonathan", "Lovell, Peter", "McKevitt, Chris"],
        "TI": ["NIHR INVOLVE report on co-production and public involvement in research"],
        "PB": ["NIHR INVOLVE"],
        "PY": ["2017"],
        "N1": [f"“{said_by_z(report)}” — Public partner Z, B.4.vii Honesty, openness and transparency, lines 997–998"],
    }


def test_bibtex_of_the_report_is_as_written_by_hand(report: Document) -> None:
    entry = read_bibtex(write_bibtex(kept_from_report(report)))["involve-2017"]
    assert entry.pop("about")[0].startswith("Made on 3 December 2026 with coproduce. These are exact words: ")
    assert entry == {
        "author": ["{Johns}, Tracey and {Paylor}, Jonathan and {Lovell}, Peter and {McKevitt}, Chris"],
        "title": ["{NIHR INVOLVE report on co-production and public involvement in research}"],
        "institution": ["NIHR INVOLVE"],
        "year": ["2017"],
        "annote": [
            f"“{said_by_z(report)}” — Public partner Z, B.4.vii Honesty, openness and transparency, lines 997–998"
        ],
    }


def test_each_source_is_one_item_with_a_note_for_each_quotation(report: Document) -> None:
    other = make_document("One.\nTwo.", document_id="diary", title="Diary")
    kept = [*(one for one in report.passages if one.speaker == "Public partner B"), *other.passages]
    items = [Item(document_id=one.document_id, passage_id=one.id, start=one.start, end=one.end) for one in kept]
    # The same words twice are two notes, and a source that is taken up again is the same item.
    collection = collect_items([*items, items[0]], [report, other], DAY)
    first, second = read_ris(write_ris(collection))
    entries = read_bibtex(write_bibtex(collection))
    assert list(entries) == ["involve-2017", "diary"]
    assert (first["TI"], second["TI"]) == (
        ["NIHR INVOLVE report on co-production and public involvement in research"],
        ["Diary"],
    )
    words = [in_one_line(f"“{one.text}” — Public partner B, ") for one in kept if one.speaker == "Public partner B"]
    assert len(words) > 2
    for notes in (first["N1"], [untex(one) for one in entries["involve-2017"]["annote"]]):
        assert [one[: len(start)] for one, start in zip(notes, [*words, words[0]], strict=True)] == [*words, words[0]]
    assert second["N1"] == entries["diary"]["annote"]
    assert second["N1"] == [
        "“One. Two.” — Public partner A, 1 Diary, lines 3–4",
        "It rained. We stayed in. — Diary, 1 Diary, line 6",
    ]
    assert len(first["M2"]) == len(second["M2"]) == len(entries["diary"]["about"]) == 1


@pytest.mark.parametrize(
    ("words", "note"),
    [
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)>"),
        ("</p><!-- <?x", "&lt;/p>&lt;!-- &lt;?x"),
        ("R&D, 1 < 2 & &amp; &#60;b>", "R&D, 1 < 2 & &amp;amp; &amp;#60;b>"),
    ],
)
def test_nothing_in_a_note_for_zotero_is_markup(words: str, note: str) -> None:
    (record,) = read_ris(write_ris(collect(make_document(words))))
    assert record["N1"][0].startswith(f"“{note}” — ")


def test_joiners_stay_and_what_turns_text_is_shown() -> None:
    collection = collect(make_document("می\u200cخواهم co\u00adproduce \u202eno"))
    for written in (write_ris(collection), write_bibtex(collection)):
        assert "“می\u200cخواهم co\u00adproduce ⟦U+202E⟧no” — Public partner A" in written


def test_two_documents_never_share_a_bibtex_key() -> None:
    first, second = make_document(document_id="a b"), make_document(document_id="a_b")
    assert list(read_bibtex(write_bibtex(collect(first, second)))) == ["a-b", "a-b-2"]


@given(title=ANYTHING, speaker=ANYTHING, author=ANYTHING, publisher=ANYTHING, question=ANYTHING)
def test_any_text_stays_inside_its_field(title: str, speaker: str, author: str, publisher: str, question: str) -> None:
    document = make_document("We met.", speaker, title, authors=(author,), publisher=publisher)
    kept = collect(document)
    asked = collect_turns([ExportedTurn(question, None, refused="The report does not say.")], [document], DAY).parts
    both = Collection("Kept", DAY, (*kept.parts, *asked), kept.notes)
    shown = in_one_line(title).removesuffix("(2020)").rstrip() or in_one_line(title)
    (record,) = read_ris(write_ris(both))
    assert record.get("TI", [""]) == [shown]
    assert record.get("PB", [""]) == [in_one_line(publisher)]
    note = in_one_line(f"“We met.” {kept.quotations[0].attribution}")
    assert [html.unescape(one) for one in record["N1"]] == [html.unescape(note)]
    (entry,) = read_bibtex(write_bibtex(both)).values()
    assert set(entry) <= {"author", "title", "institution", "year", "annote", "about"}
    assert [untex(one) for one in entry["title"]] == [shown]
    assert [untex(one) for one in entry.get("institution", [""])] == [in_one_line(publisher)]
    assert [untex(one) for one in entry["annote"]] == [note]
    assert [untex(one)[-24:] for one in entry["about"]] == ["not whether it is right."]


def test_names_are_split_where_people_split_them() -> None:
    assert split_name("Chris McKevitt") == ("McKevitt", "Chris")
    assert split_name("Anna van den Berg") == ("van den Berg", "Anna")
    assert split_name("Okoro, Ada") == ("Okoro", "Ada")
    assert split_name("WHO") == ("WHO", "")


@pytest.mark.parametrize("write", [write_vancouver, write_ris, write_bibtex])
def test_references_to_nothing_are_refused(write: object, report: Document) -> None:
    nothing = collect_turns([ExportedTurn("?", None, refused="No.")], [report], DAY)
    with pytest.raises(CoproduceError, match="nothing is quoted, so there are no references"):
        write(nothing)  # type: ignore[operator]
