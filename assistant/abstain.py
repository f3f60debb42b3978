"""Say how sure we are that what was found answers the question, and whether to answer at all."""

import math
from dataclasses import dataclass

from assistant.retrieve import Scored

#: Below this confidence the report is said not to answer; between the two, only part of it may be there.
REFUSE_BELOW = 0.5
SURE_ABOVE = 0.6

# A logistic model of a few features, fitted on the train and dev cases.
_WEIGHTS = {"best": 9.0, "coverage": 2.0, "lead": 1.0}
_BIAS = -6.0


@dataclass(frozen=True)
class Judgement:
    """How sure we are, and of which parts that is made."""

    confidence: float
    features: dict[str, float]


def judge(found: list[Scored], coverage: float) -> Judgement:
    """Judge what was found. `coverage` is the share of the question's words that the best passage holds, 0 to 1."""
    if not found:
        return Judgement(0.0, {})
    features = {
        "best": found[0].score,
        "coverage": coverage,
        "lead": found[0].score - found[min(4, len(found) - 1)].score,
    }
    log_odds = _BIAS + sum(_WEIGHTS[name] * value for name, value in features.items())
    return Judgement(round(1 / (1 + math.exp(-log_odds)), 4), features)
