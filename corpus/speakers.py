"""Tell who is speaking from a printed label, and never guess more than the label says."""

import re
from functools import lru_cache

from corpus.manifest import SpeakerPattern
from corpus.schema import Speaker


@lru_cache
def label_pattern(families: tuple[SpeakerPattern, ...]) -> re.Pattern[str]:
    """Make the pattern of a label in its brackets: "[Public partnerF]", "(Academic Researcher 7)"."""
    names = "|".join(re.sub(r"\(\?P<\w+>", "(?:", _spaced(family)) for family in families)
    return re.compile(rf"[\[(]\s*(?P<label>{names})\s*[\])]", re.IGNORECASE)


def speaker_of(printed: str, families: tuple[SpeakerPattern, ...]) -> Speaker | None:
    """Normalise a printed label: "Academic Researchers 1" is Academic Researcher 1. None if it is no speaker's."""
    words = " ".join(printed.split())
    for family in families:
        if match := re.fullmatch(_spaced(family), words, re.IGNORECASE):
            return Speaker(label=family.label.format(match["number"].upper()), role=family.role)
    return None


def _spaced(family: SpeakerPattern) -> str:
    """Let any white space stand where a pattern has a space: a tab, or the end of a line."""
    return family.printed_pattern.replace(" ", r"\s+")
