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

from corpus import contested, glossary, plain, principles
from corpus.contested import load_contested
from corpus.curated import read_curated
from corpus.errors import CorpusError, DocumentDamaged
from corpus.expand import FILE as QUESTIONS_FILE
from corpus.expand import NOT_COVERED_FILE, load_not_covered, load_questions
from corpus.glossary import load_glossary
from corpus.library import Entry, EntryHashes, KnownQuestion, Library
from corpus.manifest import Manifest
from corpus.plain import load_plain
from corpus.prepared import load_prepared
from corpus.principles import load_principles
from corpus.readers.report import read_report, words_sha256
from corpus.schema import Document
from corpus.vocabulary import Vocabulary

LIBRARY = Path(__file__).parent / "library"
VOCABULARY_FILE = "vocabulary.toml"
#: Files that are only shown, or only decide how a document is asked: no index is made from them.
_NOT_INDEXED = frozenset({VOCABULARY_FILE, contested.FILE, glossary.FILE, plain.FILE, principles.FILE})
#: Raise this when reading the same source would give other passages: indexes made before are then rebuilt.
READER_VERSION = 3


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


def read_vocabulary(folder: Path) -> Vocabulary:
    """Read a document's vocabulary; an empty one where its folder has none. Raises CorpusError."""
    return read_curated(folder / VOCABULARY_FILE, Vocabulary)


def load_document(folder: Path) -> Document:
    """Load the document in a folder.

    Raises:
        CorpusError: the manifest or the source is missing or cannot be read.
        DocumentDamaged: the source's words are not those that the manifest vouches for.
    """
    manifest, vocabulary = read_manifest(folder), read_vocabulary(folder)
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
        return read_report(source, manifest, vocabulary)
    if words_sha256(source) != manifest.source.words_sha256:
        raise DocumentDamaged(
            f"{path} is damaged: its words are not those of “{manifest.short_title}” "
            f"({len(raw):,} bytes found). Nothing is quoted from it. Restore the file, for instance by reinstalling."
        )
    document = read_report(source, manifest, vocabulary)
    if hashlib.sha256(document.text.encode()).hexdigest() != manifest.source.text_sha256:
        raise DocumentDamaged(
            f"{path} has the words of “{manifest.short_title}”, but its lines are broken elsewhere: paragraphs and "
            "quotes cannot be told apart safely. Restore the file, for instance by reinstalling."
        )
    return document


def load_entry(folder: Path) -> Entry:
    """Load the document in a folder with all that belongs to it. Raises as `load_document` does."""
    document = load_document(folder)
    known = load_questions(document, folder)
    answers, cited = load_prepared(document, folder)
    return Entry(
        document=document.model_copy(update={"cited": cited}),
        questions=tuple(
            KnownQuestion(passage_id=passage_id, span=span, question=question)
            for passage_id, rows in known.items()
            for span, question in rows
        ),
        not_covered=load_not_covered(folder),
        prepared=answers,
        contested=load_contested(document, folder),
        glossary=load_glossary(document, folder),
        plain=load_plain(document, folder),
        principles=load_principles(document, folder),
        hashes=hash_folder(folder),
    )


def entry_of(document: Document) -> Entry:
    """Make an entry of a document that brings nothing but itself and its vocabulary."""
    content = f"{READER_VERSION}\0{document.model_dump_json()}"
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    return Entry(document=document, hashes=EntryHashes(document_id=document.id, content=sha256, indexed=sha256))


@cache
def load_library(folder: Path = LIBRARY) -> Library:
    """Load every document of a library folder, in the order of the folders' names."""
    return Library(load_entry(path) for path in library_folders(folder))


def library_folders(folder: Path = LIBRARY) -> list[Path]:
    """List the folders of a library's documents, in order. Raises CorpusError where there is none."""
    folders = sorted(path.parent for path in folder.glob("*/manifest.toml"))
    if not folders:
        raise CorpusError(f"no document was found in {folder}: expected at least one folder with a manifest.toml.")
    return folders


def hash_folder(folder: Path) -> EntryHashes:
    """Hash the bytes that decide what a document's folder reads as, without reading it: for telling what is stale."""
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
    questions = {name: files[name] for name in files if name in (QUESTIONS_FILE, NOT_COVERED_FILE)}
    return EntryHashes(
        document_id=read_manifest(folder).id,
        content=_sha256(files),
        indexed=_sha256({name: files[name] for name in files if name not in _NOT_INDEXED}),
        questions=_sha256(questions) if questions else "",
    )


def _sha256(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256(f"reader {READER_VERSION}".encode())
    for name, content in files.items():
        digest.update(f"\0{name}\0".encode())
        digest.update(content)
    return digest.hexdigest()
