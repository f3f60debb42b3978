"""Small hand-made cases, answers and outcomes. The document is 100 characters of nothing: only offsets matter."""

from collections.abc import Callable, Sequence

import pytest

from assistant.quoting.cite import render_text
from assistant.schema import Answer, Citation, Hit, QuotationBlock
from corpus.schema import Kind, Role
from eval.run import make_run
from eval.schema import Fingerprint, LocatedCase, Outcome, Run, Span, Started

Offsets = tuple[int, int]


def span(start: int, end: int, document_id: str = "d") -> Span:
    return Span(document_id=document_id, start=start, end=end)


def hit(start: int, end: int, rank: int = 1, passage_id: str | None = None) -> Hit:
    return Hit(
        rank=rank, score=1 / rank, passage_id=passage_id or f"p{start}", document_id="d", section="B.1",
        start=start, end=end, text="words of a hit", kind=Kind.REPORT, speaker=None, role=None,
    )  # fmt: skip


def citation(
    start: int, end: int, *, words: str = "quoted words", speaker: str | None = None, role: Role | None = None
) -> Citation:
    return Citation(
        marker=1, passage_id=f"p{start}", document_id="d", document_title="D", section="B.1", section_title="One",
        start=start, end=end, lines=(1, 1), quoted_text=words,
        kind=Kind.INTERVIEW if speaker or role else Kind.REPORT, speaker=speaker, role=role,
    )  # fmt: skip


def case(*groups: list[Offsets], id: str = "c1", kind: str = "factual", **fields: object) -> LocatedCase:
    """Make a case: a list of (start, end) for each group of evidence; no group makes it unanswerable."""
    return LocatedCase.model_validate(
        {
            "id": id,
            "question": f"Question {id}?",
            "kind": kind,
            "answerable": bool(groups),
            "evidence": [[f"words {start}" for start, _ in group] for group in groups],
            "groups": [[span(*offsets) for offsets in group] for group in groups],
            **fields,
        }
    )


def outcome(
    of: LocatedCase,
    *,
    hits: tuple[Hit, ...] = (),
    citations: tuple[Citation, ...] = (),
    confidence: float = 0.9,
    latency_ms: float = 10,
    error: str | None = None,
) -> Outcome:
    """Make an outcome: an answer where there are citations, else a refusal, or an error."""
    blocks = tuple(QuotationBlock(citation=one, attribution="Whose words they are") for one in citations)
    answer = Answer(
        id=of.id, question=of.question, status="answered" if citations else "not_in_corpus", confidence=confidence,
        text=render_text(blocks), citations=citations, hits=hits, notices=(), suggestions=(), blocks=blocks,
    )  # fmt: skip
    return Outcome(case=of, answer=None if error else answer, latency_ms=latency_ms, error=error)


def run(*outcomes: Outcome, name: str = "run", cases: Sequence[LocatedCase] | None = None, made_from: str = "a") -> Run:
    """Make a run of outcomes, and of cases that it does not hold an outcome of."""
    fingerprint = Fingerprint(cases_sha256=made_from * 64, corpus_sha256="b" * 64, config_sha256="c" * 64)
    started = Started(
        name=name, created="2026-01-01T00:00:00Z", version="0", source="mine.jsonl", fingerprint=fingerprint, config={}
    )
    made = make_run(outcomes, (), started)
    return made if cases is None else made.model_copy(update={"cases": tuple(cases)})


class Make:
    """The makers of this file, for tests: pytest hands on fixtures, not functions."""

    span: Callable[..., Span] = staticmethod(span)
    hit: Callable[..., Hit] = staticmethod(hit)
    citation: Callable[..., Citation] = staticmethod(citation)
    case: Callable[..., LocatedCase] = staticmethod(case)
    outcome: Callable[..., Outcome] = staticmethod(outcome)
    run: Callable[..., Run] = staticmethod(run)


@pytest.fixture(scope="session")
def make() -> Make:
    return Make()
