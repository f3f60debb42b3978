"""Say in plain words how an answer came about: what it matched on, how sure it is, whose voices it shows."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from assistant.answering.own_words import ORDER_LEFT_OUT, QUOTES_ONLY, about_topic, whom_to_turn_to
from assistant.answering.select import Selected
from assistant.quoting.cite import place_of
from assistant.quoting.framing import STANDING_NOTICE
from assistant.reading.parts import own_words
from assistant.reading.question import ParsedQuery
from assistant.reading.tokenize import tokenize
from assistant.schema import Citation, Notice
from corpus.library import Library
from corpus.schema import Kind, Passage

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_MOST_WORDS = 8
_MOST_UNDERSTOOD = 300  # characters


def say_standing(selected: Sequence[Selected], library: Library) -> Notice:
    """Say what is said with every answer, and with every answer from the documents shown."""
    notes = library.standing_notes_of(one.passage.document_id for one in selected)
    return Notice(kind="standing", text=" ".join([STANDING_NOTICE, *notes]))


def say_understood(parsed: ParsedQuery) -> Iterator[Notice]:
    """Say what was taken for the question, where much more was written."""
    if parsed.long and parsed.understood:
        words = plain_words(parsed.understood)
        words = words if len(words) <= _MOST_UNDERSTOOD else words[:_MOST_UNDERSTOOD].rpartition(" ")[0] + " …"
        yield Notice(kind="understood", text=f"You ask: {words}?" if words[-1].isalnum() else f"You ask: {words}")


def say_beside(parsed: ParsedQuery, help_file: Path | None) -> Iterator[Notice]:
    """Say what is to be said of what stood beside the question; whom to turn to, where it may be distress."""
    if "distress" in parsed.beside:
        yield Notice(kind="help", text=whom_to_turn_to(help_file))
    if "order" in parsed.beside:
        yield Notice(kind="beside", text=ORDER_LEFT_OUT)
    if "about_tool" in parsed.beside:
        yield Notice(kind="beside", text=about_topic(parsed).says)


def say_form(parsed: ParsedQuery, citations: Sequence[Citation], library: Library) -> Iterator[Notice]:
    """Say that nothing is rewritten, where that is asked for, with our plain words of the section if there are some."""
    if not parsed.forms & {"summary", "plain"}:
        return
    for one in citations[:1]:
        plain = library.plain_words.get((one.document_id, one.section))
        yield Notice(kind="form", text=f"{QUOTES_ONLY} {'In our own plain words: ' + plain if plain else ''}".strip())


def say_how(parsed: ParsedQuery, selected: Sequence[Selected], confidence: float) -> Notice:
    """Say which words of the question stand in what is shown, and how sure the answer is."""
    around = " ".join(_shown_around(one.passage) for one in selected)
    matched = matched_words(parsed.rewrites or (parsed.text,), around)
    how = (
        f"Matched on your words: {', '.join(matched)}."
        if matched
        else "Matched by meaning: none of your words stand in the passages shown."
    )
    share = round(10 * confidence)
    out_of = "Nearly all such answers show" if share >= 10 else f"About {share} of 10 such answers show"
    return Notice(kind="how", text=f"{how} {out_of} what was asked for.")


def matched_words(rewrites: Sequence[str], text: str) -> list[str]:
    """Give the words of a question that stand in a text, in any form, as they were asked."""
    stems = set(tokenize(text))
    words = [(word, own) for rewrite in rewrites for word, own in _with_stems(rewrite) if not word.isdigit()]
    return _once((word, own) for word, own in words if set(own) <= stems)


def _with_stems(text: str) -> Iterator[tuple[str, list[str]]]:
    """Give the words of a text with their stems; one that comes again, once."""
    return ((word, tokenize(word)) for word in dict.fromkeys(_WORD.findall(text)) if len(word) > 1)


def _once(words: Iterable[tuple[str, list[str]]]) -> list[str]:
    """Give the first words that have stems, each stem once, as they were asked."""
    found: dict[str, str] = {}
    for word, own in words:
        if own:
            found.setdefault(" ".join(own), word)
    return list(found.values())[:_MOST_WORDS]


def _shown_around(passage: Passage) -> str:
    """Give the words of a passage and around it; what introduces a record is ours, and stands nowhere."""
    lead_in = "" if passage.record else passage.lead_in
    return " ".join([*passage.path, lead_in, passage.text, passage.speaker or ""])


def plain_words(text: str) -> str:
    """Give words that are not ours as they can stand in a sentence of ours: without quotation or question marks."""
    return re.sub(r"[“”\">]", "", text).strip(" ?.!,;")


def say_voices(citations: Sequence[Citation], parsed: ParsedQuery, library: Library) -> Iterator[Notice]:
    """Say whose voices are shown, and where only some sides of a document were heard, which one is missing."""
    quotes = [citation for citation in citations if citation.kind is Kind.INTERVIEW]
    if not quotes:
        return
    shown = {role: len({quote.speaker for quote in quotes if quote.role == role}) for role in library.quoted_by_role}
    parts = [_count(count, role, library) for role, count in shown.items() if count]
    yield Notice(kind="voices", text=f"Voices shown: {join_words(parts)}.")
    if parsed.role or parsed.speakers or parsed.filters.role or parsed.filters.speaker:
        return
    places = dict.fromkeys((quote.document_id, quote.section) for quote in quotes)
    for role, words in library.roles.items():
        if shown.get(role):
            continue
        # A document that has nobody of a role at all is not silent about them.
        asked = [(one, section) for one, section in places if role in library.document(one).roles]
        silent = [
            section
            for document_id, section in asked
            if all(passage.role != role for passage in library.quotes_in(document_id, section))
        ]
        if asked and len(silent) == len(asked):
            yield Notice(kind="silent", text=f"No {words.one} is quoted in {' or '.join(silent)}.")


def join_words(parts: Sequence[str], joint: str = "and") -> str:
    """Join words as a sentence does: "one", "one and another", "one, another and a third"."""
    return ", ".join(parts[:-1]) + (f" {joint} " if len(parts) > 1 else "") + parts[-1] if parts else ""


def _count(number: int, role: str, library: Library) -> str:
    words = library.roles[role]
    return f"{number} {words.one if number == 1 else words.many}"


def say_all(parsed: ParsedQuery, citations: Sequence[Citation]) -> Iterator[Notice]:
    """Say that all that somebody said is shown, and how much it is."""
    if parsed.wants_everything and citations:
        where = f" in {parsed.filters.section}" if parsed.filters.section else ""
        count = f"The only quote{where}" if len(citations) == 1 else f"All {len(citations)} quotes{where}"
        yield Notice(kind="all", text=f"{count} by {plain_words(parsed.speakers[0])}, in the order of the report.")


def say_theme(theme: Passage | None, parsed: ParsedQuery, library: Library) -> Iterator[Notice]:
    """Say that whoever is asked for is not quoted in the section that is nearest to the theme, though others are."""
    if theme is None or parsed.any_topic:
        return
    inside = library.quotes_in(theme.document_id, theme.section)
    who = plain_words(" or ".join(parsed.speakers)) or f"No {library.roles[parsed.role or ''].one}"
    heard = any(passage.speaker in parsed.speakers or passage.role == parsed.role for passage in inside)
    if inside and not heard:
        where = plain_words(place_of(theme.section, theme.section_title))
        isnt = "is not" if parsed.speakers else "is"
        text = f"{who} {isnt} quoted in the section nearest to this, {where}: what is shown is from others."
        yield Notice(kind="elsewhere", text=text)


def say_labels(parsed: ParsedQuery, citations: Sequence[Citation], library: Library) -> Iterator[Notice]:
    """Say that nobody's label tells whether they are a carer, a patient … where that was asked for."""
    words = library.roles.get(parsed.role or "")
    found = words and words.kinds_pattern.search(parsed.text)
    if words and found and words.kinds_note and any(citation.speaker for citation in citations):
        yield Notice(kind="label", text=words.kinds_note.format(word=found.group().casefold()))


