"""Choose what an answer shows: exact passages and quotes, the best first, both views of a contested point, and voices
from both sides of the research."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.finding.retriever import Candidate
from assistant.quoting.cite import make_citation, write_quotation
from assistant.quoting.framing import PROJECTS, SAID, SAYS
from assistant.reading.question import ParsedQuery
from assistant.schema import Citation
from corpus.contested import Contested
from corpus.schema import Document, Kind, Passage, Role
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
_FAR_MARGIN = 0.8  # the same for a voice from the other side, and for the other view of a contested point
_TOP = 2  # a point is contested in an answer if one of its sides is among the best
_TOP_LISTS = 3  # a list goes first if it is among the best


@dataclass(frozen=True)
class Chosen:
    """A span of a passage that an answer will show."""

    passage: Passage
    span: tuple[int, int]


class _Choice:
    """What has been chosen so far, and how much room is left."""

    def __init__(self, documents: dict[str, Document], citations: int, max_tokens: int) -> None:
        self._documents = documents
        self._citations = citations
        self._tokens = max_tokens
        self.chosen: list[Chosen] = []

    def add(self, passage: Passage, span: tuple[int, int]) -> bool:
        """Add a span if there is room for it; the first is always added."""
        if passage.id in {one.passage.id for one in self.chosen}:
            return False
        document = self._documents[passage.document_id]
        tokens = count_tokens(write_quotation(make_citation(1, passage, document, span), document))
        if self.chosen and (tokens > self._tokens or len(self.chosen) == self._citations):
            return False
        self.chosen.append(Chosen(passage, span))
        self._tokens -= tokens
        return True


def choose(
    found: Sequence[Candidate],
    asked: ParsedQuery,
    documents: dict[str, Document],
    contested: Sequence[Contested] = (),
    *,
    citations: int,
    max_tokens: int,
) -> list[Chosen]:
    """Choose what to show: the best first, while the number and the length allow.

    A quote is always whole. Of a long passage, the sentences nearest to the question are shown.
    """
    ranked = found
    if asked.wants_quotes:
        quotes = [scored for scored in found if scored.passage.kind is Kind.INTERVIEW]
        # Whoever wants somebody's words is not helped by the authors'; whoever wants a quote may be.
        ranked = quotes if quotes or asked.role or asked.speakers else found
        most = asked.max_words or (_SHORT_QUOTE if asked.length == "short" else None)
        if most:
            ranked = [one for one in ranked if len(one.passage.text.split()) <= most] or ranked
        citations = min(citations, asked.count or citations)
    if not ranked:
        return []
    choice = _Choice(documents, citations, max_tokens)
    best = ranked[0].score
    if asked.wants_list:
        ranked = _lists_first(ranked)
    wanted = _the_other_views(ranked, contested, each=2 if asked.wants_views else 1) if asked.weighs else []
    wanted += _a_voice(ranked, asked)
    for rank, scored in enumerate(ranked):
        if rank == 1:  # after the best of all, so that there is still room for them
            for other in wanted:
                choice.add(other.passage, _span_of(other, 2, asked))
        if scored.score < best - (_MARGIN if best >= _WEAK else _WEAK_MARGIN):
            break
        passage = scored.passage
        if passage.project and _is_shown(passage, choice.chosen):
            continue
        is_long = passage.kind is Kind.INTERVIEW and len(passage.text.split()) > _LONG_QUOTE
        if is_long and rank > 1 and asked.length != "long":
            continue
        choice.add(passage, _span_of(scored, rank, asked))
        if len(choice.chosen) == citations:
            break
    return choice.chosen


def _is_shown(passage: Passage, chosen: Sequence[Chosen]) -> bool:
    """Tell whether a project that is listed twice is shown already."""
    same = {passage.id, passage.project.same_as if passage.project else None}
    return any(one.passage.project and {one.passage.id, one.passage.project.same_as} & same - {None} for one in chosen)


def _the_other_views(ranked: Sequence[Candidate], contested: Sequence[Contested], *, each: int) -> list[Candidate]:
    """Give passages of each view of the point that the best are about, the best of each view before the second best.

    `each`: how many of a view are wanted. Where it is one, a view that is among the best has it already.
    """
    top = [scored.passage.id for scored in ranked[:_TOP]]
    points = [(top.index(one), point) for point in contested for side in point.sides for one in side if one in top]
    if not points:
        return []
    _, point = min(points, key=lambda pair: pair[0])
    sides = [[scored for scored in ranked if scored.passage.id in side] for side in point.sides]
    if each == 1:
        others = [side[0] for side in sides if side and not {one.passage.id for one in side} & set(top)]
    else:
        others = [side[number] for number in range(each) for side in sides if len(side) > number]
    return [scored for scored in others if scored.score >= ranked[0].score - _FAR_MARGIN]


def _a_voice(ranked: Sequence[Candidate], asked: ParsedQuery) -> list[Candidate]:
    """Give the best quotes of those who would otherwise not be heard.

    Of several speakers who are named, and of two sides that are compared, each is heard. Most quotes are academics'; a
    public partner's on the theme is shown where there is one. And where a role is asked for, a quote of theirs is.
    """
    quotes = [scored for scored in ranked if scored.passage.kind is Kind.INTERVIEW]
    far = [scored for scored in quotes if scored.score >= ranked[0].score - _FAR_MARGIN]
    if len(asked.speakers) > 1:
        own = [[scored for scored in quotes if scored.passage.speaker == one] for one in asked.speakers]
        return [best for theirs in own for best in theirs[:1]]
    if asked.both_sides:
        return [best for role in Role for best in _short(far, role)[:1]]
    if asked.speakers or asked.count:
        return []
    if asked.role:
        return _short(far, asked.role)[:1]
    near = [scored for scored in quotes if scored.score >= ranked[0].score - _MARGIN]
    academic = any(scored.passage.role is Role.ACADEMIC for scored in near[:2])
    public = [one for one in _short(near, Role.PUBLIC) if len(one.passage.text.split()) <= _LONG_QUOTE]
    return public[:1] if academic else []


def _short(quotes: Sequence[Candidate], role: Role) -> list[Candidate]:
    """Give the quotes of one role, those that are not long before the others."""
    own = [scored for scored in quotes if scored.passage.role is role]
    return sorted(own, key=lambda scored: len(scored.passage.text.split()) > _LONG_QUOTE)


def _lists_first(ranked: Sequence[Candidate]) -> list[Candidate]:
    """Put the first list that is among the best to the front."""
    near = [scored for scored in ranked[:_TOP_LISTS] if scored.score >= ranked[0].score - _LIST_MARGIN]
    lists = [scored for scored in near if scored.passage.is_list]
    return sorted(ranked, key=lambda scored: scored not in lists[:1])


def _span_of(scored: Candidate, rank: int, asked: ParsedQuery) -> tuple[int, int]:
    """Give the part of a passage that is shown at a rank."""
    passage = scored.passage
    words = len(passage.text.split())
    whole = passage.start, passage.end
    if passage.kind is Kind.INTERVIEW:
        return whole
    longest = _LONGEST_WANTED if asked.wants_list else _LONGEST_LIST
    if passage.is_list and words <= (longest if rank == 0 else _WHOLE_LIST):
        return whole
    most = _WORDS_BY_RANK[min(rank, len(_WORDS_BY_RANK) - 1)]
    most = _WORDS_OF_LIST if asked.wants_list and rank == 0 else most
    return whole if words <= most * _SLACK else _best_sentences(scored, most)


def _best_sentences(scored: Candidate, max_words: int) -> tuple[int, int]:
    """Give the best sentence of a long passage and its better neighbours, as far as the length allows."""
    passage, scores = scored.passage, scored.sentences
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


def compose(chosen: list[Chosen], documents: dict[str, Document]) -> tuple[str, tuple[Citation, ...]]:
    """Write the answer's text, and its citations in the order in which they stand in it."""
    groups: dict[str, list[Chosen]] = {}
    for one in chosen:
        heading = {Kind.INTERVIEW: SAID, Kind.PROJECT: PROJECTS}.get(one.passage.kind, SAYS)
        groups.setdefault(heading, []).append(one)
    lines: list[str] = []
    citations: list[Citation] = []
    for heading, members in groups.items():
        lines.append(heading)
        for one in members:
            document = documents[one.passage.document_id]
            citations.append(make_citation(len(citations) + 1, one.passage, document, one.span))
            lines.append(write_quotation(citations[-1], document))
    return "\n\n".join(lines), tuple(citations)
