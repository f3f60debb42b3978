"""Write quotations for flashcards and spreadsheets, a step for a Moodle question bank, and a summary as a table."""

import csv
import io
import re
from collections.abc import Sequence

from assistant.quoting.export.cells import guard_cell
from assistant.quoting.visible import in_one_line, visible
from assistant.room.activities import options_of, prompts_of
from assistant.room.exports.sheets import NOT_FOUND, found, kept, rows_of, whose
from assistant.room.plan import Step
from assistant.room.quotes import Quotes
from assistant.room.seen import Viewer, see
from assistant.room.state import Room

#: What has a meaning of its own in GIFT.
_GIFT = re.compile(r"([\\~=#{}:])")
#: Equal shares that Moodle takes, by how many options there are.
_SHARES = {2: "50", 3: "33.33333", 4: "25", 5: "20", 6: "16.66667"}


def write_cards_csv(step: Step, quotes: Quotes) -> str:
    """Write a step's quotations: the words, whose they are, section, role and reference."""
    rows = [("words", "speaker", "role", "section", "section title", "reference")]
    for span in step.spans:
        cut = quotes.find(span)
        rows.append((cut.words, cut.speaker or "", cut.role or "", cut.section, cut.section_title, cut.reference))
    return _csv(rows)


def write_gift(step: Step, quotes: Quotes) -> str:
    """Write a step in Moodle's GIFT format: cards to judge as questions with options, all else as essays.

    What a card is from is feedback, never a mark: each option has an equal share, since none is right.
    """
    written = [
        f"// {in_one_line(step.title)}. Quotations are exact words. All else: {whose(step)} No answer is right: "
        "set the default mark to 0."
    ]
    name = _gift(in_one_line(step.title))
    for number, prompt in enumerate(prompts_of(step), start=1):
        is_card = prompt.key.startswith("card-")
        cut = quotes.find(step.cards[number - 1].span) if is_card else None
        asked = in_one_line(cut.words) if cut else in_one_line(f"{step.text} {prompt.label}")
        title = f"::{name} {number}:: {_gift(asked)}"
        if prompt.options:
            share = _SHARES.get(len(prompt.options), "0")
            told = f"#{_gift(in_one_line(cut.attribution))}" if cut else ""
            choices = " ".join(f"~%{share}%{_gift(label)}{told}" for label in options_of(prompt).values())
            written.append(f"{title} {{{choices}}}")
        else:
            written.append(f"{title} {{}}")
    return "\n\n".join(written) + "\n"


def write_summary_csv(room: Room, quotes: Quotes) -> str:
    """Write what a session came to as a table: part, what was asked, first, second, reference."""
    rows = [("part", "about", "asked", "first", "second", "reference")]
    shown = [one for one in room.rules.values() if not one.hidden]
    rows += [("ground rule", "", one.text, "agreed" if one.agreed else "suggested", "", "") for one in shown]
    for step in room.plan.steps:
        rows += [("answer", step.title, asked, first, second, "") for asked, first, second in rows_of(room, step)]
        for item, count in sorted(room.dots_by_item(step.id).items()):
            cut = found(quotes, step.spans[int(item)])
            words, by = (cut.words, cut.attribution) if cut else (NOT_FOUND, "")
            rows.append(("dots", step.title, words, str(count), "", by))
    listed = see(room, Viewer("lead"), "questions", quotes)["questions"]
    texts = {one["id"]: one for one in listed if not one["hidden"] and not one["aside"]}
    for question in room.questions.values():
        if question.id not in texts:
            continue
        answer = room.answers.get(question.same)
        cited = [one for one in answer.blocks if one.kind == "quotation"] if answer else []
        for block in cited:
            cut = kept(quotes, block)
            words, by = (cut.words, cut.attribution) if cut else (NOT_FOUND, "")
            rows.append(("question", "", question.text, words, "", by))
        if not cited:
            said = " ".join(one.text for one in answer.blocks) if answer else "not answered"
            rows.append(("question", "", question.text, said, "", ""))
    flagged = {word: people for word, people in room.flags.items() if word not in room.hidden_words}
    rows += [("flagged word", "", word, str(len(people)), "", "") for word, people in sorted(flagged.items())]
    return _csv(rows)


def _csv(rows: Sequence[tuple[str, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([[guard_cell(visible(cell)) for cell in row] for row in rows])
    return "\ufeff" + out.getvalue()


def _gift(words: str) -> str:
    return _GIFT.sub(r"\\\1", words)
