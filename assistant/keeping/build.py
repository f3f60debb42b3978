"""Build the index, a part for each document: read → passages → chunks → embed. What fits already is left as it is."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from assistant.finding.encoder import Encoder, OnnxEncoder, encode_many, optimise
from assistant.finding.index import Index, IndexPart
from assistant.keeping.added.embed import encoders_in_use
from assistant.keeping.embed_cache import CachedEncoder, EmbeddingCache
from assistant.keeping.model import export_model
from assistant.keeping.store import Progress, Store, WantedIndex
from assistant.settings import Settings
from corpus.chunk import chunk_document, passage_words
from corpus.library import Entry, Library
from corpus.load import load_library
from corpus.schema import Chunk


def _silent(_what: str, _done: int, _of: int) -> None:
    """Report no progress."""


def build_index(settings: Settings, progress: Progress, *, force: bool = False) -> bool:
    """Build what is missing of the index, or all of it if `force`. Returns whether anything was built.

    While another process builds it, `progress` is told how far that one has come. What a build that was stopped had
    embedded is not embedded again.

    Raises:
        DataFolderError: the data folder cannot be written.
        CorpusError, ModelError: a document or the embedding model is not as it should be.
    """
    store, wanted = Store(settings.data_dir), WantedIndex.from_settings(settings)
    with store.lock(progress) as tell_others:
        if store.has_all(wanted) and not force:
            return False

        def report(what: str, done: int, total: int) -> None:
            tell_others(what, done, total)
            progress(what, done, total)

        report("Reading the report", 0, 1)
        library = load_library()
        report("Reading the report", 1, 1)
        _export_encoder(settings, store, wanted, report, force=force)
        encoder = OnnxEncoder(store.encoder_folder(wanted.encoder), for_many=True)
        for entry, made_from in zip(library.entries, wanted.entries, strict=True):
            if force or not store.has(store.entry_folder(made_from)):
                store.save_entry(made_from, entry)
        with EmbeddingCache(store.embedded) as embedded:
            keeping = CachedEncoder(embedded, wanted.encoder.key, encoder)
            for entry, made_from in zip(library.entries, wanted.parts, strict=True):
                if force or not store.has(store.part_folder(made_from)):
                    store.save_part(made_from, make_part(entry, keeping, report))
        store.embedded.unlink(missing_ok=True)
        store.remove_others(wanted, encoders_in_use(settings.data_dir))
    return True


def prepare_encoder(settings: Settings) -> None:
    """Export the embedding model to the data folder, unless it is there.

    Raises:
        DataFolderError: the data folder cannot be written.
        ModelError: the embedding model is not as it should be.
    """
    store, wanted = Store(settings.data_dir), WantedIndex.from_settings(settings)
    if not store.has(store.encoder_folder(wanted.encoder)):
        with store.lock(_silent):
            _export_encoder(settings, store, wanted, _silent, force=False)


def make_index(library: Library, encoder: Encoder, progress: Progress = _silent) -> Index:
    """Make the index of a library in memory."""
    return Index([make_part(entry, encoder, progress) for entry in library.entries])


def make_part(entry: Entry, encoder: Encoder, progress: Progress = _silent) -> IndexPart:
    """Make a document's part of an index in memory: passages → chunks → embed."""
    chunks = tuple(chunk_document(entry.document, encoder, entry.questions_by_passage))
    return index_chunks(entry, chunks, words_of_passages(entry, chunks), encoder, progress=progress)


def words_of_passages(entry: Entry, chunks: Sequence[Chunk]) -> list[str]:
    """Give all that each passage can be found by in words, in the order of the passages: see `passage_words`."""
    chunks_of: dict[str, list[Chunk]] = {}
    for chunk in chunks:
        chunks_of.setdefault(chunk.passage_id, []).append(chunk)
    return [passage_words(passage, chunks_of[passage.id]) for passage in entry.document.passages]


def index_chunks(
    entry: Entry,
    chunks: tuple[Chunk, ...],
    words: list[str],
    encoder: Encoder,
    *,
    counter_questions: bool = True,
    progress: Progress = _silent,
) -> IndexPart:
    """Make a part of chunks of a document, in memory. `words` are those of each passage, in order."""
    texts = [chunk.embedded_text for chunk in chunks]
    topics = entry.not_covered if counter_questions else ()
    texts += [question for topic in topics for question in topic.questions]
    first_asked = len(texts)
    texts += [way for one in entry.prepared for way in one.ways]
    vectors = encode_many(encoder, texts, partial(progress, "Embedding the passages"))
    of_chunks, of_topics, asked = np.split(vectors, [len(chunks), first_asked])
    return IndexPart.from_embeddings(chunks, of_chunks, words, of_topics, asked)


def _export_encoder(settings: Settings, store: Store, wanted: WantedIndex, progress: Progress, *, force: bool) -> None:
    """Export the embedding model, if it is missing or if `force`; the data folder must be locked."""
    folder = store.encoder_folder(wanted.encoder)
    if store.has(folder) and not force:
        return
    progress("Preparing the embedding model", 0, 1)

    def export(new: Path) -> None:
        export_model(settings.model, new, wanted.learned.tuned)
        optimise(new)

    store.write(folder, wanted.encoder, export)
    progress("Preparing the embedding model", 1, 1)
