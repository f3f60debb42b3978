"""Learn how questions are meant: `python -m eval.fit_reading` (a minute). Writes `assistant/reading/intents.npz`.

Learns from the examples of several writers and from the train cases. Each intent's threshold is where its F1 is best on
log-odds that each writer's examples got from a model of the others'. One writer's examples are not read: by them,
`coproduce eval reading` judges.
"""

import json
from collections import Counter
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from assistant.finding.encoder import encode_plain
from assistant.keeping.build import prepare_encoder
from assistant.keeping.exported import load_encoder
from assistant.keeping.model import model_sha256
from assistant.reading.intents import INTENTS_FILE
from assistant.settings import load_settings
from eval.reading import (
    ABOUT,
    LEARNED_FROM,
    SLOTS,
    Seen,
    about_examples,
    case_examples,
    load_examples,
    see,
    segment_examples,
)

_FEWEST = 40  # examples of an intent; fewer weigh no more each
_STRENGTH = 16.0  # the inverse of the regularisation

Numbers = NDArray[np.float64]


def fit_slot(
    by_writer: Sequence[Sequence[Seen]], *, with_vectors: bool, each_counts: bool = False
) -> tuple[list[str], Numbers, Numbers]:
    """Fit each intent of a slot against the rest.

    Args:
        by_writer: The examples of each writer.
        with_vectors: Whether what they mean is learned from, beside their words.
        each_counts: Whether every example counts as one where the threshold is chosen, rather than every intent.

    Returns:
        The intents' names, the weights (n_intents, n_features), and bias and thresholds (2, n_intents).
    """
    names = sorted({name for seen in by_writer for one in seen for name in one.intents})
    matrices = [_matrix(seen, with_vectors=with_vectors) for seen in by_writer]
    counts = Counter(one.intents for seen in by_writer for one in seen)
    # Some intents have many more examples than others: together they weigh the same.
    shares = [np.array([1 / max(counts[one.intents], _FEWEST) for one in seen]) for seen in by_writer]
    every, weight_of_every = np.concatenate(matrices), np.concatenate(shares)
    weights, rest = [], []
    for name in names:
        labels = [np.array([name in one.intents for one in seen]) for seen in by_writer]
        unseen = []
        for number, matrix in enumerate(matrices if len(matrices) > 1 else ()):
            others = [place for place in range(len(matrices)) if place != number]
            matrix_of, labels_of, shares_of = (
                np.concatenate([given[one] for one in others]) for given in (matrices, labels, shares)
            )
            model = _fit(matrix_of, labels_of, shares_of)
            unseen.append(model.decision_function(matrix))
        labels_of_every = np.concatenate(labels)
        weighs = np.ones(len(every)) if each_counts else weight_of_every
        threshold = _best_threshold(np.concatenate(unseen), labels_of_every, weighs) if unseen else 0.0
        model = _fit(every, labels_of_every, weight_of_every)
        weights.append(model.coef_[0])
        rest.append((float(model.intercept_[0]), threshold))
    return names, np.array(weights), np.array(rest).T


def _matrix(seen: Sequence[Seen], *, with_vectors: bool) -> NDArray[np.float32]:
    return np.stack([np.concatenate([one.words, *one.vectors]) if with_vectors else one.words for one in seen])


def _fit(matrix: NDArray[np.float32], labels: NDArray[np.bool_], shares: Numbers) -> LogisticRegression:
    """Fit one intent against the rest; both weigh the same."""
    weights = np.where(labels, shares / shares[labels].sum(), shares / shares[~labels].sum()) * len(labels) / 2
    return LogisticRegression(C=_STRENGTH, max_iter=3000).fit(matrix, labels, weights)


def _best_threshold(odds: Numbers, labels: NDArray[np.bool_], shares: Numbers) -> float:
    """Find the threshold with the best F1, between two values of log-odds."""
    order = np.argsort(-odds)
    right = np.cumsum((labels * shares)[order])
    f1 = 2 * right / (np.cumsum(shares[order]) + (labels * shares).sum())
    best = int(np.argmax(f1))
    following = odds[order[min(best + 1, len(odds) - 1)]]
    return float((odds[order[best]] + following) / 2)


def _halves(way: str, slot: str, weights: Numbers, rest: Numbers) -> dict[str, NDArray[np.float16]]:
    return {f"{way}.{slot}.weights": weights.astype(np.float16), f"{way}.{slot}.rest": rest.astype(np.float16)}


def main() -> None:
    """Fit and write."""
    settings = load_settings()
    prepare_encoder(settings)
    encode = partial(encode_plain, load_encoder(settings))
    groups = [*(segment_examples(load_examples(writer)) for writer in LEARNED_FROM), case_examples()]
    by_writer = [see(examples, encode) for examples in groups]
    arrays: dict[str, NDArray[np.float16]] = {}
    slots: dict[str, list[str]] = {}
    for way in ("with_vectors", "by_words"):
        for slot in SLOTS:
            own = [[one for one in seen if one.example.slot == slot] for seen in by_writer]
            own = [seen for seen in own if seen]
            # Most questions want no form, and one that is seen where there is none hides what was asked for.
            each_counts = slot == "form"
            names, weights, rest = fit_slot(own, with_vectors=way == "with_vectors", each_counts=each_counts)
            arrays |= _halves(way, slot, weights, rest)
            slots[slot] = names
        seen = see(about_examples(), encode)
        names, weights, rest = fit_slot([seen], with_vectors=way == "with_vectors")
        arrays |= _halves(way, ABOUT, weights, rest)
        slots[ABOUT] = names
    about = {"model_sha256": model_sha256(settings.model), "slots": slots}
    np.savez_compressed(INTENTS_FILE, allow_pickle=False, about=np.array(json.dumps(about)), **arrays)
    print(f"{INTENTS_FILE.name}: {INTENTS_FILE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
