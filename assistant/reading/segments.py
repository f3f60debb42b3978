"""Take what a person wrote apart: what asks, and what only stands beside it (a greeting, a deadline, a story …)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.reading.features import Mention, words_of
from assistant.reading.intents import furthest
from assistant.reading.meaning import ASKS, Meaning

Mentions = Callable[[str], Sequence[Mention]]

_ENDS = re.compile(r"(?<=[?!.;…])(?<!\b\w\.)(?<!\b(?:no|vs|al|Dr|Mr|Ms|eg|ie)\.)[\"'”’)]*\s+|(?<!\s)\s+[-–—]+\s+")
_COMMA = re.compile(r"(?<=[,:])\s+")
_AHEAD = 1.0  # by so much one act must be ahead of the others, by words, for a comma to part two segments
_MOST = 24  # segments; what comes after them is one
#: Acts that stand beside a question and are no part of what is searched for.
BESIDE = frozenset({"greets", "tells", "order", "form"})
_MOST_COMMAS = 6
_LONGEST = 400  # characters of a sentence that is looked at for commas
_FEW_WORDS = 2  # beside a label that stands alone
#: What asks wins where it is so little behind another act: to be answered in vain is better than not to be answered.
_RATHER_ASKS = 2.5


@dataclass(frozen=True)
class Segment:
    """A part of what was written, what it does, and how far each act is above its threshold."""

    text: str
    act: str
    margins: dict[str, float]
    named: bool  # whether it names a speaker by label
    mentions: bool  # whether it mentions anybody

    @property
    def margin(self) -> float:
        """How far its act is above its threshold."""
        return self.margins[self.act]


def split_segments(text: str, meaning: Meaning, mentions: Mentions) -> list[Segment]:
    """Take a cleaned text apart, in order. Sentences stand apart; a comma parts what asks from what does not."""
    pieces = [piece for piece in _ENDS.split(text, maxsplit=_MOST) if piece and piece.strip()]
    pieces = [part for piece in pieces for part in _at_commas(piece, meaning, mentions, _MOST_COMMAS)]
    who = [mentions(piece) for piece in pieces]
    margins = meaning.acts(pieces, who)
    return [
        Segment(piece, _act_of(piece, own, mentioned), own, any(one.is_label for one in mentioned), bool(mentioned))
        for piece, own, mentioned in zip(pieces, margins, who, strict=True)
    ]


def _act_of(text: str, margins: dict[str, float], mentioned: Sequence[Mention]) -> str:
    """Choose the act that is furthest above its threshold."""
    act, _ = furthest({**margins, ASKS: margins[ASKS] + _RATHER_ASKS})
    has_label = any(one.is_label for one in mentioned)
    # A label alone asks for somebody's words.
    is_all = len(words_of(text, mentioned)) <= len(mentioned) + _FEW_WORDS
    return ASKS if (has_label and (act in BESIDE or is_all)) or (mentioned and act == "greets") else act


def _at_commas(piece: str, meaning: Meaning, mentions: Mentions, most: int) -> list[str]:
    """Part a sentence at the first comma or colon that stands between what asks and what does not."""
    most = most if len(piece) <= _LONGEST else 0
    for number, comma in enumerate(list(_COMMA.finditer(piece))[:most], start=1):
        left, right = piece[: comma.start()], piece[comma.end() :]
        acts = [meaning.act_by_words(one, mentions(one)) for one in (left, right)]
        kinds = {act for act, _ in acts}
        if ASKS in kinds and kinds & (BESIDE | {"distress"}) and min(ahead for _, ahead in acts) > _AHEAD:
            return [left, *_at_commas(right, meaning, mentions, most - number)]
    return [piece]
