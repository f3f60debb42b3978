"""Tokenize text into stemmed content words: for BM25, and for telling what a question is about."""

import re
from functools import cache

import Stemmer

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
#: Words that say nothing of what a text is about, question words included.
STOPWORDS = frozenset(
    """a about above after again all am an and any are as at be because been before being below between both but by can
    could did do does doing don down during each few for from further get had has have having he her here hers him his
    how i if in into is it its itself just like me more most my myself no nor not now of off on once only or other our
    ours out over own please same she should so some such than that the their theirs them then there these they this
    those through to too under until up us very was we were what when where which while who whom why will with would
    you your yours""".split()  # noqa: SIM905 - one word a line takes five pages
)


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


def tokenize(text: str) -> list[str]:
    """Give the stemmed content words of a text. "co-production" and "coproduction" are one word."""
    joined = re.sub(r"\bco[-\u2010\u2011 ](?=\w)", "co", text.casefold())
    found = [word.replace("’", "'").removesuffix("'s") for word in _WORD.findall(joined)]
    stems: list[str] = _stemmer().stemWords([word for word in found if word not in STOPWORDS])
    return stems
