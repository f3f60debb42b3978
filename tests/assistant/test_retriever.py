"""Guards that pooling finds what scoring everything finds, on some 1,500 passages made up of words with meanings."""

import zlib
from functools import cache

import numpy as np
import pytest

from assistant.finding.encoder import Vectors
from assistant.finding.index import Index
from assistant.finding.retriever import Candidate, Retriever
from assistant.keeping.build import make_index
from assistant.reading.question import ParsedQuery
from corpus.filters import Filters
from corpus.library import Entry, KnownQuestion, Library
from corpus.load import entry_of
from corpus.readers.text import read_text

DIM = 48
TOPICS, WORDS_A_TOPIC = 60, 12
DOCUMENTS, SECTIONS, PARAGRAPHS = 3, 25, 20
POOLED = 80
FIRST = 10
QUESTIONS = 100
NEARLY_ALL = 97


def word(topic: int, number: int) -> str:
    """Make a word up, of three syllables, so that no two have one stem."""
    place = topic * WORDS_A_TOPIC + number
    return "".join("bdgklmnprt"[place // power % 10] + "aou"[place // power % 3] for power in (100, 10, 1)) + "k"


@cache
def direction(text: str) -> Vectors:
    """Give a fixed direction for a text: float32 (DIM,), of length 1."""
    drawn = np.random.default_rng(zlib.crc32(text.encode())).normal(size=DIM).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn), dtype=np.float32)


TOPIC_OF = {word(topic, number): topic for topic in range(TOPICS) for number in range(WORDS_A_TOPIC)}


class Meanings:
    """Encodes a text as the sum of its words; words of one topic point much the same way, as synonyms do."""

    max_tokens = 200

    def encode(self, texts: list[str]) -> Vectors:
        """Encode texts as float32 (n_texts, DIM), each row of length 1."""
        rows = [
            sum((self._meaning(one) for one in text.casefold().replace(".", " ").split()), np.zeros(DIM)) + 1e-6
            for text in texts
        ]
        return np.stack([row / np.linalg.norm(row) for row in rows]).astype(np.float32)

    def _meaning(self, one: str) -> Vectors:
        topic = TOPIC_OF.get(one)
        own = direction(one)
        return 0.3 * own if topic is None else 2 * direction(f"topic {topic}") + own

    def count(self, text: str) -> int:
        """Count words."""
        return len(text.split())


def sentence(draw: np.random.Generator, topic: int) -> str:
    """Write a sentence: mostly of one topic, with words of others."""
    topics = np.where(draw.random(24) < 0.6, topic, draw.integers(TOPICS, size=24))
    words = [word(int(one), int(draw.integers(WORDS_A_TOPIC))) for one in topics]
    return f"{' '.join(words).capitalize()}."


def make_entry(number: int, *, known: bool) -> Entry:
    """Make a document of sections, each of which wanders from topic to topic."""
    draw = np.random.default_rng(number)
    lines = [f"# Document {number}"]
    for section in range(SECTIONS):
        topic = int(draw.integers(TOPICS))
        lines.append(f"## Section {section}")
        for _ in range(PARAGRAPHS):
            topic = topic if draw.random() < 0.5 else int(draw.integers(TOPICS))
            lines.append(" ".join(sentence(draw, topic) for _ in range(4)))  # long enough to be a passage by itself
    document = read_text("\n\n".join(lines) + "\n", document_id=f"document-{number}", title=f"Document {number}")
    entry = entry_of(document)
    if not known:
        return entry
    questions = tuple(
        KnownQuestion(passage_id=one.id, span=one.sentences[0], question=sentence(draw, TOPIC_OF[first_word(one.text)]))
        for one in document.passages
    )
    return entry.model_copy(update={"questions": questions})


def first_word(text: str) -> str:
    return text.split(maxsplit=1)[0].casefold()


@pytest.fixture(scope="module")
def library() -> Library:
    """Some 1,500 passages in three documents, of which the first brings questions that it answers."""
    return Library(make_entry(number, known=number == 0) for number in range(DOCUMENTS))


@pytest.fixture(scope="module")
def index(library: Library) -> Index:
    return make_index(library, Meanings())


@pytest.fixture(scope="module")
def exact(library: Library, index: Index) -> Retriever:
    """Scores everything."""
    return Retriever(library, index, Meanings(), pooled=len(library.passages))


@pytest.fixture(scope="module")
def questions() -> list[ParsedQuery]:
    draw = np.random.default_rng(99)
    asked = []
    for number in range(QUESTIONS):
        topic = int(draw.integers(TOPICS))
        words = [word(topic, int(draw.integers(WORDS_A_TOPIC))) for _ in range(1 + number % 4)]
        words += [word(int(draw.integers(TOPICS)), 0)] * (number % 2)
        text = " ".join(words)
        asked.append(ParsedQuery(text=text, topic=text, own=text, rewrites=(text,)))
    return asked


