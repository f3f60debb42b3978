"""Guards the reading of a question: what is refused and why, whose voice is asked for, and what it is about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.finding.passage_masks import PassageMasks
from assistant.reading.clean import clean_question
from assistant.reading.grammar import Grammar
from assistant.reading.question import ParsedQuery
from corpus.errors import CoproduceError, QuestionRefused, UnknownName
from corpus.filters import Filters
from corpus.library import Library
from corpus.load import load_library
from corpus.schema import Kind
from tests.assistant.conftest import Read

LIMIT = 2000


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


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
def test_read_question_reads_any_cleaned_text(grammar: Grammar, read: Read, question: str) -> None:
    try:
        asked = read(question)
    except CoproduceError:
        return
    known = {speaker.label for speaker in grammar.library.speakers.values()}
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
def test_read_question_finds_a_speaker_in_any_spelling(named: str, label: str, read: Read) -> None:
    asked = read(f"Quotes from {named}")
    assert asked.speakers == (label,)
    assert asked.unknown_speakers == ()
    assert asked.wants_quotes


def test_read_question_finds_every_label_as_it_is_written(grammar: Grammar, read: Read) -> None:
    for speaker in grammar.library.speakers.values():
        assert read(f"What did {speaker.label} say?").speakers == (speaker.label,)


def test_read_question_finds_two_speakers(read: Read) -> None:
    asked = read("What did Academic Researcher 5 and Public partner B say about power?")
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
def test_read_question_tells_speakers_who_are_not_quoted(named: str, label: str, read: Read) -> None:
    asked = read(f"What did {named} say about power?")
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
def test_read_question_takes_no_common_word_for_a_name(question: str, read: Read) -> None:
    asked = read(question)
    assert asked.speakers == ()
    assert asked.unknown_speakers == ()


@pytest.mark.parametrize(
    ("question", "role"),
    [
        ("What did public partners say about power?", "public"),
        ("What did patients think of the meetings?", "public"),
        ("quotes from service users about trust", "public"),
        ("What did public partners say about academics?", "public"),
        ("What did the public researchers say about power?", "public"),
        ("What did academics say about power?", "academic"),
        ("Did any researcher complain about time?", "academic"),
        ("quote from an academic: ground rules", "academic"),
        ("What did academics say about public partners?", "academic"),
    ],
)
def test_read_question_takes_the_role_of_who_is_asked_to_speak(question: str, role: str, read: Read) -> None:
    assert read(question).role == role


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
def test_read_question_takes_no_role_where_a_side_is_only_spoken_about(question: str, read: Read) -> None:
    assert read(question).role is None


def test_read_question_takes_no_role_where_a_speaker_is_named(read: Read) -> None:
    assert read("What did Public partner B say about academics?").role is None


@pytest.mark.parametrize("question", ["What does section B.4.iii say?", "Sum up b.4.III please", "see part B.4.iii"])
def test_read_question_finds_a_section(question: str, read: Read) -> None:
    assert read(question).filters.section == "B.4.iii"


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("What did academics say about power?", "power?"),
        ("quote from an academic: ground rules", "ground rules"),
        ("Give me a quote on trust and time", "trust and time"),
        ("What is co-production?", "What is co-production?"),
    ],
)
def test_topic_is_what_a_question_is_about(question: str, topic: str, grammar: Grammar) -> None:
    assert grammar.voices.topic_of(question) == topic


def test_topic_leaves_out_the_speaker(grammar: Grammar) -> None:
    assert grammar.voices.topic_of("Public partner B trust") == "trust"


@given(st.text(max_size=100))
def test_topic_takes_any_text(grammar: Grammar, question: str) -> None:
    assert isinstance(grammar.voices.topic_of(question), str)


def test_check_filters_brings_names_to_their_spelling(library: Library) -> None:
    filters = Filters(speaker="public PARTNERf", role="Public", section="b4III", document_id="Involve-2017")
    wanted = Filters(speaker="Public partner F", role="public", section="B.4.iii", document_id="involve-2017")
    assert library.check_filters(filters) == wanted


@pytest.mark.parametrize("name", ["speaker", "section", "document_id", "role"])
def test_check_filters_names_those_that_exist(name: str, library: Library) -> None:
    known = {
        "speaker": list(library.speakers),
        "section": [section.id for section in library.sections],
        "document_id": ["involve-2017"],
        "role": ["public", "academic"],
    }[name]
    with pytest.raises(UnknownName) as caught:
        library.check_filters(Filters.model_validate({name: "Nobody"}))
    assert "'Nobody'" in str(caught.value)
    assert str(caught.value).endswith(f"There are: {', '.join(known)}.")
    assert caught.value.field == name


@given(st.text(max_size=30).filter(str.strip))
def test_check_filters_refuses_any_unknown_section(library: Library, name: str) -> None:
    try:
        checked = library.check_filters(Filters(section=name))
    except UnknownName:
        return
    assert checked.section in {section.id for section in library.sections}


def test_masks_keep_other_voices_out_and_the_authors_in(library: Library) -> None:
    masks = PassageMasks(library)
    for parsed in (ParsedQuery(text="", role="public"), ParsedQuery(text="", speakers=("Academic Researcher 1",))):
        allowed = [one for one, yes in zip(library.passages, masks.allowed(parsed), strict=True) if yes]
        quotes = [one for one in allowed if one.speaker]
        assert len(allowed) - len(quotes) == sum(one.speaker is None for one in library.passages)
        assert len(quotes) == (18 if parsed.role else 9)
        assert all(one.role == parsed.role if parsed.role else one.speaker in parsed.speakers for one in quotes)


@given(
    st.builds(
        Filters,
        speaker=st.none() | st.sampled_from(["Public partner B", "Academic Researcher 5"]),
        role=st.none() | st.sampled_from(["public", "academic"]),
        section=st.none() | st.sampled_from(["B.4", "B.4.iii", "Part A", "Summary"]),
        kind=st.none() | st.sampled_from(list(Kind)),
        document_id=st.none() | st.just("involve-2017"),
    )
)
def test_masks_allow_what_filters_allow(library: Library, filters: Filters) -> None:
    masks = PassageMasks(library)
    assert masks.fitting(filters).tolist() == [filters.allow(passage) for passage in library.passages]


@pytest.mark.parametrize(
    "question", ["a quote of 20 words at most", "quotes, 20 words or fewer", "under 20 words please"]
)
def test_a_limit_of_words_is_read_however_it_is_said(question: str, read: Read) -> None:
    assert read(question).max_words == 20


def test_what_words_are_wanted_for_and_on_whose_side_says_no_topic(grammar: Grammar) -> None:
    assert grammar.own_words("a quote for a tweet") == []
    whole = "what do people on the public side make of the word itself"
    assert grammar.voices.topic_of(whole) == whole
