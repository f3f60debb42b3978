"""Fit the models that say whether the documents answer a question: `python -m eval.fit`.

Trains on the train and dev cases and on more questions that the report does not answer, and writes
`assistant/answering/answerable.json`. Confidence and thresholds are set on log-odds that each case got from a model
fitted without it (cross-fitting), so no case judges itself. The test cases are not read. What a rule decides
is left out: speakers who are not quoted, anything by a speaker, questions about nothing.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from assistant import open_assistant
from assistant.answering.confidence import MODEL_FILE, AnswerableModel, AnswerableModels, confidence_by_rule
from assistant.answering.prepared import add_the_next, choose_prepared
from assistant.answering.select import Selected
from assistant.answering.special import speaker_nobody_quotes
from assistant.finding.learned import LearnedFrom
from assistant.keeping.model import EXPECTED_SHA256
from assistant.pipeline import Assistant
from assistant.reading.meaning import ASKS
from assistant.schema import Query
from corpus.load import load_library
from eval.cases import load_cases, split_path
from eval.schema import LocatedCase, Span
from eval.spans import holds_some

_REGULARISATION = 0.1  # the inverse strength
#: The share of answerable cases that the threshold may refuse; new writers lose more. Documents that nothing was
#: learned for: what is fitted here is surer of itself than it may be there; and hardly tells, where nothing is known.
_ANSWERABLE_REFUSED = {"with_network": 0.02, "with_questions": 0.004, "without_questions": 0.05}
_NAMED_REFUSED = 0.02  # the same where a speaker is named
#: The confidence below which what is shown is called the nearest there is: so much, or so much of the median.
_DIRECT, _OF_MEDIAN = 0.4, 0.5
_SURE = 0.9  # the share of answers without a word on their sureness that are right
_FOLDS = 10
_OF_SHOWN = ("prepared", "sentence")  # how likely what is shown is to answer
_OF_PREPARED = ("prepared", "lacking")

Numbers = NDArray[np.float64]
Answers = NDArray[np.bool_]


@dataclass(frozen=True)
class Example:
    """A case as the model sees it."""

    signals: dict[str, float]
    answerable: bool
    supported: bool
    """Whether what is shown holds evidence,"""
    found: bool
    """and what would be shown if no answer were prepared."""
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
        prepared = choose_prepared(evidence, parsed, assistant.library)
        if prepared and prepared.answer.lacks:
            continue
        found = _holds_evidence(assistant.select(evidence, parsed), case)
        supported = found
        if prepared:
            most = assistant.settings.citations
            supported = _holds_evidence(add_the_next(prepared, evidence, parsed, assistant.library, most), case)
        examples.append(Example(evidence.signals, case.answerable, supported, found, bool(parsed.speakers)))
    return examples


def _holds_evidence(shown: Sequence[Selected], case: LocatedCase) -> bool:
    """Tell whether something that is shown holds evidence of a case."""
    spans = [Span(document_id=one.passage.document_id, start=one.span[0], end=one.span[1]) for one in shown]
    return holds_some(case.groups, spans)


def fit(
    judged: Sequence[Example], more: Sequence[Example], names: tuple[str, ...], share: float
) -> tuple[AnswerableModel, Numbers]:
    """Fit on all examples; set confidence and thresholds on those that are `judged`, each by a model without it.

    `share` of the answerable ones may be refused.

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
    supported = np.array([one.supported for one in judged])
    of_shown = [name for name in _OF_SHOWN if name in names]
    shown = np.column_stack([odds, *([one.signals[name] for one in judged] for name in of_shown)])
    surely = LogisticRegression(max_iter=3000).fit(shown, supported)
    sure: Numbers = cross_val_predict(surely, shown, supported, cv=_FOLDS, method="predict_proba")[:, 1]
    print(f"how sure: AUROC {roc_auc_score(supported, sure):.3f}, of those not refused", end=" ")
    named = np.array([one.named for one in judged])
    refuse_below = float(np.quantile(confidences[answerable & ~named], share))
    refuse_named_below = float(np.quantile(confidences[answerable & named], _NAMED_REFUSED))
    kept = confidences >= refuse_below
    print(
        f"{roc_auc_score(supported[kept], sure[kept]):.3f}, calibration {_calibration(sure[kept], supported[kept]):.3f}"
    )
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
        shown_weight=dict(zip(("log_odds", *of_shown), surely.coef_[0].round(6).tolist(), strict=True)),
        shown_bias=round(float(surely.intercept_[0]), 6),
        direct_above=round(min(_DIRECT, _OF_MEDIAN * float(np.median(sure[kept]))), 4),
        sure_above=round(_sure_above(sure[kept], supported[kept]), 4),
    )
    return model, confidences


