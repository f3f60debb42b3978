"""Make a follow-up question stand on its own, by rule: what is left out is taken from the question before."""

import re

from assistant.index import words_of
from assistant.schema import Query

_LEANS = re.compile(
    r"\b(?:that|this|those|these|it|they|them|their|he|she|his|her|him|same|one|ones|there|so|either|else|also|then)\b"
    r"|^(?:and|but|or|so|what about|how about|why|any|ok|what else|more|go on)\b",
    re.IGNORECASE,
)
_NEW_TOPIC = re.compile(
    r"\b(?:something else|different (?:topic|question|thing)|new (?:topic|question)|moving on|change of subject)\b",
    re.I,
)
_FEW_WORDS = 3


def stand_alone(query: Query) -> str:
    """Give the words to search for: the question, with the earlier one before it where it leans on it."""
    if not query.history:
        return query.question
    question = query.question
    if _NEW_TOPIC.search(question):
        return question
    if _LEANS.search(question) or len(words_of(question)) <= _FEW_WORDS:
        earlier = [entry for entry in query.history if entry.strip()][-2:]
        # The last question matters most; one before it only where the last one leans, too.
        if len(earlier) > 1 and not (_LEANS.search(earlier[-1]) or len(words_of(earlier[-1])) <= _FEW_WORDS):
            earlier = earlier[-1:]
        return " ".join([*earlier, question])
    return question
