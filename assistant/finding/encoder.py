"""Encode texts as unit vectors with the exported model: onnxruntime and tokenizers, never torch."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from assistant.finding.tuned import beside, plain_of
from corpus.errors import ModelError

Vectors = NDArray[np.float32]

_STEP = 64  # texts encoded between two reports of progress
_BATCH = 16  # texts at a time
_FILLED = 1.5  # so much longer than the shortest may the longest of them be


class Encoder(Protocol):
    """Turns texts into unit vectors."""

    max_tokens: int

    def encode(self, texts: list[str]) -> Vectors:
        """Encode texts as float32 (n_texts, dim), each row of length 1."""
        ...

    def count(self, text: str) -> int:
        """Count a text's tokens, special tokens left out."""
        ...

    def plain(self, vectors: Vectors) -> Vectors:
        """Give the embedding model's own vectors, float32 (n_texts, dim), of those that `encode` gave."""
        ...


class OnnxEncoder:
    """The exported embedding model of an index folder."""

    def __init__(self, folder: Path, *, for_many: bool = False) -> None:
        """Load `encoder.onnx`, `tokenizer.json` and `max_tokens` from a folder. Raises ModelError.

        `for_many` texts every processor encodes a batch of its own: threads that share a batch wait for each other, and
        on a busy machine for ever.
        """
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL  # done when it was saved
        # A question is too short to share out; more threads only wait for each other, and in the way of others.
        options.intra_op_num_threads = 1
        self._pool = ThreadPoolExecutor(max_workers=os.cpu_count() or 1) if for_many else None
        options.log_severity_level = 3
        try:
            limit = int((folder / "max_tokens").read_text(encoding="ascii"))
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = onnxruntime.InferenceSession(
                str(folder / "encoder.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime and tokenizers raise their own and bare exceptions
            raise ModelError(f"the exported encoder in {folder} cannot be loaded: {error}") from None
        self._is_tuned = len(self._session.get_outputs()) > 1
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._special = self._tokenizer.num_special_tokens_to_add(is_pair=False)
        self.max_tokens = limit - self._special

    def count(self, text: str) -> int:
        """Count a text's tokens, special tokens left out."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def plain(self, vectors: Vectors) -> Vectors:
        """Give the embedding model's own vectors, float32 (n_texts, dim), of those that `encode` gave."""
        return plain_of(vectors) if self._is_tuned else vectors

    def encode(self, texts: list[str]) -> Vectors:
        """Encode texts as float32 (n_texts, dim), each row of length 1. Longer texts are cut at the model's limit.

        Where the model has tuned layers, their vectors stand beside its own: float32 (n_texts, 2 * dim).
        """
        limit = self.max_tokens + self._special
        encoded = [encoding.ids for encoding in self._tokenizer.encode_batch(texts)]
        encoded = [ids if len(ids) <= limit else [*ids[: limit - 1], ids[-1]] for ids in encoded]
        by_length = sorted(range(len(texts)), key=lambda index: len(encoded[index]))
        batches = list(_batches(by_length, [len(ids) for ids in encoded]))
        inputs = [[encoded[index] for index in batch] for batch in batches]
        found = map(self._encode_batch, inputs) if self._pool is None else self._pool.map(self._encode_batch, inputs)
        rows: dict[int, Vectors] = {}
        for batch, vectors in zip(batches, found, strict=True):
            rows.update(zip(batch, vectors, strict=True))
        return np.stack([rows[index] for index in range(len(texts))]) if texts else np.zeros((0, 0), dtype=np.float32)

    def _encode_batch(self, batch: Sequence[list[int]]) -> Vectors:
        """Encode texts of like length, as numbers of tokens."""
        ids = np.zeros((len(batch), max(map(len, batch))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        found = self._session.run(None, inputs)
        vectors: Vectors = beside(*found) if self._is_tuned else found[0]
        return vectors


def _batches(by_length: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """Put texts, the shortest first, into batches of about one length: what fills a batch up costs as much as words."""
    batch: list[int] = []
    for index in by_length:
        if batch and (len(batch) == _BATCH or lengths[index] > _FILLED * lengths[batch[0]]):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


class Remembering:
    """Encodes each text once while it is remembered: a question is read, searched for and followed up."""

    def __init__(self, encoder: Encoder, most: int = 256) -> None:
        """Remember the vectors of the last texts, at most so many of them. Safe to use from several threads."""
        self._encoder = encoder
        self._most = most
        self._known: dict[str, Vectors] = {}
        self._lock = Lock()
        self.max_tokens = encoder.max_tokens

    def count(self, text: str) -> int:
        """Count a text's tokens, special tokens left out."""
        return self._encoder.count(text)

    def plain(self, vectors: Vectors) -> Vectors:
        """Give the embedding model's own vectors of those that `encode` gave."""
        return self._encoder.plain(vectors)

    def encode(self, texts: list[str]) -> Vectors:
        """Encode texts as float32 (n_texts, dim), each row of length 1; those that are remembered at no cost."""
        with self._lock:
            rows = {text: self._known[text] for text in texts if text in self._known}
        missing = list(dict.fromkeys(text for text in texts if text not in rows))
        if missing:
            rows.update(zip(missing, self._encoder.encode(missing), strict=True))
        with self._lock:
            for text in texts:
                self._known.pop(text, None)
                self._known[text] = rows[text]  # the last used stand last
            for text in list(self._known)[: max(len(self._known) - self._most, 0)]:
                del self._known[text]
        return np.stack([rows[text] for text in texts]) if texts else self._encoder.encode([])


def encode_plain(encoder: Encoder, texts: list[str]) -> Vectors:
    """Encode texts as the embedding model itself does: float32 (n_texts, dim)."""
    return encoder.plain(encoder.encode(texts))


def encode_many(encoder: Encoder, texts: Sequence[str], progress: Callable[[int, int], None]) -> Vectors:
    """Encode many texts, the shortest first so that few are padded: float32 (n_texts, dim).

    `progress` is told how many are done, and how many there are. An empty text is encoded as a space.
    """
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    rows: dict[int, Vectors] = {}
    for first in range(0, len(order), _STEP):
        progress(first, len(texts))
        part = order[first : first + _STEP]
        rows.update(zip(part, encoder.encode([texts[number] or " " for number in part]), strict=True))
    progress(len(texts), len(texts))
    return np.stack([rows[number] for number in range(len(texts))])


def optimise(folder: Path) -> None:
    """Optimise `encoder.onnx` in place, for loading fast. Uses only rewrites that hold on every processor.

    Raises:
        OSError: the disk is full.
    """
    path, optimised = folder / "encoder.onnx", folder / "encoder.optimised.onnx"
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(optimised)
    options.log_severity_level = 3
    try:
        onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception:  # its own, which does not say that a disk is full
        optimised.write_bytes(path.read_bytes())  # about as long, so this says it
        raise
    optimised.replace(path)
