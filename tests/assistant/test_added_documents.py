"""Guards an assistant over documents that a user adds: search, exact quotations, refusals, and documents kept apart."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.finding.encoder import Vectors
from assistant.keeping.build import make_index, prepare_encoder
from assistant.pipeline import Assistant
from assistant.quoting.cite import attribution_of, make_citation, quote, read_blocks, write_quotation
from assistant.schema import Query
from assistant.settings import Settings
from corpus.errors import CorpusError, UnknownName
from corpus.filters import Filters
from corpus.library import Library
from corpus.load import entry_of
from corpus.readers.text import read_text, read_text_file
from corpus.schema import Document
from tests.conftest import TEST_DATA

BEES = """# Keeping bees

A colony of honey bees needs about twenty kilograms of honey to survive the winter.
The keeper leaves it in the hive.

## Swarming

A swarm leaves the hive in May or June, when the old queen has laid eggs in new cells.
To prevent it, beekeepers do three things:

- They give the colony more room.
- They cut out the new cells.
- They move the old queen to a hive of her own.

## Diseases

The varroa mite weakens the brood. It is treated with oxalic acid in December.
"""
BOATS = """= Canal boats =
A lock raises a boat by letting water in from above.

== Licences ==
Every boat on the canal needs a licence. It is paid for once a year, by its length.

