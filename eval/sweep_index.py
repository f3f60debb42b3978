"""Make what a configuration of a sweep asks: its index in memory, from kept embeddings, and an assistant over it."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.finding.adapter import adapt
from assistant.finding.encoder import Encoder, OnnxEncoder
from assistant.finding.index import ChunkIndex
from assistant.finding.rerank import RerankingRetriever
from assistant.finding.retriever import HybridRetriever
from assistant.finding.score import WEIGHTS, WEIGHTS_WITHOUT_QUESTIONS
from assistant.keeping.build import index_chunks, prepare_encoder, words_of_passages
from assistant.keeping.encoder import load_encoder
from assistant.keeping.model import DEFAULT_MODEL, load_cross_encoder
from assistant.keeping.store import MadeFrom, Store, StoredIndex
from assistant.pipeline import Assistant
from assistant.settings import Settings
from corpus.chunk import Cut, TokenCounter, chunk_document
from corpus.errors import ModelError
from corpus.load import library_contested, library_not_covered, library_questions, load_library
from corpus.schema import Chunk, Document
from eval.command import with_folder_of_model
from eval.embed_cache import CachedEncoder, EmbeddingCache
from eval.sweep_file import Configuration

#: Called with what is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Opened:
    """An index in memory, with the encoder that questions are asked with."""

    stored: StoredIndex
    index: ChunkIndex
    encoder: Encoder
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
    of_model = with_folder_of_model(one.settings_over(settings))
    prepare_encoder(of_model)
    made_from = MadeFrom.from_settings(of_model)
    asking = load_encoder(of_model)
    folder = Store(of_model.data_dir).encoder_folder(made_from)
    cached = CachedEncoder(cache, made_from.model_sha256, asking, lambda: OnnxEncoder(folder, for_many=True))
    documents = load_library()
    chunks, words = cut_chunks(one, documents, asking)
    stored, index = index_chunks(
        documents,
        chunks,
        words,
        adapt(cached, made_from.model_sha256),
        library_not_covered() if one.has_questions else (),
        progress,
    )
    stored = stored.model_copy(update={"contested": library_contested()})
    size = _bytes_of(made_from, stored, index)
    return Opened(stored, index, asking, size, cached.embedded, cached.from_cache)


def cut_chunks(
    one: Configuration, documents: tuple[Document, ...], counter: TokenCounter
) -> tuple[tuple[Chunk, ...], list[str]]:
    """Give the chunks that a configuration embeds, and the words of each passage, in order.

    Where passages are not embedded whole, one of a single sentence counts as that sentence. Where known questions are
    not embedded, their words still count, unless they take no part at all.
    """
    cut = None if one.chunk_tokens is None else Cut(one.chunk_tokens, one.chunk_overlap)
    questions = library_questions() if one.known_questions else None
    chunks = [chunk for document in documents for chunk in chunk_document(document, counter, questions, cut)]
    words = words_of_passages(documents, chunks)
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
    weights = one.all_weights if one.has_questions else WEIGHTS
    weights_without_questions = WEIGHTS_WITHOUT_QUESTIONS if one.has_questions else one.all_weights
    stored, index, encoder = opened.stored, opened.index, opened.encoder
    retriever = (
        HybridRetriever(stored, index, encoder, weights, weights_without_questions)
        if one.cross_encoder is None
        else RerankingRetriever(
            stored,
            index,
            encoder,
            weights,
            weights_without_questions,
            score_pairs=load_cross_encoder(one.cross_encoder),
        )
    )
    return Assistant(stored.documents, retriever, one.settings_over(settings))


def _bytes_of(made_from: MadeFrom, stored: StoredIndex, index: ChunkIndex) -> int:
    """Give the size that an index's files would have, in bytes."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "index"
        Store(Path(temporary)).save(folder, made_from, stored, index)
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
