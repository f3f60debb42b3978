"""Guards the port for vectors: cosines against hand-worked numbers, narrowing, adding, removing, and files."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.finding.vectors import FlatVectors

# Unit vectors in the plane, at 0°, 90°, 180° and 60°, and 3-4-5.
VECTORS = np.array([[1, 0], [0, 1], [-1, 0], [0.5, math.sqrt(3) / 2], [0.6, 0.8]], dtype=np.float32)
SLANTED = np.array([0.8, 0.6], dtype=np.float32)
# 0.8 · 0.6 + 0.6 · 0.8 = 0.96; 0.8 · 0.5 + 0.6 · 0.8660 = 0.9196
COSINES = [0.8, 0.6, -0.8, 0.9196152, 0.96]


@pytest.fixture
def vectors() -> FlatVectors:
    return FlatVectors.from_vectors(VECTORS)


def test_nearest_gives_the_best_first(vectors: FlatVectors) -> None:
    numbers, cosines = vectors.nearest(SLANTED, 3)
    assert numbers.tolist() == [4, 3, 0]
    assert cosines == pytest.approx([0.96, 0.9196152, 0.8], abs=1e-6)
    assert cosines.dtype == np.float32


def test_nearest_gives_no_more_than_there_are(vectors: FlatVectors) -> None:
    assert vectors.nearest(SLANTED, 99)[0].tolist() == [4, 3, 0, 1, 2]
    assert vectors.nearest(SLANTED, 0)[0].tolist() == []


def test_nearest_stays_among_those_that_may_be_found(vectors: FlatVectors) -> None:
    numbers, cosines = vectors.nearest(SLANTED[None, :], 2, np.array([0, 1, 2]))
    assert numbers.tolist() == [0, 1]
    assert cosines == pytest.approx([0.8, 0.6], abs=1e-6)
    assert vectors.nearest(SLANTED, 5, np.array([2]))[0].tolist() == [2]
    assert vectors.nearest(SLANTED, 5, np.zeros(0, dtype=np.int64))[0].tolist() == []


def test_similarities_are_exact_for_all_or_for_some(vectors: FlatVectors) -> None:
    assert vectors.similarities(SLANTED[None, :])[0] == pytest.approx(COSINES, abs=1e-6)
    both = vectors.similarities(np.stack([SLANTED, VECTORS[0]]), np.array([1, 4]))
    assert both[0] == pytest.approx([0.6, 0.96], abs=1e-6)
    assert both[1] == pytest.approx([0, 0.6], abs=1e-6)


def test_a_number_that_is_not_there_is_an_error(vectors: FlatVectors) -> None:
    with pytest.raises(KeyError, match="7"):
        vectors.similarities(SLANTED[None, :], np.array([1, 7]))


def test_what_is_removed_is_gone_and_numbers_stay(vectors: FlatVectors) -> None:
    vectors.remove(np.array([0, 3, 99]))
    assert vectors.size == 3
    assert vectors.numbers.tolist() == [1, 2, 4]
    assert vectors.nearest(SLANTED, 9)[0].tolist() == [4, 1, 2]
    assert vectors.similarities(SLANTED[None, :], np.array([2, 4]))[0] == pytest.approx([-0.8, 0.96], abs=1e-6)


def test_what_is_added_gets_numbers_that_were_never_used(vectors: FlatVectors) -> None:
    vectors.remove(np.array([4]))
    assert vectors.add(VECTORS[4:]).tolist() == [5]
    assert vectors.nearest(SLANTED, 1)[0].tolist() == [5]


@pytest.mark.parametrize("row", [[2, 0], [0, 0], [0.9, 0], [float("nan"), 1]])
def test_vectors_that_are_not_of_length_1_are_refused(row: list[float]) -> None:
    with pytest.raises(ValueError, match="length 1"):
        FlatVectors.from_vectors(np.array([[1, 0], row], dtype=np.float32))


def test_save_and_load_keep_every_cosine(vectors: FlatVectors, tmp_path: Path) -> None:
    vectors.save(tmp_path / "vectors.faiss")
    loaded = FlatVectors.load(tmp_path / "vectors.faiss")
    assert (loaded.similarities(SLANTED[None, :]) == vectors.similarities(SLANTED[None, :])).all()


def test_save_refuses_where_numbers_would_change(vectors: FlatVectors, tmp_path: Path) -> None:
    vectors.remove(np.array([1]))
    with pytest.raises(ValueError, match="removed"):
        vectors.save(tmp_path / "vectors.faiss")


def test_no_vectors_at_all_are_none_found() -> None:
    empty = FlatVectors.from_vectors(np.zeros((0, 2), dtype=np.float32))
    assert empty.nearest(SLANTED, 3)[0].tolist() == []
    assert empty.similarities(SLANTED[None, :]).shape == (1, 0)


@given(st.lists(st.integers(0, 30), max_size=12), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_nearest_agrees_with_similarities_whatever_was_removed(removed: list[int], k: int, seed: int) -> None:
    drawn = np.random.default_rng(seed).normal(size=(31, 4)).astype(np.float32)
    unit = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    vectors = FlatVectors.from_vectors(unit[:30])
    vectors.remove(np.array(removed, dtype=np.int64))
    cosines = vectors.similarities(unit[30:])[0]
    numbers, found = vectors.nearest(unit[30], k)
    assert found == pytest.approx(np.sort(cosines)[::-1][:k], abs=1e-5)
    assert set(numbers.tolist()) <= set(range(30)) - set(removed)
