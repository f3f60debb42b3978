"""Guards the index: cosines and BM25 scores against hand-worked numbers, and that what is saved is what is loaded."""

import math
from pathlib import Path

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.finding.index import ChunkIndex, WordScores
from assistant.reading.tokenize import STOPWORDS, tokenize
from corpus.errors import IndexDamaged

# Unit vectors in the plane, at 0°, 90°, 180° and 60°, and 3-4-5.
VECTORS = np.array([[1, 0], [0, 1], [-1, 0], [0.5, math.sqrt(3) / 2], [0.6, 0.8]], dtype=np.float32)
TEXTS = ["power is shared", "power power power", "trust takes time", "ground rules"]


def index_of(texts: list[str] = TEXTS) -> ChunkIndex:
    return ChunkIndex.from_embeddings(VECTORS, texts)


def test_score_by_meaning_gives_every_chunk_its_cosine() -> None:
    index = index_of()
    assert index.size == 5
    assert index.n_passages == 4
    east = index.score_by_meaning(np.array([[1, 0]], dtype=np.float32))
    assert east == pytest.approx([1, 0, -1, 0.5, 0.6], abs=1e-6)
    # 0.8 · 0.6 + 0.6 · 0.8 = 0.96; 0.8 · 0.5 + 0.6 · 0.8660 = 0.9196
    slanted = index.score_by_meaning(np.array([[0.8, 0.6]], dtype=np.float32))
    assert slanted == pytest.approx([0.8, 0.6, -0.8, 0.9196152, 0.96], abs=1e-6)
    assert slanted.dtype == np.float32


@pytest.mark.parametrize("row", [[2, 0], [0, 0], [0.9, 0], [float("nan"), 1]])
def test_from_embeddings_refuses_vectors_that_are_not_of_length_1(row: list[float]) -> None:
    with pytest.raises(ValueError, match="length 1"):
        ChunkIndex.from_embeddings(np.array([[1, 0], row], dtype=np.float32), ["a", "b"])


def test_score_not_covered_gives_the_cosines_of_its_own_vectors() -> None:
    query = np.array([[0.8, 0.6]], dtype=np.float32)
    index = ChunkIndex.from_embeddings(VECTORS, TEXTS, VECTORS[3:])
    assert index.score_not_covered(query) == pytest.approx([0.9196152, 0.96], abs=1e-6)
    assert index_of().score_not_covered(query).shape == (0,)


def test_score_by_words_follows_hand_worked_bm25() -> None:
    """Lucene's BM25, k1 1.2 and b 0.75, for “power” in TEXTS, whose stems are 2, 3, 3 and 2 words long.

    idf = ln(1 + (4 - 2 + 0.5) / (2 + 0.5)) = ln 2; the mean length is 2.5.
    text 0, once in 2 words:   ln 2 · 1 / (1 + 1.2 · (0.25 + 0.75 · 2 / 2.5)) = ln 2 / 2.02
    text 1, thrice in 3 words: ln 2 · 3 / (3 + 1.2 · (0.25 + 0.75 · 3 / 2.5)) = ln 2 · 3 / 4.38
    """
    scores = index_of().score_by_words(["power"])
    assert scores == pytest.approx([math.log(2) / 2.02, math.log(2) * 3 / 4.38, 0, 0], abs=1e-6)


def test_score_by_words_orders_by_how_much_is_shared() -> None:
    scores = index_of().score_by_words(tokenize("power shared over time"))
    assert list(np.argsort(-scores, kind="stable")) == [0, 2, 1, 3]  # “share” and “time” are rarer than “power”
    assert scores[3] == 0


def test_score_by_words_gives_nothing_for_unknown_or_no_words() -> None:
    index = index_of()
    assert not index.score_by_words(["sourdough"]).any()
    assert not index.score_by_words([]).any()


_WORDS = st.sampled_from(["power", "trust", "time", "rule", "ground", "share", "quote", "lay"])
_LISTS = st.lists(st.lists(_WORDS, max_size=12), min_size=1, max_size=8)


@given(_LISTS.filter(any), st.lists(_WORDS, min_size=1, max_size=6))
def test_word_scores_are_those_of_bm25s(texts: list[list[str]], question: list[str]) -> None:
    scores = WordScores.from_texts([" ".join(text) for text in texts])
    reference = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    reference.index([tokenize(" ".join(text)) or [""] for text in texts], show_progress=False)
    asked = [word for word in tokenize(" ".join(question)) if word in reference.vocab_dict]
    expected = reference.get_scores(asked) if asked else np.zeros(len(texts))
    assert scores.scores_for(tokenize(" ".join(question))) == pytest.approx(expected, abs=1e-5)


def test_spellings_are_the_written_words_the_most_common_first() -> None:
    assert index_of(["Power and trust", "POWER", "trust power", "it"]).spellings[:2] == ["power", "trust"]


def test_save_and_load_keep_every_score(tmp_path: Path) -> None:
    index = index_of()
    index.save(tmp_path)
    loaded = ChunkIndex.load(tmp_path)
    query = np.array([[0.6, 0.8]], dtype=np.float32)
    assert (loaded.score_by_meaning(query) == index.score_by_meaning(query)).all()
    for word in ("power", "trust", "rule"):
        assert (loaded.score_by_words([word]) == index.score_by_words([word])).all()
    assert (loaded.size, loaded.n_passages, loaded.spellings) == (index.size, index.n_passages, index.spellings)


def test_save_writes_no_pickle(tmp_path: Path) -> None:
    index_of().save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".faiss", ".json", ".npz"}
    with np.load(tmp_path / "words.npz", allow_pickle=False) as arrays:
        assert all(arrays[name].dtype != object for name in arrays.files)


@pytest.mark.parametrize("name", ["vectors.faiss", "words.json", "words.npz"])
@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 40, b"PK\x03\x04 cut", None], ids=["empty", "zeros", "cut", "missing"]
)
def test_load_refuses_a_file_it_cannot_read(tmp_path: Path, name: str, content: bytes | None) -> None:
    index_of().save(tmp_path)
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(IndexDamaged, match="cannot be read"):
        ChunkIndex.load(tmp_path)


@pytest.mark.parametrize(
    "written",
    ["co-production", "coproduction", "Co-Production", "co\u2010production", "co\u2011production", "co production"],
)
def test_words_of_takes_every_spelling_of_coproduction_for_one_word(written: str) -> None:
    assert tokenize(written) == tokenize("coproduction")
    assert len(tokenize(written)) == 1


def test_words_of_drops_stop_words_and_stems_the_rest() -> None:
    assert tokenize("What are the researchers saying about their relationships?") == ["research", "say", "relationship"]
    assert tokenize("sharing shared shares") == ["share"] * 3
    assert tokenize("the partner’s view") == tokenize("partner's view") == ["partner", "view"]
    assert tokenize("  … 😀 ") == []


@pytest.mark.parametrize("word", sorted(STOPWORDS))
def test_stop_words_are_dropped_whatever_their_case(word: str) -> None:
    assert tokenize(f"{word} {word.upper()} {word.capitalize()}") == []


@given(st.text(max_size=80))
def test_words_of_takes_any_text(text: str) -> None:
    assert all(word == word.casefold() and not any(map(str.isspace, word)) for word in tokenize(text))
