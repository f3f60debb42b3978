"""Score a ranking against judgements as trec_eval 10 does: any cutoff, query by query, with intervals and by kind."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ir_measures
from pydantic import Field

from assistant.quoting.visible import first_few
from corpus.errors import CaseError, UnknownName
from corpus.frozen import Frozen
from eval import statistics
from eval.folder import OWN_QRELS
from eval.judgements import Judgements
from eval.trec import Qrels, Rankings

DEFAULT_MEASURES = "P@5,P@10,R@10,R@100,nDCG@10,AP,RR,Judged@10"
_KNOWN = "P@k, R@k, Success@k, Judged@k, nDCG, nDCG@k, AP, AP@k, RR and RR@k, each k a whole number from 1"
#: Name in small letters → the measure of ir_measures, and whether it needs a cutoff.
_MEASURES: dict[str, tuple[Any, bool]] = {
    "p": (ir_measures.P, True),
    "r": (ir_measures.R, True),
    "success": (ir_measures.Success, True),
    "judged": (ir_measures.Judged, True),
    "ndcg": (ir_measures.nDCG, False),
    "ap": (ir_measures.AP, False),
    "rr": (ir_measures.RR, False),
}
#: trec_eval's own names, so that they can be typed as it prints them.
_OF_TREC_EVAL = {"p": "P", "recall": "R", "success": "Success", "ndcg_cut": "nDCG", "map_cut": "AP"}
_WHOLE = {"map": "AP", "recip_rank": "RR", "mrr": "RR"}
_SHOWN_IDS = 3
_WHOLE_FOLDER = "Give the run's folder as QRELS: it also knows the queries that nothing answers."


class Mean(Frozen):
    """A measure over some queries."""

    queries: int = Field(description="How many queries have a value.")
    value: float
    interval: tuple[float, float] | None = Field(
        description="95%, of the mean; exact where all values are 0 or 1. None of fewer than two queries, or one value."
    )


class Score(Frozen):
    """What a ranking is worth: what `coproduce eval score --json` prints."""

    judgements: str = Field(description="The name of what it was judged by.")
    run: str = Field(description="The name of the run.")
    queries: int = Field(description="How many queries the means are over.")
    missing: tuple[str, ...] = Field(description="Judged queries that the run lacks; they score zero, or are left out.")
    left_out_missing: bool = Field(description="Whether they were left out, as trec_eval does without -c.")
    unknown: tuple[str, ...] = Field(description="Queries of the run that nobody judged; they are left out.")
    depth: int = Field(description="The most documents that the run ranks for a query.")
    notes: tuple[str, ...] = Field(description="What whoever reads the numbers should know.")
    measures: dict[str, Mean]
    kinds: dict[str, dict[str, Mean]] = Field(description="By kind of query, where more than one kind is known.")
    kind_sizes: dict[str, int]
    per_query: dict[str, dict[str, float]]


def parse_measures(names: str | None) -> dict[str, Any]:
    """Read a list of measures with commas between, each by the field's name or trec_eval's: name → measure.

    >>> list(parse_measures("ndcg@7, P_5, map"))
    ['nDCG@7', 'P@5', 'AP']

    Raises:
        UnknownName: there is no such measure; the message lists those that exist.
    """
    return dict(_parse(name.strip()) for name in (names or DEFAULT_MEASURES).split(","))


def _parse(name: str) -> tuple[str, Any]:
    written = _WHOLE.get(name.casefold(), name)
    if of_theirs := re.fullmatch(r"([a-z_]+?)[_.](\d+)", name.casefold()):
        written = f"{_OF_TREC_EVAL.get(of_theirs[1], of_theirs[1])}@{of_theirs[2]}"
    found = re.fullmatch(r"([a-z]+)(?:@(\d+))?", written.casefold())
    if found and found[1] == "recall":
        raise UnknownName(
            f"{name!r} asks for pieces of evidence, which judged documents do not have. The share of the relevant "
            f"documents among the first k is R@k, which trec_eval calls recall_k."
        )
    if found is None or found[1] not in _MEASURES or (found[2] and not int(found[2])):
        raise UnknownName(f"there is no measure {name!r}. There are: {_KNOWN}.")
    measure, needs_cutoff = _MEASURES[found[1]]
    if needs_cutoff and not found[2]:
        raise UnknownName(f"{name!r} needs a cutoff, for instance {name}@10.")
    whole = measure @ int(found[2]) if found[2] else measure
    return str(whole), whole


def measure_queries(
    qrels: Qrels, rankings: Mapping[str, Sequence[str]], measures: Mapping[str, Any]
) -> dict[str, dict[str, float]]:
    """Compute measures for every judged query, through ir_measures.

    A query that is missing from the rankings scores zero. A document with a grade below zero counts as not judged, as
    in trec_eval.

    Args:
        qrels: Query id → document id → relevance.
        rankings: Query id → document ids, best first.
        measures: Name → the measure of ir_measures.

    Returns:
        Query id → name of the measure → value.
    """
    values = {query: dict.fromkeys(measures, 0.0) for query in qrels}
    judged = {query: {one: grade for one, grade in of.items() if grade >= 0} for query, of in qrels.items()}
    # Ranks, not scores: some of what computes them holds scores in 32 bits, and breaks ties in ways of its own.
    run = {
        query: {document: float(-rank) for rank, document in enumerate(dict.fromkeys(rankings[query]))}
        for query in judged
        if judged[query] and rankings.get(query)
    }
    names = {measure: name for name, measure in measures.items()}
    if run and names:
        for found in ir_measures.iter_calc(list(names), judged, run):
            if found.query_id in run:
                values[found.query_id][names[found.measure]] = float(found.value)
    return values


def score_ranking(
    judged: Judgements,
    rankings: Rankings,
    name: str,
    measures: Mapping[str, Any],
    *,
    leave_out_missing: bool = False,
    strict: bool = False,
    warn: Callable[[str], None] = lambda _: None,
    known: Mapping[str, Mapping[str, float]] | None = None,
) -> Score:
    """Score a run's rankings, under the ids of the judgements.

    Args:
        judged: What they are judged by.
        rankings: Query id → documents with their scores, best first.
        name: Of the run, for people.
        measures: What to compute: see `parse_measures`.
        leave_out_missing: Whether queries that the run lacks are left out, as trec_eval does without its option -c.
        strict: Whether what would be a warning is an error.
        warn: Told each thing that people should know.
        known: Query id → name → value, of measures that are not computed here but were measured before.

    Raises:
        CaseError: no query of the run is judged; or, if `strict`, the first thing that people should know.
    """
    unknown = tuple(query for query in rankings if query not in judged.qrels and query not in _ids(judged))
    found = {query: ranking for query, ranking in rankings.items() if query in judged.qrels}
    if not found:
        raise CaseError(
            f"no query of {name} is judged in {judged.source}: it ranks for {_list(tuple(rankings))}; judged are "
            f"{_list(tuple(judged.qrels))}. Are they of the same queries?"
        )
    missing = tuple(query for query in judged.qrels if query not in found)
    ids = {query: [document for document, _ in ranking] for query, ranking in found.items()}
    for note in (*judged.notes, *_warnings(judged, ids, name, unknown)):
        if strict:
            raise CaseError(f"{note} Without --strict this is a warning.")
        warn(note)
    values = measure_queries(judged.qrels, ids, measures)
    counted = {query: one for query, one in values.items() if query in found or not leave_out_missing}
    for query, of_query in (known or {}).items():
        counted[query] = {**counted.get(query, {}), **of_query}
    names = tuple(dict.fromkeys((*measures, *(one for of_query in (known or {}).values() for one in of_query))))
    kinds: dict[str, list[dict[str, float]]] = {}
    for case in judged.cases:
        if case.id in counted:
            kinds.setdefault(case.kind, []).append(counted[case.id])
    means = _means(list(counted.values()), names)
    return Score(
        judgements=judged.source,
        run=name,
        queries=len(counted),
        missing=missing,
        left_out_missing=leave_out_missing,
        unknown=unknown,
        depth=max(map(len, ids.values())),
        notes=(
            *_say_missing(name, missing if measures else (), left_out=leave_out_missing),
            *_say_cut(name, ids, measures, judged),
            *_say_no_interval(means),
        ),
        measures=means,
        kinds={kind: _means(of, names) for kind, of in sorted(kinds.items())} if len(kinds) > 1 else {},
        kind_sizes={kind: len(of) for kind, of in sorted(kinds.items())},
        per_query=counted,
    )


def _ids(judged: Judgements) -> set[str]:
    """Give the ids of cases: one that nothing answers has no judgement, and is no unknown query."""
    return {case.id for case in judged.cases}


def _warnings(judged: Judgements, ids: Mapping[str, Sequence[str]], name: str, unknown: Sequence[str]) -> list[str]:
    found = []
    if unknown:
        found.append(
            f"{name} ranks for {len(unknown)} {_queries(unknown)} that {judged.source} does not judge: "
            f"{_list(unknown)}. They are left out." + (f" {_WHOLE_FOLDER}" if judged.source == OWN_QRELS else "")
        )
    known = judged.texts if judged.knows_documents else None
    lost = tuple(dict.fromkeys(one for of in ids.values() for one in of if known is not None and one not in known))
    if lost:
        found.append(
            f"{name} ranks {len(lost)} {'document' if len(lost) == 1 else 'documents'} that {judged.source} does not "
            f"have: {_list(lost)}. They count as not relevant."
        )
    if not any(one in judged.qrels[query] for query, of in ids.items() for one in of):
        found.append(f"no document that {name} ranks is judged in {judged.source}. Are their ids written the same way?")
    return found


def _say_missing(name: str, missing: Sequence[str], *, left_out: bool) -> list[str]:
    if not missing:
        return []
    what = "left out, as trec_eval does without -c" if left_out else "they score zero, as with trec_eval -c"
    return [f"{name} lacks {len(missing)} judged {_queries(missing)} ({_list(missing)}): {what}."]


def _say_cut(name: str, ids: Mapping[str, Sequence[str]], measures: Mapping[str, Any], judged: Judgements) -> list[str]:
    """Say that lists are cut, where most of them end at the same place, and which measures would see beyond it."""
    lengths = Counter(map(len, ids.values()))
    depth = max(lengths)
    beyond = [one for one in measures if one in ("AP", "nDCG", "RR") or int(one.partition("@")[2] or 0) > depth]
    has_all = judged.knows_documents and depth >= len(judged.texts) - judged.own_ids
    if not beyond or has_all or lengths[depth] * 2 <= len(ids):
        return []
    return [
        f"{name} is cut at {depth} {'document' if depth == 1 else 'documents'}: {', '.join(beyond)} cannot see beyond."
    ]


def _say_no_interval(means: Mapping[str, Mean]) -> list[str]:
    """Say why a mean of several queries has no interval."""
    alike = [name for name, mean in means.items() if mean.interval is None and mean.queries > 1]
    return [f"Every query has the same value of {', '.join(alike)}: that gives no interval."] if alike else []


def _means(values: Sequence[Mapping[str, float]], names: Sequence[str]) -> dict[str, Mean]:
    found = {}
    for name in names:
        column = [one[name] for one in values if name in one]
        if column:
            interval = statistics.value_interval(column)
            within = interval and (interval.low, interval.high)
            found[name] = Mean(queries=len(column), value=sum(column) / len(column), interval=within)
    return found


def _queries(ids: Sequence[str]) -> str:
    return "query" if len(ids) == 1 else "queries"


def _list(ids: Sequence[str]) -> str:
    return first_few(map(repr, ids), _SHOWN_IDS)
