"""Where the commands write: standard output for what was asked for, standard error for the rest.

Lines are broken for a person at a terminal alone: a pipe or a file gets each whole, as other programs want it.
"""

import errno
import os
import sys
from typing import TextIO

from rich.console import Console
from rich.text import Text

from corpus.errors import CoproduceError

#: A terminal narrower than this, in characters, breaks the lines itself: we would cut words to pieces.
NARROWEST = 20
_USUAL_WIDTH = 80


def open_closed_streams() -> None:
    """Put the null device where a standard stream was closed before we started.

    Otherwise the next file that we open would be taken for that stream by whatever writes to it. What is written to a
    closed standard output fails, as it does for other commands; what is written to a closed standard error is lost.
    """
    for number, mode in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # it gets the lowest number that is free
    sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115 - open as long as we run
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115, PTH123


def do_without_output() -> None:
    """Let a command whose work is not what it prints go on where standard output is closed."""
    if _is_output_closed():
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - open as long as we run


def check_both_ends() -> None:
    """Check that there is somebody to talk with. Raises CoproduceError."""
    if sys.stdin is None or _is_output_closed():
        raise CoproduceError(
            "this command speaks with another program over standard input and output, and one of them is closed. "
            "Have that program start it: the README says how."
        )


def _is_output_closed() -> bool:
    try:
        os.write(1, b"")
    except OSError:
        return True
    return False


def why_no_output(error: OSError) -> str:
    """Say why nothing can be written to standard output."""
    return "it is closed" if error.errno == errno.EBADF else error.strerror or str(error)


def _console(stream: TextIO | None, *, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, soft_wrap=stream is None or not stream.isatty())
    if console.width < NARROWEST:
        console.width, console.soft_wrap = _USUAL_WIDTH, True
    return console


out = _console(sys.stdout, stderr=False)
err = _console(sys.stderr, stderr=True)


def say(console: Console, words: str, *, indent: int = 0, style: str = "") -> None:
    """Print words, each line of them indented, without spaces at the ends of lines."""
    text = Text(words, style=style)
    lines = text.split(allow_blank=True) if console.soft_wrap else text.wrap(console, console.width - indent)
    for line in lines:
        console.print(Text(" " * indent) + line, soft_wrap=True)


def print_json(text: str) -> None:
    """Print JSON to standard output as it is."""
    sys.stdout.write(text + "\n")
