"""The upper layers of the embedding model once more, tuned to how people ask. Training and exporting need this file.

The changes are of low rank (LoRA: Hu et al., 2021): a megabyte, learned by `scripts/train_encoder.py`. The weights that
they change are the embedding model's own, and stay beside them: a text is encoded by both, from the same lower layers.
"""

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from assistant.finding.encoder import Vectors
from corpus.errors import ModelError

#: Layers that are tuned, the uppermost; and the rank of each change.
LAYERS, RANK = 3, 32
_EPSILON = 1e-9


class _Changed(nn.Module):  # type: ignore[misc]  # torch is not followed: it takes mypy a minute
    """A linear layer with a change of low rank."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.linear = linear
        self.down = nn.Parameter(torch.randn(RANK, linear.in_features) / linear.in_features**0.5)
        self.up = nn.Parameter(torch.zeros(linear.out_features, RANK))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        # The weights are few beside the rows: to change them first is cheaper than to add to what comes out.
        changed: torch.Tensor = nn.functional.linear(rows, self.linear.weight + self.up @ self.down, self.linear.bias)
        return changed

    def merged(self) -> nn.Linear:
        """Give one linear layer that does the same."""
        with torch.no_grad():
            self.linear.weight += self.up @ self.down
        return self.linear


class TunedLayers(nn.Module):  # type: ignore[misc]
    """The upper layers of a BERT, tuned."""

    def __init__(self, transformer: Any) -> None:
        """Copy the upper layers of a transformer, unchanged as yet. Raises ModelError where it has no such layers."""
        super().__init__()
        own = getattr(getattr(transformer, "encoder", None), "layer", ())
        if len(own) <= LAYERS:
            raise ModelError(f"only a BERT of more than {LAYERS} layers can be tuned.")
        self.layers = nn.ModuleList(copy.deepcopy(list(own[-LAYERS:])))
        for one in self.parameters():
            one.requires_grad = False
        for module in list(self.layers.modules()):
            for name, child in list(module.named_children()):
                if isinstance(child, nn.Linear):
                    setattr(module, name, _Changed(child))

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Carry on from the lower layers: float32 (batch, tokens, dim), with what is added to a score of attention."""
        return upper(self.layers, hidden, mask)

    def changes(self) -> dict[str, Vectors]:
        """Give what was learned, by name."""
        return {name: one.detach().numpy() for name, one in self.named_parameters() if one.requires_grad}

    def apply_changes(self, learned: Mapping[str, Vectors]) -> None:
        """Take what was learned. Raises ModelError where it is of another model."""
        own = {name: one for name, one in self.named_parameters() if one.requires_grad}
        if {name: one.shape for name, one in own.items()} != {name: one.shape for name, one in learned.items()}:
            raise ModelError("the tuned layers are of another model. `make train` learns them.")
        with torch.no_grad():
            for name, one in own.items():
                one.copy_(torch.tensor(learned[name]))

    def merge(self) -> None:
        """Put the changes into the weights: there is nothing to learn any more, and less to compute."""
        for module in list(self.layers.modules()):
            for name, child in list(module.named_children()):
                if isinstance(child, _Changed):
                    setattr(module, name, child.merged())


def lower(
    transformer: Any, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
) -> torch.Tensor:
    """Run the layers below those that are tuned on token ids, int64 (batch, tokens): float32 (batch, tokens, dim)."""
    hidden = transformer.embeddings(input_ids=input_ids, token_type_ids=token_type_ids)
    return upper(transformer.encoder.layer[:-LAYERS], hidden, added(attention_mask))


def added(attention_mask: torch.Tensor) -> torch.Tensor:
    """Give what is added to a score of attention: nothing, or so much that nothing is left of it."""
    return (1.0 - attention_mask[:, None, None, :].float()) * torch.finfo(torch.float32).min


def upper(layers: Any, hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Run layers one after another."""
    for layer in layers:
        given = layer(hidden, attention_mask=mask)
        hidden = given[0] if isinstance(given, tuple) else given
    return hidden


def pool(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Give the mean of the tokens' vectors, at length 1: float32 (batch, dim)."""
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    mean = (hidden * weights).sum(1) / weights.sum(1).clamp(min=_EPSILON)
    unit: torch.Tensor = nn.functional.normalize(mean, p=2, dim=1)
    return unit


class Encoders(nn.Module):  # type: ignore[misc]
    """The embedding model and its tuned layers: one text, two vectors, the lower layers run once."""

    def __init__(self, transformer: Any, layers: TunedLayers) -> None:
        """Take both, ready to be used."""
        super().__init__()
        self.transformer = transformer.eval()
        self.layers = layers.eval()

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Encode token ids, each int64 (batch, tokens): the model's own unit vectors and the tuned ones."""
        hidden, mask = lower(self.transformer, input_ids, attention_mask, token_type_ids), added(attention_mask)
        own = upper(self.transformer.encoder.layer[-LAYERS:], hidden, mask)
        return pool(own, attention_mask), pool(self.layers(hidden, mask), attention_mask)
