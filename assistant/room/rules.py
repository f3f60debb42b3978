"""What may happen in a session as it is: each change is held against it before it is written."""

from assistant.room import changes as to
from assistant.room.activities import options_of, prompts_of
from assistant.room.state import Room, parse_response

#: Ground rules and flagged words, of each device and of all; the facilitator may always write another rule.
MOST_RULES_EACH, MOST_RULES = 10, 300
MOST_FLAGS_EACH, MOST_FLAGS = 20, 1000
ENDED = "This session has ended."
NOT_NOW = "Answers are not taken at this moment. What you typed is still here."
PAUSED = "The session is paused. What you typed is still here; send it when it goes on."


def why_not(room: Room, change: to.Change) -> str | None:
    """Say to a person why a change cannot be made now; None where it can."""
    if room.phase_of_life == "ended":
        return ENDED
    match change:
        case to.Made():
            return "A session is made once."
        case to.Opened() if room.phase_of_life != "made":
            return "The session is open already."
        case to.Joined():
            if room.phase_of_life != "open" or change.person in room.people:
                return "Nobody can join now."
            if change.nickname and not room.nicknames:
                return "This session is without names."
        case to.Asked():
            return _who(room, change.person) or (
                "That question is there." if change.question in room.questions else None
            )
        case to.Left():
            return _who(room, change.person)
        case to.TookBack():
            question = room.questions.get(change.question)
            if question is None or question.person != change.person:
                return "That question is not yours."
            return "It was taken back already." if question.taken_back else None
        case to.Answered():
            if not any(one.same == change.same for one in room.waiting()):
                return "Nobody waits for that answer any more."
        case to.PutAside():
            return None if change.question in room.questions else "There is no such question."
        case to.Hid():
            return None if _is_there(room, change.what, change.id) else "That is not there."
        case to.Responded() | to.Dotted():
            return _who(room, change.person) or why_no_answer(room, change)
        case to.Flagged():
            mine = sum(change.person in people for people in room.flags.values())
            if mine >= MOST_FLAGS_EACH or (change.word not in room.flags and len(room.flags) >= MOST_FLAGS):
                return "So many words are flagged that no more are taken from here."
            return _who(room, change.person)
        case to.RuleWritten():
            if change.person:
                if change.rule in room.rules:
                    return "Only the facilitator changes a rule that is there."
                mine = sum(one.person == change.person for one in room.rules.values())
                if mine >= MOST_RULES_EACH or len(room.rules) >= MOST_RULES:
                    return "So many ground rules are suggested that no more are taken from here."
                return _who(room, change.person)
        case to.RuleAgreed():
            return None if change.rule in room.rules else "There is no such rule."
        case to.Moved():
            if change.step >= len(room.plan.steps) or change.phase not in room.plan.steps[change.step].phases:
                return "The plan has no such step."
        case to.Screened():
            return _why_not_on_screen(room, change)
        case to.ResultsShown():
            return None if room.step_of(change.step) else "The plan has no such step."
        case _:
            return None
    return None


def _who(room: Room, person: str) -> str | None:
    known = room.people.get(person)
    if known is None or known.left:
        return "This device is not in the session."
    return None


def _is_there(room: Room, what: str, item_id: str) -> bool:
    if what == "question":
        return item_id in room.questions
    if what == "rule":
        return item_id in room.rules
    if what == "word":
        return item_id in room.flags
    try:
        step, number, person = parse_response(item_id)
    except ValueError:
        return False
    return room.response_of(person, step, number) is not None


def why_no_answer(room: Room, change: to.Responded | to.Dotted) -> str | None:
    """Say why an answer to a step, or dots, cannot be taken now, whoever gives them; None where they can."""
    if room.phase_of_life != "open":
        return NOT_NOW
    if room.now.id != change.step:
        return "The session has moved on to another step. What you typed is kept on this device."
    if room.paused:
        return PAUSED
    if isinstance(change, to.Dotted):
        if not room.now.dots or room.phase == "read":
            return NOT_NOW
        allowed = {str(number) for number in range(len(room.now.spans))}
        if any(item not in allowed or count < 0 for item, count in change.dots.items()):
            return "There is no such quotation."
        if sum(change.dots.values()) > room.now.dots:
            return f"You have {room.now.dots} dots."
        return None
    if room.round != change.round:
        return NOT_NOW
    prompts = {prompt.key: prompt for prompt in prompts_of(room.now)}
    for key, said in change.fields.items():
        if key not in prompts:
            return "There is no such question in this step."
        if len(said) > to.MOST_ANSWER_CHARACTERS:
            return f"Please write at most {to.MOST_ANSWER_CHARACTERS} characters."
        if prompts[key].options and said not in options_of(prompts[key]):
            return "Please choose one of what is offered."
    return None


def _why_not_on_screen(room: Room, change: to.Screened) -> str | None:
    if change.item == "question":
        question = room.questions.get(change.id)
        if question is None or question.taken_back or question.hidden:
            return "That question is not there, or is hidden."
    elif change.item == "answer":
        if not _is_there(room, "answer", change.id):
            return "That answer is not there."
        step, number, person = parse_response(change.id)
        if room.responses[step, number][person].hidden:
            return "That answer is hidden."
    elif change.item == "quote" and change.id not in {str(n) for n in range(len(room.now.spans))}:
        return "The step has no such quotation."
    return None
