"""Look up the projects table: which of its records a question asks for, when it asks for several."""

import re

from assistant.answer import Chosen
from corpus.schema import Passage

_ASKS_FOR_SEVERAL = re.compile(
    r"\b(?:list|all|which|what|name|show|every|give me|other|how many)\b[^.?!]*\b(?:projects|studies|trials)\b",
    re.IGNORECASE,
)
_OF_THE_TABLE = re.compile(
    r"\b(?:fund\w*|paid|pay\w*|list\w*|table|appendix|all|every|name|fifteen|twelve|12|15)\b", re.IGNORECASE
)
_WORD = re.compile(r"[A-Za-z&]{3,}")
_COMMON = frozenset(
    {"and", "the", "nihr", "research", "university", "trust", "foundation", "nhs", "society", "association"}
)


def choose_projects(question: str, passages: list[Passage]) -> list[Chosen]:
    """Give the records that a question about several projects asks for, each project once; none for other questions.

    A funder that is named narrows them: "funded by HTA", "CLAHRC projects", "which did the NIHR pay for".
    """
    if not (_ASKS_FOR_SEVERAL.search(question) and _OF_THE_TABLE.search(question)):
        return []
    records = [passage for passage in passages if passage.project and passage.project.same_as is None]
    asked = {word.casefold() for word in _WORD.findall(question)}
    funders = {record.id: _words(record.project.funder) for record in records if record.project}
    named = [record for record in records if (funders[record.id] - _COMMON) & asked]
    if not named and "nihr" in asked:
        named = [record for record in records if "nihr" in funders[record.id]]
    return [Chosen(record, (record.start, record.end)) for record in named or records]


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}
