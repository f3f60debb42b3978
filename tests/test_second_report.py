"""Guards that what a report knows of itself is data: a second, made-up one works as the first, and no Python changes.

It differs from the first wherever Python could have taken something for granted: three roles, one-word labels in
brackets, sections numbered without letters, a table of one line a record.
"""

import ast
import csv
import html
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from assistant.answering.notices import say_standing, say_voices
from assistant.answering.select import Selected
from assistant.answering.special import Refused, Shown, look_up
from assistant.keeping.build import prepare_encoder
from assistant.pipeline import Assistant
from assistant.quoting.cite import make_citation, read_blocks
from assistant.quoting.export.files import FORMATS
from assistant.quoting.framing import NEAR
from assistant.quoting.verify import verify
from assistant.reading.grammar import Grammar
from assistant.reading.meaning import Meaning
from assistant.reading.question import read_question
from assistant.schema import Answer, HeadingBlock, Query
from assistant.serving.web.language import languages
from assistant.serving.web.quotes_page import Wanted, said, say_silent
from assistant.serving.web.server import create_app
from assistant.settings import Settings
from corpus.clean import undo_cleaning
from corpus.errors import CorpusError, DocumentDamaged, QuestionRefused, UnknownName
from corpus.filters import Filters
from corpus.library import Entry, Library
from corpus.load import LIBRARY, load_document, load_entry, load_library, read_manifest, read_vocabulary
from corpus.principles import themes_of
from corpus.readers.report import read_report
from corpus.schema import Document, Kind, Passage
from corpus.vocabulary import Vocabulary
from tests.conftest import ROOT, TEST_DATA
from tests.web.serving import serving

FOLDER = Path(__file__).parent / "library" / "ward-2021"
#: Words of the first report that must stand in nothing which is said of the second.
FIRST = re.compile(
    r"public partner|academic researcher|service user|co-?production|projects the report lists|\bB\.4\b|\bNIHR\b"
    r"|(?-i:\bINVOLVE\b|\bDRINK\b)|\b2017\b",
    re.IGNORECASE,
)


# By hand: section, speaker, role, the label as printed, first and last line, how the words begin.
QUOTES = [
    ("2.1", "Carer 1", "carer", "(Carer 1)", (76, 77), "I stood outside that door for twenty minutes"),
    ("2.1", "Clinician A", "clinician", "(Clinician A)", (82, 83), "You cannot talk about somebody’s bowels"),
    ("2.1", "Carer 3", "carer", "(Carer 3)", (88, 89), "The blue card is the best thing they ever did."),
    ("2.1", "Clinician C", "clinician", "[Clinicians C]", (91, 92), "I learn more from five minutes with a wife"),
    ("2.2", "Carer 2", "carer", "(Carer 2)", (100, 101), "The machine next to her went off eleven times."),
    ("2.2", "Clinician B", "clinician", "(Clinician B)", (103, 104), "After a month you stop hearing them"),
    ("2.2", "Carer 5", "carer", "(Carer 5)", (107, 107), "I counted the ceiling tiles."),
    ("2.2", "Carer 3", "carer", "(CARER 3)", (114, 114), "Turn the lights off."),
    ("2.3", "Carer 6", "carer", "(Carer 6)", (122, 123), "They moved my mum at three in the morning"),
    ("2.3", "Clinician C", "clinician", "(Clinician C)", (125, 128), "If I ring a daughter at three to ask"),
    ("2.3", "Carer 1", "carer", "(Carer 1)", (134, 135), "Ten minutes, everyone standing, one worry each."),
    ("2.3", "Clinician D", "clinician", "(Clinician D)", (137, 137), "It saves me an hour."),
    ("2.4", "Carer 2", "carer", "(carer2)", (145, 145), "He is a different man when I am there."),
    ("2.4", "Carer 7", "carer", "(Carer 7)", (148, 148), "I would not do it again."),
    ("2.4", "Manager 1", "manager", "(Manager 1)", (151, 152), "A recliner costs four hundred pounds"),
    ("2.5", "Manager 2", "manager", "(Manager 2)", (166, 166), "We plan for the night we had last year"),
    ("2.5", "Manager 1", "manager", "[manager 1]", (168, 169), "I have money for a nurse or for a quieter floor."),
]
SECTIONS = [
    ("In short", "In short", ()),
    ("1", "Why nights", ()),
    ("1.1", "What we did", ("1",)),
    ("1.2", "What others have written", ("1",)),
    ("2", "What people told us", ()),
    ("2.1", "Handover", ("2",)),
    ("2.2", "Noise and sleep", ("2",)),
    ("2.3", "Who decides at night", ("2",)),
    ("2.4", "Staying overnight", ("2",)),
    ("2.5", "Staffing and money", ("2",)),
    ("3", "What we suggest", ()),
    ("4", "The wards we visited", ()),
]
WARDS = [
    ("Heron ward", "24", "Eastmere Trust"),
    ("Bittern ward", "18", "Eastmere Trust"),
    ("Curlew ward", "30", "Port Calder Hospitals"),
    ("Dunlin ward", "12", "Saltmarsh Community Trust"),
    ("White Egret ward", "28", "Port Calder Hospitals"),
    ("Grey Plover ward", "16", "Saltmarsh Community Trust"),
    ("Teal ward", "20", "Eastmere Trust"),
    ("Curlew ward, after its move", "30", "Port Calder Hospitals"),
]
EACH_WARD = [name for name, _, _ in WARDS[:7]]
STANDING = "Nights of 2020 and 2021 only; the rules on visiting have changed since."
IDENTITY = (
    "Whoever was interviewed is known by a number or a letter alone, such as Carer 1. "
    "Nobody is linked to a ward, a trust or a patient."
)

