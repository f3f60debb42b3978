"""Show names of files as text: whatever stands in one moves no cursor, breaks no line and hides no ending."""

import os
from pathlib import Path


def shown_name(path: Path | str) -> str:
    r"""Give a path or name with every character that is not seen as itself written as an escape.

    >>> print(shown_name("a\nb\x1b[31m"))
    a\nb\x1b[31m
    """
    text = os.fspath(path)
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
