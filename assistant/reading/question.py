"""Read a question: refuse what is none, and tell which section, whose voice and what kind of answer it asks for."""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Literal

from assistant.reading.intents import (
    FOR_USE,
    LENGTH,
    asks_who,
    count_of,
    is_small_talk,
    length_of,
    most_words,
    wants_list,
    wants_views,
    weighs,
)
from assistant.reading.parts import split_parts
from assistant.reading.tokenize import tokenize
from assistant.reading.voices import BY_ROLE, SAID, VOICES, frame_of, named_speakers, role_of, unquoted
from assistant.schema import Filters, Query
from corpus.errors import QuestionRefused, UnknownName
from corpus.schema import Document, Kind, Role

_QUOTE_WORDS = re.compile(
    r"\b(?:quot(?:e|es|ed|ation|ations|able)|read me|verbatim|(?:own|exact|actual|real|someone['’]?s|their) words"
    r"|hear it from|voices?|sound ?bites?"
    r"|(?:a|one) lines?|words (?:on|about|of)|on record|testimon\w+"
    r"|(?:somebody|someone) (?:saying|said|talking|complaining))\b",
    re.IGNORECASE,
)
SECTION = re.compile(
    r"\b(?:section|part)\s+([AB](?:\.\d+)?(?:\.[ivx]+)?|\d+(?:\.\d+)*)\b|\b([AB]\.\d(?:\.[ivx]+)?)\b", re.IGNORECASE
)
_SECTION_ON = re.compile(
    r"\b(?:section|part|chapter)\s+(?:on|about|called|titled|headed)\s+(.+)|\bthe\s+(.{3,60}?)\s+(?:section|chapter)\b",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W_]")
SAYS_NOTHING = frozenset(
    tokenize(
        "quote quotes quotation quotations say said says saying tell told talk give show find read get need want see "
        "anything something everything all any line lines bit words voice voices interview interviews section part "
        "longest shortest long short brief full two three four five six one some "
        "comment comments remark remarks contribution contributions opinion opinions view views pls plz interviewer "
        "interviewers interviewed own people exactly people tells saying speak speaks spoke share shared "
        "report list please thing things contain contains include included mention mentioned thank thanks hello hi hey "
        "cheers bye goodbye ok okay great lovely good morning afternoon evening welcome nice"
    )
)


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
    both_sides: bool = False  # whether the words of both sides of the research are asked for
    count: int | None = None  # how many quotes are asked for
    length: Literal["short", "long"] | None = None  # of the quotes asked for
    max_words: int | None = None  # of each quote asked for
    seen: frozenset[str] = frozenset()  # ids of passages that were shown already, where others are asked for
    small_talk: bool = False
    asks_who: bool = False  # whether it asks who a speaker really is
    parts: tuple[str, ...] = ()  # the questions that it consists of, if it asks several


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
        raise QuestionRefused("the question is empty. Please type one, for example: What makes power equal in a team?")
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


def read_question(text: str, documents: tuple[Document, ...]) -> ParsedQuery:
    """Tell what a cleaned question asks for."""
    known = {speaker.label: speaker for document in documents for speaker in document.speakers}
    named, unknown = named_speakers(text, set(known))
    if _QUOTE_WORDS.search(text) or SAID.search(text) or "interview" in text.casefold():
        authors = [author for document in documents for author in document.authors]
        unknown += [f"{author}, of the project team," for author in authors if author.split()[-1] in text.split()]
    wants_quotes = bool(_QUOTE_WORDS.search(text)) or bool(named)
    role = None if named else role_of(text, wants_quotes=wants_quotes)
    return ParsedQuery(
        text=text,
        filters=Filters(section=_section(text, documents)),
        wants_quotes=wants_quotes,
        speakers=tuple(named),
        role=role,
        unknown_speakers=tuple(unknown),
        any_topic=bool(named or _section(text, documents)) and not topic_words(text),
        weighs=weighs(text),
        wants_views=wants_views(text),
        wants_list=wants_list(text),
        both_sides=all(voice.search(unquoted(text)) for voice in BY_ROLE.values()) and not named,
        count=count_of(text) if wants_quotes else None,
        length=length_of(frame_of(text)),
        max_words=most_words(text),
        small_talk=is_small_talk(text),
        asks_who=asks_who(text),
        parts=split_parts(text),
    )


