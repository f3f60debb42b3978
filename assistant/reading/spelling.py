"""Repair misspelt words of a question against the words of the documents. Quotations are never touched."""

import re
from collections.abc import Callable, Sequence
from functools import cached_property

_WORD = re.compile(r"[^\W\d_]+")
_WITHOUT_APOSTROPHE = re.compile(
    r"(?:do|does|did|is|are|was|were|ca|could|would|should|wo|has|have|had)nt|(?:that|what|who|where|how|there)s|theyre|youre"
)
_SHORTEST = 4  # letters; shorter words have too many neighbours


def _forms(word: str) -> list[str]:
    """Give a word and what it may be a form of: "trainees" of "trainee", "swapping" of "swap"."""
    found = [word, re.sub(r"(?<!s)s$", "", word)]
    for ending in ("ed", "ing", "er", "ers"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST - 1:
            found += [stem, f"{stem}e", re.sub(r"(\w)\1$", r"\1", stem)]
    return found


class Speller:
    """Knows how words are spelt: those of documents, of what people ask of them, and of the language."""

    def __init__(self, own: Sequence[str], asked: Sequence[str] = (), is_word: Callable[[str], bool] | None = None):
        """Take lower-case words, the most common first, so that of equally near words the more common wins.

        Args:
            own: The words of the documents.
            asked: Words of questions about them, which people may have misspelt.
            is_word: Tells whether a word is a common one of the language.
        """
        self._is_word = is_word or (lambda _: False)
        self._own = frozenset(own)
        self._in_order = own
        self._asked = dict.fromkeys(asked)

    def knows(self, word: str) -> bool:
        """Tell whether a lower-case word is one of the documents, or of what is asked about them."""
        return word in self._own or word in self._asked

    def repair(self, question: str) -> tuple[str, dict[str, str]]:
        """Replace words that are unknown and near a known one; also say what was replaced.

        >>> Speller(["research", "priorities"]).repair("reserch prioritys")
        ('research priorities', {'reserch': 'research', 'prioritys': 'priorities'})
        """
        repaired: dict[str, str] = {}

        def replace(match: re.Match[str]) -> str:
            word = match.group().casefold()
            # A name may be further off: “Elinor” finds “Elina”, but “script” must not find “scip”.
            name = match.start() > 0 and match.group()[0].isupper()
            if (
                len(word) < _SHORTEST
                or word in self._own
                or _WITHOUT_APOSTROPHE.fullmatch(word)
                or (not name and any(self._is_word(form) for form in _forms(word)))
            ):
                return match.group()
            nearest = self._nearest(word, 1 if len(word) <= (5 if name else 6) else 2)
            if nearest is None or (word in self._asked and self._nearest(word, 1) is None):
                return match.group()  # what people do ask with is right, unless it is one slip away from another word
            repaired[match.group()] = nearest
            return nearest

        return _WORD.sub(replace, question), repaired

    @cached_property
    def _right(self) -> list[str]:
        """The words that a slip may be meant for; found out when the first slip comes."""
        return [*self._in_order, *(word for word in self._asked if word not in self._own and self._is_word(word))]

    def _nearest(self, word: str, allowed: int) -> str | None:
        from rapidfuzz import process  # noqa: PLC0415 - most questions are spelt well, and do without it
        from rapidfuzz.distance import OSA  # noqa: PLC0415

        found = process.extractOne(word, self._right, scorer=OSA.distance, score_cutoff=allowed)
        if found is None or (allowed > 1 and found[0][0] != word[0]):
            return None
        return str(found[0])
