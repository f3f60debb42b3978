"""Tell a difference from chance: intervals, p-values, their correction, and how many questions would do.

Everything here takes float arrays and knows nothing of runs. A difference is of the same question in two runs: what
is hard about a question then counts for neither side.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

CONFIDENCE = 0.95
ALPHA = 0.05
POWER = 0.8
RESAMPLES = 9999
_NUMBERS_AT_ONCE = 10_000_000  # drawn together; 80 MB
CORPUS_RESAMPLES = 999  # each computes a measure over the whole run
SEED = 20171
#: Of five questions that all change the same way, one in sixteen does so by chance; of six, one in thirty-two.
FEWEST_QUESTIONS = 6
_LEAST = 1e-9  # what differs by less is the same
_NEAR = 1e-4  # of sums in 32 bits
_ALL_SIGNS_UP_TO = 10  # questions that changed; 1,024 choices of signs
_SIGNS_DRAWN = 999
_SAMPLES_DRAWN, _COUNTS_DRAWN = 400, 20_000  # to tell a power: within two, or a third, of a hundred
_SIMULATED_UP_TO = 1000  # questions; beyond, the normal approximation is as near


class Interval(NamedTuple):
    """A confidence interval, ends included."""

    low: float
    high: float

    @property
    def holds_zero(self) -> bool:
        """Whether no difference at all is among what is likely."""
        return self.low <= 0 <= self.high


def mean_interval(
    differences: Sequence[float] | Floats, *, seed: int = SEED, resamples: int = RESAMPLES
) -> Interval | None:
    """Give the 95% interval of the mean of paired differences; None of fewer than two.

    Args:
        differences: One for each question, shape (n_questions,).
        seed: The same seed gives the same interval.
        resamples: How often the questions are drawn again.

    Source: the bias-corrected and accelerated bootstrap, Efron (1987), as scipy computes it.
    """
    values = np.asarray(differences, dtype=np.float64)
    if len(values) < 2:
        return None
    if np.ptp(values) == 0:  # resampling gives the same mean again and again
        return Interval(float(values[0]), float(values[0]))
    found = stats.bootstrap(
        (values,),
        np.mean,
        method="BCa",
        n_resamples=resamples,
        batch=max(1, _NUMBERS_AT_ONCE // len(values)),
        confidence_level=CONFIDENCE,
        rng=seed,
    ).confidence_interval
    return Interval(float(found.low), float(found.high))


def value_interval(values: Sequence[float] | Floats, *, seed: int = SEED) -> Interval | None:
    """Give the 95% interval of a mean of values; None of fewer than two, and of several that are all the same.

    Of values that are 0 or 1 it is exact: of three questions that all went right it is 0.29 to 1, not 1 to 1.

    Args:
        values: One for each question, shape (n_questions,).
        seed: The same seed gives the same interval.

    Source: Clopper and Pearson (1934) for shares, `mean_interval` for others.
    """
    column = np.asarray(values, dtype=np.float64)
    if len(column) < 2:
        return None
    if np.all((column == 0) | (column == 1)):
        found = stats.binomtest(int(column.sum()), len(column)).proportion_ci(CONFIDENCE, method="exact")
        return Interval(float(found.low), float(found.high))
    return None if np.ptp(column) == 0 else mean_interval(column, seed=seed)


def corpus_interval(
    strata: Sequence[NDArray[np.intp]], statistic: Callable[[NDArray[np.intp]], float], *, seed: int = SEED
) -> Interval | None:
    """Give the 95% interval of a difference that only a whole run has, by drawing its questions again and again.

    Answerable and unanswerable questions are drawn apart: a run without one of them has no AUROC.

    Args:
        strata: Question numbers of each sort, each of shape (n_questions,); empty ones are passed over.
        statistic: Computes the difference over some question numbers, each as often as it was drawn.
        seed: The same seed gives the same interval.

    Returns:
        The percentile interval; None where a stratum has one question only, or there is none.
    """
    drawn = [np.asarray(stratum, dtype=np.intp) for stratum in strata if len(stratum)]
    if not drawn or min(len(stratum) for stratum in drawn) < 2:
        return None
    found = stats.bootstrap(
        drawn,
        lambda *samples: statistic(np.concatenate([sample.astype(np.intp) for sample in samples])),
        method="percentile",
        vectorized=False,
        n_resamples=CORPUS_RESAMPLES,
        confidence_level=CONFIDENCE,
        rng=seed,
    ).confidence_interval
    return Interval(float(found.low), float(found.high))


def permutation_p(differences: Sequence[float] | Floats, *, seed: int = SEED) -> float:
    """Give how often chance alone would make the mean of paired differences this far from zero.

    Were the runs equally good, each difference might as well have the other sign. For up to 13 questions that differ
    every choice of signs is tried; for more, 9,999 of them. Questions that do not differ change nothing.

    Args:
        differences: One for each question, shape (n_questions,).
        seed: The same seed gives the same p-value.

    Source: Fisher (1935); for retrieval, Smucker, Allan and Carterette (2007).
    """
    values = np.asarray(differences, dtype=np.float64)
    changed = values[values != 0]
    if len(changed) < 2:  # 1 of 1: either sign is as far from zero
        return 1.0
    found = stats.permutation_test(
        (changed,),
        np.mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=max(1, _NUMBERS_AT_ONCE // len(changed)),
        rng=seed,
    )
    return float(min(found.pvalue, 1.0))


def holm(p_values: Sequence[float]) -> list[float]:
    """Correct p-values for how many were looked at, so that one small by luck among many is not believed.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]

    Source: Holm (1979).
    """
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = largest
    return corrected


def holm_families(families: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Correct p-values of measures that come in families, for how many families there are.

    A family counts once, by its smallest p-value, however many measures it has: within it they must have been
    corrected already, as `shared_p` does.

    >>> holm_families([{"a": 0.01, "b": 0.02}, {"c": 0.04}])
    {'a': 0.02, 'b': 0.04, 'c': 0.04}

    Source: Holm (1979), a family in the place of a test.
    """
    corrected: dict[str, float] = {}
    largest = 0.0
    filled = sorted((family for family in families if family), key=lambda family: min(family.values()))
    for rank, family in enumerate(filled):
        for name, p in family.items():
            corrected[name] = max(largest, min(1.0, (len(filled) - rank) * p))
        largest = max(largest, *(corrected[name] for name, p in family.items() if p == min(family.values())))
    return corrected


