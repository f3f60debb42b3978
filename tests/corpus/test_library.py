"""Guards the library: look-ups over several documents, roles that are merged, filters, and names however written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.contested import Contested
from corpus.errors import CorpusError, UnknownName
from corpus.expand import NotCovered
from corpus.filters import Filters
from corpus.glossary import GlossaryEntry
from corpus.library import Entry, KnownQuestion, Library, find_name, fold_name
from corpus.load import entry_of, load_library
from corpus.schema import Document, Kind
from corpus.vocabulary import PageWords, RoleWords, TableColumn, TableWords, TopicNote, Vocabulary
from tests.documents import make_document

PUBLIC = RoleWords(id="public", one="public partner", many="public partners", called=("patient",))
NURSES = RoleWords(id="nurse", one="nurse", many="nurses", called=("(night|day) nurse",), kinds=("matron",))
OTHER_PUBLIC = RoleWords(id="public", one="neighbour", many="neighbours", called=("neighbour",))
TABLE = TableWords(
    one="ward",
    many="wards",
    called=("wards",),
    heading="Wards",
    attribution="The list",
    columns=(TableColumn(name="w"),),
)


def said_by(document: Document, role: str) -> Document:
    """Give the one who is quoted another role."""
    passages = (document.passages[0].model_copy(update={"role": role}), *document.passages[1:])
    speakers = (document.speakers[0].model_copy(update={"role": role}),)
    return document.model_copy(update={"passages": passages, "speakers": speakers})


@pytest.fixture
def minutes() -> Document:
    """A document with a vocabulary."""
    return make_document().model_copy(
        update={
            "vocabulary": Vocabulary(
                roles=(NURSES, PUBLIC),
                table=TABLE,
                topics="the weather",
                covers="It is about rain.",
                standing_note="It may rain.",
                examples=("Did it rain?",),
                described="the minutes of May",
                pages={"en": PageWords(title="Ask", intro="Exact words.")},
            )
        }
    )


@pytest.fixture
def diary() -> Document:
    """Another, with some of the same in its vocabulary; what a nurse says stands in it."""
    document = make_document(
        "Nights are long.", "Nurse 1", "A diary", document_id="diary", written="It snowed. We left."
    ).model_copy(
        update={
            "vocabulary": Vocabulary(
                roles=(OTHER_PUBLIC,), topics="snow", standing_note="It may rain.", examples=("Did it snow?",)
            )
        }
    )
    return said_by(document, "nurse")


@pytest.fixture
def both(minutes: Document, diary: Document) -> Library:
    """The two together."""
    return Library([entry_of(minutes), entry_of(diary)])


def test_documents_and_passages_are_looked_up_by_their_ids(both: Library, minutes: Document, diary: Document) -> None:
    assert both.documents == (minutes, diary)
    assert both.passages == (*minutes.passages, *diary.passages)
    assert (both.document("diary"), both.entry("diary").document) == (diary, diary)
    for document in (minutes, diary):
        for passage in document.passages:
            assert both.passage(passage.id) == passage == document.passage(passage.id)
    for look_up in (both.document, both.entry, both.passage):
        with pytest.raises(KeyError):
            look_up("absent")


def test_sections_of_every_document_are_known_by_their_titles(both: Library) -> None:
    assert [(section.id, section.title) for section in both.sections] == [("1", "Minutes"), ("1", "A diary")]
    assert both.section_title("1") == "Minutes"  # the first that has it
    assert both.section_title("2") is None


def test_speakers_are_known_by_label_and_quotes_are_counted_by_role(both: Library) -> None:
    assert {label: speaker.role for label, speaker in both.speakers.items()} == {
        "Public partner A": "public",
        "Nurse 1": "nurse",
    }
    assert both.quoted_by_role == {"nurse": 1, "public": 1}
    assert both.seldom_heard(one.id for one in both.documents) == ()


def test_the_role_with_fewer_quotes_is_seldom_heard(minutes: Document, diary: Document) -> None:
    more = make_document("Yes.", "Nurse 2", document_id="more")
    library = Library(entry_of(one) for one in (minutes, diary, said_by(more, "nurse")))
    assert list(library.quoted_by_role.items()) == [("nurse", 2), ("public", 1)]  # the most quoted first
    # Each document by itself: neither has two sides.
    assert library.seldom_heard(one.id for one in library.documents) == ()


def test_roles_of_documents_are_merged_and_the_first_that_names_one_decides_its_words(both: Library) -> None:
    assert list(both.roles) == ["nurse", "public"]
    assert (both.roles["public"].one, both.roles["public"].many) == (PUBLIC.one, PUBLIC.many)
    assert both.roles["public"].called == (*PUBLIC.called, "neighbour")  # the phrases of either ask for it
    assert both.roles["nurse"] == NURSES


def test_a_role_without_words_is_called_by_its_id() -> None:
    library = Library([entry_of(said_by(make_document(), "night-nurse"))])
    assert library.roles["night-nurse"].many == "night-nurse speakers"
    assert library.roles["night-nurse"].pattern.search("any Night-Nurse speakers?")
    assert library.quoted_by_role == {"night-nurse": 1}


def test_what_documents_say_of_themselves_is_put_together(both: Library, minutes: Document) -> None:
    assert both.standing_notes == ("It may rain.",)  # once
    assert both.examples == ("Did it rain?", "Did it snow?")
    assert (both.topics, both.covers) == ("the weather, or snow", "It is about rain.")
    assert both.tables == (TABLE,)
    assert both.described == "the minutes of May and “A diary”"
    assert both.page_words("en") is None  # of several documents no page speaks as of one
    alone = Library([entry_of(minutes)])
    assert alone.page_words("en") == PageWords(title="Ask", intro="Exact words.")
    assert alone.page_words("cy") is None


def test_a_library_of_a_document_without_a_vocabulary_says_nothing_of_it() -> None:
    library = Library([entry_of(make_document())])
    assert (library.tables, library.standing_notes, library.examples) == ((), (), ())
    assert (library.topics, library.covers, library.described) == ("", "", "“Minutes”")
    assert library.page_words("en") is None


def test_what_belongs_to_entries_is_put_together(minutes: Document, diary: Document) -> None:
    def entry(document: Document, name: str) -> Entry:
        return entry_of(document).model_copy(
            update={
                "contested": (Contested(point=name, sides=(("a",), ("b",))),),
                "not_covered": (NotCovered(topic=name, kind="far", questions=(f"{name}?",)),),
                "glossary": (GlossaryEntry(term=name, meaning="m", section="1", about="a", defined_by="us"),),
            }
        )

    library = Library([entry(minutes, "rain"), entry(diary, "snow")])
    assert [one.point for one in library.contested] == ["rain", "snow"]
    assert [one.topic for one in library.not_covered] == ["rain", "snow"]
    assert [one.term for one in library.glossary] == ["rain", "snow"]


def test_known_questions_are_kept_by_passage_in_their_order(minutes: Document) -> None:
    said, written = minutes.passages
    questions = (
        KnownQuestion(passage_id=written.id, span=(1, 2), question="b?"),
        KnownQuestion(passage_id=said.id, span=(3, 4), question="a?"),
        KnownQuestion(passage_id=written.id, span=(5, 6), question="c?"),
    )
    entry = entry_of(minutes).model_copy(update={"questions": questions})
    assert entry.questions_by_passage == {written.id: [((1, 2), "b?"), ((5, 6), "c?")], said.id: [((3, 4), "a?")]}


def test_no_document_and_two_of_one_id_are_refused(minutes: Document, diary: Document) -> None:
    with pytest.raises(CorpusError, match="there is no document to answer from"):
        Library([])
    twin = diary.model_copy(update={"id": "minutes"})
    with pytest.raises(CorpusError, match="“Minutes” and “A diary” have one document id, 'minutes'"):
        Library([entry_of(minutes), entry_of(twin)])


# --- quotes and filters


def test_quotes_are_listed_in_reading_order_and_narrowed(both: Library) -> None:
    assert [quote.quoted_text for quote in both.quotes()] == ["We met as equals.", "Nights are long."]
    assert [quote.speaker for quote in both.quotes(role="nurse")] == ["Nurse 1"]
    assert [quote.speaker for quote in both.quotes(role="NURSE")] == ["Nurse 1"]
    assert [quote.document_id for quote in both.quotes(speaker="public-partner a")] == ["minutes"]
    assert len(both.quotes(section="1")) == 2
    assert both.quotes(role="nurse", speaker="Public partner A") == []
    assert [passage.text for passage in both.quotes_in("diary", "1")] == ["Nights are long."]
    assert both.quotes_in("diary", "2") == []


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"role": "patient"}, "there is no role 'patient'. There are: nurse, public."),
        ({"speaker": "Nurse 2"}, "there is no speaker 'Nurse 2'. There are: Public partner A, Nurse 1."),
        ({"section": "9"}, "there is no section '9'. There are: 1."),
    ],
)
def test_quotes_of_an_unknown_name_are_refused_with_the_known_ones(
    both: Library, wanted: dict[str, str], message: str
) -> None:
    with pytest.raises(UnknownName) as caught:
        both.quotes(**wanted)  # type: ignore[arg-type]
    assert str(caught.value) == message
    assert caught.value.field == next(iter(wanted))


def test_filters_are_brought_to_the_names_of_the_documents(both: Library) -> None:
    written = Filters(speaker="nurse1", role="Nurse", section=" 1 ", kind=Kind.INTERVIEW, document_id="DIARY")
    assert both.check_filters(written) == Filters(
        speaker="Nurse 1", role="nurse", section="1", kind=Kind.INTERVIEW, document_id="diary"
    )
    assert both.check_filters(Filters()) == Filters()


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        (Filters(speaker="Nurse 2"), "there is no speaker 'Nurse 2'"),
        (Filters(role="doctor"), "there is no role 'doctor'. There are: nurse, public."),
        (Filters(section="2"), "there is no section '2'"),
        (Filters(document_id="letters"), "there is no document 'letters'. There are: minutes, diary."),
    ],
)
def test_a_filter_that_names_nothing_is_refused(both: Library, filters: Filters, message: str) -> None:
    with pytest.raises(UnknownName) as caught:
        both.check_filters(filters)
    assert message in str(caught.value)
    (field,) = filters.model_dump(exclude_none=True)
    assert caught.value.field == field


def test_allowed_passages_are_those_that_every_filter_lets_through(both: Library) -> None:
    def texts(filters: Filters) -> list[str]:
        return [passage.text for passage in both.allowed(filters)]

    assert texts(Filters()) == [passage.text for passage in both.passages]
    assert texts(Filters(document_id="diary")) == ["Nights are long.", "It snowed. We left."]
    assert texts(Filters(kind=Kind.REPORT)) == ["It rained. We stayed in.", "It snowed. We left."]
    assert texts(Filters(role="public")) == texts(Filters(speaker="Public partner A")) == ["We met as equals."]
    assert texts(Filters(role="public", document_id="diary")) == []


def test_filters_fill_each_others_gaps_and_the_first_wins() -> None:
    asked, set_before = Filters(role="nurse"), Filters(role="public", section="1")
    assert asked | set_before == Filters(role="nurse", section="1")
    assert Filters() | set_before == set_before


def test_a_section_filter_lets_the_sections_inside_through() -> None:
    library = load_library()
    counts = {
        section: len(library.allowed(Filters(section=section)))
        for section in ("B.4", "B.4.i", "Part A", "Part B", "Summary")
    }
    by_hand = {
        section: sum(passage.section == section or passage.section.startswith(inside) for passage in library.passages)
        for section, inside in {"B.4": "B.4.", "B.4.i": "-", "Part A": "A.", "Part B": "B.", "Summary": "-"}.items()
    }
    assert counts == by_hand
    assert len(library.quotes(section="Part B")) == 95
    assert len(library.quotes(section="B.4.i")) == 7  # not those of B.4.ii or B.4.iv
    assert library.quotes(section="Part A") == []


def test_a_section_knows_what_stands_around_it(document: Document) -> None:
    assert document.section("B.4.iii").within == ("Part B", "B.4")
    assert document.section("A.2").within == ("Part A",)
    assert document.section("Summary").within == ()
    assert document.holds("Part B", "B.4.iii")
    assert document.holds("B.4", "B.4.iii")
    assert document.holds("B.4.iii", "B.4.iii")
    assert not document.holds("B.4.iii", "B.4")
    assert not document.holds("B.4.i", "B.4.iii")
    assert not document.holds("B.1", "B.11")
    assert not document.holds("Part A", "B.4")
    for passage in document.passages:
        assert passage.within == document.section(passage.section).within
        assert passage.is_in(passage.section)
        assert [one.id for one in document.sections if passage.is_in(one.id)] == [*passage.within, passage.section]


# --- names


@pytest.mark.parametrize("written", ["Nurse 1", "nurse 1", "NURSE1", "Nurse-1", "nurse_1", " Nurse\t1 ", "N.u.r.s.e 1"])
def test_a_name_is_found_however_it_is_written(written: str) -> None:
    assert find_name(written, ["Nurse 1", "Nurse 11"], "speaker") == "Nurse 1"


def test_a_name_as_it_is_comes_before_one_that_is_written_alike() -> None:
    assert find_name("A1", ["A.1", "A1"], "section") == "A1"
    assert find_name("A.1", ["A.1", "A1"], "section") == "A.1"


def test_an_unknown_name_is_refused_with_each_known_one_once() -> None:
    with pytest.raises(UnknownName) as caught:
        find_name("x", ["b", "a", "b"], "document_id")
    assert str(caught.value) == "there is no document 'x'. There are: b, a."
    assert (caught.value.field, caught.value.exit_code) == ("document_id", 2)
    with pytest.raises(UnknownName, match="There are: none"):
        find_name("x", [], "role")


@given(name=st.text(min_size=1, max_size=12), known=st.lists(st.text(max_size=12), max_size=5))
def test_any_name_is_found_or_refused(name: str, known: list[str]) -> None:
    try:
        found = find_name(name, known, "role")
    except UnknownName:
        assert fold_name(name) not in {fold_name(one) for one in known}
    else:
        assert found in known
        assert fold_name(found) == fold_name(name)


# --- vocabulary


def test_a_role_is_found_by_what_it_is_called_and_by_its_own_names() -> None:
    assert PUBLIC.pattern.search("What did patients say?")
    assert PUBLIC.pattern.search("Public Partners")
    assert NURSES.pattern.search("a night nurse")
    assert not NURSES.pattern.search("nursing")
    assert NURSES.kinds_pattern.search("the matrons")
    assert PUBLIC.kinds_pattern.search("anybody at all") is None


def test_a_note_is_due_where_a_phrase_of_each_group_stands_in_the_question() -> None:
    note = TopicNote(asked=(("principle", "rule"), ("five", "5")), note="n")
    assert note.is_due("What are the five rules?")
    assert note.is_due("5 Principles")
    assert not note.is_due("What are the principles?")
    assert not note.is_due("five things")


def test_roles_of_a_document_are_in_the_order_of_its_vocabulary(minutes: Document, diary: Document) -> None:
    assert minutes.roles == ("public",)  # nobody in it is a nurse
    assert diary.roles == ("nurse",)  # its vocabulary does not know them
    assert list(minutes.vocabulary.role_words) == ["nurse", "public"]


def test_the_bundled_vocabulary_fits_the_bundled_report() -> None:
    library = load_library()
    (document,) = library.documents
    vocabulary = document.vocabulary
    assert list(library.roles) == ["public", "academic"]
    assert library.quoted_by_role == {"academic": 77, "public": 18}
    assert library.seldom_heard([document.id]) == ("public",)
    labels = [family.label for family in vocabulary.labels]
    assert {label.replace("{}", "") for label in labels} == {
        speaker.label.rstrip("0123456789ABCDFZ") for speaker in document.speakers
    }
    assert vocabulary.table is not None
    assert [column.name for column in vocabulary.table.columns] == ["name", "address", "funder"]
    assert set(vocabulary.table.headings) == set(vocabulary.pages) - {"en"} == {"cy", "pl", "ur", "bn"}
    assert all(set(role.only) == {"cy", "pl", "ur", "bn"} for role in vocabulary.roles)
