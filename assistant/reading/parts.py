"""Take a question apart that asks two things, so that each part gets its own passages."""

import re

from assistant.reading.tokenize import tokenize

_ASKING = (
    r"(?:who|whose|what|when|where|which|why|how|do|does|did|is|are|was|were|can|could|should|would|has|have|once|if)"
    r"(?:'s|’s)?\b"
)
_ASKS = re.compile(rf"\W*(?:and\s+|but\s+)?{_ASKING}", re.I)
_VERB = re.compile(
    r"\b(?:is|are|was|were|do|does|did|has|have|had|can|could|should|would|will|\w+ed|made|paid|wrote|said|came|won)\b|['’]s\b",
    re.I,
)
#: Space is looked at from where it begins, not from each of its characters.
_SECOND = re.compile(
    rf"(?:[,;]|(?<!\s))\s+(?:and|or|but|plus|also)\s+(?:also\s+|then\s+)?(?={_ASKING})|,\s+(?={_ASKING})", re.I
)
_SENTENCE_END = re.compile(r"(?<=[?!.;])\s+")
_LEANS = re.compile(r"\b(?:it|its|that|this|those|these|them|they|their|he|she|his|her|him|each|both)\b", re.I)
#: Where something that is told beside a question may begin or end.
_ASIDE_ENDS = re.compile(
    rf"(?<=[?!.;])\s+|(?<!\s)\s+[-–—]\s+|,\s+(?:but\s+|so\s+|and\s+)?(?={_ASKING})"
    r"|,\s+(?=(?:I|I['’]m|my|we|our)\b)",
    re.I,
)
_OF_ONESELF = re.compile(r"\b(?:I|I['’](?:m|ve|d|ll)|my|mine|we|we['’](?:re|ve)|our)\b", re.I)
_REQUEST = re.compile(
    r"\b(?:quot\w+|tell me|show|give|list|find|explain|compare|looking for|(?:exact|actual|real) words|wonder\w*"
    r"|know (?:if|whether|what|how|who|why|when|where)"
    r"|(?:need|want|like)(?: to know| to hear)? (?:a|an|one|some|any|two|three|four|five|the|to know|to hear))\b",
    re.I,
)
#: Somebody of whom an aside may have spoken.
_SOMEBODY = re.compile(r"\b(?:he|she|him|her|his|hers)\b", re.I)
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
        if number and (_LEANS.search(part) or len(tokenize(part)) < _FEWEST_WORDS)
        else part
        for number, part in enumerate(parts)
    ]
    return tuple(whole)


def without_asides(question: str) -> str:
    """Leave out what a person tells of themselves beside the question, where a question is left.

    >>> without_asides("My wife says I have changed. Does the report say what good it does the lay people?")
    'Does the report say what good it does the lay people?'
    >>> without_asides("My wife has dementia. What should I do?")
    'My wife has dementia. What should I do?'
    """
    pieces = [piece for piece in _ASIDE_ENDS.split(question) if piece.strip()]
    kept = [piece for piece in pieces if _ASKS.match(piece) or _REQUEST.search(piece) or not _OF_ONESELF.search(piece)]
    rest = " ".join(kept)
    stands = len(tokenize(rest)) >= _FEWEST_WORDS and not _SOMEBODY.search(rest)
    return rest if len(kept) < len(pieces) and stands else question


def asks(part: str) -> bool:
    """Tell whether a part of a question is a question itself, not what leads up to one or hangs on it."""
    return bool(_ASKS.match(part) and _VERB.search(part))


def own_words(part: str, parts: tuple[str, ...]) -> str:
    """Give a part without the words that it carries of the one before."""
    before = next((other for other in parts if other != part and part.startswith(f"{other} ")), "")
    return part.removeprefix(before)
