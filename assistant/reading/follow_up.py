"""Make a follow-up question stand on its own, by rule: what it leaves out is taken from the questions before.

A question that says what it is about stands alone, whatever came before it. One that asks only for another voice ("what
about public partners?") keeps the earlier topic; one that names only another topic ("what about trust?") keeps the
earlier voice; one that points back ("any quotes on that?") keeps both.
"""

import re
from dataclasses import dataclass

from assistant.reading.grammar import Grammar
from assistant.reading.intents import LENGTH, is_small_talk
from assistant.reading.table import what_is_asked_of
from assistant.reading.tokenize import tokenize
from assistant.reading.voices import frame_of

_CONNECTIVE = re.compile(
    r"^\W*(?:(?:and|but|or|so|ok|okay|right|then|also|well|yes|no|now)\b\W*)*"
    r"(?:(?:what|how) about\b|(?:and|but|or|so)\b"
    r"|(?:the )?same (?:again|lot|thing|question|search|but)\b(?: but\b)?"
    r"(?: (?:for|on|about|with|from|in)\b)?)",
    re.I,
)
_POINTS_BACK = re.compile(
    r"\b(?:(?:on|about|for|of|to|by|with|behind|like|than|does|did|do|is|was|why|how)"
    r" (?:that|this|those|these|it|them)"
    r"|they|he|she|his|her|him|their|(?:that|this|the (?:first|last|second|other)) one"
    r"|(?:which|those|these|the other) ones?|the same"
    r"|(?:it|that|this|those|these|them)(?:'s)?(?= then\b|\W*$)"
    r"|which of (?:them|those|these)|one(?=\W*$)|back (?:that|this|it) up"
    r"|(?:that|this|it) (?:up|worry|bother|matter|work|help))\b",
    re.IGNORECASE,
)
#: A speaker by the letter or number alone: "more from D", "and 5?"
_SHORT_LABEL = re.compile(
    r"(?:\b(?:from|by|does|did|about|and|or|is|what about|hear)\s+|^\W*)(?:number |no\.? |#)?"
    r"([B-HJ-Z]|A(?=\W*$)|\d{1,2})\b(?!['’.]\w)"
)
_NUMBER_WORD = re.compile(r"(?:number |no\.? |#)$")
_PRONOUN = re.compile(r"\b(?:it|its|that|this|those|these|them|they|their|he|she|his|her)\b", re.I)
#: Points at the report or at itself, not at what was asked before.
_POINTS_NOWHERE = re.compile(
    r"\b(?:in|of|by|from|for) this (?:report|study|document|paper|research|piece)\b"
    r"|\bthis (?:whole|entire|report|piece|study|document)\b",
    re.I,
)
#: Asks for a detail of what was asked before, and says no more than which: "when?", "what year roughly"
_DETAIL = re.compile(
    r"\W*(?:(?:ok|so|and|but|right)\W+)*(?:(?:what|which) (?:year|month|date|day|page|time|decade)"
    r"|how (?:many|much|long|old|often)|when|where|who|why|how(?: come| so)?|since when)\b"
    r"(?:\W+(?:altogether|in (?:all|total)|roughly|about|exactly|was|were|is|did|though|then|please|pls|again))*\W*",
    re.I,
)
_ASKS_WHAT = re.compile(r"\b(?:when|where|who|why|how|which|what)\b", re.I)
#: Wants other words than those shown.
_MORE = re.compile(r"\b(?:more|else|another|other ones?|others|different ones?|next)\b", re.I)
_FEW_WORDS = 3  # of its own, with which a question that points somewhere points back
_MANY_WORDS = 5  # with which it points back only by saying so firmly
_POINTS_FIRMLY = re.compile(
    r"\b(?:(?:on|about|for|of|like|than) (?:that|this|those|these|it)|(?:that|this) one|those ones"
    r"|(?:it|that|this)(?: then)?(?=\W*$))(?!\w)",
    re.IGNORECASE,
)
_POINTS_AT_ONCE = re.compile(
    r"\W*(?:(?:how|why|when|where|what|who)\b.{0,12})?\b(?:do|does|did|is|are|was|were|can|could|will|would|should|has|have)"
    r"\W+(?:they|it|he|she|that|this|those|these)\b",
    re.IGNORECASE,
)
_NEW_TOPIC = re.compile(
    r"^.*?\b(?:something else|different (?:topic|question|thing|subject)|new (?:topic|question)|moving on"
    r"|change of subject"
    r"|never ?mind|forget (?:that|it)|anyway|by the way)\b[^.?!,]*[.?!,:]*\s*",
    re.IGNORECASE,
)
_THE_FIRST = re.compile(r"\b(?:the )?first (?:thing|question|topic|one|bit)\b", re.IGNORECASE)
_EMPTY = frozenset(
    tokenize(
        "quote quotes quotation say said says tell think thought example examples more any anything else other "
        "others people view "
        "views voice voices bit report same one come happen really go give show explain what about mean ones way "
        "thing things though tho then instead please pls got get have exact words word used somebody someone "
        "anyone anybody themselves like eg short shorter long longer longest shortest disagree agree isnt opposite "
        "otherwise back first only two three full whole pull list find read line lines need want thanks thank ok "
        "okay taht us me lot hear heard case side just now actual real let quoted too snappy snappier punchy "
        "brief under paragraph space limit limited restrict narrow within only keep section part words word ones same "
        "whats hows whos thats again well meant wanted doesnt dont didnt isnt arent wasnt werent"
    )
)


