"""What stands on sheets of paper and in Word files: blocks in reading order, the same for both."""

from dataclasses import dataclass
from typing import Literal

from assistant.room.activities import VIEWS, card_number, has_cards_to_judge, hides_speakers, prompts_of
from assistant.room.changes import KeptBlock
from assistant.room.plan import Plan, Span, Step
from assistant.room.quotes import Cut, Quotes
from assistant.room.state import Room
from corpus.errors import CorpusError
from corpus.library import Library

OURS = "Our words, not the report’s."
TRAINERS = "Written by the trainer."
#: What stands in place of a quotation that the document does not have any more.
NOT_FOUND = "A quotation stood here. It is no longer found in the report."
Layout = Literal["plain", "small", "large"]


def whose(step: Step) -> str:
    """Say whose words a step's own are."""
    return TRAINERS if step.whose == "trainer" else OURS


@dataclass(frozen=True)
class Block:
    """A part of a sheet.

    `quote` and `card` hold exact words with whose they are (`by`) and the reference. `heading`, `text`, `item` and
    `line` (a line to write on) are ours, or a participant's.
    """

    kind: Literal["heading", "text", "item", "line", "quote", "card", "mat", "break"]
    text: str = ""
    by: str = ""
    reference: str = ""
    level: int = 2


@dataclass(frozen=True)
class Sheet:
    """A sheet with a title. `layout`: of its cards, eight or two a page."""

    title: str
    blocks: tuple[Block, ...]
    layout: Layout = "plain"


def heading(text: str, level: int = 2) -> Block:
    """Make a heading."""
    return Block("heading", text, level=level)


def text(words: str) -> Block:
    """Make a paragraph."""
    return Block("text", words)


def quote(cut: Cut, *, card: bool = False, with_speaker: bool = True) -> Block:
    """Make a quotation; on a card for guessing, without whose words it is."""
    by = cut.attribution if with_speaker else ""
    return Block("card" if card else "quote", cut.words, by, cut.reference if with_speaker else "")


def found(quotes: Quotes, span: Span) -> Cut | None:
    """Cut a span; None where the document is another since the plan was made."""
    try:
        return quotes.find(span)
    except CorpusError:
        return None


def kept(quotes: Quotes, block: KeptBlock) -> Cut | None:
    """Cut a quotation of a kept answer; None where the document is another since it was given."""
    try:
        return quotes.cut(block.document, block.passage, block.start, block.end)
    except CorpusError:
        return None


def quote_or_say(cut: Cut | None, *, with_speaker: bool = True) -> Block:
    """Make a quotation, or say that it is no longer there."""
    return text(NOT_FOUND) if cut is None else quote(cut, with_speaker=with_speaker)


def cards_of(step: Step, quotes: Quotes, layout: Layout) -> Sheet:
    """Give the quotations of a step as cards; whose words they are, where it is guessed, follows on a last page."""
    hidden, name = hides_speakers(step), "Card" if has_cards_to_judge(step) else "Quotation"
    cuts = [quotes.find(span) for span in step.spans]
    played = cuts[: len(step.cards)] if hidden else cuts
    blocks = [
        Block(
            "card",
            cut.words,
            f"Card {number}" if hidden else f"{name} {number} {cut.attribution}",
            "" if hidden else cut.reference,
        )
        for number, cut in enumerate(played, start=1)
    ]
    if hidden:
        blocks += [Block("break"), heading("Who said it: for the facilitator")]
        blocks += [Block("item", f"Card {number}: {cut.attribution}") for number, cut in enumerate(played, start=1)]
        blocks += [text("The report identifies nobody: a speaker is a letter or a number.")]
        blocks += [text(one) for one in dict.fromkeys(cut.reference for cut in played)]
    return Sheet(f"Quote cards: {step.title}", tuple(blocks), layout)


