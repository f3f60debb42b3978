"""Judge outcomes with numbers: what was found, what was shown, what was refused, how sure it was, how long it took.

Each measure is a small function over plain values, so that it can be checked by hand. Each gives None where it has
nothing to judge: a share of nothing is not zero.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

import ir_measures
import numpy as np

from assistant.cite import verify_citation
from assistant.schema import Citation, Hit
from corpus.errors import VerbatimError
from corpus.schema import Document, Kind, Passage
from eval.schema import Case, LocatedCase, Measures, Outcome, Span

#: Evidence must stand among this many citations to count as shown: people read no further.
FIRST_CITATIONS = 6
LONG_ANSWER_WORDS = 300
CALIBRATION_BINS = 10

Groups = Sequence[Sequence[Span]]


class Stretch(Protocol):
    """Part of a document: a hit, a citation, a passage, a span."""

    @property
    def document_id(self) -> str:
        """The document."""
        ...

    @property
    def start(self) -> int:
        """Its first character."""
        ...

    @property
    def end(self) -> int:
        """The character after its last."""
        ...


def holds(stretch: Stretch, span: Span) -> bool:
    """Tell whether a span lies wholly inside a stretch of the same document."""
    return stretch.document_id == span.document_id and stretch.start <= span.start and span.end <= stretch.end


def recall_at(groups: Groups, hits: Sequence[Stretch], k: int) -> float:
    """Give the share of evidence groups of which some alternative lies wholly inside one of the first k hits.

    This is neither of the two measures that are also called recall. Success@k is 1 as soon as any relevant hit is
    among the first k: it would call half an answer whole. R@k of qrels is the share of all relevant passages that
    were found: it would ask for every alternative, though one is enough. The three agree where a case has one group
    with one alternative.

    >>> groups = [[Span(document_id="d", start=10, end=20)], [Span(document_id="d", start=90, end=95)]]
    >>> recall_at(groups, [Span(document_id="d", start=0, end=40)], k=1)
    0.5
    """
    first = hits[:k]
    found = [any(holds(hit, span) for hit in first for span in group) for group in groups]
    return sum(found) / len(found)


def ndcg_at_10(
    cases: Iterable[LocatedCase], hits: dict[str, Sequence[Hit]], passages: Sequence[Passage]
) -> list[float]:
    """Give nDCG@10 for each case: relevant, with 1, is each passage that holds a whole alternative.

    A case without hits scores zero, and so does one whose evidence no single passage holds.

    Args:
        cases: Answerable cases.
        hits: Case id → its hits, best first.
        passages: All passages of all documents, found or not: the best possible ranking is made of these.

    Source: Järvelin and Kekäläinen (2002), as computed by trec_eval through ir_measures.
    """
    cases = list(cases)
    qrels = [
        ir_measures.Qrel(case.id, passage.id, 1)
        for case in cases
        for passage in passages
        if any(holds(passage, span) for group in case.groups for span in group)
    ]
    # Ranks, not scores: trec_eval sorts by score and would break ties by id.
    run = [
        ir_measures.ScoredDoc(case.id, hit.passage_id, float(-rank))
        for case in cases
        for rank, hit in enumerate(hits.get(case.id, ()))
    ]
    scores = {found.query_id: found.value for found in ir_measures.iter_calc([ir_measures.nDCG @ 10], qrels, run)}
    return [float(scores.get(case.id, 0.0)) for case in cases]


def is_supported(case: LocatedCase, citations: Sequence[Stretch]) -> bool:
    """Tell whether an answer shows at least one evidence group among its first citations; unanswerable: never."""
    return case.answerable and recall_at(case.groups, citations, FIRST_CITATIONS) > 0


def is_verbatim(citation: Citation, documents: dict[str, Document]) -> bool:
    """Tell whether a citation is an exact slice of its document, with the speaker and lines that it has there."""
    try:
        verify_citation(citation, documents)
    except VerbatimError:
        return False
    return True


def is_right_voice(case: Case, citations: Sequence[Citation]) -> bool:
    """Tell whether at least one interview quote is shown, and none by another speaker or role than asked for."""
    quotes = [citation for citation in citations if citation.kind is Kind.INTERVIEW]
    return bool(quotes) and all(
        (case.speaker is None or quote.speaker == case.speaker) and (case.role is None or quote.role == case.role)
        for quote in quotes
    )


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """Give the chance that a positive scores above a negative, a tie counting as half: 0.5 is a coin's.

    Source: the area under the ROC curve as the Mann–Whitney statistic; Hanley and McNeil (1982).
    """
    if not positives or not negatives:
        return None
    won = sum((above > below) + 0.5 * (above == below) for above in positives for below in negatives)
    return float(won / (len(positives) * len(negatives)))


def expected_calibration_error(confidences: Sequence[float], supported: Sequence[bool]) -> float:
    """Give how far confidence is from the share that is supported, on average over cases, in bins of equal width.

    A bin holds its lower edge; the last one holds 1 too.

    Source: Naeini, Cooper and Hauskrecht (2015).
    """
    # The product is rounded so that 0.3, say, falls into the bin that starts at 0.3 whatever its last binary digit.
    bins = [min(int(round(confidence * CALIBRATION_BINS, 9)), CALIBRATION_BINS - 1) for confidence in confidences]
    error = 0.0
    for wanted in set(bins):
        members = [number for number, found in enumerate(bins) if found == wanted]
        gap = sum(confidences[number] - supported[number] for number in members)
        error += abs(gap) / len(confidences)
    return error


def count_words(citations: Iterable[Citation]) -> int:
    """Count the words of the quoted texts of an answer."""
    return sum(len(citation.quoted_text.split()) for citation in citations)


def mean(values: Iterable[float]) -> float | None:
    """Give the mean, or the share of what is true; None of nothing."""
    values = list(values)
    return sum(values) / len(values) if values else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Give a percentile, between two values where it falls between them; None of nothing."""
    return float(np.percentile(values, percent)) if values else None


