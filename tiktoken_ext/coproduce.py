"""Registers our encoding with tiktoken, which looks for plugins in the namespace package `tiktoken_ext`."""

import base64
from pathlib import Path
from typing import Any

_RANKS = Path(__file__).with_name("coproduce_4k.tiktoken")
_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""


def coproduce_4k() -> dict[str, Any]:
    """Describe the encoding as tiktoken's constructor wants it."""
    lines = _RANKS.read_text(encoding="ascii").splitlines()
    ranks = {base64.b64decode(token): int(rank) for token, rank in (line.split() for line in lines)}
    return {"name": "coproduce_4k", "pat_str": _PATTERN, "mergeable_ranks": ranks, "special_tokens": {}}


ENCODING_CONSTRUCTORS = {"coproduce_4k": coproduce_4k}