def all_cards(library: Library, quotes: Quotes, layout: Layout) -> Sheet:
    """Give every quotation of everybody who was interviewed as a card, whole."""
    cuts = [quotes.whole(passage) for passage in library.passages if passage.speaker]
    return Sheet("Quote cards: everybody who is quoted", tuple(quote(cut, card=True) for cut in cuts), layout)


def mats_of(step: Step) -> Sheet:
    """Give a mat for each heap of a deck for sorting, one a page, and one to name."""
    names = [*(theme.title for theme in step.themes), "A heap of our own: ______________________"]
    return Sheet(f"Sort mats: {step.title}", tuple(Block("mat", name) for name in names))


def activity(step: Step, quotes: Quotes) -> Sheet:
    """Give a step as a sheet for a table: what it is about, the quotations, and lines to write on."""
    blocks = [heading(step.title), text(step.text), text(whose(step))]
    hidden = hides_speakers(step)
    for number, card in enumerate(step.cards, start=1):
        blocks += [text(f"Card {number}")] if has_cards_to_judge(step) else []
        blocks.append(quote_or_say(found(quotes, card.span), with_speaker=not hidden))
    for name, side in zip(VIEWS, step.sides, strict=False):
        blocks += [heading(name, 3), *(quote_or_say(found(quotes, span)) for span in side)]
    if step.kind == "ground_rules":
        blocks += [heading("Our ground rules", 3), *[Block("line")] * 8]
    for prompt in prompts_of(step):
        if card_number(prompt):
            continue
        options = "  ".join(f"☐ {option.label}" for option in prompt.options)
        blocks += [text(f"{prompt.label}  {options}".strip()), *([] if options else [Block("line"), Block("line")])]
    return Sheet(step.title, tuple(one for one in blocks if one.text or one.kind == "line"))


def handout(plan: Plan, quotes: Quotes) -> Sheet:
    """Give one page about a session for everybody: its steps, and one quotation of each."""
    blocks = [heading(plan.title), text("Our steps today. What is quoted are exact words of the report.")]
    for number, step in enumerate(plan.steps, start=1):
        blocks += [heading(f"{number}. {step.title}", 3)]
        blocks += [text(step.text)] if step.text else []
        blocks.append(text(whose(step)))
        cuts = [cut for span in step.spans if (cut := found(quotes, span))]
        shortest = min(cuts, key=lambda cut: len(cut.words), default=None)
        if shortest is not None and not hides_speakers(step):
            blocks.append(quote(shortest))
    return Sheet(f"Handout: {plan.title}", tuple(blocks))


def notes(plan: Plan, checklist: tuple[str, ...]) -> Sheet:
    """Give the facilitator's notes of each step, and the checklist."""
    blocks = [heading(f"Notes: {plan.title}")]
    for number, step in enumerate(plan.steps, start=1):
        one = step.notes
        blocks += [heading(f"{number}. {step.title}", 3), text(whose(step))]
        blocks += [text(f"Say: {one.say}")] if one.say else []
        blocks += [text(f"Minutes: {one.alone} alone, {one.pairs} in pairs, {one.table} at the table.")]
        blocks += [text(f"Often hard: {one.hard}")] if one.hard else []
        blocks += [text(f"Take care: {one.care}")] if one.care else []
    if checklist:
        blocks += [heading("Checklist", 3), text(OURS), *(Block("item", f"☐ {item}") for item in checklist)]
    return Sheet(f"Facilitator’s notes: {plan.title}", tuple(blocks))


def join_sheet(title: str, enter: str, code: str) -> Sheet:
    """Give a sheet for the wall and the tables: how people join."""
    return Sheet(
        f"How to join: {title}",
        (
            heading(title),
            text("Open this address in your phone’s browser:"),
            Block("mat", enter),
            text("Type this code:"),
            Block("mat", f"{code[:3]} {code[3:]}"),
            text("No account and no name. You can also take part on paper: ask for the cards."),
        ),
    )