# In words that are not those of the known questions: what is asked, and words of the passage that answers it.
ANSWERED = [
    ("How long did each conversation with an interviewee last?", "An interview lasted about forty minutes"),
    ("Did anybody want their recorded words removed?", "asked for her words to be left out"),
    ("What share of beeps was about real danger?", "only one in ten for something that put a patient at risk"),
    ("Why did someone abandon the hour without noise?", "the cleaning machines could not be moved"),
    ("Is there research on ear protection for sleeping patients?", "Where earplugs were handed out"),
    ("Who pays for temporary nurses?", "Agency staff are paid for from a budget of its own"),
    ("What makes it easier to spend the night in a chair?", "a chair that goes flat"),
    ("Was anybody shifted to another ward without their family knowing?", "They moved my mum at three"),
    ("How many thousand alarms rang?", "We counted 3,140 alarms in 28 nights"),
    ("What was the loudest object?", "The loudest thing on any ward was a bin lid"),
]
FOREIGN = [
    "Who won the 1966 football World Cup?",
    "How do I bake sourdough bread?",
    "What is the capital of Peru?",
    "How do I renew my passport?",
    "Which pension scheme do teachers have?",
    "What is the boiling point of mercury?",
    "Explain quantum entanglement.",
    "Who wrote Pride and Prejudice?",
    "How much is a train ticket to Paris?",
    "Who funded the DRINK trial?",
]


@pytest.fixture(scope="module")
def entry() -> Entry:
    """The second report with all that belongs to it."""
    return load_entry(FOLDER)


@pytest.fixture(scope="module")
def ward(entry: Entry) -> Document:
    """The second report."""
    return entry.document


@pytest.fixture(scope="module")
def meaning(assistant: Assistant) -> Meaning:
    """Tells how texts are meant, with the real embedding model."""
    return assistant.reader.meaning


@pytest.fixture(scope="module")
def both(entry: Entry) -> Library:
    """Both reports, to look things up in."""
    return Library([*load_library().entries, entry])


@pytest.fixture(scope="module")
def settings() -> Settings:
    """Settings whose data folder holds the real embedding model; an index of the first report is not needed."""
    found = Settings(data_dir=TEST_DATA)
    prepare_encoder(found)
    return found


@pytest.fixture(scope="module")
def assistant(settings: Settings) -> Assistant:
    """The real model over the second report alone."""
    return Assistant.from_folders([FOLDER], settings)


Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def ask(assistant: Assistant, ward: Document) -> Ask:
    """Asks a question, with earlier ones and filters, and checks whatever is answered."""
    source = (FOLDER / "source.txt").read_text(encoding="utf-8")

    def checked(question: str, *history: str, **filters: str) -> Answer:
        query = Query(question=question, history=history, filters=Filters.model_validate(filters))
        answer = assistant.ask(query)
        assert verify(answer, [ward]) == answer
        for citation in answer.citations:
            assert citation.quoted_text == ward.text[citation.start : citation.end]
            assert "".join(citation.quoted_text.split()) in _bare(source)
        assert any(STANDING in note.text for note in answer.notes) or answer.blocks[0].kind in ("greeting", "about")
        said = [answer.text, *answer.notices, *answer.suggestions, *(hit.text for hit in answer.hits)]
        assert set(FIRST.findall("\n".join(said))) <= set(FIRST.findall(question))
        return answer

    return checked