def say_missing(parsed: ParsedQuery, missing: Sequence[str], *, partial: bool) -> Iterator[Notice]:
    """Say for which parts of a question nothing was found, or that the answer may not be all of it."""
    if missing:
        parts = "; ".join(plain_words(own_words(one, parsed.parts)) for one in missing)
        yield Notice(kind="missing", text=f"Nothing was found for this part of your question: {parts}.")
    elif partial:
        yield Notice(kind="partial", text="This may not be all of it.")
    if parsed.unknown_speakers:
        who = plain_words(", ".join(parsed.unknown_speakers))
        yield Notice(kind="unknown_speaker", text=f"{who} is not quoted in the report.")


def say_of_documents(parsed: ParsedQuery, selected: Sequence[Selected], library: Library) -> Iterator[Notice]:
    """Say what documents want said: beside several records of their table, and on a topic."""
    for document_id in dict.fromkeys(one.passage.document_id for one in selected):
        vocabulary = library.document(document_id).vocabulary
        if (
            vocabulary.table
            and vocabulary.table.note
            and len(selected) > 1
            and all(one.passage.record for one in selected)
        ):
            yield Notice(kind="table", text=vocabulary.table.note)
        yield from (Notice(kind="topic", text=one.note) for one in vocabulary.notes if one.is_due(parsed.text))
