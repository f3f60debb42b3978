"""Tell a difference from chance: intervals, p-values, their correction, and how many questions would do.

Everything here takes float arrays and knows nothing of runs. A difference is of the same question in two runs: what
is hard about a question then counts for neither side.
"""

import math
from collections.abc import Callable, Sequence
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
_EXACT_POWER_UP_TO = 1000  # questions; beyond, the normal distribution differs from Student's by less than one in 300


class Interval(NamedTuple):
    """A confidence interval, ends included."""

    low: float
    high: float

    @property
    def holds_zero(self) -> bool:
        """Whether no difference at all is among what is likely."""
        return self.low <= 0 <= self.high


def mean_interval(differences: Sequence[float] | Floats, *, seed: int = SEED) -> Interval | None:
    """Give the 95% interval of the mean of paired differences; None of fewer than two.

    Args:
        differences: One for each question, shape (n_questions,).
        seed: The same seed gives the same interval.

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
        n_resamples=RESAMPLES,
        batch=max(1, _NUMBERS_AT_ONCE // len(values)),
        confidence_level=CONFIDENCE,
        rng=seed,
    ).confidence_interval
    return Interval(float(found.low), float(found.high))


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


def questions_needed(differences: Sequence[float] | Floats) -> int | None:
    """Give how many questions would show a difference of this mean and spread in four of five tries, at 5%.

    None where the mean is zero, or there are fewer than two differences to tell the spread from.

    Source: the power of the paired t-test, Cohen (1988); a permutation test needs about as many.
    """
    values = np.asarray(differences, dtype=np.float64)
    if len(values) < 2 or not abs(mean := float(values.mean())) > 1e-12:
        return None
    spread = float(values.std(ddof=1))
    if spread <= 1e-12 * abs(mean):
        return FEWEST_QUESTIONS
    effect = abs(mean) / spread
    about = float(((stats.norm.ppf(1 - ALPHA / 2) + stats.norm.ppf(POWER)) / effect) ** 2)
    questions = max(math.ceil(about), FEWEST_QUESTIONS)
    if questions > _EXACT_POWER_UP_TO:
        return questions
    while _power(effect, questions) < POWER:
        questions += 1
    return questions


def questions_needed_by_interval(difference: float, interval: Interval, questions: int) -> int | None:
    """Give how many questions would show a difference of a whole run, from its interval over so many questions.

    An interval becomes half as wide with four times as many questions. None where there is no difference.
    """
    if abs(difference) <= 1e-12:
        return None
    error = (interval.high - interval.low) / 2 / stats.norm.ppf(1 - ALPHA / 2)
    wanted = abs(difference) / (stats.norm.ppf(1 - ALPHA / 2) + stats.norm.ppf(POWER))
    return max(math.ceil(float(questions * (error / wanted) ** 2)), FEWEST_QUESTIONS)


def _power(effect: float, questions: int) -> float:
    """Give the chance that a two-sided paired t-test finds an effect, in standard deviations."""
    limit = stats.t.ppf(1 - ALPHA / 2, questions - 1)
    shift = effect * math.sqrt(questions)
    return float(stats.nct.sf(limit, questions - 1, shift) + stats.nct.cdf(-limit, questions - 1, shift))
