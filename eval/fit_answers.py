"""Fit the models that choose what an answer shows: `python -m eval.fit_answers` (some five minutes).

`prepared.json` says whether an answer that was prepared is the one asked for, `likely.json` whether a sentence answers.
Both learn from the cases of train: does this quote the evidence? Whether what an answer says to be lacking is what was
asked for, is in `eval/data/judged/lacking.jsonl`. The dev and test cases are not read, but with `--dev`.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from assistant import open_assistant
from assistant.answering.prepared import choose_prepared, seconds, select_prepared, signals_of_quotes
from assistant.finding import likely, prepared
from assistant.finding.learned import LearnedFrom
from assistant.finding.likely import SentenceModel
from assistant.finding.prepared import FitModel, FitModels, Match
from assistant.finding.retriever import Evidence
from assistant.keeping.model import EXPECTED_SHA256
from assistant.pipeline import Assistant
from assistant.reading.meaning import ASKS
from assistant.reading.question import ParsedQuery
from assistant.schema import Query
from corpus.library import Library
from corpus.load import load_library
from corpus.prepared import Prepared
from eval.cases import DATA, load_cases, split_path
from eval.schema import LocatedCase, Span
from eval.spans import holds_some

SPLITS = (
    "train",
    "train_more",
    "train_follow_up",
    "train_dialogues",
    "train_wrapped",
    "train_parts",
    "train_unanswerable",
    "train_lacking",
)
DEV = ("dev", "people_dev", "people_eleven", "people_twelve")
LACKING_FILE = DATA / "judged" / "lacking.jsonl"
#: What counts for an answer that says what is lacking: how it is asked for, and how that is beside the others.
_OF_LACKING = ("nearest", "votes", "nearest_behind", "votes_behind")
_GIVEN, _LACKING = 0.2, 0.45  # the chance from which an answer is given, and one that says what is lacking
_SECOND = 0.5  # the chance from which a second sentence is shown
_QUOTED, _SEVERAL = 0.55, 2  # from which words are quoted beside the first, of several that an answer has
_BESIDE = 0.5  # and from which a second answer stands beside the first
_REGULARISATION = 1.0

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """Signals of something that might be shown, whether it is right, and the question that it belongs to."""

    signals: dict[str, float]
    right: bool
    question: int


def first_quotes_evidence(answer: Prepared, case: LocatedCase) -> bool:
    """Tell whether the first words of an answer, or its second, hold evidence of a case; of what is lacking, never."""
    if not case.answerable or answer.lacks:
        return False
    shown = [Span(document_id=answer.document_id, start=one.span[0], end=one.span[1]) for one in answer.quotes[:2]]
    return holds_some(case.groups, shown)


@dataclass(frozen=True)
class Found:
    """A case, how its question was read, and what there is for it."""

    case: LocatedCase
    parsed: ParsedQuery
    evidence: Evidence


def of_cases(assistant: Assistant, splits: Sequence[str]) -> Iterator[Found]:
    """Find what there is for each case that asks."""
    for split in splits:
        for case in load_cases(split_path(split)):
            parsed = assistant.read(Query(question=case.question, history=case.history))
            if parsed.act == ASKS:
                yield Found(case, parsed, assistant.find(parsed))


def labelled() -> dict[tuple[str, str], bool]:
    """Give for cases that nothing answers whether what a prepared answer says to be lacking is what was asked for."""
    rows = (json.loads(line) for line in LACKING_FILE.read_text(encoding="utf-8").splitlines())
    return {(row["case"], row["answer"]): row["right"] for row in rows}


def fit(rows: Sequence[Row], names: Sequence[str] = ()) -> tuple[dict[str, object], Numbers]:
    """Fit on some or all signals of rows. Gives the model's fields and the chances."""
    names = names or list(rows[0].signals)
    matrix = np.array([[row.signals[name] for name in names] for row in rows])
    right = np.array([row.right for row in rows])
    scaler = StandardScaler().fit(matrix)
    scale = np.where(scaler.scale_ > 0, scaler.scale_, 1)
    logistic = LogisticRegression(C=_REGULARISATION, max_iter=5000)
    logistic.fit((matrix - scaler.mean_) / scale, right)
    chances: Numbers = logistic.predict_proba((matrix - scaler.mean_) / scale)[:, 1]

    def columns(values: Numbers) -> dict[str, float]:
        return dict(zip(names, values.round(6).tolist(), strict=True))

    fields = {
        "made_from": made_from(),
        "mean": columns(scaler.mean_),
        "scale": columns(scale),
        "weight": columns(logistic.coef_[0]),
        "bias": round(float(logistic.intercept_[0]), 6),
    }
    return fields, chances


