"""Learn the network of `assistant/finding/covered.py` again: `python scripts/train_covered.py` (a minute on two cores).

Learns from the questions that passages answer and the questions that the report does not cover. The evaluation cases
are not read. Run it after `scripts/train_encoder.py`, for it reads the tuned vectors.
"""

import sys
from collections.abc import Callable

import numpy as np
import torch
from rich.progress import track

from assistant.finding.covered import COVERED_FILE, SCALE
from assistant.finding.encoder import Encoder, Vectors
from assistant.finding.learned import save_learned
from assistant.keeping.build import prepare_encoder
from assistant.keeping.exported import load_encoder
from assistant.keeping.store import WantedIndex
from assistant.settings import load_settings
from corpus.library import Library
from corpus.load import load_library

HIDDEN, EPOCHS, BATCH, LEARNING_RATE, WEIGHT_DECAY = 256, 20, 128, 2e-3, 0.05
DROPOUT_OF_INPUT, DROPOUT = 0.2, 0.5


def learn(covered: torch.Tensor, uncovered: torch.Tensor) -> torch.nn.Sequential:
    """Learn the network from unit vectors, float32 (n, dim) each."""
    torch.manual_seed(0)
    vectors = torch.cat([covered, uncovered]) * SCALE
    wanted = torch.cat([torch.ones(len(covered)), torch.zeros(len(uncovered))])
    network = torch.nn.Sequential(
        torch.nn.Dropout(DROPOUT_OF_INPUT),
        torch.nn.Linear(vectors.shape[1], HIDDEN),
        torch.nn.ReLU(),
        torch.nn.Dropout(DROPOUT),
        torch.nn.Linear(HIDDEN, 1),
    )
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    for _ in track(range(EPOCHS), "Learning"):
        for rows in torch.randperm(len(vectors)).split(BATCH):
            loss = torch.nn.functional.binary_cross_entropy_with_logits(network(vectors[rows])[:, 0], wanted[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return network.eval()


def layers_of(network: torch.nn.Sequential) -> dict[str, Vectors]:
    """Give the learned numbers by the names that `CoveredNetwork` has for them."""
    hidden, output = network[1], network[4]
    layers = {
        "hidden": hidden.weight.T,
        "hidden_bias": hidden.bias,
        "output": output.weight[0],
        "output_bias": output.bias,
    }
    return {name: layer.detach().numpy() for name, layer in layers.items()}


def questions_of(library: Library) -> tuple[list[str], list[str]]:
    """Give the questions that documents answer, and those that they do not."""
    answered = [one.question for entry in library.entries for one in entry.questions]
    return answered, [question for topic in library.not_covered for question in topic.questions]


def encoding(encoder: Encoder) -> Callable[[list[str]], torch.Tensor]:
    """Make a function that encodes questions, those of like length together, so that few are padded."""

    def encode(texts: list[str]) -> torch.Tensor:
        texts = sorted(texts, key=len)
        return torch.tensor(np.concatenate([encoder.encode(texts[at : at + 64]) for at in range(0, len(texts), 64)]))

    return encode


def main() -> None:
    """Learn the network and write it beside the code that uses it."""
    settings, library = load_settings(), load_library()
    prepare_encoder(settings)
    wanted = WantedIndex.from_settings(settings)
    if wanted.learned.tuned is None:
        sys.exit(" ".join([*wanted.learned.refused[:1], "Run scripts/train_encoder.py first."]))
    encode = encoding(load_encoder(settings, wanted))
    answered, uncovered = questions_of(library)
    network = learn(encode(answered), encode(uncovered))
    save_learned(COVERED_FILE, wanted.here, **layers_of(network))
    print(f"{COVERED_FILE.name}: {COVERED_FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
