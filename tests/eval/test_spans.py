"""Measures of spans against numbers worked out by hand, and recall against ir_measures."""

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.schema import Span
from eval.spans import overlap, recall_at


def spans(*offsets):
    return [Span(document_id="d", start=start, end=end) for start, end in offsets]


# --- recall over evidence groups


def test_recall_counts_groups_not_alternatives():
    groups = [spans((10, 20), (50, 60)), spans((90, 95))]
    hits = spans((0, 40), (40, 80), (80, 100))
    assert recall_at(groups, hits, 1) == 0.5  # one alternative of the first group is enough
    assert recall_at(groups, hits, 2) == 0.5  # the other alternative adds nothing
    assert recall_at(groups, hits, 3) == 1.0


def test_recall_differs_from_success_and_from_recall_of_qrels():
    """The docstring says that it is neither. Here Success@1 is 1 and R@1 is 1/3, and our recall@1 is 1/2."""
    groups = [spans((10, 20), (50, 60)), spans((90, 95))]
    hits = spans((0, 40))
    qrels = [ir_measures.Qrel("q", passage, 1) for passage in ("p0", "p40", "p80")]
    theirs = ir_measures.calc_aggregate(
        [ir_measures.Success @ 1, ir_measures.R @ 1], qrels, [ir_measures.ScoredDoc("q", "p0", 1.0)]
    )
    assert theirs[ir_measures.Success @ 1] == 1
    assert theirs[ir_measures.R @ 1] == pytest.approx(1 / 3)
    assert recall_at(groups, hits, 1) == 0.5


@pytest.mark.parametrize(
    ("hit", "held"),
    [((10, 20), True), ((9, 21), True), ((11, 20), False), ((10, 19), False), ((12, 15), False), ((20, 30), False)],
)
def test_a_span_is_held_only_whole(hit, held):
    """An overlap is not enough: a broken `holds` that asked for one would pass the last but two."""
    assert recall_at([spans((10, 20))], spans(hit), 1) == float(held)


def test_the_same_offsets_in_another_document_hold_nothing():
    elsewhere = [Span(document_id="other", start=0, end=99)]
    assert recall_at([spans((10, 20))], elsewhere, 1) == 0
    assert overlap([spans((10, 20))], elsewhere) == (0, 0, 0)


def test_evidence_split_over_two_hits_is_not_found():
    assert recall_at([spans((10, 20))], spans((0, 15), (15, 30)), 2) == 0


ten_cells = st.lists(st.integers(0, 14), max_size=12, unique=True)
wanted_cells = st.sets(st.integers(0, 14), min_size=1, max_size=6)


@given(ranking=ten_cells, wanted=wanted_cells, k=st.integers(1, 12))
def test_recall_agrees_with_ir_measures_where_each_group_has_one_passage(ranking, wanted, k):
    """Passages are cells of ten characters. One group a cell: R@k. All cells in one group: Success@k."""
    cell = {number: spans((10 * number, 10 * number + 10))[0] for number in range(15)}
    inner = {number: spans((10 * number + 2, 10 * number + 7))[0] for number in range(15)}
    hits = [cell[number] for number in ranking]
    qrels = [ir_measures.Qrel("q", str(number), 1) for number in wanted]
    run = [ir_measures.ScoredDoc("q", str(number), float(-rank)) for rank, number in enumerate(ranking)]
    theirs = ir_measures.calc_aggregate([ir_measures.R @ k, ir_measures.Success @ k], qrels, run)
    one_each = [[inner[number]] for number in wanted]
    assert recall_at(one_each, hits, k) == pytest.approx(theirs[ir_measures.R @ k])
    together = [[inner[number] for number in wanted]]
    assert recall_at(together, hits, k) == theirs[ir_measures.Success @ k]


# --- characters


@pytest.mark.parametrize(
    ("groups", "stretches", "expected"),
    [
        # 10 wanted, 40 held, all 10 shared.
        ([[(10, 20)]], [(0, 40)], (1, 0.25, 0.25)),
        # 5 of 10 wanted; 20 held; 25 in either.
        ([[(10, 20)]], [(15, 35)], (0.5, 0.25, 0.2)),
        # Two groups, 10 + 30 wanted; the 20 held are 10 of the one and 10 of the other.
        ([[(0, 10)], [(10, 40)]], [(0, 20)], (0.5, 1, 0.5)),
        # Stretches that overlap count once: 30 held.
        ([[(0, 10)]], [(0, 20), (10, 30)], (1, 1 / 3, 1 / 3)),
        # Of the alternatives the one held best is wanted, (50, 60); the other, held by half, is no noise: 20 - 5 held.
        ([[(0, 10), (50, 60)]], [(5, 10), (50, 65)], (1, 10 / 15, 10 / 15)),
        # Nothing held: the first alternative is wanted, and not found.
        ([[(0, 10), (50, 90)]], [(20, 30)], (0, 0, 0)),
        ([[(0, 10)]], [], (0, 0, 0)),
        # One alternative inside another: the short one is held whole, and is wanted, though it comes second.
        ([[(0, 20), (0, 5)]], [(0, 5)], (1, 1, 1)),
        # Groups that share characters: these count once.
        ([[(0, 10)], [(5, 15)]], [(0, 15)], (1, 1, 1)),
    ],
)
def test_overlap_by_hand(groups, stretches, expected):
    assert overlap([spans(*group) for group in groups], spans(*stretches)) == pytest.approx(expected)


offsets = st.tuples(st.integers(0, 40), st.integers(1, 15)).map(lambda one: (one[0], one[0] + one[1]))
some = st.lists(offsets, min_size=1, max_size=4)


@given(groups=st.lists(some, min_size=1, max_size=3), stretches=st.lists(offsets, max_size=4))
def test_overlap_holds_together(groups, stretches):
    """IoU is never above recall or precision, and one over it is 1/recall + 1/precision - 1."""
    found = overlap([spans(*group) for group in groups], spans(*stretches))
    assert 0 <= found.iou <= min(found.recall, found.precision) <= 1
    if found.iou:
        assert 1 / found.iou == pytest.approx(1 / found.recall + 1 / found.precision - 1)


@given(groups=st.lists(some, min_size=1, max_size=3), stretches=st.lists(offsets, max_size=4))
def test_all_groups_held_whole_is_full_recall_of_characters(groups, stretches):
    groups, stretches = [spans(*group) for group in groups], spans(*stretches)
    if recall_at(groups, stretches, len(stretches)) == 1:
        assert overlap(groups, stretches).recall == 1
