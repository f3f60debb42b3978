"""Guards the report's parts: its headings, lists, footnotes and projects, each as a reader finds them by hand."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.clean import undo_cleaning
from corpus.load import LIBRARY, read_manifest
from corpus.manifest import Manifest, NamedHeading, TableSettings
from corpus.readers.report import read_report
from corpus.schema import Document, Kind, Passage

# Every section in reading order, with its title.
SECTIONS = """
Background | Background
Project team | Project team
Timescales | Timescales
Part A | Literature review and concept mapping
A.1 | The literature review had two central aims
A.2 | Findings
A.2.i | Mapping co-production
A.2.ii | Co-production of public services
A.2.iii | Co-production of knowledge
A.2.iv | Varied concepts and practices
A.2.v | How PPI relates to co-production
A.2.vi | Similarities and convergences?
A.2.vii | Differences and divergences?
Part B | The interviews
B.1 | Aim
B.2 | Specific objectives
B.3 | Approach
B.4 | Emergent Themes
B.4.i | The language of co-production
B.4.ii | Co-production as Patient Public Involvement (PPI)
B.4.iii | Equal Power Relations
B.4.iv | Genuine and reciprocal relationships
B.4.v | Shared decision making
B.4.vi | Respect for individual assets and embracing diversity
B.4.vii | Honesty, openness and transparency
B.4.viii | Employing a creative and flexible approach
B.4.ix | Joint production of knowledge and perceived benefits
B.4.x | Ways of working
Summary | Summary and conclusions (Part A & B)
Projects | A few projects referred to in the interviews
"""

# Lines → the words that introduce the list, and each item's first and last words.
LISTS = {
    (62, 71): (
        "Project Team:",
        ["Tracey Johns, … [Part B Interviews]", "Jonathan Paylor, … [Part A Literature review]",
         "Peter Lovell, … [Project Oversight]", "Chris McKevitt, … [Project Oversight]"],
    ),
    (79, 85): (
        "The literature review had two central aims:",
        ["1. To map … defined and applied.", "2. To gauge … literature on co-production."],
    ),
    (212, 227): (
        "However, it’s possible to identify a number of key and common features:",
        ["• Reconfiguring knowledge … of professional expertise.", "• Rebalancing power … dynamics of research.",
         "• Transforming lives: … field under study.", "• Reflexivity: participatory … the research itself."],
    ),
    (241, 257): (
        "Key features include:",
        ["• Presence: countering … groups ‘presence’.", "• Interactive knowledge … jointly produce knowledge.",
         "• Transformative research: … being ‘researched’.", "• Public value: … of public value.",
         "• Reflexivity: reflecting … knowledge production process.", "• Beyond text: … and disseminate research."],
    ),
    (307, 316): (
        "They suggest that co-production is characterised by:",
        ["o A move … within the university", "o A trans disciplinary … non-scientific expertise",
         "o Non-hierarchical, heterogeneously … undertaking research",
         "o An increasing reflexivity … of knowledge production", "o A challenge … 2012: 1132)"],
    ),
    (322, 343): (
        "They discerned five core elements from the literature:",
        ["o Users are regarded … recipients of services", "o There is greater … that of professionals.",
         "o Service users … and mutually beneficial.", "o Users’ increased … to be met.",
         "o The participation … 2016: 3)"],
    ),
    (426, 446): (
        None,
        ["1. Broadly speaking, … and so on).", "2. Co-production and … valid knowledge forms.",
         "3. Discourse of … than passive recipients.", "4. Normative framings … processes and outputs."],
    ),
    (451, 504): (
        None,
        ["1. Co-production is … a research methodology.", "2. Co-production demands … carrying out research.",
         "3. Points one … producing new knowledge.", "4. Co-production opens … policymakers and practitioners).",
         "5. Co-production brings … sense of self-efficacy).", "6. Involving different … control and dominate.",
         "7. Co-production emphasises … is questionable."],
    ),
    (513, 528): (
        "Specific objectives:",
        ["• To explore the rationale … co-production approach", "• To find out … to describe co-production",
         "• To understand how … the various characteristics", "• To identify … conducting co-produced research",
         "• To detail … for co-produced report", "• To understand the perceived … co-produced research",
         "• To listen … and lessons learned", "• To explore views … using co production"],
    ),
    (1263, 1297): (
        "As INVOLVE move on to take this work further, it should consider the following key points:",
        ["• There is … gold standard for PPI.", "• When formulating … exacerbate conceptual confusion.",
         "• While the establishment … ‘gold-standard’ of PPI).", "• The systemic … relationships from the start."],
    ),
}  # fmt: skip

# Number → line, the footnote's words, and the end of the sentence that it belongs to.
FOOTNOTES = {
    1: (
        (36, 36),
        "https://www.nihr.ac.uk/01-archive/get-involved/Going%20the%20extra%20mile%20flyer%2015%207.pdf",
        "should be empowered and supported better to work together in the future.",
    ),
    2: (
        (37, 37),
        "http://www.nesta.org.uk/publications/challenge-co-production",
        "the varied literature and practice from which it has emerged (Nesta 2012).",
    ),
    3: (
        (38, 38),
        "http://www.nesta.org.uk/sites/default/files/public_services_inside_out.pdf",
        "might be used as a starting point for evolving and improving public involvement in research.",
    ),
    4: (
        (551, 553),
        "‘Public partner’ is the term we are using in this document to describe non academic researchers including "
        "people who referred to themselves as service user researchers, patient representatives, public contributors "
        "etc.",
        "in order to gain a ‘pragmatic’ understanding of co-production in research.",
    ),
    5: (
        (554, 554),
        "INVOLVE Co Production Round Table Discussion",
        "the objectives above and emergent themes from the round table discussion.",
    ),
}

# Lines, name, web address, funder: the rows of the table at the report's end.
PROJECTS = [
    (
        (1303, 1307),
        "MOSAICS",
        "https://www.spcr.nihr.ac.uk/PPI/rp/case-studies-final-november-website.pdf",
        "NIHR PGFAR",
    ),
    (
        (1309, 1314),
        "PPI Feedback Cycle",
        "http://www.clahrc-eoe.nihr.ac.uk/2016/05/impact-patient-public-involvement-ppi-completing-feedback-cycle/",
        "CLAHRC",
    ),
    ((1316, 1320), "MSK-HQ", "http://bmjopen.bmj.com/content/6/8/e012331", "Arthritis Research UK"),
    ((1322, 1322), "OPO252-PARE", None, "NIHR"),
    (
        (1324, 1328),
        "Hi-Light Home Interventions and Light therapy for the treatment of vitiligo",
        "http://www.nottingham.ac.uk/research/groups/cebd/projects/2vitiligo/vitiligo-maintrial.aspx",
        "NIHR HTA",
    ),
    (
        (1330, 1338),
        "Shared Decision Making in Psychiatric Medication & Management (The ShIMME study)",
        "http://journals.rcni.com/doi/abs/10.7748/mhp2014.05.17.8.16.e889",
        "Cambridgeshire and Peterborough NHS Foundation Trust (CPFT) and Anglia Ruskin University",
    ),
    (
        (1340, 1343),
        "COCAPP - Collaborative Care Planning Project",
        "https://blogs.city.ac.uk/cocapp/",
        "NIHR HS&DR",
    ),
    (
        (1346, 1350),
        "Early detection to imPRove OutcoMe in people with undiagnosed Psoriatic arThritis (PROMPT)",
        None,
        "NIHR PGfAR",
    ),
    (
        (1353, 1360),
        "The DRINK trial",
        "https://cctu.medschl.cam.ac.uk/Trials/Drink/Drink.htm",
        "PKD Charity/ British Renal Society/ British Kidney Patient Association",
    ),
    (
        (1362, 1366),
        "Supported Communication to Improve Participation in Rehabilitation of people with moderate-severe aphasia "
        "after a first stroke: a pilot study (SCIP-R)",
        None,
        "NIHR RfPB",
    ),
    (
        (1369, 1374),
        "PROMISE (PROactive Management of Integrated Services and Environments)",
        "http://www.clahrc-eoe.nihr.ac.uk/2016/06/reflections-patient-public-involvement-promise-project/",
        "CLAHRC",
    ),
    (
        (1376, 1381),
        "Using co-production to improve patient carer and staff experiences in health care organizations: a "
        "multi-centre, mixed methods evaluation in inpatient stroke units (CREATE)",
        "https://www.journalslibrary.nihr.ac.uk/programmes/hsdr/1311495/#/",
        "NIHR HS&DR",
    ),
    (
        (1383, 1387),
        "SCIP-R (Supported Communication to Improve Participation in Rehabilitation)",
        "http://nspccro.nihr.ac.uk/research-study-results/scip-r",
        "NIHR RFPB",
    ),
]

# Sub-heading → section, first and last line of the passages under it.
SUB_HEADINGS = {
    "Public management theory": ("A.2.ii", 112, 124),
    "Service management theory": ("A.2.ii", 127, 138),
    "The core economy and time banking": ("A.2.ii", 141, 158),
    "UK policy and practice": ("A.2.ii", 160, 174),
    "Science and technology studies": ("A.2.iii", 179, 198),
    "Participatory research": ("A.2.iii", 201, 227),
    "UK research funders": ("A.2.iii", 231, 295),
    "Health research": ("A.2.iii", 299, 343),
    "Getting to know each other": ("B.4.x", 1125, 1143),
    "Preparing the ground and establishing ground rules": ("B.4.x", 1147, 1166),
    "Role descriptions and managing expectations": ("B.4.x", 1170, 1192),
    "Facilitation techniques geared towards breaking down barriers": ("B.4.x", 1197, 1215),
    "Wide support infrastructure": ("B.4.x", 1218, 1235),
    "Role of ‘Guardian of the concept’": ("B.4.x", 1240, 1257),
}


def on_lines(document: Document, lines: tuple[int, int]) -> Passage:
    """Give the one passage that takes up exactly these lines."""
    (found,) = [passage for passage in document.passages if passage.lines == lines]
    return found


def matches_ends(text: str, ends: str) -> bool:
    """Tell whether a text begins and ends with the words on the two sides of " … "."""
    first, last = ends.split(" … ")
    return text.startswith(first) and text.endswith(last)


def test_sections_are_23_numbered_headings_and_seven_named_parts(document: Document) -> None:
    found = [f"{section.id} | {section.title}" for section in document.sections]
    assert found == SECTIONS.strip().splitlines()
    numbered = [section.id for section in document.sections if section.id[:2] in ("A.", "B.")]
    assert len(numbered) == 23
    assert len(document.sections) == 30


def test_sections_follow_each_other_to_the_end_of_the_text(document: Document) -> None:
    edges = [section.start for section in document.sections[1:]]
    assert [section.end for section in document.sections] == [*edges, len(document.text)]
    assert document.sections[0].start == 0
    for passage in document.passages:
        (holder,) = [part for part in document.sections if part.start <= passage.start < part.end]
        assert (holder.id, holder.title) == (passage.section, passage.section_title)
        assert passage.end <= holder.end


def test_heading_glued_to_its_number_is_read(document: Document) -> None:
    (findings,) = [section for section in document.sections if section.id == "A.2"]
    assert document.text[findings.heading_start : findings.heading_end] == "A.2Findings"
    assert document.line_of(findings.heading_start) == 95


def test_path_leads_from_the_part_down(document: Document) -> None:
    paths = {section.id: section.path for section in document.sections}
    assert paths["B.4.iii"] == ("The interviews", "Emergent Themes", "Equal Power Relations")
    assert paths["A.1"] == ("Literature review and concept mapping", "The literature review had two central aims")
    assert paths["Summary"] == ("Summary and conclusions (Part A & B)",)


@pytest.mark.parametrize("title", SUB_HEADINGS)
def test_sub_heading_stands_in_the_path_of_the_passages_under_it(document: Document, title: str) -> None:
    section, first, last = SUB_HEADINGS[title]
    under = [passage for passage in document.passages if passage.path[-1] == title]
    assert {passage.section for passage in under} == {section}
    assert (min(passage.lines[0] for passage in under), max(passage.lines[1] for passage in under)) == (first, last)
    inside = [p for p in document.passages if p.section == section and first <= p.lines[0] and p.lines[1] <= last]
    assert inside == under


def test_lists_are_the_ten_of_the_report(document: Document) -> None:
    assert [passage.lines for passage in document.passages if passage.is_list] == list(LISTS)


@pytest.mark.parametrize("lines", LISTS)
def test_list_is_whole_with_the_words_that_introduce_it(document: Document, lines: tuple[int, int]) -> None:
    introduction, items = LISTS[lines]
    passage = on_lines(document, lines)
    found = [document.text[start:end] for start, end in passage.sentences]
    if introduction:
        assert found.pop(0) == introduction
    assert len(found) == len(items)
    for item, ends in zip(found, items, strict=True):
        assert matches_ends(item, ends), item
    assert passage.text == "\n".join([introduction, *found] if introduction else found)


def test_nested_dashes_stay_with_the_point_that_they_explain(document: Document) -> None:
    passage = on_lines(document, (1263, 1297))
    start, end = passage.sentences[-1]
    lines = document.text[start:end].split("\n")
    assert len(lines) == 4
    assert matches_ends(lines[0], "• The systemic and cultural changes … creating a theory-practice gap. For example:")
    assert matches_ends(lines[1], "- training and support … responsible for projects using co-production.")
    assert matches_ends(lines[2], "- NIHR & Ethics processes … timelines needed for co-production.")
    assert matches_ends(lines[3], "- Organisations hosting … building of relationships from the start.")


def test_recommendations_are_the_summary_list_alone(document: Document) -> None:
    assert [p.lines for p in document.passages if p.kind is Kind.RECOMMENDATION] == [(1263, 1297)]


@pytest.mark.parametrize(("lines", "words"), [
    ((33, 46), "revealing a lack of consensus around the concept. Some argue"),
    ((201, 212), "which has been promoted by anthropologists such as Luke Eric Lassiter"),
    ((288, 295), "define co-production in different ways. Martin (2010) offers"),
    ((375, 393), "impression management and surface-level gestures as professionals"),
    ((451, 504), "challenged and new lines of inquiry emerge."),
    ((547, 556), "The interviews were recorded and transcribed verbatim."),
    ((607, 611), "research plans and involvement across many different activities"),
    ((711, 713), "it is difficult to establish an equal footing."),
    ((763, 765), "meaningful relationships was one of the key mechanisms"),
    ((914, 917), "and to engage with people with the relevant lived experience."),
    ((1066, 1069), "the joint production of the research knowledge was not"),
])  # fmt: skip
def test_sentence_over_a_page_end_is_whole(document: Document, lines: tuple[int, int], words: str) -> None:
    assert words in on_lines(document, lines).text


@pytest.mark.parametrize(("words", "line"), [
    ("undertake rapid-testing of these", 7),
    ("range from a ‘co-production’ group", 42),
    ("between September 2016 and mid-2018.", 52),
    ("it’s often this tri-part voice", 959),
    ("The notion of the co-creation of value", 130),
    ("Potential of Co-production- a collaborative", 261),
])  # fmt: skip
def test_hyphen_at_a_line_end_stays_and_the_word_is_one(document: Document, words: str, line: int) -> None:
    assert document.line_of(document.text.index(words)) == line


def test_no_word_is_broken_after_its_hyphen(document: Document) -> None:
    assert "co- " not in document.text
    assert "co-\n" not in document.text


def test_footnotes_are_five_with_their_sentences(document: Document) -> None:
    notes = {passage.note: passage for passage in document.passages if passage.note}
    assert list(notes) == [1, 2, 3, 4, 5]
    for number, (lines, text, ending) in FOOTNOTES.items():
        assert notes[number].kind is Kind.FOOTNOTE
        assert (notes[number].lines, notes[number].text) == (lines, text)
        assert notes[number].lead_in.endswith(ending), number


def test_footnote_digits_are_not_in_the_running_text(document: Document) -> None:
    marks = [piece for piece in document.pieces if piece.reason == "footnote_mark"]
    assert [(piece.source_text, document.line_of(piece.text_start)) for piece in marks] == [
        *(("1", 3), ("2", 19), ("3", 21), ("4", 509), ("5", 548))
    ]
    for kept in (
        "(GtEM) reads",
        "(Nesta 2012).",
        "Stevens (2010) might",
        "public researchers who",
        "table discussion.",
    ):
        assert kept in document.text
    for lost in ("GtEM1", "20122", "20103", "researchers4", "discussion5"):
        assert lost not in document.text


def test_projects_are_thirteen_rows_each_with_its_funder(document: Document) -> None:
    rows = [(passage, passage.record) for passage in document.passages if passage.record]
    found = [(row.lines, record.name, record.cells.get("address"), record.cells["funder"]) for row, record in rows]
    assert found == PROJECTS
    for row, record in rows:
        assert list(record.cells) == [name for name in ("name", "address", "funder") if name in record.cells]
        assert record.cells["name"] == record.name
        assert row.text == "\n".join(record.cells.values())
        assert (row.kind, row.speaker, row.section) == (Kind.PROJECT, None, "Projects")
    assert len([passage for passage in document.passages if passage.kind is Kind.PROJECT]) == len(rows) == 13


def test_projects_are_twelve_since_one_is_listed_twice(document: Document) -> None:
    rows = [passage for passage in document.passages if passage.record]
    again = {row.lines: row.record.same_as for row in rows if row.record and row.record.same_as}
    assert again == {(1383, 1387): on_lines(document, (1362, 1366)).id}
    assert len(rows) - len(again) == 12


def test_kinds_follow_the_parts_of_the_report(document: Document) -> None:
    for passage in document.passages:
        if passage.section.startswith("A."):
            assert passage.kind is Kind.LITERATURE, passage.lines
        elif passage.kind is Kind.LITERATURE:
            pytest.fail(f"lines {passage.lines} are no literature review")


def test_sentences_lie_inside_their_passage_in_order(document: Document) -> None:
    for passage in document.passages:
        position = passage.start
        for start, end in passage.sentences:
            assert position <= start < end <= passage.end, passage.lines
            assert document.text[start:end] == document.text[start:end].strip()
            position = end
        covered = "".join(document.text[start:end] for start, end in passage.sentences)
        assert "".join(covered.split()) == "".join(passage.text.split()), passage.lines


def test_text_without_any_heading_is_one_passage(read: Callable[[str], Document]) -> None:
    document = read("Only one sentence.\n")
    assert [(passage.text, passage.section, passage.lines) for passage in document.passages] == [
        ("Only one sentence.", "", (1, 1))
    ]


# --- a table whose records are a line each

WARDS = """Before the table.

