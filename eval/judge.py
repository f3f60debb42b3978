"""Judge outcomes: a row of measures for each question, and a summary of them all.

A measure of a question is None where it does not apply to it: evidence does not apply to a question that the report
does not answer, and how exact citations are does not apply where nothing was cited. Where a measure applies and the
question has no answer, because it ended in an error or is missing, its value is the worst there is.
"""

from collections.abc import Iterable, Mapping, Sequence

from assistant.quoting.verify import verify_citation
from assistant.schema import Citation, Hit
from corpus.errors import VerbatimError
from corpus.schema import Document, Kind
from eval.confidence import corpus_measures, latencies, reliability
from eval.measures import FIRST_CITATIONS, LONG_ANSWER_WORDS, MEASURES
from eval.rank import measure_rankings, qrels_of
from eval.schema import Case, LocatedCase, Outcome, QueryRow, RunSummary, Span, Started
from eval.spans import Stretch, holds_some, overlap, recall_at

_SPAN_HITS = 5


def judge(outcomes: Sequence[Outcome], documents: Sequence[Document]) -> tuple[QueryRow, ...]:
    """Measure each outcome.

    Args:
        outcomes: What became of each case, in the order of the rows wanted.
        documents: What citations are checked against, and whose passages could have been found.
    """
    by_id = {document.id: document for document in documents}
    qrels = qrels_of((one.case for one in outcomes), [passage for one in documents for passage in one.passages])
    rankings = {one.case.id: [hit.passage_id for hit in hits_of(one)] for one in outcomes}
    ranks = measure_rankings(qrels, rankings)
    return tuple(_row(outcome, ranks.get(outcome.case.id), by_id) for outcome in outcomes)


def _row(outcome: Outcome, ranks: Mapping[str, float] | None, documents: Mapping[str, Document]) -> QueryRow:
    case, citations = outcome.case, citations_of(outcome)
    words = count_words(citations)
    found: dict[str, float | None] = {}
    if case.answerable:
        found |= _evidence_measures(outcome) | dict(ranks or {})
        found["answerable_refused"] = float(outcome.refused or outcome.answer is None)
        if asks_for_voice(case):
            found["speaker"] = float(is_right_voice(case, citations))
        if case.section is not None:
            found["section"] = float(any(_is_inside(one, case.section, documents) for one in citations))
        if filters_apply(case):
            found["filter_leakage"] = outcome.leakage if outcome.error is None and outcome.answer else 1.0
    if citations:
        found["verbatim"] = sum(is_verbatim(one, documents) for one in citations) / len(citations)
        found["citations"] = float(len(citations))
        found["words"] = float(words)
        found["over_300"] = float(words > LONG_ANSWER_WORDS)
    return QueryRow(
        case_id=case.id,
        question=case.question,
        kind=case.kind,
        answerable=case.answerable,
        status=outcome.status,
        confidence=outcome.confidence,
        supported=is_supported(case, shown_by(citations)),
        refused=outcome.refused,
        latency_ms=outcome.latency_ms if outcome.answer else None,
        words=words,
        error=outcome.error,
        measures={name: found.get(name) for name, measure in MEASURES.items() if measure.per_question},
    )


def _evidence_measures(outcome: Outcome) -> dict[str, float | None]:
    groups, hits, citations = outcome.case.groups, hits_of(outcome), shown_by(citations_of(outcome))[:FIRST_CITATIONS]
    spans, cited = overlap(groups, hits[:_SPAN_HITS]), overlap(groups, citations)
    return {
        **{f"recall@{k}": recall_at(groups, hits, k) for k in (1, 5, 10)},
        f"span_recall@{_SPAN_HITS}": spans.recall,
        f"span_precision@{_SPAN_HITS}": spans.precision,
        f"span_iou@{_SPAN_HITS}": spans.iou,
        "evidence_shown": recall_at(groups, citations, FIRST_CITATIONS),
        "first_citation": float(holds_some(groups, citations[:1])),
        "citation_precision": cited.precision,
        "citation_recall": cited.recall,
    }


def average(rows: Sequence[QueryRow]) -> dict[str, float | None]:
    """Give every measure's value over some rows: means of single questions, and the values that only a run has."""
    whole = corpus_measures(rows)
    return {
        name: mean(row.measures.get(name) for row in rows) if measure.per_question else whole[name]
        for name, measure in MEASURES.items()
    }


