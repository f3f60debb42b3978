"""Make a follow-up question stand on its own, by rule: what it leaves out is taken from the questions before.

A question that says what it is about stands alone, whatever came before it. One that asks only for another voice ("what
about public partners?") keeps the earlier topic; one that names only another topic ("what about trust?") keeps the
earlier voice; one that points back ("any quotes on that?") keeps both.
"""

import re
from dataclasses import dataclass

from assistant.index import words_of
from assistant.question import VOICES, topic_of

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
_STARTS_BARE = re.compile(
    r"^\W*(?:(?:tell|say|show|give) (?:me |us )?more|why"
    r"|how come|who|when|where|any|more|examples?|go on|what else|really|such as)\b",
    re.I,
)
_NEW_TOPIC = re.compile(
    r"\b(?:something else|different (?:topic|question|thing|subject)|new (?:topic|question)|moving on"
    r"|change of subject)\b",
    re.IGNORECASE,
)
_EMPTY = frozenset(
    words_of(
        "quote quotes quotation say said says tell think thought example examples more any anything else other others "
        "people researcher researchers academic academics public partner partners patient patients view views voice "
        "voices bit report same one come happen really go give show explain what about mean ones way thing things"
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
    if not history or _NEW_TOPIC.search(question):
        return Standing(question)
    rest = _CONNECTIVE.sub("", question)
    own = [word for word in words_of(VOICES.sub(" ", rest)) if word not in _EMPTY]
    connected = rest != question
    points_back = bool(_POINTS_BACK.search(rest))
    bare = len(own) == 0 and (connected or points_back or bool(_STARTS_BARE.match(rest)) or bool(VOICES.search(rest)))
    if not (connected or points_back or bare):
        return Standing(question)
    if own and not points_back:
        return Standing(rest.strip(), keeps_voice=True, earlier=history[-1])
    topic = _last_topic(history)
    return Standing(f"{topic} {question}", keeps_voice=True, earlier=topic)


def _last_topic(history: tuple[str, ...]) -> str:
    """Give the last earlier question that says what it is about, with the one it leans on where it leans."""
    for number in range(len(history) - 1, -1, -1):
        entry = history[number]
        topic = topic_of(entry)
        if [word for word in words_of(VOICES.sub(" ", _CONNECTIVE.sub("", topic))) if word not in _EMPTY]:
            return topic if VOICES.search(entry) else entry
    return history[-1]
