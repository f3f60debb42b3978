"""A logistic model of named signals, as the fitted files hold it."""

import math
from collections.abc import Mapping

from assistant.finding.learned import LearnedFrom
from corpus.frozen import Frozen


def share_of(odds: float) -> float:
    """Give the share that log-odds stand for: 0 to 1."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


class LogisticModel(Frozen):
    """Gives the chance of something from signals: standardised, weighed and added up."""

    made_from: LearnedFrom
    mean: dict[str, float]
    scale: dict[str, float]
    weight: dict[str, float]
    bias: float

    def chance(self, signals: Mapping[str, float]) -> float:
        """Give the chance: 0 to 1."""
        parts = ((signals[name] - self.mean[name]) / self.scale[name] * self.weight[name] for name in self.weight)
        return share_of(self.bias + sum(parts))
