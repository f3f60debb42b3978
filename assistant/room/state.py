"""What a session is at a moment: the sum of its changes. Nothing here reads a clock, a disk or a document."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal, assert_never

from assistant.room import changes as to
from assistant.room.plan import Phase, Plan, Step

#: Results are shown to nobody before so many people have answered.
FEWEST_SHOWN = 3


@dataclass
class Person:
    """Somebody who joined, on a device of their own or at the facilitator's desk."""

    id: str
    token: str
    nickname: str
    table: bool
    desk: bool
    left: bool = False


@dataclass
class Question:
    """A question that somebody asked the report."""

    id: str
    person: str
    text: str
    same: str
    aside: bool = False
    hidden: bool = False
    taken_back: bool = False
    was_shown: bool = False


@dataclass
class Response:
    """What a person answered in a round of a step."""

    person: str
    fields: dict[str, str]
    passed: bool
    hidden: bool = False


@dataclass
class Rule:
    """A ground rule of the group."""

    id: str
    text: str
    person: str
    agreed: bool = False
    hidden: bool = False


@dataclass
class Room:
    """A session. `parts` says for each part of a page the number of the last change that altered it."""

    session: str
    code: str
    plan: Plan
    lead: str
    nicknames: bool
    keep_days: int
    n: int = 1
    phase_of_life: Literal["made", "open", "ended"] = "made"
    ended_on: str = ""
    keys: dict[str, str] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    answers: dict[str, to.KeptAnswer] = field(default_factory=dict)
    responses: dict[tuple[str, int], dict[str, Response]] = field(default_factory=dict)
    dots: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    flags: dict[str, set[str]] = field(default_factory=dict)
    hidden_words: set[str] = field(default_factory=set)
    rules: dict[str, Rule] = field(default_factory=dict)
    step: int = 0
    phase: Phase = "think"
    item: str = "join"
    item_id: str = ""
    #: Of the rules or words on the screen, those that the facilitator put there; others came later.
    released: set[str] = field(default_factory=set)
    join_details: bool = True
    shown_items: list[tuple[str, str, str]] = field(default_factory=list)
    results: set[str] = field(default_factory=set)
    #: Steps that have come to their reading: what was the question there may be told from then on.
    read: set[str] = field(default_factory=set)
    paused: bool = False
    timer_ends: float | None = None
    timer_shown: bool = False
    parts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def from_made(cls, made: to.Made) -> "Room":
        """Begin a session with its first change."""
        return cls(made.session, made.code, made.plan, made.lead, made.nicknames, made.keep_days)

    @property
    def now(self) -> Step:
        """The step it is at."""
        return self.plan.steps[self.step]

    @property
    def round(self) -> Literal[0, 1, 2]:
        """Which round of answers is taken now; 0 for none."""
        return {"think": 1, "again": 2}.get(self.phase, 0)  # type: ignore[return-value]

    @property
    def papers(self) -> dict[str, int]:
        """Number the people without a phone, whose answers the facilitator enters: "Paper 1", "Paper 2"."""
        return {one.id: number for number, one in enumerate((one for one in self.people.values() if one.desk), 1)}

    def step_of(self, step_id: str) -> Step | None:
        """Give a step by its id."""
        return next((step for step in self.plan.steps if step.id == step_id), None)

    def response_of(self, person: str, step: str, number: int) -> Response | None:
        """Give what a person answered in a round of a step."""
        return self.responses.get((step, number), {}).get(person)

    def responded(self, step: str) -> int:
        """Count who has answered a step in any round, passing left out, or has spread dots in it."""
        people = {
            response.person
            for number in (1, 2)
            for response in self.responses.get((step, number), {}).values()
            if not response.passed
        }
        return len(people | {person for person, dots in self.dots.get(step, {}).items() if dots})

    def waiting(self, person: str | None = None) -> list[Question]:
        """List questions without an answer, in the order in which they came."""
        return [
            one
            for one in self.questions.values()
            if one.same not in self.answers and not one.taken_back and person in (None, one.person)
        ]

    def only_asked_by(self, question: Question) -> bool:
        """Tell whether nobody else asks what a question asks."""
        return not any(one.same == question.same for one in self.questions.values() if one is not question)

    def dots_by_item(self, step: str) -> dict[str, int]:
        """Add up everybody's dots."""
        total: Counter[str] = Counter()
        for dots in self.dots.get(step, {}).values():
            total.update(dots)
        return dict(total)

    # How it goes on.

    def apply(self, n: int, change: to.Change) -> None:
        """Take a change in. It was checked before it was written (`rules.why_not`)."""
        self.n = n
        for part in self._take(change):
            self.parts[part] = n

    def _take(self, change: to.Change) -> list[str]:  # noqa: PLR0915 - one branch a kind of change
        """Alter the state, and name the parts of pages that are altered."""
        match change:
            case to.Made():
                raise ValueError("a session is made once")
            case to.Opened():
                self.phase_of_life = "open"
                return ["status", "step", "screen", "control"]
            case to.Ended():
                self.phase_of_life, self.ended_on = "ended", change.on
                self.timer_ends = None
                return ["status", "step", "screen", "control"]
            case to.Joined():
                self.people[change.person] = Person(
                    change.person, change.token, change.nickname, change.table, change.desk
                )
                if change.token:
                    self.tokens[change.token] = change.person
                return ["control"]
            case to.Left():
                person = self.people[change.person]
                person.left = True
                self.tokens.pop(person.token, None)
                return ["control"]
            case to.Asked():
                self.questions[change.question] = Question(change.question, change.person, change.text, change.same)
                return ["questions", "control", f"mine:{change.person}"]
            case to.Answered():
                if not change.same:  # every question that it answered was taken back, and its words with them
                    return []
                self.answers[change.same] = change.answer
                alike = [one for one in self.questions.values() if one.same == change.same]
                screen = ["screen"] if any(one.was_shown for one in alike) else []  # whose voices it has shown too
                return ["questions", "control", *screen, *(f"mine:{one.person}" for one in alike)]
            case to.TookBack():
                question = self.questions[change.question]
                parts = ["questions", "control", *self._clear("question", question.id), f"mine:{question.person}"]
                if self.only_asked_by(question):
                    self.answers.pop(question.same, None)
                    parts += ["screen"] if question.was_shown else []  # whose voices it has shown too
                question.taken_back, question.text, question.same = True, "", ""
                return parts
            case to.PutAside():
                question = self.questions[change.question]
                question.aside = change.aside
                return ["questions", f"mine:{question.person}"]
            case to.Hid():
                return self._hide(change)
            case to.Responded():
                round_of = self.responses.setdefault((change.step, change.round), {})
                before = round_of.get(change.person)
                hidden = before is not None and before.hidden
                now = Response(change.person, change.fields, change.passed, hidden)
                round_of[change.person] = now
                shown = response_id(change.step, change.round, change.person)
                clear = [] if now == before else self._clear("answer", shown)  # these words nobody put on the screen
                return [f"step:{change.person}", *self._results_of(change.step), *clear]
            case to.Dotted():
                self.dots.setdefault(change.step, {})[change.person] = change.dots
                return [f"step:{change.person}", *self._results_of(change.step)]
            case to.Flagged():
                self.flags.setdefault(change.word, set()).add(change.person)
                on = self.item == "words" and change.word in self.released  # the most flagged come first there
                return ["words", *(["screen"] if on else [])]
            case to.RuleWritten():
                if change.rule in self.rules:
                    self.rules[change.rule].text = change.text
                    self.rules[change.rule].agreed = False
                else:
                    self.rules[change.rule] = Rule(change.rule, change.text, change.person)
                if not change.person:  # the facilitator's own hand
                    self.released.add(change.rule)
                mine = [f"step:{self.rules[change.rule].person}"]
                return ["rules", "control", *mine, *(["screen"] if self.item == "rules" else [])]
            case to.RuleAgreed():
                self.rules[change.rule].agreed = change.agreed
                return ["rules", *(["screen"] if self.item == "rules" else [])]
            case to.Moved():
                self.step, self.phase = change.step, change.phase
                self.item, self.item_id = "step", ""
                if change.phase == "read":
                    self.read.add(self.now.id)
                return [
                    "status",
                    "step",
                    "screen",
                    "control",
                    "answers",
                    "rules",
                    "words",
                    "questions",
                    *self._askers(),
                ]
            case to.Screened():
                self.item, self.item_id = change.item, change.id
                self.released = {one for one in change.released if one in self.rules or one in self.flags}
                self.shown_items.append((change.item, self.now.id, change.id))
                if change.item == "question":
                    self.questions[change.id].was_shown = True
                return ["screen", "control", "questions", "answers", "rules", "words", *self._askers()]
            case to.JoinDetails():
                self.join_details = change.shown
                return ["screen", "control"]
            case to.Paused():
                self.paused = change.paused
                return ["status", "step", "control"]
            case to.ResultsShown():
                (self.results.add if change.shown else self.results.discard)(change.step)
                return ["step", "screen", "answers", "control"]
            case to.TimerSet():
                self.timer_ends, self.timer_shown = change.ends, change.shown
                return ["status", "control"]
            case to.KeyMade():
                self.keys[change.role] = change.hash
                return ["control"]
            case _:
                assert_never(change)

    def _hide(self, change: to.Hid) -> list[str]:
        if change.what == "question":
            question = self.questions[change.id]
            question.hidden = change.hidden
            clear = self._clear("question", question.id) if change.hidden else []
            return ["questions", f"mine:{question.person}", *clear]
        if change.what == "rule":
            self.rules[change.id].hidden = change.hidden
            return ["rules", "screen"]
        if change.what == "word":
            (self.hidden_words.add if change.hidden else self.hidden_words.discard)(change.id)
            return ["words", "screen"]
        step, number, person = parse_response(change.id)
        self.responses[step, number][person].hidden = change.hidden
        clear = self._clear("answer", change.id) if change.hidden else []
        return ["answers", *clear]

    def _clear(self, item: str, item_id: str) -> list[str]:
        """Take a thing off the screen if it is there."""
        if (self.item, self.item_id) == (item, item_id):
            self.item, self.item_id = "nothing", ""
            return ["screen", "control"]
        return []

    def _results_of(self, step: str) -> list[str]:
        shown = ["step", "screen"] if step in self.results else []
        return ["answers", "control", *shown]

    def _askers(self) -> list[str]:
        return [f"mine:{one.person}" for one in self.questions.values()]


def response_id(step: str, number: int, person: str) -> str:
    """Name a response, for a facilitator's buttons."""
    return f"{step}/{number}/{person}"


def parse_response(written: str) -> tuple[str, int, str]:
    """Undo `response_id`. Raises ValueError."""
    step, number, person = written.split("/")
    return step, int(number), person
