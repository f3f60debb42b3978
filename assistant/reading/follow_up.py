"""Complete a question from the turn before it: how it leans is learned, what it names is read.

One that asks only for another voice ("what about public partners?") keeps the earlier topic; one that names only
another topic ("what about trust?") keeps the earlier voice; one that points back, asks for more or corrects keeps both,
but for what it says itself.
"""

import re
from dataclasses import dataclass, replace

from assistant.reading.grammar import EMPTY, Grammar
from assistant.reading.meaning import Meaning
from assistant.reading.parts import LEANS, asks
from assistant.reading.question import ParsedQuery
from assistant.reading.table import what_is_asked_of
from assistant.reading.tokenize import tokenize
from assistant.reading.voices import NUMBER_WORDS

_CONNECTIVE = re.compile(
    r"^\W*(?:(?:and|but|or|so|ok|okay|right|then|also|well|yes|no|now)\b\W*)*(?:(?:what|how) about\b\W*)?", re.I
)
_NEW_TOPIC = re.compile(
    r"\b(?:something else|different (?:topic|question|subject)|new (?:topic|question)|moving on|never ?mind"
    r"|change of subject|forget (?:that|it))\b",
    re.I,
)
_POINTS = re.compile(
    r"\b(?:(?:on|about|for|of|like) (?:that|this|those|these|it)|(?:which|those|these) ones?"
    r"|which of (?:them|those|these)|(?:it|that|this)(?: then)?(?=\W*$))(?!\w)",
    re.IGNORECASE,
)
_MORE = re.compile(r"\b(?:more|else|another|others?|next)\b", re.IGNORECASE)
_ASKS_WHAT = re.compile(r"\b(?:when|where|who|why|how|which|what)\b", re.IGNORECASE)
#: "They" are those who spoke before.
_THEY = re.compile(r"\b(?:do|did|have) they\b", re.IGNORECASE)
_JOINS = re.compile(r"\W*(?:and|but|now|(?:what|how) about)\b", re.IGNORECASE)
#: A speaker by the letter or number alone: "more from D", "and 5?", "number six"; but not "3 more", "two quotes".
_GOES_ON = r"then|please|pls|instead|not|and|or|too|says?|said|did|does|on|about|again|as|come|came"
_AFTER = rf"(?=\s*(?:[,.;:?!)]|$)|\s+(?:{_GOES_ON})\b)"
_BEFORE = "from by about and or is not did does one that other with number hear just only meant everything all wants"
_AT = "|".join(["^", r"(?<=[.,;:!?&/]\s)", *(rf"(?<=\b(?i:{word})\s)" for word in _BEFORE.split())])
_LETTER = rf"(?:{_AT})(?:([B-HJ-Z])(?![\w'’.]|\.\d)|(A)(?=\W*$|,))"
_SHORT_LABEL = re.compile(
    rf"(?<![\w.'’])(?:(?:number|no\.?|#)\s?)?(?:{_LETTER}|(\d{{1,2}}|(?i:{'|'.join(NUMBER_WORDS)})){_AFTER})"
)
_PART = r"(?:one|section|part|bit)"
_NEIGHBOUR = re.compile(rf"\bthe (?:{_PART} (after|before)|(next|previous) {_PART})\b", re.IGNORECASE)
_NEGATED = re.compile(r"\b(?:not|isn['’]?t|wasn['’]?t)\s+[^,.;!?]{0,40}", re.IGNORECASE)
_MOST_CHARACTERS = 160
_MOST_WORDS = 16  # of a follow-up that names somebody by a letter or number alone


@dataclass(frozen=True)
class Turn:
    """A question as it stands on its own, after those before it."""

    question: str  # as it was asked, with whom and where it names spelt out
    parsed: ParsedQuery
    whole: str = ""  # as it was asked, cleaned
    lean: str = "new"
    earlier: str = ""  # what it takes from the turn before
    only_tells: bool = False  # whether nothing in it asks
    same_person: bool = False  # whether it speaks of one person who spoke before

    @property
    def leans_on_shown(self) -> bool:
        """Whether it can only be read with what the one before was answered with.

        It asks for other words than those, or of somebody who was only named there.
        """
        return self.lean == "more" or (self.same_person and not self.parsed.speakers)


