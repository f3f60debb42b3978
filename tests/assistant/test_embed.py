"""Guards the export of the embedding model: it gives the vectors that sentence-transformers gives."""

from pathlib import Path

import faiss
import numpy as np
import pytest

from assistant.finding.encoder import OnnxEncoder, Vectors
from assistant.finding.tuned import TUNED_FILE, beside
from assistant.keeping.exported import load_encoder
from assistant.keeping.model import DEFAULT_MODEL, find_model, load_transformer
from assistant.keeping.store import Store, WantedIndex
from assistant.settings import Settings
from corpus.errors import IndexDamaged, ModelError
from corpus.schema import Chunk


@pytest.fixture(scope="module")
def folder(settings_built: Settings) -> Path:
    """The folder of the exported encoder."""
    return Store(settings_built.data_dir).encoder_folder(WantedIndex.from_settings(settings_built).encoder)


@pytest.fixture(scope="module")
def encoder(folder: Path) -> OnnxEncoder:
    """The exported encoder, as it encodes questions."""
    return OnnxEncoder(folder)


@pytest.fixture(scope="module")
def embedded(settings_built: Settings) -> tuple[list[Chunk], Vectors]:
    """The chunks that are cut from the report itself, and the vectors that the index holds for them."""
    store = Store(settings_built.data_dir)
    (made_from,) = WantedIndex.from_settings(settings_built).parts
    folder = store.part_folder(made_from)
    chunks = store.load_part(folder).chunks
    vectors = faiss.read_index(str(folder / "vectors.faiss"))
    rows = [number for number, chunk in enumerate(chunks) if chunk.view != "question"]
    return [chunks[row] for row in rows], vectors.reconstruct_n(0, vectors.ntotal)[rows]


def cosines(first: Vectors, second: Vectors) -> Vectors:
    return np.sum(first * second, axis=1)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")  # of torch and transformers
def test_the_export_encodes_the_whole_report_as_sentence_transformers_does(
    folder: Path, encoder: OnnxEncoder, embedded: tuple[list[Chunk], Vectors]
) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(find_model("all-MiniLM-L6-v2")), device="cpu")
    chunks, found = embedded
    texts = [chunk.embedded_text for chunk in chunks]
    assert len(texts) > 500
    expected = model.encode(texts, normalize_embeddings=True, batch_size=32, show_progress_bar=False)
    assert found.shape == (len(texts), 768)  # the model's own vectors and those of its tuned layers, side by side
    found = encoder.plain(found)
    assert found.shape == expected.shape == (len(texts), 384)
    assert found.dtype == np.float32
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-5)
    assert cosines(found, expected).min() >= 0.9999
    # Questions are encoded one at a time, by an encoder that is loaded in another way.
    few = list(range(0, len(texts), len(texts) // 20))
    one_by_one = encoder.plain(np.concatenate([encoder.encode([texts[number]]) for number in few]))
    together = encoder.plain(OnnxEncoder(folder, for_many=True).encode([texts[number] for number in few]))
    assert cosines(one_by_one, expected[few]).min() >= 0.9999
    assert cosines(together, expected[few]).min() >= 0.9999


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_the_export_encodes_by_the_tuned_layers_as_torch_does(encoder: OnnxEncoder) -> None:
    import torch

    from assistant.keeping.tuned import Encoders, TunedLayers

    transformer, tokenizer, _ = load_transformer(DEFAULT_MODEL)
    layers = TunedLayers(transformer)
    texts = ["Who should speak first?", "power", "How long did it take them to trust each other, and why?"]
    inputs = tokenizer(texts, padding=True, return_tensors="pt")
    given = [inputs[name] for name in ("input_ids", "attention_mask", "token_type_ids")]
    with torch.no_grad():
        own, unchanged = Encoders(transformer, layers)(*given)
        with np.load(TUNED_FILE, allow_pickle=False) as learned:
            layers.apply_changes(
                {name: learned[name].astype(np.float32) for name in learned.files if name != "made_from"}
            )
        _, tuned = Encoders(transformer, layers)(*given)
    assert torch.equal(own, unchanged)  # before anything is learned
    assert cosines(encoder.encode(texts), beside(own.numpy(), tuned.numpy())).min() >= 0.9999
    assert cosines(own.numpy(), tuned.numpy()).max() < 0.95


def test_changes_of_another_model_are_refused() -> None:
    from assistant.keeping.tuned import TunedLayers

    transformer, _, _ = load_transformer(DEFAULT_MODEL)
    with pytest.raises(ModelError, match="tuned layers are of another model"):
        TunedLayers(transformer).apply_changes({"layers.0.up": np.zeros((2, 2), dtype=np.float32)})


def test_no_chunk_is_longer_than_the_model_reads(encoder: OnnxEncoder, embedded: tuple[list[Chunk], Vectors]) -> None:
    chunks, _ = embedded
    assert encoder.max_tokens == 254  # 256 less the two special tokens
    assert max(encoder.count(chunk.embedded_text) for chunk in chunks) <= encoder.max_tokens


def test_encode_keeps_the_order_whatever_the_lengths(encoder: OnnxEncoder) -> None:
    texts = ["power " * (1 + 7 * number % 40) + str(number) for number in range(40)]
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    assert cosines(together, alone).min() >= 0.9999


def test_encode_cuts_a_long_text_at_the_limit(encoder: OnnxEncoder) -> None:
    assert encoder.count("power") == 1
    full = "power " * encoder.max_tokens
    vectors = encoder.encode([full, f"{full} trust and much else", f"trust {full}"])
    assert cosines(vectors[:1], vectors[1:2])[0] == pytest.approx(1, abs=1e-5)
    assert cosines(vectors[:1], vectors[2:])[0] < 0.9999


def test_encode_takes_nothing_and_odd_texts(encoder: OnnxEncoder) -> None:
    assert encoder.encode([]).shape[0] == 0
    odd = encoder.encode(["", " ", "😀", "共同生産", "\u0301", "a" * 5000])
    assert np.linalg.norm(odd, axis=1) == pytest.approx(np.ones(6), abs=1e-5)


def test_encode_puts_like_meanings_nearer_than_unlike_ones(encoder: OnnxEncoder) -> None:
    power, share, bread = encoder.encode(["sharing power", "power is shared equally", "how to bake bread"])
    assert power @ share > power @ bread + 0.3


@pytest.mark.parametrize("name", ["encoder.onnx", "tokenizer.json", "max_tokens"])
@pytest.mark.parametrize("content", [None, b"", b"\xff\x00 nonsense"], ids=["missing", "empty", "nonsense"])
def test_an_encoder_that_cannot_be_loaded_is_a_model_error(
    folder: Path, tmp_path: Path, name: str, content: bytes | None
) -> None:
    for path in folder.iterdir():
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        OnnxEncoder(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_load_encoder_names_the_file_that_was_changed(folder: Path, tmp_path: Path, settings_built: Settings) -> None:
    copy = tmp_path / "encoders" / folder.name
    copy.mkdir(parents=True)
    for path in folder.iterdir():
        (copy / path.name).symlink_to(path)
    settings = settings_built.model_copy(update={"data_dir": tmp_path})
    assert load_encoder(settings).count("power") == 1
    (copy / "tokenizer.json").unlink()
    (copy / "tokenizer.json").write_text("{}")
    with pytest.raises(IndexDamaged, match=r"tokenizer\.json is damaged.*coproduce build --force"):
        load_encoder(settings)
