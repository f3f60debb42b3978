"""Load a document from its folder: check its words, then read it.

A folder holds `manifest.toml` and the source text. The source is vouched for by the sha256 of its words, so a copy
that was re-wrapped, re-saved with other line ends or given a byte order mark is the same document, and a copy with one
word changed or missing is not.
"""

import hashlib
import tomllib
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from corpus.errors import CorpusError, DocumentDamaged
from corpus.expand import load_questions
from corpus.manifest import Manifest
from corpus.readers.report import read_report, words_sha256
from corpus.schema import Document

LIBRARY = Path(__file__).parent / "library"
#: Raise this when reading the same source would give other passages: indexes made before are then rebuilt.
READER_VERSION = 1


def read_manifest(folder: Path) -> Manifest:
    """Read a document's manifest. Raises CorpusError where it is missing or not as it should be."""
    path = folder / "manifest.toml"
    try:
        return Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise CorpusError(f"{path} is missing. Reinstall coproduce, or give the folder a manifest.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise CorpusError(f"{path} cannot be used: {str(error).splitlines()[0]}") from None


def load_document(folder: Path) -> Document:
    """Load the document in a folder.

    Raises:
        CorpusError: the manifest or the source is missing or cannot be read.
        DocumentDamaged: the source's words are not those that the manifest vouches for.
    """
    manifest = read_manifest(folder)
    path = folder / manifest.source.file
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CorpusError(f"{path} cannot be read: {error.strerror or error}.") from None
    try:
        source = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentDamaged(
            f"{path} is not UTF-8 text: byte {error.start} cannot be read. Restore the file."
        ) from None
    if (
        hashlib.sha256(raw).hexdigest() != manifest.source.sha256
        and words_sha256(source) != manifest.source.words_sha256
    ):
        raise DocumentDamaged(
            f"{path} is damaged: its words are not those of “{manifest.short_title}” "
            f"({len(raw):,} bytes found). Nothing is quoted from it. Restore the file, for instance by reinstalling."
        )
    return read_report(source, manifest)


@cache
def load_library(folder: Path = LIBRARY) -> tuple[Document, ...]:
    """Load every document of a library folder, in the order of the folders' names."""
    folders = sorted(path.parent for path in folder.glob("*/manifest.toml"))
    if not folders:
        raise CorpusError(f"no document was found in {folder}: expected at least one folder with a manifest.toml.")
    return tuple(load_document(path) for path in folders)


def library_questions(folder: Path = LIBRARY) -> dict[str, list[tuple[tuple[int, int], str]]]:
    """Load the questions that passages answer, of every document of a library folder: see `corpus/expand.py`."""
    found: dict[str, list[tuple[tuple[int, int], str]]] = {}
    for document in load_library(folder):
        found.update(load_questions(document, folder / document.id))
    return found


def library_sha256(folder: Path = LIBRARY) -> str:
    """Hash the bytes that decide what the library reads as, without reading it: for telling that an index is stale."""
    digest = hashlib.sha256(f"reader {READER_VERSION}".encode())
    for path in sorted(folder.glob("*/*")):
        digest.update(f"\0{path.parent.name}/{path.name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
