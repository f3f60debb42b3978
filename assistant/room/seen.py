"""What each person in a session may see. `see` is the only way from the state to a page, a stream or a file of it.

It gives plain values, one for each part of a page. What is correct, who asked, who answered and every key stay behind.
"""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from assistant.room.activities import (
    VIEWS,
    card_key,
    card_number,
    has_cards_to_judge,
    hides_sections,
    hides_speakers,
    options_of,
    prompts_of,
)
from assistant.room.changes import KeptAnswer
from assistant.room.plan import Prompt, Step
from assistant.room.quotes import Cut, Quotes
from assistant.room.results import results_of
from assistant.room.state import FEWEST_SHOWN, Question, Response, Room, parse_response, response_id
from corpus.errors import CorpusError

Role = Literal["participant", "screen", "lead", "co"]
Part = dict[str, Any]


@dataclass(frozen=True)
class Viewer:
    """Who looks: a role, and for a participant which person."""

    role: Role
    person: str = ""


#: The parts of each role's page, and the parts of the state by whose number each is told to have changed.
PARTS: dict[Role, dict[str, tuple[str, ...]]] = {
    "participant": {
        "status": ("status",),
        "screen": ("screen",),
        "step": ("step", "step:{person}"),
        "mine": ("mine:{person}",),
    },
    "screen": {"status": ("status",), "screen": ("screen",)},
    "lead": {
        "status": ("status",),
        "control": ("control", "questions", "answers", "step", "screen"),
        "screen": ("screen",),
        "questions": ("questions",),
        "answers": ("answers", "step"),
        "rules": ("rules",),
        "words": ("words",),
    },
    "co": {},
}
PARTS["co"] = PARTS["lead"]


def version_of(room: Room, viewer: Viewer, part: str) -> int:
    """Give the number of the last change that altered a part of somebody's page."""
    names = (name.format(person=viewer.person) for name in PARTS[viewer.role][part])
    return max((room.parts.get(name, 1) for name in names), default=1)


def see(room: Room, viewer: Viewer, part: str, quotes: Quotes) -> Part:
    """Give a part of a page as somebody may see it."""
    if part not in PARTS[viewer.role]:
        raise KeyError(part)
    is_lead = viewer.role in ("lead", "co")
    if part == "status":
        return _status(room, with_timer=is_lead or room.timer_shown)
    if part == "screen":
        return _screen(room, quotes)
    if part == "step":
        return _step(room, viewer.person, quotes)
    if part == "mine":
        return {"questions": [_mine(room, one, quotes) for one in room.questions.values() if _is_of(one, viewer)]}
    if part == "control":
        return _control(room, quotes, viewer.role)
    if part == "questions":
        return _questions(room)
    if part == "answers":
        return _answers(room, quotes)
    if part == "rules":
        on = room.item == "rules"
        return {
            "rules": [
                _rule(one) | {"hidden": one.hidden, "on": on and one.id in room.released} for one in room.rules.values()
            ],
            "on": on,
        }
    return _words(room, quotes)


def _is_of(question: Question, viewer: Viewer) -> bool:
    return question.person == viewer.person and not question.taken_back


def _status(room: Room, *, with_timer: bool) -> Part:
    return {
        "life": room.phase_of_life,
        "title": room.plan.title,
        "step_title": room.now.title,
        "number": room.step + 1,
        "count": len(room.plan.steps),
        "phase": room.phase,
        "paused": room.paused,
        "timer": room.timer_ends if with_timer else None,
    }


def _quote(
    cut: Cut, number: int = -1, *, card: bool = False, no_speaker: bool = False, no_section: bool = False
) -> Part:
    """Show a quotation; where whose words they are is the question, with nothing that tells it.

    `card`: it is called a card by its number, because it is asked about.
    """
    shown: Part = {"words": cut.words, "number": number, "card": card, "kind": "interview" if no_speaker else cut.kind}
    if no_speaker:
        return shown | {"by": "", "address": ""}
    if no_section:
        return shown | {"by": f"— {cut.speaker}" if cut.speaker else "", "address": ""}
    return shown | {"by": cut.attribution, "address": cut.address}


