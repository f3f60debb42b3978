"""Count the tokens of answers with an encoding of our own, which ships in the package and works offline.

The encoding, `coproduce_4k`, is byte-level BPE with 4,096 tokens, trained on the bundled report and registered with
tiktoken through `tiktoken_ext`. It never fails on a text, and it is meant for budgets, not for any language model.
"""

from functools import cache

import tiktoken

ENCODING_NAME = "coproduce_4k"


@cache
def encoding() -> tiktoken.Encoding:
    """Load the encoding from the package; nothing is downloaded."""
    return tiktoken.get_encoding(ENCODING_NAME)


def count_tokens(text: str) -> int:
    """Count the tokens of a text. Text that looks like a special token counts as ordinary text."""
    return len(encoding().encode_ordinary(text))
