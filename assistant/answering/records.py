"""Look up the records of a document's table: which of them a question is about."""

import re
from collections import Counter
from collections.abc import Sequence

from assistant.reading.table import asks_for_column, asks_for_list, may_be_looked_up, without_lacks
from assistant.reading.tokenize import tokenize
from corpus.schema import Passage
from corpus.vocabulary import TableWords

_WORD = re.compile(r"[A-Za-z&]{3,}")
_WORD_OR_NUMBER = re.compile(rf"{_WORD.pattern}|\d+")
_ACRONYM = re.compile(r"\b(?=\w{0,40}[A-Z]\w{0,40}[A-Z])[A-Za-z][\w-]{3,}\b")
_FEW_HOLDERS = 3  # records whose name holds a word by which they are told apart
_WORDS_THAT_NAME = 2  # of a record's name, that no other record has
_SAYS_NO_TOPIC = frozenset(tokenize("research list listed table people public work impact home site main name names"))


def choose_records(question: str, passages: Sequence[Passage], table: TableWords) -> list[Passage]:
    """Give the records that a question asks for, each thing once; none for a question about something else.

    A cell that is named narrows them: "funded by HTA", "CLAHRC projects", "which did the NIHR pay for".
    """
    if not may_be_looked_up(question, table):
        return []
    records = _unique(passages)
    if not asks_for_list(question, table):
        return named_records(question, records, table) if asks_for_column(without_lacks(question, table), table) else []
    return _with_cells(question, records, table) or _about(question, records, table) or records


def named_records(question: str, passages: Sequence[Passage], table: TableWords) -> list[Passage]:
    """Give the records that a question names: by an acronym, or by several words that no other record's name has.

    A name that has one such word only is named by it.
    """
    asked = _words(question) | {word.casefold() for word in re.findall(r"[\w-]+", question)}
    records = _unique(passages)
    common = {*table.common, *_words(f"{table.one} {table.many}")}
    names = {one.id: _words(one.record.name) - common for one in records if one.record}
    holders = Counter(word for name in names.values() for word in name)
    named = []
    for one in records:
        own = {word for word in names[one.id] if holders[word] == 1}
        acronyms = {word.casefold() for word in _ACRONYM.findall(one.record.name if one.record else "")}
        if (acronyms - common) & asked or len(own & asked) >= min(_WORDS_THAT_NAME, max(len(own), 1)):
            named.append(one)
    return named


def _unique(passages: Sequence[Passage]) -> list[Passage]:
    return [passage for passage in passages if passage.record and passage.record.same_as is None]


def _with_cells(question: str, records: list[Passage], table: TableWords) -> list[Passage]:
    """Give the records of which a question names a cell other than the name; a word of many cells counts last."""
    asked = _words(question, numbers=True)
    common = set(table.common)
    for column in reversed(table.columns[1:]):
        cells = {
            one.id: _words(_name_in(one.record.cells.get(column.name, "")), numbers=True)
            for one in records
            if one.record
        }
        if named := [one for one in records if (cells[one.id] - common) & asked]:
            return named
        for shared in column.shared:
            if shared in asked:
                return [one for one in records if shared in cells[one.id]]
    return []


def _name_in(cell: str) -> str:
    """Give a cell as far as it names something: a web address does not."""
    return "" if cell.startswith(("http://", "https://")) else cell


def _about(question: str, records: list[Passage], table: TableWords) -> list[Passage]:
    """Give the records whose name holds a word of the question that few names hold: "which were about stroke?"."""
    asked = set(tokenize(question))
    names = {one.id: set(tokenize(one.record.name)) for one in records if one.record}
    holders = Counter(word for name in names.values() for word in name)
    no_topic = _SAYS_NO_TOPIC | frozenset(tokenize(" ".join((*table.called, table.one, table.many))))
    telling = {word for word in asked if 0 < holders[word] <= _FEW_HOLDERS and word not in no_topic}
    return [one for one in records if names[one.id] & telling]


def _words(text: str, *, numbers: bool = False) -> set[str]:
    return {word.casefold() for word in (_WORD_OR_NUMBER if numbers else _WORD).findall(text)}
