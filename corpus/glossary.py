"""Load a document's glossary: the words that mean the same here, lay and professional, each with where it is from.

`glossary.toml` in a document's folder holds entries. `defined_by = "report"` marks a meaning that the document itself
gives in the words named; the others are ours, and the words named only show the use.
"""

import re
from functools import cached_property
from pathlib import Path
from typing import Literal

from corpus.curated import read_curated
from corpus.errors import CorpusError
from corpus.frozen import Frozen
from corpus.locate import locate
from corpus.schema import Document

FILE = "glossary.toml"
#: Words that begin with so many equal letters are forms of one another: tokenism, tokenistic.
_SAME_LETTERS = 5


class GlossaryEntry(Frozen):
    """A word, what else people call it, and what it means."""

    term: str
    also: tuple[str, ...] = ()
    meaning: str
    section: str
    about: str
    defined_by: Literal["report", "us"]

    @cached_property
    def jargon(self) -> re.Pattern[str]:
        """Find the term itself in a text, in any of its forms: not the lay words that people use instead of it."""
        beginning = _letters(self.term)[:_SAME_LETTERS]
        forms = [
            word for word in self.also if word.isupper() or self.term.isupper() or _letters(word).startswith(beginning)
        ]
        return _pattern((self.term, *forms))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Find the term, or another word for it, in a text. An abbreviation counts only as it is written."""
        return _pattern((self.term, *self.also))


def _letters(word: str) -> str:
    return "".join(filter(str.isalnum, word.casefold()))


def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    cased = "|".join(re.escape(word) for word in words if word.isupper())
    others = "|".join(re.escape(word) for word in words if not word.isupper())
    either = "|".join(part for part in (cased, f"(?i:{others})" if others else "") if part)
    return re.compile(rf"(?<!\w)(?:{either})(?:s|es)?(?!\w)")


class _File(Frozen):
    entry: tuple[GlossaryEntry, ...] = ()


def load_glossary(document: Document, folder: Path) -> tuple[GlossaryEntry, ...]:
    """Load a document's glossary; empty where its folder has no such file.

    Raises:
        CorpusError: the file is malformed, an entry's words do not stand where it says, or two entries share a word.
    """
    path = folder / FILE
    entries = read_curated(path, _File).entry
    owner: dict[str, str] = {}
    for entry in entries:
        locate(document, entry.section, entry.about, f"{path}, {entry.term}")
        for word in (entry.term, *entry.also):
            if owner.setdefault(word.casefold(), entry.term) != entry.term:
                raise CorpusError(f"{path}: “{word}” stands under {owner[word.casefold()]} and under {entry.term}.")
    return entries