def report(name: str, rows: Sequence[Row], chances: Numbers, given_from: float) -> None:
    """Print how well the likeliest of each question is chosen, and how right those are that would be given."""
    best: dict[int, int] = {}
    for number, row in enumerate(rows):
        if row.question not in best or chances[number] > chances[best[row.question]]:
            best[row.question] = number
    chosen = np.array(list(best.values()))
    right, chance = np.array([rows[number].right for number in chosen]), chances[chosen]
    answerable = {row.question for row in rows if row.right}
    first = np.mean([rows[best[question]].right for question in answerable])
    given = chance >= given_from
    print(
        f"{name}: {len(chosen)} questions, the first right in {first:.3f} of {len(answerable)} that have a right one; "
        f"AUROC {roc_auc_score(right, chance):.3f}; given {given.mean():.2f}, of these right {right[given].mean():.3f}",
        flush=True,
    )


def write(models: FitModels) -> None:
    """Write the models of prepared answers, and use them from now on."""
    prepared.MODEL_FILE.write_text(json.dumps(models.model_dump(), indent=1) + "\n", encoding="utf-8", newline="\n")
    prepared.load_models.cache_clear()


def made_from() -> LearnedFrom:
    """Say what the models are fitted to here."""
    here = LearnedFrom.here(EXPECTED_SHA256["model.safetensors"], [one.hashes for one in load_library().entries])
    cases = {split: hashlib.sha256(split_path(split).read_bytes()).hexdigest() for split in SPLITS}
    return here.model_copy(update={"cases_sha256": cases})


def rows_of(found: Sequence[Found]) -> tuple[list[Row], list[Row], list[Row], list[Row]]:
    """Give the rows of prepared answers, also to follow-ups, of those that say what is lacking, and of sentences."""
    answers: list[Row] = []
    leaning: list[Row] = []
    lacking, sentences, known = [], [], labelled()
    for number, one_found in enumerate(found):
        case, evidence = one_found.case, one_found.evidence
        for match in evidence.prepared:
            if not match.answer.lacks:
                rows = leaning if "before_nearest" in match.signals else answers
                rows.append(Row(dict(match.signals), first_quotes_evidence(match.answer, case), number))
            elif case.answerable or (case.id, match.answer.id) in known:
                lacking.append(Row(dict(match.signals), known.get((case.id, match.answer.id), False), number))
        for one in evidence.sentences:
            span = Span(document_id=one.passage.document_id, start=one.span[0], end=one.span[1])
            sentences.append(Row(one.signals, holds_some(case.groups, [span]), number))
    return answers, leaning, lacking, sentences


def rows_of_seconds(found: Sequence[Found], library: Library) -> list[Row]:
    """Give the rows of answers that may stand beside the one that is chosen: does their first quote add evidence?"""
    rows = []
    for number, one in enumerate(found):
        evidence = weighed_again(one.evidence)
        chosen = choose_prepared(evidence, one.parsed, library)
        if chosen is None or chosen.answer.lacks or chosen.answer.shape != "plain":
            continue
        first = spans_of(chosen.answer)
        open_groups = [group for group in one.case.groups if not holds_some([group], first)] or one.case.groups
        for second in seconds(chosen, evidence, one.parsed):
            quote = second.answer.quotes[0]
            if quote.passage_id == chosen.answer.quotes[0].passage_id:
                continue
            rows.append(Row(second.signals, holds_some(open_groups, spans_of(second.answer)), number))
    return rows


