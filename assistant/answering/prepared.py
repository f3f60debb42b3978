"""Give an answer that was prepared: the spans that a careful reader chose, as far as they were asked for."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.answering.select import Selected
from assistant.finding.likely import Sentence
from assistant.finding.prepared import Match, load_models
from assistant.finding.retriever import Evidence
from assistant.quoting.framing import GROUPS, heading_of_all, heading_of_role
from assistant.reading.parts import asks
from assistant.reading.question import ParsedQuery
from assistant.reading.table import asks_for_column, asks_for_several
from corpus.filters import Filters
from corpus.library import Library
from corpus.prepared import Prepared, PreparedQuote
from corpus.schema import Passage, Role

#: What a careful reader chose goes before a sentence that is so little likelier.
_AS_LIKELY = 0.1
#: So few are not counted.
_FEW = 2
#: Quotations of a plain answer: so many at most, and another goes before the first where it is so much likelier.
_PLAIN, _LIKELIER = 2, 0.1
_NOT_FOUND = -2.0  # what stands for the score of words that were not among those found
#: Words of a quote that is shown whole.
_SHORT_QUOTE = 60
#: So much likelier is a whole list where one is asked for: right in 11 instead of 8 of 20 such cases.
_LISTED = 0.4
#: Other answers that may stand beside the first: of the whole question, and of each of its parts.
_NEXT, _NEXT_OF_PART = 5, 2
_SURE_OF_A_PART = 0.6
_NEARER = 0.03  # by so much nearer in its ways is what is lacking, where it is about as likely
#: So much nearer, way and votes together, is what a record lacks: alone, and where the record alone may be what is new.
_AHEAD, _AHEAD_LEANING = 0.0, 0.08


def choose_prepared(evidence: Evidence, parsed: ParsedQuery, library: Library) -> Match | None:
    """Choose the answer that surely was asked for; nothing where none is, or where a sentence is likelier to answer.

    Of a table's record, what its columns hold is given where that is asked for; else what is lacking, where the ways of
    asking for that are nearer, sure or not.
    """

    def rank(one: Match) -> float:
        return one.fits + (_LISTED if parsed.wants_list and one.answer.shape == "list" else 0)

    # What the documents lack is not told of a section or a side: others may say it.
    narrow = parsed.any_topic or parsed.role or parsed.filters != Filters()
    among = [one for one in evidence.prepared if not (narrow and one.answer.lacks)]
    best = max(among, key=rank, default=None)
    if best is None:
        return None
    if lack := _lacking_of_record(best, among, parsed, library) or _lacking_as_likely(best, among):
        return lack
    likeliest = max((one.answers for one in evidence.sentences), default=0.0)
    return best if best.is_given and best.fits >= likeliest - _AS_LIKELY else None


def _lacking_of_record(best: Match, among: Sequence[Match], parsed: ParsedQuery, library: Library) -> Match | None:
    """Give what is lacking that is asked of a table's record, though the record itself is well found.

    How well a record is found says nothing here: its name alone finds it. Of 131 questions that ask for no column, the
    ways of asking were nearer on the right side in 118.
    """
    passages = [library.passage(one.passage_id) for one in best.answer.quotes]
    table = library.document(best.answer.document_id).vocabulary.table
    if best.answer.lacks or table is None or not passages or not all(one.record for one in passages):
        return None
    asked = parsed.text if parsed.lean == "new" else parsed.own or parsed.text
    if asks_for_column(asked, table) or asks_for_several(asked, table):
        return None

    def nearness(one: Match) -> float:
        return one.signals["nearest"] + one.signals["votes"]

    lack = max((one for one in among if one.answer.lacks), key=nearness, default=None)
    ahead = _AHEAD if parsed.lean == "new" else _AHEAD_LEANING
    if lack is None or nearness(lack) <= nearness(best) + ahead:
        return None
    near = lack.answer.quotes or best.answer.quotes[:1]
    return replace(lack, answer=lack.answer.model_copy(update={"quotes": near}))


def _lacking_as_likely(best: Match, among: Sequence[Match]) -> Match | None:
    """Give what is lacking that is about as likely asked for, and in nearer ways, as what would be given.

    So were 21 of 255 questions that nothing answers, and none of 49 that something does.
    """

    def is_nearer(one: Match) -> bool:
        return all(one.signals[name] >= best.signals[name] + _NEARER for name in ("nearest", "votes"))

    likely = (one for one in among if one.answer.lacks and one.is_given and one.fits >= best.fits - _AS_LIKELY)
    return None if best.answer.lacks else max(filter(is_nearer, likely), key=lambda one: one.fits, default=None)


def select_prepared(answer: Prepared, parsed: ParsedQuery, library: Library, most: int) -> list[Selected]:
    """Give what an answer quotes, of those who are asked for and in the number and length asked for."""
    once: dict[tuple[str, tuple[int, int]], PreparedQuote] = {}
    for one in answer.quotes:  # a sentence that holds several items, or both sides, is shown once
        once.setdefault((one.passage_id, one.span), one)
    if answer.shape != "list":
        once = {key: one for key, one in once.items() if not any(_is_within(one, other) for other in once.values())}
    own = [(one, library.passage(one.passage_id)) for one in once.values()]
    if answer.shape == "plain" and not parsed.max_words and parsed.length != "short":
        own = _whole_where_short(own)
    kept = [(one, passage) for one, passage in own if _is_wanted(passage, parsed)]
    if parsed.rather:  # their words first
        kept.sort(key=lambda pair: pair[1].role != parsed.rather)
    if parsed.max_words:
        kept = [pair for pair in kept if _words(*pair) <= parsed.max_words]
    short = parsed.length == "short" and answer.shape == "plain"  # "one sentence, please"
    limit = parsed.count or (1 if short else len(kept) if answer.shape in ("list", "views", "parts") else most)
    kept = kept[:limit]
    if answer.shape == "plain" and len(sides := _sides(kept, parsed)) > 1:
        return [
            Selected(passage, one.span, heading_of_role(library.roles[side]), one.on)
            for side in sides
            for one, passage in kept
            if passage.role == side
        ]
    whole = len(kept) == len(own)
    headed = answer.shape == "list" or len({one.group for one, _ in kept}) > 1
    return [
        Selected(passage, one.span, _heading(one, answer, library, whole=whole) if headed else "", one.on)
        for one, passage in kept
    ]


def _is_within(one: PreparedQuote, other: PreparedQuote) -> bool:
    """Tell whether words are a part of what is shown beside them."""
    inside = other.span[0] <= one.span[0] and one.span[1] <= other.span[1]
    return one.passage_id == other.passage_id and one.span != other.span and inside


def _sides(kept: Sequence[tuple[PreparedQuote, Passage]], parsed: ParsedQuery) -> list[Role]:
    """Give the sides that people are quoted of, where sides are asked for and nobody else is quoted."""
    asked = len(parsed.compared) > 1 or "views" in parsed.forms
    sides = list(dict.fromkeys(passage.role for _, passage in kept if passage.role))
    return sides if asked and all(passage.role for _, passage in kept) else []


def _whole_where_short(quotes: list[tuple[PreparedQuote, Passage]]) -> list[tuple[PreparedQuote, Passage]]:
    """Take what somebody said whole, and once, where it is short: what was left out is soon read, and may count."""
    found: dict[tuple[str, tuple[int, int]], tuple[PreparedQuote, Passage]] = {}
    for one, passage in quotes:
        short = passage.speaker and len(passage.text.split()) <= _SHORT_QUOTE
        taken = one.model_copy(update={"span": (passage.start, passage.end)}) if short else one
        found.setdefault((taken.passage_id, taken.span), (taken, passage))
    return list(found.values())


@dataclass(frozen=True)
class Second:
    """An answer that may stand beside the first, with its signals: how likely it is, and how like the first."""

    answer: Prepared
    signals: dict[str, float]

    @property
    def adds(self) -> float:
        """The chance that it adds what was asked for: 0 to 1."""
        return load_models().second.chance(self.signals)


def seconds(chosen: Match, evidence: Evidence, parsed: ParsedQuery) -> list[Second]:
    """Give the answers that may stand beside the chosen one, with their signals."""
    of_parts = [found.prepared for _, found in evidence.parts]
    among = [*evidence.prepared[: _NEXT + 1], *(one for found in of_parts for one in found[:_NEXT_OF_PART])]
    others = {one.answer.id: one for one in reversed(among) if not one.answer.lacks and one.answer != chosen.answer}
    best = [found[0].answer.id for found in of_parts if found]
    whole = {one.answer.id: one.fits for one in evidence.prepared}
    return [
        Second(
            one.answer,
            {
                "fits": whole.get(one.answer.id, 0.0),
                "fits_first": chosen.fits,
                "behind": whole.get(one.answer.id, 0.0) - chosen.fits,
                "like_first": float(one.mean @ chosen.mean),
                "of_part": max(
                    (other.fits for found in of_parts for other in found if other.answer == one.answer), default=0.0
                ),
                "best_of_part": float(one.answer.id in best and any(other != one.answer.id for other in best)),
                "parts": float(len(of_parts)),
                "words": math.log(1 + len(parsed.text.split())),
                "views": float(bool(parsed.forms & {"views"}) or len(parsed.compared) > 1),
                "list": float(parsed.wants_list),
            },
        )
        for one in others.values()
    ]


def add_the_next(chosen: Match, evidence: Evidence, parsed: ParsedQuery, library: Library, most: int) -> list[Selected]:
    """Give what the chosen answer quotes; where another surely adds to it, also the first words of that.

    A number of quotes that is asked for is filled with the first words of the likeliest others.
    """
    selected = select_prepared(chosen.answer, parsed, library, most)
    if chosen.answer.shape == "plain" and not parsed.count:
        selected = _those_that_answer(selected, evidence, parsed)
    if chosen.answer.shape == "plain" and selected and len(selected) < (parsed.count or 0):
        likely = [one.answer for one in evidence.prepared if one.is_given and not one.answer.lacks]
        for first in (first for one in likely for first in select_prepared(one, replace(parsed, count=1), library, 1)):
            if first.passage.id not in {one.passage.id for one in selected}:
                selected.append(Selected(first.passage, first.span, on=first.on))
        return selected[: parsed.count]
    if len(selected) != 1 or most < 2 or parsed.count or parsed.length or chosen.answer.shape != "plain":
        return selected
    of_parts = _of_each_part(evidence)
    if len(of_parts) > 1:
        each = [first for one in of_parts for first in select_prepared(one, parsed, library, 1)[:1]]
        return list({(one.passage.id, one.span): one for one in each}.values())[:most] or selected
    others = [one for one in seconds(chosen, evidence, parsed) if one.adds >= load_models().second.given_from]
    others.sort(key=lambda one: -one.adds)
    beside = [first for one in others for first in select_prepared(one.answer, parsed, library, 1)]
    beside = [one for one in beside if one.passage.id != selected[0].passage.id]
    return [*selected, *(Selected(one.passage, one.span, on=one.on) for one in beside[:1])]


def signals_of_quotes(shown: Sequence[Selected], evidence: Evidence) -> list[dict[str, float]]:
    """Say of words that an answer quotes how well they are found, how likely to answer, and whether they are first."""
    best = evidence.candidates[0].score
    behind = {one.passage.id: one.score - best for one in evidence.candidates}
    return [
        {
            "score": max(behind.get(one.passage.id, _NOT_FOUND), _NOT_FOUND),
            "answers": max((read.answers for read in evidence.sentences if _is_read_in(read, one)), default=0.0),
            "first": float(number == 0),
        }
        for number, one in enumerate(shown)
    ]


def _is_read_in(read: Sentence, shown: Selected) -> bool:
    start, end = read.span
    return read.passage.id == shown.passage.id and start < shown.span[1] and shown.span[0] < end


def _those_that_answer(selected: list[Selected], evidence: Evidence, parsed: ParsedQuery) -> list[Selected]:
    """Leave what answers this question of what a reader would quote for its need: the likeliest first, seldom a second.

    Where each side or each of several speakers is asked for, or one side's words first, all stands as it was prepared.
    """
    several = parsed.wants_list or parsed.rather or len(parsed.speakers) > 1
    if len(selected) < _FEW or selected[0].heading or several:
        return selected
    model = load_models().quote
    chances = [model.chance(signals) for signals in signals_of_quotes(selected, evidence)]
    best = max(range(len(chances)), key=lambda number: chances[number])
    best = best if chances[best] > chances[0] + _LIKELIER else 0
    others = sorted((number for number in range(len(chances)) if number != best), key=lambda number: -chances[number])
    enough = 0.0 if parsed.role else model.given_from  # what a side says is seldom one person's words alone
    beside = [number for number in others if chances[number] >= enough]
    return [selected[number] for number in (best, *beside)][:_PLAIN]


def _of_each_part(evidence: Evidence) -> list[Prepared]:
    """Give the answers that surely are asked for by the parts of a question, where each part asks; in their order."""
    if not all(asks(part) for part, _ in evidence.parts):
        return []
    best = [max(found.prepared, key=lambda one: one.fits, default=None) for _, found in evidence.parts]
    sure = [one.answer for one in best if one and one.fits >= _SURE_OF_A_PART and not one.answer.lacks]
    return list({one.id: one for one in sure}.values())


def _is_wanted(passage: Passage, parsed: ParsedQuery) -> bool:
    """Tell whether a passage is by those who are asked for, and was not shown before."""
    if passage.id in parsed.seen or not parsed.filters.allow(passage):
        return False
    if parsed.speakers:
        return passage.speaker in parsed.speakers
    if parsed.role:
        return passage.role == parsed.role
    return bool(passage.speaker) or not parsed.wants_quotes


def _words(quote: PreparedQuote, passage: Passage) -> int:
    return len(passage.text[quote.span[0] - passage.start : quote.span[1] - passage.start].split())


def _heading(quote: PreparedQuote, answer: Prepared, library: Library, *, whole: bool) -> str:
    """Name the heading that words stand under: a view, a side of those who are quoted, or how many there are in all."""
    if answer.shape == "list":
        return heading_of_all(answer.all) if whole and answer.all and answer.all > _FEW else ""
    if quote.group in library.roles:
        return heading_of_role(library.roles[quote.group])
    return GROUPS.get(quote.group, "")
