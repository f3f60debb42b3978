"""Compose an answer from what was found: exact passages and quotes in fixed framing text, nothing invented."""

from dataclasses import dataclass

from assistant.cite import make_citation, write_quotation
from assistant.framing import PROJECTS, SAID, SAYS
from assistant.question import Asked
from assistant.retrieve import Scored
from assistant.schema import Citation
from corpus.schema import Document, Kind, Passage
from corpus.tokens import count_tokens

#: How many words of the authors' passages are shown, from the best found downwards.
_WORDS_BY_RANK = (100, 60, 60, 45)
_SLACK = 1.25  # a passage a little longer than that is shown whole
_WHOLE_LIST = 110  # words; a longer list that is not the best found is cut between its items
_LONG_QUOTE = 110  # words; shown only if it is among the best two
_MARGIN = 0.5  # of a score; what is further below the best is not shown
_FRAME_TOKENS = 24  # a heading's share, marker and attribution


@dataclass(frozen=True)
class Chosen:
    """A span of a passage that an answer will show."""

    passage: Passage
    span: tuple[int, int]


def choose(found: list[Scored], asked: Asked, *, citations: int, max_tokens: int) -> list[Chosen]:
    """Choose what to show: the best first, while the number and the length allow."""
    chosen: list[Chosen] = []
    spent = 0
    ranked = found
    if asked.wants_quotes or asked.role:
        ranked = [scored for scored in found if scored.passage.kind is Kind.INTERVIEW] or found
    for rank, scored in enumerate(ranked):
        passage = scored.passage
        if scored.score < ranked[0].score - _MARGIN:
            break
        if passage.project and passage.project.same_as in {done.passage.id for done in chosen}:
            continue
        if passage.kind is Kind.INTERVIEW:
            if len(passage.text.split()) > _LONG_QUOTE and rank > 1:
                continue
            span = (passage.start, passage.end)
        elif passage.is_list and (rank == 0 or len(passage.text.split()) <= _WHOLE_LIST):
            span = (passage.start, passage.end)
        else:
            span = _best_sentences(scored, _WORDS_BY_RANK[min(rank, len(_WORDS_BY_RANK) - 1)])
        cost = _FRAME_TOKENS + count_tokens(passage.text[span[0] - passage.start : span[1] - passage.start])
        if chosen and spent + cost > max_tokens:
            continue
        chosen.append(Chosen(passage, span))
        spent += cost
        if len(chosen) == citations:
            break
    return chosen


def _best_sentences(scored: Scored, max_words: int) -> tuple[int, int]:
    """Give the best sentence of a long passage and its better neighbours, as far as the length allows."""
    passage, scores = scored.passage, scored.sentences
    spans = passage.sentences
    if len(passage.text.split()) <= max_words * _SLACK:
        return passage.start, passage.end
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
            citation = make_citation(len(citations) + 1, one.passage, documents[one.passage.document_id], one.span)
            citations.append(citation)
            lines.append(write_quotation(citation, one.passage))
    return "\n\n".join(lines), tuple(citations)