def _calibration(chances: Numbers, right: Answers) -> float:
    """Give the expected calibration error over ten bins of equal width."""
    bins = np.minimum((chances * 10).astype(int), 9)
    gaps = [
        abs(chances[bins == one].mean() - right[bins == one].mean()) * (bins == one).mean() for one in np.unique(bins)
    ]
    return float(np.sum(gaps))


def _sure_above(confidences: Numbers, supported: Answers) -> float:
    """Give the lowest confidence from which on answers are right as often as one that says nothing of its sureness."""
    order = np.argsort(-confidences)
    share = np.cumsum(supported[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= _SURE)
    return float(confidences[order][enough[-1]]) if len(enough) else 1.0


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
SPLITS = ("train", "train_follow_up", "train_more", "train_wrapped", "dev")
#: More that nothing answers.
UNANSWERED = ("train_unanswerable", "train_lacking")


#: Signals of a network that was learned for a document.
_OF_NETWORK = ("network", "network_own")


def main() -> None:
    """Fit and write the models, and say how well each tells the cases apart."""
    judged_cases = [case for split in SPLITS for case in load_cases(split_path(split))]
    more_cases = [case for split in UNANSWERED for case in load_cases(split_path(split))]
    library = load_library()
    fitted: dict[str, AnswerableModel] = {}
    for assistant, names in (
        (open_assistant(), ("with_network", "with_questions")),
        (Assistant.from_documents(library.documents), ("without_questions",)),
    ):
        judged, more = examples_of(assistant, judged_cases), examples_of(assistant, more_cases)
        for name in names:
            # The others speak for documents of which no answer may have been prepared.
            left_out = () if name == "with_network" else (*_OF_NETWORK, *_OF_PREPARED)
            if name != "with_network":
                judged = [replace(one, supported=one.found) for one in judged]
            signals = tuple(
                signal for signal in max((one.signals for one in judged), key=len) if signal not in left_out
            )
            # A question with a filter is judged by the next model: answers that were prepared say nothing of it.
            judged, more = ([one for one in rows if set(signals) <= set(one.signals)] for rows in (judged, more))
            fitted[name], confidences = fit(judged, more, signals, _ANSWERABLE_REFUSED[name])
            answerable = np.array([one.answerable for one in judged])
            refused = confidences < fitted[name].refuse_below
            print(f"{name}, train and dev, cross-fitted: AUROC {roc_auc_score(answerable, confidences):.3f}", end=", ")
            print(
                f"refused: {refused[~answerable].mean():.2f} unanswerable, {refused[answerable].mean():.2f} answerable"
            )
    models = AnswerableModels.model_validate({**fitted, "made_from": made_from()})
    MODEL_FILE.write_text(json.dumps(models.model_dump(), indent=1) + "\n", encoding="utf-8", newline="\n")


def made_from() -> LearnedFrom:
    """Say what the models are fitted to here: the bundled model, the library's questions, the cases of `SPLITS`."""
    here = LearnedFrom.here(EXPECTED_SHA256["model.safetensors"], [one.hashes for one in load_library().entries])
    cases = {split: hashlib.sha256(split_path(split).read_bytes()).hexdigest() for split in (*SPLITS, *UNANSWERED)}
    return here.model_copy(update={"cases_sha256": cases})


if __name__ == "__main__":
    main()
