"""Read a question: refuse what is none, and tell which section, whose voice and what kind of answer it asks for."""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Literal

from assistant.reading.grammar import Grammar
from assistant.reading.intents import (
    count_of,
    is_small_talk,
    length_of,
    most_words,
    wants_list,
    wants_views,
    weighs,
)
from assistant.reading.parts import split_parts
from assistant.reading.voices import SAID, frame_of
from corpus.errors import QuestionRefused
from corpus.filters import Filters
from corpus.schema import Role

_QUOTE_WORDS = re.compile(
    r"\b(?:quot(?:e|es|ed|ation|ations|able)|read me|verbatim|(?:own|exact|actual|real|someone['’]?s|their) words"
    r"|hear it from|voices?|sound ?bites?"
    r"|(?:a|one) lines?|words (?:on|about|of)|on record|testimon\w+"
    r"|(?:somebody|someone) (?:saying|said|talking|complaining))\b",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W_]")


@dataclass(frozen=True)
class ParsedQuery:
    """What a question asks for."""

    text: str
    topic: str = ""  # what it is about, as far as that tells whether it is answered
    own: str = ""  # the same without what a follow-up takes from the questions before
    rewrites: tuple[str, ...] = ()  # ways of asking it that are searched for, the main one first
    filters: Filters = field(default_factory=Filters)
    wants_quotes: bool = False
    speakers: tuple[str, ...] = ()
    role: Role | None = None
    unknown_speakers: tuple[str, ...] = ()
    any_topic: bool = False
    weighs: bool = False  # whether it asks for a judgement, on which there may be more than one view
    wants_views: bool = False  # whether it asks for them outright
    wants_list: bool = False
    compared: tuple[Role, ...] = ()  # the sides that it names
    count: int | None = None  # how many quotes are asked for
    length: Literal["short", "long"] | None = None  # of the quotes asked for
    max_words: int | None = None  # of each quote asked for
    seen: frozenset[str] = frozenset()  # ids of passages that were shown already, where others are asked for
    small_talk: bool = False
    asks_who: bool = False  # whether it asks who a speaker really is
    parts: tuple[str, ...] = ()  # the questions that it consists of, if it asks several
    says_topic: bool = True  # whether any word of it says what it is about


def clean_question(question: str, max_characters: int) -> str:
    """Return the question as it will be searched.

    Raises:
        QuestionRefused: it is empty, too long, holds characters that are no text, or no letter or digit at all.
    """
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise QuestionRefused("the question holds half a character (a lone surrogate). Please type or paste it again.")
    if "\0" in question:
        raise QuestionRefused("the question holds a NUL byte, which is no text. Please type or paste it again.")
    cleaned = " ".join(unicodedata.normalize("NFC", question).split())
    if not cleaned:
        raise QuestionRefused("the question is empty. Please type one, in your own words.")
    if len(cleaned) > max_characters:
        raise QuestionRefused(
            f"the question has {len(cleaned):,} characters; at most {max_characters:,} are read. Please shorten it."
        )
    if not _LETTER.search(cleaned):
        raise QuestionRefused(f"there are no words in “{cleaned[:20]}”. Please ask in words.")
    return cleaned


def clean_history(history: tuple[str, ...], max_characters: int) -> tuple[str, ...]:
    """Return the earlier questions as they will be used; empty ones are left out. Raises QuestionRefused."""
    cleaned = []
    for number, entry in enumerate(history, start=1):
        if entry.strip():
            try:
                cleaned.append(clean_question(entry, max_characters))
            except QuestionRefused as error:
                raise QuestionRefused(f"earlier question {number}: {error}", field="history") from None
    return tuple(cleaned)


def read_question(text: str, grammar: Grammar) -> ParsedQuery:
    """Tell what a cleaned question asks for."""
    voices = grammar.voices
    named, unknown = voices.named(text)
    if _QUOTE_WORDS.search(text) or SAID.search(text) or "interview" in text.casefold():
        words = set(text.split())
        unknown += [f"{one} (one of the authors)" for one in grammar.authors if one.split()[-1] in words]
    wants_quotes = bool(_QUOTE_WORDS.search(text)) or bool(named)
    section = grammar.section_of(text)
    return ParsedQuery(
        text=text,
        filters=Filters(section=section),
        wants_quotes=wants_quotes,
        speakers=tuple(named),
        role=None if named else voices.role_of(text, wants_quotes=wants_quotes),
        unknown_speakers=tuple(unknown),
        any_topic=bool(named or section) and not grammar.topic_words(text),
        weighs=weighs(text),
        wants_views=wants_views(text),
        wants_list=wants_list(text),
        compared=() if named else tuple(voices.sides_in(text)),
        count=count_of(text) if wants_quotes else None,
        length=length_of(frame_of(text)),
        max_words=most_words(text),
        small_talk=is_small_talk(text),
        asks_who=grammar.asks_who(text),
        parts=split_parts(text),
    )


def carry_filters(asked: ParsedQuery, filters: Filters) -> ParsedQuery:
    """Add the filters that came with the query; they win over what the question seems to say."""
    if filters.speaker is not None:
        asked = replace(asked, speakers=(), role=None)
    if filters.role is not None:
        asked = replace(asked, role=None)
    return replace(asked, filters=filters | asked.filters)
