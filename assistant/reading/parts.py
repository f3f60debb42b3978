"""Take a question apart that asks two things, so that each part gets its own passages."""

import re

from assistant.reading.tokenize import tokenize

_ASKING = (
    r"(?:who|whose|what|when|where|which|why|how|do|does|did|is|are|was|were|can|could|should|would|has|have|once|if)"
)
_ASKS = re.compile(rf"\W*(?:and\s+|but\s+)?{_ASKING}(?:'s|’s)?\b", re.I)
_VERB = re.compile(
    r"\b(?:is|are|was|were|do|does|did|has|have|had|can|could|should|would|will|\w+ed|made|paid|wrote|said|came|won)\b|['’]s\b",
    re.I,
)
#: Space is looked at from where it begins, not from each of its characters.
_SECOND = re.compile(
    rf"(?:[,;]|(?<!\s))\s+(?:and|or|but|plus|also)\s+(?:also\s+|then\s+)?(?={_ASKING}\b)|,\s+(?={_ASKING}\b)", re.I
)
_SENTENCE_END = re.compile(r"(?<=[?!.;])\s+")
LEANS = re.compile(r"\b(?:it|its|that|this|those|these|them|they|their|he|she|his|her|him|each|both)\b", re.I)
_MOST = 3
_FEWEST_WORDS = 2  # of content, for a part to be a question of its own


def split_parts(question: str) -> tuple[str, ...]:
    """Give the parts of a question that asks several things, in order; nothing for one that asks one.

    A part that leans on an earlier one ("and what made it hard?") carries that one's words.

    >>> split_parts("Who funded MOSAICS, and who funded the vitiligo light study?")
    ('Who funded MOSAICS', 'who funded the vitiligo light study?')
    >>> split_parts("Who funded MOSAICS?")
    ()
    """
    parts = [part for sentence in _SENTENCE_END.split(question) for part in _SECOND.split(sentence)]
    parts = [part.strip(" ,;") for part in parts]
    parts = [part for part in parts if tokenize(part)]
    if not 1 < len(parts) <= _MOST:
        return ()
    whole = [
        f"{parts[number - 1]} {part}"
        if number and (LEANS.search(part) or len(tokenize(part)) < _FEWEST_WORDS)
        else part
        for number, part in enumerate(parts)
    ]
    return tuple(whole)


def asks(part: str) -> bool:
    """Tell whether a part of a question is a question itself, not what leads up to one or hangs on it."""
    return bool(_ASKS.match(part) and _VERB.search(part))


def own_words(part: str, parts: tuple[str, ...]) -> str:
    """Give a part without the words that it carries of the one before."""
    before = next((other for other in parts if other != part and part.startswith(f"{other} ")), "")
    return part.removeprefix(before)
