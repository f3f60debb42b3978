"""Learn the tuned layers of `assistant/keeping/tuned.py` again: `python scripts/train_encoder.py` (half an hour).

Learns from what people ask: the ways of asking for prepared answers, the known questions, the sentences that answer
them, and the questions that nothing answers. The evaluation cases are not read. Contrastive loss (SupCon: Khosla et
al., 2020): texts that the same words answer are positives, those of needs that lie near are the negatives.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from rich.progress import track

from assistant.finding.learned import save_learned
from assistant.finding.tuned import TUNED_FILE
from assistant.keeping.model import load_transformer
from assistant.keeping.store import WantedIndex
from assistant.keeping.tuned import TunedLayers, added, lower, pool
from assistant.settings import load_settings
from corpus.chunk import chunk_document
from corpus.library import Library
from corpus.load import load_library

STEPS, LEARNING_RATE, WEIGHT_DECAY, WARM_UP = 1200, 5e-4, 0.01, 0.05
TEMPERATURE = 0.05
SEEDS, BESIDE, AMONG, TEXTS = 16, 3, 12, 3  # needs a step, others beside each, drawn among so many, texts of each
LONGEST = 64  # tokens
_PADDED = 4  # parts of a batch that are padded apart
_TOGETHER = 128


@dataclass(frozen=True)
class Need:
    """What texts ask for: the words that answer, and all words that would be shown; or a topic that nothing answers."""

    texts: tuple[str, ...]
    first: tuple[str, int, int] | None = None
    shown: tuple[tuple[str, int, int], ...] = ()


def needs_of(library: Library) -> list[Need]:
    """Give the needs of a library: of its prepared answers, of its sentences, and those that nothing answers."""
    needs = []
    for answer in library.prepared:
        shown = tuple((one.passage_id, *one.span) for one in answer.quotes)
        first = None if answer.lacks else shown[0]
        needs.append(Need(answer.ways, first, shown))
    for entry in library.entries:
        of_sentence: dict[tuple[str, int, int], list[str]] = {}
        for chunk in chunk_document(entry.document, Words(), entry.questions_by_passage):
            if chunk.view in ("question", "sentence"):
                of_sentence.setdefault((chunk.passage_id, chunk.start, chunk.end), []).append(chunk.embedded_text)
        needs += [Need(tuple(texts), span, (span,)) for span, texts in of_sentence.items()]
    needs += [Need(topic.questions) for topic in library.not_covered]
    return needs


class Words:
    """Counts words for tokens: enough to tell which sentences are long."""

    max_tokens = 200

    def count(self, text: str) -> int:
        """Count a text's words."""
        return len(text.split())


def _overlap(one: tuple[str, int, int], other: tuple[str, int, int]) -> bool:
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]


def alike(needs: Sequence[Need]) -> tuple[torch.Tensor, torch.Tensor]:
    """Say which needs the same words answer, and which show the other's words without: bool (n, n) each."""
    same, near = torch.eye(len(needs), dtype=torch.bool), torch.zeros(len(needs), len(needs), dtype=torch.bool)
    by_passage: dict[str, list[int]] = {}
    for number, need in enumerate(needs):
        for passage in {one[0] for one in need.shown}:
            by_passage.setdefault(passage, []).append(number)
    for numbers in by_passage.values():
        for one in numbers:
            for other in numbers:
                first, second = needs[one], needs[other]
                if first.first and second.first and _overlap(first.first, second.first):
                    same[one, other] = True
                elif any(_overlap(a, b) for a in first.shown for b in second.shown):
                    near[one, other] = True
    return same, near & ~same


class Texts:
    """Texts with what the lower layers make of them, which are never changed."""

    def __init__(self, texts: Sequence[str], transformer: Any, tokenizer: Any) -> None:
        """Run the lower layers once over all texts."""
        self.hidden: list[torch.Tensor] = [torch.zeros(0)] * len(texts)
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            for first in track(range(0, len(order), _TOGETHER), "Lower layers"):
                part = order[first : first + _TOGETHER]
                given = tokenizer(
                    [texts[number] for number in part],
                    padding=True,
                    truncation=True,
                    max_length=LONGEST,
                    return_tensors="pt",
                )
                hidden = lower(transformer, given["input_ids"], given["attention_mask"], given["token_type_ids"])
                for row, number in enumerate(part):
                    self.hidden[number] = hidden[row, : int(given["attention_mask"][row].sum())].bfloat16()

    def run(self, layers: TunedLayers, numbers: Sequence[int]) -> torch.Tensor:
        """Encode some of the texts by the layers that are learned: float32 (n, dim)."""
        rows = [self.hidden[number] for number in numbers]
        hidden = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True).float()
        mask = torch.zeros(hidden.shape[:2], dtype=torch.long)
        for row, one in enumerate(rows):
            mask[row, : len(one)] = 1
        with torch.autocast("cpu", dtype=torch.bfloat16):
            given = layers(hidden, added(mask))
        return pool(given.float(), mask)

    def run_all(self, layers: TunedLayers) -> torch.Tensor:
        """Encode all texts: float32 (n_texts, dim)."""
        layers.eval()
        found: dict[int, torch.Tensor] = {}
        order = sorted(range(len(self.hidden)), key=lambda number: len(self.hidden[number]))
        with torch.no_grad():
            for first in range(0, len(order), _TOGETHER):
                part = order[first : first + _TOGETHER]
                found.update(zip(part, self.run(layers, part), strict=True))
        layers.train()
        return torch.stack([found[number] for number in range(len(order))])