def draw_signs(questions: int, draws: int, *, seed: int = SEED) -> Floats:
    """Draw 1 or -1 for each question, as it would come out were both runs equally good: (draws, questions)."""
    return np.random.default_rng(seed).choice(np.array([-1.0, 1.0]), size=(draws, questions))


def shared_p(observed: Floats, drawn: Floats, spread: Floats) -> list[float]:
    """Give p-values of measures that move together: how often chance makes any of them differ as much.

    Measures that are nearly the same thing cost nothing; each that is something of its own makes p larger.

    Args:
        observed: The differences, shape (n_measures,).
        drawn: The same with signs drawn, the same signs for each measure, shape (n_draws, n_measures).
        spread: By how much each is drawn to differ, as a standard deviation, shape (n_measures,).

    Source: the single-step maxT of Westfall and Young (1993).
    """
    scale = np.where(spread > 0, spread, 1.0)
    most = np.max(np.abs(drawn) / scale, axis=1)
    own = np.abs(observed) / scale
    as_far = (most[:, None] >= own[None, :] - _LEAST).sum(axis=0)
    return [float(one) for one in (1 + as_far) / (1 + len(drawn))]


def flip_p(differences: Floats, *, seed: int = SEED) -> Floats:
    """Give the p-values of `permutation_p` of many samples at once, for simulations.

    Args:
        differences: A sample a row, shape (n_samples, n_questions).
        seed: The same seed gives the same p-values.

    Returns:
        Shape (n_samples,). Exact where all that changed in a sample changed by as much, or up to ten questions did;
        by 999 choices of signs otherwise.
    """
    values = np.asarray(differences, dtype=np.float64)
    sizes = np.abs(values[values != 0])
    if not len(sizes) or np.ptp(sizes) <= _LEAST:
        return _sign_test((values > 0).sum(axis=1), (values < 0).sum(axis=1))
    order = np.argsort(values == 0, axis=1, kind="stable")
    packed = np.take_along_axis(values, order, axis=1)  # what changed comes first
    changed = (packed != 0).sum(axis=1)
    found = np.ones(len(values))
    many = changed > _ALL_SIGNS_UP_TO
    for count in range(1, _ALL_SIGNS_UP_TO + 1):
        rows = changed == count
        if rows.any():
            every = np.asarray(1 - 2 * ((np.arange(2**count)[:, None] >> np.arange(count)) & 1), dtype=np.float64)
            found[rows] = _as_far(every, packed[rows, :count]).mean(axis=0)
    if many.any():
        width = int(changed[many].max())
        signs = draw_signs(width, _SIGNS_DRAWN, seed=seed)
        found[many] = (1 + _as_far(signs, packed[many, :width]).sum(axis=0)) / (1 + _SIGNS_DRAWN)
    return np.minimum(found, 1.0)


