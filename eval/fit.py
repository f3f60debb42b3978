"""Fit the models that say whether the documents answer a question: `python -m eval.fit`.

Trains on the train and dev cases and on more questions that the report does not answer, and writes
`assistant/answering/answerable.json`. Confidence and thresholds are set on log-odds that each case got from a model
fitted without it (cross-fitting), so no case judges itself. The test cases are not read. What a rule decides
is left out: speakers who are not quoted, anything by a speaker, questions about nothing.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from assistant import open_assistant
from assistant.answering.confidence import MODEL_FILE, AnswerableModel, AnswerableModels, confidence_by_rule
from assistant.answering.special import speaker_nobody_quotes
from assistant.finding.learned import LearnedFrom
from assistant.keeping.model import EXPECTED_SHA256
from assistant.pipeline import Assistant
from assistant.reading.meaning import ASKS
from assistant.schema import Query
from corpus.load import load_library
from eval.cases import load_cases, split_path
from eval.schema import LocatedCase

_REGULARISATION = 0.1  # the inverse strength
_ANSWERABLE_REFUSED = 0.02  # the share of answerable cases that the threshold may refuse; new writers lose more
_NAMED_REFUSED = 0.02  # the same where a speaker is named
_FOLDS = 10

Numbers = NDArray[np.float64]
Answers = NDArray[np.bool_]


@dataclass(frozen=True)
class Example:
    """A case as the model sees it."""

    signals: dict[str, float]
    answerable: bool
    supported: bool
    named: bool


def examples_of(assistant: Assistant, cases: Sequence[LocatedCase]) -> list[Example]:
    """Measure the signals of each case that no special look-up decides."""
    examples = []
    for case in cases:
        parsed = assistant.read(Query(question=case.question, history=case.history))
        evidence = assistant.find(parsed)
        if (
            parsed.act != ASKS
            or speaker_nobody_quotes(parsed, assistant.library, ())
            or confidence_by_rule(parsed, evidence) is not None
        ):
            continue
        supported = any(
            one.passage.document_id == span.document_id and one.span[0] <= span.start and span.end <= one.span[1]
            for one in assistant.select(evidence, parsed)
            for group in case.groups
            for span in group
        )
        examples.append(Example(evidence.signals, case.answerable, supported, bool(parsed.speakers)))
    return examples


def fit(judged: Sequence[Example], more: Sequence[Example], names: tuple[str, ...]) -> tuple[AnswerableModel, Numbers]:
    """Fit on all examples; set confidence and thresholds on those that are `judged`, each by a model without it.

    Returns:
        The model, and the cross-fitted confidence of each judged example, float64 (n_judged,).
    """
    matrix, extra = (np.array([[one.signals[name] for name in names] for one in rows]) for rows in (judged, more))
    answerable = np.array([one.answerable for one in judged])
    labels = np.concatenate([answerable, [one.answerable for one in more]])
    odds = np.zeros(len(judged))
    for inside, outside in StratifiedKFold(_FOLDS, shuffle=True, random_state=0).split(matrix, answerable):
        fold = _logistic().fit(
            np.concatenate([matrix[inside], extra]), np.concatenate([answerable[inside], labels[len(judged) :]])
        )
        odds[outside] = fold.decision_function(matrix[outside])
    scaler, logistic = (step for _, step in _logistic().fit(np.concatenate([matrix, extra]), labels).steps)
    slope, intercept, ceiling = _calibrate(odds, np.array([one.supported for one in judged]))
    confidences = ceiling / (1 + np.exp(-(slope * odds + intercept)))
    named = np.array([one.named for one in judged])
    refuse_below = float(np.quantile(confidences[answerable & ~named], _ANSWERABLE_REFUSED))
    refuse_named_below = float(np.quantile(confidences[answerable & named], _NAMED_REFUSED))
    model = AnswerableModel(
        signals=names,
        mean=tuple(scaler.mean_.round(6)),
        scale=tuple(scaler.scale_.round(6)),
        weight=tuple(logistic.coef_[0].round(6)),
        bias=round(float(logistic.intercept_[0]), 6),
        slope=round(slope, 4),
        intercept=round(intercept, 4),
        ceiling=round(ceiling, 4),
        refuse_below=round(refuse_below, 4),
        refuse_named_below=round(min(refuse_named_below, refuse_below), 4),
        sure_above=round((ceiling + refuse_below) / 2, 4),
    )
    return model, confidences


def _logistic() -> Pipeline:
    return make_pipeline(
        StandardScaler(), LogisticRegression(C=_REGULARISATION, class_weight="balanced", max_iter=3000)
    )


def _calibrate(odds: Numbers, supported: Answers) -> tuple[float, float, float]:
    """Find slope, intercept and ceiling that make ceiling × logistic(slope × odds + intercept) likeliest.

    Source: Platt (1999), with a ceiling: the surest answers do not always show the evidence.
    """

    def loss(parameters: Numbers) -> float:
        slope, intercept, top = parameters
        share = np.clip(1 / (1 + np.exp(-top)) / (1 + np.exp(-(slope * odds + intercept))), 1e-9, 1 - 1e-9)
        return float(-np.mean(np.where(supported, np.log(share), np.log(1 - share))))

    slope, intercept, top = minimize(loss, [1.0, 0.0, 3.0], method="Nelder-Mead", options={"maxiter": 4000}).x
    return float(slope), float(intercept), float(1 / (1 + np.exp(-top)))


#: What is fitted to: never the test cases.
SPLITS = ("train", "train_follow_up", "train_more", "dev")


#: Signals of a network that was learned for a document.
_OF_NETWORK = ("network", "network_own")


def main() -> None:
    """Fit and write the models, and say how well each tells the cases apart."""
    judged_cases = [case for split in SPLITS for case in load_cases(split_path(split))]
    more_cases = load_cases(split_path("train_unanswerable"))
    library = load_library()
    fitted: dict[str, AnswerableModel] = {}
    for assistant, names in (
        (open_assistant(), ("with_network", "with_questions")),
        (Assistant.from_documents(library.documents), ("without_questions",)),
    ):
        judged, more = examples_of(assistant, judged_cases), examples_of(assistant, more_cases)
        for name in names:
            left_out = () if name == "with_network" else _OF_NETWORK
            signals = tuple(signal for signal in judged[0].signals if signal not in left_out)
            fitted[name], confidences = fit(judged, more, signals)
            answerable = np.array([one.answerable for one in judged])
            refused = confidences < fitted[name].refuse_below
            print(f"{name}, train and dev, cross-fitted: AUROC {roc_auc_score(answerable, confidences):.3f}", end=", ")
            print(
                f"refused: {refused[~answerable].mean():.2f} unanswerable, {refused[answerable].mean():.2f} answerable"
            )
    models = AnswerableModels.model_validate({**fitted, "made_from": made_from()})
    MODEL_FILE.write_text(json.dumps(models.model_dump(), indent=1) + "\n", encoding="utf-8")


def made_from() -> LearnedFrom:
    """Say what the models are fitted to here: the bundled model, the library's questions, the cases of `SPLITS`."""
    here = LearnedFrom.here(EXPECTED_SHA256["model.safetensors"], [one.hashes for one in load_library().entries])
    cases = {
        split: hashlib.sha256(split_path(split).read_bytes()).hexdigest() for split in (*SPLITS, "train_unanswerable")
    }
    return here.model_copy(update={"cases_sha256": cases})


if __name__ == "__main__":
    main()
