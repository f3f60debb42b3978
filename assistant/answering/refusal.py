"""Say that the report does not say, why, and what is nearest: never with anything that looks like an answer."""

from collections.abc import Iterable

from assistant.answering.compose import make_answer, refusal_blocks
from assistant.answering.notices import plain_words
from assistant.finding.retriever import Candidate, Evidence
from assistant.finding.signals import Signals
from assistant.quoting.cite import place_of
from assistant.reading.question import ParsedQuery
from assistant.schema import Answer, Notice, Query, Suggestion
from corpus.expand import NotCovered
from corpus.library import Library

_NOT_THE_PLACE = "This is not the place for practical or personal matters."
_NOTHING_KNOWN = 0.99  # the share of words that stand nowhere in the documents
_NEAR = 0.05  # below this confidence nothing is near


def not_covered(query: Query, parsed: ParsedQuery, evidence: Evidence, confidence: float, library: Library) -> Answer:
    """Say that nothing was found that answers, and why; of a voice asked for, that it is not quoted on this."""
    filters = query.filters
    notes: tuple[Notice, ...] = ()
    role = filters.role or parsed.role
    if not evidence.candidates:
        many = library.roles[filters.role].many if filters.role in library.roles else filters.role
        given = [str(one) for one in (filters.section, filters.speaker, filters.kind, many) if one]
        together = " Nothing has them all: take one away and ask again." if len(given) > 1 else ""
        reason = f"There is nothing with these filters: {', '.join(given)}.{together}"
    elif role in library.roles:
        section = filters.section or parsed.filters.section
        reason = f"No {library.roles[role].one} was found speaking of this{f' in {section}' if section else ''}."
    elif parsed.speakers:
        reason = f"No quote by {plain_words(' or '.join(parsed.speakers))} on this was found."
    else:
        reason, notes = _why(evidence.uncovered, evidence.signals, library)
    return refuse(query, evidence.candidates, reason, library, confidence=confidence, notes=notes)


def _why(near: NotCovered | None, signals: Signals, library: Library) -> tuple[str, tuple[Notice, ...]]:
    """Say what the question seems to be about, and for a practical or personal matter what kind of place helps."""
    if near is None:
        return "Nothing in it was found that answers this question.", ()
    if signals.get("words_unknown", 0) > _NOTHING_KNOWN and (near.kind == "instruction" or not near.place):
        return "None of these words are known here. Please ask in other words, and look for slips of typing.", ()
    if near.kind == "instruction":
        return (
            "This reads like an instruction. Questions about the report are answered; instructions are not followed.",
            (),
        )
    if near.kind == "far":
        help_there = _help(near.place) if near.place else ()
        return library.covers or "It is about something else.", help_there
    if near.kind == "false_premise":
        return "The question may take for granted something that the report does not say.", ()
    reason = f"It does not cover this. The question seems to be about: {near.topic}."
    if near.kind == "practical":
        return reason, _help(near.place or "the organisation that you are involved with, or whoever runs your project")
    return reason, ()


def _help(place: str) -> tuple[Notice, ...]:
    return (Notice(kind="help", text=f"{_NOT_THE_PLACE} Who may help: {place}."),)


def refuse(
    query: Query,
    candidates: list[Candidate],
    reason: str,
    library: Library,
    *,
    confidence: float = 0.02,
    notes: Iterable[Notice] = (),
    show_nearest: bool = False,
) -> Answer:
    """Say that the report does not say, and why; where something is near, in which sections."""
    # Without quotation marks: those are for exact words with their citation.
    nearest: dict[str, Suggestion] = {}
    for one in candidates if show_nearest or confidence > _NEAR else ():
        passage = one.passage
        place = plain_words(place_of(passage.section, passage.section_title))
        nearest.setdefault(
            place,
            Suggestion(
                kind="section",
                text=f"Nearest section: {place}",
                target=passage.section,
                document_id=passage.document_id,
            ),
        )
    standing = (Notice(kind="standing", text=note) for note in library.standing_notes)
    return make_answer(
        query,
        "not_in_corpus",
        confidence,
        refusal_blocks(reason),
        candidates,
        (*notes, *standing),
        list(nearest.values())[:3],
    )
