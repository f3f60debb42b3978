"""Say how sure we are that what was found answers the question, from measured signals and a small fitted model.

Two logistic models of the signals of `finding/signals.py`: one for documents that come with known questions, one
for any others. Their numbers are in `answerable.json`, which `python -m eval.fit` writes from the train and dev cases.
"""

import json
import math
from functools import cache
from pathlib import Path

from corpus.schema import Frozen

#: Chosen on the train and dev cases, between what is supported (nothing) and what is answerable after all (1 in 8).
_REFUSED = 0.35
MODEL_FILE = Path(__file__).parent / "answerable.json"


class AnswerableModel(Frozen):
    """A logistic model of standardised signals, and what turns its log-odds into a share of supported answers."""

    signals: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weight: tuple[float, ...]
    bias: float
    slope: float = 1.0
    intercept: float = 0.0
    #: The surest answers are not always right: confidence does not rise above this.
    ceiling: float = 1.0
    refuse_below: float
    #: Lower, because few quotes are there to be near to: refuses what is asked of a speaker out of the blue.
    refuse_named_below: float
    sure_above: float

    def log_odds(self, signals: dict[str, float]) -> float:
        """Give the uncalibrated log-odds that the documents answer."""
        parts = zip(self.signals, self.mean, self.scale, self.weight, strict=True)
        return self.bias + sum(weight * (signals[name] - mean) / scale for name, mean, scale, weight in parts)

    def confidence(self, signals: dict[str, float]) -> float:
        """Give the share of such answers that are supported: 0 to 1."""
        calibrated = self.slope * self.log_odds(signals) + self.intercept
        return round(self.ceiling / (1 + math.exp(-max(-30.0, min(30.0, calibrated)))), 4)

    def confidence_refused(self, confidence: float) -> float:
        """Give the confidence of a refusal: it shows nothing, so it is far below that of any answer."""
        return round(_REFUSED * min(confidence, self.refuse_below), 4)


class AnswerableModels(Frozen):
    """What `answerable.json` holds."""

    with_questions: AnswerableModel
    without_questions: AnswerableModel

    def for_signals(self, signals: dict[str, float]) -> AnswerableModel:
        """Choose the model whose signals were measured."""
        return self.with_questions if set(self.with_questions.signals) <= set(signals) else self.without_questions


@cache
def load_models() -> AnswerableModels:
    """Load the fitted models from the package."""
    return AnswerableModels.model_validate(json.loads(MODEL_FILE.read_text(encoding="utf-8")))
