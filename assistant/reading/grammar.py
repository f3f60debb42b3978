"""Read what a library's own vocabulary finds in a question: whom and which section it names, and what is left."""

import re
from collections.abc import Sequence

from assistant.reading.intents import FOR_USE, LENGTH, who_really_pattern
from assistant.reading.tokenize import tokenize
from assistant.reading.voices import Voices, names_of
from corpus.library import Library, fold_name

_SECTION_ON = re.compile(
    r"\b(?:section|part|chapter)\s+(?:on|about|called|titled|headed)\s+(.+)|\bthe\s++(.{3,60}?)(?<!\s)\s++(?:section|chapter)\b",
    re.IGNORECASE,
)
_SAME_PERSON = (
    r"\b(?:that|this|the same) (?:one|person|speaker|guy|lady|woman|man|{called})\b"
    r"|\b(?:did|does|has|had) (?:he|she|they)\b.{{0,12}}\b(?:say|said|says|think|mention|add|talk|put|feel)\b"
    r"|\b(?:from|by) (?:him|her|them|the same)\b"
)
SAYS_NOTHING = frozenset(
    tokenize(
        "quote quotes quotation quotations say said says saying tell told talk give show find read get need want see "
        "anything something everything all any line lines bit words voice voices interview interviews section part "
        "longest shortest long short brief full two three four five six one some "
        "comment comments remark remarks contribution contributions opinion opinions view views pls plz interviewer "
        "interviewers interviewed own people exactly people tells saying speak speaks spoke share shared "
        "report list please thing things contain contains include included mention mentioned thank thanks hello hi hey "
        "cheers bye goodbye ok okay great lovely good morning afternoon evening welcome nice"
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
        self._who_really = who_really_pattern(
            self.voices.label_source,
            [name for table in library.tables for name in (table.one, table.many)],
            [kind for words in library.roles.values() for kind in words.kinds],
        )
        #: Somebody of a side who spoke before: "that nurse".
        self.that_one = re.compile(
            rf"\b(that|this|the same) (?:{'|'.join(_people(library)) or '(?!)'})\b", re.IGNORECASE
        )
        #: One person who spoke before: "what did that one say about money?", "anything else from her?"
        self.same_person = re.compile(_SAME_PERSON.format(called="|".join(_people(library)) or "(?!)"), re.IGNORECASE)

    def asks_who(self, text: str) -> bool:
        """Tell whether a question asks who a speaker really is, which is never said."""
        return bool(self._who_really.search(text))

    def topic_words(self, text: str) -> list[str]:
        """Give the words of a question that say what it is about: no voices, sections or words of asking."""
        rest = self.section_name.sub(" ", self.voices.anybody.sub(" ", text))
        rest = FOR_USE.sub(" ", LENGTH.sub(" ", rest))
        return [word for word in tokenize(rest) if word not in SAYS_NOTHING and not word.isdigit() and len(word) > 1]

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
