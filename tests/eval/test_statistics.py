"""Statistics against numbers worked out by hand, against scipy and against published tables."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from eval.statistics import (
    Interval,
    corpus_interval,
    holm,
    mean_interval,
    permutation_p,
    questions_needed,
    questions_needed_by_interval,
)

shares = st.sampled_from([-1.0, -0.5, -0.25, 0.0, 0.25, 0.5, 1.0])


@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ([1, 1, 1], 2 / 8),  # only +++ and --- are as far from zero
        ([1, 1, 1, 1, 1, 1], 2 / 64),
        ([1, 1, 1, 1, 1, -1], 14 / 64),  # the sums ±6 (1 way each) and ±4 (6 ways each)
        ([3, 1], 2 / 4),
        ([1, -1], 1),
        ([0, 0, 0, 1, 1, 1], 2 / 8),  # questions that do not differ change nothing
        ([0, 0], 1),
        ([5], 1),
        ([], 1),
    ],
)
def test_p_by_hand(differences, expected):
    assert permutation_p(differences) == pytest.approx(expected)


@settings(max_examples=25, deadline=None)
@given(st.lists(shares, min_size=2, max_size=8))
def test_p_is_the_share_of_all_signs_as_far_from_zero(differences):
    """Slow and obvious: every choice of signs, zeros too."""
    sums = [abs(np.dot(signs, differences)) for signs in itertools.product([1, -1], repeat=len(differences))]
    assert permutation_p(differences) == pytest.approx(np.mean(np.array(sums) >= abs(sum(differences)) - 1e-9))


def test_p_of_many_questions_is_scipys_and_near_the_t_test():
    differences = np.random.default_rng(1).normal(0.1, 0.5, 60)
    expected = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=9999, rng=7
    ).pvalue
    assert permutation_p(differences, seed=7) == expected
    assert permutation_p(differences) == pytest.approx(stats.ttest_1samp(differences, 0).pvalue, abs=0.02)


def test_p_does_not_care_who_comes_first():
    differences = [0.5, 0.25, 1, -0.5, 1, 1, 0.5]
    assert permutation_p(differences) == permutation_p([-one for one in differences])


def test_the_interval_is_scipys_and_the_same_each_time():
    differences = [0.0, 1, 1, 0.5, -0.5, 0, 1, 0, 0.25, -1]
    found = stats.bootstrap((np.array(differences),), np.mean, n_resamples=9999, rng=3).confidence_interval
    assert mean_interval(differences, seed=3) == (found.low, found.high)
    assert mean_interval(differences) == mean_interval(differences)


def test_the_interval_of_many_is_the_normal_one():
    """Mean ± 1.96 standard errors: 1,000 differences, half of them 1 and half 0, have a standard error of 0.0158."""
    low, high = mean_interval([1.0, 0.0] * 500)
    assert low == pytest.approx(0.5 - 1.96 * 0.0158, abs=0.003)
    assert high == pytest.approx(0.5 + 1.96 * 0.0158, abs=0.003)


def test_the_interval_of_equal_differences_is_one_point_and_of_one_is_none():
    assert mean_interval([0.5, 0.5, 0.5]) == (0.5, 0.5)
    assert mean_interval([0.0, 0.0]) == (0.0, 0.0)
    assert mean_interval([0.5]) is None
    assert mean_interval([]) is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([-1.0, 0.0, 0.0, 0.0, 0.0, 1.0]), min_size=2, max_size=40))
def test_an_interval_of_few_changes_holds_the_mean_and_warns_of_nothing(differences):
    low, high = mean_interval(differences)
    assert min(differences) <= low <= high <= max(differences)
    assert low - 1e-9 <= np.mean(differences) <= high + 1e-9


def test_an_interval_holds_zero_at_its_ends():
    assert Interval(-1, 0).holds_zero and Interval(0, 1).holds_zero and Interval(-1, 1).holds_zero
    assert not Interval(0.1, 1).holds_zero and not Interval(-1, -0.1).holds_zero


def test_nine_of_ten_intervals_hold_the_truth():
    """The check can fail: half as wide, they hold it in about two of three."""
    random = np.random.default_rng(5)
    true, held, held_by_half = 0.2, 0, 0
    for _ in range(100):
        low, high = mean_interval(random.normal(true, 1, 40))
        held += low <= true <= high
        middle, quarter = (low + high) / 2, (high - low) / 4
        held_by_half += middle - quarter <= true <= middle + quarter
    assert held >= 88 > held_by_half


def test_a_corpus_interval_draws_answerable_and_unanswerable_apart():
    """The share of numbers from 10 on is one half in every draw, because both halves are drawn whole."""
    strata = [np.arange(10), np.arange(10, 20)]
    assert corpus_interval(strata, lambda drawn: float(np.mean(drawn >= 10))) == (0.5, 0.5)
    low, high = corpus_interval([np.arange(20)], lambda drawn: float(np.mean(drawn >= 10)))
    assert low < 0.4
    assert high > 0.6


def test_a_corpus_interval_of_a_mean_is_the_interval_of_a_mean():
    values = np.random.default_rng(2).normal(0.3, 1, 80)
    found = corpus_interval([np.arange(80)], lambda drawn: float(values[drawn].mean()))
    assert found == pytest.approx(mean_interval(values), abs=0.05)


def test_a_corpus_interval_of_next_to_nothing_is_none():
    assert corpus_interval([np.array([]), np.array([])], lambda _: 0.0) is None
    assert corpus_interval([np.array([4])], lambda _: 0.0) is None
    assert corpus_interval([np.array([4]), np.arange(5)], lambda _: 0.0) is None


def test_holm_by_hand():
    """Sorted: 0.01·4, 0.02·3, 0.03·2 which may not be smaller than 0.06, 0.04·1 likewise."""
    assert holm([0.02, 0.01, 0.04, 0.03]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([0.03]) == [0.03]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_never_makes_smaller_keeps_order_and_stays_below_bonferroni(p_values):
    corrected = holm(p_values)
    for p, better in zip(p_values, corrected, strict=True):
        assert p <= better <= min(1.0, len(p_values) * p)
    ordered = [better for _, better in sorted(zip(p_values, corrected, strict=True))]
    assert ordered == sorted(ordered)


def of_effect(effect, questions=40):
    """Differences whose mean is so many of their standard deviations."""
    values = np.tile([1.0, -1.0], questions // 2)
    return values / values.std(ddof=1) + effect


@pytest.mark.parametrize(("effect", "questions"), [(0.2, 199), (0.3, 90), (0.5, 34), (0.8, 15), (-0.5, 34)])
def test_questions_needed_are_those_of_the_tables(effect, questions):
    """G*Power 3.1, difference between two dependent means, two-sided, 5%, power 80%."""
    assert questions_needed(of_effect(effect)) == questions


def test_questions_needed_for_tiny_effects_and_clear_ones():
    assert questions_needed(of_effect(0.01)) == pytest.approx(7.849 * 10_000, rel=0.001)  # (1.960 + 0.842)² / 0.01²
    assert questions_needed(of_effect(50)) == 6
    assert questions_needed([1, 1, 1]) == 6
    assert permutation_p([1] * 6) < 0.05 < permutation_p([1] * 5)


def test_questions_needed_by_an_interval():
    """A standard error of 0.1 over 50 questions; 0.14 is half of 2.8 of them, so four times as many would do."""
    interval = Interval(0.14 - 0.196, 0.14 + 0.196)
    assert questions_needed_by_interval(0.14, interval, 50) == pytest.approx(200, abs=1)
    assert questions_needed_by_interval(-0.14, Interval(-interval.high, -interval.low), 50) == pytest.approx(200, abs=1)
    assert questions_needed_by_interval(0, Interval(-0.1, 0.1), 50) is None


def test_questions_needed_by_an_interval_are_about_those_of_the_differences():
    differences = of_effect(0.3, 60)
    found = questions_needed_by_interval(0.3, mean_interval(differences), 60)
    assert found == pytest.approx(questions_needed(differences), rel=0.1)


def test_questions_needed_where_nothing_differs_is_none():
    assert questions_needed([0, 0, 0]) is None
    assert questions_needed([1, -1]) is None
    assert questions_needed([1]) is None


def test_so_many_questions_do_show_it():
    """Of 200 samples of the size asked for, about 80% have p < 5%; of samples a third as big, far fewer."""
    random = np.random.default_rng(11)
    needed = questions_needed(of_effect(0.5))

    def seen(questions):
        return np.mean([stats.ttest_1samp(random.normal(0.5, 1, questions), 0).pvalue < 0.05 for _ in range(200)])

    assert seen(needed) == pytest.approx(0.8, abs=0.08)
    assert seen(needed // 3) < 0.55
