"""Make a follow-up question stand on its own, by rule: what it leaves out is taken from the questions before.

A question that says what it is about stands alone, whatever came before it. One that asks only for another voice ("what
about public partners?") keeps the earlier topic; one that names only another topic ("what about trust?") keeps the
earlier voice; one that points back ("any quotes on that?") keeps both.
"""

import re
from dataclasses import dataclass

from assistant.index import words_of
from assistant.question import VOICES, topic_of
from assistant.wants import is_small_talk

_CONNECTIVE = re.compile(
    r"^\W*(?:(?:and|but|or|so|ok|okay|right|then|also|well|yes|no)\b\W*)*(?:(?:what|how) about\b|(?:and|but|or|so)\b)",
    re.I,
)
_POINTS_BACK = re.compile(
    r"\b(?:(?:on|about|for|of|to|by|with|behind|like|than|does|did|do|is|was|why|how) (?:that|this|those|these|it|them)"
    r"|they|he|she|his|her|him|their|that one|this one|those ones|the same"
    r"|(?:it|that|this|those|these|them)(?:'s)?(?= then\b|\W*$)"
    r"|which of (?:them|those|these)|one(?=\W*$)|back (?:that|this|it) up"
    r"|(?:that|this|it) (?:up|worry|bother|matter|work|help))\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:it|its|that|this|those|these|them|they|their|he|she|his|her)\b", re.I)
_FEW_WORDS = 3  # of its own, with which a question that points somewhere points back
_NEW_TOPIC = re.compile(
    r"^.*?\b(?:something else|different (?:topic|question|thing|subject)|new (?:topic|question)|moving on"
    r"|change of subject"
    r"|never ?mind|forget (?:that|it)|anyway|by the way)\b[^.?!,]*[.?!,:]*\s*",
    re.IGNORECASE,
)
_THE_FIRST = re.compile(r"\b(?:the )?first (?:thing|question|topic|one|bit)\b", re.IGNORECASE)
_EMPTY = frozenset(
    words_of(
        "quote quotes quotation say said says tell think thought example examples more any anything else other "
        "others people researcher researchers academic academics public partner partners patient patients view "
        "views voice voices bit report same one come happen really go give show explain what about mean ones way "
        "thing things though tho then instead please pls got get have exact words word used somebody someone "
        "anyone anybody themselves like eg short shorter long longer longest shortest disagree agree isnt opposite "
        "otherwise back first only two three full whole pull list find read line lines need want thanks thank ok "
        "okay taht us me lot hear heard case"
    )
)


@dataclass(frozen=True)
class Standing:
    """A question as it stands on its own."""

    text: str
    keeps_voice: bool = False
    earlier: str = ""


def stand_alone(question: str, history: tuple[str, ...]) -> Standing:
    """Complete a question from the earlier ones, oldest first, where it leans on them."""
    if not history or is_small_talk(question):
        return Standing(question)
    if _NEW_TOPIC.search(question):
        return Standing(_NEW_TOPIC.sub("", question, count=1) or question)
    rest = _CONNECTIVE.sub("", question)
    own = [word for word in words_of(VOICES.sub(" ", rest)) if word not in _EMPTY]
    points_back = bool(_POINTS_BACK.search(rest)) or (len(own) <= _FEW_WORDS and bool(_PRONOUN.search(rest)))
    if own and not points_back:
        connected = rest != question
        return Standing(rest.strip(), keeps_voice=True, earlier=history[-1]) if connected else Standing(question)
    topic = history[0] if _THE_FIRST.search(question) else _last_topic(history)
    if VOICES.search(rest):  # another voice is asked for: the earlier one is no part of the topic
        topic = VOICES.sub("people", topic)
    return Standing(f"{topic} {question}", keeps_voice=True, earlier=topic)


def _last_topic(history: tuple[str, ...]) -> str:
    """Give the last earlier question that says what it is about, with the one it leans on where it leans."""
    for number in range(len(history) - 1, -1, -1):
        entry = history[number]
        topic = topic_of(entry)
        if [word for word in words_of(VOICES.sub(" ", _CONNECTIVE.sub("", topic))) if word not in _EMPTY]:
            return topic if VOICES.search(entry) else entry
    return history[-1]
