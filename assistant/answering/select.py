"""Select what an answer shows: exact passages and quotes, the best first, both views of a contested point, and voices
from each side of what was studied."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.finding.retriever import Candidate
from assistant.quoting.cite import quote, write_quotation
from assistant.reading.question import ParsedQuery
from corpus.library import Library
from corpus.schema import Kind, Passage, Role
from corpus.tokens import count_tokens

#: How many words of the authors' passages are shown, from the best found downwards.
_WORDS_BY_RANK = (100, 100, 50, 40)
_WORDS_OF_LIST = 200  # the same for the best found where a list is asked for
_SLACK = 1.25  # a passage a little longer than that is shown whole
_WHOLE_LIST = 110  # words; a longer list that is not the best found is cut between its items
_LONGEST_LIST = 130  # words; an even longer one is cut, though it is the best found,
_LONGEST_WANTED = 250  # unless a list is asked for
_SHORT_QUOTE = 30  # words; what counts as short where short ones are asked for
_LONG_QUOTE = 60  # words; shown only if it is among the best two
_MARGIN, _WEAK_MARGIN = 0.5, 0.35  # of a score; what is further below the best is not shown
_WEAK = 0.6  # a best score below it draws less along with it
_LIST_MARGIN = 0.25  # how far below the best a list may be and still go first where a list is asked for
_FAR_MARGIN = 0.8  # the same for a voice from another side, and for the other view of a contested point
_TOP = 2  # a point is contested in an answer if one of its sides is among the best
_TOP_LISTS = 3  # a list goes first if it is among the best


@dataclass(frozen=True)
class Selected:
    """A span of a passage that an answer will show."""

    passage: Passage
    span: tuple[int, int]

    @classmethod
    def whole(cls, passage: Passage) -> "Selected":
        """Show a passage whole."""
        return cls(passage, (passage.start, passage.end))


class _Selection:
    """What has been selected so far, and how much room is left."""

    def __init__(self, library: Library, citations: int, max_tokens: int) -> None:
        self._library = library
        self._citations = citations
        self._tokens = max_tokens
        self.selected: list[Selected] = []

    def add(self, passage: Passage, span: tuple[int, int]) -> bool:
        """Add a span if there is room for it; the first is always added."""
        if passage.id in {one.passage.id for one in self.selected}:
            return False
        document = self._library.document(passage.document_id)
        tokens = count_tokens(write_quotation(quote(1, passage, document, span)))
        if self.selected and (tokens > self._tokens or len(self.selected) == self._citations):
            return False
        self.selected.append(Selected(passage, span))
        self._tokens -= tokens
        return True


def select(
    candidates: Sequence[Candidate], parsed: ParsedQuery, library: Library, *, citations: int, max_tokens: int
) -> list[Selected]:
    """Select what to show: the best first, while the number and the length allow.

    A quote is always whole. Of a long passage, the sentences nearest to the question are shown.
    """
    ranked = candidates
    if parsed.wants_quotes or parsed.role or parsed.speakers:
        quotes = [one for one in candidates if one.passage.kind is Kind.INTERVIEW]
        sure = parsed.speakers or (parsed.role and parsed.wants_quotes)
        if not sure and quotes and quotes[0] is not candidates[0]:
            quotes = []  # nobody's quotes are surely wanted, and the authors answer far better
        # Whoever wants somebody's words is not helped by the authors'; whoever wants a quote may be.
        ranked = quotes if quotes or sure else candidates
        most = parsed.max_words or (_SHORT_QUOTE if parsed.length == "short" else None)
        if most:
            ranked = [one for one in ranked if len(one.passage.text.split()) <= most] or ranked
        citations = min(citations, parsed.count or citations)
    if not ranked:
        return []
    selection = _Selection(library, citations, max_tokens)
    best = ranked[0].score
    if parsed.wants_list:
        ranked = _lists_first(ranked)
    wanted = _the_other_views(ranked, library, each=2 if parsed.wants_views else 1) if parsed.weighs else []
    wanted += _voices(ranked, parsed, library)
    for rank, one in enumerate(ranked):
        if rank == 1:  # after the best of all, so that there is still room for them
            for other in wanted:
                selection.add(other.passage, _span_of(other, 2, parsed))
        if one.score < best - (_MARGIN if best >= _WEAK else _WEAK_MARGIN):
            break
        passage = one.passage
        if passage.record and _is_shown(passage, selection.selected):
            continue
        is_long = passage.kind is Kind.INTERVIEW and len(passage.text.split()) > _LONG_QUOTE
        if is_long and rank > 1 and parsed.length != "long":
            continue
        selection.add(passage, _span_of(one, rank, parsed))
        if len(selection.selected) == citations:
            break
    return selection.selected


def _is_shown(passage: Passage, selected: Sequence[Selected]) -> bool:
    """Tell whether a record that is listed twice is shown already."""
    same = {passage.id, passage.record.same_as if passage.record else None}
    return any(one.passage.record and {one.passage.id, one.passage.record.same_as} & same - {None} for one in selected)


def _the_other_views(ranked: Sequence[Candidate], library: Library, *, each: int) -> list[Candidate]:
    """Give passages of each view of the point that the best are about, the best of each view before the second best.

    `each`: how many of a view are wanted. Where it is one, a view that is among the best has it already.
    """
    top = [one.passage.id for one in ranked[:_TOP]]
    points = [
        (top.index(one), point) for point in library.contested for side in point.sides for one in side if one in top
    ]
    if not points:
        return []
    _, point = min(points, key=lambda pair: pair[0])
    sides = [[one for one in ranked if one.passage.id in side] for side in point.sides]
    if each == 1:
        others = [side[0] for side in sides if side and not {one.passage.id for one in side} & set(top)]
    else:
        others = [side[number] for number in range(each) for side in sides if len(side) > number]
    return [one for one in others if one.score >= ranked[0].score - _FAR_MARGIN]


def _voices(ranked: Sequence[Candidate], parsed: ParsedQuery, library: Library) -> list[Candidate]:
    """Give the best quotes of those who would otherwise not be heard.

    Of several speakers who are named, and of sides that are compared, each is heard. Where most quotes are one side's
    and it is heard, a quote on the theme by each side that is seldom heard is shown, where there is one. And where a
    side is asked for, a quote of theirs is.
    """
    quotes = [one for one in ranked if one.passage.kind is Kind.INTERVIEW]
    far = [one for one in quotes if one.score >= ranked[0].score - _FAR_MARGIN]
    if len(parsed.speakers) > 1:
        own = [[one for one in quotes if one.passage.speaker == speaker] for speaker in parsed.speakers]
        return [best for theirs in own for best in theirs[:1]]
    if len(parsed.compared) > 1:
        compared = [role for role in library.quoted_by_role if role in parsed.compared]
        return [best for role in compared for best in _short(far, role)[:1]]
    if parsed.speakers or parsed.count:
        return []
    if parsed.role:
        return _short(far, parsed.role)[:1]
    near = [one for one in quotes if one.score >= ranked[0].score - _MARGIN]
    seldom = library.seldom_heard(one.passage.document_id for one in near)
    if all(one.passage.role in seldom for one in near[:2]):
        return []
    by_side = [[one for one in _short(near, role) if len(one.passage.text.split()) <= _LONG_QUOTE] for role in seldom]
    return [best for theirs in by_side for best in theirs[:1]]


def _short(quotes: Sequence[Candidate], role: Role) -> list[Candidate]:
    """Give the quotes of one side, those that are not long before the others."""
    own = [one for one in quotes if one.passage.role == role]
    return sorted(own, key=lambda one: len(one.passage.text.split()) > _LONG_QUOTE)


def _lists_first(ranked: Sequence[Candidate]) -> list[Candidate]:
    """Put the first list that is among the best to the front."""
    near = [one for one in ranked[:_TOP_LISTS] if one.score >= ranked[0].score - _LIST_MARGIN]
    lists = [one for one in near if one.passage.is_list]
    return sorted(ranked, key=lambda one: one not in lists[:1])


def _span_of(one: Candidate, rank: int, parsed: ParsedQuery) -> tuple[int, int]:
    """Give the part of a passage that is shown at a rank."""
    passage = one.passage
    words = len(passage.text.split())
    whole = passage.start, passage.end
    if passage.kind is Kind.INTERVIEW:
        return whole
    longest = _LONGEST_WANTED if parsed.wants_list else _LONGEST_LIST
    if passage.is_list and words <= (longest if rank == 0 else _WHOLE_LIST):
        return whole
    most = _WORDS_BY_RANK[min(rank, len(_WORDS_BY_RANK) - 1)]
    most = _WORDS_OF_LIST if parsed.wants_list and rank == 0 else most
    return whole if words <= most * _SLACK else _best_sentences(one, most)


def _best_sentences(one: Candidate, max_words: int) -> tuple[int, int]:
    """Give the best sentence of a long passage and its better neighbours, as far as the length allows."""
    passage, scores = one.passage, one.sentences
    spans = passage.sentences
    first = last = max(range(len(spans)), key=lambda number: scores[number])
    while True:
        neighbours = [(first - 1, last)] if first > 0 else []
        neighbours += [(first, last + 1)] if last + 1 < len(spans) else []
        neighbours = [
            (start, end)
            for start, end in neighbours
            if len(passage.text[spans[start][0] - passage.start : spans[end][1] - passage.start].split()) <= max_words
        ]
        if not neighbours:
            return spans[first][0], spans[last][1]
        first, last = max(neighbours, key=lambda ends: scores[ends[0] if ends[0] < first else ends[1]])
