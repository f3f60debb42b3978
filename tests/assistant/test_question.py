"""Guards the reading of a question: what is refused and why, whose voice is asked for, and what it is about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.reading.question import ParsedQuery, allows, check_filters, clean_question, read_question
from assistant.reading.voices import frame_of, topic_of
from assistant.schema import Filters, Query
from corpus.errors import CoproduceError, QuestionRefused, UnknownName
from corpus.schema import Document, Kind, Role

LIMIT = 2000


def ask(text: str, report: Document) -> ParsedQuery:
    return read_question(clean_question(text, LIMIT), (report,))


@pytest.mark.parametrize(
    ("question", "says", "advice"),
    [
        ("", "is empty", "Please type one"),
        (" \t\r\n\u00a0 ", "is empty", "Please type one"),
        ("a" * (LIMIT + 1), "has 2,001 characters; at most 2,000", "Please shorten it"),
        ("what\0is it", "NUL byte", "Please type or paste it again"),
        ("what \ud800 is it", "lone surrogate", "Please type or paste it again"),
        ("what \udfff is it", "lone surrogate", "Please type or paste it again"),
        ("😀👩🏽‍🔬🇬🇧", "no words", "Please ask in words"),
        ("?! … — “”", "no words", "Please ask in words"),
    ],
)
def test_clean_question_refuses_and_says_what_to_do(question: str, says: str, advice: str) -> None:
    with pytest.raises(QuestionRefused) as caught:
        clean_question(question, LIMIT)
    assert says in str(caught.value)
    assert advice in str(caught.value)
    assert "\n" not in str(caught.value)


def test_clean_question_counts_characters_after_white_space_is_folded() -> None:
    assert clean_question("a" * LIMIT, LIMIT) == "a" * LIMIT
    assert clean_question("a" + " " * LIMIT + "b", LIMIT) == "a b"


def test_clean_question_composes_accents_and_joins_lines() -> None:
    assert clean_question("  cafe\u0301\r\nin\tthe  town ", LIMIT) == "café in the town"


@pytest.mark.parametrize("question", ["Qu’est-ce que la coproduction ?", "共同生産とは", "power 😀", "2017"])
def test_clean_question_keeps_any_language(question: str) -> None:
    assert clean_question(question, LIMIT) == question


@given(st.text(alphabet=st.characters(codec=None), max_size=200))
def test_clean_question_cleans_or_refuses_any_text(question: str) -> None:
    try:
        cleaned = clean_question(question, 100)
    except QuestionRefused as error:
        assert str(error).endswith((".", "?"))
        return
    assert 0 < len(cleaned) <= 100
    assert cleaned == " ".join(cleaned.split())
    assert clean_question(cleaned, 100) == cleaned
    cleaned.encode("utf-8")


@given(st.text(min_size=1, max_size=120))
def test_read_question_reads_any_cleaned_text(report: Document, question: str) -> None:
    try:
        asked = ask(question, report)
    except CoproduceError:
        return
    known = {speaker.label for speaker in report.speakers}
    assert set(asked.speakers) <= known
    assert not set(asked.unknown_speakers) & known


@pytest.mark.parametrize(
    ("named", "label"),
    [
        ("Academic Researcher 5", "Academic Researcher 5"),
        ("academic researcher 5", "Academic Researcher 5"),
        ("ACADEMIC RESEARCHER 5", "Academic Researcher 5"),
        ("Academic Researcher5", "Academic Researcher 5"),
        ("academic researcher number 5", "Academic Researcher 5"),
        ("researcher no. 5", "Academic Researcher 5"),
        ("Researcher #5", "Academic Researcher 5"),
        ("Academic 5", "Academic Researcher 5"),
        ("AR5", "Academic Researcher 5"),
        ("ar 5", "Academic Researcher 5"),
        ("Academic Researchers 1", "Academic Researcher 1"),
        ("Academic Researcher 1", "Academic Researcher 1"),
        ("Academic Researcher 10", "Academic Researcher 10"),
        ("AR13", "Academic Researcher 13"),
        ("Public partner B", "Public partner B"),
        ("public partner b", "Public partner B"),
        ("Public Partner B", "Public partner B"),
        ("Public partnerF", "Public partner F"),
        ("partner B", "Public partner B"),
        ("patient partner B", "Public partner B"),
        ("public contributor F", "Public partner F"),
        ("Public partner B’s", "Public partner B"),
        ("public partner B's", "Public partner B"),
        ("Service User Researcher C", "Service User Researcher C"),
        ("service user researcher c", "Service User Researcher C"),
        ("service-user researcher C", "Service User Researcher C"),
        ("Service User Researcher C’s", "Service User Researcher C"),
    ],
)
def test_read_question_finds_a_speaker_in_any_spelling(named: str, label: str, report: Document) -> None:
    asked = ask(f"Quotes from {named}", report)
    assert asked.speakers == (label,)
    assert asked.unknown_speakers == ()
    assert asked.wants_quotes


def test_read_question_finds_every_label_as_it_is_written(report: Document) -> None:
    for speaker in report.speakers:
        assert ask(f"What did {speaker.label} say?", report).speakers == (speaker.label,)


def test_read_question_finds_two_speakers(report: Document) -> None:
    asked = ask("What did Academic Researcher 5 and Public partner B say about power?", report)
    assert asked.speakers == ("Academic Researcher 5", "Public partner B")
    assert asked.role is None


@pytest.mark.parametrize(
    ("named", "label"),
    [
        ("Academic Researcher 9", "Academic Researcher 9"),
        ("AR12", "Academic Researcher 12"),
        ("public partner G", "Public partner G"),
        ("Service User Researcher A", "Service User Researcher A"),
    ],
)
def test_read_question_tells_speakers_who_are_not_quoted(named: str, label: str, report: Document) -> None:
    asked = ask(f"What did {named} say about power?", report)
    assert asked.speakers == ()
    assert asked.unknown_speakers == (label,)


@pytest.mark.parametrize(
    "question",
    [
        "I met a public partner a few years ago, is that usual?",
        "A public partner I know is unsure",
        "Which 5 projects are listed?",
        "What did service users' groups want?",
    ],
)
def test_read_question_takes_no_common_word_for_a_name(question: str, report: Document) -> None:
    asked = ask(question, report)
    assert asked.speakers == ()
    assert asked.unknown_speakers == ()


@pytest.mark.parametrize(
    ("question", "role"),
    [
        ("What did public partners say about power?", Role.PUBLIC),
        ("What did patients think of the meetings?", Role.PUBLIC),
        ("quotes from service users about trust", Role.PUBLIC),
        ("What did public partners say about academics?", Role.PUBLIC),
        ("What did the public researchers say about power?", Role.PUBLIC),
        ("What about public partners?", Role.PUBLIC),
        ("what about from public partners?", Role.PUBLIC),
        ("What did academics say about power?", Role.ACADEMIC),
        ("Did any researcher complain about time?", Role.ACADEMIC),
        ("quote from an academic: ground rules", Role.ACADEMIC),
        ("What did academics say about public partners?", Role.ACADEMIC),
        ("And what about the academics?", Role.ACADEMIC),
    ],
)
def test_read_question_takes_the_role_of_who_is_asked_to_speak(question: str, role: Role, report: Document) -> None:
    assert ask(question, report).role is role


@pytest.mark.parametrize(
    "question",
    [
        "What does the report say about public partners?",
        "How should researchers treat patients?",
        "How do academics share power with public partners?",
        "What do researchers and patients say about power?",
        "Were public partners paid?",
        "quotes about academics",
        "Who are the researchers?",
        "What is co-production?",
    ],
)
def test_read_question_takes_no_role_where_a_side_is_only_spoken_about(question: str, report: Document) -> None:
    assert ask(question, report).role is None


def test_read_question_takes_no_role_where_a_speaker_is_named(report: Document) -> None:
    assert ask("What did Public partner B say about academics?", report).role is None


@pytest.mark.parametrize("question", ["What does section B.4.iii say?", "Sum up b.4.III please", "see part B.4.iii"])
def test_read_question_finds_a_section(question: str, report: Document) -> None:
    assert ask(question, report).filters.section == "B.4.iii"


@pytest.mark.parametrize(
    ("question", "frame", "topic"),
    [
        ("What did academics say about power?", "What did academics say", "power?"),
        ("quote from an academic: ground rules", "quote from an academic", "ground rules"),
        ("Give me a quote on trust and time", "Give me a quote", "trust and time"),
        ("What is co-production?", "What is co-production?", "What is co-production?"),
    ],
)
def test_frame_and_topic_part_a_question(question: str, frame: str, topic: str) -> None:
    assert frame_of(question) == frame
    assert topic_of(question) == topic


def test_topic_leaves_out_the_speaker() -> None:
    assert topic_of("Public partner B trust") == "trust"


@given(st.text(max_size=100))
def test_frame_and_topic_take_any_text(question: str) -> None:
    assert isinstance(frame_of(question), str)
    assert isinstance(topic_of(question), str)


def test_check_filters_brings_names_to_their_spelling(report: Document) -> None:
    filters = Filters(speaker="public PARTNERf", section="b4III", document_id="Involve-2017")
    checked = check_filters(Query(question="power", filters=filters), (report,)).filters
    assert checked == Filters(speaker="Public partner F", section="B.4.iii", document_id="involve-2017")


@pytest.mark.parametrize("name", ["speaker", "section", "document_id"])
def test_check_filters_names_those_that_exist(name: str, report: Document) -> None:
    known = {
        "speaker": [speaker.label for speaker in report.speakers],
        "section": [section.id for section in report.sections],
        "document_id": ["involve-2017"],
    }[name]
    query = Query(question="power", filters=Filters.model_validate({name: "Nobody"}))
    with pytest.raises(UnknownName) as caught:
        check_filters(query, (report,))
    assert "'Nobody'" in str(caught.value)
    assert str(caught.value).endswith(f"There are: {', '.join(known)}.")


@given(st.text(max_size=30))
def test_check_filters_refuses_any_unknown_section(report: Document, name: str) -> None:
    try:
        checked = check_filters(Query(question="power", filters=Filters(section=name)), (report,))
    except UnknownName:
        return
    assert checked.filters.section in {section.id for section in report.sections}


def test_allows_keeps_other_voices_out_and_the_authors_in() -> None:
    asked = ParsedQuery(text="", role=Role.PUBLIC)
    assert allows(asked, Kind.INTERVIEW, "Public partner A", Role.PUBLIC)
    assert not allows(asked, Kind.INTERVIEW, "Academic Researcher 1", Role.ACADEMIC)
    assert allows(asked, Kind.REPORT, None, None)
    named = ParsedQuery(text="", speakers=("Academic Researcher 1",))
    assert allows(named, Kind.INTERVIEW, "Academic Researcher 1", Role.ACADEMIC)
    assert not allows(named, Kind.INTERVIEW, "Academic Researcher 10", Role.ACADEMIC)
