"""Tell what kind of answer a question wants: a judgement, a list, so many quotes, short ones, a name, small talk."""

import re
from collections.abc import Iterable
from typing import Literal

from corpus.phrases import phrase_source

#: Asks for a judgement rather than for a fact.
_WEIGHS = re.compile(
    r"^\W*(?:is|are|was|were|do|does|did|should|can|could|will|would|must|has|have)\b"
    r"|\b(?:gold standard|both|for and against|pros and cons|advantages|disadvantages|some (?:people )?(?:say|think)"
    r"|(?:dis)?agree\w*|argu\w*|debate\w*|contested|views?|opinions?|better|best|really|always|never|necessar\w+"
    r"|good idea|hindrance|or|half say|every(?:one|body) (?:\w+ )?(?:think|say|feel)|(?:each|other|two) sides?|mixed"
    r"|contradict\w*|consensus|downsides?|worth|should|truly|depends?|versus|vs|is it true)\b",
    re.IGNORECASE,
)
#: Asks for more than one view outright.
_WANTS_VIEWS = re.compile(
    r"\b(?:both|(?:dis)?agree\w*|argu\w*|debate\w*|contested|views?|opinions?|or|sides?|mixed|contradict\w*|consensus"
    r"|downsides?|every(?:one|body)|split|for and against|pros and cons)\b",
    re.IGNORECASE,
)
#: Asks for a list, so that the whole of it is wanted.
_WANTS_LIST = re.compile(
    r"\b(?:lists?|bullet\w*|every (?:one|point|item|\w+ing)|all (?:the|of|its|their|\w+ of)|whole (?:set|lot|list)"
    r"|name (?:the|all)|(?:which|what|the|those|all) (?:two|three|four|five|six|seven|eight|nine|ten|[2-9]|10)\b"
    r"|what (?:are|were) the"
    r"|(?:points|steps|types|kinds|features|reasons|elements|principles|ingredients|objectives|aims)\b)",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\b(one|two|three|four|five|six|\d{1,2}|a|an|couple of|single)\s+(?:\w+\s+){0,2}?"
    r"(?:quotes?|quotations?|lines?|sound ?bites?)\b",
    re.IGNORECASE,
)
_NUMBERS = {
    "one": 1,
    "a": 1,
    "an": 1,
    "single": 1,
    "couple of": 2,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
}
_SHORT = re.compile(r"\b(?:short(?:est|er|ish)?|brief\w*|snapp(?:y|ier)|punch(?:y|ier)|one[- ]lin\w+)\b", re.IGNORECASE)
_LONG = re.compile(r"\b(?:longest|longer|long quotes?|(?:full|whole) paragraph)\b", re.IGNORECASE)
_AT_MOST = re.compile(
    r"\b(?:under|(?:less|fewer|no more) than|at most|max(?:imum)?(?: of)?|up to|within|below)\s+(\d{1,3})\s+words?\b"
    r"|\b(\d{1,3})\s+words?\s+(?:or (?:less|fewer)|max\w*|at most|tops)\b",
    re.IGNORECASE,
)
#: Says how long the words should be that are wanted.
LENGTH = re.compile(
    "|".join(
        [
            _AT_MOST.pattern,
            r"\b(?:full|whole|one|a) paragraph\b|\b(?:main|key) points?\b|\bgist\b|\bin (?:a nutshell|short|brief)\b",
        ]
    ),
    re.IGNORECASE,
)
#: Says what the words are wanted for.
FOR_USE = re.compile(
    r"\bfor (?:(?:a|an|the|my|our|this|some)\s+)*(?:\w+\s+)?(?:slides?|posters?|presentations?|power\s?points?"
    r"|handouts?|leaflets?|newsletters?|training|workshops?|sessions?|talks?|cards?|bids?|tweets?|websites?|blogs?|report)\b",
    re.IGNORECASE,
)
#: Says nothing that could be answered: a greeting, thanks, or what this is.
_SMALL_TALK = re.compile(
    r"\W*(?:(?:hello|hi|hiya|hey|howdy|morning|good (?:morning|afternoon|evening)|thanks?(?: you)?|ta|cheers|bye"
    r"|goodbye|ok(?:ay)?|great|lovely|nice|cool|brilliant|perfect|there|so|very|much|a lot|again|all|everyone"
    r"|how are you(?: doing)?(?: today)?|(?:what|who) are you|what (?:can|do) you do|what can i ask(?: you)?"
    r"|what is this|how does this work|help(?: me)?|test(?:ing)?"
    r"|are you (?:a |an )?(?:robot|human|person|bot|ai|real))\b\W*)+",
    re.IGNORECASE,
)
_LONGEST_SMALL_TALK = 80  # characters


