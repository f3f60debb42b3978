"""What each kind of step asks, and what of it must not be told before it is read out together."""

from assistant.room.plan import CANNOT_TELL, OWN_HEAP, Option, Prompt, Step

VIEWS = ("One view", "Another view", "A third view")
_SURE = tuple(
    Option(key=str(number), label=label)
    for number, label in enumerate(("Not sure at all", "A little sure", "Half and half", "Quite sure", "Very sure"), 1)
)


#: What steps ask, by where they are in memory: it is looked up for every answer that is shown.
_ASKED: dict[int, tuple[Step, tuple[Prompt, ...]]] = {}
_MOST_KEPT = 1000


def prompts_of(step: Step) -> tuple[Prompt, ...]:
    """List what a step asks: of each card, where it has cards to judge, and then what the plan asks besides."""
    kept = _ASKED.get(id(step))
    if kept is None or kept[0] is not step:
        if len(_ASKED) >= _MOST_KEPT:
            _ASKED.clear()
        kept = _ASKED[id(step)] = (step, _prompts(step))
    return kept[1]


def _prompts(step: Step) -> tuple[Prompt, ...]:
    if step.kind == "who_said":
        sides = (*(Option(key=one.key, label=one.title) for one in step.themes), _option(CANNOT_TELL, "Cannot tell"))
        return (*_each_card(step, sides), *step.prompts)
    if step.kind == "sort":
        heaps = (*(Option(key=one.key, label=one.title) for one in step.themes), _option(OWN_HEAP, "A heap of our own"))
        own = Prompt(key="own-name", label="What do you call the heap of your own?")
        return (*_each_card(step, heaps), own, *step.prompts)
    if step.kind == "two_views" and not step.prompts:
        views = tuple(_option(f"view-{number}", name) for number, name in enumerate(VIEWS[: len(step.sides)], start=1))
        return (
            Prompt(
                key="nearer", label="Which is nearer to you now?", options=(*views, _option("depends", "It depends"))
            ),
            Prompt(key="would-do", label="What would you do?"),
        )
    if step.kind == "scenario" and not step.prompts:
        return (
            Prompt(key="would-do", label="What would you do?"),
            Prompt(key="who-decides", label="Who decides?"),
            Prompt(key="who-missing", label="Who is missing?"),
        )
    if step.kind == "closing" and not step.prompts:
        return (
            Prompt(key="before", label="How sure did I feel about this subject before today?", options=_SURE),
            Prompt(key="now", label="How sure do I feel now?", options=_SURE),
            Prompt(key="one-thing", label="One thing I will do"),
            Prompt(key="missing", label="What was missing?"),
            Prompt(
                key="take-part",
                label="Could I take part fully?",
                options=(_option("yes", "Yes"), _option("partly", "Partly"), _option("no", "No")),
            ),
        )
    return step.prompts


def options_of(prompt: Prompt) -> dict[str, str]:
    """Give the labels of a prompt's options by their keys."""
    return {option.key: option.label for option in prompt.options}


def card_key(number: int) -> str:
    """Name a card in an answer: by its number in the step, which tells nothing of it."""
    return f"card-{number}"


def card_number(prompt: Prompt) -> int:
    """Give the number that is printed on the card that a prompt asks of, from 1; 0 where it asks of none."""
    kind, _, number = prompt.key.partition("-")
    return int(number) + 1 if kind == "card" and number.isdigit() else 0


def has_cards_to_judge(step: Step) -> bool:
    """Tell whether each card of a step is asked about."""
    return step.kind in ("who_said", "sort")


def hides_speakers(step: Step) -> bool:
    """Tell whether whose words they are is the question."""
    return step.kind == "who_said"


def hides_sections(step: Step) -> bool:
    """Tell whether where they stand is the question."""
    return step.kind in ("who_said", "sort")


def _each_card(step: Step, options: tuple[Option, ...]) -> tuple[Prompt, ...]:
    return tuple(
        Prompt(key=card_key(number), label=f"Card {number + 1}", options=options) for number in range(len(step.cards))
    )


def _option(key: str, label: str) -> Option:
    return Option(key=key, label=label)
