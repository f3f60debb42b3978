"""Load which words of a document state each of its themes, and which quotes show each side of it.

`principles.toml` in a document's folder names them by section and some of their words. Nothing in it is shown: what is
shown is the span that the words lead to.
"""

from pathlib import Path

from pydantic import Field

from corpus.curated import read_curated
from corpus.errors import CorpusError
from corpus.frozen import Frozen
from corpus.locate import locate
from corpus.schema import Document, Kind, Role

FILE = "principles.toml"

Span = tuple[int, int]


class Principle(Frozen):
    """A theme: the sentences of the authors that state it, as passage id and span, and the ids of quotes on it."""

    section: str
    section_title: str
    says: tuple[tuple[str, Span], ...]
    quotes: dict[Role, tuple[str, ...]]


class _Principle(Frozen):
    section: str
    says: tuple[str, ...]
    quotes: dict[Role, tuple[str, ...]] = Field(default_factory=dict)


class _File(Frozen):
    principle: tuple[_Principle, ...] = ()


def themes_of(document: Document) -> list[str]:
    """List the sections in which people who were interviewed are quoted, in reading order."""
    return list(dict.fromkeys(one.section for one in document.passages if one.kind is Kind.INTERVIEW))


def load_principles(document: Document, folder: Path) -> tuple[Principle, ...]:
    """Load a document's principles, one for each of its themes in reading order; none where there is no such file.

    Raises:
        CorpusError: the file is malformed, a theme is missing, words stand nowhere or in two places, or they are by
            somebody else than it says.
    """
    path = folder / FILE
    if not path.is_file():
        return ()
    written = read_curated(path, _File).principle
    themes = themes_of(document)
    if sorted(one.section for one in written) != sorted(themes):
        found = ", ".join(one.section for one in written)
        raise CorpusError(f"{path}: sections {found}. Expected each theme once: {', '.join(themes)}.")
    titles = {section.id: section.title for section in document.sections}
    for one in written:
        _check_sides(document, one, path)
    return tuple(
        Principle(
            section=one.section,
            section_title=titles[one.section],
            says=tuple(_said(document, one.section, words, path) for words in one.says),
            quotes={
                role: tuple(_quote(document, one.section, words, role, path) for words in one.quotes.get(role, ()))
                for role in document.roles
            },
        )
        for one in sorted(written, key=lambda one: themes.index(one.section))
    )


def _said(document: Document, section: str, words: str, path: Path) -> tuple[str, Span]:
    passage, span = locate(document, section, words, str(path))
    if passage.kind is Kind.INTERVIEW:
        raise CorpusError(f"{path}: “{words}” was said by {passage.speaker}, not by the authors.")
    return passage.id, span


def _quote(document: Document, section: str, words: str, role: Role, path: Path) -> str:
    passage, _ = locate(document, section, words, str(path))
    if passage.role != role:
        whose = passage.speaker or "the authors"
        raise CorpusError(f"{path}: “{words}” is by {whose}, but stands under {role}.")
    return passage.id


def _check_sides(document: Document, one: _Principle, path: Path) -> None:
    """Check that each side which is quoted in a theme is shown, and no other named. Raises CorpusError."""
    roles = document.roles
    if unknown := [role for role in one.quotes if role not in roles]:
        raise CorpusError(f"{path}: nobody in {document.id} is {', '.join(unknown)}. There are: {', '.join(roles)}.")
    for role in roles:
        quoted = any(passage.section == one.section and passage.role == role for passage in document.passages)
        if quoted and not one.quotes.get(role):
            raise CorpusError(f"{path}: section {one.section} has quotes by {role}, and none is chosen.")
