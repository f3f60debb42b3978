"""Say that the report does not say, why, and what is nearest: never with anything that looks like an answer."""

from assistant.cite import place_of
from assistant.framing import MOVED_ON, NOT_COVERED
from assistant.question import Asked
from assistant.retrieve import Scored, hits_of
from assistant.schema import Answer, Query
from corpus.schema import Document, Role

_NEAR = 0.05  # below this confidence nothing is near
_NAMES = {Role.PUBLIC: "public partner", Role.ACADEMIC: "academic researcher"}


def not_covered(query: Query, asked: Asked, found: list[Scored], confidence: float) -> Answer:
    """Say that nothing was found that answers, and for a voice that was asked for, that it is not quoted on this."""
    reason = "Nothing in it was found that answers this question."
    filters = query.filters
    if not found:
        wanted = [filters.section, filters.speaker, filters.kind, filters.role and _NAMES[filters.role]]
        reason = f"There is nothing in it with these filters: {', '.join(str(one) for one in wanted if one)}."
    elif asked.role or filters.role:
        who = _NAMES[filters.role or asked.role or Role.PUBLIC]
        where = f" in {filters.section or asked.filters.section}" if filters.section or asked.filters.section else ""
        reason = f"No quote by a {who} on this was found{where}.".replace("a academic", "an academic")
    elif asked.speakers:
        reason = (
            f"No quote by {' or '.join(asked.speakers)} on this was found. Nobody is linked to a project or a name."
        )
    return _refusal(query, found, confidence, reason, ())


def not_quoted(query: Query, asked: Asked, found: list[Scored], documents: tuple[Document, ...]) -> Answer:
    """Say that a speaker is not quoted, and who is."""
    known = ", ".join(speaker.label for document in documents for speaker in document.speakers)
    reason = f"{', '.join(asked.unknown_speakers)} is not quoted in it."
    return _refusal(query, found, 0.02, reason, (f"The people quoted are: {known}.",))


def _refusal(query: Query, found: list[Scored], confidence: float, reason: str, notices: tuple[str, ...]) -> Answer:
    places = [place_of(scored.passage.section, scored.passage.section_title) for scored in found]
    nearest = list(dict.fromkeys(places))[:3] if confidence > _NEAR else []
    return Answer(
        id=query.id,
        question=query.question,
        status="not_in_corpus",
        confidence=confidence,
        text=f"{NOT_COVERED} {reason}",
        citations=(),
        hits=hits_of(found),
        notices=(MOVED_ON, *notices),
        suggestions=tuple(f"Nearest section: {place}" for place in nearest),
    )
