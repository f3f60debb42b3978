"""Guards the grammar of a vocabulary's phrases: what each form finds, what is refused, and that finding stays quick."""

import re
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import CorpusError
from corpus.load import LIBRARY, read_vocabulary
from corpus.phrases import phrase_source, phrases_pattern
from corpus.vocabulary import Vocabulary


def found(phrase: str, text: str, *, plural: bool = True) -> str | None:
    """Give what a phrase finds in a text."""
    match = phrases_pattern([phrase], plural=plural).search(text)
    return match and match.group()


@pytest.mark.parametrize(
    ("phrase", "text", "words"),
    [
        # A word, or its plural, whatever its capitals; never a part of another word.
        ("patient", "What did a patient say?", "patient"),
        ("patient", "PATIENTS first", "PATIENTS"),
        ("patient", "outpatient care", None),
        ("patient", "patiently", None),
        ("patient", "patient-led", "patient"),
        ("£", "cost £5", "£"),
        # Words with a space or a hyphen between them, or any number of either.
        ("service user", "a service user", "service user"),
        ("service user", "service-users", "service-users"),
        ("service user", "service  user", "service  user"),
        ("service user", "service\nuser", "service\nuser"),
        ("service user", "serviceuser", None),
        ("service user", "services user", None),  # only the last word may be a plural
        ("service user", "service for a user", None),
        # One of several words; one of them may be more than a word.
        ("(lay|public) person", "lay persons", "lay persons"),
        ("(lay|public) person", "A Public Person", "Public Person"),
        ("(lay|public) person", "a person", None),
        ("( lay | public ) person", "a lay person", "lay person"),
        ("(lay|service user)", "service users", "service users"),
        ("(lay|public) (person|people)", "public people", "public people"),
        # A word that begins so.
        ("fund*", "who funded it", "funded"),
        ("fund*", "fund", "fund"),
        ("fund*", "refund", None),
        ("fund* by", "funding by", "funding by"),
        ("(fund*|pay) by", "funders by", "funders by"),
        # Up to four words between.
        ("did ... work", "did work", "did work"),
        ("did ... work", "Did it really work?", "Did it really work"),
        ("did ... work", "did one two three four work", "did one two three four work"),
        ("did ... work", "did one two three four five work", None),
        ("did ... work", "work did", None),
        ("did ... work", "did it work and work", "did it work"),  # the shortest that fits
        ("did ... (work|help)", "did they ever help", "did they ever help"),
        ("who ... grant", "who gave the research-grants", "who gave the research-grants"),
        # But not before one of these words.
        ("the public !(sector|purse)", "what the public wants", "the public"),
        ("the public !(sector|purse)", "the public", "the public"),
        ("the public !(sector|purse)", "the public sector", None),
        ("the public !(sector|purse)", "The Public Purse", None),
        ("the public !(sector|purse)", "the public-sector", None),
        ("the public !(sector|purse)", "the public sectors", None),
        ("the public !(sector|purse)", "the public sectorial", "the public"),
        ("the public !(bod*)", "the public bodies", None),
        ("the public !(bod*)", "the public anybody", "the public"),
        ("the public !(sector|purse)", "the public sector and the public", "the public"),
        # But not after one of these words.
        ("!(user|lay) researcher", "a researcher", "researcher"),
        ("!(user|lay) researcher", "researchers", "researchers"),
        ("!(user|lay) researcher", "a user researcher", None),
        ("!(user|lay) researcher", "Lay-Researchers", None),
        ("!(user|lay) researcher", "the users researcher", "researcher"),
        ("!(lay) researcher !(team)", "the researcher team", None),
        ("!(lay) researcher !(team)", "the researcher", "researcher"),
        ("!(lay) researcher !(team)", "the lay researcher", None),
    ],
)
def test_a_phrase_finds_what_its_grammar_says(phrase: str, text: str, words: str | None) -> None:
    assert found(phrase, text) == words


@pytest.mark.parametrize(
    ("phrase", "text", "words"),
    [
        ("patient", "patients", None),
        ("patient", "patient", "patient"),
        ("(lay|public)", "publics", None),
        ("fund*", "funds", "funds"),  # it begins so
        ("the public !(sector)", "the public sectors", None),  # what must not follow may be a plural all the same
    ],
)
def test_a_plural_counts_only_where_it_is_asked_for(phrase: str, text: str, words: str | None) -> None:
    assert found(phrase, text, plural=False) == words


def test_of_several_phrases_the_first_that_fits_counts() -> None:
    text = "lay people"
    assert phrases_pattern(["lay", "lay people"]).search(text)[0] == "lay"  # type: ignore[index]
    assert phrases_pattern(["lay people", "lay"]).search(text)[0] == "lay people"  # type: ignore[index]
    assert phrases_pattern(["nurse", "people"]).search(text)[0] == "people"  # type: ignore[index]


