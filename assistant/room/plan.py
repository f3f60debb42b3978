"""The plan of a session: steps in order. It is one file, which opens on another machine; no participant's words."""

from typing import Literal

from pydantic import Field, ValidationError, field_validator

from corpus.errors import CoproduceError
from corpus.frozen import Frozen

MOST_STEPS = 30
MOST_SECTIONS = 6
MOST_CHARACTERS = 400_000
StepKind = Literal["ground_rules", "two_views", "who_said", "sort", "scenario", "words", "closing", "own"]
Phase = Literal["think", "pairs", "again", "read"]
#: Of this option of a deck for sorting, the group chooses the name.
OWN_HEAP = "own-heap"
CANNOT_TELL = "cannot-tell"


class Span(Frozen):
    """Words of a document, by their section and the exact words: they are found again wherever they are opened."""

    document: str = Field(max_length=100)
    section: str = Field(max_length=100)
    words: str = Field(min_length=1, max_length=4000)


class Card(Frozen):
    """A quotation on a card. `home`: the theme under which the document has it, where cards are sorted."""

    span: Span
    home: str = Field(default="", max_length=60)


class Theme(Frozen):
    """A heap into which cards are sorted: a section of the document."""

    key: str = Field(pattern=r"^[a-z0-9-]{1,60}$")
    title: str = Field(min_length=1, max_length=120)


class Option(Frozen):
    """One of several things to choose."""

    key: str = Field(pattern=r"^[a-z0-9-]{1,60}$")
    label: str = Field(min_length=1, max_length=200)


class Prompt(Frozen):
    """Something that is asked: in words, or one of several options."""

    key: str = Field(pattern=r"^[a-z0-9-]{1,60}$")
    label: str = Field(min_length=1, max_length=300)
    options: tuple[Option, ...] = Field(default=(), max_length=12)


class Notes(Frozen):
    """What a facilitator reads: what to say, minutes, what is often hard, and what may touch somebody."""

    say: str = Field(default="", max_length=2000)
    alone: int = Field(default=0, ge=0, le=240, description="Minutes.")
    pairs: int = Field(default=0, ge=0, le=240, description="Minutes.")
    table: int = Field(default=0, ge=0, le=240, description="Minutes.")
    hard: str = Field(default="", max_length=2000)
    care: str = Field(default="", max_length=2000)


class Step(Frozen):
    """One step of a plan. What is quoted in it are spans; all else is words of ours or, marked so, of the trainer."""

    id: str = Field(pattern=r"^[a-z0-9-]{1,60}$")
    kind: StepKind
    title: str = Field(min_length=1, max_length=160)
    text: str = Field(default="", max_length=2000)
    whose: Literal["ours", "trainer"] = "ours"
    cards: tuple[Card, ...] = Field(default=(), max_length=40)
    sides: tuple[tuple[Span, ...], ...] = Field(default=(), max_length=3, description="Of two views.")
    themes: tuple[Theme, ...] = Field(default=(), max_length=6)
    prompts: tuple[Prompt, ...] = Field(default=(), max_length=12)
    read: tuple[Span, ...] = Field(default=(), max_length=6, description="The passage that is read at the end.")
    two_rounds: bool = False
    dots: int = Field(default=0, ge=0, le=20, description="Dots that each person may spread over the quotations.")
    notes: Notes = Notes()

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The ways in which the step goes on."""
        if self.two_rounds:
            return ("think", "pairs", "again", "read")
        return ("think", "read")

    @property
    def spans(self) -> tuple[Span, ...]:
        """Every span that it quotes, in the order in which it shows them."""
        sides = [span for side in self.sides for span in side]
        return (*(card.span for card in self.cards), *sides, *self.read)


class Plan(Frozen):
    """A plan, as its file has it."""

    format: Literal["coproduce-plan-1"] = "coproduce-plan-1"
    title: str = Field(min_length=1, max_length=160)
    language: str = Field(default="en", pattern=r"^[a-z]{2}$")
    sections: tuple[str, ...] = Field(
        default=(), max_length=MOST_SECTIONS, description="The parts that questions are asked of; all if empty."
    )
    minutes: int = Field(default=0, ge=0, le=600)
    steps: tuple[Step, ...] = Field(min_length=1, max_length=MOST_STEPS)

    @field_validator("steps")
    @classmethod
    def _check_ids(cls, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        if len({step.id for step in steps}) != len(steps):
            raise ValueError("two steps have one id")
        return steps


def read_plan(written: str) -> Plan:
    """Read a plan's file.

    Raises:
        CoproduceError: it is none; the message says what was expected, and never repeats what was sent.
    """
    if len(written) > MOST_CHARACTERS:
        raise CoproduceError(f"that file is too long for a plan: at most {MOST_CHARACTERS:,} characters.")
    try:
        return Plan.model_validate_json(written)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise CoproduceError(
            f"that is not a plan that coproduce has saved: {place} is not as it should be. "
            "Choose a file that “Save the plan” made."
        ) from None
