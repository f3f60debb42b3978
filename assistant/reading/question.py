"""Read a question by itself: which section, whose words and what kind of answer it asks for."""

from dataclasses import dataclass, field, replace
from typing import Literal

from assistant.reading.grammar import Grammar
from assistant.reading.limits import count_of, most_words
from assistant.reading.meaning import ASKS, Meaning
from assistant.reading.parts import split_parts
from corpus.filters import Filters
from corpus.schema import Role


@dataclass(frozen=True)
class ParsedQuery:
    """What a question asks for."""

    text: str
    topic: str = ""  # what it is about, as far as that tells whether it is answered
    own: str = ""  # the same without what a follow-up takes from the questions before
    rewrites: tuple[str, ...] = ()  # ways of asking it that are searched for, the main one first
    readings: tuple[str, ...] = ()  # other readings of what it is about: the best one tells whether it is answered
    filters: Filters = field(default_factory=Filters)
    act: str = ASKS  # what is done with it: asks, greets, about_tool, who_is, make_up, order, distress, other_language
    may_ask: bool = False  # whether it may ask all the same: where the documents answer, it does
    beside: frozenset[str] = frozenset()  # acts that stand beside what is asked
    about: str = ""  # what of this tool is asked about, there or beside the question
    long: bool = False  # whether so much was written that what was understood needs saying
    understood: str = ""  # what was taken for the question, where more was written
    language: str = ""  # of a question in another language than the documents': its code
    lean: str = "new"  # how it leans on the question before
    before: str = ""  # the question before, where it leans on that
    in_turn: str = ""  # the two as one text
    forms: frozenset[str] = frozenset()  # the forms it wants its answer in: see `eval/data/reading`
    wants_quotes: bool = False
    speakers: tuple[str, ...] = ()
    role: Role | None = None
    rather: Role | None = None  # the side whose words may be asked for: they go before others, and hide none
    unknown_speakers: tuple[str, ...] = ()
    any_topic: bool = False
    compared: tuple[Role, ...] = ()  # the sides that it names
    count: int | None = None  # how many quotes are asked for
    max_words: int | None = None  # of each quote asked for
    seen: frozenset[str] = frozenset()  # ids of passages that were shown already, where others are asked for
    parts: tuple[str, ...] = ()  # the questions that it consists of, if it asks several
    says_topic: bool = True  # whether any word of it says what it is about

    @property
    def wants_views(self) -> bool:
        """Whether it asks outright for more than one view."""
        return "views" in self.forms

    @property
    def weighs(self) -> bool:
        """Whether it asks for a judgement, on which there may be more than one view."""
        return bool(self.forms & {"judgement", "views"})

    @property
    def wants_list(self) -> bool:
        """Whether it asks for a list, so that the whole of it is wanted."""
        return "whole_list" in self.forms

    @property
    def wants_everything(self) -> bool:
        """Whether it asks for all that one speaker said."""
        return "everything" in self.forms and len(self.speakers) == 1 and self.lean != "more"

    @property
    def length(self) -> Literal["short", "long"] | None:
        """Whether short or long quotes are asked for."""
        return "short" if "short" in self.forms else "long" if "long" in self.forms else None


def read_question(text: str, grammar: Grammar, meaning: Meaning) -> ParsedQuery:
    """Tell what a cleaned question asks for, standing alone."""
    voices = grammar.voices
    named, unknown = voices.named(text)
    mentions = voices.mentions(text)
    forms = meaning.forms(text, mentions)
    if forms & {"quotes", "everything"}:
        words = set(text.split())
        unknown += [f"{one} (one of the authors)" for one in grammar.authors if one.split()[-1] in words]
    asked, maybe = voices.asked_for(text, meaning) if mentions and not named else ([], [])
    section = grammar.section_of(text)
    wants_quotes = bool(named or forms & {"quotes", "everything"})
    if "count" in forms and not wants_quotes:  # how many there are is seldom said by those who are counted
        asked, maybe = [], asked or maybe
    return ParsedQuery(
        text=text,
        filters=Filters(section=section),
        forms=forms,
        wants_quotes=wants_quotes,
        speakers=tuple(named),
        role=asked[0] if len(asked) == 1 else None,
        rather=maybe[0] if len(maybe) == 1 and not asked else None,
        unknown_speakers=tuple(unknown),
        any_topic=bool(named or section) and not grammar.own_words(text),
        compared=() if named else tuple(asked if len(asked) > 1 else voices.sides_in(text)),
        count=count_of(text) if wants_quotes else None,
        max_words=most_words(text),
        parts=split_parts(text),
    )


def carry_filters(asked: ParsedQuery, filters: Filters) -> ParsedQuery:
    """Add the filters that came with the query; they win over what the question seems to say."""
    if filters.speaker is not None:
        asked = replace(asked, speakers=(), role=None)
    if filters.role is not None:
        asked = replace(asked, role=None)
    return replace(asked, filters=filters | asked.filters)