def rows_of_quotes(found: Sequence[Found], library: Library, most: int) -> list[Row]:
    """Give the rows of what plain answers with several quotes quote: does each hold evidence?"""
    rows = []
    for number, one in enumerate(found):
        chosen = choose_prepared(weighed_again(one.evidence), one.parsed, library)
        if chosen is None or chosen.answer.shape != "plain" or one.parsed.count or not one.case.answerable:
            continue
        shown = select_prepared(chosen.answer, one.parsed, library, most)
        if len(shown) < _SEVERAL:
            continue
        for quote, signals in zip(shown, signals_of_quotes(shown, one.evidence), strict=True):
            span = Span(document_id=quote.passage.document_id, start=quote.span[0], end=quote.span[1])
            rows.append(Row(signals, holds_some(one.case.groups, [span]), number))
    return rows


def spans_of(answer: Prepared) -> list[Span]:
    """Give the first words that an answer quotes."""
    return [Span(document_id=answer.document_id, start=one.span[0], end=one.span[1]) for one in answer.quotes[:1]]


def weighed_again(evidence: Evidence) -> Evidence:
    """Weigh the prepared answers by the models as they are now."""

    def again(matches: Sequence[Match]) -> tuple[Match, ...]:
        new = [Match(one.answer, one.signals, one.mean) for one in matches]
        return tuple(sorted(new, key=lambda one: -one.fits))

    parts = tuple((part, replace(found, prepared=again(found.prepared))) for part, found in evidence.parts)
    return replace(evidence, prepared=again(evidence.prepared), parts=parts)


def main() -> None:
    """Fit and write the models; with `--dev`, also say how they do on the dev cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true")
    given = parser.parse_args()
    assistant = open_assistant()
    found = list(of_cases(assistant, SPLITS))
    answers, leaning, lacking, sentences = rows_of(found)
    fields, chances = fit(answers)
    report("prepared answers", answers, chances, _GIVEN)
    fits = FitModel.model_validate({**fields, "given_from": _GIVEN})
    fields, chances = fit(leaning)
    report("of follow-ups", leaning, chances, _GIVEN)
    leans = FitModel.model_validate({**fields, "given_from": _GIVEN})
    fields, chances = fit(lacking, _OF_LACKING)
    report("what is lacking", lacking, chances, _LACKING)
    lacks = FitModel.model_validate({**fields, "given_from": _LACKING})
    before = prepared.load_models()
    models = FitModels(answers=fits, leaning=leans, lacking=lacks, second=before.second, quote=before.quote)
    write(models)
    quotes = rows_of_quotes(found, assistant.library, assistant.settings.citations)
    fields, chances = fit(quotes)
    report("words of an answer", quotes, chances, _QUOTED)
    of_quotes = FitModel.model_validate({**fields, "given_from": _QUOTED})
    models = models.model_copy(update={"quote": of_quotes})
    write(models)
    beside = rows_of_seconds(found, assistant.library)
    fields, chances = fit(beside)
    report("second answers", beside, chances, _BESIDE)
    adds = FitModel.model_validate({**fields, "given_from": _BESIDE})
    write(models.model_copy(update={"second": adds}))
    fields, chances = fit(sentences)
    report("sentences", sentences, chances, _SECOND)
    answering = SentenceModel.model_validate({**fields, "second_from": _SECOND})
    likely.MODEL_FILE.write_text(json.dumps(answering.model_dump(), indent=1) + "\n", encoding="utf-8", newline="\n")
    if given.dev:
        found = list(of_cases(assistant, DEV))
        answers, leaning, lacking, sentences = rows_of(found)
        beside = rows_of_seconds(found, assistant.library)
        report("dev, prepared answers", answers, np.array([fits.chance(row.signals) for row in answers]), _GIVEN)
        report("dev, of follow-ups", leaning, np.array([leans.chance(row.signals) for row in leaning]), _GIVEN)
        report("dev, what is lacking", lacking, np.array([lacks.chance(row.signals) for row in lacking]), _LACKING)
        quotes = rows_of_quotes(found, assistant.library, assistant.settings.citations)
        report("dev, words", quotes, np.array([of_quotes.chance(row.signals) for row in quotes]), _QUOTED)
        report("dev, second answers", beside, np.array([adds.chance(row.signals) for row in beside]), _BESIDE)
        report("dev, sentences", sentences, np.array([answering.chance(row.signals) for row in sentences]), _SECOND)


if __name__ == "__main__":
    main()
