"""Guards BM25: hand-worked scores, those of bm25s, and that documents counted apart score as if counted together."""

import math
from pathlib import Path

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.finding.bm25 import WordCounts, WordScores
from assistant.reading.tokenize import tokenize

TEXTS = ["power is shared", "power power power", "trust takes time", "ground rules"]


def scores_of(*parts: list[str]) -> WordScores:
    return WordScores([WordCounts.from_texts(texts) for texts in parts])


def dense(scores: WordScores, words: list[str]) -> np.ndarray:
    numbers, found = scores.score(words)
    everything = np.zeros(scores.size)
    everything[numbers] = found
    return everything


def test_scores_follow_hand_worked_bm25() -> None:
    """Lucene's BM25, k1 1.2 and b 0.75, for “power” in TEXTS, whose stems are 2, 3, 3 and 2 words long.

    idf = ln(1 + (4 - 2 + 0.5) / (2 + 0.5)) = ln 2; the mean length is 2.5.
    text 0, once in 2 words:   ln 2 · 1 / (1 + 1.2 · (0.25 + 0.75 · 2 / 2.5)) = ln 2 / 2.02
    text 1, thrice in 3 words: ln 2 · 3 / (3 + 1.2 · (0.25 + 0.75 · 3 / 2.5)) = ln 2 · 3 / 4.38
    """
    numbers, scores = scores_of(TEXTS).score(["power"])
    assert numbers.tolist() == [0, 1]
    assert scores == pytest.approx([math.log(2) / 2.02, math.log(2) * 3 / 4.38], abs=1e-6)


def test_scores_order_by_how_much_is_shared() -> None:
    scores = dense(scores_of(TEXTS), tokenize("power shared over time"))
    assert list(np.argsort(-scores, kind="stable")) == [0, 2, 1, 3]  # “share” and “time” are rarer than “power”
    assert scores[3] == 0


def test_unknown_or_no_words_score_nothing() -> None:
    assert len(scores_of(TEXTS).score(["sourdough"])[0]) == 0
    assert len(scores_of(TEXTS).score([])[0]) == 0


_WORDS = st.sampled_from(["power", "trust", "time", "rule", "ground", "share", "quote", "lay"])
_LISTS = st.lists(st.lists(_WORDS, max_size=12), min_size=1, max_size=8)


@given(_LISTS.filter(any), st.lists(_WORDS, min_size=1, max_size=6))
def test_scores_are_those_of_bm25s(texts: list[list[str]], question: list[str]) -> None:
    scores = scores_of([" ".join(text) for text in texts])
    reference = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    reference.index([tokenize(" ".join(text)) or [""] for text in texts], show_progress=False)
    asked = [word for word in tokenize(" ".join(question)) if word in reference.vocab_dict]
    expected = reference.get_scores(asked) if asked else np.zeros(len(texts))
    empty = sum(not text for text in texts)  # bm25s counts an empty text as one word long
    if not empty:
        assert dense(scores, tokenize(" ".join(question))) == pytest.approx(expected, abs=1e-5)


@given(_LISTS.filter(any), st.integers(0, 8), st.lists(_WORDS, min_size=1, max_size=6))
def test_documents_counted_apart_score_as_if_together(texts: list[list[str]], cut: int, question: list[str]) -> None:
    written = [" ".join(text) for text in texts]
    parts = [part for part in (written[:cut], written[cut:]) if part]
    together, apart = scores_of(written), scores_of(*parts)
    words = tokenize(" ".join(question))
    assert dense(apart, words) == pytest.approx(dense(together, words), abs=1e-6)
    passages = np.arange(len(written))
    assert apart.coverage(set(words), passages)[0] == pytest.approx(together.coverage(set(words), passages)[0])
    assert sorted(apart.spellings) == sorted(together.spellings)


def test_coverage_counts_rare_words_more() -> None:
    covered, unknown = scores_of(TEXTS).coverage({"power", "trust", "sourdough"}, np.array([0, 2, 3]))
    common, rare = math.log(1 + 2.5 / 2.5), math.log(1 + 3.5 / 1.5)
    never = math.log(1 + 4.5 / 0.5)
    whole = common + rare + never
    assert covered == pytest.approx([common / whole, rare / whole, 0], abs=1e-6)
    assert unknown == pytest.approx(never / whole)


def test_spellings_are_the_written_words_the_most_common_first() -> None:
    assert scores_of(["Power and trust", "POWER", "trust power", "it"]).spellings[:2] == ["power", "trust"]


def test_save_and_load_keep_every_score_without_pickle(tmp_path: Path) -> None:
    counts = WordCounts.from_texts(TEXTS)
    counts.save(tmp_path)
    loaded = WordScores([WordCounts.load(tmp_path)])
    for word in ("power", "trust", "rule"):
        assert (dense(loaded, [word]) == dense(WordScores([counts]), [word])).all()
    with np.load(tmp_path / "words.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays.files)
