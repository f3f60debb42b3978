"""Codes that are read aloud, and keys that nobody can guess. Of a key only its hash is kept."""

import hashlib
import hmac
import secrets
from collections.abc import Container

#: No vowels, so that no word comes about; none of 0 O, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V Y, M N.
CODE_LETTERS = "CDFHJKMPQRTVWX3479"
CODE_LENGTH = 6
_KEY_BYTES = 16


def new_code(taken: Container[str] = ()) -> str:
    """Make a code of six characters that none of `taken` is."""
    while True:
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        if code not in taken:
            return code


def read_code(typed: str) -> str:
    """Give a code as it is kept, whatever case, spaces and hyphens it was typed with."""
    return "".join(letter for letter in typed[:40].upper() if letter.isalnum())


def new_key() -> str:
    """Make a key of 128 random bits, in hexadecimal digits."""
    return secrets.token_hex(_KEY_BYTES)


def new_session_id() -> str:
    """Make the name of a session in addresses: 80 random bits, so that a link is no guess."""
    return secrets.token_hex(10)


def hash_key(key: str) -> str:
    """Give what is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def fits(key: str, kept: str) -> bool:
    """Tell whether a key is the one whose hash was kept; never of an empty one."""
    return bool(key) and bool(kept) and hmac.compare_digest(hash_key(key), kept)
