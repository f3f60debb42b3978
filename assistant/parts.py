"""Take a question apart that asks two things, or compares two, so that each part gets its own passages."""

import re

from assistant.index import words_of

_ASKING = (
    r"(?:who|whose|what|when|where|which|why|how|do|does|did|is|are|was|were|can|could|should|would|has|have|once|if)"
    r"(?:'s|’s)?\b"
)
_ASKS = re.compile(rf"\W*(?:and\s+|but\s+)?{_ASKING}", re.I)
_SECOND = re.compile(
    rf"(?:,|;)?\s+(?:and|or|but|plus|also)\s+(?:also\s+|then\s+)?(?={_ASKING})|,\s+(?={_ASKING})", re.I
)
_SENTENCE_END = re.compile(r"(?<=[?!.;])\s+")
_LEANS = re.compile(r"\b(?:it|its|that|this|those|these|them|they|their|he|she|his|her|him|each|both)\b", re.I)
_COMPARED = re.compile(
    r"(?P<before>.*?\b(?:between|compare[sd]?|contrast|set|beside|is|are|was|were)\s+)(?P<first>.+?)\s+"
    r"(?:and|with|to|versus|vs\.?|beside|against|as opposed to|different (?:from|to)|set apart from)\s+(?P<second>.+)",
    re.I,
)
_COMPARES = re.compile(
    r"\b(?:differen\w*|differ|compar\w*|contrast\w*|versus|vs|as opposed to|set\b.*\b(?:beside|against|apart)"
    r"|in common|alike|similar\w*)\b",
    re.I,
)
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
    parts = [part for part in parts if words_of(part)]
    if len(parts) == 1:
        return _compared(parts[0])
    if not 1 < len(parts) <= _MOST:
        return ()
    whole = [
        f"{parts[number - 1]} {part}"
        if number and (_LEANS.search(part) or len(words_of(part)) < _FEWEST_WORDS)
        else part
        for number, part in enumerate(parts)
    ]
    return tuple(whole)


def asks(part: str) -> bool:
    """Tell whether a part of a question is a question itself, not what leads up to one."""
    return bool(_ASKS.match(part))


def _compared(question: str) -> tuple[str, ...]:
    """Give a question once with the one and once with the other of the two things that it compares."""
    match = _COMPARED.match(question) if _COMPARES.search(question) else None
    if match is None or not words_of(match["first"]) or not words_of(match["second"]):
        return ()
    return match["first"].strip(" ,?"), match["second"].strip(" ,?")