def _as_far(signs: Floats, samples: Floats) -> NDArray[np.bool_]:
    """Tell for which signs a sample's sum is as far from zero as it is: (n_signs, n_samples)."""
    sums = signs.astype(np.float32) @ samples.T.astype(np.float32)
    return np.asarray(np.abs(sums) >= np.abs(samples.sum(axis=1)) - _NEAR)


def _sign_test(won: NDArray[np.intp], lost: NDArray[np.intp]) -> Floats:
    """Give the two-sided p of a sign test: what flipping signs comes to where all changed by as much."""
    counts, where = np.unique(np.stack([np.maximum(won, lost), won + lost]), axis=1, return_inverse=True)
    p_values = np.minimum(1.0, 2 * stats.binom.sf(counts[0] - 1, counts[1], 0.5))
    return np.asarray(p_values[where.reshape(-1)], dtype=np.float64)


def power(differences: Sequence[float] | Floats, questions: int, *, alpha: float = ALPHA, seed: int = SEED) -> float:
    """Give how often so many questions show a difference, drawn from those that were seen, at a level.

    The test is that of the verdict, `permutation_p`, done again on each draw.
    """
    values = np.asarray(differences, dtype=np.float64)
    random = np.random.default_rng(seed)
    sizes = np.abs(values[values != 0])
    if len(sizes) and np.ptp(sizes) <= _LEAST:  # only how many are won and lost counts, so more can be drawn
        shares = [float(np.mean(values > 0)), float(np.mean(values < 0)), float(np.mean(values == 0))]
        counts = random.multinomial(questions, shares, size=_COUNTS_DRAWN)
        return float(np.mean(_sign_test(counts[:, 0], counts[:, 1]) <= alpha))
    return float(np.mean(flip_p(random.choice(values, size=(_SAMPLES_DRAWN, questions)), seed=seed) <= alpha))


def questions_needed(differences: Sequence[float] | Floats, *, alpha: float = ALPHA, seed: int = SEED) -> int | None:
    """Give about how many questions would show such a difference in four of five tries, at a level.

    They are drawn from the differences that were seen and tested as the verdict tests. None where the mean is zero, or
    there are fewer than two differences to draw from.

    Source: power by simulation; beyond 1,000 questions the normal approximation, Cohen (1988).
    """
    values = np.asarray(differences, dtype=np.float64)
    if len(values) < 2 or not abs(mean := float(values.mean())) > 1e-12:
        return None
    fewest = math.ceil(1 - math.log2(alpha))  # all changed the same way: two choices of signs are as far from zero
    by_chance = float(stats.norm.ppf(1 - alpha / 2)) * math.sqrt(float(np.mean(values**2)))
    about = ((by_chance + float(stats.norm.ppf(POWER)) * float(values.std())) / mean) ** 2
    if about > _SIMULATED_UP_TO:
        return math.ceil(about)

    def shows(questions: int) -> bool:
        return power(values, questions, alpha=alpha, seed=seed) >= POWER

    high = max(math.ceil(about), fewest)
    while not shows(high):
        high = math.ceil(high * 1.25)
    low = max(math.floor(high / 2), fewest - 1)
    while low >= fewest and shows(low):
        low //= 2
    low = max(low, fewest - 1)
    nearly = 1 if np.ptp(np.abs(values[values != 0])) <= _LEAST else max(1, high // 33)  # as near as a draw can tell
    while high - low > nearly:
        middle = (low + high) // 2
        low, high = (low, middle) if shows(middle) else (middle, high)
    return high


def questions_needed_by_interval(
    difference: float, interval: Interval, questions: int, *, alpha: float = ALPHA
) -> int | None:
    """Give how many questions would show a difference of a whole run, from its interval over so many questions.

    An interval becomes half as wide with four times as many questions. None where there is no difference.
    """
    if abs(difference) <= 1e-12:
        return None
    error = (interval.high - interval.low) / 2 / stats.norm.ppf(1 - ALPHA / 2)
    wanted = abs(difference) / (stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(POWER))
    return max(math.ceil(float(questions * (error / wanted) ** 2)), FEWEST_QUESTIONS)
