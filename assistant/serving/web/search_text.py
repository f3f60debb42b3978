"""Find words and parts of words in a text, whatever their case and accents: the search of the source reader."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

Span = tuple[int, int]

#: Letters from which a word is also found within longer ones.
SHORTEST_PART = 3
_WORD = re.compile(r"\w+(?:['/.&-]+\w+)*")
_ALIKE = str.maketrans({"’": "'", "‘": "'", "‐": "-", "‑": "-", "–": "-", "—": "-"})


@dataclass(frozen=True)
class Folded:
    """A text as it is searched, and for each of its characters, and its end, where it stands in the text as it is."""

    text: str
    origins: tuple[int, ...]

    def end_of(self, end: int) -> int:
        """Give where a span that ends here ends in the text: after a whole character, though it folds to two."""
        return max(self.origins[end], self.origins[end - 1] + 1)


def fold(text: str) -> Folded:
    """Fold a text for searching: small letters, no accents, one kind of apostrophe and hyphen."""
    letters: list[str] = []
    origins: list[int] = []
    for place, character in enumerate(text):
        for part in unicodedata.normalize("NFD", character).casefold().translate(_ALIKE):
            if not unicodedata.combining(part):
                letters.append(part)
                origins.append(place)
    return Folded("".join(letters), (*origins, len(text)))


def words_to_find(query: str) -> tuple[str, ...]:
    """Give the words of a search, folded, each once; none where it holds no letter or digit."""
    return tuple(dict.fromkeys(_WORD.findall(fold(query).text)))


def find_all(words: Sequence[str], text: str) -> list[Span]:
    """Give every place where one of the words stands in a text, if all of them do: in order, none within another."""
    folded = fold(text)
    found = [[match.span() for match in _pattern(word).finditer(folded.text)] for word in words]
    if not found or not all(found):
        return []
    spans: list[Span] = []
    for start, end in sorted((span for among in found for span in among), key=lambda span: (span[0], -span[1])):
        if not spans or start >= spans[-1][1]:
            spans.append((start, end))
    return [(folded.origins[start], folded.end_of(end)) for start, end in spans]


def _pattern(word: str) -> re.Pattern[str]:
    """Find a word, also within longer ones. Very short ones would be found everywhere: they are found alone."""
    return re.compile(re.escape(word) if len(word) >= SHORTEST_PART else rf"(?<!\w){re.escape(word)}(?!\w)")