def test_an_exclusion_holds_for_its_own_phrase_alone() -> None:
    pattern = phrases_pattern(["!(user) researcher", "the public !(sector)", "academic"])
    assert [pattern.findall(text) for text in ("user academic", "academic sector", "the public sector")] == [
        ["academic"],
        ["academic"],
        [],
    ]


def test_no_phrase_finds_nothing() -> None:
    assert phrases_pattern([]).search("anything at all") is None
    assert phrases_pattern([]).search("") is None


def test_a_pattern_has_no_groups_that_capture() -> None:
    pattern = phrases_pattern(["(lay|public) ... person", "!(a|b) c !(d)", "fund*"])
    assert pattern.groups == 0


@pytest.mark.parametrize("phrase", ["", "  ", "(a", "a)", "((a|b) c)", "(a (b) c)", "!", "a!", "! (a) b", "!a", "a b!"])
def test_a_phrase_that_is_not_written_in_the_grammar_is_refused(phrase: str) -> None:
    with pytest.raises(CorpusError) as caught:
        phrases_pattern(["good", phrase])
    assert repr(phrase) in str(caught.value)
    assert "see corpus/phrases.py" in str(caught.value)


@pytest.mark.parametrize(
    "phrase",
    [
        "()",
        "(|a)",
        "(a|)",
        "!(a)",
        "!() a",
        "a !()",
        "...",
        "... a",
        "a ...",
        "a ... ... b",
        "*",
        "* a",
        "(*|a) b",
        "five|5",
    ],
)
def test_a_phrase_that_would_find_anything_or_says_nothing_is_refused(phrase: str) -> None:
    with pytest.raises(CorpusError, match=re.escape(repr(phrase))):
        phrases_pattern([phrase])


@pytest.mark.parametrize("phrase", ["a !(b) c", "!(a) !(b) c", "a !(b) !(c)", "!(a*) b"])
def test_an_exclusion_that_could_not_be_kept_is_refused(phrase: str) -> None:
    """In the middle it would be moved, of two one would be lost, and a beginning cannot be looked for backwards."""
    with pytest.raises(CorpusError, match=re.escape(repr(phrase))):
        phrases_pattern([phrase])


@pytest.mark.parametrize(
    ("phrase", "text", "words"),
    [
        ("fund* !(raiser)", "a funding raiser", None),
        ("fund* !(raiser)", "a funding body", "funding"),
        ("!(lay) researcher", "no delay researcher", "researcher"),
        ("the public !(sector)", "the public  sector", None),
        ("(£|amount)", "the £5", "£"),
        ("how (much|£)", "how £", "how £"),
    ],
)
def test_exclusions_and_marks_hold_at_the_ends_of_words(phrase: str, text: str, words: str | None) -> None:
    assert found(phrase, text) == words


# --- whatever the grammar allows

WORDS = st.text(string.ascii_lowercase + "éß£%'’.+[]{}\\^$&0123456789", min_size=1, max_size=8).filter(
    lambda word: "..." not in word
)
STARRED = st.builds("{}{}".format, WORDS, st.sampled_from(["", "", "", "*"]))
EITHER = st.lists(STARRED, min_size=1, max_size=4).map(lambda words: f"({'|'.join(words)})")
PLAIN_EITHER = st.lists(WORDS, min_size=1, max_size=3).map(lambda words: f"!({'|'.join(words)})")
BODIES = st.lists(
    st.tuples(st.one_of(STARRED, EITHER), st.sampled_from([" ", " ", " ", " ... "])), min_size=1, max_size=4
).map(lambda parts: "".join(word + gap for word, gap in parts).rstrip(" ."))
PHRASES = st.tuples(st.one_of(st.just(""), PLAIN_EITHER), BODIES, st.one_of(st.just(""), PLAIN_EITHER)).map(
    lambda parts: " ".join(filter(None, parts))
)


def is_sound(phrase: str) -> bool:
    """Leave out what making a phrase of parts may spoil: a body that ended in full stops may be empty."""
    return bool(re.sub(r"!\([^()]*\)", "", phrase).strip())


@given(phrases=st.lists(PHRASES.filter(is_sound), max_size=4), text=st.text(max_size=60), plural=st.booleans())
def test_nothing_that_the_grammar_allows_fails(phrases: list[str], text: str, plural: bool) -> None:
    pattern = phrases_pattern(phrases, plural=plural)
    assert pattern.groups == 0
    match = pattern.search(text)
    assert match is None or match.group()


@given(phrase=st.text(max_size=30), text=st.text(max_size=60))
def test_any_text_is_a_phrase_or_refused_by_name(phrase: str, text: str) -> None:
    try:
        pattern = phrases_pattern([phrase])
    except CorpusError as error:
        assert repr(phrase) in str(error)
    else:
        pattern.search(text)


LETTERS = st.text(string.ascii_lowercase, min_size=2, max_size=8)
SPACES = st.sampled_from([" ", "-", "  ", " - ", "\n"])


