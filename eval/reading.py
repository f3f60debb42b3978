"""Examples by which the reader learns, and how well it reads those of a writer that it has not seen.

A line of `eval/data/reading/writer-*.jsonl`: `slot` and `text`, with `intent` (`act`, `lean`), `intents` (`form`, which
may have several) or `sides` (`voice`: whose words are asked for, of those that are mentioned); `lean` has `before`, the
question before it.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from assistant.answering.own_words import load_about
from assistant.reading.features import (
    Features,
    Mention,
    lean_features,
    mention_features,
    text_features,
    without_overlaps,
)
from assistant.reading.intents import IntentModel, furthest, lean_vectors
from assistant.reading.meaning import ASKS
from corpus.errors import CoproduceError
from corpus.frozen import Frozen
from corpus.load import load_library
from corpus.phrases import phrases_pattern
from eval.cases import load_cases, split_path

FOLDER = Path(__file__).parent / "data" / "reading"
#: Whose examples are learned from, and whose are held out and judge.
LEARNED_FROM, HELD_OUT = ("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"), "k"
SlotName = Literal["act", "form", "lean", "voice", "about"]
SLOTS: tuple[SlotName, ...] = ("act", "form", "lean", "voice")
ABOUT = "about"
_CASES = ("train", "train_more", "train_follow_up")
#: More that asks, in cases that do not say whose words are asked for.
_ASKING = ("train_dialogues", "train_wrapped", "train_parts", "train_lacking")
_WAYS = 3  # of asking for each prepared answer that are examples of what asks
_BOTH_SIDES = ("both_sides", "comparison", "contested")
Encode = Callable[[list[str]], NDArray[np.float32]]


class Example(Frozen):
    """One text, and what it is meant as."""

    slot: SlotName
    text: str = Field(min_length=1)
    intent: str | None = None
    intents: tuple[str, ...] = ()
    sides: dict[str, bool] = Field(default_factory=dict)
    before: str = ""


@dataclass(frozen=True)
class Seen:
    """An example as a model sees it, and which intents it has; a voice is one example for each side mentioned."""

    example: Example
    words: Features
    vectors: tuple[NDArray[np.float32], ...]
    intents: frozenset[str]


class People:
    """Finds who is mentioned in the examples."""

    @cached_property
    def _patterns(self) -> dict[str, str]:
        sides: dict[str, list[str]] = tomllib.loads((FOLDER / "people.toml").read_text(encoding="utf-8"))
        return {side: phrases_pattern(called).pattern for side, called in sides.items()}

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {side: rf"(?:{called})\s+(?:\d{{1,2}}|[A-Za-z])\b" for side, called in self._patterns.items()}

    def mentions(self, text: str) -> list[Mention]:
        """List the mentions of people in a text, in order, none inside another."""
        found: list[Mention] = []
        for is_label, patterns in ((True, self._labels), (False, self._patterns)):
            for side, pattern in patterns.items():
                for match in re.finditer(pattern, text, re.IGNORECASE):
                    if is_label and match.group().split()[-1] in ("a", "i", "I"):
                        continue
                    found.append(Mention(match.start(), match.end(), side, is_label))
        return without_overlaps(found)


def load_examples(writer: str) -> list[Example]:
    """Load a writer's examples. Raises CoproduceError where a line is not as it should be."""
    path = FOLDER / f"writer-{writer}.jsonl"
    examples = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            examples.append(Example.model_validate(json.loads(line)))
        except ValueError as error:
            raise CoproduceError(f"{path.name}, line {number}: {error}") from None
    return examples


def segment_examples(examples: Iterable[Example]) -> list[Example]:
    """Give examples with those of forms and leanings once more, as what asks: whole questions, in conversations too."""
    given = list(examples)
    return [*given, *(Example(slot="act", intent=ASKS, text=one.text) for one in given if one.slot in ("form", "lean"))]


