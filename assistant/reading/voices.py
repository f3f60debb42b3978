"""Find who is named in a question, and tell whose words it asks for: a speaker by label, or one side.

The names of speakers and sides are those of the documents' vocabularies. Whether a side that is mentioned is asked for
is learned: see `meaning.py`.
"""

import re
from collections.abc import Iterable, Sequence

from assistant.reading.features import Mention, without_overlaps
from assistant.reading.meaning import Meaning
from corpus.library import Library
from corpus.phrases import phrase_source
from corpus.schema import Role
from corpus.vocabulary import LabelFamily, RoleWords

_TOPIC_STARTS = re.compile(
    r":\s|\s(?:about|regarding|concerning|re|on(?! (?:the \w+ side|record))"
    r"|(?:say(?:s|ing)|said|showing|shows) that|that says|of how)\s",
    re.I,
)
_WHAT_ABOUT = re.compile(r"^\W*(?:(?:and|ok|so|but|right)\b\W*)*(?:what|how) about\b", re.IGNORECASE)
#: What makes a name that follows one that is not meant.
_NOT = re.compile(
    r"\b(?:not|isn['’]?t|wasn['’]?t|don['’]?t want|instead of|rather than|except)\s+(?:\w+\s+){0,2}$", re.I
)
#: What follows a name of which something is spoken of, other than what they say.
_OWNS = re.compile(
    r"(?:['’]s|(?<=s)['’])\s+(?!(?:own|words?|views?|voices?|opinions?|experiences?|perspectives?|sides?|quotes?|"
    r"thoughts?|accounts?|stor(?:y|ies)|take|feelings?)\b)",
    re.I,
)
#: What follows a name of which the words themselves are asked for: "patients' own words on …".
_WORDS_OF = re.compile(r"(?:['’]s|['’])?\s+(?:own\s+)?(?:words|quotes|quotations)\b", re.I)
#: And what stands before one: "quotes from patients".
_WORDS_FROM = re.compile(r"\b(?:words|quotes?|quotations?)\s+(?:from|by|of)\s+(?:(?:an?|the|some|one)\s+)?\Z", re.I)
_OPENS = re.compile(r"(?<!\w)[‘“\"'](?=\w)")
_CLOSES = re.compile(r"[^‘“\"]{8,}?[’”\"'](?!\w)")
_UNTIL_OPENED = re.compile(r"[^‘“\"]*")
#: How far above the threshold it must be that a side's words are asked for: nobody else's are shown then.
_SURE = 1.5
#: So many characters before a name are looked at: further off, words no longer say how it is meant.
_WINDOW = 60
#: Numbers as words, from two: "researcher one" is not how anybody says it, and "the academic one" is nobody's name.
NUMBER_WORDS = {
    word: number
    for number, word in enumerate("two three four five six seven eight nine ten eleven twelve thirteen".split(), 2)  # noqa: SIM905
}
#: How what tells the labels of a family apart is written; the second group is a letter that is joined to the name.
_NUMBER = {
    "digits": rf"(\d{{1,2}}|(?<=\s)(?i:{'|'.join(NUMBER_WORDS)}))()\b",
    "letter": r"(?:(?<=\s)([A-Za-z])|([A-Z]))\b(?!['’](?!s\b))",
}


