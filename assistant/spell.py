"""Repair misspelt words of a question against the words of the documents. Quotations are never touched."""

import re

_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST = 4  # letters; shorter words have too many neighbours


def repair(question: str, known: list[str], known_set: frozenset[str]) -> tuple[str, dict[str, str]]:
    """Replace words that are unknown and near a known one; also say what was replaced.

    `known` holds lower-case words, the most common first, so that of equally near words the more common wins.

    >>> repair("reserch prioritys", ["research", "priorities"], frozenset({"research", "priorities"}))
    ('research priorities', {'reserch': 'research', 'prioritys': 'priorities'})
    """
    repaired: dict[str, str] = {}

    def replace(match: re.Match[str]) -> str:
        word = match.group().casefold()
        if len(word) < _SHORTEST or word in known_set:
            return match.group()
        from rapidfuzz import process  # noqa: PLC0415 - most questions are spelt well, and do without it
        from rapidfuzz.distance import OSA  # noqa: PLC0415

        # A name may be further off: “Elinor” finds “Elina”, but “script” must not find “scip”.
        name = match.start() > 0 and match.group()[0].isupper()
        allowed = 1 if len(word) <= (5 if name else 6) else 2
        nearest = process.extractOne(word, known, scorer=OSA.distance, score_cutoff=allowed)
        if nearest is None or (allowed > 1 and nearest[0][0] != word[0]):
            return match.group()
        repaired[match.group()] = nearest[0]
        return str(nearest[0])

    return _WORD.sub(replace, question), repaired
