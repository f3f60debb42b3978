"""Look up the projects table: which of its records a question asks for, when it asks for several."""

import re
from collections import Counter

from assistant.answering.select import Chosen
from assistant.reading.tokenize import tokenize
from corpus.schema import Passage

_ASKS_FOR_SEVERAL = re.compile(
    r"\b(?:list|all|which|what|name (?:the|all|every|some|me)|show|every|give me|other|how many)\b"
    r"[^.?!]*\b(?:projects|studies|trials)\b",
    re.IGNORECASE,
)
_OF_THE_TABLE = re.compile(
    r"\b(?:fund\w*|paid|pay\w*|list\w*|table|appendix|all|every|name (?:the|all|every|some|me)|fifteen|twelve|12|15)\b",
    re.IGNORECASE,
)
_OF_ONE = re.compile(
    r"\b(?:fund\w*|paid|pay(?:s|ing)?|money|sponsor\w*|bankroll\w*|stump\w*|cough\w*|backed|backers?|backing|financ\w*|(?:who|whose|which|what)\b[^.?!]*\bgrant"
    r"|web\s?\w*|urls?|links?|sites?|online|internet|pages?|address)\b",
    re.IGNORECASE,
)
_HOW_MUCH = re.compile(r"\bhow (?:much|big|large)|\bamount|\bcosts?\b|£", re.IGNORECASE)
#: Shares and results are not in the table, whatever else a question about projects says.
_NOT_OF_THE_TABLE = re.compile(
    r"\b(?:percent\w*|per cent|proportion|share|fraction|rates?|majority)\b|%", re.IGNORECASE
)
#: How many projects the interviews were about is in the text; the table lists fewer.
_COUNTS = re.compile(r"\bhow many\b", re.IGNORECASE)
_LISTED = re.compile(r"\b(?:list\w*|table|appendix|at the (?:back|end))\b", re.IGNORECASE)
_MORE_THAN_LISTED = re.compile(
    r"\b(?:(?:chief|principal|lead) (?:investigator|researcher)|who (?:led|leads|ran|runs|headed|heads)\b|results?"
    r"|did (?:it|they|the \w+(?: \w+)?) (?:work|succeed|help|find|show)|findings?|conclu\w+|success\w*"
    r"|how many (?:people|patients|participants|\w+ patients|took part|were)|sample size|how long (?:did|was)"
    r"|effective\w*|recruit\w*"
    r"|when (?:did|was|does) .{0,30}(?:start|begin|begun|end|finish|run|carried|done))\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z&]{3,}")
_ACRONYM = re.compile(r"\b(?=\w*[A-Z]\w*[A-Z])[A-Za-z][\w-]{3,}\b")
_FEW_HOLDERS = 3  # projects whose name holds a word by which they are told apart
_SAYS_NO_TOPIC = frozenset(
    tokenize(
        "project projects study studies trial trials research list listed table people public patient patients "
        "involvement ppi work impact home site main name names"
    )
)
_FEW_WORDS = 6  # of a follow-up that says nothing but which project
_WORDS_THAT_NAME = 2  # of a project's name, that no other project has
_COMMON = frozenset(
    _WORD.findall(
        "and the nihr research university trust foundation nhs society association outcome outcomes patient patients "
        "people improve experience experiences early service services staff using making decision shared management "
        "participation care proactive"
    )
)


def choose_projects(question: str, passages: list[Passage]) -> list[Chosen]:
    """Give the records that a question about several projects asks for, each project once; none for other questions.

    A funder that is named narrows them: "funded by HTA", "CLAHRC projects", "which did the NIHR pay for".
    """
    if _NOT_OF_THE_TABLE.search(question) or (_COUNTS.search(question) and not _LISTED.search(question)):
        return []
    if not (_ASKS_FOR_SEVERAL.search(question) and _OF_THE_TABLE.search(question)):
        return _one_of(question, passages)
    records = [passage for passage in passages if passage.project and passage.project.same_as is None]
    asked = {word.casefold() for word in _WORD.findall(question)}
    funders = {record.id: _words(record.project.funder) for record in records if record.project}
    named = [record for record in records if (funders[record.id] - _COMMON) & asked]
    if not named and "nihr" in asked:
        named = [record for record in records if "nihr" in funders[record.id]]
    named = named or _about(question, records)
    return [Chosen(record, (record.start, record.end)) for record in named or records]


def _about(question: str, records: list[Passage]) -> list[Passage]:
    """Give the records whose name holds a word of the question that few names hold: "which were about stroke?"."""
    asked = set(tokenize(question))
    names = {record.id: set(tokenize(record.project.name)) for record in records if record.project}
    holders = Counter(word for name in names.values() for word in name)
    telling = {word for word in asked if 0 < holders[word] <= _FEW_HOLDERS and word not in _SAYS_NO_TOPIC}
    return [record for record in records if names[record.id] & telling]


def asks_amount(question: str) -> bool:
    """Tell whether a question asks how much money a project got or cost, which the table does not hold."""
    return bool(_HOW_MUCH.search(question))


def what_is_asked_of(followed: str, before: str) -> str:
    """Give what an earlier question asked of a project, for a follow-up that only names another ("and PROMISE?")."""
    return " ".join(_OF_ONE.findall(before)) if len(_WORD.findall(followed)) <= _FEW_WORDS else ""


def asks_more(question: str) -> bool:
    """Tell whether a question asks who led a project, how it ran or what it found: the table says nothing of that."""
    return bool(_MORE_THAN_LISTED.search(question)) and not _OF_ONE.search(question)


def miscounts(question: str) -> bool:
    """Tell whether a question takes it that the table holds all fifteen projects, or asks what is missing from it."""
    return bool(
        _ASKS_FOR_SEVERAL.search(question) and re.search(r"\b(?:fifteen|15|missing)\b", question, re.IGNORECASE)
    )


def names_project(question: str, passages: list[Passage]) -> bool:
    """Tell whether a question names one of the projects."""
    return bool(_named(question, passages))


def _one_of(question: str, passages: list[Passage]) -> list[Chosen]:
    """Give the records of the projects that a question names, if it asks who pays for them or where they are online."""
    if not _OF_ONE.search(_HOW_MUCH.sub(" ", question)):
        return []
    return [Chosen(record, (record.start, record.end)) for record in _named(question, passages)]


def _named(question: str, passages: list[Passage]) -> list[Passage]:
    """Give the projects that a question names: by an acronym, or by several words that no other project's name has."""
    asked = _words(question) | {word.casefold() for word in re.findall(r"[\w-]+", question)}
    records = [passage for passage in passages if passage.project and passage.project.same_as is None]
    names = {record.id: _words(record.project.name) - _COMMON for record in records if record.project}
    holders = Counter(word for name in names.values() for word in name)
    named = []
    for record in records:
        own = {word for word in names[record.id] if holders[word] == 1}
        acronyms = {word.casefold() for word in _ACRONYM.findall(record.project.name if record.project else "")}
        if (acronyms - _COMMON) & asked or len(own & asked) >= _WORDS_THAT_NAME:
            named.append(record)
    return named


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}
