"""Build the index: read → passages → chunks → embed → index. Runs once, and again only when something changed."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from assistant.finding.adapter import adapt
from assistant.finding.encoder import Encoder, OnnxEncoder, Vectors, optimise
from assistant.finding.index import ChunkIndex
from assistant.keeping.model import export_model
from assistant.keeping.store import MadeFrom, Store, StoredIndex, is_built
from assistant.settings import Settings
from corpus.chunk import Questions, chunk_document, passage_words
from corpus.errors import CorpusError
from corpus.expand import NotCovered
from corpus.load import library_contested, library_not_covered, library_questions, load_library
from corpus.schema import Chunk, Document

#: Called with what is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]

_STEP = 64  # texts embedded between two reports of progress


def _silent(_what: str, _done: int, _of: int) -> None:
    """Report no progress."""


def build_index(settings: Settings, progress: Progress, *, force: bool = False) -> bool:
    """Build the index if it is missing or does not fit, or if `force`. Returns whether anything was built.

    Raises:
        DataFolderError: the data folder cannot be written.
        CorpusError, ModelError: a document or the embedding model is not as it should be.
    """
    store, made_from = Store(settings.data_dir), MadeFrom.from_settings(settings)
    encoder_folder, index_folder = store.encoder_folder(made_from), store.index_folder(made_from)
    with store.lock():
        if is_built(settings) and not force:
            return False
        progress("Reading the report", 0, 1)
        documents = load_library()
        progress("Reading the report", 1, 1)
        _export_encoder(settings, store, made_from, progress, force=force)
        encoder = adapt(OnnxEncoder(encoder_folder, for_many=True), made_from.model_sha256)
        stored, index = make_index(documents, encoder, library_questions(), library_not_covered(), progress)
        stored = stored.model_copy(update={"contested": library_contested()})
        store.save(index_folder, made_from, stored, index)
        store.remove_others(index_folder)
        store.remove_others(encoder_folder)
    return True


def prepare_encoder(settings: Settings) -> None:
    """Export the embedding model to the data folder, unless it is there.

    Raises:
        DataFolderError: the data folder cannot be written.
        ModelError: the embedding model is not as it should be.
    """
    store, made_from = Store(settings.data_dir), MadeFrom.from_settings(settings)
    if not store.has(store.encoder_folder(made_from)):
        with store.lock():
            _export_encoder(settings, store, made_from, _silent, force=False)


def make_index(
    documents: tuple[Document, ...],
    encoder: Encoder,
    questions: Questions | None = None,
    not_covered: tuple[NotCovered, ...] = (),
    progress: Progress = _silent,
) -> tuple[StoredIndex, ChunkIndex]:
    """Make the index of documents, in memory: passages → chunks → embed → index.

    `questions` gives, by passage id, what spans of it are known to answer; `not_covered`, what the documents do not.

    Raises:
        CorpusError: there is no document, or two have one id.
    """
    _check_ids(documents)
    chunks = tuple(chunk for document in documents for chunk in chunk_document(document, encoder, questions))
    return index_chunks(documents, chunks, words_of_passages(documents, chunks), encoder, not_covered, progress)


def words_of_passages(documents: Sequence[Document], chunks: Sequence[Chunk]) -> list[str]:
    """Give all that each passage can be found by in words, in the order of the passages: see `passage_words`."""
    chunks_of: dict[str, list[Chunk]] = {}
    for chunk in chunks:
        chunks_of.setdefault(chunk.passage_id, []).append(chunk)
    return [passage_words(passage, chunks_of[passage.id]) for one in documents for passage in one.passages]


def index_chunks(
    documents: tuple[Document, ...],
    chunks: tuple[Chunk, ...],
    words: list[str],
    encoder: Encoder,
    not_covered: tuple[NotCovered, ...] = (),
    progress: Progress = _silent,
) -> tuple[StoredIndex, ChunkIndex]:
    """Make the index of chunks of documents, in memory: embed → index. `words` are those of each passage, in order."""
    texts = [chunk.embedded_text for chunk in chunks]
    texts += [question for topic in not_covered for question in topic.questions]
    vectors = _embed(encoder, texts, progress)
    index = ChunkIndex.from_embeddings(vectors[: len(chunks)], words, vectors[len(chunks) :])
    return StoredIndex(documents=documents, chunks=chunks, not_covered=not_covered), index


def _check_ids(documents: tuple[Document, ...]) -> None:
    """Refuse documents that could not be told apart. Raises CorpusError."""
    if not documents:
        raise CorpusError("there is no document to answer from: expected at least one.")
    counts = Counter(document.id for document in documents)
    twice = [f"“{document.title}”" for document in documents if counts[document.id] > 1]
    if twice:
        (name, _), *_ = counts.most_common(1)
        raise CorpusError(
            f"{' and '.join(twice)} have one document id, {name!r}: citations could not tell them apart. "
            "Give each an id of its own, as document_id, when you read it."
        )


def _export_encoder(settings: Settings, store: Store, made_from: MadeFrom, progress: Progress, *, force: bool) -> None:
    """Export the embedding model, if it is missing or if `force`; the data folder must be locked."""
    folder = store.encoder_folder(made_from)
    if store.has(folder) and not force:
        return
    progress("Preparing the embedding model", 0, 1)

    def export(new: Path) -> None:
        export_model(settings.model, new)
        optimise(new)

    store.write(folder, made_from, export)
    progress("Preparing the embedding model", 1, 1)


def _embed(encoder: Encoder, texts: list[str], progress: Progress) -> Vectors:
    """Embed texts, the shortest first so that few are padded, and report how far it is: float32 (n_texts, dim)."""
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    rows: dict[int, Vectors] = {}
    for first in range(0, len(order), _STEP):
        progress("Embedding the passages", first, len(texts))
        part = order[first : first + _STEP]
        rows.update(zip(part, encoder.encode([texts[number] for number in part]), strict=True))
    progress("Embedding the passages", len(texts), len(texts))
    return np.stack([rows[number] for number in range(len(texts))])
