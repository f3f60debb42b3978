"""Load packs: steps on a theme, with quotations that are held against the document whenever they are opened.

A document's folder may hold `packs/`: a file for each pack, and `plans.toml`, the plans that are ready. What a pack
says itself is ours; what it quotes are spans, by their section and the exact words.
"""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from assistant.room.plan import Plan, Step
from assistant.room.quotes import Quotes, why_unbalanced
from corpus.errors import CorpusError
from corpus.frozen import Frozen
from corpus.library import Library
from corpus.load import LIBRARY, library_folders, read_manifest

FOLDER = "packs"
PLANS = "plans.toml"
CHECKLIST = "checklist.toml"


class Pack(Frozen):
    """Steps on a theme."""

    id: str
    document: str
    title: str
    about: str
    sections: tuple[str, ...]
    steps: tuple[Step, ...] = Field(min_length=1)

    def step(self, name: str) -> Step:
        """Give a step by its name in the pack. Raises CorpusError."""
        for step in self.steps:
            if step.id == _name(self.id, name):
                return step
        raise CorpusError(f"the pack {self.id} has no step {name!r}.")


class ReadyPlan(Frozen):
    """A plan to start from."""

    id: str
    about: str
    plan: Plan


class Packs:
    """All packs and ready plans of a library, each quotation of theirs found in its document."""

    def __init__(self, library: Library, folder: Path = LIBRARY) -> None:
        """Load what belongs to the documents of a library.

        Raises:
            CorpusError: a file is malformed, a quotation does not stand where it says, or a deck breaks a rule.
        """
        self.quotes = Quotes(library)
        self.packs: dict[str, Pack] = {}
        self.plans: dict[str, ReadyPlan] = {}
        self.checklist: tuple[str, ...] = ()
        here = {document.id for document in library.documents}
        for place in (one / FOLDER for one in library_folders(folder)):
            if place.is_dir() and (document := read_manifest(place.parent).id) in here:
                self._load(place, document)

    def _load(self, place: Path, document: str) -> None:
        for path in sorted(place.glob("*.toml")):
            if path.name not in (PLANS, CHECKLIST):
                pack = _pack(path, document)
                for step in pack.steps:
                    self._check(step, f"{path.name}, {step.id}")
                self.packs[pack.id] = pack
        for one in _read(place / PLANS).get("plan", ()):
            steps = []
            for name in one["steps"]:
                pack_id, _, step_name = name.partition("/")
                if pack_id not in self.packs:
                    raise CorpusError(f"{PLANS}: there is no pack {pack_id!r}.")
                steps.append(self.packs[pack_id].step(step_name))
            plan = Plan(title=one["title"], minutes=one["minutes"], steps=tuple(steps))
            self.plans[one["id"]] = ReadyPlan(id=one["id"], about=one["about"], plan=plan)
        self.checklist += tuple(_read(place / CHECKLIST).get("items", ()))

    def _check(self, step: Step, where: str) -> None:
        for span in step.spans:
            self.quotes.find(span)
        if why := why_unbalanced(step, self.quotes):
            raise CorpusError(f"{where}: {why}")

    @property
    def steps(self) -> dict[str, Step]:
        """Every step of every pack, by its id."""
        return {step.id: step for pack in self.packs.values() for step in pack.steps}


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CorpusError(f"{path} cannot be read: {error}") from None


def _pack(path: Path, document: str) -> Pack:
    written = _read(path)
    try:
        steps = [_with_document(step, path.stem, document) for step in written.pop("step", ())]
        return Pack.model_validate({**written, "id": path.stem, "document": document, "steps": steps})
    except ValidationError as error:
        raise CorpusError(f"{path.name}: {str(error).splitlines()[1:3]}") from None


def _with_document(step: dict[str, Any], pack: str, document: str) -> dict[str, Any]:
    """Write the document, which the folder says, into each span, and the pack into the step's id."""

    def span(one: dict[str, Any]) -> dict[str, Any]:
        return {"document": document, "section": one["section"], "words": one["words"]}

    return {
        **step,
        "id": _name(pack, step["id"]),
        "cards": [{"span": span(one), "home": one.get("home", "")} for one in step.get("cards", ())],
        "sides": [[span(one) for one in side["quotes"]] for side in step.get("sides", ())],
        "read": [span(one) for one in step.get("read", ())],
    }


def _name(pack: str, step: str) -> str:
    return f"{pack}-{step}".replace("_", "-")
