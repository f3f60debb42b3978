"""Tell whether a question is in another language than English: by a detector, asked only where few words are known."""

import re
from collections.abc import Callable
from functools import cache

from assistant.reading.tokenize import STOPWORDS

_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_WORDS = 2
_ENOUGH = 300  # characters, from which a language is told
_KNOWN = 0.4  # the share of known words above which a text is read as it is
_SURE = 0.8  # the share of probability that the detector must give
ENGLISH = "en"


def language_of(text: str, knows: Callable[[str], bool]) -> str:
    """Give the code of the language that a text is in, if it is surely not English; else nothing."""
    words = [word.casefold() for word in _WORD.findall(text)]
    known = [word for word in words if word in STOPWORDS or knows(word)]
    if (len(words) < _FEWEST_WORDS and text.isascii()) or len(known) > _KNOWN * len(words):
        return ""
    code, share = _detector()(text[:_ENOUGH])
    return "" if code == ENGLISH or share < _SURE else str(code)


@cache
def _detector() -> Callable[[str], tuple[str, float]]:
    """Give what says the language of a text, by its code, and the share of probability that it has."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]  # noqa: PLC0415

    classify: Callable[[str], tuple[str, float]] = LanguageIdentifier.from_model_file(
        MODEL_FILE, norm_probs=True
    ).classify
    return classify
