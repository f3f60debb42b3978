"""Tell whose voice a question asks for: a speaker by label, or one side of what was studied.

The names of speakers and sides are those of the documents' vocabularies; what stands around them is English.
"""

import re
from collections.abc import Iterable

from corpus.library import Library
from corpus.phrases import phrase_source
from corpus.schema import Role
from corpus.vocabulary import LabelFamily, RoleWords

SAID = re.compile(
    r"\b(?:sa(?:y|id|ys|ying)|sed|tell|told|talk(?:ed|ing)?|speak(?:ing)?|spoke|describ\w+|think|thought|feel|felt|mention\w*"
    r"|moan\w*|grumbl\w*|complain\w*|call(?:ed|s)? (?:it|them|him|her)|put it|reckon\w*)\b",
    re.IGNORECASE,
)
_WHAT_ABOUT = re.compile(
    r"^\W*(?:(?:and|ok|so|but|right)\b\W*)*(?:what|how) about\b"
    r"|^\W*(?:and|or|but)\s+(?=\w[\w-]*+(?:\s++[\w-]++){0,3}\W*$)",
    re.IGNORECASE,
)
_TOPIC_STARTS = re.compile(
    r":\s|\s(?:about|regarding|concerning|re|on(?! (?:the \w+ side|record))"
    r"|(?:saying|says|said|showing|shows) that|that says|of how)\s",
    re.IGNORECASE,
)
#: What follows somebody who speaks: "patients on power", "a scientist saying that …", "the boffins: …".
_SPEAKS = re.compile(
    r"(?:['’]s?)?(?:\s+(?:who\s+)?(?:say(?:s|ing)?|said|talk(?:s|ed|ing)?|think(?:s|ing)?"
    r"|thought|feel(?:s|ing)?|felt|describ\w+|complain\w*|grumbl\w*|moan\w*|admit\w*|reckon\w*|explain\w*|prais\w+|use)\b"
    r"|\s+(?:quotes?|voices?|words|views?|perspectives?|opinions?)\b)",
    re.IGNORECASE,
)
#: The same where nothing goes before: "patients on power", but not "get to know the patients on your team".
_SPEAKS_ON = re.compile(r"\s+(?:on|re|about)\b|\s*:", re.IGNORECASE)
_FIRST = re.compile(
    r"(?:^\W*|[,;:.][^\w,;:.]*|\b(?:quotes?|from|by|what|and|or|ok|now|the|some|any|of)\W*)(?:an?\W+)?$", re.IGNORECASE
)
_JOINED_BEFORE = re.compile(r"(?:\b(?:and|or|versus|vs)|[,/&])\s+(?:(?:the|some|other)\s+)*$", re.IGNORECASE)
_JOINED = re.compile(r"\s*(?:and|or|versus|vs|[,/&])\s+(?:(?:the|some|other)\s+)*(?=\w)", re.IGNORECASE)
_TELLS = re.compile(
    r"\b(?:tell|tells|telling|told|ask|asks|asked|asking)\s+(?:(?:the|our|your|to|any|all)\s+)*$", re.IGNORECASE
)
_BY = re.compile(r"\b(?:from|by)\s+(?:(?:a|an|the|any|some|one|of|our|your)\s+)*$", re.IGNORECASE)
#: What is wanted by or from somebody, where it is words; "hidden from the patients" asks for nobody's.
_WORDS_OF = re.compile(
    r"\b(?:quot\w+|lines?|words?|said|something|anything|hear\w*|views?|opinions?|thoughts?|perspectives?"
    r"|stor(?:y|ies)|examples?|reactions?|feedback|sound ?bites?|voices?|remarks?|comments?|reflections?|ones?"
    r"|evidence)(?:\s+\S+){0,3}\s*$|\b(?:some|any|more|one)\s*$",
    re.IGNORECASE,
)
_OPENS = re.compile(r"(?<!\w)[‘“\"'](?=\w)")
_CLOSES = re.compile(r"[^‘“\"]{8,}?[’”\"'](?!\w)")
_UNTIL_OPENED = re.compile(r"[^‘“\"]*")
#: So many characters before a name are looked at: further off, words no longer say how it is meant.
_WINDOW = 100
#: How what tells the labels of a family apart is written; the second group is a letter that is joined to the name.
_NUMBER = {
    "digits": r"(\d{1,2})()\b",
    "letter": r"(?:(?<=\s)([A-Za-z])|([A-Z]))\b(?!['’](?!s\b))",
}


