"""Load what each section of a document says in plain words. The words are ours and are never shown as the document's.

`plain.toml` in a document's folder holds a summary for every section: few and short sentences, and no quotation marks,
so that nothing in it can be taken for a quotation.
"""

import re
from pathlib import Path

from corpus.curated import read_curated
from corpus.errors import CorpusError
from corpus.frozen import Frozen
from corpus.schema import Document

FILE = "plain.toml"
SENTENCES = (2, 4)
MAX_WORDS = 15
_QUOTATION_MARKS = re.compile("[\"“”„«»‘`]|(?<!\\w)['’]")


class Plain(Frozen):
    """A section in plain words."""

    document_id: str
    section: str
    section_title: str
    sentences: tuple[str, ...]


class _Section(Frozen):
    id: str
    plain: str


class _File(Frozen):
    section: tuple[_Section, ...] = ()


def load_plain(document: Document, folder: Path) -> tuple[Plain, ...]:
    """Load a document's sections in plain words, in the document's order; none where its folder has no such file.

    Raises:
        CorpusError: the file is malformed, a section is missing, there twice or not the document's, or a text is too
            long or holds quotation marks.
    """
    path = folder / FILE
    written = read_curated(path, _File).section
    if not path.is_file():
        return ()
    texts = {one.id: one.plain for one in written}
    known = [section.id for section in document.sections]
    if len(texts) != len(written):
        twice = next(one.id for one in written if [other.id for other in written].count(one.id) > 1)
        raise CorpusError(f"{path}: section {twice} stands there twice. Remove one of them.")
    if unknown := [name for name in texts if name not in known]:
        raise CorpusError(f"{path}: {document.id} has no section {', '.join(unknown)}. It has: {', '.join(known)}.")
    if missing := [name for name in known if name not in texts]:
        raise CorpusError(f"{path}: no text for section {', '.join(missing)}. Write one for every section.")
    return tuple(
        Plain(
            document_id=document.id,
            section=section.id,
            section_title=section.title,
            sentences=_sentences(texts[section.id], f"{path}, section {section.id}"),
        )
        for section in document.sections
    )


def _sentences(text: str, where: str) -> tuple[str, ...]:
    """Cut a summary into sentences. Raises CorpusError where it could be taken for a quotation or is too long."""
    if found := _QUOTATION_MARKS.search(text):
        raise CorpusError(f"{where}: a quotation mark ({found[0]}). These words are ours: quote nothing.")
    sentences = tuple(one.strip() for one in re.split(r"(?<=[.?!])\s+", text) if one.strip())
    least, most = SENTENCES
    if not least <= len(sentences) <= most:
        raise CorpusError(f"{where}: {len(sentences)} sentences, expected {least} to {most}.")
    if long := [one for one in sentences if len(one.split()) > MAX_WORDS]:
        raise CorpusError(f"{where}: more than {MAX_WORDS} words in a sentence: {long[0]}")
    return sentences
