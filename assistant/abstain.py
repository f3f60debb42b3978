"""Say how sure we are that what was found answers the question, from measured signals and a small fitted model.

The model is logistic, of a dozen signals of `assistant/retrieve.py`. Its numbers are in `answerable.json`, which
`python -m eval.fit` writes from the train and dev cases.
"""

import json
import math
from functools import cache
from pathlib import Path

from corpus.schema import Frozen

MODEL_FILE = Path(__file__).parent / "answerable.json"


class AnswerableModel(Frozen):
    """A logistic model of standardised signals, and the straight line that calibrates its log-odds."""

    signals: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weight: tuple[float, ...]
    bias: float
    slope: float = 1.0
    intercept: float = 0.0
    refuse_below: float
    #: Lower, because few quotes are there to be near to: refuses what is asked of a speaker out of the blue.
    refuse_named_below: float = 0.1
    sure_above: float

    def log_odds(self, signals: dict[str, float]) -> float:
        """Give the uncalibrated log-odds that the documents answer."""
        parts = zip(self.signals, self.mean, self.scale, self.weight, strict=True)
        return self.bias + sum(weight * (signals[name] - mean) / scale for name, mean, scale, weight in parts)

    def confidence(self, signals: dict[str, float]) -> float:
        """Give the share of such answers that are supported: 0 to 1."""
        calibrated = self.slope * self.log_odds(signals) + self.intercept
        return round(1 / (1 + math.exp(-max(-30.0, min(30.0, calibrated)))), 4)


@cache
def load_model() -> AnswerableModel:
    """Load the fitted model from the package."""
    return AnswerableModel.model_validate(json.loads(MODEL_FILE.read_text(encoding="utf-8")))