@dataclass(frozen=True)
class Lean:
    """How a question leans on the turn before it, as learned, and how far that is above its threshold."""

    name: str = "new"
    margin: float = 0.0

    @property
    def sure(self) -> str:
        """How it surely leans: it then asks, whatever it looks like; nothing if it may stand alone."""
        return self.name if self.name != "new" and self.margin > 0 else ""


def learned_lean(question: str, before: Turn | None, grammar: Grammar, meaning: Meaning) -> Lean:
    """Say how a question leans on the turn before, as learned from examples."""
    if before is None:
        return Lean()
    mentions = grammar.voices.mentions
    return Lean(*meaning.lean(question, mentions(question), before.question, mentions(before.question)))


def lean_of(question: str, parsed: ParsedQuery, before: Turn | None, learned: Lean, grammar: Grammar) -> str:
    """Say how a question leans on the turn before: as learned, where what it names and says does not tell."""
    if before is None or _NEW_TOPIC.search(question):
        return "new"
    lean, voices = learned.name, grammar.voices
    says = bool(grammar.own_words(question))
    names = bool(parsed.speakers or parsed.unknown_speakers or voices.sides_in(question) or parsed.filters.section)
    same_speakers = bool(parsed.speakers) and parsed.speakers == before.parsed.speakers
    if not says and (same_speakers or not names) and _MORE.search(question):
        return "more"
    if lean == "other_voice" and says and _THEY.search(question):
        return "points_back"
    may_point = lean in ("new", "other_topic", "other_voice") or (lean == "more" and says)
    if may_point and not names and _POINTS.search(question):
        return "points_back"
    if says and not names and grammar.same_person.search(question) and lean in ("new", "more", "other_voice"):
        return "other_topic"
    if says and not names and _JOINS.match(question) and not LEANS.search(question) and lean in ("more", "points_back"):
        return "other_topic"
    if lean == "other_topic" and asks(question) and not LEANS.search(question) and not _JOINS.match(question):
        return "new"
    if lean in ("other_voice", "other_topic"):
        return "other_topic" if says and not names else "other_voice" if names and not says else lean
    voiced = bool(before.parsed.speakers or before.parsed.role)
    if lean == "new" and not names and grammar.same_person.search(question):
        return "more"
    if lean == "new" and not names and voiced and _JOINS.match(question):
        return "other_topic"
    if names and not says and same_speakers and lean != "corrects":
        return "more"
    if lean == "new" and not says:
        return "new" if parsed.any_topic and parsed.wants_quotes and _ends_as_question(question) else "points_back"
    return lean


def _ends_as_question(question: str) -> bool:
    """Tell whether a question is whole: "what did Public partner B say?", but not "and Public partner B?"."""
    return _CONNECTIVE.sub("", question) == question and len(question.split()) > 4


def follow(question: str, parsed: ParsedQuery, before: Turn | None, lean: str, grammar: Grammar) -> Turn:
    """Complete what a question asks for from the turn before it."""
    if before is None or lean == "new":
        return Turn(question, parsed)
    last = before.parsed
    same_person = bool(grammar.same_person.search(question)) and not (parsed.speakers or parsed.role or last.speakers)
    rest = _CONNECTIVE.sub("", question).strip() or question
    says = bool(grammar.own_words(rest))
    parsed = _with_voice(question, parsed, last, lean, grammar)
    if lean in ("other_voice", "more") or not says:
        kept = last.filters if parsed.filters.section is None else parsed.filters
        parsed = replace(parsed, filters=kept, wants_quotes=parsed.wants_quotes or last.wants_quotes)
    if not says:
        parsed = replace(parsed, forms=parsed.forms | (last.forms - {"everything"}))
    if lean == "other_topic":
        rest = grammar.voices.topic_of(rest) if grammar.same_person.search(rest) else rest
        text = f"{rest} {what_is_asked_of(rest, last.text, grammar.library)}".strip()
        return Turn(question, replace(parsed, text=text), lean=lean, same_person=same_person)
    topic = _without_people(last.text, grammar)
    own = _without_people(_NEGATED.sub(" ", rest), grammar) if lean == "corrects" else question
    # What says nothing of its own is left out: it would only make the topic harder to find.
    adds = grammar.own_words(own) or (lean == "points_back" and _ASKS_WHAT.search(own))
    text = f"{topic} {own}".strip() if adds else topic or rest
    anything = not grammar.own_words(text) and bool(parsed.speakers or parsed.filters.section)
    anything = anything or (parsed.any_topic and not parsed.speakers)  # "just in B.4.vi"
    return Turn(
        question, replace(parsed, text=text, any_topic=anything), lean=lean, earlier=topic, same_person=same_person
    )


