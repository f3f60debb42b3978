"""Guards the index: parts that come and go by themselves, files that are read back, and damage that is told."""

import math
from pathlib import Path

import numpy as np
import pytest

from assistant.finding.index import Index, IndexPart
from corpus.errors import IndexDamaged
from corpus.schema import Chunk

# Unit vectors in the plane, at 0°, 90°, 180° and 60°, and 3-4-5.
VECTORS = np.array([[1, 0], [0, 1], [-1, 0], [0.5, math.sqrt(3) / 2], [0.6, 0.8]], dtype=np.float32)
TEXTS = ["power is shared", "power power power", "trust takes time", "ground rules", "it"]
NONE = np.zeros((0, 2), dtype=np.float32)
QUERY = np.array([[0.8, 0.6]], dtype=np.float32)


def chunk(number: int) -> Chunk:
    return Chunk(
        id=str(number),
        passage_id=f"p{number}",
        document_id="d",
        start=0,
        end=1,
        embedded_text="x",
        view="passage",
    )


def part(first: int = 0, last: int = 5, not_covered: np.ndarray = NONE, asked: np.ndarray = NONE) -> IndexPart:
    chunks = tuple(chunk(number) for number in range(first, last))
    return IndexPart.from_embeddings(chunks, VECTORS[first:last], TEXTS[first:last], not_covered, asked)


def test_parts_together_are_as_one() -> None:
    whole, apart = Index([part()]), Index([part(0, 2), part(2, 5)])
    assert apart.chunks == whole.chunks
    assert (apart.vectors.similarities(QUERY) == whole.vectors.similarities(QUERY)).all()
    assert apart.words.score(["power"])[1] == pytest.approx(whole.words.score(["power"])[1])


def test_every_chunk_has_a_vector() -> None:
    index = Index([part()])
    assert index.vectors.size == len(index.chunks)
    with pytest.raises(ValueError, match="4 vectors for 5 chunks"):
        IndexPart.from_embeddings(part().chunks, VECTORS[:4], TEXTS, NONE, NONE)


def test_questions_not_covered_have_vectors_of_their_own() -> None:
    index = Index([part(not_covered=VECTORS[3:])])
    assert index.not_covered.similarities(QUERY)[0] == pytest.approx([0.9196152, 0.96], abs=1e-6)
    assert Index([part()]).not_covered.size == 0


def test_ways_of_asking_have_vectors_of_their_own_numbered_through() -> None:
    index = Index([part(0, 2, asked=VECTORS[3:4]), part(2, 5, asked=VECTORS[4:])])
    assert index.asked.similarities(QUERY)[0] == pytest.approx([0.9196152, 0.96], abs=1e-6)


def test_save_and_load_keep_everything_without_pickle(tmp_path: Path) -> None:
    saved = part(not_covered=VECTORS[:1])
    saved.save(tmp_path)
    loaded = IndexPart.load(tmp_path)
    assert loaded.chunks == saved.chunks
    assert (loaded.vectors.similarities(QUERY) == saved.vectors.similarities(QUERY)).all()
    assert loaded.not_covered.size == 1
    assert {path.suffix for path in tmp_path.iterdir()} == {".faiss", ".json", ".npz"}


@pytest.mark.parametrize("name", ["vectors.faiss", "not_covered.faiss", "words.json", "words.npz", "chunks.json"])
@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 40, b"PK\x03\x04 cut", None], ids=["empty", "zeros", "cut", "missing"]
)
def test_load_refuses_a_file_it_cannot_read(tmp_path: Path, name: str, content: bytes | None) -> None:
    part().save(tmp_path)
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(IndexDamaged, match="cannot be read"):
        IndexPart.load(tmp_path)


def test_load_refuses_chunks_that_are_not_those_of_the_vectors(tmp_path: Path) -> None:
    part().save(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    part(0, 3).save(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "chunks.json").replace(tmp_path / "chunks.json")
    with pytest.raises(IndexDamaged, match="5 vectors for 3 chunks"):
        IndexPart.load(tmp_path)
