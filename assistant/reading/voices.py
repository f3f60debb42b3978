"""Tell whose voice a question asks for: a speaker by label, or one side of the research."""

import re

from corpus.schema import Role

_PUBLIC = re.compile(
    r"\b(?:(?:public|lay|patient|community)[- ]"
    r"(?:partner|contributor|member|rep|representative|researcher|person|voice)s?"
    r"|(?:public|lay|patient)[- ](?:people|folk|side|lot)|patients?|service[- ]users?|carers?|lay (?:man|woman)"
    r"|members? of the public|the public(?![- ](?:services?|sector|health|bod(?:y|ies)|purse|policy))"
    r"|experts? by experience|lay (?:reps?|folk|people)|volunteers?"
    r"|ordinary (?:people|folk)|peer researchers?)\b",
    re.IGNORECASE,
)
_ACADEMIC = re.compile(
    r"\b(?:academics?|(?<!public )(?<!user )(?<!lay )researchers?|profs?\b|professors?|scientists?|boffins?|lecturers?"
    r"|(?:universit\w+|uni|academic) (?:staff|people|folk|lot|side|types)"
    r"|principal investigators?|chief investigators?|PIs?)\b",
    re.IGNORECASE,
)
SAID = re.compile(
    r"\b(?:sa(?:y|id|ys|ying)|sed|tell|told|talk(?:ed|ing)?|speak(?:ing)?|spoke|describ\w+|think|thought|feel|felt|mention\w*"
    r"|moan\w*|grumbl\w*|complain\w*|call(?:ed|s)? (?:it|them|him|her)|put it|reckon\w*)\b",
    re.IGNORECASE,
)
_WHAT_ABOUT = re.compile(
    r"^\W*(?:(?:and|ok|so|but|right)\b\W*)*(?:what|how) about\b"
    r"|^\W*(?:and|or|but)\s+(?=\w[\w-]*(?:\s+[\w-]+){0,3}\W*$)",
    re.IGNORECASE,
)
_TOPIC_STARTS = re.compile(
    r":\s|\s(?:about|regarding|concerning|re|on(?! (?:the (?:public|patient|lay|academic|other) side|record))"
    r"|(?:saying|says|said|showing|shows) that|that says|of how)\s",
    re.IGNORECASE,
)
_SPEAKERS = [
    (re.compile(rf"\b(?i:{names})\s*(?i:no\.?|number|#)?\s*{which}"), label)
    for names, which, label in (
        (r"academic\s+researchers?|researcher|academic|AR", r"(\d{1,2})()\b", "Academic Researcher {}"),
        (
            r"service[- ]user(?:\s+researcher)?",
            r"(?:(?<=\s)([A-Za-z])|([A-Z]))\b(?!['’](?!s\b))",
            "Service User Researcher {}",
        ),
        (
            r"(?:public|patient|lay)\s+(?:partner|contributor|member)|partner",
            r"(?:(?<=\s)([A-Za-z])|([A-Z]))\b(?!['’](?!s\b))",
            "Public partner {}",
        ),
    )
]
_THE_SERVICE_USER = re.compile(r"\bthe service[- ]user researcher\b", re.IGNORECASE)
BY_ROLE = {Role.PUBLIC: _PUBLIC, Role.ACADEMIC: _ACADEMIC}
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
    r"(?:^|[,;:.]|\b(?:quotes?|from|by|what|and|or|ok|now|the|some|any|of))\W*(?:an?\W+)?$", re.IGNORECASE
)
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

#: Whoever may speak: any role or speaker's label.
VOICES = re.compile(
    "|".join([*(pattern.pattern for pattern, _ in _SPEAKERS), _PUBLIC.pattern, _ACADEMIC.pattern]), re.I
)