def _quotes_of(room: Room, step: Step, quotes: Quotes) -> list[Part]:
    """Show the quotations of a step, numbered as its spans are; those that are read at the end only then."""
    told = step.id in room.read
    shown = []
    for number, span in enumerate(step.spans):
        if number >= len(step.spans) - len(step.read) and not told:
            continue
        try:
            cut = quotes.find(span)
        except CorpusError:  # the document is another since the session was made
            continue
        by_card = number < len(step.cards)
        shown.append(
            _quote(
                cut,
                number,
                card=by_card and has_cards_to_judge(step),
                no_speaker=by_card and hides_speakers(step) and not told,
                no_section=by_card and hides_sections(step) and not told,
            )
        )
    return shown


def _answer(answer: KeptAnswer | None, quotes: Quotes) -> Part | None:
    if answer is None:
        return None
    blocks: list[Part] = []
    for block in answer.blocks:
        if block.kind != "quotation":
            blocks.append({"kind": block.kind, "text": block.text})
            continue
        try:
            cut = quotes.cut(block.document, block.passage, block.start, block.end)
        except CorpusError:
            continue
        blocks.append({"kind": "quotation", "quote": _quote(cut)})
    return {"status": answer.status, "blocks": blocks, "notices": list(answer.notices)}


def _mine(room: Room, question: Question, quotes: Quotes) -> Part:
    on_screen = (room.item, room.item_id) == ("question", question.id)
    fate = "screen" if on_screen else "aside" if question.aside or question.hidden else "waiting"
    if fate == "waiting" and question.was_shown:
        fate = "shown"
    return {
        "id": question.id,
        "text": question.text,
        "fate": fate,
        "answer": _answer(room.answers.get(question.same), quotes),
    }


def _prompt(prompt: Prompt, response: Response | None) -> Part:
    return {
        "key": prompt.key,
        "card": card_number(prompt),
        "label": prompt.label,
        "options": [(option.key, option.label) for option in prompt.options],
        "value": response.fields.get(prompt.key, "") if response else "",
    }


def _said(step: Step, response: Response) -> list[tuple[str, str]]:
    """Give what somebody answered, in words, in the order of the step's questions."""
    said = []
    for prompt in prompts_of(step):
        if value := response.fields.get(prompt.key, ""):
            said.append((prompt.label, options_of(prompt).get(value, value)))
    return said


def _step(room: Room, person: str, quotes: Quotes) -> Part:
    step = room.now
    number = room.round
    mine = {one: room.response_of(person, step.id, one) for one in (1, 2)}
    now = mine[number] if number else None
    shown = _quotes_of(room, step, quotes)
    sides = []
    first = len(step.cards)
    for name, side in zip(VIEWS, step.sides, strict=False):
        numbers = range(first, first + len(side))
        first += len(side)
        sides.append({"name": name, "quotes": [one for one in shown if one["number"] in numbers]})
    return {
        "id": step.id,
        "kind": step.kind,
        "title": step.title,
        "text": step.text,
        "whose": step.whose,
        "phase": room.phase,
        "round": number,
        "takes": room.phase_of_life == "open" and not room.paused,
        "paused": room.paused,
        "two_rounds": step.two_rounds,
        "cards": [one for one in shown if one["number"] < len(step.cards)],
        "sides": sides,
        "read": [one for one in shown if one["number"] >= len(step.spans) - len(step.read)],
        "prompts": [_prompt(prompt, now) for prompt in prompts_of(step)] if number else [],
        "said": {str(one): _said(step, response) for one, response in mine.items() if response and not response.passed},
        "passed": bool(now and now.passed),
        "dots": _dots(room, step, person, shown) if step.dots else None,
        "rules": [one.text for one in room.rules.values() if one.person == person],
        "results": _results(room, step, quotes),
        "placing": _placing(step, quotes) if step.id in room.read else {},
        "told": _tells_speakers(room, step),
    }


def _dots(room: Room, step: Step, person: str, shown: list[Part]) -> Part:
    return {
        "most": step.dots,
        "mine": dict(room.dots.get(step.id, {}).get(person, {})),
        "over": [one for one in shown if one["number"] < len(step.spans) - len(step.read)],
    }


def _tells_speakers(room: Room, step: Step) -> bool:
    """Tell whether it is read out whose words the cards are."""
    return hides_speakers(step) and step.id in room.read


def _placing(step: Step, quotes: Quotes) -> dict[str, str]:
    """Say under which heading the document has each card of a deck for sorting: as the document says, not the plan."""
    if step.kind != "sort":
        return {}
    placed = {}
    for number, card in enumerate(step.cards):
        with suppress(CorpusError):  # the document is another since the session was made
            placed[card_key(number)] = quotes.find(card.span).section_title
    return placed