def mean(values: Iterable[float | None]) -> float | None:
    """Give the mean of what is not None; None where nothing is left: a share of nothing is not zero."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def summarise(rows: Sequence[QueryRow], started: Started, index_bytes: int | None = None) -> RunSummary:
    """Sum up a run, all together and by kind of question.

    Raises:
        ValueError: there are no rows.
    """
    if not rows:
        raise ValueError("there is nothing to measure: expected at least one question.")
    kinds: dict[str, list[QueryRow]] = {}
    for row in rows:
        kinds.setdefault(row.kind, []).append(row)
    answered = [row for row in rows if row.has_answer]
    return RunSummary(
        **{name: getattr(started, name) for name in Started.model_fields},
        cases=len(rows),
        answerable=sum(row.answerable for row in rows),
        errors=sum(row.error is not None for row in rows),
        missing=sum(row.status == "missing" for row in rows),
        measures=average(rows),
        kinds={kind: average(members) for kind, members in sorted(kinds.items())},
        kind_sizes={kind: len(members) for kind, members in sorted(kinds.items())},
        reliability=reliability([row.confidence for row in answered], [row.supported for row in answered]),
        latency_ms=latencies(rows),
        index_bytes=index_bytes,
    )


def is_supported(case: LocatedCase, citations: Sequence[Stretch]) -> bool:
    """Tell whether an answer shows at least one evidence group among its first citations; unanswerable: never."""
    return case.answerable and recall_at(case.groups, citations, FIRST_CITATIONS) > 0


def shown_by(citations: Iterable[Citation]) -> list[Span]:
    """Give the spans that citations show: the sentences that answer, not what is folded away."""
    return [Span(document_id=one.document_id, start=one.answer_span[0], end=one.answer_span[1]) for one in citations]


def is_verbatim(citation: Citation, documents: Mapping[str, Document]) -> bool:
    """Tell whether a citation is an exact slice of its document, with the speaker and lines that it has there."""
    try:
        verify_citation(citation, dict(documents))
    except VerbatimError:
        return False
    return True


def _is_inside(citation: Citation, section: str, documents: Mapping[str, Document]) -> bool:
    """Tell whether a citation stands in a section; of a document that is not here only the section itself is known."""
    known = documents.get(citation.document_id)
    return citation.section == section if known is None else known.holds(section, citation.section)


def is_right_voice(case: Case, citations: Sequence[Citation]) -> bool:
    """Tell whether at least one interview quote is shown, and none by another speaker or role than asked for."""
    quotes = [citation for citation in citations if citation.kind is Kind.INTERVIEW]
    return bool(quotes) and all(
        (case.speaker is None or quote.speaker == case.speaker) and (case.role is None or quote.role == case.role)
        for quote in quotes
    )


def asks_for_voice(case: Case) -> bool:
    """Tell whether a case asks for the words of one speaker or one side."""
    return case.speaker is not None or case.role is not None


def filters_apply(case: Case) -> bool:
    """Tell whether a case can be asked again with filters: it is answerable and says where or by whom."""
    return case.answerable and (asks_for_voice(case) or case.section is not None)


def count_words(citations: Iterable[Citation]) -> int:
    """Count the words of an answer that are shown, without what is folded away."""
    return sum(len(citation.answer_text.split()) for citation in citations)


def citations_of(outcome: Outcome) -> tuple[Citation, ...]:
    """Give the citations that were shown for a case."""
    return outcome.answer.citations if outcome.answer else ()


def hits_of(outcome: Outcome) -> tuple[Hit, ...]:
    """Give the hits for a case, best first; a refusal has hits too."""
    return outcome.answer.hits if outcome.answer else ()


def reasons_for_failure(outcome: Outcome) -> tuple[str, ...]:
    """Say in plain words what went wrong with a case; nothing where all went well."""
    case, citations = outcome.case, citations_of(outcome)
    if outcome.answer is None:
        return ("ended in an error",) if outcome.error is not None else ("is missing from the run",)
    if not case.answerable:
        return () if outcome.refused else ("answered, though the documents do not say",)
    if outcome.refused:
        return ("refused, though the report says",)
    reasons = []
    share = recall_at(case.groups, shown_by(citations), FIRST_CITATIONS)
    if share < 1:
        reasons.append(f"{round(share * len(case.groups))} of {len(case.groups)} pieces of evidence shown")
    if asks_for_voice(case) and not is_right_voice(case, citations):
        reasons.append("not, or not only, the words of those asked for")
    if outcome.leakage:
        reasons.append("filters let through what they forbid")
    return tuple(reasons)
