"""The base of every type, and ids that come from content."""

import hashlib

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Base of every type here: cannot be changed, refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def content_id(*parts: object) -> str:
    """Make an id of 16 hexadecimal digits from content, the same on every machine and in every run."""
    return hashlib.sha256("\0".join(str(part) for part in parts).encode()).hexdigest()[:16]
