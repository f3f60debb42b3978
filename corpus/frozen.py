"""The base of every type, and ids that come from content."""

import hashlib
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Frozen(BaseModel):
    """Base of every type here: cannot be changed, refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sent(Frozen):
    """Base of what people and programs send: an optional field that is null or empty is as good as left out."""

    @model_validator(mode="before")
    @classmethod
    def _leave_out_empty(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        optional = {name for name, field in cls.model_fields.items() if not field.is_required()}
        return {name: value for name, value in given.items() if name not in optional or not is_empty(value)}


def is_empty(value: object) -> bool:
    """Tell whether a value says nothing: null, or words that are none."""
    return value is None or (isinstance(value, str) and not value.strip())


def content_id(*parts: object) -> str:
    """Make an id of 16 hexadecimal digits from content, the same on every machine and in every run."""
    return hashlib.sha256("\0".join(str(part) for part in parts).encode()).hexdigest()[:16]