Projects

Curlew | 24 | Dr Moss
Heron |  | Sister Lane
  Night  ward |12|	Dr  Fay

Ward | Beds
Curlew (again) | 24 | Dr Moss
| 9 | Dr Ash
One sentence only.
After
"""


@pytest.fixture
def wards(manifest: Manifest) -> Document:
    """A made-up text with a table of three columns, whose cells have a bar between them."""
    table = TableSettings(
        columns=("ward", "beds", "lead"), separator="|", listed_twice=("Curlew",), lead_in="A ward and its beds."
    )
    named = (
        NamedHeading(printed="Projects", id="Projects", title="The wards", table=True),
        NamedHeading(printed="After", id="After", title="After"),
    )
    reader = manifest.reader.model_copy(update={"table": table, "named_headings": named})
    return read_report(WARDS, manifest.model_copy(update={"reader": reader}))


def test_a_record_a_line_is_cut_at_its_separators(wards: Document) -> None:
    rows = [passage for passage in wards.passages if passage.record]
    assert [(row.text, row.lines, row.record and row.record.cells) for row in rows] == [
        ("Curlew\n24\nDr Moss", (5, 5), {"ward": "Curlew", "beds": "24", "lead": "Dr Moss"}),
        ("Heron\nSister Lane", (6, 6), {"ward": "Heron", "lead": "Sister Lane"}),
        ("Night ward\n12\nDr Fay", (7, 7), {"ward": "Night ward", "beds": "12", "lead": "Dr Fay"}),
        ("Curlew (again)\n24\nDr Moss", (10, 10), {"ward": "Curlew (again)", "beds": "24", "lead": "Dr Moss"}),
    ]
    assert [row.record.name for row in rows if row.record] == ["Curlew", "Heron", "Night ward", "Curlew (again)"]
    assert [row.record.same_as for row in rows if row.record] == [None, None, None, rows[0].id]
    for row in rows:
        assert (row.kind, row.section, row.speaker) == (Kind.PROJECT, "Projects", None)
        assert row.lead_in == "A ward and its beds."  # embedded, never shown
        assert row.sentences == ((row.start, row.end),)
        assert wards.text[row.start : row.end] == row.text


def test_a_line_with_another_number_of_cells_or_no_name_is_no_record_and_keeps_its_words(wards: Document) -> None:
    others = [(passage.text, passage.lines, passage.kind) for passage in wards.passages if not passage.record]
    assert others == [
        ("Before the table.", (1, 1), Kind.REPORT),
        ("Ward | Beds", (9, 9), Kind.REPORT),
        ("| 9 | Dr Ash", (11, 11), Kind.REPORT),
        ("One sentence only.", (12, 12), Kind.REPORT),
    ]


def test_separators_are_left_out_of_the_text_and_given_back(wards: Document) -> None:
    separators = [piece for piece in wards.pieces if piece.reason == "separator"]
    assert [(piece.source_text, piece.source_end - piece.source_start) for piece in separators] == [("|", 1)] * 8
    assert [wards.text[piece.text_start - 1] for piece in separators[:2]] == ["w", "4"]  # after Curlew, after 24
    assert undo_cleaning(wards) == WARDS
    assert "".join(wards.text.split()) == (
        "Beforethetable.ProjectsCurlew24DrMossHeronSisterLaneNightward12DrFayWard|Beds"
        "Curlew(again)24DrMoss|9|DrAshOnesentenceonly.After"
    )


@pytest.mark.parametrize(
    ("separator", "line", "cells"),
    [
        ("||", "a | b || c || d", {"ward": "a | b", "beds": "c", "lead": "d"}),
        (";", "a;;d", {"ward": "a", "lead": "d"}),
        (";", "a;;", {"ward": "a"}),
        (";", "a;b", None),
        (";", "a;b;c;d", None),
        (";", ";b;c", None),
        (" – ", "a – b – c–d", {"ward": "a", "beds": "b", "lead": "c–d"}),
        ("\t", "a\tb\tc", {"ward": "a", "beds": "b", "lead": "c"}),
        ("\t", "a\t\tc", {"ward": "a", "lead": "c"}),
        (";", "cafe\u0301;x  y;z", {"ward": "café", "beds": "x y", "lead": "z"}),
        # An empty last cell: the white space that ends a line is no part of it, though it is the separator.
        ("\t", "a\tb\t", {"ward": "a", "beds": "b"}),
    ],
)
def test_any_separator_will_do(manifest: Manifest, separator: str, line: str, cells: dict[str, str] | None) -> None:
    table = TableSettings(columns=("ward", "beds", "lead"), separator=separator)
    reader = manifest.reader.model_copy(update={"table": table})
    source = f"Part B: A few projects referred to in the interviews Funder\n{line}\n"
    document = read_report(source, manifest.model_copy(update={"reader": reader}))
    (row,) = document.passages
    assert (row.record and row.record.cells) == cells
    assert undo_cleaning(document) == source


CELLS = st.text("ab é\u0301中1.\t", max_size=5)


@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=4).map("|".join), max_size=5))
def test_any_table_is_read_and_given_back(rows: list[str]) -> None:
    manifest = read_manifest(LIBRARY / "involve-2017")
    table = TableSettings(columns=("ward", "beds", "lead"), separator="|")
    reader = manifest.reader.model_copy(update={"table": table, "footnotes": False})
    source = "\n".join(["Part B: A few projects referred to in the interviews Funder", *rows])
    document = read_report(source, manifest.model_copy(update={"reader": reader}))
    assert undo_cleaning(document) == source
    for passage in document.passages:
        assert document.text[passage.start : passage.end] == passage.text
    whole = [row for row in rows if row.count("|") == 2 and row.split("|")[0].strip()]
    assert len([passage for passage in document.passages if passage.record]) == len(whole)


def test_a_footnote_in_a_table_stays_in_the_section_of_the_table(manifest: Manifest) -> None:
    table = TableSettings(columns=("ward", "beds", "lead"), separator="|")
    named = (
        NamedHeading(printed="Projects", id="Projects", title="The wards", table=True),
        NamedHeading(printed="After", id="After", title="After"),
    )
    reader = manifest.reader.model_copy(update={"table": table, "named_headings": named})
    source = "Projects\n\nCurlew1 | 24 | Dr Moss\n\n1 It has moved since.\n\nAfter\n\nWords that follow.\n"
    document = read_report(source, manifest.model_copy(update={"reader": reader}))
    assert [(passage.text, passage.section) for passage in document.passages] == [
        ("Curlew\n24\nDr Moss", "Projects"),
        ("It has moved since.", "Projects"),
        ("Words that follow.", "After"),
    ]
    assert undo_cleaning(document) == source


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"columns": ("a", "b", "c"), "separator": "|", "ends_with": ("x",)}, "either a separator"),
        ({"columns": ("a", "b", "c")}, "either a separator"),
        ({"columns": ("a", "b"), "ends_with": ("x",)}, "three columns"),
    ],
)
def test_a_table_is_printed_in_one_way(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TableSettings.model_validate(settings)
