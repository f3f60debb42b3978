"""Two TREC files are scored as trec_eval 10 scores them, and kept as a run that compare, gate and the page take."""

import gzip
import json
import math

import pytest
import pytrec_eval
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from assistant.serving.terminal.cli import app
from corpus.errors import CaseError, UnknownName
from eval import statistics, trec
from eval.folder import read_run
from eval.judgements import read_judgements, read_queries
from eval.rank import RANK_MEASURES
from eval.score import parse_measures, score_ranking

ASKED = "P@1,P@5,R@2,R@5,Success@2,nDCG,nDCG@3,AP,AP@3,RR,RR@2,Judged@4"
#: Our name → trec_eval's; what it does not have is worked out in `by_hand`.
THEIRS = {
    "P@1": "P_1", "P@5": "P_5", "R@2": "recall_2", "R@5": "recall_5", "Success@2": "success_2", "nDCG": "ndcg",
    "nDCG@3": "ndcg_cut_3", "AP": "map", "AP@3": "map_cut_3", "RR": "recip_rank",
}  # fmt: skip
QRELS = "q1 0 a 2\nq1 0 b 0\nq1 0 c 1\nq2 0 a 1\nq3 0 d 1\n"
RUN = "q1 Q0 b 1 9 t\nq1 Q0 a 2 8 t\nq1 Q0 x 3 7 t\nq1 Q0 c 4 6 t\nq2 Q0 a 1 5 t\n"


def scored(folder, run=RUN, qrels=QRELS, measures=ASKED, **options):
    """Score two files as the command does."""
    (folder / "qrels").write_text(qrels, encoding="utf-8")
    (folder / "run").write_text(run, encoding="utf-8")
    judged = read_judgements(folder / "qrels")
    return score_ranking(judged, trec.read_run(folder / "run"), "run", parse_measures(measures), **options)


def by_trec_eval_10(qrels, run):
    """Ask trec_eval's own code, of version 9: whole numbers in the order of the scores stand for 64 bits of them."""
    places = {score: place for place, score in enumerate(sorted({one for of in run.values() for one in of.values()}))}
    evaluator = pytrec_eval.RelevanceEvaluator(
        {query: {one: grade for one, grade in of.items() if grade >= 0} for query, of in qrels.items()},
        {
            name.rpartition("_")[0] + "." + name.rpartition("_")[2] if name[-1].isdigit() else name
            for name in THEIRS.values()
        },
    )
    return evaluator.evaluate(
        {query: {one: float(places[score]) for one, score in of.items()} for query, of in run.items()}
    )


def by_hand(judged, ranked):
    """Work out what trec_eval does not have: RR cut at 2, and the share of the first 4 that is judged."""
    first = next((place for place, one in enumerate(ranked[:2], start=1) if judged.get(one, 0) > 0), math.inf)
    return {"RR@2": 1 / first, "Judged@4": sum(judged.get(one, -1) >= 0 for one in ranked[:4]) / len(ranked[:4])}


