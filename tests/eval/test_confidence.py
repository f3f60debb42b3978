"""Measures of confidence against numbers worked out by hand, and against a slow and obvious version."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval import confidence


@pytest.mark.parametrize(
    ("positives", "negatives", "expected"),
    [
        ([0.9, 0.8], [0.1, 0.2], 1.0),
        ([0.1, 0.2], [0.9, 0.8], 0.0),
        ([0.5, 0.5], [0.5], 0.5),
        ([0.9, 0.4], [0.6, 0.2], 0.75),  # of four pairs, only 0.4 against 0.6 is lost
        ([0.9, 0.6], [0.6, 0.2], 0.875),  # and here it is a tie: 3.5 of 4
    ],
)
def test_auroc_by_hand(positives, negatives, expected):
    assert confidence.auroc(positives, negatives) == expected


def test_auroc_without_both_sides_is_none():
    assert confidence.auroc([0.5], []) is None
    assert confidence.auroc([], [0.5]) is None


shares = st.lists(st.sampled_from([0, 0.1, 0.3, 0.5, 0.7, 1]), min_size=1, max_size=30)


@given(positives=shares, negatives=shares)
def test_auroc_is_the_area_under_the_curve(positives, negatives):
    """Draw the curve, one threshold after another, and add up the areas of its trapezia."""
    curve = [(0.0, 0.0)]
    for threshold in sorted({*positives, *negatives}, reverse=True):
        true = sum(score >= threshold for score in positives) / len(positives)
        false = sum(score >= threshold for score in negatives) / len(negatives)
        curve.append((false, true))
    area = sum((right[0] - left[0]) * (right[1] + left[1]) / 2 for left, right in pairwise(curve))
    assert confidence.auroc(positives, negatives) == pytest.approx(area)


def test_calibration_error_by_hand():
    """Bin 9 has 0.95 and 0.91, one supported: |0.93 - 0.5| = 0.43. Bin 2 has 0.2, none: 0.2. (2·0.43 + 0.2) / 3."""
    assert confidence.expected_calibration_error([0.95, 0.91, 0.2], [True, False, False]) == pytest.approx(1.06 / 3)


def test_calibration_error_does_not_cancel_between_bins():
    """One overall mean would give 0: confidence 0.5 on average, half supported."""
    assert confidence.expected_calibration_error([1.0, 0.0], [False, True]) == 1.0


def test_calibration_error_cancels_inside_a_bin():
    """0.75 twice with one of two supported: |0.75 - 0.5|, not the mean of 0.25 and 0.75."""
    assert confidence.expected_calibration_error([0.75, 0.75], [True, False]) == pytest.approx(0.25)


@pytest.mark.parametrize("edge", [number / 10 for number in range(10)])
def test_a_bin_holds_its_lower_edge(edge):
    """The edge and a value just above it share a bin, so opposite gaps cancel; one just below is in another."""
    above, below = edge + 0.05, edge - 0.05
    assert confidence.expected_calibration_error([edge, above], [False, True]) == pytest.approx(
        abs(edge + above - 1) / 2
    )
    if edge:
        assert confidence.expected_calibration_error([below, edge], [False, True]) == pytest.approx(
            (below + 1 - edge) / 2
        )


def test_perfect_confidence_has_no_calibration_error():
    assert confidence.expected_calibration_error([1.0, 1.0, 0.0], [True, True, False]) == 0


def test_the_reliability_curve_by_hand():
    bins = confidence.reliability([0.95, 0.91, 0.2, 1.0], [True, False, False, True])
    assert [(one.lower, one.upper) for one in bins[:2]] == [(0, 0.1), (0.1, 0.2)]
    assert [one.count for one in bins] == [0, 0, 1, 0, 0, 0, 0, 0, 0, 3]
    assert (bins[2].confidence, bins[2].supported) == (0.2, 0)
    assert (bins[9].confidence, bins[9].supported) == (pytest.approx(2.86 / 3), pytest.approx(2 / 3))
    assert (bins[0].confidence, bins[0].supported) == (None, None)
