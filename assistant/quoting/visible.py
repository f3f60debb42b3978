"""Make text fit to be written into a page or file: what cannot be written is replaced, what hides text is shown."""

import re
import unicodedata
from collections.abc import Iterable

#: Controls that reorder the text around them, or stand in it unseen, and so could make a page say what was never
#: written. What only joins or parts letters is no such thing, and stays: Persian, Hindi and many emoji are written with
#: the joiners U+200C and U+200D, long words with soft hyphens (U+00AD); U+2060 only forbids a line break.
_HIDING = re.compile(
    "[\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2061-\u206f\ufeff\ufff9-\ufffb]"
    # Tags too, but where they make the flag of Wales, Scotland or England out of a black one.
    "|\U0001f3f4[\U000e0061-\U000e007a]{2,6}\U000e007f|[\U000e0000-\U000e007f]"
)
#: What HTML does not allow, and half characters (lone surrogates), which UTF-8 does not.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def visible(text: str) -> str:
    r"""Give text that can be written as UTF-8 and hides nothing: a control that turns text stands as its number.

    >>> visible("safe \u202e text")
    'safe ⟦U+202E⟧ text'
    """
    return _HIDING.sub(lambda found: found[0] if found[0][1:] else f"⟦U+{ord(found[0]):04X}⟧", writable(text))


def writable(text: str) -> str:
    """Give text that HTML, XML and UTF-8 can hold, with line ends as `\\n`; a character that they cannot is U+FFFD."""
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))


def in_one_line(text: str) -> str:
    """Give visible text without line ends or runs of spaces, for a title, a name or a field of a record."""
    return " ".join(visible(text).split())


def first_few(names: Iterable[str], most: int) -> str:
    """Name the first of some things, and say how many more there are.

    >>> first_few(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    every = list(names)
    shown = ", ".join(every[:most])
    return shown if len(every) <= most else f"{shown} and {len(every) - most} more"


def shortened(text: str, characters: int) -> str:
    """Cut a text at the end of a word where it is longer than `characters`, and say so with an ellipsis.

    A mark that belongs to the letter before it is never cut off.
    """
    if len(text) <= characters:
        return text
    end = characters
    while end > 0 and unicodedata.combining(text[end]):
        end -= 1
    kept = text[:end]
    at_word, _, _ = kept.rpartition(" ")
    return f"{(at_word if len(at_word) > characters // 2 else kept).rstrip()} …"
