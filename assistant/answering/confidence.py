"""Say how sure we are that what was found answers the question, from measured signals and a small fitted model.

Three logistic models of the signals of `finding/signals.py`: for documents that a network was learned for, for others
that come with known questions, and for any. Their numbers are in `answerable.json`, which `python -m eval.fit` writes.
"""

import json
from functools import cache
from pathlib import Path

from assistant.finding.learned import LearnedFrom
from assistant.finding.logistic import share_of
from assistant.finding.retriever import Evidence
from assistant.finding.signals import Signals
from assistant.reading.question import ParsedQuery
from corpus.frozen import Frozen

#: "Anything by Public partner Z", "what is in section B.4.vii": what is there is the answer. Also of what is looked up.
ANYTHING_CONFIDENCE = 0.97
#: A question without a word that says what it is about.
NOTHING_ASKED_CONFIDENCE = 0.02
#: Chosen on the train and dev cases, between what is supported (nothing) and what is answerable after all (1 in 8).
_REFUSED = 0.35
#: How likely something is to answer that was surely asked for: 3 of 100 orders, 5 of 100 wishes for invented words or
#: questions about this tool reach it, none that greets.
SURELY_ASKED = 0.6
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
    #: What the log-odds, and how likely what is shown is to answer, count for in how sure an answer is; and the bias.
    shown_weight: dict[str, float]
    shown_bias: float
    #: Below it what is found is shown as the nearest that there is, not as what answers.
    direct_above: float
    sure_above: float

    def log_odds(self, signals: dict[str, float]) -> float:
        """Give the uncalibrated log-odds that the documents answer."""
        parts = zip(self.signals, self.mean, self.scale, self.weight, strict=True)
        return self.bias + sum(weight * (signals[name] - mean) / scale for name, mean, scale, weight in parts)

    def confidence(self, signals: dict[str, float]) -> float:
        """Give the share of such answers that are supported: 0 to 1."""
        return round(self.ceiling * share_of(self.slope * self.log_odds(signals) + self.intercept), 4)

    def sureness(self, signals: dict[str, float]) -> float:
        """Give the share of answers like this one that show what was asked for: 0 to 1."""
        of = {"log_odds": self.log_odds(signals), **signals}
        odds = self.shown_bias + sum(weight * of[name] for name, weight in self.shown_weight.items())
        return round(share_of(odds), 4)

    def confidence_refused(self, confidence: float) -> float:
        """Give the confidence of a refusal: it shows nothing, so it is far below that of any answer."""
        return round(_REFUSED * min(confidence, self.refuse_below), 4)


def confidence_by_rule(parsed: ParsedQuery, evidence: Evidence) -> float | None:
    """Say how sure we are where no model need be asked: nothing was found, anything will do, or nothing was asked."""
    if not evidence.candidates:
        return 0.0
    if parsed.any_topic:
        return ANYTHING_CONFIDENCE
    return None if parsed.says_topic or parsed.role else NOTHING_ASKED_CONFIDENCE


class AnswerableModels(Frozen):
    """What `answerable.json` holds: the richest model whose signals were measured is used."""

    made_from: LearnedFrom
    with_network: AnswerableModel
    """For documents that a network was learned for."""
    with_questions: AnswerableModel
    """For other documents that bring known questions."""
    without_questions: AnswerableModel
    """For any document."""

    def for_signals(self, signals: dict[str, float]) -> AnswerableModel:
        """Choose the model whose signals were measured."""
        models = (self.with_network, self.with_questions, self.without_questions)
        return next(model for model in models if set(model.signals) <= set(signals) or model is models[-1])


def confidence_of(signals: Signals) -> float:
    """Give the confidence by the model that fits the signals that were measured."""
    return load_models().for_signals(signals).confidence(signals)


def is_sure(evidence: Evidence) -> bool:
    """Tell whether the documents surely answer."""
    model = load_models().for_signals(evidence.signals)
    return bool(evidence.candidates) and model.confidence(evidence.signals) >= model.sure_above


def is_surely_asked(evidence: Evidence) -> bool:
    """Tell whether what was found answers so well that it was asked for, whatever the text looks like."""
    likeliest = max(evidence.signals.get(name, 0.0) for name in ("prepared", "sentence"))
    return likeliest >= SURELY_ASKED


def why_not_fitted(here: LearnedFrom) -> tuple[str, ...]:
    """Say where the models were fitted with another embedding model, or to other questions, than those here."""
    so = "how sure an answer is was not measured for what is used here."
    line = load_models().made_from.why_unfit(MODEL_FILE.name, here, so)
    return (line,) if line else ()


@cache
def load_models() -> AnswerableModels:
    """Load the fitted models from the package."""
    return AnswerableModels.model_validate(json.loads(MODEL_FILE.read_text(encoding="utf-8")))
