"""Embed added documents with the data folder's exported model, on every processor; and name the model that did."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import cached_property, partial
from pathlib import Path

from pydantic import ValidationError

from assistant.finding.encoder import Encoder, OnnxEncoder, encode_many
from assistant.keeping.added.database import connect_to_read, library_path
from assistant.keeping.added.shelf import Embedded, read_meta
from assistant.keeping.store import MadeFrom, Store, WantedIndex
from assistant.settings import Settings
from corpus.chunk import CHUNKER_VERSION, chunk_document
from corpus.schema import Document


class Embedder:
    """Cuts documents into chunks and embeds them."""

    def __init__(self, model: str, load: Callable[[], Encoder]) -> None:
        """Say by what.

        Args:
            model: Tells the model and the way of cutting from all others: what `model_of` gives.
            load: Loads it, when the first document is embedded.
        """
        self.model = model
        self._load = load

    @classmethod
    def from_settings(cls, settings: Settings) -> "Embedder":
        """Embed by the model of the settings, which is exported first where it is missing."""
        made_from = WantedIndex.from_settings(settings).encoder

        def load() -> Encoder:
            from assistant.keeping.build import prepare_encoder  # noqa: PLC0415 - whoever asks embeds no document

            prepare_encoder(settings)
            return OnnxEncoder(Store(settings.data_dir).encoder_folder(made_from), for_many=True)

        return cls(model_of(made_from), load)

    @cached_property
    def _encoder(self) -> Encoder:
        return self._load()

    def embed(self, document: Document, told: Callable[[int, int], None] = lambda _done, _of: None) -> Embedded:
        """Cut and embed a document. `told` is told how many chunks are done, and how many there are."""
        chunks = tuple(chunk_document(document, self._encoder))
        vectors = encode_many(self._encoder, [chunk.embedded_text for chunk in chunks], partial(told))
        return Embedded(self.model, chunks, vectors)


def model_of(encoder: MadeFrom) -> str:
    """Name an exported model together with the way in which passages are cut for it."""
    return encoder.model_copy(update={"chunker_version": CHUNKER_VERSION}).model_dump_json()


def encoders_in_use(data_dir: Path) -> list[Path]:
    """Give the folder of the exported model by which added documents answer, if there are any: it must stay."""
    path = library_path(data_dir)
    if not path.is_file():
        return []
    try:
        with closing(connect_to_read(path)) as connection:
            model = read_meta(connection, "model")
        return [encoder_folder_of(model, data_dir)] if model else []
    except (sqlite3.Error, ValidationError):  # a damaged library is told of to whoever asks it
        return []


def encoder_folder_of(model: str, data_dir: Path) -> Path:
    """Give the folder of the exported model that `model_of` named."""
    made_from = MadeFrom.model_validate_json(model).model_copy(update={"chunker_version": None})
    return Store(data_dir).encoder_folder(made_from)
