"""Look up a footnote that is asked for by its number."""

import re

from assistant.answering.select import Chosen
from corpus.schema import Passage

_FOOTNOTE = re.compile(r"\b(?:foot\s?-?)?notes?\s*(?:no\.?|number|nr\.?|#)?\s*(\d{1,3})\b", re.IGNORECASE)


def footnote_asked_for(question: str) -> int | None:
    """Give the number of the footnote that a question asks for; None if it asks for none."""
    match = _FOOTNOTE.search(question)
    return int(match[1]) if match else None


def choose_footnote(question: str, passages: list[Passage]) -> list[Chosen]:
    """Give the footnote that a question asks for by its number; nothing if there is none."""
    number = footnote_asked_for(question)
    return [Chosen(passage, (passage.start, passage.end)) for passage in passages if number and passage.note == number]
