"""Fit the model that says whether the report answers a question: `python -m eval.fit`.

Trains on the train cases and on questions that the report does not answer, calibrates and sets the thresholds on the
dev cases, and writes `assistant/answerable.json`. The test cases are not read.
"""

import json
from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from assistant import open_assistant
from assistant.abstain import MODEL_FILE, AnswerableModel
from assistant.answer import choose
from assistant.pipeline import Assistant
from assistant.schema import Query
from eval.cases import load_cases, split_path
from eval.schema import LocatedCase

_REGULARISATION = 0.02  # the inverse strength; chosen by AUROC on dev when fitted on train
_ANSWERABLE_REFUSED = 0.04  # the share of answerable dev cases that the threshold may refuse


def signals_of(assistant: Assistant, cases: Sequence[LocatedCase]) -> list[dict[str, float]]:
    """Measure the signals of each case."""
    queries = [Query(question=case.question, history=case.history) for case in cases]
    return [assistant.find(assistant.read(query)).signals for query in queries]


def supported(assistant: Assistant, case: LocatedCase) -> bool:
    """Tell whether the report answers a case and the answer would show some of its evidence."""
    asked = assistant.read(Query(question=case.question, history=case.history))
    limits = {"citations": assistant.settings.citations, "max_tokens": assistant.settings.answer_tokens}
    chosen = choose(assistant.find(asked).passages, asked, **limits)
    return any(
        one.passage.document_id == span.document_id and one.span[0] <= span.start and span.end <= one.span[1]
        for one in chosen
        for group in case.groups
        for span in group
    )


Signals = list[dict[str, float]]


def fit(
    train: Signals,
    labels: list[bool],
    dev: Signals,
    dev_labels: list[bool],
    dev_supported: list[bool],
    dev_named: list[bool],
) -> AnswerableModel:
    """Fit on train whether the report answers; calibrate on dev to the share of supported answers."""
    names = tuple(train[0])
    matrix = np.array([[row[name] for name in names] for row in train])
    scaler = StandardScaler().fit(matrix)
    logistic = LogisticRegression(C=_REGULARISATION, class_weight="balanced", max_iter=2000)
    logistic.fit(scaler.transform(matrix), labels)
    draft = AnswerableModel(
        signals=names,
        mean=tuple(scaler.mean_.round(6)),
        scale=tuple(scaler.scale_.round(6)),
        weight=tuple(logistic.coef_[0].round(6)),
        bias=round(float(logistic.intercept_[0]), 6),
        refuse_below=0,
        sure_above=0,
    )
    odds = np.array([[draft.log_odds(row)] for row in dev])
    line = LogisticRegression(C=1.0).fit(odds, dev_supported)
    slope, intercept = float(line.coef_[0][0]), float(line.intercept_[0])
    calibrated = draft.model_copy(update={"slope": round(slope, 4), "intercept": round(intercept, 4)})
    confidences = np.array([calibrated.confidence(row) for row in dev])
    threshold = float(np.quantile(confidences[np.array(dev_labels) & ~np.array(dev_named)], _ANSWERABLE_REFUSED))
    limits = {"refuse_below": round(threshold, 4), "sure_above": round((1 + threshold) / 2, 4)}
    return calibrated.model_copy(update=limits)


def main() -> None:
    """Fit and write the model, and say how well it tells the dev cases apart."""
    assistant = open_assistant()
    files = ("train", "train_unanswerable")
    train = [case for file in files for case in load_cases(split_path(file))]
    dev = load_cases(split_path("dev"))
    dev_labels = [case.answerable for case in dev]
    dev_signals = signals_of(assistant, dev)
    dev_named = [case.speaker is not None for case in dev]  # these have a threshold of their own
    dev_supported = [supported(assistant, case) for case in dev]
    model = fit(
        signals_of(assistant, train),
        [case.answerable for case in train],
        dev_signals,
        dev_labels,
        dev_supported,
        dev_named,
    )
    MODEL_FILE.write_text(json.dumps(model.model_dump(), indent=1) + "\n", encoding="utf-8")
    confidences = np.array([model.confidence(row) for row in dev_signals])
    refused = confidences < model.refuse_below
    answerable = np.array(dev_labels)
    print(f"dev: AUROC {roc_auc_score(dev_labels, confidences):.3f}, ", end="")
    wrongly = refused[answerable].mean()
    print(f"unanswerable refused {refused[~answerable].mean():.2f}, answerable refused {wrongly:.2f}")


if __name__ == "__main__":
    main()
