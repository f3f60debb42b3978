"""Read numbers and limits: how many quotes are wanted, of how many words at most, and what says only that."""

import re

_NUMBERS = {word: number for number, word in enumerate("one two three four five six seven eight nine ten".split(), 1)}  # noqa: SIM905
_NUMBERS |= {"a": 1, "an": 1, "single": 1, "couple of": 2, "half a dozen": 6}
_NUMBER = rf"(?P<number>{'|'.join(sorted(_NUMBERS, key=len, reverse=True))}|\d{{1,2}})"
_COUNTED = re.compile(rf"\b{_NUMBER}\s+(?:\w+\s+){{0,2}}?(?:quotes?|quotations?|lines?|sound ?bites?)\b", re.IGNORECASE)
_LESS_THAN = r"under|(?:less|fewer|no more|not more) than|at (?:the )?most|max(?:imum)?(?: of)?|up to|within|below"
_AT_MOST = re.compile(
    rf"\b(?:{_LESS_THAN})\s+(\d{{1,3}})\s+words?\b"
    r"|\b(\d{1,3})\s+words?\s+(?:or (?:less|fewer)|max\w*|at most|tops)\b",
    re.IGNORECASE,
)
#: What the words are wanted for.
_PLACES = (
    r"slides?|posters?|presentations?|power\s?points?|handouts?|leaflets?|newsletters?|training|workshops?|sessions?"
    r"|talks?|cards?|bids?|tweets?|websites?|blogs?|report"
)
_FOR_USE = re.compile(rf"\bfor (?:(?:a|an|the|my|our|this|some)\s+)*(?:\w+\s+)?(?:{_PLACES})\b", re.IGNORECASE)
_LENGTH = re.compile(
    r"\b(?:full|whole|one|a) paragraph\b|\b(?:main|key) points?\b|\bgist\b|\bin (?:a nutshell|short|brief)\b"
    r"|\b(?:in|as) (?:one|a single) (?:sentence|line)\b|\bas (?:a list|bullets?|bullet points?)\b",
    re.IGNORECASE,
)


def count_of(text: str) -> int | None:
    """Tell how many quotes are asked for; “a quote” asks for one at least, and says nothing of more."""
    match = _COUNTED.search(text)
    if match is None or match["number"].casefold() in ("a", "an"):
        return None
    return _NUMBERS.get(match["number"].casefold()) or (int(match["number"]) or None)


def most_words(text: str) -> int | None:
    """Tell how many words a quote may have, where that is said: “under 15 words”."""
    match = _AT_MOST.search(text)
    return int(match[1] or match[2]) if match else None


def without_limits(text: str) -> str:
    """Leave out what says only how long the words should be, or for what they are wanted."""
    return " ".join(_FOR_USE.sub(" ", _LENGTH.sub(" ", _AT_MOST.sub(" ", text))).split())
