"""Learn the network of `assistant/finding/covered.py` again: `python scripts/train_covered.py` (a minute on two cores).

Learns from the questions that passages answer and the questions that the report does not cover. The evaluation cases
are not read. Run it after `scripts/train_adapter.py`, for it reads the adapted vectors.
"""

import numpy as np
import torch
from rich.progress import track

from assistant.finding.covered import COVERED_FILE, SCALE
from assistant.keeping.encoder import load_encoder
from assistant.settings import load_settings
from corpus.load import library_not_covered, library_questions

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


def main() -> None:
    """Learn the network and write it beside the code that uses it."""
    encoder = load_encoder(load_settings())

    def encode(texts: list[str]) -> torch.Tensor:
        texts = sorted(texts, key=len)  # those of like length together, so that few are padded
        return torch.tensor(np.concatenate([encoder.encode(texts[at : at + 64]) for at in range(0, len(texts), 64)]))

    covered = encode([question for rows in library_questions().values() for _, question in rows])
    uncovered = encode([question for topic in library_not_covered() for question in topic.questions])
    network = learn(covered, uncovered)
    hidden, output = network[1], network[4]
    arrays = {
        "hidden": hidden.weight.T,
        "hidden_bias": hidden.bias,
        "output": output.weight[0],
        "output_bias": output.bias,
    }
    np.savez_compressed(
        COVERED_FILE,
        allow_pickle=False,
        **{name: array.detach().numpy().astype(np.float16) for name, array in arrays.items()},
    )
    print(f"{COVERED_FILE.name}: {COVERED_FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
