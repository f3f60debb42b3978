"""Load the files that were learned, each bound by hashes to what it was learned from; one that does not fit is refused.

tuned.npz         changes to the embedding model's upper layers, towards how people ask (`tuned.py`)
covered.npz       a network that tells from a question's vector whether a document answers it (`covered.py`)
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from pydantic import Field

from assistant.finding.covered import COVERED_FILE, CoveredNetwork
from assistant.finding.encoder import Vectors
from assistant.finding.tuned import TUNED_FILE
from corpus.frozen import Frozen
from corpus.library import EntryHashes

_LEFT_OUT = "it is left out, so answers are found and refused less well."


class LearnedFrom(Frozen):
    """What a file was learned from."""

    model_sha256: str
    questions: dict[str, str]
    """For each document, the hash of its known questions and of those that it does not answer."""
    cases_sha256: dict[str, str] = Field(default_factory=dict)
    """For each split of the evaluation's cases that it was fitted to, the hash of the file: `eval` checks it."""

    @classmethod
    def here(cls, model_sha256: str, entries: Iterable[EntryHashes]) -> "LearnedFrom":
        """Say what a file would be learned from: the model's weights, and the questions of entries that have any."""
        return cls(
            model_sha256=model_sha256, questions={one.document_id: one.questions for one in entries if one.questions}
        )

    def why_unfit(self, file: str, here: "LearnedFrom", so: str = _LEFT_OUT) -> str:
        """Say why the file does not fit the model and the questions that are here; nothing where it does.

        A document that the file does not know is no reason: it was not learned for it, and is not used for it.

        Args:
            file: What it is called.
            here: What it would be learned from now.
            so: What follows from that.
        """
        if self.model_sha256 != here.model_sha256:
            found, wanted = self.model_sha256[:12], here.model_sha256[:12]
            return (
                f"{file} was learned for the embedding model {found}, and {wanted} is used: {so} COPRODUCE_MODEL "
                "chooses the model; `make train` learns the file."
            )
        for document_id, learned in self.questions.items():
            if here.questions.get(document_id, learned) != learned:
                return (
                    f"{file} was learned from other questions than those of {document_id} here: {so} `make train` "
                    "learns it again."
                )
        return ""


@dataclass(frozen=True)
class Learned:
    """The learned files that fit, and a line for each that does not."""

    tuned: Mapping[str, Vectors] | None = None
    tuned_sha256: str = ""
    network: CoveredNetwork | None = None
    refused: tuple[str, ...] = ()


def load_learned(here: LearnedFrom) -> Learned:
    """Load what was learned from the model and the questions that are here."""
    tuned, tuned_from = _load(TUNED_FILE)
    layers, network_from = _load(COVERED_FILE)
    not_tuned = tuned_from.why_unfit(TUNED_FILE.name, here)
    # The network reads what the tuned layers give.
    no_network = network_from.why_unfit(COVERED_FILE.name, here)
    if not_tuned and not no_network:
        no_network = f"{COVERED_FILE.name} was learned on top of {TUNED_FILE.name}, and is left out with it."
    return Learned(
        tuned=None if not_tuned else tuned,
        tuned_sha256="" if not_tuned else _sha256(TUNED_FILE),
        network=None if no_network else CoveredNetwork(layers, frozenset(network_from.questions)),
        refused=tuple(line for line in (not_tuned, no_network) if line),
    )


def save_learned(path: Path, made_from: LearnedFrom, **arrays: Vectors) -> None:
    """Write a learned file with what it was learned from: NumPy arrays in half precision, without pickle."""
    halves = {name: array.astype(np.float16) for name, array in arrays.items()}
    np.savez_compressed(path, allow_pickle=False, made_from=np.array(made_from.model_dump_json()), **halves)


@cache
def _load(path: Path) -> tuple[dict[str, Vectors], LearnedFrom]:
    with np.load(path, allow_pickle=False) as stored:
        made_from = LearnedFrom.model_validate(json.loads(str(stored["made_from"])))
        return {name: stored[name].astype(np.float32) for name in stored.files if name != "made_from"}, made_from


@cache
def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