def weighs(text: str) -> bool:
    """Tell whether a question asks for a judgement, on which there may be more than one view."""
    return bool(_WEIGHS.search(text))


def wants_views(text: str) -> bool:
    """Tell whether a question asks outright for more than one view: "for and against", "do they all agree?"."""
    return bool(_WANTS_VIEWS.search(text))


def wants_list(text: str) -> bool:
    """Tell whether a question asks for a list, so that the whole of it is wanted."""
    return bool(_WANTS_LIST.search(text))


def who_really_pattern(label_source: str, things: Iterable[str], kinds: Iterable[str]) -> re.Pattern[str]:
    """Make the pattern that finds who asks who somebody is behind a label, or ties a label to a project or a place.

    Args:
        label_source: The source of a pattern that finds a label.
        things: Phrases for what documents list, such as projects: nobody is linked to one.
        kinds: Phrases for people whom no label tells apart.
    """
    label = f"(?:{label_source})"
    of_table = "".join(f"|{phrase_source(thing)}" for thing in things)
    of_people = "".join(f"|{phrase_source(kind)}" for kind in kinds)
    return re.compile(
        rf"\b(?i:who(?:['’]?s|\s+is|\s+was|\s+are|\s+were))\s+(?i:really\s+|actually\s+)?(?:the\s+)?{label}(?!\s+(?i:talk|refer|prais|"
        rf"think|critic|grateful))|{label}.{{0,40}}\b(?i:real(?:ly)?|actual|full)\s+(?i:names?|called|is|identity)"
        rf"|(?i:\b(?:real|actual|full)\s+names?\b).{{0,40}}(?:{label}|(?i:interviewees?|people (?:quoted|interviewed)))"
        rf"|(?i:names of (?:the )?(?:interviewees|people (?:quoted|interviewed)))"
        rf"|(?i:\b(?:which|what)\s+(?:of\s+)?(?:(?:the|these|those|listed|your)\s+)*(?:projects?|study|studies|trial|university|uni|college|hospital|team|organisation|illness|disease|condition|job{of_table})\b)"
        rf".{{0,30}}{label}|{label}.{{0,20}}(?i:(?:same|one) person)|(?i:(?:same|one) person).{{0,20}}{label}"
        rf"|(?i:\b(?:old|gender|male|female|man|woman|live|lives)\b).{{0,20}}{label}"
        rf"|{label}.{{0,12}}(?i:\b(?:a man|a woman|male|female)\b)"
        rf"|{label}\s+(?i:(?:have|has|had|got|suffers?|live[sd]?|living|work[sed]*|working|come[s]?|came|is|was|been|be)\b)"
        rf".{{0,25}}(?i:\b(?:condition|illness|disease|disabilit\w+|diagnos\w+|cancer|dementia|diabetes|stroke|depress\w+"
        rf"|child(?:ren)?|kids|married|degree|phd|job|salary|old|age|white|black|asian|gay"
        rf"|universit\w+|hospital|london|north|south|employed|based)\b)"
        rf"|{label}\s+(?i:(?:work(?:s|ed)?|employed|based|come(?:s)?|live(?:s|d)?)\s+(?:at|for|in|from)\b)"
        rf"|(?i:\bwhere\s+(?:is|was|does|did)\s+(?:the\s+)?){label}\s*(?i:from|work|live|based|come|$|\?)"
        rf"|(?i:\b(?:is|was)\s+){label}\s+(?i:(?:an?|really|actually)\b.{{0,20}}"
        rf"\b(?:carer|nurse|doctor|gp|patient|professor|teacher|student|survivor|sufferer{of_people})\b)"
        rf"|(?i:how\s+old\s+is\s+){label}|(?i:\b(?:name|email|phone|contact|address|identity)\s+(?:of|for)\s+(?:the\s+)?){label}",
    )


def is_small_talk(text: str) -> bool:
    """Tell whether a text is a greeting, thanks, or asks what this is."""
    return len(text) <= _LONGEST_SMALL_TALK and bool(_SMALL_TALK.fullmatch(text))


def count_of(text: str) -> int | None:
    """Tell how many quotes are asked for; “a quote” asks for one at least, and says nothing of more."""
    match = _COUNTED.search(text)
    if match is None or match[1].casefold() in ("a", "an"):
        return None
    return _NUMBERS.get(match[1].casefold()) or (int(match[1]) or None)


def most_words(text: str) -> int | None:
    """Tell how many words a quote may have, where that is said: “under 15 words”."""
    match = _AT_MOST.search(text)
    return int(match[1] or match[2]) if match else None


def length_of(frame: str) -> Literal["short", "long"] | None:
    """Tell whether short or long quotes are asked for, from the part of a question that says what is wanted."""
    return "short" if _SHORT.search(frame) else "long" if _LONG.search(frame) else None