def keep_form(question: str, parsed: ParsedQuery, before: Turn, grammar: Grammar) -> Turn:
    """Ask the same again in another form: "shorter please", "as bullets"."""
    last = before.parsed
    same = replace(
        last,
        text=_without_people(last.text, grammar) or last.text,
        forms=parsed.forms | (last.forms - {"short", "long"}),
        max_words=parsed.max_words or last.max_words,
        count=parsed.count or last.count,
        understood="",
    )
    return Turn(question, same, lean="form", earlier=same.text)


def _with_voice(question: str, parsed: ParsedQuery, last: ParsedQuery, lean: str, grammar: Grammar) -> ParsedQuery:
    """Give a follow-up whose words it asks for: whom it names itself, or who was asked for before."""
    kept = replace(
        parsed,
        speakers=last.speakers,
        role=last.role,
        wants_quotes=parsed.wants_quotes or last.wants_quotes,
    )
    sides = grammar.voices.sides_in(_NEGATED.sub(" ", question))
    if last.role and not last.speakers and sides and last.role not in sides and not parsed.speakers:
        return replace(parsed, role=sides[0] if len(sides) == 1 else None)  # "and the researchers, do they …?"
    if _THEY.search(question) and (last.speakers or last.role) and not parsed.speakers and lean != "other_voice":
        return kept
    if parsed.speakers or parsed.role or parsed.unknown_speakers:
        return parsed
    if len(sides) == 1 and lean in ("other_voice", "corrects", "more"):
        return replace(parsed, role=sides[0], wants_quotes=True)
    if sides and lean == "other_voice":
        return parsed
    return kept


def _without_people(text: str, grammar: Grammar) -> str:
    """Give what a question is about, without whose words it asks for."""
    topic = grammar.voices.topic_of(text) if grammar.voices.anybody.search(text) else text
    topic = topic if grammar.own_words(topic) else text
    topic = grammar.voices.anybody.sub("people", topic)
    says = [word for word in tokenize(topic) if word not in EMPTY]
    return topic if says else ""


def spell_out(question: str, history: tuple[str, ...], grammar: Grammar) -> str:
    """Name in full the speakers whom a follow-up names by letter or number alone, with the labels that were used last.

    "more from D" after "What did Public partner B say?" is "more from Public partner D".
    """
    if (
        not history
        or len(question) > _MOST_CHARACTERS
        or len(question.split()) > _MOST_WORDS
        or any(grammar.voices.named(question))
    ):
        return question
    voices = grammar.voices

    def full(match: re.Match[str]) -> str:
        found = match[1] or match[2] or match[3]
        name = str(NUMBER_WORDS.get(found.casefold(), found))
        families = voices.families["digits" if name.isdigit() else "letter"]
        used = [one for entry in reversed(history) for one in families if one.casefold() in entry.casefold()]
        used = used or [one for entry in reversed(history) for one in voices.families_in(entry) if one in families]
        known = [one for one in families if f"{one} {name}" in voices.labels]
        people = any(voices.anybody.search(entry) for entry in (question, *history))
        if not used and (len(known) != 1 or not people):
            return match.group()
        return f"{(used or known)[0]} {name}"

    return _SHORT_LABEL.sub(full, question)


def spell_out_section(question: str, history: tuple[str, ...], grammar: Grammar) -> str:
    """Name the section that stands next to the one that was last asked for: "and the one after?"."""
    match = _NEIGHBOUR.search(question)
    named = (grammar.section_of(entry) for entry in reversed(history)) if match else iter(())
    last = next((section for section in named if section), None)
    if match is None or last is None:
        return question
    sections = grammar.library.sections
    level = next(len(section.path) for section in sections if section.id == last)
    ids = [section.id for section in sections if len(section.path) == level]
    place = ids.index(last) + (1 if (match[1] or match[2]).casefold() in ("after", "next") else -1)
    return f"What is in section {ids[place]}?" if 0 <= place < len(ids) else question
