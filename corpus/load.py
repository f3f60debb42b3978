"""Load a document from its folder: check its words, then read it.

A folder holds `manifest.toml` and the source text. The source is vouched for by its sha256 or, where the bytes differ,
by those of its words and of its cleaned text. So a copy that was saved with other line ends, tabs or a byte order mark
is the same document; a copy with one word changed or missing is not, nor is one whose lines were broken elsewhere,
because its structure would be lost.
"""

import hashlib
import tomllib
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from corpus import plain, principles
from corpus.contested import Contested, load_contested
from corpus.errors import CorpusError, DocumentDamaged
from corpus.expand import NotCovered, load_not_covered, load_questions
from corpus.glossary import Entry, load_glossary
from corpus.manifest import Manifest
from corpus.readers.report import read_report, words_sha256
from corpus.schema import Document

LIBRARY = Path(__file__).parent / "library"
#: Raise this when reading the same source would give other passages: indexes made before are then rebuilt.
READER_VERSION = 2
_ONLY_SHOWN = frozenset({plain.FILE, principles.FILE})


def read_manifest(folder: Path) -> Manifest:
    """Read a document's manifest. Raises CorpusError where it is missing or not as it should be."""
    path = folder / "manifest.toml"
    advice = "Restore the file, for instance by reinstalling, or correct it."
    try:
        return Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise CorpusError(f"{path} is missing. {advice}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CorpusError(f"{path}: {where}: {first['msg'].lower()}. {advice}") from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path} cannot be used: {error}. {advice}") from None


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
        raise CorpusError(
            f"{path} cannot be read: {error.strerror or error}. Restore the file, for instance by reinstalling."
        ) from None
    try:
        source = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentDamaged(
            f"{path} is not UTF-8 text: byte {error.start} cannot be read. Restore the file."
        ) from None
    if hashlib.sha256(raw).hexdigest() == manifest.source.sha256:
        return read_report(source, manifest)
    if words_sha256(source) != manifest.source.words_sha256:
        raise DocumentDamaged(
            f"{path} is damaged: its words are not those of “{manifest.short_title}” "
            f"({len(raw):,} bytes found). Nothing is quoted from it. Restore the file, for instance by reinstalling."
        )
    document = read_report(source, manifest)
    if hashlib.sha256(document.text.encode()).hexdigest() != manifest.source.text_sha256:
        raise DocumentDamaged(
            f"{path} has the words of “{manifest.short_title}”, but its lines are broken elsewhere: paragraphs and "
            "quotes cannot be told apart safely. Restore the file, for instance by reinstalling."
        )
    return document


@cache
def load_library(folder: Path = LIBRARY) -> tuple[Document, ...]:
    """Load every document of a library folder, in the order of the folders' names."""
    return tuple(load_document(path) for path in _folders(folder))


def _folders(folder: Path) -> list[Path]:
    folders = sorted(path.parent for path in folder.glob("*/manifest.toml"))
    if not folders:
        raise CorpusError(f"no document was found in {folder}: expected at least one folder with a manifest.toml.")
    return folders


def library_folders(folder: Path = LIBRARY) -> list[tuple[Document, Path]]:
    """Load every document of a library folder, each with its own folder."""
    return list(zip(load_library(folder), _folders(folder), strict=True))


def library_questions(folder: Path = LIBRARY) -> dict[str, list[tuple[tuple[int, int], str]]]:
    """Load the questions that passages answer, of every document of a library folder: see `corpus/expand.py`."""
    found: dict[str, list[tuple[tuple[int, int], str]]] = {}
    for document, path in library_folders(folder):
        found.update(load_questions(document, path))
    return found


def library_not_covered(folder: Path = LIBRARY) -> tuple[NotCovered, ...]:
    """Load the topics that the documents of a library folder do not cover."""
    return tuple(topic for _, path in library_folders(folder) for topic in load_not_covered(path))


def library_contested(folder: Path = LIBRARY) -> tuple[Contested, ...]:
    """Load the points on which the documents of a library folder show more than one view."""
    return tuple(point for document, path in library_folders(folder) for point in load_contested(document, path))


def library_glossary(folder: Path = LIBRARY) -> tuple[Entry, ...]:
    """Load the glossaries of the documents of a library folder."""
    return tuple(entry for document, path in library_folders(folder) for entry in load_glossary(document, path))


def library_sha256(folder: Path = LIBRARY) -> str:
    """Hash the bytes that decide what the library reads as, without reading it: for telling that an index is stale.

    Files that only pages show, and that no index is made from, are left out.
    """
    digest = hashlib.sha256(f"reader {READER_VERSION}".encode())
    for path in sorted(path for path in folder.glob("*/*") if path.is_file() and path.name not in _ONLY_SHOWN):
        digest.update(f"\0{path.parent.name}/{path.name}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
