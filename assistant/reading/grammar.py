"""Read what a library's own vocabulary finds in a question: whom and which section it names, and what is left."""

import re
from collections.abc import Sequence

from assistant.reading.limits import without_limits
from assistant.reading.tokenize import tokenize
from assistant.reading.voices import Voices, names_of
from corpus.library import Library, fold_name

_SECTION_ON = re.compile(
    r"\b(?:section|part|chapter)\s+(?:on|about|called|titled|headed)\s+(.+)|\bthe\s++(.{3,60}?)(?<!\s)\s++(?:section|chapter)\b",
    re.IGNORECASE,
)
#: Words of asking, which say nothing of what a question is about.
EMPTY = frozenset(
    tokenize(
        "quote quotes quotation quotations quoted say said says saying tell tells told talk give show find read get "
        "want see anything something everything all any line lines bit words word used voice voices interview "
        "interviews section part longest longer shortest shorter short long brief snappy snappier punchy full whole "
        "two three four five six one some comment comments remark remarks opinion opinions view views pls plz people "
        "exactly exact speak speaks spoke share report list please thing things include included mention mentioned "
        "thank thanks hello hi hey cheers bye ok okay great lovely good morning afternoon evening welcome nice think "
        "thought example examples more else other others same come happen really go explain what about mean ones way "
        "though tho then instead got have somebody someone anyone anybody themselves like eg disagree agree isnt "
        "otherwise back first last only pull us me lot hear heard side just now let too under paragraph restrict "
        "narrow within keep whats hows whos thats again well meant wanted doesnt dont didnt arent wasnt werent taht "
        "number sorry next another"
    )
)


class Grammar:
    """Reads what has a grammar: labels, sides and sections, as the documents of a library write them."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.voices = Voices(library)
        self.section_ids = {fold_name(section.id): section.id for section in reversed(library.sections)}
        #: A section by its id: after a word that says what it is, or by itself where it looks like an id.
        self.section_name = _section_pattern([section.id for section in library.sections])
        self.authors = [author for document in library.documents for author in document.authors]
        #: Words of what sides are called: alone they say nothing of what a question is about.
        self.words_of_sides = frozenset(tokenize(" ".join(names_of(library.roles.values()))))
        people = "|".join(_people(library)) or "(?!)"
        #: Somebody who spoke before: "that nurse", "anything else from her?"
        self.same_person = re.compile(
            rf"\b(?:that|this|the same) (?:one|person|speaker|{people})\b|\b(?:he|she|him|his|her|hers)\b",
            re.IGNORECASE,
        )
        #: Somebody of a side who spoke before.
        self.that_one = re.compile(rf"\b(that|this|the same) (?:{people})\b", re.IGNORECASE)

    def own_words(self, text: str) -> list[str]:
        """Give the words of a question that say what it is about: no voices, sections, lengths or words of asking."""
        rest = self.same_person.sub(" ", self.section_name.sub(" ", self.voices.anybody.sub(" ", text)))
        rest = without_limits(rest)
        words = [word for word in tokenize(rest) if len(word) > 1 and not word.isdigit()]
        return [word for word in words if word not in EMPTY and word not in self.words_of_sides]

    def section_of(self, text: str) -> str | None:
        """Give the section that a question names, by its id or by words of its title: "the section on flexibility"."""
        match = self.section_name.search(text)
        if match:
            return self.section_ids.get(fold_name(match[1] or match[2]))
        return self._titled_section(text)

    def _titled_section(self, text: str) -> str | None:
        match = _SECTION_ON.search(text)
        words = set(tokenize(match[1] or match[2])) if match else set()
        titles = [(set(tokenize(section.title)), section.id) for section in self.library.sections] if words else []
        fitting = [
            (len(title & words), section) for title, section in titles if title and len(title & words) * 2 > len(title)
        ]
        best = max(fitting, default=(0, None), key=lambda pair: pair[0])
        return best[1] if [count for count, _ in fitting].count(best[0]) == 1 else None


def _people(library: Library) -> list[str]:
    """Give single words for one of those who are quoted: "researcher", "nurse"."""
    words = [name for role in library.roles.values() for name in (role.one.split()[-1], *role.called)]
    return [re.escape(word) for word in dict.fromkeys(words) if word.isalpha()]


def _section_pattern(ids: Sequence[str]) -> re.Pattern[str]:
    """Make the pattern of a section's id from the ids that there are: what a part of theirs looks like, theirs may be.

    Groups: 1, the id after a word that says what it is; 2, an id of several parts that begins with a letter.
    """
    numbered = [re.split(r"[.\s]", one) for one in ids if re.search(r"\d|[.]", one)]
    letters = "|".join(sorted({parts[0].upper() for parts in numbered if len(parts[0]) == 1 and parts[0].isalpha()}))
    named = [re.escape(one.partition(" ")[2]) for one in ids if re.fullmatch(r"\w+ \w{1,4}", one)]
    lettered = rf"(?:{letters})\.\d{{1,2}}(?:\.[ivxlc\d]+)?" if letters else r"(?!)"
    in_parts = r"\d+(?:\.\d+)+" if any(re.fullmatch(r"\d+(?:\.\d+)+", one) for one in ids) else r"(?!)"
    bare = rf"\b({lettered}|{in_parts})\b"
    after = [*([rf"(?:{letters})(?:\.\d+)?(?:\.[ivxlc\d]+)?"] if letters else []), r"\d+(?:\.\d+)*", *named]
    return re.compile(rf"\b(?:section|part|chapter)\s+({'|'.join(after)})\b|{bare}", re.IGNORECASE)
