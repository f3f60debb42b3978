"""Turn the phrases of a vocabulary into a pattern: a small grammar of words, so that no document brings an expression.

    patient                     the word, or its plural; capitals do not matter
    service user                words with a space or a hyphen between them
    (lay|public) person         one of several words
    fund*                       a word that begins so
    did ... work                up to four words between, three times at most
    the public !(sector|purse)  but not before one of these words
    !(user|lay) researcher      but not after one of these words

A pattern made of this needs time in proportion to the text, whatever the phrases are.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from corpus.errors import CorpusError

_TOKEN = re.compile(r"!\(([^()]*)\)|\(([^()]*)\)|(\.\.\.)(?!\S)|([^\s()!]+)")
_GAP = r"(?:[-\s]+[^\s-]+){0,4}?"
_MOST_GAPS = 3
_BETWEEN = r"[-\s]+"
_NEVER = re.compile(r"(?!)")


def phrases_pattern(phrases: Iterable[str], *, plural: bool = True) -> re.Pattern[str]:
    """Make the pattern that finds any of some phrases, the first that fits; nothing where there is none.

    Args:
        phrases: In the grammar above.
        plural: Whether the last word of each may also stand with an s.

    Raises:
        CorpusError: a phrase is not written in the grammar.
    """
    return _pattern(tuple(phrases), plural)


@lru_cache(maxsize=256)
def _pattern(phrases: tuple[str, ...], plural: bool) -> re.Pattern[str]:
    if not phrases:
        return _NEVER
    return re.compile("|".join(phrase_source(phrase, plural=plural) for phrase in phrases), re.IGNORECASE)


@lru_cache(maxsize=1024)
def phrase_source(phrase: str, *, plural: bool = True, closed: bool = True) -> str:
    """Write one phrase as the source of a regular expression, without groups that capture.

    Args:
        phrase: In the grammar above.
        plural: Whether its last word may also stand with an s.
        closed: Whether its last word ends there; else a number may follow at once, as in "AR4".

    Raises:
        CorpusError: it is not written in the grammar.
    """
    if left := _TOKEN.sub("", phrase).strip():
        raise _unreadable(phrase, left[:20])
    tokens = [match.groups() for match in _TOKEN.finditer(phrase)]
    before = tokens.pop(0)[0] if tokens and tokens[0][0] is not None else None
    after = tokens.pop()[0] if tokens and tokens[-1][0] is not None else None
    source, gaps = "", 0
    for number, (unless, either, dots, word) in enumerate(tokens):
        is_last = number + 1 == len(tokens)
        if dots:
            gaps += 1
            if not number or is_last or tokens[number - 1][2] or gaps > _MOST_GAPS:
                raise _unreadable(phrase, "...")
            source += _GAP
            continue
        if unless is not None:
            raise _unreadable(phrase, f"!({unless})")
        words = [word] if either is None else either.split("|")
        written = "|".join(_word(phrase, one, plural=plural and is_last, closed=closed or not is_last) for one in words)
        source += (_BETWEEN if number else "") + (written if len(words) == 1 else f"(?:{written})")
    if not source:
        raise _unreadable(phrase, phrase)
    if before is not None:
        source = "".join(rf"(?<!\b{_whole(phrase, one)}[-\s])" for one in before.split("|")) + source
    if after is not None:
        unwanted = "|".join(_word(phrase, one, plural=None) for one in after.split("|"))
        source += rf"(?!{_BETWEEN}(?:{unwanted}))"
    return source


def _word(phrase: str, word: str, *, plural: bool | None, closed: bool = True) -> str:
    """Write a word, or several, from beginning to end; `plural` is None where es may stand at the end, too."""
    word = word.strip()
    stem = word.removesuffix("*")
    if not stem or stem[0] == "-" or "|" in stem:
        raise _unreadable(phrase, word)
    source = (r"\b" if stem[0].isalnum() else "") + _BETWEEN.join(map(re.escape, stem.split()))
    if word.endswith("*"):
        return source + r"\w*\b" if stem[-1].isalnum() else source + r"\w*"
    if not closed:
        return source
    ending = "(?:s|es)?" if plural is None else "s?" if plural else ""
    return source + (rf"{ending}\b" if stem[-1].isalnum() else "")


def _whole(phrase: str, word: str) -> str:
    """Write a word that is looked for backwards: it has one length."""
    word = word.strip()
    if not word or word.endswith("*") or word[0] == "-":
        raise _unreadable(phrase, word)
    return r"[-\s]".join(map(re.escape, word.split()))


def _unreadable(phrase: str, where: str) -> CorpusError:
    return CorpusError(f"the phrase {phrase!r} cannot be read at {where!r}; see corpus/phrases.py.")
