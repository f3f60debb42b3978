"""Make what a configuration of a sweep asks: its index in memory, from kept embeddings, and an assistant over it."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.finding.encoder import Encoder
from assistant.finding.index import Index, IndexPart
from assistant.finding.learned import Learned
from assistant.finding.rerank import PairReranker
from assistant.finding.retriever import Retriever
from assistant.finding.score import WEIGHTS, WEIGHTS_WITHOUT_QUESTIONS
from assistant.keeping.build import index_chunks, prepare_encoder, words_of_passages
from assistant.keeping.embed_cache import EmbeddingCache
from assistant.keeping.exported import load_encoder, load_for_many
from assistant.keeping.model import DEFAULT_MODEL, load_cross_encoder
from assistant.keeping.store import WantedIndex
from assistant.pipeline import Assistant
from assistant.settings import Settings
from corpus.chunk import Cut, TokenCounter, chunk_document
from corpus.errors import ModelError
from corpus.library import Entry, Library
from corpus.load import load_library
from corpus.schema import Chunk
from eval.sweep_file import Configuration

#: Called with what is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Opened:
    """An index in memory, with the encoder that questions are asked with."""

    library: Library
    index: Index
    encoder: Encoder
    learned: Learned
    model_sha256: str
    index_bytes: int
    texts_embedded: int
    texts_from_cache: int


def open_index(one: Configuration, settings: Settings, cache: EmbeddingCache, progress: Progress) -> Opened:
    """Make the index of a configuration in memory; what the cache holds is not embedded again.

    Raises:
        DataFolderError, ModelError: the data folder or the model is not as it should be.
    """
    if one.model not in (None, DEFAULT_MODEL) and not Path(one.model or "").expanduser().is_dir():
        raise ModelError(f"there is no folder {one.model}: a model is a local folder, or {DEFAULT_MODEL}.")
    of_model = one.settings_over(settings)
    prepare_encoder(of_model)
    wanted = WantedIndex.from_settings(of_model)
    asking = load_encoder(of_model, wanted)
    weights = wanted.encoder.model_sha256 or ""
    cached = load_for_many(of_model, wanted, asking, cache)
    library = load_library()
    parts = []
    for entry in library.entries:
        chunks, words = cut_chunks(one, entry, asking)
        part = index_chunks(entry, chunks, words, cached, counter_questions=one.has_questions, progress=progress)
        parts.append(part)
    size = sum(map(_bytes_of, parts))
    if not one.has_questions:
        library = Library(entry.model_copy(update={"not_covered": ()}) for entry in library.entries)
    return Opened(library, Index(parts), asking, wanted.learned, weights, size, cached.embedded, cached.from_cache)


def cut_chunks(one: Configuration, entry: Entry, counter: TokenCounter) -> tuple[tuple[Chunk, ...], list[str]]:
    """Give the chunks of a document that a configuration embeds, and the words of each passage, in order.

    Where passages are not embedded whole, one of a single sentence counts as that sentence. Where known questions are
    not embedded, their words still count, unless they take no part at all.
    """
    cut = None if one.chunk_tokens is None else Cut(one.chunk_tokens, one.chunk_overlap)
    questions = entry.questions_by_passage if one.known_questions else None
    chunks = chunk_document(entry.document, counter, questions, cut)
    words = words_of_passages(entry, chunks)
    if "passage" not in one.views:
        with_sentences = {chunk.passage_id for chunk in chunks if chunk.view == "sentence"}
        chunks = [
            chunk.model_copy(update={"view": "sentence"})
            if chunk.view == "passage" and chunk.passage_id not in with_sentences
            else chunk
            for chunk in chunks
        ]
    return tuple(chunk for chunk in chunks if chunk.view in one.views), words


def open_assistant_for(one: Configuration, opened: Opened, settings: Settings) -> Assistant:
    """Open an assistant that finds and answers as a configuration says. Raises ModelError."""
    retriever = Retriever(
        opened.library,
        opened.index,
        opened.encoder,
        opened.learned.network,
        weights=one.all_weights if one.has_questions else WEIGHTS,
        weights_without_questions=WEIGHTS_WITHOUT_QUESTIONS if one.has_questions else one.all_weights,
        reranker=None if one.cross_encoder is None else PairReranker(load_cross_encoder(one.cross_encoder)),
    )
    return Assistant(opened.library, retriever, one.settings_over(settings), model_sha256=opened.model_sha256)


def _bytes_of(part: IndexPart) -> int:
    """Give the size that a part's files would have, in bytes."""
    with tempfile.TemporaryDirectory() as temporary:
        part.save(Path(temporary))
        return sum(path.stat().st_size for path in Path(temporary).rglob("*") if path.is_file())
