"""TREC files come back as they were written, are ranked as trec_eval ranks them, and say where they are broken."""

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import CaseError
from eval import trec

ids = st.text(min_size=1, max_size=8).filter(lambda name: not any("\ud800" <= one <= "\udfff" for one in name))


@settings(deadline=None)
@given(ids, ids)
def test_each_id_is_one_field_of_its_own(first, second):
    assert len(trec.trec_id(first).split()) == 1
    assert len(trec.trec_id(first).encode().split()) == 1
    assert (trec.trec_id(first) == trec.trec_id(second)) == (first == second)


@settings(deadline=None)
@given(st.dictionaries(ids, st.dictionaries(ids, st.integers(-1, 3), min_size=1), max_size=3))
def test_qrels_come_back(tmp_path_factory, qrels):
    path = tmp_path_factory.mktemp("trec") / "qrels.trec"
    trec.write_qrels(path, qrels)
    coded = {
        trec.trec_id(query): {trec.trec_id(one): grade for one, grade in of.items()} for query, of in qrels.items()
    }
    assert trec.read_qrels(path) == coded


numbers = st.floats(width=32, allow_nan=False, allow_infinity=False, min_value=-(2.0**90), max_value=2.0**90)


@settings(deadline=None)
@given(st.lists(st.tuples(ids, numbers), unique_by=lambda one: one[0], max_size=10))
def test_a_run_keeps_its_order_whatever_its_scores(tmp_path_factory, ranking):
    """Scores may rise, tie or fall: trec_eval must see the order in which they were given."""
    path = tmp_path_factory.mktemp("trec") / "run.trec"
    trec.write_run(path, {"q": ranking}, "our run")
    wanted = [trec.trec_id(name) for name, _ in ranking]
    assert [name for name, _ in trec.read_run(path).get("q", [])] == wanted
    # An independent witness: only the last is relevant, so the reciprocal rank is one over their number.
    if ranking:
        qrels = [ir_measures.Qrel("q", wanted[-1], 1)]
        found = ir_measures.calc_aggregate([ir_measures.RR], qrels, list(ir_measures.read_trec_run(str(path))))
        assert found[ir_measures.RR] == pytest.approx(1 / len(ranking))


def test_falling_scores_are_written_as_they_are(tmp_path):
    trec.write_run(tmp_path / "run", {"q": [("a", 2.5), ("b", 0.125), ("c", 0.125)]}, "my tag")
    assert (tmp_path / "run").read_text() == (
        "q Q0 a 1 2.5 my%20tag\nq Q0 b 2 0.125 my%20tag\nq Q0 c 3 0.12499999 my%20tag\n"
    )


def test_ties_are_ranked_by_id_from_high_to_low(tmp_path):
    """As trec_eval does, whatever the rank says."""
    (tmp_path / "run").write_text("q Q0 a 1 0.5 t\nq Q0 c 2 0.5 t\nq Q0 b 3 0.9 t\n")
    assert trec.read_run(tmp_path / "run") == {"q": [("b", 0.9), ("c", 0.5), ("a", 0.5)]}


def test_the_mark_of_windows_tabs_and_empty_lines_are_passed_over(tmp_path):
    (tmp_path / "qrels").write_bytes(b"\xef\xbb\xbf# by hand\r\nq\t0\ta\t1.0\r\n\r\nq 0 b 0\r\n #q 0 c 1\n")
    assert trec.read_qrels(tmp_path / "qrels") == {"q": {"a": 1, "b": 0}}


@pytest.mark.parametrize(
    ("read", "line", "message"),
    [
        (trec.read_qrels, b"q 0 a", "expected 4 fields, 'query 0 document relevance'; found 3"),
        (trec.read_qrels, b"q 0 a high", "the relevance must be a whole number; found 'high'"),
        (trec.read_qrels, b"q 0 a 0.5", "the relevance must be a whole number; found '0.5'"),
        (trec.read_qrels, b"q 0 \xff 1", "expected UTF-8"),
        (
            trec.read_qrels,
            b"q1 0 d1 0",
            "'d1' was judged 1 for 'q1' before, on line 1, now 0. Keep one of the two lines",
        ),
        (trec.read_run, b"q Q0 a 1 0.5", "expected 6 fields, 'query Q0 document rank score tag'; found 5"),
        (trec.read_run, b"q Q0 a 1 top t", "the score must be a number; found 'top'"),
        (trec.read_run, b"q Q0 a 1 nan t", "the score must be a number; found 'nan'"),
        (trec.read_run, b"q1 Q0 d1 2 0.1 t", "'d1' stands in the ranking of 'q1' twice"),
    ],
)
def test_a_broken_line_is_named(tmp_path, read, line, message):
    first = b"q1 0 d1 1\n" if read is trec.read_qrels else b"q1 Q0 d1 1 0.5 t\n"
    (tmp_path / "file").write_bytes(first + line)
    with pytest.raises(CaseError) as caught:
        read(tmp_path / "file")
    assert str(caught.value).startswith(f"{tmp_path / 'file'}, line 2: ")
    assert message in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CaseError, match="absent cannot be read: No such file"):
        trec.read_run(tmp_path / "absent")
