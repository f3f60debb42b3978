"""Where the commands write: standard output for what was asked for, standard error for the rest."""

import sys

from rich.console import Console

out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)


def print_json(text: str) -> None:
    sys.stdout.write(text + "\n")