def case_examples() -> list[Example]:
    """Make examples of the train cases: what asks, what stands alone, and whose words are asked for."""
    cases = [case for split in _CASES for case in load_cases(split_path(split), load_library().documents)]
    asking = [case for case in cases if case.kind != "unanswerable"]
    more = [case for split in _ASKING for case in load_cases(split_path(split), load_library().documents)]
    examples = [Example(slot="act", intent=ASKS, text=case.question) for case in (*asking, *more)]
    ways = [way for answer in load_library().prepared for way in answer.ask[-_WAYS:]]
    examples += [Example(slot="act", intent=ASKS, text=way) for way in ways]
    alone = [case for case in asking if not case.history]
    people = People()
    for case in alone:
        sides = {mention.side for mention in people.mentions(case.question)}
        if sides and not case.speaker and case.kind not in _BOTH_SIDES:
            asked = {"academic": "staff"}.get(case.role or "", case.role)
            examples.append(Example(slot="voice", text=case.question, sides={side: side == asked for side in sides}))
    return examples


def about_examples() -> list[Example]:
    """Give the ways of asking about this tool that `about.toml` brings: each topic is an intent."""
    return [Example(slot=ABOUT, intent=topic.id, text=asked) for topic in load_about() for asked in topic.asked]


def see(examples: Sequence[Example], encode: Encode) -> list[Seen]:
    """Make examples into what a model sees. `encode` gives the embedding model's own vectors, float32 (n, dim)."""
    texts = list(dict.fromkeys(text for one in examples for text in (one.text, one.before) if text))
    vectors = dict(zip(texts, encode(texts), strict=True))
    people = People()
    seen: list[Seen] = []
    for one in examples:
        mentions = people.mentions(one.text)
        vector = vectors[one.text]
        if one.slot == "voice":
            for side, asked in one.sides.items():
                if any(mention.side == side for mention in mentions):
                    intents = frozenset({"asked"} if asked else ())
                    seen.append(Seen(one, mention_features(one.text, mentions, side), (vector,), intents))
            continue
        intents = frozenset(one.intents if one.intent is None else (one.intent,))
        if one.slot == "lean":
            words = lean_features(one.text, mentions, one.before, people.mentions(one.before))
            seen.append(Seen(one, words, lean_vectors(vector, vectors[one.before]), intents))
            continue
        if "everything" in intents:  # writers differ on whether to say both
            intents |= {"quotes"}
        seen.append(Seen(one, text_features(one.text, mentions), (vector,), intents))
    return seen


def told(model: IntentModel, slot: str, one: Seen) -> frozenset[str]:
    """Give what a model takes an example for: of acts and leanings one, of forms all above their thresholds."""
    margins = model.margins(slot, one.words, *one.vectors)
    if slot in ("form", "voice"):
        return frozenset(name for name, margin in margins.items() if margin > 0)
    return frozenset({furthest(margins)[0]})


@dataclass(frozen=True)
class IntentScore:
    """How well an intent is told: of how many, and how many of those told were right."""

    slot: str
    intent: str
    wanted: int
    told: int
    right: int

    @classmethod
    def of(cls, slot: str, intent: str, pairs: Sequence[tuple[bool, bool]]) -> "IntentScore":
        """Count of examples of a slot: whether each has the intent, and whether it was told so."""
        wanted, told = (sum(pair[place] for pair in pairs) for place in (0, 1))
        return cls(slot, intent, wanted, told, sum(has and said for has, said in pairs))

    @property
    def precision(self) -> float | None:
        """The share of those told that were right; None where none was told."""
        return self.right / self.told if self.told else None

    @property
    def recall(self) -> float | None:
        """The share of those wanted that were told; None where none was wanted."""
        return self.right / self.wanted if self.wanted else None


def score(model: IntentModel, seen: Sequence[Seen]) -> list[IntentScore]:
    """Score every intent of every slot on examples."""
    scores = []
    for slot in SLOTS:
        own = [(one.intents, told(model, slot, one)) for one in seen if one.example.slot == slot]
        scores += [
            IntentScore.of(slot, name, [(name in has, name in said) for has, said in own])
            for name in model.slots[slot].names
        ]
    return scores