def batches(
    needs: Sequence[Need], first: Sequence[int], vectors: torch.Tensor, rng: random.Random
) -> Iterator[tuple[list[int], list[int]]]:
    """Draw needs with others that lie near, and texts of each: their numbers, and the number of each one's need."""
    means = torch.stack([vectors[at : at + len(need.texts)].mean(0) for at, need in zip(first, needs, strict=True)])
    means = torch.nn.functional.normalize(means, dim=1)
    nearest = torch.argsort(-(means @ means.T), dim=1)[:, 1 : AMONG + 1].tolist()
    order: list[int] = []
    while True:
        if len(order) < SEEDS:
            order = rng.sample(range(len(needs)), len(needs))
        seeds = [order.pop() for _ in range(SEEDS)]
        drawn = dict.fromkeys(one for seed in seeds for one in (seed, *rng.sample(nearest[seed], BESIDE)))
        texts, owners = [], []
        for need in drawn:
            for one in rng.sample(range(len(needs[need].texts)), min(TEXTS, len(needs[need].texts))):
                texts.append(first[need] + one)
                owners.append(need)
        yield texts, owners


def learn(needs: Sequence[Need], transformer: Any, tokenizer: Any, steps: int) -> TunedLayers:
    """Learn the layers."""
    torch.manual_seed(0)
    rng = random.Random(0)  # noqa: S311 - no secret: the same layers each time
    layers = TunedLayers(transformer)
    texts = Texts([text for need in needs for text in need.texts], transformer, tokenizer)
    first = np.cumsum([0, *(len(need.texts) for need in needs[:-1])]).tolist()
    same, near = alike(needs)
    learned = [one for one in layers.parameters() if one.requires_grad]
    optimiser = torch.optim.AdamW(learned, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    drawn = batches(needs, first, texts.run_all(layers), rng)
    losses = []
    for step in track(range(steps), "Learning"):
        if step == steps // 3:
            drawn = batches(needs, first, texts.run_all(layers), rng)  # what lies near has changed
        share = step / steps
        for group in optimiser.param_groups:
            group["lr"] = LEARNING_RATE * min((share + 1 / steps) / WARM_UP, (1 - share) / (1 - WARM_UP))
        numbers, owners = next(drawn)
        pairs = sorted(zip(numbers, owners, strict=True), key=lambda pair: len(texts.hidden[pair[0]]))
        size = -(-len(pairs) // _PADDED)
        parts = [pairs[at : at + size] for at in range(0, len(pairs), size)]
        vectors = torch.cat([texts.run(layers, [number for number, _ in part]) for part in parts])
        own = torch.tensor([owner for _, owner in pairs])
        loss = contrast(vectors, same[own][:, own], near[own][:, own])
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        losses.append(float(loss.detach()))
        if step % 100 == 99:
            print(f"step {step + 1}: loss {np.mean(losses[-100:]):.3f}", flush=True)
    layers.eval()
    return layers


def contrast(vectors: torch.Tensor, same: torch.Tensor, near: torch.Tensor) -> torch.Tensor:
    """Give the loss of unit vectors (n, dim): the same are to be nearest; what is near does not count."""
    itself = torch.eye(len(vectors), dtype=torch.bool)
    similar = (vectors @ vectors.T / TEMPERATURE).masked_fill(itself | near, -1e4)
    positive = same & ~itself
    odds = torch.log_softmax(similar, 1)
    each = -(odds * positive).sum(1) / positive.sum(1).clamp(min=1)
    return each[positive.any(1)].mean()


def main() -> None:
    """Learn the layers and write their changes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=STEPS)
    given = parser.parse_args()
    settings, library = load_settings(), load_library()
    wanted = WantedIndex.from_settings(settings)
    transformer, tokenizer, _ = load_transformer(settings.model)
    layers = learn(needs_of(library), transformer, tokenizer, given.steps)
    save_learned(TUNED_FILE, wanted.here, **layers.changes())
    print(f"{TUNED_FILE.name}: {TUNED_FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
