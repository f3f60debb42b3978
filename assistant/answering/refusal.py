"""Say that the report does not say, what was looked for, and the nearest that it does say, labelled as only that."""

from collections.abc import Callable, Iterable, Sequence

from assistant.answering.compose import make_answer, quote_nearest, refusal_blocks
from assistant.answering.notices import join_words, matched_words, plain_words
from assistant.answering.select import Selected
from assistant.finding.prepared import Match
from assistant.finding.retriever import Candidate, Evidence
from assistant.quoting.cite import place_of
from assistant.reading.question import ParsedQuery
from assistant.schema import Answer, Notice, Query, Suggestion
from corpus.expand import NotCovered
from corpus.library import Library
from corpus.schema import Kind

_NOT_THE_PLACE = "This is not the place for practical or personal matters."
_NOTHING_KNOWN = 0.99  # the share of words that stand nowhere in the documents
_NEAR = 0.05  # below this confidence nothing is near
_LACKING = 0.03  # the confidence of saying that something known to be wanted is not there
_NEAREST = 5  # candidates among which the nearest sentence is looked for
_LONGEST_QUOTE = 60  # words; a quote is whole, and a longer one is not shown where nothing was found


def not_covered(
    query: Query,
    parsed: ParsedQuery,
    evidence: Evidence,
    confidence: float,
    library: Library,
    unsaid: Callable[[str], Sequence[str]],
) -> Answer:
    """Say that nothing was found that answers, and why; of a voice asked for, that it is not quoted on this.

    `unsaid` gives the words of a question that the documents do not have in any form.
    """
    filters = query.filters
    notes: tuple[Notice, ...] = ()
    nearest: Selected | None = None
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
        reason, notes, nearest = _why(parsed, evidence, confidence, library, unsaid(parsed.text))
    return refuse(query, evidence.candidates, reason, library, confidence=confidence, notes=notes, nearest=nearest)


def lacking(query: Query, match: Match, evidence: Evidence, library: Library) -> Answer:
    """Say what the report does not say, by its name, and quote the nearest true sentence where there is one."""
    near = next(iter(match.answer.quotes), None)
    nearest = Selected(library.passage(near.passage_id), near.span) if near else None
    table = library.document(match.answer.document_id).vocabulary.table
    reason = f"It does not say {plain_words(match.answer.lacks)}."
    if not match.is_given and table:  # something of a record, though hardly this
        reason = f"It lists this {table.one}, but does not say that of it."
    return refuse(query, evidence.candidates, reason, library, confidence=_LACKING, nearest=nearest)


def _why(
    parsed: ParsedQuery, evidence: Evidence, confidence: float, library: Library, unsaid: Sequence[str]
) -> tuple[str, tuple[Notice, ...], Selected | None]:
    """Say what was looked for, and for a practical or personal matter what kind of place helps."""
    near = evidence.uncovered
    if evidence.signals.get("words_unknown", 0) > _NOTHING_KNOWN:
        return "None of these words are known here. Please ask in other words, and look for slips of typing.", (), None
    if near is not None and near.kind in ("far", "practical"):
        reason = (library.covers or "It is about something else.") if near.kind == "far" else _unsaid(unsaid)
        return reason, _help(near), None
    selected, mentioned = nearest_sentence(parsed, evidence)
    if selected and mentioned:
        return f"It mentions {join_words(mentioned)}, but was not found to say what you ask.", (), selected
    return _unsaid(unsaid), (), selected if confidence > _NEAR else None


def _unsaid(words: Sequence[str]) -> str:
    if not words:
        return "Nothing in it was found that answers this question."
    return f"It does not mention {join_words([plain_words(word) for word in words], 'or')}."


def nearest_sentence(parsed: ParsedQuery, evidence: Evidence) -> tuple[Selected | None, list[str]]:
    """Give the nearest sentence, and the words of the question, of those that few passages hold, that stand in it."""
    best: tuple[int, float, Selected, list[str]] | None = None
    for one in evidence.candidates[:_NEAREST]:
        passage = one.passage
        if passage.kind is Kind.INTERVIEW:
            spans = [(passage.start, passage.end)] if len(passage.text.split()) <= _LONGEST_QUOTE else []
        else:
            spans = list(passage.sentences)
        for number, (start, end) in enumerate(spans):
            text = passage.text[start - passage.start : end - passage.start]
            words = [word for word in matched_words((parsed.topic,), text) if evidence.is_rare(word)]
            near = one.sentences[number] if number < len(one.sentences) else -1.0
            if best is None or (len(words), near) > best[:2]:
                best = (len(words), near, Selected(passage, (start, end)), words)
    return (best[2], best[3]) if best else (None, [])


def _help(near: NotCovered) -> tuple[Notice, ...]:
    place = near.place
    if near.kind == "practical":
        place = place or "the organisation that you are involved with, or whoever runs your project"
    return (Notice(kind="help", text=f"{_NOT_THE_PLACE} Who may help: {place}."),) if place else ()


def refuse(
    query: Query,
    candidates: list[Candidate],
    reason: str,
    library: Library,
    *,
    confidence: float = 0.02,
    notes: Iterable[Notice] = (),
    show_nearest: bool = False,
    nearest: Selected | None = None,
) -> Answer:
    """Say that the report does not say, and why; where something is near, in which sections, and the nearest of it."""
    standing = (Notice(kind="standing", text=note) for note in library.standing_notes)
    shown = candidates if show_nearest or nearest or confidence > _NEAR else []
    return make_answer(
        query,
        "not_in_corpus",
        confidence,
        [*refusal_blocks(reason), *(quote_nearest(nearest, library) if nearest else ())],
        candidates,
        (*notes, *standing),
        nearest_sections(shown),
    )


def nearest_sections(candidates: Sequence[Candidate]) -> list[Suggestion]:
    """Offer the sections in which something near stands, three at most."""
    # Without quotation marks: those are for exact words with their citation.
    found: dict[str, Suggestion] = {}
    for one in candidates:
        passage = one.passage
        place = plain_words(place_of(passage.section, passage.section_title))
        suggestion = Suggestion(
            kind="section", text=f"Nearest section: {place}", target=passage.section, document_id=passage.document_id
        )
        found.setdefault(place, suggestion)
    return list(found.values())[:3]