def citations_of(outcome: Outcome) -> tuple[Citation, ...]:
    """Give the citations that were shown for a case."""
    return outcome.answer.citations if outcome.answer else ()


def hits_of(outcome: Outcome) -> tuple[Hit, ...]:
    """Give the hits for a case, best first; a refusal has hits too."""
    return outcome.answer.hits if outcome.answer else ()


def measure(outcomes: Sequence[Outcome], documents: Sequence[Document]) -> Measures:
    """Compute every measure over some outcomes. Means are over cases: each counts the same.

    Recall and nDCG judge the hits, whether or not an answer was then given. A refusal shows nothing, so it has no
    evidence in its answer. Confidence is judged on every case; a question that ended in an error counts as refused
    with confidence 0, and not at all for latency.

    Raises:
        ValueError: there are no outcomes.
    """
    if not outcomes:
        raise ValueError("there is nothing to measure: expected at least one outcome.")
    answerable = [outcome for outcome in outcomes if outcome.case.answerable]
    unanswerable = [outcome for outcome in outcomes if not outcome.case.answerable]
    shown = [outcome for outcome in outcomes if citations_of(outcome)]
    lengths = [count_words(citations_of(outcome)) for outcome in shown]
    latencies = [outcome.latency_ms for outcome in outcomes if outcome.answer]
    by_id = {document.id: document for document in documents}

    def recall(k: int) -> float | None:
        return mean(recall_at(outcome.case.groups, hits_of(outcome), k) for outcome in answerable)

    return Measures(
        cases=len(outcomes),
        answerable=len(answerable),
        errors=sum(outcome.error is not None for outcome in outcomes),
        recall_at_1=recall(1),
        recall_at_5=recall(5),
        recall_at_10=recall(10),
        ndcg_at_10=mean(
            ndcg_at_10(
                (outcome.case for outcome in answerable),
                {outcome.case.id: hits_of(outcome) for outcome in answerable},
                [passage for document in documents for passage in document.passages],
            )
        ),
        evidence_in_answer=mean(
            recall_at(outcome.case.groups, citations_of(outcome), FIRST_CITATIONS) for outcome in answerable
        ),
        verbatim_rate=mean(is_verbatim(citation, by_id) for outcome in shown for citation in citations_of(outcome)),
        speaker_accuracy=mean(
            is_right_voice(outcome.case, citations_of(outcome))
            for outcome in answerable
            if asks_for_voice(outcome.case)
        ),
        refused=sum(outcome.refused for outcome in outcomes) / len(outcomes),
        refused_unanswerable=mean(outcome.refused for outcome in unanswerable),
        refused_answerable=mean(outcome.refused for outcome in answerable),
        confidence_auroc=auroc(
            [outcome.confidence for outcome in answerable], [outcome.confidence for outcome in unanswerable]
        ),
        calibration_error=expected_calibration_error(
            [outcome.confidence for outcome in outcomes],
            [is_supported(outcome.case, citations_of(outcome)) for outcome in outcomes],
        ),
        answer_words_median=percentile(lengths, 50),
        answers_over_300_words=mean(length > LONG_ANSWER_WORDS for length in lengths),
        latency_ms_p50=percentile(latencies, 50),
        latency_ms_p95=percentile(latencies, 95),
    )


def asks_for_voice(case: Case) -> bool:
    """Tell whether a case asks for the words of one speaker or one side."""
    return case.speaker is not None or case.role is not None


def reasons_for_failure(outcome: Outcome) -> tuple[str, ...]:
    """Say in plain words what went wrong with a case; nothing where all went well."""
    case, citations = outcome.case, citations_of(outcome)
    if outcome.error is not None:
        return ("ended in an error",)
    if not case.answerable:
        return () if outcome.refused else ("answered, though the report does not say",)
    if outcome.refused:
        return ("refused, though the report says",)
    reasons = []
    share = recall_at(case.groups, citations, FIRST_CITATIONS)
    if share < 1:
        reasons.append(f"{round(share * len(case.groups))} of {len(case.groups)} pieces of evidence shown")
    if asks_for_voice(case) and not is_right_voice(case, citations):
        reasons.append("not, or not only, the words of those asked for")
    return tuple(reasons)