class Voices:
    """Knows who may speak in the documents of a library: their labels, their sides, and what people call them."""

    def __init__(self, library: Library) -> None:
        self.labels = frozenset(library.speakers)
        self.by_role: dict[Role, re.Pattern[str]] = {role: words.pattern for role, words in library.roles.items()}
        self._names = {role: re.compile(rf"{re.escape(role)}\b", re.IGNORECASE) for role in library.roles}
        families = [family for document in library.documents for family in document.vocabulary.labels]
        self._families = [(re.compile(_named(family)), family.label) for family in families]
        self._alone = [
            (phrase_source(phrase, plural=False), family.label) for family in families for phrase in family.alone
        ]
        anybody = [pattern.pattern for pattern, _ in self._families]
        anybody += [pattern.pattern for pattern in self.by_role.values()]
        #: Whoever may speak: any side or speaker's label.
        self.anybody = re.compile("|".join(anybody) or r"(?!)", re.IGNORECASE)
        #: The source of a pattern that finds any label; not by a short name, so that "partner a" is none.
        self.label_source = "|".join(_label_source(family) for family in families) or r"(?!)"

    def named(self, text: str) -> tuple[list[str], list[str]]:
        """Find speakers named in a question: those that are quoted, and those that are not."""
        found: list[str] = []
        ends = len(text.rstrip(" .?!"))
        for pattern, label in self._families:
            for match in pattern.finditer(text):
                name = match[1] or match[2]
                if name in ("a", "i", "I") and match.end() < ends:
                    continue  # "a public partner a few years ago" names nobody
                found.append(label.format(name.upper()))
        if not found:
            found = self._named_alone(text)
        unique = list(dict.fromkeys(found))
        return [label for label in unique if label in self.labels], [one for one in unique if one not in self.labels]

    def _named_alone(self, text: str) -> list[str]:
        """Find the only one of a family, where it is named without its letter: "the service user researcher"."""
        for source, label in self._alone:
            if re.search(source, text, re.IGNORECASE):
                own = [known for known in self.labels if known.startswith(label.partition("{}")[0])]
                return own if len(own) == 1 else []
        return []

    def sides_in(self, text: str) -> list[Role]:
        """List the sides that a text names, whatever it says of them."""
        text = unquoted(text)
        return [role for role, voice in self.by_role.items() if voice.search(text)]

    def role_of(self, text: str, *, wants_quotes: bool) -> Role | None:
        """Tell whose voice is asked for: one side alone is named as who speaks, not as what is spoken about."""
        text = unquoted(text)
        named = {role: list(voice.finditer(text)) for role, voice in self.by_role.items()}
        # Where each side is first named ends here: every mention of another asks for it.
        firsts = {role: found[0].end() for role, found in named.items() if found}
        found = [
            (role, match)
            for role, matches in named.items()
            for match in matches
            if not self._is_one_of_several(text, role, match, firsts)
        ]
        for is_speaking in (_is_from, _speaks_alone):
            speaking = {role for role, match in found if is_speaking(text, match)}
            if len(speaking) == 1:
                return speaking.pop()
        frame = frame_of(text)
        in_frame = {role: match for role, voice in self.by_role.items() if (match := voice.search(frame))}
        if len(in_frame) != 1:
            return None
        role, match = next(iter(in_frame.items()))
        is_told = _search_before(_TELLS, frame, match)
        speaks = wants_quotes or (SAID.search(frame) and not is_told) or _WHAT_ABOUT.match(text)
        return role if speaks else None

    def _is_one_of_several(self, text: str, role: Role, voice: re.Match[str], firsts: dict[Role, int]) -> bool:
        """Tell whether a voice is joined to another side's: "researchers and patients say"."""
        others = [other for other in self.by_role if other != role]
        before = _search_before(_JOINED_BEFORE, text, voice)
        if before and any(firsts.get(other, len(text) + 1) <= before.start() for other in others):
            return True
        after = _JOINED.match(text, voice.end())
        if after is None:
            return False
        return any(
            self.by_role[other].match(text, after.end()) or self._names[other].match(text, after.end())
            for other in others
        )

    def topic_of(self, text: str) -> str:
        """Give the part of a question that says what it is about: all after “about”, “on”, a colon …, or all of it."""
        match = _TOPIC_STARTS.search(_WHAT_ABOUT.sub("", text))
        rest = match.string[match.end() :] if match else text
        for pattern, _ in self._families:
            rest = pattern.sub(" ", rest)
        return " ".join(rest.split())


def _named(family: LabelFamily) -> str:
    """Write the pattern of a label as people write it: "AR4", "researcher no. 5", "patient partner B"."""
    names = "|".join(_bare(phrase) for phrase in family.called)
    return rf"\b(?i:{names})\s*(?:(?i:no\.?|number|#)\s*)?{_NUMBER[family.number]}"


def _label_source(family: LabelFamily) -> str:
    own = family.label.format("").strip()
    names = [name for name in (*family.called, own) if len(name.split()) > 1 or name.casefold() == own.casefold()]
    number = r"\d{1,2}" if family.number == "digits" else "[A-Za-z]"
    return rf"(?i:{'|'.join(map(_bare, names))})\s*{number}\b"


def _bare(phrase: str) -> str:
    """Write a phrase that a number or letter may follow at once, as in "AR4"."""
    return phrase_source(phrase, plural=False, closed=False)


def _search_before(pattern: re.Pattern[str], text: str, match: re.Match[str]) -> re.Match[str] | None:
    """Look for what stands right before a name; `pattern` ends with `$`, which is where the name begins."""
    return pattern.search(text, max(match.start() - _WINDOW, 0), match.start())


def _is_from(text: str, voice: re.Match[str]) -> bool:
    """Tell whether words are wanted from a voice: "a line by a professor", "anything from patients?"."""
    by = _search_before(_BY, text, voice)
    if by is None:
        return False
    begins = len(text) - len(text.lstrip(" ,.:;-"))
    return bool(_search_before(_WORDS_OF, text, by)) or by.start() <= begins


def _speaks_alone(text: str, voice: re.Match[str]) -> bool:
    """Tell whether a voice is followed by what it says."""
    on = _SPEAKS_ON.match(text, voice.end()) and _search_before(_FIRST, text, voice)
    return bool(_SPEAKS.match(text, voice.end()) or on)


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


def frame_of(text: str) -> str:
    """Give the part of a question that says what is wanted and whose: all before “about”, “on”, a colon …"""
    text = _WHAT_ABOUT.sub("", text)
    match = _TOPIC_STARTS.search(text)
    return text[: match.start()] if match else text


def names_of(roles: Iterable[RoleWords]) -> list[str]:
    """Give what the people of roles are called, one and several."""
    return [name for role in roles for name in (role.one, role.many)]
