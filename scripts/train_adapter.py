"""Learn the map of `assistant/finding/adapter.py` again: `python scripts/train_adapter.py` (a minute on two cores).

Learns from the questions that passages answer and the questions that the report does not cover. The evaluation cases
are not read. Contrastive loss (InfoNCE) over all texts: those of the same sentence count fully as positives, those of
the same passage by `SAME_PASSAGE`, and all others are negatives.
"""

import numpy as np
import torch
from rich.progress import track

from assistant.finding.adapter import ADAPTER_FILE
from assistant.finding.encoder import OnnxEncoder
from assistant.finding.learned import save_learned
from assistant.keeping.build import prepare_encoder
from assistant.keeping.store import Store, WantedIndex
from assistant.settings import load_settings
from corpus.chunk import TokenCounter, chunk_document
from corpus.library import Library
from corpus.load import load_library

EPOCHS, BATCH, LEARNING_RATE, WEIGHT_DECAY = 5, 512, 1e-3, 0.01
TEMPERATURE, SAME_PASSAGE = 0.05, 0.3
_NEVER = torch.tensor(-1e9)


def texts_and_classes(library: Library, counter: TokenCounter) -> tuple[list[str], list[str], list[str], int]:
    """Give the texts, the passage or topic of each, the sentence of each, and how many of the first are questions."""
    questions, sentences = [], []
    for entry in library.entries:
        for chunk in chunk_document(entry.document, counter, entry.questions_by_passage):
            row = (chunk.embedded_text, chunk.passage_id, f"{chunk.passage_id} {chunk.start}")
            if chunk.view == "question":
                questions.append(row)
            elif chunk.view == "sentence":
                sentences.append(row)
    uncovered = [(question, topic.topic, topic.topic) for topic in library.not_covered for question in topic.questions]
    rows = [*questions, *uncovered, *sentences]
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows], len(questions) + len(uncovered)


def numbered(names: list[str]) -> torch.Tensor:
    """Number names: int64 (n,)."""
    return torch.tensor(np.unique(names, return_inverse=True)[1])


def learn(vectors: torch.Tensor, passages: torch.Tensor, sentences: torch.Tensor, n_questions: int) -> torch.Tensor:
    """Learn the map, float32 (dim, dim), from unit vectors (n, dim); the first `n_questions` are the anchors."""
    torch.manual_seed(0)
    linear = torch.nn.Parameter(torch.zeros(vectors.shape[1], vectors.shape[1]))
    optimiser = torch.optim.AdamW([linear], lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)

    def mapped(rows: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.normalize(rows + rows @ linear, dim=1)

    for _ in track(range(EPOCHS), "Learning"):
        for anchors in torch.randperm(n_questions).split(BATCH):
            itself = torch.arange(len(anchors)), anchors
            similar = mapped(vectors[anchors]) @ mapped(vectors).T / TEMPERATURE
            similar[itself] = _NEVER
            positive = passages[anchors][:, None] == passages[None, :]
            positive[itself] = False
            weight = torch.where(sentences[anchors][:, None] == sentences[None, :], 1.0, SAME_PASSAGE)
            odds = torch.log_softmax(similar, 1) + weight.log()
            loss = -torch.logsumexp(torch.where(positive, odds, _NEVER), 1).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return linear.detach()


def main() -> None:
    """Learn the map and write it beside the code that uses it."""
    settings, library = load_settings(), load_library()
    prepare_encoder(settings)
    wanted = WantedIndex.from_settings(settings)
    # As the model comes, not adapted: the map that is there was learned from other questions, or for another model.
    encoder = OnnxEncoder(Store(settings.data_dir).encoder_folder(wanted.encoder), for_many=True)
    texts, passages, sentences, n_questions = texts_and_classes(library, encoder)
    vectors = torch.tensor(np.concatenate([encoder.encode(texts[at : at + 64]) for at in range(0, len(texts), 64)]))
    linear = learn(vectors, numbered(passages), numbered(sentences), n_questions)
    save_learned(ADAPTER_FILE, wanted.here, linear=linear.numpy())
    print(f"{ADAPTER_FILE.name}: {ADAPTER_FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
