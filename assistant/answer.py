"""Compose an answer from what was found: exact passages and quotes in fixed framing text, nothing invented."""

from dataclasses import dataclass

from assistant.cite import make_citation, write_quotation
from assistant.question import Asked
from assistant.retrieve import Scored
from assistant.schema import Citation
from corpus.schema import Document, Kind, Passage
from corpus.tokens import count_tokens

SAYS = "**What the report says**"
SAID = "**What people said in interviews**"
PROJECTS = "**Projects the report lists**"
NOT_COVERED = "The report does not say."

_WHOLE_UP_TO = 70  # words; a longer passage of the authors is cut to its best sentences
_LONG_QUOTE = 110  # words; shown only if it is the best thing found


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
    if asked.wants_quotes:
        quotes = [scored for scored in found if scored.passage.kind is Kind.INTERVIEW]
        ranked = quotes or found
    for rank, scored in enumerate(ranked):
        passage = scored.passage
        if passage.project and passage.project.same_as in {done.passage.id for done in chosen}:
            continue
        words = len(passage.text.split())
        if passage.kind is Kind.INTERVIEW and words > _LONG_QUOTE and rank > 0:
            continue
        span = (passage.start, passage.end)
        if passage.kind is not Kind.INTERVIEW and not (rank == 0 and passage.is_list):
            span = _best_sentences(scored)
        cost = count_tokens(passage.text[span[0] - passage.start : span[1] - passage.start])
        if chosen and spent + cost > max_tokens:
            continue
        chosen.append(Chosen(passage, span))
        spent += cost
        if len(chosen) == citations:
            break
    return chosen


def _best_sentences(scored: Scored) -> tuple[int, int]:
    """Give the best sentence of a long passage and its neighbours, as far as the length allows."""
    passage = scored.passage
    if len(passage.text.split()) <= _WHOLE_UP_TO:
        return passage.start, passage.end
    sentences = passage.sentences
    first = last = next(
        (number for number, span in enumerate(sentences) if span[0] <= scored.best_span[0] < span[1]), 0
    )

    def length(start: int, end: int) -> int:
        return len(passage.text[sentences[start][0] - passage.start : sentences[end][1] - passage.start].split())

    while True:
        if last + 1 < len(sentences) and length(first, last + 1) <= _WHOLE_UP_TO:
            last += 1
        elif first > 0 and length(first - 1, last) <= _WHOLE_UP_TO:
            first -= 1
        else:
            return sentences[first][0], sentences[last][1]


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
            lines.append(write_quotation(citation))
    return "\n\n".join(lines), tuple(citations)