ids = st.text(st.sampled_from("abzAé1#%-"), min_size=1, max_size=2).filter(lambda one: not one.startswith("#"))
near = st.integers(-3, 3).map(lambda step: 1 + step * 1e-12) | st.integers(-3, 3).map(lambda step: -99 + step * 1e-8)
scores = near | st.sampled_from([0.0, 1.0, 2.0]) | st.floats(-1e30, 1e30)
queries = st.sampled_from(["q1", "q2", "q3"])


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(queries, st.dictionaries(ids, st.integers(-1, 3), min_size=1, max_size=8), min_size=1),
    st.dictionaries(queries, st.dictionaries(ids, scores, min_size=1, max_size=8), min_size=1),
)
def test_random_files_score_as_by_trec_eval_10(tmp_path_factory, qrels, run):
    folder = tmp_path_factory.mktemp("score")
    lines = [f"{query} 0 {one} {grade}\n" for query, of in qrels.items() for one, grade in of.items()]
    ranked = [f"{query} Q0 {one} 1 {score!r} t\n" for query, of in run.items() for one, score in of.items()]
    if not qrels.keys() & run.keys():
        with pytest.raises(CaseError, match="no query of run is judged in qrels"):
            scored(folder, "".join(ranked), "".join(lines))
        return
    found = scored(folder, "".join(ranked), "".join(lines), leave_out_missing=True)
    theirs = by_trec_eval_10(qrels, run)
    assert found.per_query.keys() == qrels.keys() & run.keys()
    for query, values in found.per_query.items():
        order = sorted(run[query], key=lambda one: (run[query][one], one.encode()), reverse=True)
        wanted = {ours: theirs.get(query, {}).get(name, 0.0) for ours, name in THEIRS.items()}
        wanted |= by_hand(qrels[query], order)
        assert values == {name: pytest.approx(value, abs=1e-12) for name, value in wanted.items()}
    whole = scored(folder, "".join(ranked), "".join(lines))  # as with its option -c: what is missing scores zero
    assert whole.measures["AP"].value == pytest.approx(sum(one["AP"] for one in found.per_query.values()) / len(qrels))
    assert set(whole.missing) == qrels.keys() - run.keys()


def test_scores_that_32_bits_cannot_tell_apart_are_told_apart(tmp_path):
    """Where they would tie, the ids would decide, and put the relevant one first: so trec_eval 9, and a careless 10."""
    run = "q Q0 z 1 0.999999999998 t\nq Q0 a 2 0.999999999999 t\n"
    found = scored(tmp_path, run, "q 0 z 1\n", "RR")
    assert found.measures["RR"].value == 0.5
    of_32_bits = pytrec_eval.RelevanceEvaluator({"q": {"z": 1}}, {"recip_rank"})
    assert of_32_bits.evaluate({"q": {"z": 0.999999999998, "a": 0.999999999999}})["q"]["recip_rank"] == 1


def test_values_worked_by_hand(tmp_path):
    """q1 is ranked b(0) a(2) x c(1); q2 is right at once; q3 is missing."""
    found = scored(tmp_path)
    gain, ideal = 2 / math.log2(3) + 1 / math.log2(5), 2 + 1 / math.log2(3)
    assert found.per_query["q1"] == {
        "P@1": 0, "P@5": 0.4, "R@2": 0.5, "R@5": 1, "Success@2": 1, "nDCG": pytest.approx(gain / ideal),
        "nDCG@3": pytest.approx(2 / math.log2(3) / ideal), "AP": 0.5, "AP@3": 0.25, "RR": 0.5, "RR@2": 0.5,
        "Judged@4": 0.75,
    }  # fmt: skip
    assert found.measures["AP"].value == pytest.approx((0.5 + 1 + 0) / 3)
    assert found.measures["AP"].interval == pytest.approx(tuple(statistics.mean_interval([0.5, 1, 0])))
    assert found.missing == ("q3",)
    assert found.notes == ("run lacks 1 judged query ('q3'): they score zero, as with trec_eval -c.",)
    left_out = scored(tmp_path, leave_out_missing=True)
    assert (left_out.measures["AP"].value, left_out.queries) == (0.75, 2)
    cut = scored(
        tmp_path, RUN.replace("q2 Q0 a 1 5 t", "q2 Q0 a 1 5 t\n" + "".join(f"q2 Q0 z{n} 2 1 t\n" for n in "123"))
    )
    assert "run is cut at 4 documents: P@5, R@5, nDCG, AP, RR cannot see beyond." in cut.notes


