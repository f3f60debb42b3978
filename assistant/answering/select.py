"""Select what an answer shows where none was prepared: the sentence that answers, seldom a second, and then nothing.

More is shown only where more is asked for: several speakers, sides or views, a number of quotes, a whole list.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.finding.likely import Sentence, load_sentence_model
from assistant.finding.retriever import Candidate, Evidence
from assistant.quoting.cite import quote, write_quotation
from assistant.reading.question import ParsedQuery
from corpus.library import Library
from corpus.schema import Kind, Passage
from corpus.tokens import count_tokens

#: How many citations an answer has that asks for no more.
_USUAL = 2
_FAR = 0.8  # of a score: how far below the best a side or a view that is asked for may be
_OF_EACH = 1  # of each speaker, side or view that is asked for
_LIST_MARGIN = 0.25  # how far below the best a list may be and still go first where a list is asked for
_TOP_LISTS = 3  # a list goes first if it is among the best
_SHORT_QUOTE = 30  # words; what counts as short where short ones are asked for
_WHOLE_QUOTE = 110  # words; of a longer quote the sentences nearest to the question are shown
_LONGEST_LIST = 400  # words, where a list is asked for; else its nearest item is shown
_MOST_WORDS = 65  # of an authors' sentence with its neighbour
_SHORT_SENTENCE = 8  # words; one that is shorter is shown with the sentence after it
_LEANS = re.compile(
    r"(?:However|This|That|These|They|Those|Their|Such|Its?|He|She|His|Her|Here|Also|Therefore|Thus|Moreover|Hence|"
    r"Furthermore|Similarly|But|And|Yet|Again|Both|Ideally|For others|In addition|On the other hand)\b"
)


@dataclass(frozen=True)
class Selected:
    """A span of a passage that an answer will show, and under which heading."""

    passage: Passage
    span: tuple[int, int]
    heading: str = ""
    on: str = ""  # what it is about, where it does not say so itself: in words of its section

    @classmethod
    def whole(cls, passage: Passage) -> "Selected":
        """Show a passage whole."""
        return cls(passage, (passage.start, passage.end))


def select(
    evidence: Evidence, parsed: ParsedQuery, library: Library, *, citations: int, max_tokens: int
) -> list[Selected]:
    """Select what to show: the sentence that answers best first, while the number and the length allow."""
    best = _best_sentences(evidence)
    chance = {passage: one.answers for passage, one in best.items()}
    likeliest = sorted(
        evidence.candidates, key=lambda one: -best[one.passage.id].answers if one.passage.id in best else 0
    )
    asked_for = _of_those_asked_for(likeliest, parsed)
    ranked = [one for one in asked_for if one.passage.id not in parsed.seen] or asked_for
    if not ranked:
        return []
    if parsed.wants_list:
        ranked = _lists_first(ranked)
    wanted = _each_of_several(ranked, parsed, library)
    most = min(citations, parsed.count or (len(wanted) if wanted else _USUAL))
    enough = 0.0 if parsed.count else load_sentence_model().second_from
    beside = [one for one in ranked[1:] if chance.get(one.passage.id, -1) >= enough]
    selected: list[Selected] = []
    tokens = max_tokens
    for one in wanted or [ranked[0], *beside]:
        if len(selected) == most:
            break
        if one.passage.record and _is_shown(one.passage, selected):
            continue
        shown = _shown_of(one, best, parsed)
        document = library.document(one.passage.document_id)
        length = count_tokens(write_quotation(quote(1, one.passage, document, shown.span)))
        if selected and length > tokens:
            continue
        selected.append(shown)
        tokens -= length
    return selected


def _best_sentences(evidence: Evidence) -> dict[str, Sentence]:
    """Give the sentence of each passage that answers best, of those that were read; by the passage's id."""
    best: dict[str, Sentence] = {}
    for one in evidence.sentences:
        best.setdefault(one.passage.id, one)
    return best


