"""Tell what a question asks of a document's table: several of its records, a cell, or what it does not hold."""

import re

from corpus.library import Library
from corpus.phrases import phrases_pattern
from corpus.vocabulary import TableWords

_SENTENCE = re.compile(r"[.?!]")
_ASKS_FOR = re.compile(
    r"\b(?:list|all|which|what|name (?:the|all|every|some|me)|show|every|give me|other|how many)\b", re.IGNORECASE
)
#: Asks for the table as a whole, whatever it is about.
_LISTED = re.compile(r"\b(?:list\w*|table|all|every|name (?:the|all|every|some|me))\b", re.IGNORECASE)
#: Shares are in no table of names, whatever else a question says.
_SHARES = re.compile(r"\b(?:percent\w*|per cent|proportion|share|fraction|rates?|majority)\b|%", re.IGNORECASE)
_COUNTS = re.compile(r"\bhow many\s+", re.IGNORECASE)
_AT_THE_END = re.compile(r"\b(?:list\w*|table|appendix|at the (?:back|end))\b", re.IGNORECASE)
_MISSING = re.compile(r"\bmissing\b", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z&]{3,}")
_FEW_WORDS = 6  # of a follow-up that says nothing but which record


def asks_for_several(question: str, table: TableWords) -> bool:
    """Tell whether a question asks for several records: "which studies did the NIHR fund?"."""
    things = phrases_pattern(table.called, plural=False)
    for sentence in _SENTENCE.split(question):
        asking = _ASKS_FOR.search(sentence)
        if asking and things.search(sentence, asking.end()):
            return True
    return False


def asks_for_list(question: str, table: TableWords) -> bool:
    """Tell whether a question asks for several records by what the table holds, and for nothing that it does not.

    How many there are in all is no matter of the table, unless it is named: a document may list only some.
    """
    if not may_be_looked_up(question, table):
        return False
    if not asks_for_several(question, table):
        return False
    listed = phrases_pattern(table.listed, plural=False)
    return bool(_LISTED.search(question) or listed.search(question) or asks_for_column(question, table))


def may_be_looked_up(question: str, table: TableWords) -> bool:
    """Tell whether a question may be answered by a record at all: it asks for no share, and counts no records.

    What a column holds may be counted: "how many beds has it?".
    """
    if _SHARES.search(question):
        return False
    counts = _COUNTS.search(question)
    if counts is None or _AT_THE_END.search(question):
        return True
    counted = _columns(table).match(question, counts.end())
    # "How many funded studies" counts studies.
    things = phrases_pattern(table.called, plural=False)
    return counted is not None and not things.match(question[counted.end() :].lstrip())


def asks_for_column(question: str, table: TableWords) -> bool:
    """Tell whether a question asks for what stands in a column: "who paid for it?", "is it online?"."""
    return bool(_columns(table).search(question))


def without_lacks(question: str, table: TableWords) -> str:
    """Leave out of a question what it asks beside the table's columns: "how much funding" asks for no funder."""
    for lack in table.lacks:
        if lack.of_named:
            question = phrases_pattern(lack.asked).sub(" ", question)
    return question


def takes_number_for_granted(question: str, table: TableWords) -> bool:
    """Tell whether a question about several records says how many they are, wrongly, or asks what is missing."""
    wrong = phrases_pattern(table.misnumbered, plural=False).search(question)
    return bool(wrong or _MISSING.search(question)) and asks_for_several(question, table)


def what_is_asked_of(followed: str, before: str, library: Library) -> str:
    """Give what an earlier question asked of a record, for a follow-up that only names another ("and PROMISE?")."""
    if len(_WORD.findall(followed)) > _FEW_WORDS:
        return ""
    return " ".join(match[0] for table in library.tables for match in _columns(table).finditer(before))


def _columns(table: TableWords) -> re.Pattern[str]:
    return phrases_pattern(phrase for column in table.columns for phrase in column.asked)
