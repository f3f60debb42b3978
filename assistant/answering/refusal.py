"""Say that the report does not say, why, and what is nearest: never with anything that looks like an answer."""

from assistant.answering.notices import ROLE_NAMES, plain_words
from assistant.finding.retriever import Candidate, Evidence, hits_of
from assistant.finding.signals import Signals
from assistant.quoting.cite import place_of
from assistant.quoting.framing import EXAMPLES, NOT_COVERED, SMALL_TALK
from assistant.reading.question import ParsedQuery, topic_words
from assistant.schema import Answer, Query
from corpus.expand import NotCovered
from corpus.schema import Document, Role

_NOT_THE_PLACE = "This is not the place for practical or personal matters."
_NOTHING_KNOWN = 0.99  # the share of words that stand nowhere in the documents
_NEAR = 0.05  # below this confidence nothing is near


def not_covered(
    query: Query, asked: ParsedQuery, found: Evidence, confidence: float, standing: tuple[str, ...]
) -> Answer:
    """Say that nothing was found that answers, and why; of a voice asked for, that it is not quoted on this."""
    filters = query.filters
    notices: tuple[str, ...] = ()
    if not found.passages:
        wanted = [filters.section, filters.speaker, filters.kind, filters.role and ROLE_NAMES[filters.role][1]]
        given = [str(one) for one in wanted if one]
        together = " Nothing has them all: take one away and ask again." if len(given) > 1 else ""
        reason = f"There is nothing with these filters: {', '.join(given)}.{together}"
    elif asked.role or filters.role:
        who = ROLE_NAMES[filters.role or asked.role or Role.PUBLIC][0]
        where = f" in {filters.section or asked.filters.section}" if filters.section or asked.filters.section else ""
        reason = f"No {who} was found speaking of this{where}."
    elif asked.speakers:
        reason = f"No quote by {plain_words(' or '.join(asked.speakers))} on this was found."
    else:
        reason, notices = _why(found.uncovered, found.signals)
    return _refusal(query, found.passages, confidence, reason, (*notices, *standing))


def _why(near: NotCovered | None, signals: Signals) -> tuple[str, tuple[str, ...]]:
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
        help_there = (f"{_NOT_THE_PLACE} Who may help: {near.place}.",) if near.place else ()
        return "It is about co-production and public involvement in health and social care research.", help_there
    if near.kind == "false_premise":
        return "The question may take for granted something that the report does not say.", ()
    reason = f"It does not cover this. The question seems to be about: {near.topic}."
    if near.kind == "practical":
        somewhere = near.place or "the organisation that you are involved with, or whoever runs your project"
        return reason, (f"{_NOT_THE_PLACE} Who may help: {somewhere}.",)
    return reason, ()


def not_quoted(
    query: Query, asked: ParsedQuery, found: Evidence, documents: tuple[Document, ...], standing: tuple[str, ...]
) -> Answer:
    """Say that a speaker is not quoted, and who is."""
    known = ", ".join(plain_words(speaker.label) for document in documents for speaker in document.speakers)
    reason = f"{plain_words(', '.join(asked.unknown_speakers))} is not quoted in it."
    who = f"The people quoted are: {known}." if known else "Nobody is quoted in it by a label."
    about = found.passages if topic_words(query.question) else []
    return _refusal(query, about, 0.02, reason, (who, *standing), show_nearest=True)


def not_there(query: Query, found: Evidence, reason: str, standing: tuple[str, ...]) -> Answer:
    """Say that what is asked for by name or number is not there."""
    return _refusal(query, found.passages, 0.02, reason, standing, show_nearest=True)


def small_talk(query: Query) -> Answer:
    """Answer a greeting, and whoever asks what this is, with what can be asked."""
    return Answer(
        id=query.id,
        question=query.question,
        status="not_in_corpus",
        confidence=0.02,
        text=SMALL_TALK,
        citations=(),
        hits=(),
        notices=(),
        suggestions=tuple(f"For example: {example}" for example in EXAMPLES),
    )


def not_named(query: Query, found: Evidence, standing: tuple[str, ...]) -> Answer:
    """Say that nobody who was interviewed is named, nor linked to a project."""
    reason = (
        "The people who were interviewed are known only by a label, such as Public partner B. "
        "It gives no names, and links nobody to a project, a place or a condition beyond their own words."
    )
    return _refusal(query, found.passages, 0.02, reason, standing)


def _refusal(
    query: Query,
    found: list[Candidate],
    confidence: float,
    reason: str,
    notices: tuple[str, ...],
    *,
    show_nearest: bool = False,
) -> Answer:
    # Without quotation marks: those are for exact words with their citation.
    places = [plain_words(place_of(scored.passage.section, scored.passage.section_title)) for scored in found]
    nearest = list(dict.fromkeys(places))[:3] if show_nearest or confidence > _NEAR else []
    return Answer(
        id=query.id,
        question=query.question,
        status="not_in_corpus",
        confidence=confidence,
        text=f"{NOT_COVERED} {reason}",
        citations=(),
        hits=hits_of(found),
        notices=notices,
        suggestions=tuple(f"Nearest section: {place}" for place in nearest),
    )
