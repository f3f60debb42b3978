"""Statistics against numbers worked out by hand, against scipy and against published tables."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from eval.difference import MeasureDifference, judged
from eval.statistics import (
    Interval,
    corpus_interval,
    draw_signs,
    flip_p,
    holm,
    holm_families,
    mean_interval,
    permutation_p,
    questions_needed,
    questions_needed_by_interval,
    shared_p,
    value_interval,
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


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 1, 1], (0.025 ** (1 / 3), 1)),  # all of three right is seen in 2.5% of tries where the share is 0.292
        ([0, 0, 0, 0], (0, 1 - 0.025 ** (1 / 4))),
        ([1, 0], (1 - 0.975 ** (1 / 2), 0.975 ** (1 / 2))),
        ([1.0] * 9 + [0.0], (0.5550, 0.9975)),  # tables of Clopper and Pearson
    ],
)
def test_the_interval_of_a_share_is_exact(values, expected):
    assert value_interval(values) == pytest.approx(expected, abs=5e-5)


def test_the_interval_of_other_values_is_that_of_their_mean_and_of_equal_ones_there_is_none():
    assert value_interval([0.5, 1, 0]) == mean_interval([0.5, 1, 0])
    assert value_interval([0.5, 0.5, 0.5]) is None
    assert value_interval([1]) is None


@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("questions", [3, 20, 115])
def test_an_interval_of_a_share_holds_it_in_95_of_100_also_near_0_and_1(share, questions):
    """Exactly, over every number of right ones that there can be; the bootstrap misses by far near the ends."""
    intervals = [value_interval([1] * right + [0] * (questions - right)) for right in range(questions + 1)]
    held = [low <= share <= high for low, high in intervals]
    assert np.dot(stats.binom.pmf(np.arange(questions + 1), questions, share), held) >= 0.95


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


@pytest.mark.parametrize(("effect", "questions"), [(0.3, 90), (0.8, 15), (-0.5, 34)])
def test_questions_needed_are_about_those_of_the_tables(effect, questions):
    """G*Power 3.1, difference between two dependent means, two-sided, 5%, power 80%."""
    assert questions_needed(of_effect(effect)) == pytest.approx(questions, rel=0.08, abs=1)


def lost(count, questions=115):
    """So many questions lost outright, and none won."""
    return [-1.0] * count + [0.0] * (questions - count)


@pytest.mark.parametrize(
    ("count", "level", "at_least", "needed"),
    [
        (8, 0.05, 6, 113),  # six of a sign are 2/2⁶, below 5%: with 113 questions there are six in 4 of 5 tries
        (6, 0.05, 6, 151),
        (4, 0.05, 6, 227),
        (6, 0.05 / 13, 10, 239),  # thirteen measures counted one by one, as they once were: ten must be lost
    ],
)
def test_questions_needed_are_those_of_the_verdicts_own_test_and_level(count, level, at_least, needed):
    """By the binomial distribution: how often at least so many of n are lost."""
    assert 2 / 2**at_least <= level < 2 / 2 ** (at_least - 1)
    exact = next(n for n in itertools.count(at_least) if stats.binom.sf(at_least - 1, n, count / 115) >= 0.8)
    assert exact == pytest.approx(needed, abs=1)
    assert questions_needed(lost(count), alpha=level) == pytest.approx(needed, rel=0.02)


def test_eight_of_115_lost_are_a_difference_and_five_are_not():
    for count, believed in ((8, True), (6, True), (5, False)):
        assert (permutation_p(lost(count)) <= 0.05) is believed
        assert not mean_interval(lost(count), resamples=999).holds_zero  # so p is asked too


def test_questions_needed_for_tiny_effects_and_clear_ones():
    assert questions_needed(of_effect(0.01)) == pytest.approx(7.849 * 10_000, rel=0.03)  # (1.960 + 0.842)² / 0.01²
    assert questions_needed(of_effect(50)) == 6
    assert questions_needed([1, 1, 1]) == 6
    assert questions_needed([1, 1, 1], alpha=0.05 / 13) == 10
    assert permutation_p([1] * 6) < 0.05 < permutation_p([1] * 5)


def seen(random, questions, shares):
    """Differences of one draw of questions: lost, won and half won with these shares, the rest level."""
    return random.choice([-1.0, 1.0, 0.5, 0.0], p=[*shares, 1 - sum(shares)], size=questions)


def verdicts(shares, questions, tries, level=0.05):
    """How often the measure decided on is said to differ; an interval is drawn only where p allows one."""
    random = np.random.default_rng(20)
    draws = np.stack([seen(random, questions, shares) for _ in range(tries)])
    believed = 0
    for one, p in zip(draws, flip_p(draws), strict=True):
        found = MeasureDifference(
            name="recall@5", primary=True, questions=questions, first=0, second=one.mean(), difference=one.mean(),
            interval=mean_interval(one, resamples=499) if p <= level else None, p=p, p_holm=p,
            wins=sum(one > 0), losses=sum(one < 0), ties=sum(one == 0), verdict="not judged",
        )  # fmt: skip
        believed += judged(found, level=level).verdict in ("better", "worse")
    return believed / tries


@pytest.mark.parametrize("shares", [(0.05, 0.05, 0.0), (0.2, 0.1, 0.2)])
@pytest.mark.parametrize("level", [0.05, 0.05 / 3])
def test_runs_that_are_equally_good_are_told_apart_no_more_often_than_the_level_says(shares, level):
    """800 tries of 115 questions: the true rate is at most the level, give or take two standard errors."""
    assert verdicts(shares, 115, 800, level) <= level + 2 * (level / 800) ** 0.5


def test_the_level_would_be_missed_without_the_test():
    """By the interval alone, runs that differ in a handful of questions are told apart too often."""
    random = np.random.default_rng(3)
    draws = [seen(random, 115, (0.015, 0.015, 0.0)) for _ in range(300)]
    found = [interval for one in draws if (interval := mean_interval(one, resamples=499)) and np.any(one)]
    assert np.mean([not interval.holds_zero for interval in found]) > 0.06


@pytest.mark.parametrize(("shares", "level"), [((6 / 115, 0.0, 0.0), 0.05), ((0.16, 0.04, 0.04), 0.05 / 3)])
def test_so_many_questions_show_the_difference_in_four_of_five_tries(shares, level):
    """The verdict itself, on draws of the size that it asks for; a third as many show it far less often."""
    there = 300
    counts = [round(share * there) for share in shares]
    sample = np.repeat([-1.0, 1.0, 0.5, 0.0], [*counts, there - sum(counts)])
    needed = questions_needed(sample, alpha=level)
    assert verdicts(shares, needed, 250, level) == pytest.approx(0.8, abs=0.07)
    assert verdicts(shares, needed // 3, 100, level) < 0.5


@pytest.mark.parametrize("shares", [(0.10, 0.03, 0.02), (0.3, 0.2, 0.1)])
def test_intervals_hold_the_truth_as_often_as_they_say(shares):
    """95 of 100; among 250 tries at least 92 (two standard errors). Half as wide they hold it far less often."""
    random, truth, held, half = np.random.default_rng(7), shares[1] + shares[2] / 2 - shares[0], 0, 0
    for _ in range(250):
        low, high = mean_interval(seen(random, 115, shares), resamples=499)
        held += low <= truth <= high
        half += abs(truth - (low + high) / 2) <= (high - low) / 4
    assert held / 250 >= 0.92
    assert half / 250 < 0.8


def test_many_samples_at_once_have_the_p_of_each():
    random = np.random.default_rng(4)
    for values in ([0, 0, 1, -1], [0, 0, 0, 0, 0, 1, -0.5, 0.25]):
        draws = random.choice(values, size=(12, 20))
        for one, p in zip(draws, flip_p(draws), strict=True):
            few = np.count_nonzero(one) <= 10 or len(set(np.abs(values))) == 2
            assert p == pytest.approx(permutation_p(one), abs=1e-9 if few else 0.04)
    assert list(flip_p(np.zeros((3, 5)))) == [1, 1, 1]


def test_the_same_thing_twice_costs_nothing_and_two_things_cost_two():
    """One measure and its copies have the p of one; measures that have nothing to do with each other pay for each."""
    signs = draw_signs(40, 4000)
    one, other = np.zeros(40), np.zeros(40)
    one[:7], other[20:27] = 1, 1
    alone = shared_p(np.array([7.0]), (signs @ one)[:, None], np.array([7**0.5]))[0]
    assert alone == pytest.approx(2 / 2**7, abs=0.006)
    assert shared_p(np.array([7.0] * 11), np.stack([signs @ one] * 11, axis=1), np.array([7**0.5] * 11)) == [alone] * 11
    both = shared_p(np.array([7.0, 7.0]), np.stack([signs @ one, signs @ other], axis=1), np.array([7**0.5] * 2))
    assert both == pytest.approx([1 - (1 - 2 / 2**7) ** 2] * 2, abs=0.009)


def test_families_count_once_each_by_hand():
    """Smallest first: 0.01 · 2 and 0.03 · 2, then 0.04 · 1; a family of none is not counted."""
    assert holm_families([{"c": 0.04}, {}, {"a": 0.01, "b": 0.03}]) == pytest.approx({"a": 0.02, "b": 0.06, "c": 0.04})
    assert holm_families([{"a": 0.03}, {"b": 0.04}]) == pytest.approx({"a": 0.06, "b": 0.06})
    assert holm_families([]) == {}


def test_questions_needed_by_an_interval():
    """A standard error of 0.1 over 50 questions; 0.14 is half of 2.8 of them, so four times as many would do."""
    interval = Interval(0.14 - 0.196, 0.14 + 0.196)
    assert questions_needed_by_interval(0.14, interval, 50) == pytest.approx(200, abs=1)
    assert questions_needed_by_interval(-0.14, Interval(-interval.high, -interval.low), 50) == pytest.approx(200, abs=1)
    assert questions_needed_by_interval(0, Interval(-0.1, 0.1), 50) is None


def test_questions_needed_by_an_interval_are_about_those_of_the_differences():
    differences = of_effect(0.3, 60)
    found = questions_needed_by_interval(0.3, mean_interval(differences), 60)
    assert found == pytest.approx(questions_needed(differences), rel=0.15)


def test_questions_needed_where_nothing_differs_is_none():
    assert questions_needed([0, 0, 0]) is None
    assert questions_needed([1, -1]) is None
    assert questions_needed([1]) is None
