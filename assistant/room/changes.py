"""What can happen in a session. Each is a numbered row of its file, and the session is what they add up to."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from assistant.room.plan import Phase, Plan
from corpus.frozen import Frozen

MOST_ANSWER_CHARACTERS = 600
MOST_RULE_CHARACTERS = 200
MOST_WORD_CHARACTERS = 60
MOST_NICKNAME_CHARACTERS = 30


class Made(Frozen):
    """A session was made; its facilitator has the key with this hash."""

    kind: Literal["made"] = "made"
    session: str
    code: str
    plan: Plan
    lead: str = Field(description="The hash of the facilitator's key.")
    nicknames: bool = False
    keep_days: int = 7


class Opened(Frozen):
    """People may join."""

    kind: Literal["opened"] = "opened"


class Ended(Frozen):
    """It is over; nothing more is taken."""

    kind: Literal["ended"] = "ended"
    on: str = Field(description="The day, as 2026-01-31.")


class Joined(Frozen):
    """Somebody joined. `desk`: there is no phone, the facilitator enters what they say."""

    kind: Literal["joined"] = "joined"
    person: str
    token: str = Field(default="", description="The hash of the device's key.")
    nickname: str = Field(default="", max_length=MOST_NICKNAME_CHARACTERS)
    table: bool = False
    desk: bool = False


class Left(Frozen):
    """A device left: its key no longer opens anything."""

    kind: Literal["left"] = "left"
    person: str


class Asked(Frozen):
    """A question, which is kept before it is answered. `same`: what it is counted alike by."""

    kind: Literal["asked"] = "asked"
    person: str
    question: str
    text: str
    same: str


class KeptBlock(Frozen):
    """A part of an answer: words of ours, or a span of a passage, whose words are cut again wherever it is shown."""

    kind: str
    text: str = ""
    document: str = ""
    passage: str = ""
    start: int = 0
    end: int = 0


class KeptAnswer(Frozen):
    """What is kept of an answer."""

    status: str
    blocks: tuple[KeptBlock, ...] = ()
    notices: tuple[str, ...] = ()


class Answered(Frozen):
    """All questions that are the same were answered."""

    kind: Literal["answered"] = "answered"
    same: str
    answer: KeptAnswer


class TookBack(Frozen):
    """Whoever asked it took a question back."""

    kind: Literal["took_back"] = "took_back"
    person: str
    question: str


class PutAside(Frozen):
    """A question was put aside, or taken up again."""

    kind: Literal["put_aside"] = "put_aside"
    question: str
    aside: bool


class Hid(Frozen):
    """Something that a participant wrote was hidden, or shown again."""

    kind: Literal["hid"] = "hid"
    what: Literal["question", "answer", "rule", "word"]
    id: str
    hidden: bool


class Responded(Frozen):
    """An answer to a step, which takes the place of the person's earlier one of that round."""

    kind: Literal["responded"] = "responded"
    person: str
    step: str
    round: Literal[1, 2]
    fields: dict[str, str] = Field(max_length=60)
    passed: bool = False


class Dotted(Frozen):
    """How a person spread their dots over the quotations of a step, by their number."""

    kind: Literal["dotted"] = "dotted"
    person: str
    step: str
    dots: dict[str, int] = Field(max_length=60)


class Flagged(Frozen):
    """Somebody found a word to be jargon."""

    kind: Literal["flagged"] = "flagged"
    person: str
    word: str = Field(min_length=1, max_length=MOST_WORD_CHARACTERS)


class RuleWritten(Frozen):
    """A ground rule was written, or written anew. `person` is empty where the facilitator did."""

    kind: Literal["rule_written"] = "rule_written"
    rule: str
    text: str = Field(min_length=1, max_length=MOST_RULE_CHARACTERS)
    person: str = ""


class RuleAgreed(Frozen):
    """The group agreed to a rule, or no longer does."""

    kind: Literal["rule_agreed"] = "rule_agreed"
    rule: str
    agreed: bool


class Moved(Frozen):
    """The session moved to a step and a phase of it."""

    kind: Literal["moved"] = "moved"
    step: int = Field(ge=0)
    phase: Phase


class Screened(Frozen):
    """One thing was put on the screen."""

    kind: Literal["screened"] = "screened"
    item: Literal["nothing", "join", "step", "quote", "other", "question", "answer", "rules", "words", "results"]
    id: str = Field(default="", max_length=200)
    released: tuple[str, ...] = Field(default=(), description="Of rules or words, which: those that the page listed.")


class Paused(Frozen):
    """Answers are not taken for a while, or are again."""

    kind: Literal["paused"] = "paused"
    paused: bool


class ResultsShown(Frozen):
    """What people answered in a step is shown to everybody, or no longer."""

    kind: Literal["results_shown"] = "results_shown"
    step: str
    shown: bool


class TimerSet(Frozen):
    """A timer runs until a time (seconds since 1970), or none does."""

    kind: Literal["timer_set"] = "timer_set"
    ends: float | None
    shown: bool = False


class JoinDetails(Frozen):
    """Code, address and QR code stay on the screen, or do not."""

    kind: Literal["join_details"] = "join_details"
    shown: bool


class KeyMade(Frozen):
    """A second link was made, for the screen or a co-facilitator; with an empty hash it was withdrawn."""

    kind: Literal["key_made"] = "key_made"
    role: Literal["screen", "co"]
    hash: str


Change = Annotated[
    Made | Opened | Ended | Joined | Left | Asked | Answered | TookBack | PutAside | Hid | Responded | Dotted | Flagged
    | RuleWritten | RuleAgreed | Moved | Screened | Paused | ResultsShown | TimerSet | JoinDetails | KeyMade,
    Field(discriminator="kind"),
]  # fmt: skip
ANY_CHANGE: TypeAdapter[Change] = TypeAdapter(Change)
