"""Read a folder of documents of one's own, and open an assistant over just these: `--documents FOLDER`."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from assistant.finding.retriever import Retriever
from assistant.keeping.build import make_index, prepare_encoder
from assistant.keeping.embed_cache import EmbeddingCache
from assistant.keeping.exported import load_encoder, load_for_many
from assistant.keeping.store import WantedIndex
from assistant.pipeline import Assistant
from assistant.quoting.visible import first_few
from assistant.settings import Settings
from corpus.errors import CorpusError
from corpus.library import Library
from corpus.load import entry_of
from corpus.readers.text import read_text_file
from corpus.schema import Document

#: What is embedded is kept in this file of the data folder, so that it is embedded once.
KEPT_FILE = "embeddings.sqlite"
SUFFIXES = (".md", ".markdown", ".txt", ".text")
_SHOWN = 3

#: Called with what is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


class OwnDocuments(NamedTuple):
    """The documents of a folder."""

    documents: tuple[Document, ...]
    """In the order of their files' names."""
    passed_over: tuple[str, ...]
    """Names of files that are no Markdown or plain text."""


def read_documents(folder: Path) -> OwnDocuments:
    """Read every file of Markdown or plain text in a folder and the folders inside it.

    A document's id is made from its file's name, and those of the folders around it; hidden files are passed over.

    Raises:
        CorpusError: there is no such folder, no document in it, or a file that cannot be read, or two files would have
            one id; the message names the files.
    """
    if not folder.is_dir():
        raise CorpusError(f"there is no folder {folder}. Give --documents a folder of Markdown or plain text files.")
    documents: dict[str, tuple[Path, Document]] = {}
    passed_over = []
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        inner = path.relative_to(folder)
        if any(part.startswith(".") for part in inner.parts):
            continue
        if path.suffix.lower() not in SUFFIXES:
            passed_over.append(str(inner))
            continue
        document = read_text_file(path, document_id=_id_of(inner))
        if document.id in documents:
            raise CorpusError(
                f"{documents[document.id][0]} and {path} would both have the id {document.id!r}. Rename one of them."
            )
        documents[document.id] = (path, document)
    if not documents:
        others = f", but {first_few(passed_over, _SHOWN)}" if passed_over else ""
        raise CorpusError(
            f"no document was found in {folder}{others}: expected files that end in {', '.join(SUFFIXES)}."
        )
    return OwnDocuments(tuple(document for _, document in documents.values()), tuple(passed_over))


def say_passed_over(names: tuple[str, ...]) -> str:
    """Say which files were not read, for a warning."""
    return f"Not read, as they are no Markdown or plain text: {first_few(names, _SHOWN)}."


def open_over(documents: tuple[Document, ...], settings: Settings, progress: Progress = lambda *_: None) -> Assistant:
    """Open an assistant over documents, its index in memory; what was embedded before is not embedded again.

    Raises:
        DataFolderError, ModelError: the data folder or the embedding model is not as it should be.
    """
    prepare_encoder(settings)
    library = Library(entry_of(document) for document in documents)
    wanted = WantedIndex.from_library(settings, library)
    asking = load_encoder(settings, wanted)
    with EmbeddingCache(settings.data_dir / KEPT_FILE) as cache:
        index = make_index(library, load_for_many(settings, wanted, asking, cache), progress)
    retriever = Retriever(library, index, asking, wanted.learned.network)
    return Assistant(library, retriever, settings, model_sha256=wanted.here.model_sha256)


def _id_of(inner: Path) -> str | None:
    """Make a document's id of its place in the folder; None where there is no plain letter or digit in it."""
    return re.sub(r"[^a-z0-9]+", "-", inner.with_suffix("").as_posix().casefold()).strip("-") or None