@dataclass(frozen=True)
class Standing:
    """A question as it stands on its own."""

    text: str
    keeps_voice: bool = False
    earlier: str = ""
    same_person: bool = False  # whether it speaks of one person who spoke before
    wants_more: bool = False  # whether it asks for other words than those that were shown


def stand_alone(question: str, history: tuple[str, ...], grammar: Grammar) -> Standing:
    """Complete a question from the earlier ones, oldest first, where it leans on them."""
    if not history or is_small_talk(question):
        return Standing(question)
    if _NEW_TOPIC.search(question):
        return Standing(_NEW_TOPIC.sub("", question, count=1) or question)
    rest = _CONNECTIVE.sub("", question)
    connected = rest != question
    own = own_words_of(rest, grammar)
    about = grammar.voices.topic_of(rest)
    person = grammar.same_person.search(rest)
    # "What about Alford, what did he think?": he is whom the question itself names.
    same_person = bool(person and not own_words_of(_POINTS_BACK.sub(" ", rest[: person.start()]), grammar))
    if own and about != rest and grammar.same_person.search(frame_of(rest)) and not _POINTS_BACK.search(about):
        return Standing(about, keeps_voice=True, same_person=True)
    if own and not _leans(rest, own, connected=connected):
        if not connected:
            return Standing(question)
        asked = what_is_asked_of(rest, history[-1], grammar.library)
        return Standing(f"{rest.strip()} {asked}".strip(), True, history[-1])
    topic = history[0] if _THE_FIRST.search(question) else _last_topic(history, grammar)
    if grammar.voices.anybody.search(rest):  # another voice is asked for: the earlier one is no part of the topic
        topic = grammar.voices.anybody.sub("people", topic)
    # What says nothing of its own is left out: it would only make the topic harder to find.
    adds = bool(own or _ASKS_WHAT.search(rest))
    return Standing(
        f"{topic} {question}" if adds else topic,
        keeps_voice=True,
        earlier=topic,
        same_person=same_person,
        wants_more=not own and bool(_MORE.search(rest)),
    )


def own_words_of(text: str, grammar: Grammar) -> list[str]:
    """Give the words that say what a follow-up is about: no voices, sections, lengths or words of asking."""
    rest = LENGTH.sub(" ", grammar.section_name.sub(" ", grammar.voices.anybody.sub(" ", text)))
    return [word for word in tokenize(rest) if word not in _EMPTY and word not in grammar.words_of_sides]


def _leans(rest: str, own: list[str], *, connected: bool) -> bool:
    """Tell whether a follow-up with words of its own still points back to what was asked before."""
    rest = _POINTS_NOWHERE.sub(" ", rest)
    if _DETAIL.fullmatch(rest):
        return True
    if len(own) > (1 if connected else _MANY_WORDS):
        # Further on, "they" are people of whom it speaks itself.
        return bool(_POINTS_FIRMLY.search(rest) or _POINTS_AT_ONCE.match(rest))
    return bool(_POINTS_BACK.search(rest)) or (len(own) <= _FEW_WORDS and bool(_PRONOUN.search(rest)))


def spell_out(question: str, history: tuple[str, ...], grammar: Grammar) -> str:
    """Name in full a speaker whom a follow-up names by letter or number alone, with the label that was used last.

    "more from D" after "What did Public partner B say?" is "more from Public partner D".
    """
    match = _SHORT_LABEL.search(question)
    if match is None or grammar.voices.anybody.search(question):
        return question
    families = {
        family
        for family, _, number in (label.rpartition(" ") for label in grammar.voices.labels)
        if number.isdigit() == match[1].isdigit()
    }
    for entry in reversed(history):
        for family in sorted(families):
            if family.casefold() in entry.casefold():
                before = _NUMBER_WORD.sub("", question[: match.start(1)])
                return f"{before}{family} {question[match.start(1) :]}"
    return question


def _last_topic(history: tuple[str, ...], grammar: Grammar) -> str:
    """Give the last earlier question that says what it is about, with the one it leans on where it leans."""
    for number in range(len(history) - 1, -1, -1):
        entry = history[number]
        topic = grammar.voices.topic_of(entry)
        rest = grammar.voices.anybody.sub(" ", _CONNECTIVE.sub("", topic))
        if any(word not in _EMPTY and word not in grammar.words_of_sides for word in tokenize(rest)):
            return topic if grammar.voices.anybody.search(entry) else entry
    return history[-1]