def _results(room: Room, step: Step, quotes: Quotes) -> Part | None:
    """Give the results of a step; None where they are not shown."""
    return results_of(room, step, quotes) if step.id in room.results else None


def _screen(room: Room, quotes: Quotes) -> Part:
    shown: Part = {"told": _tells_speakers(room, room.now) and room.item in ("step", "quote", "results")}
    shown |= {"item": room.item, "life": room.phase_of_life, "voices": _voices(room, quotes)}
    shown["join"] = room.join_details and room.phase_of_life == "open"
    if room.item == "step":
        step = room.now
        shown |= {"title": step.title, "text": step.text, "whose": step.whose, "phase": room.phase, "kind": step.kind}
    elif room.item in ("quote", "other"):
        shown |= {"quote": _on_screen(room, quotes), "silent": _silent(room, quotes)}
    elif room.item == "question":
        question = room.questions[room.item_id]
        shown |= {"text": question.text, "answer": _answer(room.answers.get(question.same), quotes)}
    elif room.item == "answer":
        step_id, number, person = parse_response(room.item_id)
        step = room.step_of(step_id) or room.now
        shown |= {
            "title": step.title,
            "whose": step.whose,
            "said": _said(step, room.responses[step_id, number][person]),
        }
    elif room.item == "rules":
        shown["rules"] = [_rule(one) for one in room.rules.values() if not one.hidden and one.id in room.released]
    elif room.item == "words":
        listed = _words(room, quotes)["words"]
        shown["words"] = [one for one in listed if one["on"] and not one["hidden"]]
    elif room.item == "results":
        shown |= {"results": _results(room, room.now, quotes), "title": room.now.title, "fewest": FEWEST_SHOWN}
        shown["whose"] = room.now.whose
        shown["placing"] = _placing(room.now, quotes) if room.now.id in room.read else {}
    return shown


def _on_screen(room: Room, quotes: Quotes) -> Part | None:
    if room.item == "quote":
        return next((one for one in _quotes_of(room, room.now, quotes) if one["number"] == int(room.item_id)), None)
    try:
        return _quote(quotes.whole(quotes.library.passage(room.item_id)))
    except (KeyError, CorpusError):
        return None


def _rule(rule: Any) -> Part:
    return {"id": rule.id, "text": rule.text, "agreed": rule.agreed}


def _voices(room: Room, quotes: Quotes) -> list[tuple[str, int]]:
    """Count whose voices the screen has shown so far: of each role how many people, the most first."""
    speakers: set[tuple[str, str]] = set()
    for item, step_id, item_id in room.shown_items:
        for cut in _cuts_shown(room, item, step_id, item_id, quotes):
            if cut.speaker and cut.role:
                speakers.add((cut.role, cut.speaker))
    count = Counter(role for role, _ in speakers)
    words = {role.id: role for document in quotes.library.documents for role in document.vocabulary.roles}
    return [(words[role].one if number == 1 else words[role].many, number) for role, number in count.most_common()]


def _cuts_shown(room: Room, item: str, step_id: str, item_id: str, quotes: Quotes) -> list[Cut]:
    try:
        if item == "quote":
            step = room.step_of(step_id)
            hidden = step is None or (hides_speakers(step) and step_id not in room.read)
            return [] if step is None or hidden else [quotes.find(step.spans[int(item_id)])]
        if item == "other":
            return [quotes.whole(quotes.library.passage(item_id))]
        if item == "question":
            answer = room.answers.get(room.questions[item_id].same)
            blocks = [one for one in answer.blocks if one.kind == "quotation"] if answer else []
            return [quotes.cut(one.document, one.passage, one.start, one.end) for one in blocks]
    except (CorpusError, KeyError, IndexError):
        return []
    return []


def _silent(room: Room, quotes: Quotes) -> list[str]:
    """Name the sides that the document does not quote in the sections of the step."""
    if not room.now.spans:
        return []
    roles = [role for document in quotes.library.documents for role in document.vocabulary.roles]
    return [role.one for role in roles if not quotes.others(room.now, role.id)]