== Winter ==
Water in the engine freezes in December, so it is drained.
"""
MARKUP = ["Words  \n", "Words\n", "\n", "> q\n", "- i\n", "[1] *a*", "\r\n", "\\", "— by, x\n", "  \n"]


@pytest.fixture(scope="module")
def settings_ready() -> Settings:
    """Settings whose data folder holds the real embedding model; an index of the report is not needed."""
    settings = Settings(data_dir=TEST_DATA)
    prepare_encoder(settings)
    return settings


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[Document]:
    """Two files as a user adds them, one Markdown with a byte order mark, one from a wiki with Windows line ends."""
    folder = tmp_path_factory.mktemp("added")
    (folder / "Bees.md").write_bytes(b"\xef\xbb\xbf" + BEES.encode())
    (folder / "canal_boats.txt").write_bytes(BOATS.replace("\n", "\r\n").encode())
    return [read_text_file(folder / "Bees.md"), read_text_file(folder / "canal_boats.txt")]


@pytest.fixture(scope="module")
def assistant(documents: list[Document], settings_ready: Settings) -> Assistant:
    """The real model over the two documents."""
    return Assistant.from_documents(documents, settings_ready)


@pytest.mark.parametrize(
    ("question", "document_id", "section", "words"),
    [
        ("How much honey do bees need in winter?", "bees", "1", "twenty kilograms of honey"),
        ("How can I stop a swarm?", "bees", "1.1", "They cut out the new cells."),
        ("What is used against varroa?", "bees", "1.2", "oxalic acid"),
        ("How does a lock lift a boat?", "canal-boats", "1", "letting water in from above"),
        ("What does a licence depend on?", "canal-boats", "1.1", "by its length"),
    ],
)
def test_search_finds_the_passage(
    assistant: Assistant, question: str, document_id: str, section: str, words: str
) -> None:
    best = assistant.search(Query(question=question))[0]
    assert (best.document_id, best.section) == (document_id, section)
    assert words in best.text


def test_every_hit_is_a_slice_of_the_file(assistant: Assistant) -> None:
    files = {"bees": BEES, "canal-boats": BOATS.replace("\n", "\r\n")}
    hits = assistant.search(Query(question="What happens in December?"))
    assert {hit.document_id for hit in hits} == set(files)
    for hit in hits:
        assert files[hit.document_id][hit.start : hit.end] == hit.text


def test_answer_quotes_the_document_exactly(assistant: Assistant) -> None:
    answer = assistant.ask(Query(question="How much honey does a colony of bees need to survive the winter?"))
    assert answer.status in ("answered", "partial")
    first = answer.citations[0]
    assert (first.document_id, first.document_title, first.section_title) == ("bees", "Keeping bees", "Keeping bees")
    assert BEES[first.start : first.end] == first.quoted_text
    assert "twenty kilograms of honey" in first.quoted_text
    assert BEES.splitlines()[first.lines[0] - 1].startswith("A colony")
    shown = [block.words for block in read_blocks(answer.text) if block.marker]
    assert shown == [citation.quoted_text for citation in answer.citations]


@pytest.mark.parametrize("question", ["How do I bake sourdough bread?", "Who won the 1966 football World Cup?"])
def test_question_that_no_document_answers_is_refused(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(Query(question=question))
    assert answer.status == "not_in_corpus"
    assert not answer.citations


def test_document_filter_holds(assistant: Assistant) -> None:
    query = Query(question="What happens in December?", filters=Filters(document_id="Canal boats"))
    hits = assistant.search(query)
    assert {hit.document_id for hit in hits} == {"canal-boats"}
    assert "engine freezes in December" in hits[0].text
    with pytest.raises(UnknownName, match="bees, canal-boats"):
        assistant.search(Query(question="December?", filters=Filters(document_id="trains")))


def test_section_filter_holds_its_subsections(assistant: Assistant) -> None:
    filters = Filters(document_id="bees", section="1")
    assert {hit.section for hit in assistant.search(Query(question="bees", filters=filters))} == {"1", "1.1", "1.2"}
    filters = Filters(document_id="bees", section="1.2")
    assert {hit.section for hit in assistant.search(Query(question="bees", filters=filters))} == {"1.2"}


def test_two_documents_with_one_id_are_refused(settings_ready: Settings) -> None:
    twice = [read_text(text, document_id="same", title=text) for text in ("One.", "Two.")]
    other = read_text("Three.", document_id="other", title="Three.")
    with pytest.raises(CorpusError, match=r"“One.” and “Two.” have one document id, 'same'.*document_id"):
        Assistant.from_documents([*twice, other], settings_ready)


def test_no_document_is_refused(settings_ready: Settings) -> None:
    with pytest.raises(CorpusError, match="there is no document"):
        Assistant.from_documents([], settings_ready)


class WordLengths:
    """Encodes a text as the direction of its length: readable by eye, and no model."""

    max_tokens = 100

    def encode(self, texts: list[str]) -> Vectors:
        """Encode texts as float32 (n_texts, 2), each row of length 1."""
        import numpy as np

        angles = np.array([len(text) for text in texts], dtype=np.float32)
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)

    def count(self, text: str) -> int:
        """Count words."""
        return len(text.split())


def test_index_in_memory_has_a_vector_for_each_chunk(documents: list[Document]) -> None:
    library = Library(entry_of(document) for document in documents)
    index = make_index(library, WordLengths())
    assert index.vectors.size == len(index.chunks)
    assert index.words.size == len(library.passages) == sum(len(document.passages) for document in documents)
    assert {chunk.document_id for chunk in index.chunks} == {"bees", "canal-boats"}
    assert library.not_covered == ()
    assert index.not_covered.size == 0


@given(st.lists(st.sampled_from(MARKUP)))
def test_any_passage_can_be_quoted_and_read_back(pieces: list[str]) -> None:
    document = read_text("".join(["Words ", *pieces]), document_id="added", title="Added")
    for passage in document.passages:
        citation = make_citation(1, passage, document)
        (block,) = read_blocks(write_quotation(quote(1, passage, document)))
        assert (block.words, block.marker) == (passage.text, 1)
        assert block.attribution == attribution_of(citation, document)


def test_assistant_over_documents_writes_no_index(
    documents: list[Document], settings_ready: Settings, tmp_path: Path
) -> None:
    (tmp_path / "encoders").symlink_to(settings_ready.data_dir / "encoders", target_is_directory=True)
    Assistant.from_documents(documents, Settings(data_dir=tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["encoders"]
