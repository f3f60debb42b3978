"""The languages of the interface: the words around answers. Answers and quotations stay in the report's English."""

import string
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from markupsafe import Markup, escape
from pydantic import Field, ValidationError

from assistant.quoting.framing import GROUPS, NEAR, NEAREST, NOT_COVERED, ON, number_of_all
from corpus.errors import CoproduceError
from corpus.frozen import Frozen
from corpus.library import Library
from corpus.vocabulary import RoleWords

FOLDER = Path(__file__).parent / "words"
#: The language that the others are checked against, and the one that is used where none is asked for.
DEFAULT = "en"
#: The fixed words of answers, and the keys of their translations.
FIXED = {
    NEAR: "nothing_direct",
    NOT_COVERED: "does_not_say",
    NEAREST: "nearest",
    **{words: {"authors": "authors_say"}.get(group, group) for group, words in GROUPS.items()},
}


class Language(Frozen):
    """One language of the interface."""

    name: str = Field(min_length=1, description="Its own name for itself.")
    tag: str = Field(min_length=2, description="As the `lang` of a page says it.")
    direction: Literal["ltr", "rtl"]
    note: str = Field(description="That a machine drafted it and nobody has checked it, in the language; or empty.")
    words: dict[str, str]

    def __getitem__(self, key: str) -> str:
        """Give the words of a key, places unfilled."""
        return self.words[key]

    def say(self, key: str, **places: object) -> Markup:
        """Give the words of a key as HTML, with its places filled. What fills them is escaped and marked as English."""
        marked = {name: Markup('<bdi lang="en-GB">{}</bdi>').format(value) for name, value in places.items()}
        return escape(self.words[key]).format(**marked)

    def plain(self, key: str, **places: object) -> str:
        """Give the words of a key as text, with its places filled."""
        return self.words[key].format(**places)

    @property
    def code(self) -> str:
        """By what documents name it that bring words of their own in it: "cy"."""
        return self.tag.partition("-")[0]

    def fixed(self, words: str, library: Library) -> str | None:
        """Give the translation of an answer's fixed words, or a document's of its table's heading; else None."""
        if key := FIXED.get(words):
            return self.words[key]
        if number := number_of_all(words):
            return words if self.code == DEFAULT else self.plain("all_of", number=number)
        if words.startswith(ON):
            return self.plain("on", words=words.removeprefix(ON))
        known = (table.headings.get(self.code) for table in library.tables if table.heading == words)
        return next((heading for heading in known if heading), None)

    def title(self, library: Library) -> str:
        """Give the title of the frame: the document's own where there is one document."""
        own = library.page_words(self.code)
        return own.title if own else self.words["title"]

    def intro(self, library: Library) -> str:
        """Say what one gets, in the document's own words where there is one document."""
        own = library.page_words(self.code)
        return own.intro if own else self.words["intro"]

    def only_role(self, role: RoleWords) -> Markup:
        """Say that only the words of one side are shown."""
        if said := role.only.get(self.code):
            return escape(said)
        return Markup('<bdi lang="en-GB">{}</bdi>').format(f"Only words of {role.many} are shown.")


def load_languages(folder: Path = FOLDER) -> dict[str, Language]:
    """Read every language of a folder, the default first.

    Raises:
        CoproduceError: a file is not as it should be, or has other keys or places than the default's; the message
            names the file and the keys.
    """
    languages = {path.stem: _read(path) for path in sorted(folder.glob("*.toml"))}
    if DEFAULT not in languages:
        raise CoproduceError(f"there is no {DEFAULT}.toml among the words of the interface; install coproduce again")
    wanted = languages[DEFAULT].words
    for code, language in languages.items():
        if faults := _faults(language.words, wanted):
            raise CoproduceError(f"the words of the interface in {code}.toml are not whole: {'; '.join(faults)}")
        if code != DEFAULT and not language.note:
            raise CoproduceError(f"{code}.toml has no note that says who drafted and checked it")
    return {DEFAULT: languages.pop(DEFAULT), **languages}


@cache
def languages() -> dict[str, Language]:
    """Give the languages of the interface by their codes, read once."""
    return load_languages()


def _read(path: Path) -> Language:
    try:
        return Language.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise CoproduceError(f"the words of the interface in {path.name} cannot be read: {error}") from None


def _faults(words: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """Say what is missing, what is too much and which places differ."""
    faults = [f"{key} is missing" for key in wanted if key not in words]
    faults += [f"{key} is not known" for key in words if key not in wanted]
    faults += [f"{key} is empty" for key in wanted if key in words and not words[key].strip()]
    for key in wanted:
        if key in words and (found := _places(words[key])) != _places(wanted[key]):
            faults.append(f"{key} should have the places {sorted(_places(wanted[key]))}, and has {sorted(found)}")
    return faults


def _places(words: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}
    except ValueError:  # a brace without its partner
        return {words}
