"""Read a query as it stands in its conversation: what it asks for, whose voice it keeps, and how it is searched for."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from assistant.reading.follow_up import Standing, own_words_of, spell_out, stand_alone
from assistant.reading.intents import asks_who
from assistant.reading.parts import without_asides
from assistant.reading.question import (
    ParsedQuery,
    carry_filters,
    check_filters,
    clean_history,
    clean_question,
    read_question,
    topic_words,
)
from assistant.reading.tokenize import tokenize
from assistant.reading.voices import VOICES, role_of, topic_of
from assistant.schema import Citation, Query
from corpus.schema import Document, Role

_NEIGHBOUR = re.compile(
    r"\b(?:the (?:one|section|part|bit) (after|before)|the (next|previous) (?:one|section|part|bit))\b", re.IGNORECASE
)
_SOMEBODY = re.compile(r"\b(?:that one|this one|that person|they|he|she)\b", re.IGNORECASE)


def read_query(
    query: Query,
    documents: tuple[Document, ...],
    *,
    max_characters: int,
    repair: Callable[[str], str],
    shown: tuple[Citation, ...] = (),
) -> ParsedQuery:
    """Tell what a query asks for, and the ways of saying it that are searched for, the main one first.

    Args:
        query: The question with the earlier ones of its conversation.
        documents: Know the speakers and sections.
        max_characters: Longer questions are refused.
        repair: Mends the spelling of a question.
        shown: What the question before was answered with; see `leans_on_shown`.

    Raises:
        QuestionRefused: the question cannot be asked.
        UnknownName: a filter names a section, speaker or document that does not exist.
    """
    history = clean_history(query.history, max_characters)
    whole = clean_question(query.question, max_characters)
    asked_for = _without_asides(whole)
    question, asked, standing = _in_conversation(asked_for, history, documents, repair)
    query = check_filters(query.model_copy(update={"question": question, "history": history}), documents)
    if standing.keeps_voice:
        asked = _keep(asked, question, history, standing, documents, shown)
    own = bool(own_words_of(question)) or not standing.earlier
    ways = [
        standing.text,
        question if own else "",
        topic_of(question) if own else "",
        standing.earlier if standing.earlier in standing.text else "",
    ]
    if asked_for != whole:
        ways.append(whole)
    rewrites = [way for way in ways if tokenize(way)] or [standing.text]
    rewrites = [spelt for way in rewrites for spelt in (repair(way), way)]
    # Whose words are wanted says nothing of whether the report covers what they should be about.
    topic = topic_of(standing.text) if asked.speakers else standing.text
    anything = bool(asked.speakers or asked.filters.section) and not topic_words(standing.text)
    asked = replace(
        asked,
        text=standing.text,
        topic=repair(topic),
        own=repair(question) if standing.earlier and own_words_of(question) else repair(topic),
        rewrites=tuple(dict.fromkeys(rewrites)),
        any_topic=asked.any_topic or anything or (standing.wants_more and bool(asked.speakers)),
    )
    return carry_filters(asked, query.filters)


def leans_on_shown(
    question: str, history: tuple[str, ...], documents: tuple[Document, ...], repair: Callable[[str], str]
) -> bool:
    """Tell whether a cleaned question can only be read with what the one before was answered with.

    It asks for other words than those, or of somebody who was only named there.
    """
    question, asked, standing = _in_conversation(_without_asides(question), history, documents, repair)
    if not standing.keeps_voice:
        return False
    return standing.wants_more or (standing.same_person and _speaks_of_shown(question, asked, history, documents))


def _speaks_of_shown(
    question: str, asked: ParsedQuery, history: tuple[str, ...], documents: tuple[Document, ...]
) -> bool:
    """Tell whether the person of whom a follow-up speaks is named nowhere in the conversation."""
    if asked.speakers or asked.role or asked.unknown_speakers or _side_named_first(question):
        return False
    return not any(read_question(entry, documents).speakers for entry in history)


def _in_conversation(
    question: str, history: tuple[str, ...], documents: tuple[Document, ...], repair: Callable[[str], str]
) -> tuple[str, ParsedQuery, Standing]:
    """Read a question with whom and where it names by half, and as it stands after the earlier ones."""
    question = spell_out(question, history, [one.label for document in documents for one in document.speakers])
    question = _spell_out_section(question, history, documents)
    return question, _read_mended(question, documents, repair), stand_alone(question, history)


def _without_asides(question: str) -> str:
    """Leave out what a person tells of themselves, unless it alone says what the question is about."""
    rest = without_asides(question)
    return rest if VOICES.search(rest) or topic_words(rest) else question


def _read_mended(question: str, documents: tuple[Document, ...], repair: Callable[[str], str]) -> ParsedQuery:
    """Read a question; whose voice it asks for may only be plain once its spelling is mended."""
    asked = read_question(question, documents)
    if asked.speakers or asked.role or (mended := repair(question)) == question:
        return asked
    again = read_question(mended, documents)
    return replace(
        asked, speakers=again.speakers, role=again.role, wants_quotes=asked.wants_quotes or again.wants_quotes
    )


def _keep(
    asked: ParsedQuery,
    question: str,
    history: tuple[str, ...],
    standing: Standing,
    documents: tuple[Document, ...],
    shown: tuple[Citation, ...],
) -> ParsedQuery:
    """Give a follow-up what it leaves out of the question before: the voice, that quotes are wanted, what was shown."""
    if not (asked.speakers or asked.role or asked.unknown_speakers):
        role = _side_named_first(question)
        if role:
            asked = replace(asked, role=role)
        elif standing.same_person and _speaks_of_shown(question, asked, history, documents):
            speakers = tuple(dict.fromkeys(one.speaker for one in shown if one.speaker))
            asked = replace(asked, speakers=speakers[:1], wants_quotes=asked.wants_quotes or bool(speakers))
        elif voiced := next(
            (earlier for earlier in _latest_first(history, documents) if earlier.speakers or earlier.role), None
        ):
            asked = replace(
                asked,
                speakers=voiced.speakers,
                role=voiced.role,
                wants_quotes=voiced.wants_quotes or asked.wants_quotes,
            )
    if VOICES.search(question) and not own_words_of(question):
        asked = replace(asked, wants_quotes=True)  # of the other side
    if asked.length or asked.max_words or standing.wants_more:
        asked = replace(asked, wants_quotes=asked.wants_quotes or read_question(history[-1], documents).wants_quotes)
    if standing.wants_more:
        asked = replace(asked, seen=frozenset(one.passage_id for one in shown))
    if len(asked.speakers) == 1 and asks_who(_SOMEBODY.sub(asked.speakers[0], question, count=1)):
        asked = replace(asked, asks_who=True)
    return asked


def _latest_first(history: tuple[str, ...], documents: tuple[Document, ...]) -> Iterator[ParsedQuery]:
    return (read_question(entry, documents) for entry in reversed(history))


def _side_named_first(question: str) -> Role | None:
    """Give the side that a follow-up names before anything else: "did the academics get anything out of it?"."""
    match = VOICES.search(question)
    if match is None or own_words_of(question[: match.start()]):
        return None
    return role_of(question, wants_quotes=True)


def _spell_out_section(question: str, history: tuple[str, ...], documents: tuple[Document, ...]) -> str:
    """Name the section that stands next to the one that was last asked for: "and the one after?"."""
    match = _NEIGHBOUR.search(question)
    sections = [section for document in documents for section in document.sections]
    named = (read_question(entry, documents).filters.section for entry in reversed(history))
    last = next((section for section in named if section), None) if match else None
    if match is None or last is None:
        return question
    level = next(len(section.path) for section in sections if section.id == last)
    ids = [section.id for section in sections if len(section.path) == level]
    step = 1 if (match[1] or match[2]).casefold() in ("after", "next") else -1
    place = ids.index(last) + step
    return f"What is in section {ids[place]}?" if 0 <= place < len(ids) else question