def test_no_interval_is_of_no_width(tmp_path):
    """P@1 is 0 on both queries, its interval exact; nDCG@2 is one fraction on both, which gives none, and is said."""
    run = "".join(f"q{n} Q0 {one} 1 {-rank} t\n" for n in (1, 2) for rank, one in enumerate("xa"))
    found = scored(tmp_path, run, "q1 0 a 1\nq2 0 a 1\n", "P@1,nDCG@2")
    assert found.measures["P@1"].interval == pytest.approx((0, 1 - 0.025**0.5))
    assert found.measures["nDCG@2"].value == pytest.approx(1 / math.log2(3))
    assert found.measures["nDCG@2"].interval is None
    assert found.notes == ("Every query has the same value of nDCG@2: that gives no interval.",)


def test_the_names_of_trec_eval_are_understood():
    assert list(parse_measures("ndcg_cut_7, recall.3,P_5,map,recip_rank,map_cut_9,MRR")) == [
        "nDCG@7", "R@3", "P@5", "AP", "RR", "AP@9",
    ]  # fmt: skip
    for name, message in [
        ("F1", "there is no measure 'F1'. There are: P@k, R@k"),
        ("P", "'P' needs a cutoff, for instance P@10"),
        ("P@0", "there is no measure 'P@0'"),
        ("recall@5", "R@k, which trec_eval calls recall_k"),
    ]:
        with pytest.raises(UnknownName) as caught:
            parse_measures(name)
        assert message in str(caught.value)


def test_unknown_queries_and_documents_are_said_or_refused(tmp_path):
    said = []
    run = RUN + "q9 Q0 a 1 1 t\n"
    assert scored(tmp_path, run, warn=said.append).unknown == ("q9",)
    assert said == ["run ranks for 1 query that qrels does not judge: 'q9'. They are left out."]
    with pytest.raises(CaseError, match="Without --strict this"):
        scored(tmp_path, run, strict=True)
    with pytest.raises(CaseError, match="no document that run ranks is judged in qrels"):
        scored(tmp_path, "q1 Q0 elsewhere 1 1 t\n", strict=True)


@pytest.fixture
def invoke():
    return lambda *arguments: CliRunner().invoke(app, ["eval", *map(str, arguments)])


def test_packed_files_comments_and_kinds_through_the_command(tmp_path, invoke):
    (tmp_path / "qrels.gz").write_bytes(gzip.compress(("# by hand\n" + QRELS).encode()))
    (tmp_path / "run").write_bytes(gzip.compress(("  # a run\n" + RUN.replace(" t\n", " t and more\n")).encode()))
    (tmp_path / "queries.tsv").write_text("q1\tWho?\tperson\nq2\tWhat?\tthing\nq3\tWhich?\tthing\n")
    arguments = ("score", tmp_path / "qrels.gz", tmp_path / "run", "--queries", tmp_path / "queries.tsv")
    printed = json.loads(invoke(*arguments, "--measures", "AP", "--json").stdout)
    assert {kind: of["AP"]["value"] for kind, of in printed["kinds"].items()} == {"person": 0.5, "thing": 0.5}
    assert printed["kinds"]["thing"]["AP"]["interval"] is not None
    assert printed["kinds"]["person"]["AP"]["interval"] is None
    shown = invoke(*arguments, "--per-query").stdout
    for words in ("AP 0.5000", "By kind of query", "person", "By query", "q3 0.0000"):
        assert words in " ".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 80
    (tmp_path / "cut.gz").write_bytes((tmp_path / "qrels.gz").read_bytes()[:-9])
    assert "compressed by gzip, but damaged" in str(invoke("score", tmp_path / "cut.gz", tmp_path / "run").exception)


