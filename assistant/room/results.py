"""Count what people answered in a step, as everybody may see it: each count is of three people or more."""

from collections import Counter
from typing import Any

from assistant.room.activities import card_number, options_of, prompts_of
from assistant.room.plan import Prompt, Step
from assistant.room.quotes import Quotes
from assistant.room.state import FEWEST_SHOWN, Room
from corpus.errors import CorpusError

#: The room agreed on a card if so many of those who placed it placed it alike.
AGREED = 2 / 3


def results_of(room: Room, step: Step, quotes: Quotes) -> dict[str, Any] | None:
    """Count the answers of a step, of each question and round by itself, side by side for both rounds.

    What fewer than `FEWEST_SHOWN` people answered is left out: a count of one tells who it was. None where nothing is
    left. Whether the facilitator shows it is not looked at.
    """
    tables = []
    for prompt in prompts_of(step):
        counts = {number: _count(room, step, prompt, number) for number in (1, 2)}
        shown = {number: one for number, one in counts.items() if one.total() >= FEWEST_SHOWN}
        if not shown:
            continue
        last = list(shown.values())[-1]
        number = card_number(prompt)
        tables.append(
            {
                "label": prompt.label,
                "key": prompt.key,
                "card": number,
                "words": _words(step, number - 1, quotes) if number else "",
                "rounds": list(shown),
                "rows": [(label, [one[key] for one in shown.values()]) for key, label in options_of(prompt).items()],
                "agreed": max(last.values()) / last.total() >= AGREED,
            }
        )
    spread = sum(any(dots.values()) for dots in room.dots.get(step.id, {}).values())
    dots = room.dots_by_item(step.id) if spread >= FEWEST_SHOWN else {}
    if not tables and not dots:
        return None
    return {
        "title": step.title,
        "whose": step.whose,
        "tables": tables,
        "dots": [
            (int(item) + 1, _words(step, int(item), quotes), count) for item, count in sorted(dots.items()) if count
        ],
    }


def _count(room: Room, step: Step, prompt: Prompt, number: int) -> Counter[str]:
    options = options_of(prompt)
    return Counter(
        response.fields[prompt.key]
        for response in room.responses.get((step.id, number), {}).values()
        if response.fields.get(prompt.key) in options
    )


def _words(step: Step, number: int, quotes: Quotes) -> str:
    """Give the words of a step's quotation; nothing where the document no longer has them."""
    try:
        return quotes.find(step.spans[number]).words
    except (CorpusError, IndexError):
        return ""
