"""Run cases through the assistant and time each; a question that ends in an error does not end the run."""

from collections.abc import Iterable, Iterator, Sequence
from time import perf_counter
from typing import Protocol

from assistant.schema import Answer, Citation, Hit, Query
from corpus.errors import CoproduceError
from corpus.filters import Filters
from corpus.schema import Document
from eval.judge import filters_apply, judge, summarise
from eval.schema import LocatedCase, Outcome, Run, Started


class Answerer(Protocol):
    """Answers questions: `assistant.pipeline.Assistant` does."""

    def ask(self, query: Query) -> Answer:
        """Answer one question."""
        ...


def run_cases(
    answerer: Answerer, cases: Iterable[LocatedCase], documents: Sequence[Document] = ()
) -> Iterator[Outcome]:
    """Ask each case's question, in order, and give what became of it."""
    for case in cases:
        yield run_case(answerer, case, documents)


def run_case(answerer: Answerer, case: LocatedCase, documents: Sequence[Document] = ()) -> Outcome:
    """Ask one case's question; an error is kept in the outcome.

    The speaker, role and section of a case are what is expected, so they are not passed on as filters. A second
    question, untimed, passes them on, to see whether anything comes that they forbid; `documents` know which sections
    stand inside which.
    """
    query = Query(id=case.id, question=case.question, history=case.history)
    began = perf_counter()
    answer, error = _ask(answerer, query)
    latency_ms = 1000 * (perf_counter() - began)
    if answer is None:
        return Outcome(case=case, answer=None, error=error)
    leakage = None
    if filters_apply(case):
        filters = Filters(speaker=case.speaker, role=case.role, section=case.section)
        filtered, error = _ask(answerer, query.model_copy(update={"filters": filters}))
        error = error and f"with filters: {error}"
        leakage = None if filtered is None else leaked(filters, [*filtered.hits, *filtered.citations], documents)
    return Outcome(case=case, answer=answer, latency_ms=latency_ms, error=error, leakage=leakage)


def _ask(answerer: Answerer, query: Query) -> tuple[Answer | None, str | None]:
    try:
        return answerer.ask(query), None
    except CoproduceError as raised:
        return None, str(raised)
    except Exception as raised:  # a fault in our own code: the other cases are still worth knowing
        return None, f"{type(raised).__name__}: {raised}"


def leaked(filters: Filters, found: Sequence[Hit | Citation], documents: Sequence[Document] = ()) -> float:
    """Give the share of hits and citations that filters by speaker, role and section forbid; 0 where nothing came.

    It does not ask the filters themselves, so that a fault of theirs is seen.
    """
    by_id = {document.id: document for document in documents}

    def is_inside(one: Hit | Citation, section: str) -> bool:
        known = by_id.get(one.document_id)
        return one.section == section if known is None else known.holds(section, one.section)

    forbidden = [
        (filters.speaker is not None and one.speaker != filters.speaker)
        or (filters.role is not None and one.role != filters.role)
        or (filters.section is not None and not is_inside(one, filters.section))
        for one in found
    ]
    return sum(forbidden) / len(forbidden) if forbidden else 0.0


def make_run(
    outcomes: Sequence[Outcome], documents: Sequence[Document], started: Started, index_bytes: int | None = None
) -> Run:
    """Measure outcomes and put a run together, as `eval.folder.read_run` would read it back.

    Args:
        outcomes: What became of each case.
        documents: What answers are checked against.
        started: What the run was made from: `eval.fingerprint.start_run`.
        index_bytes: The size of the index's files.
    """
    rows = judge(outcomes, documents)
    return Run(
        summary=summarise(rows, started, index_bytes),
        rows=rows,
        answers={outcome.case.id: outcome.answer for outcome in outcomes if outcome.answer is not None},
        cases=tuple(outcome.case for outcome in outcomes),
    )