@pytest.fixture(scope="module")
def client(
    assistant: Assistant, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A client of the whole application over the second report alone."""
    app = create_app(assistant, settings.model_copy(update={"data_dir": tmp_path_factory.mktemp("served")}))
    with serving(app) as address, httpx.Client(base_url=address, timeout=60, follow_redirects=True) as opened:
        yield opened


def _bare(source: str) -> str:
    """Give a source without white space, footnotes' marks and what is printed between cells; then without a footnote
    that interrupts a paragraph."""
    bare = re.sub(r"\s|\||(?<=them)1|(?<=doctors)2", "", source)
    return f"{bare}\n{re.sub(r'2Eightoftheeleven.*?inthem[.]', '', bare)}"


def speakers_of(answer: Answer) -> list[str]:
    """Give who is quoted, in order."""
    return [citation.speaker for citation in answer.citations if citation.speaker]


def notices_of(answer: Answer, kind: str) -> list[str]:
    """Give the notices of a kind."""
    return [note.text for note in answer.notes if note.kind == kind]


def records_of(answer: Answer) -> list[str]:
    """Give the names of the records that an answer shows."""
    return [one.quoted_text.partition("\n")[0] for one in answer.citations if one.kind is Kind.PROJECT]


def changed(entry: Entry, **vocabulary: object) -> Entry:
    """Give the second report with something else in its vocabulary."""
    written = entry.document.model_dump()  # a copy would keep what was worked out of the old vocabulary
    document = Document.model_validate({**written, "vocabulary": {**written["vocabulary"], **vocabulary}})
    return entry.model_copy(update={"document": document})


# What is read.


def test_every_quote_has_its_speaker_role_label_and_place(ward: Document) -> None:
    quotes = [one for one in ward.passages if one.kind is Kind.INTERVIEW]
    found = [(one.section, one.speaker, one.role, one.label_as_printed, one.lines) for one in quotes]
    assert found == [row[:5] for row in QUOTES]
    assert all(one.text.startswith(row[5]) and one.text[-1] == "." for one, row in zip(quotes, QUOTES, strict=True))
    assert Counter(one.role for one in quotes) == {"carer": 9, "clinician": 5, "manager": 3}
    assert ward.roles == ("carer", "clinician", "manager")
    assert "Carer 4" not in {speaker.label for speaker in ward.speakers}


def test_sections_have_the_ids_that_are_printed(ward: Document) -> None:
    assert [(one.id, one.title, one.within) for one in ward.sections] == SECTIONS
    printed = [ward.text[one.heading_start : one.heading_end] for one in ward.sections]
    assert printed[:4] == ["In short", "1. Why nights", "1.1 What we did", "1.2 What others have written"]


def test_cleaning_can_be_undone(ward: Document) -> None:
    assert undo_cleaning(ward) == (FOLDER / "source.txt").read_bytes().decode()


def test_records_of_the_table_are_those_that_are_printed(ward: Document) -> None:
    records = [one for one in ward.passages if one.record]
    assert [tuple(one.record.cells.items()) for one in records if one.record] == [
        (("ward", name), ("beds", beds), ("lead", lead)) for name, beds, lead in WARDS
    ]
    assert [one.record.same_as for one in records if one.record] == [None] * 7 + [records[2].id]
    assert {one.section for one in records} == {"4"}
    (said,) = [one for one in ward.passages if one.section == "4" and one.record is None]
    assert said.text == "Each ward is given with its beds, and with the trust that leads it."


def test_footnotes_hang_on_their_sentences_and_leave_no_digit(ward: Document) -> None:
    notes = {one.note: one for one in ward.passages if one.kind is Kind.FOOTNOTE}
    assert list(notes) == [1, 2]
    assert notes[1].lead_in.endswith("who knows what is usual for them.")
    assert notes[2].lead_in.endswith("nearly all of them about the sleep of doctors.")
    (interrupted,) = [one for one in ward.passages if "earplugs" in one.text]
    assert interrupted.text.endswith("although nobody asked whether they still heard the call bell.")


def test_lists_begin_with_the_sentence_before_them(ward: Document) -> None:
    lists = {one.section: one for one in ward.passages if one.is_list}
    assert set(lists) == {"2.4", "3"}
    assert lists["2.4"].text.startswith("Those who had stayed the night told us of three things")
    assert lists["3"].text.startswith("We suggest that every ward:\n* writes what a carer knows")
    assert [len(one.sentences) for one in lists.values()] == [4, 6]
    assert (lists["2.4"].kind, lists["3"].kind) == (Kind.REPORT, Kind.RECOMMENDATION)
    assert {one.kind for one in ward.passages if one.section == "1.2"} == {Kind.LITERATURE, Kind.FOOTNOTE}


def test_all_that_belongs_to_the_report_is_read(entry: Entry, ward: Document) -> None:
    assert (len(entry.questions), len(entry.not_covered), len(entry.contested)) == (92, 12, 2)
    assert (len(entry.glossary), len(entry.plain)) == (4, len(SECTIONS))
    assert [one.section for one in entry.principles] == themes_of(ward) == ["2.1", "2.2", "2.3", "2.4", "2.5"]
    assert [[len(quotes) for quotes in one.quotes.values()] for one in entry.principles] == [
        [1, 2, 0], [2, 1, 0], [1, 1, 0], [2, 0, 1], [0, 0, 2],
    ]  # fmt: skip


def test_copy_with_other_line_ends_is_the_same_report_and_one_word_changed_is_none(tmp_path: Path) -> None:
    for path in FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    source = (FOLDER / "source.txt").read_bytes()
    (tmp_path / "source.txt").write_bytes(b"\xef\xbb\xbf" + source.replace(b"\n", b"\r\n"))
    assert load_document(tmp_path).text == load_document(FOLDER).text
    (tmp_path / "source.txt").write_bytes(source.replace(b"blue card", b"red card"))
    with pytest.raises(DocumentDamaged, match="Night wards 2021"):
        load_document(tmp_path)


def test_label_whose_number_is_glued_is_no_footnote_mark() -> None:
    source = (FOLDER / "source.txt").read_text(encoding="utf-8")
    said = "“We sleep in turns.” (carer2)\n\n"
    source = source.replace("1.2 What others", f"{said}1.2 What others")
    document = read_report(source, read_manifest(FOLDER), read_vocabulary(FOLDER))
    quote = next(one for one in document.passages if one.text == "We sleep in turns.")
    assert document.text[quote.label_start : quote.label_end] == quote.label_as_printed == "(carer2)"
    assert "the sleep of doctors." in document.text


# What is looked up, without an index.


def test_quotes_are_listed_by_role_speaker_and_section(entry: Entry) -> None:
    library = Library([entry])
    assert [one.speaker for one in library.quotes(role="manager")] == ["Manager 1", "Manager 2", "Manager 1"]
    assert len(library.quotes(role="carer")) == 9 and len(library.quotes(section="2")) == 17
    assert len(library.quotes(section="2.1")) == 4 and not library.quotes(section="1")
    assert [one.section for one in library.quotes(speaker="carer2")] == ["2.2", "2.4"]
    assert not library.quotes(role="carer", section="2.5")
    assert library.quoted_by_role == {"carer": 9, "clinician": 5, "manager": 3}
    assert library.seldom_heard([entry.document.id]) == ("clinician", "manager")


@pytest.mark.parametrize(
    ("filters", "there"),
    [
        ({"role": "academic"}, "There are: carer, clinician, manager."),
        ({"role": "public"}, "There are: carer, clinician, manager."),
        ({"section": "B.4"}, "There are: In short, 1, 1.1, 1.2, 2, 2.1, 2.2, 2.3, 2.4, 2.5, 3, 4."),
        ({"speaker": "Carer 4"}, "There are: Carer 1, Carer 2, Carer 3, Carer 5, Carer 6, Carer 7, Clinician A"),
        ({"document_id": "involve-2017"}, "There are: ward-2021."),
    ],
)
def test_unknown_names_list_the_documents_own(entry: Entry, filters: dict[str, str], there: str) -> None:
    with pytest.raises(UnknownName) as raised:
        Library([entry]).check_filters(Filters.model_validate(filters))
    assert there in str(raised.value)


def test_both_reports_are_looked_up_side_by_side(both: Library) -> None:
    assert [one.id for one in both.documents] == ["involve-2017", "ward-2021"]
    assert both.quoted_by_role == {"academic": 77, "public": 18, "carer": 9, "clinician": 5, "manager": 3}
    assert both.section_title("2.1") == "Handover" and both.section_title("B.4.iii") is not None
    assert {one.document_id for one in both.quotes(role="manager")} == {"ward-2021"}
    assert {one.document_id for one in both.quotes(role="public")} == {"involve-2017"}
    assert len(both.standing_notes) == 2 and both.standing_notes[1] == STANDING
    assert both.topics.endswith(", or decisions, noise and visiting on hospital wards at night")
    assert both.covers.endswith("It is about how decisions are shared on hospital wards at night.")
    assert [table.one for table in both.tables] == ["project", "ward"]
    allowed = both.allowed(Filters(document_id="ward-2021", kind=Kind.PROJECT))
    assert [one.record.name for one in allowed if one.record] == [name for name, _, _ in WARDS]


@pytest.mark.parametrize(
    ("question", "speakers", "role", "section"),
    [
        ("What did Public partner B say?", ("Public partner B",), None, None),
        ("What did carer number 2 say?", ("Carer 2",), None, None),
        ("What did AR4 say about power?", ("Academic Researcher 4",), None, None),
        ("What did clin C say about ringing?", ("Clinician C",), None, None),
        ("what do nurses say about alarms?", (), "clinician", None),
        ("what do boffins say about power?", (), "academic", None),
        ("what does the trust board say about money?", (), "manager", None),
        ("What is in section B.4.vii?", (), None, "B.4.vii"),
        ("What is in section 2.1?", (), None, "2.1"),
    ],
)
def test_both_vocabularies_are_read_at_once(
    both: Library, question: str, speakers: tuple[str, ...], role: str | None, section: str | None, meaning: Meaning
) -> None:
    parsed = read_question(question, Grammar(both), meaning)
    assert (parsed.speakers, parsed.role, parsed.filters.section) == (speakers, role, section)


def test_what_is_said_beside_quotes_of_one_report_does_not_change_with_the_other(
    both: Library, entry: Entry, meaning: Meaning
) -> None:
    """Which sides are quoted, seldom heard or silent, and what stands beside every answer, goes by what is cited."""
    parsed = read_question("What is said about this?", Grammar(both), meaning)
    silent = set()
    for alone in (load_library(), Library([entry])):
        [document] = alone.documents
        assert alone.seldom_heard([document.id]) == both.seldom_heard([document.id])
        for section in document.sections:
            quotes = alone.quotes_in(document.id, section.id)
            citations = [make_citation(number, one, document) for number, one in enumerate(quotes, 1)]
            said = list(say_voices(citations, parsed, alone))
            assert said == list(say_voices(citations, parsed, both))
            silent |= {notice.text.partition(" is quoted")[0] for notice in said if notice.kind == "silent"}
            selected = [Selected.whole(one) for one in quotes]
            assert say_standing(selected, alone) == say_standing(selected, both)
    assert silent == {"No public partner", "No carer", "No clinician", "No manager"}  # academics are heard everywhere


def test_the_page_of_quotes_does_not_miss_the_sides_of_the_other_report(both: Library) -> None:
    everything = [said(both.document(one.document_id), one) for one in both.passages if one.speaker]
    places = {one.section: one.place for one in everything}
    missed = {
        section: say_silent(Wanted(section=(section,)), everything, places, both) for section in ("2.2", "B.4.vi")
    }
    assert [line.partition(" is quoted")[0] for line in missed["2.2"]] == ["No manager"]
    assert [line.partition(" is quoted")[0] for line in missed["B.4.vi"]] == ["No public partner"]


def test_both_tables_and_both_footnotes_are_looked_up(both: Library, meaning: Meaning) -> None:
    grammar = Grammar(both)

    def shown(question: str) -> list[Passage]:
        found = look_up(read_question(question, grammar, meaning), both)
        assert isinstance(found, Shown)
        return [one.passage for one in found.selected]

    (project,) = shown("Who funded the DRINK trial?")
    (listed,) = shown("Which trust leads Grey Plover ward?")
    assert (project.document_id, listed.document_id) == ("involve-2017", "ward-2021")
    assert listed.record is not None and listed.record.cells["lead"] == "Saltmarsh Community Trust"
    assert {one.document_id for one in shown("What does footnote 2 say?")} == {"involve-2017", "ward-2021"}
    refused = look_up(read_question("What does Public partner Q say?", grammar, meaning), both)
    assert isinstance(refused, Refused) and "Carer 1" in refused.notes[0].text


# What is asked of a speaker or a side.


@pytest.mark.parametrize(
    ("question", "speaker", "words"),
    [
        ("What did Carer 6 say?", "Carer 6", "They moved my mum"),
        ("What did carer number 2 say?", "Carer 2", "He is a different man"),
        ("what did clin C say about ringing home?", "Clinician C", "If I ring a daughter"),
        ("anything by the Manager 2?", "Manager 2", "We plan for the night"),
        ("what did mgr 1 say about money", "Manager 1", "I have money for a nurse"),
        ("quotes by clinician d", "Clinician D", "It saves me an hour"),
    ],
)
def test_speaker_is_found_by_label_and_alias(ask: Ask, question: str, speaker: str, words: str) -> None:
    answer = ask(question)
    assert answer.status in ("answered", "partial")
    assert set(speakers_of(answer)) == {speaker}
    assert any(words in one.quoted_text for one in answer.citations)


@pytest.mark.parametrize(
    ("question", "role", "words"),
    [
        ("what do nurses say about alarms?", "clinician", "After a month you stop hearing them"),
        ("what do ward sisters say about shutting the door?", "clinician", "we shut the door"),
        ("what do relatives say about the blue card?", "carer", "The blue card is the best thing"),
        ("what do unpaid carers say about staying overnight?", "carer", "I would not do it again"),
        ("what does the matron say about money for a nurse or a quieter floor?", "manager", "I have money for a nurse"),
        ("quotes from the trust board on a recliner", "manager", "A recliner costs"),
    ],
)
def test_role_is_found_by_the_words_that_people_use(ask: Ask, question: str, role: str, words: str) -> None:
    answer = ask(question)
    assert {one.role for one in answer.citations if one.speaker} == {role}
    assert any(words in one.quoted_text for one in answer.citations)


def test_kind_of_person_that_no_label_tells_is_said(ask: Ask) -> None:
    (said,) = notices_of(ask("what do nurses say about alarms?"), "label")
    assert (
        said == "No label tells a nurse from a doctor here, so nurses cannot be told apart: clinicians have a letter."
    )
    (said,) = notices_of(ask("What do wives say about staying all night?"), "label")
    assert "labels nobody as wives" in said
    assert not notices_of(ask("what do carers say about staying all night?"), "label")
    assert not notices_of(ask("what does the matron say about money?"), "label")


def test_three_roles_are_compared(ask: Ask) -> None:
    answer = ask("What do carers, clinicians and managers say about staying overnight?")
    assert {one.role for one in answer.citations if one.speaker} == {"carer", "clinician", "manager"}
    assert notices_of(answer, "voices")[0].startswith("Voices shown: ")


def test_who_is_silent_is_said(ask: Ask) -> None:
    answer = ask("how is staffing planned?", section="2.5")
    assert {one.role for one in answer.citations if one.speaker} == {"manager"}
    assert notices_of(answer, "voices")[0].endswith(("1 manager.", "2 managers."))
    assert notices_of(answer, "silent") == ["No carer is quoted in 2.5.", "No clinician is quoted in 2.5."]
    assert notices_of(ask("quotes from section 2.1"), "silent") == ["No manager is quoted in 2.1."]


def test_role_that_is_seldom_heard_is_shown_beside_the_one_with_most_quotes_where_both_are_asked_for(ask: Ask) -> None:
    answer = ask("What do carers say, and what do managers say, about staying all night?")
    assert {one.role for one in answer.citations} == {"carer", "manager"}


def test_speaker_whom_nobody_quotes_is_refused_with_those_who_are(ask: Ask) -> None:
    answer = ask("What did Carer 4 say?")
    assert answer.status == "not_in_corpus" and "Carer 4 is not quoted in it." in answer.text
    (who,) = notices_of(answer, "speakers")
    assert who.startswith("The people quoted are: Carer 1, Carer 2, Carer 3, Carer 5,") and who.endswith("Manager 2.")


@pytest.mark.parametrize(
    "question",
    [
        "who is Carer 1?",
        "who is Clinician C really?",
        "What is the real name of Manager 2?",
        "How old is Carer 2?",
        "Which hospital does Clinician B work at?",
        "Which ward is Carer 2 from?",
        "Is Carer 2 really a daughter?",
    ],
)
def test_who_somebody_is_is_refused_in_the_reports_own_words(ask: Ask, question: str) -> None:
    answer = ask(question)
    assert answer.status == "not_in_corpus" and answer.text.endswith(IDENTITY)


def test_author_who_is_asked_for_as_a_speaker_is_refused(ask: Ask) -> None:
    answer = ask("What did Adaline Thornbeck say in the interviews?")
    assert answer.status == "not_in_corpus" and "Adaline Thornbeck" in answer.text
    assert "project team" not in answer.text


def test_empty_question_is_refused_without_the_first_reports_example(assistant: Assistant) -> None:
    with pytest.raises(QuestionRefused) as raised:
        assistant.ask(Query(question=" "))
    assert "power" not in str(raised.value)


def test_question_that_names_nobody_is_not_taken_for_one_about_a_person(entry: Entry, assistant: Assistant) -> None:
    asked = [question.question for question in entry.questions]
    asked += ["Where does the idea of standing meetings come from?", "where is the list of wards?"]
    assert [one for one in asked if assistant.read(Query(question=one)).act == "who_is"] == []


# What is looked up of the table, the footnotes and the sections.


def test_record_is_found_by_its_name(ask: Ask) -> None:
    answer = ask("Who leads Grey Plover ward?")
    assert records_of(answer) == ["Grey Plover ward"] and "Saltmarsh Community Trust" in answer.text
    assert answer.blocks[0].kind == "heading" and answer.blocks[0].text == "Wards the study visited"
    (block,) = [one for one in read_blocks(answer.text) if one.marker]
    assert block.attribution == "— The study’s list of wards, 4 The wards we visited, line 201"


@pytest.mark.parametrize("question", ["Who leads Heron ward?", "Which trust runs Teal ward?"])
def test_record_whose_name_has_one_word_of_its_own_is_found(ask: Ask, question: str) -> None:
    name = next(ward for ward in EACH_WARD if ward.split()[0] in question)
    assert records_of(ask(question)) == [name]


@pytest.mark.parametrize("question", ["which wards are listed?", "list all the wards", "Which units were visited?"])
def test_records_are_listed_each_once(ask: Ask, question: str) -> None:
    answer = ask(question)
    assert records_of(answer) == EACH_WARD and answer.status == "answered"
    assert notices_of(answer, "table") == ["The list has seven wards, one of them twice, because it moved."]


@pytest.mark.parametrize(
    ("question", "wards"),
    [
        ("which wards does Eastmere lead?", ["Heron ward", "Bittern ward", "Teal ward"]),
        ("Which wards belong to Port Calder?", ["Curlew ward", "White Egret ward"]),
        ("which wards have 24 beds?", ["Heron ward"]),
        ("how many beds does Grey Plover ward have?", ["Grey Plover ward"]),
    ],
)
def test_records_are_chosen_by_their_cells(ask: Ask, question: str, wards: list[str]) -> None:
    assert records_of(ask(question)) == wards


def test_number_of_records_that_is_wrong_is_not_taken_for_granted(ask: Ask) -> None:
    answer = ask("show me the eight wards")
    assert answer.status == "partial" and records_of(answer) == EACH_WARD
    assert ask("show me the seven wards").status == "answered"


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How was Grey Plover ward rated?", "it does not say how any of them was rated."),
        ("How many nurses does White Egret ward have?", "It lists its wards by name, beds and lead only."),
    ],
)
def test_what_the_table_lacks_is_said(ask: Ask, question: str, said: str) -> None:
    answer = ask(question)
    assert answer.status == "not_in_corpus" and answer.text.endswith(said)


def test_only_the_part_that_the_table_lacks_is_missing(ask: Ask) -> None:
    answer = ask("How was Grey Plover ward rated, and who leads it?")
    assert records_of(answer) == ["Grey Plover ward"] and answer.status == "partial"
    assert notices_of(answer, "missing") == [
        "Nothing was found for this part of your question: How was Grey Plover ward rated."
    ]


def test_footnote_is_shown_by_its_number_and_one_that_is_not_there_is_refused(ask: Ask) -> None:
    (note,) = ask("what is footnote 2?").citations
    assert note.quoted_text.startswith("Eight of the eleven studies were done in one country")
    assert "— Footnote 2 of the report, 1.2 What others have written" in ask("what is footnote 2?").text
    answer = ask("what does footnote 9 say?")
    assert answer.status == "not_in_corpus" and answer.text.endswith("It has no footnote 9.")


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("what is in section 2.1?", "2.1"),
        ("what does part 3 say", "3"),
        ("the section on handover", "2.1"),
        ("what does the section about staffing and money say?", "2.5"),
        ("what is in 2.1?", "2.1"),
    ],
)
def test_section_is_asked_for_by_its_number_or_title(ask: Ask, question: str, section: str) -> None:
    answer = ask(question)
    assert answer.status in ("answered", "partial") and HeadingBlock(text=NEAR) not in answer.blocks
    assert {one.section for one in answer.citations} == {section}


@pytest.mark.parametrize(
    ("question", "filters", "holds"),
    [
        ("noise and sleep", {"speaker": "carer2"}, lambda one: one.speaker == "Carer 2"),
        ("noise and sleep", {"role": "manager"}, lambda one: one.role == "manager"),
        ("noise and sleep", {"section": "2"}, lambda one: one.section.startswith("2.")),
        ("noise and sleep", {"section": "2.2"}, lambda one: one.section == "2.2"),
        ("noise and sleep", {"kind": "literature"}, lambda one: one.section == "1.2"),
        (
            "who waits outside the door?",
            {"kind": "interview", "section": "2.1"},
            lambda one: one.section == "2.1" and one.speaker,
        ),
        ("noise and sleep", {"document_id": "Ward 2021"}, lambda one: one.document_id == "ward-2021"),
    ],
)
def test_filters_hold(ask: Ask, question: str, filters: dict[str, str], holds: Callable[[object], object]) -> None:
    answer = ask(question, **filters)
    assert answer.hits and all(holds(hit) for hit in answer.hits)
    assert answer.citations and all(holds(citation) for citation in answer.citations)


def test_filters_that_shut_each_other_out_are_named_in_its_words(ask: Ask) -> None:
    answer = ask("privacy", role="manager", section="2.1")
    assert "There is nothing with these filters: 2.1, managers." in answer.text


# What is searched for.


def test_greeting_has_its_own_topics_and_examples(ask: Ask, ward: Document) -> None:
    answer = ask("hello")
    assert "Ask about decisions, noise and visiting on hospital wards at night, in your own words." in answer.text
    assert [offer.target for offer in answer.offers] == list(ward.vocabulary.examples)


def test_examples_are_answered(ask: Ask, ward: Document) -> None:
    # How sure an answer is was fitted to another report: here it may say that it may not be all.
    answers = [ask(example) for example in ward.vocabulary.examples]
    assert all(answer.status in ("answered", "partial") and answer.citations for answer in answers)
    assert all(NEAR not in answer.text for answer in answers)


def test_what_is_answered_in_other_words_is_found(ask: Ask, entry: Entry) -> None:
    known = {one.question for one in entry.questions}
    missed = []
    for question, words in ANSWERED:
        assert question not in known
        answer = ask(question)
        if not any(words in one.quoted_text for one in answer.citations):
            missed.append((question, answer.status, [one.quoted_text[:60] for one in answer.citations]))
    assert len(missed) <= 2, missed


def test_what_is_foreign_to_it_is_refused(ask: Ask) -> None:
    answers = {question: ask(question) for question in FOREIGN}
    answered = [question for question, answer in answers.items() if answer.status != "not_in_corpus"]
    assert len(answered) <= 2, answered
    assert answers[FOREIGN[1]].text.endswith("It is about how decisions are shared on hospital wards at night.")


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("Should a relative stay all night?", ("He is a different man|A recliner", "I would not do it again")),
        (
            "Do people agree on whether carers belong in the handover?",
            ("One ward had turned|I stood|I learn more", "closed|bowels|privacy"),
        ),
    ],
)
def test_both_views_of_a_contested_point_are_shown(ask: Ask, question: str, sides: tuple[str, str]) -> None:
    shown = " ".join(one.quoted_text for one in ask(question).citations)
    assert all(re.search(side, shown) for side in sides), shown


def test_topic_note_stands_with_answers_on_its_topic(ask: Ask) -> None:
    assert notices_of(ask("how many alarms were there?"), "topic") == [
        "Alarms were counted on 28 nights, and in no side room."
    ]
    assert not notices_of(ask("what is a night huddle?"), "topic")


def test_follow_ups_keep_topic_and_voice(ask: Ask) -> None:
    assert set(speakers_of(ask("and 3?", "What did Carer 1 say?"))) == {"Carer 3"}
    assert set(speakers_of(ask("more from C", "What did Clinician A say?"))) == {"Clinician C"}
    answer = ask("what about managers?", "What do carers say about staying overnight?")
    assert speakers_of(answer) == ["Manager 1"] and "A recliner costs" in answer.text
    answer = ask("and the one after?", "what is in section 2.1?")
    assert {one.section for one in answer.citations} == {"2.2"}
    answer = ask("and White Egret ward?", "Who leads Grey Plover ward?")
    assert records_of(answer) == ["White Egret ward"]


def test_follow_up_that_says_number_names_the_next_speaker(ask: Ask) -> None:
    assert set(speakers_of(ask("and number 2?", "What did Carer 1 say?"))) == {"Carer 2"}


@pytest.mark.parametrize(
    ("question", "before", "speaker"),
    [
        ("what else did that person say?", "Give me a quote about not hearing alarms any more", "Clinician B"),
        ("what else did that nurse say?", "Give me a quote about not hearing alarms any more", "Clinician B"),
    ],
)
def test_one_person_of_whom_a_follow_up_speaks_is_the_one_shown(
    ask: Ask, question: str, before: str, speaker: str
) -> None:
    answer = ask(question, before)  # all that they said was shown
    assert answer.text == f"The report does not say. It has one quote by {speaker} in all, and you were shown it."


# What it is shown as.


PAGES = [
    "/", "/quotes", "/quotes?role=manager", "/principles", "/glossary", "/read", "/read/ward-2021", "/embed/how",
    "/show", "/show?q=who+leads+Grey+Plover+ward%3F", "/api", "/api/openapi.json", "/openapi.json", "/basket",
    "/accessibility", "/privacy", "/config",
]  # fmt: skip
FRAMES = ["/embed", "/embed?lang=cy", "/embed?lang=pl", "/embed?ask=1&question=what+do+carers+say+about+handover%3F"]


@pytest.mark.parametrize("address", [*PAGES, *(frame for frame in FRAMES)])
def test_page_holds_no_word_of_the_first_report(client: httpx.Client, address: str) -> None:
    reply = client.get(address)
    assert reply.status_code == 200
    shown = html.unescape(reply.text)
    assert [shown[max(0, one.start() - 60) : one.end() + 60] for one in FIRST.finditer(shown)] == []


def test_page_that_is_missing_holds_no_word_of_the_first_report(client: httpx.Client) -> None:
    for address in ("/read/involve-2017", "/nowhere", "/quotes?role=public"):
        reply = client.get(address)
        assert reply.status_code in (400, 404)
        assert not FIRST.search(reply.text.replace("involve-2017", ""))


def test_quotes_page_filters_by_its_roles_and_labels(client: httpx.Client) -> None:
    page = html.unescape(client.get("/quotes").text)
    assert "In all: 17 quotes: 9 by carers, 5 by clinicians, 3 by managers." in page
    assert "A friend who looks after a patient counts as a carer." in page
    for role, label in (("carer", "Carers (9)"), ("clinician", "Clinicians (5)"), ("manager", "Managers (3)")):
        assert re.search(rf'name="role" value="{role}"> {re.escape(label)}', page)
    assert all(f'name="speaker" value="{speaker}"' in page for _, speaker, *_ in QUOTES)
    for row in QUOTES:
        assert f"<p>“{row[5]}" in page and f"— {row[1]}, {row[0]} " in page
    assert "3 quotes: 3 by managers</h2>" in client.get("/quotes?role=manager").text
    page = client.get("/quotes?section=2.5").text
    assert "No carer is quoted in 2.5 Staffing and money." in page
    assert "No clinician is quoted in 2.5 Staffing and money." in page
    page = html.unescape(client.get("/quotes?role=public").text)
    assert "There is no role “public”. There are: carer; clinician; manager." in page


def test_principles_page_has_three_sides(client: httpx.Client) -> None:
    page = html.unescape(client.get("/principles").text)
    assert page.count("What carers said") == page.count("What managers said") == page.count("What clinicians said") == 5
    assert STANDING in page and "Night wards: a study of how carers" in page
    for silent in ("No manager is quoted in 2.1 Handover.", "No carer is quoted in 2.5 Staffing and money."):
        assert silent in page
    assert "— The night study’s authors, 2.2 Noise and sleep" in page
    assert 'href="/quotes?section=2.3#found"' in page and "All 4 quotes in 2.3 Who decides at night" in page


def test_glossary_page_explains_its_words(client: httpx.Client, entry: Entry) -> None:
    page = html.unescape(client.get("/glossary").text)
    assert "4 words and abbreviations" in page
    for word in entry.glossary:
        assert word.term in page and word.meaning in page
        assert (word.about in page) == (word.defined_by == "report")


def test_reader_shows_all_of_it_and_marks_what_is_cited(client: httpx.Client, ward: Document) -> None:
    page = client.get("/read/ward-2021").text
    words = html.unescape(re.sub(r"<[^>]+>", " ", page))
    for passage in ward.passages:
        assert passage.text.split("\n")[-1] in words
    for section, title, _ in SECTIONS:
        assert f'id="{section.replace(" ", "-")}"' in page and title in words
    quote = next(one for one in ward.passages if one.label_as_printed == "(carer2)")
    page = html.unescape(client.get("/read/ward-2021", params={"from": quote.start, "to": quote.end}).text)
    assert re.findall(r"<mark[^>]*>(?:<span[^>]*>[^<]*</span>)?([^<]+)", page)[0] == quote.text
    assert "Found in 1 paragraph" in client.get("/read/ward-2021?q=bin+lid").text


def test_show_page_shows_one_answer(client: httpx.Client) -> None:
    page = html.unescape(client.get("/show", params={"q": "who leads Grey Plover ward?"}).text)
    assert "Wards the study visited" in page and "Saltmarsh Community Trust" in page
    assert "The study’s list of wards" in page
    page = html.unescape(client.get("/show", params={"q": "who leads Grey Plover ward?", "lang": "cy"}).text)
    assert "Wardiau yr ymwelodd yr astudiaeth â nhw" in page
    page = html.unescape(client.get("/show", params={"q": "handover", "role": "carer", "lang": "cy"}).text)
    assert "Dim ond geiriau gofalwyr a ddangosir." in page
    page = html.unescape(client.get("/show", params={"q": "handover", "role": "manager", "lang": "cy"}).text)
    assert "Only words of managers are shown." in page


def test_frame_has_its_title_examples_and_note(client: httpx.Client, ward: Document) -> None:
    page = html.unescape(client.get("/embed").text)
    assert "<h1>Ask the study of night wards</h1>" in page and STANDING in page
    assert all(f'value="{example}"' in page for example in ward.vocabulary.examples)
    page = html.unescape(client.get("/embed?lang=cy").text)
    assert "<h1>Gofynnwch i’r astudiaeth o wardiau nos</h1>" in page
    page = html.unescape(client.get("/embed?lang=pl").text)  # it has no words of its own in Polish
    assert f"<h1>{languages()['pl']['title']}</h1>" in page


def test_page_for_embedding_offers_its_roles_and_sections(client: httpx.Client) -> None:
    page = html.unescape(client.get("/embed/how").text)
    assert all(only in page for only in ("Carers only", "Clinicians only", "Managers only", "2.5 Staffing and money"))
    assert "Ask the study of night wards" in page


def test_front_page_has_its_own_words(client: httpx.Client) -> None:
    page = html.unescape(client.get("/").text)
    assert "<title>coproduce: ask the study of night wards</title>" in page
    assert "Ask the 2021 study of night wards." in page and 'href="/read/ward-2021"' in page
    for choice in ("Carers only", "Managers only", "Wards", "2.3 Who decides at night", "Clinician C", STANDING):
        assert choice in page


def test_statement_of_accessibility_has_its_own_notes(client: httpx.Client) -> None:
    assert "The floor plans of the wards are not in the text." in client.get("/accessibility").text


def test_api_answers_with_its_filters(client: httpx.Client) -> None:
    asked = {"question": "what is said about noise?", "filters": {"role": "manager", "section": "2.5"}}
    answer = Answer.model_validate(client.post("/api/ask", json=asked).json())
    assert speakers_of(answer) and {one.role for one in answer.citations if one.speaker} == {"manager"}
    reply = client.post("/api/ask", json={"question": "noise", "filters": {"role": "public"}})
    assert reply.status_code == 422
    assert reply.json()["error"]["message"].endswith("There are: carer, clinician, manager.")
    hits = client.post("/api/search", json={"question": "noise", "filters": {"section": "2"}}).json()
    assert hits and all(hit["section"].startswith("2") for hit in hits)


def test_api_lists_its_quotes(client: httpx.Client) -> None:
    quotes = client.get("/api/quotes", params={"role": "carer"}).json()
    assert [(one["section"], one["speaker"]) for one in quotes] == [row[:2] for row in QUOTES if row[2] == "carer"]
    assert len(client.get("/api/quotes").json()) == 17
    assert [one["section"] for one in client.get("/api/quotes?speaker=clinician+c").json()] == ["2.1", "2.3"]
    shown = client.get(f"/api/passages/{quotes[0]['passage_id']}").json()
    assert shown["reference"].startswith("Quillfeather M, Thornbeck A. Night wards")
    described = client.get("/openapi.json").json()
    assert described["info"]["summary"] == "Exact, cited passages and quotes of the 2021 study of night wards."
    assert "What wakes patients at night?" in json.dumps(described)


def export(client: httpx.Client, kind: str, **fields: object) -> httpx.Response:
    """Export something as a kind of file."""
    reply = client.post("/export", data={"format": kind, **{name: json.dumps(one) for name, one in fields.items()}})
    assert reply.status_code == 200, reply.text
    return reply


TURNS = [
    {"question": "What do carers say about handover?", "filters": {"role": "carer"}},
    {"question": "Who leads Grey Plover ward?"},
    {"question": "How do I bake sourdough bread?"},
]


def test_conversation_is_exported_in_its_words(client: httpx.Client) -> None:
    text = export(client, "md", turns=TURNS).content.decode()
    assert not FIRST.search(text)
    assert "### Wards the study visited" in text and "— The study’s list of wards, 4 The wards we visited" in text
    assert "Narrowed to: role carer" in text and "Made up for tests: free for all." in text
    assert STANDING in text and "Quillfeather M, Thornbeck A. Night wards" in text
    table = export(client, "csv", turns=TURNS).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    assert not FIRST.search(table)
    assert {row["role"] for row in rows} == {"carer", ""}
    assert {row["document"] for row in rows if row["quotation"]} == {
        "Night wards: a study of how carers, clinicians and managers share decisions at night (2021)"
    }
    assert [row["section"] for row in rows if row["question"] == TURNS[1]["question"]] == ["4"]
    assert "It is about how decisions are shared on hospital wards at night." in rows[-1]["answer"]
    assert all(STANDING in row["notes"] for row in rows)


@pytest.mark.parametrize("kind", [one.id for one in FORMATS])
def test_quotes_kept_are_exported_in_each_format(client: httpx.Client, ward: Document, kind: str) -> None:
    kept = [one for one in ward.passages if one.speaker in ("Manager 1", "Clinician C")]
    place = [{"document_id": ward.id, "passage_id": one.id, "start": one.start, "end": one.end} for one in kept]
    content = export(client, kind, items=place).content
    if kind != "docx":
        assert not FIRST.search(content.decode("utf-8-sig"))
        assert "Night wards: a study of how carers" in content.decode("utf-8-sig").replace("{", "").replace("}", "")


# What stands in Python and in templates.


def test_python_and_templates_hold_no_word_of_the_first_report() -> None:
    found = []
    for path in sorted(path for room in ("assistant", "corpus") for path in (ROOT / room).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings: for who reads it
        told |= {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.keyword) and one.arg == "description"}
        found += [
            f"{path.relative_to(ROOT)}:{node.lineno}: {node.value[max(0, match.start() - 40) : match.end() + 40]!r}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
            if (match := FIRST.search(node.value))
        ]
    for path in sorted((ROOT / "assistant").rglob("*")):
        if path.suffix in (".html", ".toml", ".js", ".css", ".svg"):
            lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
            found += [f"{path.relative_to(ROOT)}:{number}: {line}" for number, line in lines if FIRST.search(line)]
    # Any text; “in 2017” of instructions, and the name under which this is installed.
    known = {"assistant/keeping/model.py", "assistant/serving/mcp_server.py", "assistant/serving/terminal/cli.py"}
    assert [one for one in found if one.partition(":")[0] not in known] == []


# That the checks above find what is broken.


def test_first_reports_words_are_found_where_they_stand() -> None:
    first = (LIBRARY / "involve-2017" / "vocabulary.toml").read_text(encoding="utf-8")
    assert {"public partner", "academic researcher", "INVOLVE", "co-production", "Projects the report lists"} <= set(
        FIRST.findall(first)
    )
    assert not FIRST.search((FOLDER / "source.txt").read_text(encoding="utf-8"))
    assert not FIRST.search((FOLDER / "vocabulary.toml").read_text(encoding="utf-8"))


def test_vocabulary_without_its_labels_no_longer_reads_an_alias(entry: Entry, meaning: Meaning) -> None:
    question = "What did carer number 2 say?"
    assert read_question(question, Grammar(Library([entry])), meaning).speakers == ("Carer 2",)
    assert read_question(question, Grammar(Library([changed(entry, labels=())])), meaning).speakers == ()


def test_vocabulary_without_its_roles_no_longer_knows_who_nurses_are(entry: Entry, meaning: Meaning) -> None:
    question = "what do nurses say about alarms?"
    assert read_question(question, Grammar(Library([entry])), meaning).role == "clinician"
    without = Library([changed(entry, roles=())])
    assert read_question(question, Grammar(without), meaning).role is None
    assert without.roles["carer"].many == "carer speakers"


def test_vocabulary_without_its_table_no_longer_looks_it_up(entry: Entry, meaning: Meaning) -> None:
    for library, found in ((Library([entry]), True), (Library([changed(entry, table=None)]), False)):
        parsed = read_question("which wards are listed?", Grammar(library), meaning)
        assert isinstance(look_up(parsed, library), Shown) == found


def test_without_what_belongs_to_it_an_answer_lacks_it(entry: Entry, assistant: Assistant) -> None:
    bare = changed(entry, standing_note="", notes=(), topics="").model_copy(update={"contested": ()})
    poorer = Assistant(Library([bare]), assistant.retriever, assistant.settings)
    query = Query(question="how many alarms were there?")
    assert not notices_of(poorer.ask(query), "topic") and STANDING not in " ".join(poorer.ask(query).notices)
    assert "Ask, in your own words." in poorer.ask(Query(question="hello")).text
    point = replace(assistant.read(Query(question="Should a relative stay all night?")), compared=())
    shown = [{one.passage.speaker for one in asked.select(asked.find(point), point)} for asked in (assistant, poorer)]
    assert "Carer 7" in shown[0] and shown[0] & {"Carer 2", "Manager 1"}  # who says no, and one of those who say yes


def test_manifest_without_a_family_of_labels_loses_its_quotes() -> None:
    manifest = read_manifest(FOLDER)
    source = (FOLDER / "source.txt").read_text(encoding="utf-8")
    fewer = manifest.reader.model_copy(update={"speakers": manifest.reader.speakers[::2]})
    document = read_report(source, manifest.model_copy(update={"reader": fewer}), Vocabulary())
    assert Counter(one.role for one in document.passages if one.role) == {"carer": 9, "manager": 3}


def test_words_that_stand_nowhere_are_refused(tmp_path: Path) -> None:
    for path in FOLDER.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    written = (FOLDER / "contested.jsonl").read_text(encoding="utf-8")
    (tmp_path / "contested.jsonl").write_text(written.replace("I would not", "I would"), encoding="utf-8")
    with pytest.raises(CorpusError, match=r"contested.jsonl, line 1.*stands in no passage of section 2.4"):
        load_entry(tmp_path)