def named_speakers(text: str, known: set[str]) -> tuple[list[str], list[str]]:
    """Find speakers named in a question: those that are quoted, and those that are not."""
    found: list[str] = []
    for pattern, label in _SPEAKERS:
        for match in pattern.finditer(text):
            name = match[1] or match[2]
            if name in ("a", "i", "I") and text[match.end() :].strip(" .?!"):
                continue  # "a public partner a few years ago" names nobody
            found.append(label.format(name.upper()))
    if not found and _THE_SERVICE_USER.search(text):
        found = [label for label in known if label.startswith("Service User")]
        found = found if len(found) == 1 else []  # "the service user researcher" is the only one
    unique = list(dict.fromkeys(found))
    return [label for label in unique if label in known], [label for label in unique if label not in known]


def role_of(text: str, *, wants_quotes: bool) -> Role | None:
    """Tell whose voice is asked for: one side alone is named as the one that speaks, not as what is spoken about."""
    text = unquoted(text)
    for is_speaking in (_is_from, _speaks_alone):
        speaking = {
            role
            for role, voice in BY_ROLE.items()
            for match in voice.finditer(text)
            if is_speaking(text, match) and not _is_one_of_two(text, match)
        }
        if len(speaking) == 1:
            return speaking.pop()
    frame = frame_of(text)
    named = {role: match for role, voice in BY_ROLE.items() if (match := voice.search(frame))}
    if len(named) != 1:
        return None
    role, match = next(iter(named.items()))
    is_told = _TELLS.search(frame[: match.start()])
    speaks = wants_quotes or (SAID.search(frame) and not is_told) or _WHAT_ABOUT.match(text)
    return role if speaks else None


def _is_from(text: str, voice: re.Match[str]) -> bool:
    """Tell whether words are wanted from a voice: "a line by a professor", "anything from patients?"."""
    before = text[: voice.start()]
    by = _BY.search(before)
    return bool(by and (_WORDS_OF.search(before[: by.start()]) or not before[: by.start()].strip(" ,.:;-")))


def _is_one_of_two(text: str, voice: re.Match[str]) -> bool:
    """Tell whether a voice is joined to another: "researchers and patients say", "split by academics and public"."""
    other = _others(text[voice.start() : voice.end()])
    before = re.search(r"(?:\b(?:and|or|versus|vs)|[,/&])\s+(?:(?:the|some|other)\s+)*$", text[: voice.start()], re.I)
    after = _JOINED.match(text, voice.end())
    return bool(before and other.search(text[: before.start()])) or bool(
        after and (other.match(text, after.end()) or re.match(r"public\b", text[after.end() :], re.I))
    )


def _others(voice: str) -> re.Pattern[str]:
    """Give what finds the other side: "carers or patients" are one."""
    return _ACADEMIC if _PUBLIC.fullmatch(voice) else _PUBLIC


def _speaks_alone(text: str, voice: re.Match[str]) -> bool:
    """Tell whether a voice is followed by what it says."""
    on = _SPEAKS_ON.match(text, voice.end()) and _FIRST.search(text[: voice.start()])
    return bool(_SPEAKS.match(text, voice.end()) or on)


def unquoted(text: str) -> str:
    """Leave out what stands in quotation marks: somebody's words, not who is asked about."""
    return re.sub(r"(?<!\w)[‘“\"'](?=\w)[^‘“\"]{8,}?[’”\"'](?!\w)", " ", text)


def frame_of(text: str) -> str:
    """Give the part of a question that says what is wanted and whose: all before “about”, “on”, a colon …"""
    text = _WHAT_ABOUT.sub("", text)
    match = _TOPIC_STARTS.search(text)
    return text[: match.start()] if match else text


def topic_of(text: str) -> str:
    """Give the part of a question that says what it is about: all after “about”, “on”, a colon …, or all of it."""
    match = _TOPIC_STARTS.search(_WHAT_ABOUT.sub("", text))
    rest = match.string[match.end() :] if match else text
    for pattern, _ in _SPEAKERS:
        rest = pattern.sub(" ", rest)
    return " ".join(rest.split())
