"""Run cases through the assistant and time each; a question that ends in an error does not end the run."""

from collections.abc import Iterable, Iterator, Sequence
from time import perf_counter
from typing import Protocol

from assistant.schema import Answer, Query
from corpus.errors import CoproduceError
from corpus.schema import Document
from eval.measures import measure, reasons_for_failure
from eval.schema import Evaluation, Failure, LocatedCase, Outcome


class Answerer(Protocol):
    """Answers questions: `assistant.pipeline.Assistant` does."""

    def ask(self, query: Query) -> Answer:
        """Answer one question."""
        ...


def run_cases(answerer: Answerer, cases: Iterable[LocatedCase]) -> Iterator[Outcome]:
    """Ask each case's question, in order, and give what became of it.

    The speaker, role and section of a case are what is expected, so they are not passed on as filters.
    """
    for case in cases:
        yield run_case(answerer, case)


def run_case(answerer: Answerer, case: LocatedCase) -> Outcome:
    """Ask one case's question. An error is kept in the outcome, which then counts as refused."""
    query = Query(id=case.id, question=case.question, history=case.history)
    answer, error = None, None
    began = perf_counter()
    try:
        answer = answerer.ask(query)
    except CoproduceError as raised:
        error = str(raised)
    except Exception as raised:  # a fault in our own code: the other cases are still worth knowing
        error = f"{type(raised).__name__}: {raised}"
    latency_ms = 1000 * (perf_counter() - began)
    return Outcome(case=case, answer=answer, latency_ms=latency_ms, error=error)


def evaluate(source: str, outcomes: Sequence[Outcome], documents: Sequence[Document]) -> Evaluation:
    """Measure outcomes, all together and by kind of question, and name those that went wrong."""
    by_kind: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_kind.setdefault(outcome.case.kind, []).append(outcome)
    return Evaluation(
        source=source,
        measures=measure(outcomes, documents),
        kinds={kind: measure(members, documents) for kind, members in sorted(by_kind.items())},
        errors={outcome.case.id: outcome.error for outcome in outcomes if outcome.error is not None},
        failures=tuple(
            Failure(
                id=outcome.case.id,
                question=outcome.case.question,
                status=outcome.answer.status if outcome.answer else "error",
                reasons=reasons,
                error=outcome.error,
            )
            for outcome in outcomes
            if (reasons := reasons_for_failure(outcome))
        ),
    )
