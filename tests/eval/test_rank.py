"""Rank measures against ir_measures on the files that are exported, and against formulas and numbers worked by hand."""

import math

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval import trec
from eval.rank import RANK_MEASURES, measure_rankings, qrels_of

names = st.sampled_from([f"d{number}" for number in range(15)] + ["é d", "50%", "\u00a0"])
grades = st.dictionaries(names, st.integers(0, 3), max_size=8)
queries = st.sampled_from(["q1", "q2", "a query", "q%20", "ü"])
rankings = st.lists(names, unique=True, max_size=14)
# Some differ by less than a 32-bit number can.
scores = st.floats(-1e6, 1e6, allow_nan=False) | st.sampled_from([0.0, 1.0, 1.00000001, 0.99999999])


@settings(max_examples=150)
@given(qrels=st.dictionaries(queries, grades, min_size=1, max_size=4), found=st.dictionaries(queries, rankings))
def test_every_rank_measure_is_that_of_ir_measures_on_the_exported_files(tmp_path_factory, qrels, found):
    folder = tmp_path_factory.mktemp("trec")
    trec.write_qrels(folder / "qrels.trec", qrels)
    # Equal scores: only the order counts.
    trec.write_run(folder / "run.trec", {query: [(name, 0.5) for name in names] for query, names in found.items()}, "t")
    theirs = {query: dict.fromkeys(RANK_MEASURES, 0.0) for query in map(trec.trec_id, qrels)}
    label = {measure: name for name, measure in RANK_MEASURES.items()}
    for value in ir_measures.iter_calc(
        list(label),
        list(ir_measures.read_trec_qrels(str(folder / "qrels.trec"))),
        list(ir_measures.read_trec_run(str(folder / "run.trec"))),
    ):
        theirs[value.query_id][label[value.measure]] = value.value
    ours = measure_rankings(qrels, found)
    assert ours.keys() == qrels.keys()
    for query, values in ours.items():
        assert values == pytest.approx(theirs[trec.trec_id(query)], abs=1e-9)


@given(
    qrels=st.dictionaries(queries, grades, min_size=1), found=st.dictionaries(queries, st.dictionaries(names, scores))
)
def test_a_run_that_was_read_is_ranked_as_trec_eval_ranks_it(tmp_path_factory, qrels, found):
    """Scores of any size, ties too: read, ordered and measured by rank, it is worth what trec_eval says.

    RR@10 is not trec_eval's in ir_measures, but MS MARCO's, which breaks ties the other way.
    """
    path = tmp_path_factory.mktemp("trec") / "run.trec"
    path.write_text(
        "".join(
            f"{trec.trec_id(query)} Q0 {trec.trec_id(name)} 1 {score!r} t\n"
            for query, documents in found.items()
            for name, score in documents.items()
        )
    )
    coded = {
        trec.trec_id(query): {trec.trec_id(name): grade for name, grade in documents.items()}
        for query, documents in qrels.items()
    }
    ours = measure_rankings(
        coded, {query: [name for name, _ in ranking] for query, ranking in trec.read_run(path).items()}
    )
    label = {measure: name for name, measure in RANK_MEASURES.items() if name not in ("RR@10", "Judged@10")}
    judged = {query: documents for query, documents in coded.items() if documents}
    # trec_eval 10 ranks scores in double precision, and what ir_measures calls in single: whole numbers in the same
    # order are the same to both.
    scores = sorted({score for documents in found.values() for score in documents.values()})
    whole = {score: float(number) for number, score in enumerate(scores)}
    run = [
        ir_measures.ScoredDoc(trec.trec_id(query), trec.trec_id(name), whole[score])
        for query, documents in found.items()
        for name, score in documents.items()
    ]
    for value in ir_measures.iter_calc(list(label), judged, run):
        assert ours[value.query_id][label[value.measure]] == pytest.approx(value.value, abs=1e-9)


def test_every_measure_by_hand():
    """Relevant: a and b. Found: x, a, y, b. Each value is worked out beside it."""
    assert measure_rankings({"q": {"a": 1, "b": 1}}, {"q": ["x", "a", "y", "b"]})["q"] == pytest.approx(
        {
            "R@1": 0,
            "R@5": 1,
            "R@10": 1,
            "Success@5": 1,
            "nDCG@10": (1 / math.log2(3) + 1 / math.log2(5)) / (1 + 1 / math.log2(3)),
            "RR@10": 1 / 2,
            "AP": (1 / 2 + 2 / 4) / 2,
            "Judged@10": 2 / 4,
        }
    )


def test_a_ranking_turned_round_is_worth_less():
    ranking = ["a", "b", "x", "y"]
    good = measure_rankings({"q": {"a": 1}}, {"q": ranking})["q"]
    bad = measure_rankings({"q": {"a": 1}}, {"q": ranking[::-1]})["q"]
    assert all(bad[name] < good[name] for name in ("R@1", "nDCG@10", "RR@10", "AP"))


@pytest.mark.parametrize("found", [{}, {"q1": []}, {"other": ["a"]}])
def test_a_query_that_is_missing_or_has_no_hits_scores_zero(found):
    values = measure_rankings({"q1": {"a": 1}, "q2": {"a": 1}}, {**found, "q2": ["a"]})
    assert set(values["q1"].values()) == {0}
    assert values["q2"]["nDCG@10"] == 1
    assert set(measure_rankings({"q1": {"a": 1}}, found)["q1"].values()) == {0}


def test_a_query_for_which_nothing_is_judged_scores_zero_and_is_not_left_out():
    assert set(measure_rankings({"q": {}}, {"q": ["a"]})["q"].values()) == {0}
    assert measure_rankings({}, {"q": ["a"]}) == {}


def test_a_document_that_comes_again_counts_once():
    values = measure_rankings({"q": {"a": 1}}, {"q": ["x", "x", "x", "x", "x", "a"]})["q"]
    assert values["RR@10"] == 1 / 2


class Passage:
    """As much of a passage as qrels look at."""

    def __init__(self, start, end):
        self.id, self.document_id, self.start, self.end = f"p{start}", "d", start, end


def test_qrels_are_the_passages_that_hold_a_whole_alternative(make):
    """p0 holds an alternative of the first group, p80 the second group; p40 holds half of the other alternative."""
    cases = [make.case([(10, 20), (75, 85)], [(90, 95)], id="a"), make.case(id="u"), make.case([(30, 50)], id="split")]
    assert qrels_of(cases, [Passage(0, 40), Passage(40, 80), Passage(80, 100)]) == {
        "a": {"p0": 1, "p80": 1},
        "split": {},
    }