def test_two_scored_runs_are_compared_gated_and_reported(tmp_path, invoke):
    (tmp_path / "qrels").write_text("".join(f"q{n:02} 0 d{n} 1\n" for n in range(12)))
    for name, right in (("good", 12), ("bad", 3)):
        lines = [f"q{n:02} Q0 {'d' if n < right else 'x'}{n} 1 1 {name}\n" for n in range(12)]
        (tmp_path / f"{name}.run").write_text("".join(lines))
        made = invoke("score", tmp_path / "qrels", tmp_path / f"{name}.run", "--out", tmp_path / name)
        assert made.exit_code == 0, made.output
    measures = read_run(tmp_path / "bad").summary.measures
    assert {name: value for name, value in measures.items() if value is not None} == dict.fromkeys(RANK_MEASURES, 0.25)
    assert measures["recall@5"] is measures["verbatim"] is measures["AUROC"] is measures["latency_p50"] is None
    compared = json.loads(invoke("compare", tmp_path / "good", tmp_path / "bad", "--json").stdout)
    assert {one["change"] for one in compared["pairs"][0]["changed"]} == {"worse"}
    assert len(compared["pairs"][0]["changed"]) == 9
    baseline = ("gate", "--baseline", tmp_path / "b.json", "--run")
    assert invoke(*baseline, tmp_path / "good", "--write").exit_code == 0
    assert invoke(*baseline, tmp_path / "good").exit_code == 0
    assert invoke(*baseline, tmp_path / "bad").exit_code == 1
    assert invoke("report", tmp_path / "bad", "--before", tmp_path / "good").exit_code == 0
    page = (tmp_path / "bad" / "report.html").read_text(encoding="utf-8")
    assert "3 of 12 questions went right" in page
    refused = invoke("compare", tmp_path / "good", tmp_path / "bad", "--by", "recall@5").exception
    shared = "R@1, R@5, R@10, Success@5, nDCG@10, RR@10, AP."
    assert (
        str(refused) == f"not every run has a value of recall@5, so it cannot decide. What all of them have: {shared}"
    )
    reported = ("report", tmp_path / "bad", "--before", tmp_path / "good", "--by")
    assert "What all of them have: R@1" in str(invoke(*reported, "recall@5").exception)
    assert invoke(*reported, "AP").exit_code == 0
    # The folder is judged again by itself, and judges another system's run, which is then comparable with it.
    again = json.loads(invoke("score", tmp_path / "bad", "--measures", "P_1", "--json").stdout)
    assert again["measures"]["P@1"]["value"] == 0.25
    assert invoke("score", tmp_path / "good", tmp_path / "bad.run", "--out", tmp_path / "other").exit_code == 0
    assert invoke("compare", tmp_path / "good", tmp_path / "other").exit_code == 0
    for arguments, message in [
        (("score", tmp_path / "qrels"), "which run? Give a TREC run after"),
        (("score", tmp_path, tmp_path / "bad.run"), "holds no judgements. Expected a file of TREC qrels"),
        (("score", tmp_path / "bad", "--queries", tmp_path / "qrels"), "--queries goes with a file of qrels"),
        (("score", tmp_path / "qrels", tmp_path / "bad.run", "--out", tmp_path / "bad"), "holds a run already"),
    ]:
        assert message in str(invoke(*arguments).exception)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("q1\tWho?", ("Who?", "query")),
        ("q1\tWho?\tperson", ("Who?", "person")),
        ('{"id": "q1", "question": "Who?", "kind": "person", "answerable": true}', ("Who?", "person")),
        ('{"_id": "q1", "text": "Who?"}', ("Who?", "query")),
        ("q1 Who?", "line 1: expected an id, a question and, if it is known, a kind, with tabs between"),
        ('{"id": "q1"}', "line 1: expected a query's id and question"),
        ("{", "line 1: expected UTF-8, and JSON where a line begins with a brace"),
    ],
)
def test_what_queries_ask_is_read_in_three_forms(tmp_path, line, wanted):
    (tmp_path / "queries").write_text(line)
    if isinstance(wanted, str):
        with pytest.raises(CaseError, match=wanted):
            read_queries(tmp_path / "queries")
    else:
        [(name, asked)] = read_queries(tmp_path / "queries").items()
        assert (name, asked.question, asked.kind) == ("q1", *wanted)