def topic_words(text: str) -> list[str]:
    """Give the words of a question that say what it is about: no voices, sections or words of asking."""
    rest = FOR_USE.sub(" ", LENGTH.sub(" ", SECTION.sub(" ", VOICES.sub(" ", text))))
    return [word for word in tokenize(rest) if word not in SAYS_NOTHING and not word.isdigit() and len(word) > 1]


def check_filters(query: Query, documents: tuple[Document, ...]) -> Query:
    """Bring a query's filters to the names that the documents use.

    Raises:
        UnknownName: a section, speaker or document that does not exist; the message names those that do.
    """
    filters = query.filters
    if filters.speaker is not None:
        speakers = [speaker.label for document in documents for speaker in document.speakers]
        filters = filters.model_copy(update={"speaker": find_name(filters.speaker, speakers, "speaker")})
    if filters.section is not None:
        sections = [section.id for document in documents for section in document.sections]
        filters = filters.model_copy(update={"section": find_name(filters.section, sections, "section")})
    if filters.document_id is not None:
        ids = [document.id for document in documents]
        filters = filters.model_copy(update={"document_id": find_name(filters.document_id, ids, "document")})
    return query.model_copy(update={"filters": filters})


def find_name(wanted: str, known: list[str], what: str) -> str:
    """Find a name whatever its letter case and spacing. Raises UnknownName."""
    if wanted in known:
        return wanted
    folded = {_folded(name): name for name in known}
    try:
        return folded[_folded(wanted)]
    except KeyError:
        raise UnknownName(
            f"there is no {what} {wanted!r}. There are: {', '.join(dict.fromkeys(known))}.",
            field="document_id" if what == "document" else what,
        ) from None


def carry_filters(asked: ParsedQuery, filters: Filters) -> ParsedQuery:
    """Add the filters that came with the query; they win over what the question seems to say."""
    if filters.speaker is not None:
        asked = replace(asked, speakers=(), role=None)
    if filters.role is not None:
        asked = replace(asked, role=None)
    return replace(asked, filters=filters | asked.filters)


def allows(asked: ParsedQuery, kind: Kind, speaker: str | None, role: Role | None) -> bool:
    """Tell whether a passage may be shown for what was asked: no quote of another speaker or role."""
    if kind is not Kind.INTERVIEW:
        return True
    return (not asked.speakers or speaker in asked.speakers) and (asked.role is None or role == asked.role)


def _section(text: str, documents: tuple[Document, ...]) -> str | None:
    match = SECTION.search(text)
    if not match:
        return _titled_section(text, documents)
    wanted = _folded(match[1] or match[2])
    ids = {_folded(section.id): section.id for document in documents for section in document.sections}
    return ids.get(wanted)


def _titled_section(text: str, documents: tuple[Document, ...]) -> str | None:
    """Find the section that is named by words of its title: “the section on being creative and flexible”."""
    match = _SECTION_ON.search(text)
    words = set(tokenize(match[1] or match[2])) if match else set()
    titles = [(set(tokenize(section.title)), section.id) for document in documents for section in document.sections]
    fitting = [
        (len(title & words), section) for title, section in titles if title and len(title & words) * 2 > len(title)
    ]
    best = max(fitting, default=(0, None), key=lambda pair: pair[0])
    return best[1] if [count for count, _ in fitting].count(best[0]) == 1 else None


def _folded(name: str) -> str:
    return re.sub(r"[\s._-]+", "", name).casefold()
