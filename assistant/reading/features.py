"""Turn a text into what the learned reader sees: its vector, and its words and pairs of words, hashed.

Names of people are masked, so that what is learned from one library's speakers holds for another's.
"""

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.reading.tokenize import tokenize

Features = NDArray[np.float32]

#: So many places there are for hashed words.
PLACES = 4096
LABEL, SIDE, SAME, OTHER = "_label", "_side", "_same", "_other"
_TOKEN = re.compile(r"_\w+|[^\W\d_]+(?:'[^\W\d_]+)?|\d+|[?!.,:;()-]")
_NEAR = 4  # words on either side of a mention, whose places count


@dataclass(frozen=True)
class Mention:
    """Somebody who is named in a text: a half-open span, and whom it names: a side's id, or a label."""

    start: int
    end: int
    side: str
    is_label: bool = False


def without_overlaps(found: Iterable[Mention]) -> list[Mention]:
    """Keep of mentions that overlap the one that begins first, and of those the longest; in order."""
    kept: list[Mention] = []
    for one in sorted(found, key=lambda mention: (mention.start, -mention.end)):
        if not kept or kept[-1].end <= one.start:
            kept.append(one)
    return kept


def words_of(text: str, mentions: Sequence[Mention] = ()) -> list[str]:
    """Give the words and marks of a text in order, lower case, numbers and names of people masked."""
    return _tokens(_mask(text, mentions, 0, len(text), None))


def text_features(text: str, mentions: Sequence[Mention] = ()) -> Features:
    """Hash the words of a text, and the pairs of neighbours: float32 (PLACES,), of length 1."""
    return _hashed(_words_and_pairs(words_of(text, mentions)))


def _words_and_pairs(words: Sequence[str]) -> set[str]:
    words = ["^", *words, "$"]
    pairs = {f"{one} {other}" for one, other in pairwise(words)}
    return {*words[1:-1], *pairs, "first " + " ".join(words[1:3])}


def lean_features(text: str, mentions: Sequence[Mention], before: str, mentions_before: Sequence[Mention]) -> Features:
    """Hash the words of a question, and what it names or says by itself beside the one before: float32 (PLACES,)."""
    words = words_of(text, mentions)
    own = [word for word in tokenize(" ".join(words)) if not word.isdigit() and word not in (LABEL[1:], SIDE[1:])]
    known = set(tokenize(before))
    new = [word for word in own if word not in known]
    named = _named(mentions)
    found = {
        f"says {min(len(own), 4)}",
        f"says anew {min(len(new), 4)}",
        f"names {named}",
        f"named before {_named(mentions_before)}",
        f"names {named} and says {min(len(own), 3)}",
        f"names {named} after {_named(mentions_before)}",
        f"length {min(len(words) // 3, 6)}",
    }
    if named and {one.side for one in mentions} - {one.side for one in mentions_before}:
        found.add("names others")
    return _hashed(_words_and_pairs(words) | found)


def _named(mentions: Sequence[Mention]) -> str:
    """Say whether somebody is named by label, by side, or nobody is."""
    return "label" if any(one.is_label for one in mentions) else "side" if mentions else ""


def mention_features(text: str, mentions: Sequence[Mention], side: str) -> Features:
    """Hash what stands around the mentions of a side: float32 (PLACES,), of length 1."""
    found: set[str] = set()
    for mention in mentions:
        if mention.side != side:
            continue
        before = ["^"] * _NEAR + _tokens(_mask(text, mentions, 0, mention.start, side))
        after = _tokens(_mask(text, mentions, mention.end, len(text), side)) + ["$"] * _NEAR
        for place in range(_NEAR):
            found |= {f"<{place} {before[-1 - place]}", f">{place} {after[place]}"}
        found |= {f"< {word}" for word in before[-_NEAR:]} | {f"> {word}" for word in after[:_NEAR]}
        found |= {f"<< {before[-2]} {before[-1]}", f"<<< {before[-3]} {before[-2]}"}
        found |= {f">> {after[0]} {after[1]}", f">>> {after[1]} {after[2]}"}
        found |= {f"<> {before[-1]} {after[0]}", f"<<> {before[-2]} {before[-1]} {after[0]}"}
        found |= {f"before {word}" for word in before} | {f"after {word}" for word in after}
        found.add("begins " + " ".join([*before[_NEAR:], "_me", *after][:2]))
    sides = [mention.side for mention in mentions]
    found.add(f"mentions {min(len(sides), 3)}")
    if sides and sides[0] == side:
        found.add("is first")
    if any(other != side for other in sides):
        found.add("has another")
    return _hashed(found)


def _mask(text: str, mentions: Sequence[Mention], start: int, end: int, side: str | None) -> str:
    """Give a part of a text with the names in it masked: as seen from a side, or as what they are."""
    parts, place = [], start
    for mention in mentions:
        if place <= mention.start and mention.end <= end:
            name = (LABEL if mention.is_label else SIDE) if side is None else SAME if mention.side == side else OTHER
            parts += [text[place : mention.start], f" {name} "]
            place = mention.end
    return "".join([*parts, text[place:end]])


def _tokens(text: str) -> list[str]:
    found = _TOKEN.findall(text.casefold().replace("’", "'"))
    return ["0" if one.isdigit() else one for one in found]


def _hashed(features: Iterable[str]) -> Features:
    places = np.zeros(PLACES, dtype=np.float32)
    for feature in set(features):
        places[zlib.crc32(feature.encode()) % PLACES] += 1
    return places / max(float(np.linalg.norm(places)), 1e-6)