@st.composite
def phrases_with_words(draw: st.DrawFn) -> tuple[str, str]:
    """Draw a phrase, and words that it means."""
    phrase, words = [], []
    for number in range(draw(st.integers(1, 4))):
        if number:
            gap = draw(st.booleans())
            phrase.append(" ... " if gap else " ")
            between = draw(st.lists(LETTERS, max_size=4)) if gap else []
            words.append("".join(draw(SPACES) + word for word in between) + draw(SPACES))
        options = draw(st.lists(LETTERS, min_size=1, max_size=3))
        starred = draw(st.booleans())
        written = [f"{option}*" if starred else option for option in options]
        phrase.append(f"({'|'.join(written)})" if len(options) > 1 or draw(st.booleans()) else written[0])
        words.append(draw(st.sampled_from(options)) + (draw(st.sampled_from(["", "ing", "ers"])) if starred else ""))
    return "".join(phrase), "".join(words)


@given(drawn=phrases_with_words(), upper=st.booleans(), plural=st.booleans())
def test_a_phrase_finds_the_words_that_it_means(drawn: tuple[str, str], upper: bool, plural: bool) -> None:
    phrase, words = drawn
    text = f"Well, {words + 's' * plural}, they said."
    assert phrases_pattern([phrase]).search(text.upper() if upper else text)


@given(drawn=phrases_with_words())
def test_a_phrase_does_not_find_its_words_inside_others(drawn: tuple[str, str]) -> None:
    phrase, words = drawn
    together = re.sub(r"[-\s]+", "", words)
    assert phrases_pattern([phrase]).search(f"1{together}1") is None


@given(drawn=phrases_with_words(), other=LETTERS)
def test_a_word_that_must_not_stand_beside_it_rules_it_out(drawn: tuple[str, str], other: str) -> None:
    phrase, words = drawn
    for text in (f"{words} {other}", f"{words}-{other}"):
        after = phrases_pattern([f"{phrase} !({other})"], plural=False)
        assert all(match.end() != len(words) for match in after.finditer(text))
    for text in (f"{other} {words}", f"{other}-{words}"):
        before = phrases_pattern([f"!({other}) {phrase}"], plural=False)
        assert all(match.start() != len(other) + 1 for match in before.finditer(text))


# --- how long it takes

LONG = {
    "the first word again and again": "did ",
    "the first word with a hyphen": "did-",
    "letters without an end": "a",
    "spaces": " ",
    "hyphens": "-",
    "marks": "£",
    "other words": "one ",
    "long words": "did " + "a" * 50 + " ",
    "all but the last word": "did one two three four ",
}
SLOW = [
    "did ... work",
    "did* ... work",
    "(did|a*) ... work",
    "did ... one ... work",
    "did one two three work",
    "did* !(one|two)",
    "!(one|did) work",
    "£ ... work",
    "a* b",
    "- ... x",
    "-* x",
]


def seconds(pattern: re.Pattern[str], text: str) -> float:
    """Measure one search."""
    began = time.perf_counter()
    pattern.search(text)
    return time.perf_counter() - began


def is_in_proportion(pattern: re.Pattern[str], repeated: str) -> bool:
    """Tell whether eight times the text takes at most twenty times as long; if it is quadratic, sixty-four times."""
    short, long = (repeated * (count // len(repeated)) for count in (500, 4_000))
    return any(seconds(pattern, long) < max(20 * seconds(pattern, short), 0.02) for _ in range(3))


@pytest.mark.parametrize("phrase", SLOW)
def test_a_search_takes_time_in_proportion_to_the_text(phrase: str) -> None:
    try:
        pattern = phrases_pattern([phrase])
    except CorpusError:
        return  # what is refused takes no time
    assert [name for name, repeated in LONG.items() if not is_in_proportion(pattern, repeated)] == []


def test_many_gaps_are_quick_or_refused() -> None:
    try:
        pattern = phrases_pattern(["a" + " ... a" * 6 + " ... b"])
    except CorpusError:
        return
    assert min(seconds(pattern, "a " * 100) for _ in range(3)) < 0.5


def test_the_bundled_phrases_are_all_written_in_the_grammar() -> None:
    every = list(_phrases(read_vocabulary(LIBRARY / "involve-2017")))
    assert len(every) >= 100
    for phrase in every:
        assert re.compile(phrase_source(phrase)).groups == 0
        assert re.compile(phrase_source(phrase, plural=False)).search("") is None, phrase


def _phrases(vocabulary: Vocabulary) -> list[str]:
    """Give every phrase of a vocabulary."""
    table = vocabulary.table
    assert table is not None
    return [
        *(phrase for role in vocabulary.roles for phrase in (*role.called, *role.kinds, role.one, role.many)),
        *(phrase for family in vocabulary.labels for phrase in (*family.called, *family.alone)),
        *table.called,
        *table.listed,
        *table.misnumbered,
        *(phrase for column in table.columns for phrase in column.asked),
        *(phrase for lack in table.lacks for phrase in lack.asked),
        *(phrase for note in vocabulary.notes for group in note.asked for phrase in group),
    ]