def _of_those_asked_for(candidates: Sequence[Candidate], parsed: ParsedQuery) -> Sequence[Candidate]:
    """Leave the words of those who are asked for, in the length asked for."""
    if not (parsed.wants_quotes or parsed.role or parsed.speakers):
        return candidates
    quotes = [one for one in candidates if one.passage.kind is Kind.INTERVIEW]
    sure = parsed.speakers or (parsed.wants_quotes and (parsed.role or len(parsed.compared) > 1))
    if not sure and quotes and quotes[0] is not candidates[0]:
        quotes = []  # nobody's quotes are surely wanted, and the authors answer far better
    # Whoever wants somebody's words is not helped by the authors'; whoever wants a quote may be.
    ranked = quotes if quotes or sure else list(candidates)
    most = parsed.max_words or (_SHORT_QUOTE if parsed.length == "short" else None)
    if most:
        ranked = [one for one in ranked if len(one.passage.text.split()) <= most] or ranked
    return ranked


def _is_shown(passage: Passage, selected: Sequence[Selected]) -> bool:
    """Tell whether a record that is listed twice is shown already."""
    same = {passage.id, passage.record.same_as if passage.record else None}
    return any(one.passage.record and {one.passage.id, one.passage.record.same_as} & same - {None} for one in selected)


def _each_of_several(ranked: Sequence[Candidate], parsed: ParsedQuery, library: Library) -> list[Candidate]:
    """Give the best of each speaker, side or view where several are asked for; nothing where they are not."""
    far = [one for one in ranked if one.score >= ranked[0].score - _FAR]
    if len(parsed.speakers) > 1:
        groups = [[one for one in ranked if one.passage.speaker == speaker] for speaker in parsed.speakers]
    elif len(parsed.compared) > 1:
        compared = [role for role in library.quoted_by_role if role in parsed.compared]
        groups = [[one for one in far if one.passage.role == role] for role in compared]
    elif parsed.weighs or parsed.wants_views:
        groups = _views(far, library)
    else:
        return []
    heard = [best for theirs in groups for best in theirs[:_OF_EACH]]
    return heard if len(heard) > 1 else []


def _views(ranked: Sequence[Candidate], library: Library) -> list[list[Candidate]]:
    """Give what stands for each view of the point that the best is about."""
    best = ranked[0].passage.id
    point = next((one for one in library.contested if any(best in side for side in one.sides)), None)
    sides = point.sides if point else ()
    found = [[one for one in ranked if one.passage.id in side] for side in sides]
    return sorted(found, key=lambda side: not side or side[0] is not ranked[0])


def _lists_first(ranked: Sequence[Candidate]) -> Sequence[Candidate]:
    """Put the first list that is among the best to the front."""
    near = [one for one in ranked[:_TOP_LISTS] if one.score >= ranked[0].score - _LIST_MARGIN]
    lists = [one for one in near if one.passage.is_list]
    return sorted(ranked, key=lambda one: one not in lists[:1])


def _with_neighbour(one: Candidate, number: int, text: Sequence[str]) -> tuple[int, int]:
    """Take along the neighbour of a sentence that is nearer to the question, as far as the length allows."""
    beside = [near for near in (number - 1, number + 1) if 0 <= near < len(text)]
    near = max(beside, key=lambda place: one.sentences[place], default=number)
    first, last = min(number, near), max(number, near)
    words = sum(len(sentence.split()) for sentence in text[first : last + 1])
    return (first, last) if words <= _MOST_WORDS else (number, number)


def _shown_of(one: Candidate, best: Mapping[str, Sentence], parsed: ParsedQuery) -> Selected:
    """Give the part of a passage that is shown: the sentence that answers, and what it cannot be understood without."""
    passage = one.passage
    words = len(passage.text.split())
    if passage.record or passage.note:
        return Selected.whole(passage)
    if passage.is_list and parsed.wants_list and words <= _LONGEST_LIST:
        return Selected.whole(passage)
    if passage.speaker and (words <= _WHOLE_QUOTE or parsed.length == "long"):
        return Selected.whole(passage)
    spans = passage.sentences
    first = last = best[passage.id].number if passage.id in best else one.likely[0]
    text = [passage.text[start - passage.start : end - passage.start] for start, end in spans]
    if not passage.is_list and not passage.speaker:
        first, last = _with_neighbour(one, first, text)
    while first > 0 and _LEANS.match(text[first]) and not passage.is_list:
        first -= 1
    if last + 1 < len(spans) and len(text[last].split()) < _SHORT_SENTENCE:
        last += 1
    leans = bool(_LEANS.match(text[first])) and not passage.speaker
    return Selected(passage, (spans[first][0], spans[last][1]), on=passage.section_title if leans else "")