def first_ten(retriever: Retriever, parsed: ParsedQuery) -> list[Candidate]:
    return retriever.search(parsed, FIRST).candidates


def ids(candidates: list[Candidate]) -> list[str]:
    return [one.passage.id for one in candidates]


FILTERS = {
    "no filter": Filters(),
    "one document": Filters(document_id="document-1"),
    "one section of many": Filters(section="1.7"),
    "a section of one document": Filters(document_id="document-0", section="1.3"),
}


def narrowed(parsed: ParsedQuery, filters: Filters) -> ParsedQuery:
    return ParsedQuery(text=parsed.text, topic=parsed.topic, own=parsed.own, rewrites=parsed.rewrites, filters=filters)


def test_there_are_passages_to_choose_from(library: Library) -> None:
    assert 1400 <= len(library.passages) <= 1600
    assert len(library.passages) > POOLED * 10


@pytest.mark.parametrize("name", FILTERS)
def test_a_small_pool_finds_the_first_ten_for_nearly_all_questions(
    library: Library, index: Index, exact: Retriever, questions: list[ParsedQuery], name: str
) -> None:
    pooling = Retriever(library, index, Meanings(), pooled=POOLED)
    same = 0
    for parsed in questions:
        asked = narrowed(parsed, FILTERS[name])
        expected, found = first_ten(exact, asked), first_ten(pooling, asked)
        assert len(found) == len(expected) == FIRST
        assert all(FILTERS[name].allow(one.passage) for one in found)
        same += ids(found) == ids(expected)
        for one in found:  # what is found is scored as if everything were
            if (other := next((two for two in expected if two.passage.id == one.passage.id), None)) is not None:
                assert one.score == pytest.approx(other.score, abs=1e-5)
                assert one.sentences == pytest.approx(other.sentences, abs=1e-5)
    assert same >= NEARLY_ALL


def test_a_pool_of_ten_would_not_do(
    library: Library, index: Index, exact: Retriever, questions: list[ParsedQuery]
) -> None:
    """So that what the tests above show is the pool's doing."""
    pooling = Retriever(library, index, Meanings(), pooled=FIRST)
    same = sum(ids(first_ten(pooling, parsed)) == ids(first_ten(exact, parsed)) for parsed in questions)
    assert same < QUESTIONS / 2


@pytest.mark.parametrize("more", [0, 1000])
@pytest.mark.parametrize("name", FILTERS)
def test_a_pool_as_large_as_the_library_finds_the_same(
    library: Library, index: Index, exact: Retriever, questions: list[ParsedQuery], more: int, name: str
) -> None:
    everything = Retriever(library, index, Meanings(), pooled=len(library.passages) + more)
    for parsed in questions[::5]:
        asked = narrowed(parsed, FILTERS[name])
        assert everything.search(asked, FIRST) == exact.search(asked, FIRST)


def test_several_ways_of_asking_are_all_pooled(
    library: Library, index: Index, exact: Retriever, questions: list[ParsedQuery]
) -> None:
    pooling = Retriever(library, index, Meanings(), pooled=POOLED)
    same = 0
    for one, other in zip(questions[::2], questions[1::2], strict=True):
        asked = ParsedQuery(text=one.text, topic=one.text, own=one.text, rewrites=(one.text, other.text))
        same += ids(first_ten(pooling, asked)) == ids(first_ten(exact, asked))
    assert same >= NEARLY_ALL * (QUESTIONS // 2) / 100


def test_a_filter_does_not_hide_how_near_the_rest_is(library: Library, index: Index, exact: Retriever) -> None:
    """A section is searched for the very words of a passage that stands elsewhere: it is not made surer by that."""
    elsewhere = library.document("document-1").passages[200]
    text = elsewhere.text[: elsewhere.text.index(".")]
    asked = ParsedQuery(
        text=text, topic=text, own=text, rewrites=(text,), filters=Filters(document_id="document-2", section="1.5")
    )
    pooling = Retriever(library, index, Meanings(), pooled=POOLED)
    assert elsewhere.section != "1.5"
    found, expected = pooling.search(asked, FIRST), exact.search(asked, FIRST)
    assert ids(found.candidates) == ids(expected.candidates)
    # As a share of the best there is, which is elsewhere.
    assert found.candidates[0].parts["words"] == pytest.approx(expected.candidates[0].parts["words"], abs=1e-6)
    assert found.candidates[0].parts["words"] < 0.9
    for name, value in expected.signals.items():
        assert found.signals[name] == pytest.approx(value, abs=0.02), name


def test_nothing_is_found_where_a_filter_leaves_nothing(
    library: Library, index: Index, questions: list[ParsedQuery]
) -> None:
    pooling = Retriever(library, index, Meanings(), pooled=POOLED)
    asked = narrowed(questions[0], Filters(role="public"))
    assert pooling.search(asked, FIRST).candidates == []
