"""The languages of a session's buttons and hints. What is quoted, and what people write, stays as it is."""

from functools import cache
from pathlib import Path

from assistant.serving.web.language import Language, load_languages

FOLDER = Path(__file__).parent / "words"


@cache
def room_languages() -> dict[str, Language]:
    """Give the languages by their codes, read once."""
    return load_languages(FOLDER)
