"""Measure rankings against qrels, through ir_measures: the field's own numbers, question by question."""

from collections.abc import Iterable, Mapping, Sequence

import ir_measures
from ir_measures import AP, RR, Judged, R, Success, nDCG

from corpus.schema import Passage
from eval.schema import LocatedCase
from eval.spans import holds
from eval.trec import Qrels

#: Name → the measure of ir_measures.
RANK_MEASURES = {
    "R@1": R @ 1,
    "R@5": R @ 5,
    "R@10": R @ 10,
    "Success@5": Success @ 5,
    "nDCG@10": nDCG @ 10,
    "RR@10": RR @ 10,
    "AP": AP,
    "Judged@10": Judged @ 10,
}


def qrels_of(cases: Iterable[LocatedCase], passages: Sequence[Passage]) -> dict[str, dict[str, int]]:
    """Judge passages for each answerable case: relevant, with 1, is each that holds a whole alternative.

    Args:
        cases: Cases; those that are not answerable have no qrels.
        passages: All passages of all documents, found or not.

    Returns:
        Case id → passage id → 1. A case whose evidence no single passage holds is there with nothing.
    """
    return {
        case.id: {
            passage.id: 1
            for passage in passages
            if any(holds(passage, span) for group in case.groups for span in group)
        }
        for case in cases
        if case.answerable
    }


def measure_rankings(qrels: Qrels, rankings: Mapping[str, Sequence[str]]) -> dict[str, dict[str, float]]:
    """Compute every rank measure for every query of the qrels.

    A query that is missing from the rankings scores zero, and so does one for which nothing is judged; ir_measures
    leaves the latter out.

    Args:
        qrels: Query id → document id → relevance.
        rankings: Query id → document ids, best first; one that comes again is passed over.

    Returns:
        Query id → name of the measure → value.

    Source: trec_eval and the papers that ir_measures names; nDCG is that of Järvelin and Kekäläinen (2002).
    """
    values = {query: dict.fromkeys(RANK_MEASURES, 0.0) for query in qrels}
    names = {measure: name for name, measure in RANK_MEASURES.items()}
    judged = {query: dict(documents) for query, documents in qrels.items() if documents}
    # Ranks, not scores: trec_eval sorts by score and would break ties by id. An empty ranking is left out, as Judged@k
    # of ir_measures divides by its length.
    run = {
        query: {document: float(-rank) for rank, document in enumerate(dict.fromkeys(rankings[query]))}
        for query in judged
        if rankings.get(query)
    }
    if run:
        for found in ir_measures.iter_calc(list(names), judged, run):
            values[found.query_id][names[found.measure]] = float(found.value)
    return values