def _control(room: Room, quotes: Quotes, role: Role) -> Part:
    step = room.now
    here = [one for one in room.people.values() if not one.left]
    roles = [one for document in quotes.library.documents for one in document.vocabulary.roles]
    hidden = hides_speakers(step) and step.id not in room.read
    others = (
        []
        if hidden
        else [
            (one.many, [_quote(cut) | {"id": cut.passage} for cut in quotes.others(step, one.id)[:6]]) for one in roles
        ]
    )
    return {
        "life": room.phase_of_life,
        "is_lead": role == "lead",
        "code": room.code,
        "people": len(here),
        "desk": sum(one.desk for one in here),
        "tables": sum(one.table for one in here),
        "responded": room.responded(step.id),
        "waiting": len(room.waiting()),
        "asked": sum(not one.taken_back for one in room.questions.values()),
        "step": room.step,
        "phase": room.phase,
        "phases": list(step.phases),
        "steps": [(number, one.title) for number, one in enumerate(room.plan.steps)],
        "step_id": step.id,
        "kind": step.kind,
        "title": step.title,
        "text": step.text,
        "whose": step.whose,
        "notes": step.notes.model_dump(),
        "quotes": _quotes_of(room, step, quotes),
        "item": room.item,
        "item_id": room.item_id,
        "rules": list(room.rules),
        "join_details": room.join_details,
        "results": step.id in room.results,
        "results_may": results_of(room, step, quotes) is not None,
        "has_results": bool(step.dots or any(one.options for one in prompts_of(step))),
        "fewest": FEWEST_SHOWN,
        "paused": room.paused,
        "timer": room.timer_ends,
        "timer_shown": room.timer_shown,
        "prompts": [_prompt(prompt, None) for prompt in prompts_of(step)] if room.round else [],
        "round": room.round,
        "papers": [(person, number, _has_answered(room, person, step)) for person, number in room.papers.items()],
        "dots": _dots(room, step, "", _quotes_of(room, step, quotes)) if step.dots and room.phase != "read" else None,
        "others": [(name, shown) for name, shown in others if shown],
        "silent": [] if hidden else _silent(room, quotes),
        "co": bool(room.keys.get("co")),
        "has_screen": bool(room.keys.get("screen")),
    }


def _has_answered(room: Room, person: str, step: Step) -> bool:
    """Tell whether an answer of this round was entered."""
    return bool(room.round) and room.response_of(person, step.id, room.round) is not None


def _questions(room: Room) -> Part:
    """Give the questions, those asked alike together, the newest first."""
    groups: dict[str, list[Question]] = {}
    for question in room.questions.values():
        if not question.taken_back:
            groups.setdefault(question.same, []).append(question)
    listed = []
    for same, alike in reversed(groups.items()):
        first = alike[0]
        answer = room.answers.get(same)
        cited = [one for one in answer.blocks if one.kind == "quotation"] if answer else []
        listed.append(
            {
                "id": first.id,
                "text": first.text,
                "count": len(alike),
                "status": answer.status if answer else "waiting",
                "quotations": len(cited),
                "aside": first.aside,
                "hidden": first.hidden,
                "on": (room.item, room.item_id) == ("question", first.id),
                "name": _nickname(room, first.person),
            }
        )
    return {"questions": listed}


def _nickname(room: Room, person: str) -> str:
    known = room.people.get(person)
    return known.nickname if known and room.nicknames else ""


def _words(room: Room, quotes: Quotes) -> Part:
    """Give the flagged words, the most flagged first, each with what it means where a glossary says so."""
    entries = [entry for one in quotes.library.entries for entry in one.glossary]
    listed = []
    for word, people in sorted(room.flags.items(), key=lambda one: (-len(one[1]), one[0])):
        named = word.casefold()
        entry = next((one for one in entries if named in {name.casefold() for name in (one.term, *one.also)}), None)
        listed.append(
            {
                "word": word,
                "count": len(people),
                "hidden": word in room.hidden_words,
                "on": room.item == "words" and word in room.released,
                "meaning": entry.meaning if entry else "",
                "defined": bool(entry and entry.defined_by == "report"),
            }
        )
    return {"words": listed, "on": room.item == "words"}


def _answers(room: Room, quotes: Quotes) -> Part:
    """Give what was answered in the step so far, in both rounds, in an order that tells nothing of when."""
    step = room.now
    given = []
    passed = 0
    for number in (1, 2):
        for person, response in sorted(room.responses.get((step.id, number), {}).items()):
            if response.passed:
                passed += 1
                continue
            given.append(
                {
                    "id": response_id(step.id, number, person),
                    "round": number,
                    "said": _said(step, response),
                    "hidden": response.hidden,
                    "paper": room.papers.get(person, 0),
                    "table": room.people[person].table,
                    "on": (room.item, room.item_id) == ("answer", response_id(step.id, number, person)),
                }
            )
    results = _results(room, step, quotes)
    return {"step": step.id, "title": step.title, "given": given, "passed": passed, "results": results}
