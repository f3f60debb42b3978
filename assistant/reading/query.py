"""Read a query as it stands in its conversation: what it asks for, whose voice it keeps, and how it is searched for."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from assistant.reading.follow_up import Standing, own_words_of, spell_out, stand_alone
from assistant.reading.grammar import Grammar
from assistant.reading.parts import without_asides
from assistant.reading.question import ParsedQuery, carry_filters, clean_history, clean_question, read_question
from assistant.reading.tokenize import tokenize
from assistant.schema import Citation, Query
from corpus.library import Library
from corpus.schema import Role

_NEIGHBOUR = re.compile(
    r"\b(?:the (?:one|section|part|bit) (after|before)|the (next|previous) (?:one|section|part|bit))\b", re.IGNORECASE
)
_SOMEBODY = re.compile(r"\b(?:that one|this one|that person|they|he|she)\b", re.IGNORECASE)


class Reader:
    """Reads queries for a library."""

    def __init__(self, library: Library, *, max_characters: int, repair: Callable[[str], str]) -> None:
        """Read for a library.

        Args:
            library: Knows the speakers, sides and sections.
            max_characters: Longer questions are refused.
            repair: Mends the spelling of a question.
        """
        self._library = library
        self._grammar = Grammar(library)
        self._max_characters = max_characters
        self._repair = repair

    def read(self, query: Query, shown: tuple[Citation, ...] = ()) -> ParsedQuery:
        """Tell what a query asks for, and the ways of saying it that are searched for, the main one first.

        Args:
            query: The question with the earlier ones of its conversation.
            shown: What the question before was answered with; see `leans_on_shown`.

        Raises:
            QuestionRefused: the question cannot be asked.
            UnknownName: a filter names a section, speaker, role or document that does not exist.
        """
        grammar = self._grammar
        history, whole = self.clean(query)
        asked_for = self._without_asides(whole)
        question, parsed, standing = self._in_conversation(asked_for, history)
        filters = self._library.check_filters(query.filters)
        if standing.keeps_voice:
            parsed = self._keep(parsed, question, history, standing, shown)
        own = bool(own_words_of(question, grammar)) or not standing.earlier
        ways = [
            standing.text,
            question if own else "",
            grammar.voices.topic_of(question) if own else "",
            standing.earlier if standing.earlier in standing.text else "",
        ]
        if asked_for != whole:
            ways.append(whole)
        rewrites = [way for way in ways if tokenize(way)] or [standing.text]
        rewrites = [spelt for way in rewrites for spelt in (self._repair(way), way)]
        # Whose words are wanted says nothing of whether the report covers what they should be about.
        topic = grammar.voices.topic_of(standing.text) if parsed.speakers else standing.text
        topic_words = grammar.topic_words(standing.text)
        anything = bool(parsed.speakers or parsed.filters.section) and not topic_words
        parsed = replace(
            parsed,
            text=standing.text,
            topic=self._repair(topic),
            own=self._repair(question if standing.earlier and own_words_of(question, grammar) else topic),
            rewrites=tuple(dict.fromkeys(rewrites)),
            any_topic=parsed.any_topic or anything or (standing.wants_more and bool(parsed.speakers)),
            says_topic=bool(topic_words),
        )
        return carry_filters(parsed, filters)

    def clean(self, query: Query) -> tuple[tuple[str, ...], str]:
        """Give the earlier questions and the question as they are read. Raises QuestionRefused."""
        history = clean_history(query.history, self._max_characters)
        return history, clean_question(query.question, self._max_characters)

    def leans_on_shown(self, question: str, history: tuple[str, ...]) -> bool:
        """Tell whether a cleaned question can only be read with what the one before was answered with.

        It asks for other words than those, or of somebody who was only named there.
        """
        question, parsed, standing = self._in_conversation(self._without_asides(question), history)
        if not standing.keeps_voice:
            return False
        return standing.wants_more or (standing.same_person and self._speaks_of_shown(question, parsed, history))

    def _speaks_of_shown(self, question: str, parsed: ParsedQuery, history: tuple[str, ...]) -> bool:
        """Tell whether the person of whom a follow-up speaks is named nowhere in the conversation."""
        if parsed.speakers or parsed.role or parsed.unknown_speakers or self._side_named_first(question):
            return False
        return not any(earlier.speakers for earlier in self._latest_first(history))

    def _in_conversation(self, question: str, history: tuple[str, ...]) -> tuple[str, ParsedQuery, Standing]:
        """Read a question with whom and where it names by half, and as it stands after the earlier ones."""
        if history:  # "that nurse" is whoever spoke, and asks for no other nurse
            question = self._grammar.that_one.sub(r"\1 person", question)
        question = spell_out(question, history, self._grammar)
        question = self._spell_out_section(question, history)
        return question, self._read_mended(question), stand_alone(question, history, self._grammar)

    def _without_asides(self, question: str) -> str:
        """Leave out what a person tells of themselves, unless it alone says what the question is about."""
        rest = without_asides(question)
        return rest if self._grammar.voices.anybody.search(rest) or self._grammar.topic_words(rest) else question

    def _read_mended(self, question: str) -> ParsedQuery:
        """Read a question; whose voice it asks for may only be plain once its spelling is mended."""
        parsed = read_question(question, self._grammar)
        if parsed.speakers or parsed.role or (mended := self._repair(question)) == question:
            return parsed
        again = read_question(mended, self._grammar)
        return replace(
            parsed, speakers=again.speakers, role=again.role, wants_quotes=parsed.wants_quotes or again.wants_quotes
        )

    def _keep(
        self,
        parsed: ParsedQuery,
        question: str,
        history: tuple[str, ...],
        standing: Standing,
        shown: tuple[Citation, ...],
    ) -> ParsedQuery:
        """Give a follow-up what it leaves out: the voice, that quotes are wanted, what was shown."""
        if not (parsed.speakers or parsed.role or parsed.unknown_speakers):
            role = self._side_named_first(question)
            if role:
                parsed = replace(parsed, role=role)
            elif standing.same_person and self._speaks_of_shown(question, parsed, history):
                speakers = tuple(dict.fromkeys(one.speaker for one in shown if one.speaker))
                parsed = replace(parsed, speakers=speakers[:1], wants_quotes=parsed.wants_quotes or bool(speakers))
            elif voiced := next((one for one in self._latest_first(history) if one.speakers or one.role), None):
                parsed = replace(
                    parsed,
                    speakers=voiced.speakers,
                    role=voiced.role,
                    wants_quotes=voiced.wants_quotes or parsed.wants_quotes,
                )
        if self._grammar.voices.anybody.search(question) and not own_words_of(question, self._grammar):
            parsed = replace(parsed, wants_quotes=True)  # of the other side
        if parsed.length or parsed.max_words or standing.wants_more:
            wanted = parsed.wants_quotes or read_question(history[-1], self._grammar).wants_quotes
            parsed = replace(parsed, wants_quotes=wanted)
        if standing.wants_more:
            parsed = replace(parsed, seen=frozenset(one.passage_id for one in shown))
        if len(parsed.speakers) == 1:
            named = _SOMEBODY.sub(parsed.speakers[0], question, count=1)
            parsed = replace(parsed, asks_who=parsed.asks_who or self._grammar.asks_who(named))
        return parsed

    def _latest_first(self, history: tuple[str, ...]) -> Iterator[ParsedQuery]:
        return (read_question(entry, self._grammar) for entry in reversed(history))

    def _side_named_first(self, question: str) -> Role | None:
        """Give the side that a follow-up names before anything else: "did the academics get anything out of it?"."""
        match = self._grammar.voices.anybody.search(question)
        if match is None or own_words_of(question[: match.start()], self._grammar):
            return None
        return self._grammar.voices.role_of(question, wants_quotes=True)

    def _spell_out_section(self, question: str, history: tuple[str, ...]) -> str:
        """Name the section that stands next to the one that was last asked for: "and the one after?"."""
        match = _NEIGHBOUR.search(question)
        if match is None:
            return question
        named = (self._grammar.section_of(entry) for entry in reversed(history))
        last = next((section for section in named if section), None)
        if last is None:
            return question
        sections = self._library.sections
        level = next(len(section.path) for section in sections if section.id == last)
        ids = [section.id for section in sections if len(section.path) == level]
        step = 1 if (match[1] or match[2]).casefold() in ("after", "next") else -1
        place = ids.index(last) + step
        return f"What is in section {ids[place]}?" if 0 <= place < len(ids) else question