def summary(room: Room, quotes: Quotes) -> Sheet:
    """Give what a session came to. No names, times of day or devices; what was hidden is only counted."""
    blocks = [heading(room.plan.title)]
    blocks.append(text(f"{len(room.people)} took part. What is quoted are exact words of the report."))
    blocks += _rules(room)
    for step in room.plan.steps:
        blocks += _step(room, step, quotes)
    blocks += _questions(room, quotes)
    if room.flags:
        blocks += [heading("Words that were flagged as jargon")]
        shown = {word: people for word, people in room.flags.items() if word not in room.hidden_words}
        blocks += [Block("item", f"{word} ({len(people)})") for word, people in sorted(shown.items())]
    hidden = (
        len(room.hidden_words)
        + sum(one.hidden for one in room.questions.values())
        + sum(one.hidden for one in room.rules.values())
        + sum(one.hidden for of in room.responses.values() for one in of.values())
    )
    aside = sum(one.aside for one in room.questions.values())
    blocks += [heading("Left out"), text(f"{hidden} hidden, {aside} put aside.")]
    return Sheet(f"Summary: {room.plan.title}", tuple(blocks))


def rows_of(room: Room, step: Step) -> list[tuple[str, str, str]]:
    """Pair what each person answered in both rounds: question, first, second; in an order that tells nothing."""
    labels = {prompt.key: prompt for prompt in prompts_of(step)}
    rows = []
    for key, prompt in labels.items():
        options = {option.key: option.label for option in prompt.options}
        pairs = []
        people = {person for number in (1, 2) for person in room.responses.get((step.id, number), {})}
        for person in people:
            said = []
            for number in (1, 2):
                response = room.response_of(person, step.id, number)
                value = response.fields.get(key, "") if response and not response.hidden else ""
                said.append(options.get(value, value))
            if any(said):
                pairs.append((said[0], said[1]))
        rows += [(prompt.label, first, second) for first, second in sorted(pairs)]
    return rows


def not_answered(room: Room) -> list[str]:
    """List the questions that the report does not answer, each once."""
    found: dict[str, str] = {}
    for one in room.questions.values():
        answer = room.answers.get(one.same)
        if answer is not None and answer.status == "not_in_corpus" and not (one.hidden or one.taken_back):
            found.setdefault(one.same, one.text)
    return list(found.values())


def _rules(room: Room) -> list[Block]:
    shown = [one for one in room.rules.values() if not one.hidden]
    if not shown:
        return []
    return [
        heading("Our ground rules"),
        *(Block("item", f"{one.text}{' (agreed)' if one.agreed else ''}") for one in shown),
    ]


def _step(room: Room, step: Step, quotes: Quotes) -> list[Block]:
    rows = rows_of(room, step)
    dots = room.dots_by_item(step.id)
    if not rows and not dots:
        return []
    blocks = [heading(step.title)]
    before = ""
    for question, first, second in rows:
        if question != before:
            blocks.append(heading(question, 3))
            before = question
        both = f"{first or '—'}  →  {second}" if second else first
        blocks.append(Block("item", both))
    for item, count in sorted(dots.items()):
        if count:
            blocks += [quote_or_say(found(quotes, step.spans[int(item)])), text(f"{count} dots")]
    return blocks


def _questions(room: Room, quotes: Quotes) -> list[Block]:
    blocks: list[Block] = []
    seen: set[str] = set()
    for question in room.questions.values():
        if question.hidden or question.taken_back or question.aside or question.same in seen:
            continue
        seen.add(question.same)
        blocks.append(heading(question.text, 3))
        answer = room.answers.get(question.same)
        for block in answer.blocks if answer else ():
            if block.kind == "quotation":
                blocks.append(quote_or_say(kept(quotes, block)))
            elif block.text:
                blocks.append(text(block.text))
        if answer is None:
            blocks.append(text("Not answered before the session ended."))
    missing = not_answered(room)
    if missing:
        blocks += [heading("What the report does not answer"), *(Block("item", one) for one in missing)]
    return [heading("Questions"), *blocks] if blocks else []