class Voices:
    """Knows who may speak in the documents of a library: their labels, their sides, and what people call them."""

    def __init__(self, library: Library) -> None:
        self.labels = frozenset(library.speakers)
        self.by_role: dict[Role, re.Pattern[str]] = {role: words.pattern for role, words in library.roles.items()}
        families = [family for document in library.documents for family in document.vocabulary.labels]
        self._families = [(re.compile(_named(family)), family.label) for family in families]
        self._alone = [
            (phrase_source(phrase, plural=False), family.label) for family in families for phrase in family.alone
        ]
        self._side_of = {
            family.label: next(
                (
                    one.role
                    for one in library.speakers.values()
                    if one.label.startswith(family.label.partition("{}")[0])
                ),
                "",
            )
            for family in families
        }
        anybody = [pattern.pattern for pattern, _ in self._families]
        anybody += [pattern.pattern for pattern in self.by_role.values()]
        #: Whoever may speak: any side or speaker's label.
        self.anybody = re.compile("|".join(anybody) or r"(?!)", re.IGNORECASE)
        #: The families of labels by number and by letter, as they stand before it.
        self.families = {
            kind: [family.label.partition(" {}")[0] for family in families if family.number == kind]
            for kind in ("digits", "letter")
        }

    def mentions(self, text: str) -> list[Mention]:
        """List who is mentioned in a text, in order, labels before sides, none inside another."""
        found = [
            Mention(match.start(), match.end(), self._side_of[label] or label, is_label=True)
            for pattern, label in self._families
            for match in pattern.finditer(text)
            if not _is_article(text, match)
        ]
        taken = [(one.start, one.end) for one in found]
        for role, pattern in self.by_role.items():
            found += [
                Mention(match.start(), match.end(), role)
                for match in pattern.finditer(text)
                if not any(start < match.end() and match.start() < end for start, end in taken)
            ]
        return without_overlaps(found)

    def named(self, text: str) -> tuple[list[str], list[str]]:
        """Find speakers named in a question: those that are quoted, and those that are not."""
        found: list[tuple[int, str, bool]] = []
        for pattern, label in self._families:
            for match in pattern.finditer(text):
                if not _is_article(text, match):
                    name = match[1] or match[2]
                    name = str(NUMBER_WORDS.get(name.casefold(), name.upper()))
                    negated = _NOT.search(text, max(match.start() - _WINDOW, 0), match.start())
                    found.append((match.start(), label.format(name), bool(negated)))
        meant = [label for _, label, negated in sorted(found) if not negated]
        meant = meant or self._named_alone(text) or [label for _, label, _ in sorted(found)]
        unique = list(dict.fromkeys(meant))
        return [label for label in unique if label in self.labels], [one for one in unique if one not in self.labels]

    def families_in(self, text: str) -> list[str]:
        """List the families of the labels that a text names, as they stand before the number or letter."""
        quoted, unknown = self.named(text)
        return [label.rpartition(" ")[0] for label in (*quoted, *unknown)]

    def _named_alone(self, text: str) -> list[str]:
        """Find the only one of a family, where it is named without its letter: "the service user researcher"."""
        for source, label in self._alone:
            if re.search(source, text, re.IGNORECASE):
                own = [known for known in self.labels if known.startswith(label.partition("{}")[0])]
                return own if len(own) == 1 else []
        return []

    def sides_in(self, text: str) -> list[Role]:
        """List the sides that a text names, whatever it says of them."""
        mentioned = {one.side for one in self.mentions(unquoted(text))}
        return [role for role in self.by_role if role in mentioned]

    def asked_for(self, text: str, meaning: Meaning) -> tuple[list[Role], list[Role]]:
        """List the sides whose own words a question asks for, and those of whom it may; those spoken about are none."""
        text = unquoted(text)
        mentions = self.mentions(text)
        sides = [role for role in self.by_role if any(one.side == role for one in mentions)]
        margins = {role: meaning.asks_for(text, mentions, role) for role in sides}
        not_meant = {one.side for one in mentions if _NOT.search(text, max(one.start - _WINDOW, 0), one.start)}
        if len(sides) > 1 and len(not_meant) == 1:  # "from the academics, not the patients"
            margins = {role: -_SURE if role in not_meant else margins[role] + _SURE for role in sides}
        heard = {one.side for one in mentions if not _OWNS.match(text, one.end)}
        if len(sides) > 1 and heard:  # "quotes from patients on a researcher's kindness"
            margins = {role: margin if role in heard else -_SURE for role, margin in margins.items()}
        said = (
            one
            for one in mentions
            if _WORDS_OF.match(text, one.end) or _WORDS_FROM.search(text, max(one.start - _WINDOW, 0), one.start)
        )
        their_words = {one.side for one in said} - not_meant
        if their_words:
            margins = {role: 2 * _SURE if role in their_words else min(margins[role], 0) for role in sides}
        return [role for role in sides if margins[role] > _SURE], [role for role in sides if 0 < margins[role] <= _SURE]

    def topic_of(self, text: str) -> str:
        """Give the part of a question that says what it is about: all after “about”, “on”, a colon …, or all of it."""
        match = _TOPIC_STARTS.search(_WHAT_ABOUT.sub("", text))
        rest = match.string[match.end() :] if match else text
        for pattern, _ in self._families:
            rest = pattern.sub(" ", rest)
        return " ".join(rest.split())


def _named(family: LabelFamily) -> str:
    """Write the pattern of a label as people write it: "AR4", "researcher no. 5", "patient partner B"."""
    names = "|".join(phrase_source(phrase, plural=False, closed=False) for phrase in family.called)
    return rf"\b(?i:{names})\s*(?:(?i:no\.?|number|#)\s*)?{_NUMBER[family.number]}"


def _is_article(text: str, match: re.Match[str]) -> bool:
    """Tell whether what looks like a letter is a word: "a public partner a few years ago" names nobody."""
    return (match[1] or match[2]) in ("a", "i", "I") and match.end() < len(text.rstrip(" .?!"))


def unquoted(text: str) -> str:
    """Leave out what stands in quotation marks: somebody's words, not who is asked about."""
    kept: list[str] = []
    place = start = 0
    while opens := _OPENS.search(text, start):
        closes = _CLOSES.match(text, opens.end())
        if closes:
            kept.append(text[place : opens.start()])
            place = start = closes.end()
        elif following := _UNTIL_OPENED.match(text, opens.end()):
            # Nothing closes what is opened further on either, before the next mark that only opens.
            start = following.end()
    return " ".join([*kept, text[place:]])


def names_of(roles: Iterable[RoleWords]) -> Sequence[str]:
    """Give what the people of roles are called, one and several."""
    return [name for role in roles for name in (role.one, role.many)]
