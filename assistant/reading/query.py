"""Read a query as it stands in its conversation: what it asks for, whose voice it keeps, and how it is searched for."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from assistant.reading.clean import clean_history, clean_question
from assistant.reading.follow_up import (
    Lean,
    Turn,
    follow,
    keep_form,
    lean_of,
    learned_lean,
    spell_out,
    spell_out_section,
)
from assistant.reading.grammar import Grammar
from assistant.reading.intents import furthest
from assistant.reading.language import language_of
from assistant.reading.limits import without_limits
from assistant.reading.meaning import ASKS, Encode, Meaning
from assistant.reading.parts import LEANS
from assistant.reading.question import ParsedQuery, read_question
from assistant.reading.segments import BESIDE, Segment, split_segments
from assistant.reading.tokenize import tokenize
from assistant.schema import Citation, Query
from corpus.library import Library
from corpus.prepared import in_turn

#: So many earlier questions are read, at most: what was asked before them is not leant on any more.
MOST_READ = 8
#: Acts that are answered with words of ours.
_OWN_ACTS = ("make_up", "who_is", "about_tool", "order", "greets")
#: How far above its threshold distress must be: help that is offered in vain is no harm, help that is not may be.
_RATHER_HELP = 0.0
_ASKS_NOTHING = -7.0  # how far below the threshold of asking a text is that surely asks nothing
_SURE_OF_DISTRESS = 4.0  # the same where something is asked besides
_WHO, _WHO_RATHER = 1.5, 5.0  # and that somebody is asked who they are, alone and beyond asking
#: Acts of which the documents may judge, where the whole text asks and no part of it does.
_MAY_ASK = frozenset({"about_tool", "make_up", "order"})
_WEAK = 2.0  # an act that is less far above its threshold gives way where the documents answer
#: How far above its threshold an act must be for words about it beside a question: a slip would only puzzle.
_SURE_BESIDE = {"distress": _WEAK, "order": _WEAK, "about_tool": 5.0}
_FEW_OWN = 3  # words of content, with which "it" or "they" may be what stands beside the question
_FEWEST_WORDS = 2  # of content, for the part that asks to stand without the rest
_FEW_SEARCHED = 2  # words that may be all that is searched for
#: What somebody said is spoken of, who is not asked who they are.
_SAYS = re.compile(r"\b(?:sa(?:y|ys|id|ying)|quot(?:e|es|ed|ing)|words|tells?|told)\b", re.I)
_WORD = re.compile(r"[^\W\d_]+")
_LONG = 40  # words
_SAME_MATTER = ("new", "more", "form")  # leanings of questions that ask nothing else of what the one before was about


@dataclass(frozen=True)
class Taken:
    """What a text was taken for: its act, the part that asks, and the acts of the parts beside it."""

    act: str
    asking: str
    voiced: str  # the parts that may say whose words are asked for
    beside: frozenset[str]
    about: str  # what of this tool is asked about
    readings: tuple[str, ...]  # other ways of taking it
    only_tells: bool  # whether nothing in it asks
    only_form: bool  # whether it says only how the answer should be
    may_ask: bool  # whether it may ask all the same


class Reader:
    """Reads queries for a library."""

    def __init__(
        self,
        library: Library,
        *,
        max_characters: int,
        repair: Callable[[str], str],
        knows: Callable[[str], bool] = lambda _: True,
        encode: Encode | None = None,
        model_sha256: str = "",
    ) -> None:
        """Read for a library.

        Args:
            library: Knows the speakers, sides and sections.
            max_characters: Longer questions are refused.
            repair: Mends the spelling of a question.
            knows: Tells whether a word is one of the documents or of their language.
            encode: Gives the embedding model's own vectors.
            model_sha256: The hash of that model's weights; the reader uses the vectors only if it learned with them.
        """
        self.grammar = Grammar(library)
        self.meaning = Meaning(encode, model_sha256)
        self._max_characters = max_characters
        self._repair = repair
        self._knows = knows

    def read_turns(self, query: Query) -> list[Turn]:
        """Read a conversation from its first question on, each once, as it stands after those before it.

        Raises:
            QuestionRefused: the question, or an earlier one, cannot be asked.
        """
        history = clean_history(query.history, self._max_characters)[-MOST_READ:]
        return list(self._turns((*history, clean_question(query.question, self._max_characters))))

    def read_turn(self, question: str, history: tuple[str, ...]) -> Turn:
        """Read a cleaned question after those before it."""
        return list(self._turns((*history, question)))[-1]

    def _turns(self, entries: tuple[str, ...]) -> Iterator[Turn]:
        before: Turn | None = None
        for number, entry in enumerate(entries):
            turn = replace(self._in_conversation(entry, entries[:number], before), whole=entry)
            if turn.parsed.act in (ASKS, "who_is") and not turn.only_tells:
                before = turn
            yield turn

    def _in_conversation(self, question: str, history: tuple[str, ...], before: Turn | None) -> Turn:
        grammar = self.grammar
        if language := language_of(question, self._knows):
            return Turn(question, ParsedQuery(question, act="other_language", language=language))
        if history:  # "that nurse" is whoever spoke, and asks for no other nurse
            question = grammar.that_one.sub(r"\1 person", question)
        question = spell_out(question, history, grammar)
        question = spell_out_section(question, history, grammar)
        learned = learned_lean(question, before, grammar, self.meaning)
        taken = self._take(question, before, learned)
        parsed = self._read_mended(taken.asking, taken.voiced)
        if taken.only_form and before is not None and parsed.filters.section is None:
            return keep_form(question, parsed, before, grammar)
        lean = lean_of(question, parsed, before, learned, grammar)
        if lean == "corrects" and taken.asking != question:
            parsed = self._read_mended(question, question)
        turn = follow(question if lean == "corrects" else taken.asking, parsed, before, lean, grammar)
        read = replace(
            turn.parsed,
            act=taken.act,
            beside=taken.beside,
            may_ask=taken.may_ask,
            about=taken.about,
            long=len(question.split()) >= _LONG,
            readings=taken.readings,
            understood=taken.asking if taken.asking != question else "",
        )
        if before is not None and turn.lean not in _SAME_MATTER:
            earlier = before.question if before.lean == "new" else before.parsed.text
            read = replace(read, before=earlier, in_turn=in_turn(turn.question, earlier))
        return replace(turn, parsed=read, only_tells=taken.only_tells)

    def _take(self, question: str, before: Turn | None, learned: Lean) -> Taken:
        """Tell what a text does, and find the part of it that asks."""
        segments = split_segments(question, self.meaning, self.grammar.voices.mentions)
        asking = [one for one in segments if one.act == ASKS or self._is_search(one) or self._wants_all(one)]
        acts = {one.act for one in segments}
        named = question
        if before is not None and len(before.parsed.speakers) == 1:  # "which uni is that one at?"
            named = self.grammar.same_person.sub(before.parsed.speakers[0], question, count=1)
        whole = self.meaning.acts([named], [self.grammar.voices.mentions(named)])[0]
        sad = [one.margins["distress"] for one in segments if one.act == "distress"]
        worst = max(sad, default=_RATHER_HELP)
        only_tells = acts <= {"tells", "greets"} and not any(one.mentions for one in segments)
        is_said = worst > (_SURE_OF_DISTRESS if asking else _RATHER_HELP) and (not asking or whole["distress"] > 0)
        # It may be told over several sentences, of which none says it alone.
        if is_said or (whole["distress"] > 0 and whole[ASKS] < _ASKS_NOTHING):
            act = "distress"
        elif learned.sure == "corrects":
            act = ASKS
        elif (
            whole["who_is"] > max(_WHO, whole[ASKS] + _WHO_RATHER)
            and self._may_be("who_is", question, before)
            and not self._wants_words(named)
        ):
            act = "who_is"  # beside what else may be asked: nobody is ever named
        elif asking or (learned.sure and acts <= BESIDE and not only_tells):
            act = ASKS
        else:
            own = [one for one in segments if one.act in _OWN_ACTS and one.margin > 0]
            own = [one for one in own if self._may_be(one.act, question, before)]
            serious = [one for one in own if one.act != "greets"] or own
            act = max(serious, key=lambda one: one.margin).act if serious else ASKS
        voiced = " ".join(one.text for one in segments if one.named or one.act not in ("tells", "greets"))
        part = self._part_that_asks(question, segments, asking)
        # After a greeting it is the rest that tells; and the whole may ask where no part of it does.
        rest = [one for one in segments if one.act != "greets"] if act == "greets" else []
        deciding = rest or [one for one in segments if one.act == act]
        weak = max((one.margin for one in deciding), default=0.0) < _WEAK
        weak = weak or (act in _MAY_ASK and furthest(whole)[0] == ASKS)
        only_form = "form" in acts and acts <= {"tells", "greets", "form"} and not any(one.mentions for one in segments)
        about, of_tool = self.meaning.about(question) if "about_tool" in (act, *acts) else ("", 0.0)
        if act == "about_tool" and weak and of_tool <= 0:
            act = ASKS  # of nothing that this tool says of itself
        somebody = any(one.named for one in segments) or bool(before and before.parsed.speakers)
        may_ask = act != ASKS and weak and not (act == "who_is" and somebody)
        readings = _readings(segments, asking) if len(segments) > len(asking) else ()
        beside = {one.act for one in segments if one.margin >= _SURE_BESIDE.get(one.act, one.margin)}
        return Taken(
            act=act,
            asking=part,
            voiced=voiced or part,
            beside=frozenset(beside - {ASKS, act}),
            about=about,
            readings=readings,
            only_tells=only_tells,
            only_form=only_form,
            may_ask=may_ask,
        )

    def _is_search(self, segment: Segment) -> bool:
        """Tell whether a word or two are what is searched for: words of the documents, not of asking."""
        words = _WORD.findall(segment.text) if len(segment.text.split()) <= _FEW_SEARCHED else []
        return any(self._knows(word.casefold()) and self.grammar.own_words(word) for word in words)

    def _wants_all(self, segment: Segment) -> bool:
        """Tell whether all that a speaker said is wanted, which may look like an order to write."""
        mentions = self.grammar.voices.mentions(segment.text) if segment.named else ()
        may_be = segment.act != "who_is" or bool(_SAYS.search(segment.text))
        return may_be and bool(mentions) and "everything" in self.meaning.forms(segment.text, mentions)

    def _wants_words(self, text: str) -> bool:
        """Tell whether what somebody said is wanted, of whom something else is said besides."""
        mentions = self.grammar.voices.mentions(text)
        says = any(one.is_label for one in mentions) and bool(_SAYS.search(text))
        return says and bool(self.meaning.forms(text, mentions) & {"quotes", "everything"})

    def _may_be(self, act: str, question: str, before: Turn | None) -> bool:
        """Tell whether an act is possible: who somebody is, is asked of somebody whose words there are."""
        if act != "who_is":
            return True
        people = self.grammar.voices.anybody
        mentions = self.grammar.voices.mentions(question)
        if not any(one.is_label for one in mentions) and "count" in self.meaning.forms(question, mentions):
            return False  # how many there are of a kind is no secret
        return bool(people.search(question)) or bool(
            before and (before.parsed.speakers or people.search(before.question))
        )

    def _part_that_asks(self, question: str, segments: list[Segment], asking: list[Segment]) -> str:
        """Leave out what stands beside the question, unless that alone says what the question is about."""
        same_person = self.grammar.same_person
        kept = [one for one in segments if one in asking or (asking and (one.named or same_person.search(one.text)))]
        kept = kept or [one for one in segments if one.act not in BESIDE]
        part = " ".join(one.text for one in kept)
        stands = len(self.grammar.own_words(part)) >= _FEWEST_WORDS or bool(self.grammar.voices.named(part)[0])
        left_out = [one for one in segments if one not in kept]
        few = len(kept) == 1 and len(self.grammar.own_words(part)) <= _FEW_OWN
        leans = few and any(one.act == "tells" for one in left_out) and LEANS.search(part)
        return part if kept and left_out and stands and not leans else question

    def _read_mended(self, question: str, voiced: str) -> ParsedQuery:
        """Read a question; whose voice it asks for may stand beside it, or be plain once its spelling is mended."""
        parsed = read_question(question, self.grammar, self.meaning)
        for other in (voiced, self._repair(question)):
            if parsed.speakers or parsed.role or other == question:
                continue
            again = read_question(other, self.grammar, self.meaning)
            wants_quotes = parsed.wants_quotes or again.wants_quotes
            parsed = replace(parsed, speakers=again.speakers, role=again.role, wants_quotes=wants_quotes)
        return parsed

    def complete(self, turn: Turn, shown: tuple[Citation, ...]) -> ParsedQuery:
        """Tell what a turn asks for, with the ways of saying it that are searched for, the main one first.

        Args:
            turn: From `read_turns`.
            shown: What the turns before were answered with, the last first, where it leans on that.
        """
        grammar, parsed, whole = self.grammar, turn.parsed, turn.whole
        if turn.same_person and not parsed.speakers:
            speakers = tuple(dict.fromkeys(one.speaker for one in shown if one.speaker))
            role = None if speakers else parsed.role
            wants_quotes = parsed.wants_quotes or bool(speakers)
            parsed = replace(parsed, speakers=speakers[:1], role=role, wants_quotes=wants_quotes)
        if turn.lean == "more":
            parsed = replace(parsed, seen=frozenset(one.passage_id for one in shown))
        text = without_limits(parsed.text) or parsed.text
        asking = turn.parsed.understood or turn.question
        own = bool(grammar.own_words(asking)) or not turn.earlier
        ways = [
            text,
            asking if own else "",
            grammar.voices.topic_of(asking) if own else "",
            turn.earlier,
            whole if own else "",
        ]
        rewrites = [way for way in ways if tokenize(way)] or [text]
        rewrites = [spelt for way in rewrites for spelt in (self._repair(way), way)]
        # Whose words are wanted says nothing of whether the report covers what they should be about.
        topic = grammar.voices.topic_of(text) if parsed.speakers else text
        says_topic = bool(grammar.own_words(text))
        anything = bool(parsed.speakers or parsed.filters.section) and not says_topic
        if says_topic and turn.lean != "new":  # all that was asked of the one before is not all that the next one said
            parsed = replace(parsed, forms=parsed.forms - {"everything"})
        anything = anything or parsed.wants_everything or (turn.lean == "more" and bool(parsed.speakers))
        others = (whole, *turn.parsed.readings) if turn.lean == "new" else (asking,)
        others = tuple(one for one in others if len(grammar.own_words(one)) >= _FEWEST_WORDS)
        readings = [one for one in others if one not in (topic, text)]
        return replace(
            parsed,
            text=text,
            lean=turn.lean,
            topic=self._repair(topic),
            own=self._repair(asking if turn.earlier and grammar.own_words(asking) else topic),
            readings=tuple(self._repair(one) for one in readings),
            rewrites=tuple(dict.fromkeys(rewrites)),
            any_topic=parsed.any_topic or anything,
            says_topic=says_topic,
        )


def _readings(segments: list[Segment], asking: list[Segment]) -> tuple[str, ...]:
    """Give what asks alone, and with what stands right before it, for that may say what it is about."""
    alone = " ".join(one.text for one in asking)
    first = segments.index(asking[0]) if asking else 0
    return (alone, f"{segments[first - 1].text} {alone}") if first else (alone,) if alone else ()
