"""Teach a few cross-attention heads to look at the word that is being sung: they become the alignment heads.

A checkpoint of ACE-Step's size grows such heads by itself; one of ten million parameters is shown.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from engine.dit import DiT, DiTLayer
from engine.training.inputs import Inputs
from engine.training.shape import ALIGNMENT_HEADS, ALIGNMENT_LAYER

FLOOR = 1e-4  # of a probability: what cannot be known yet must not shout


class Listener:
    """Remembers what went into one layer of a decoder's last pass."""

    def __init__(
        self, decoder: DiT, layer: int = ALIGNMENT_LAYER, heads: tuple[int, ...] = ALIGNMENT_HEADS
    ) -> None:
        self.layer, self.heads = layer, heads
        self.watched: DiTLayer = decoder.layers[layer]  # type: ignore[assignment]
        self.seen: tuple[Any, ...] = ()
        self.watched.register_forward_pre_hook(self.remember)

    def remember(self, layer: DiTLayer, args: tuple[Any, ...]) -> None:
        self.seen = args

    def logits(self) -> Tensor:
        """(B, heads, columns, S) of the last pass, states that are not real at minus infinity nearly."""
        x, time, rope, mask, (keys_values, states_mask) = self.seen
        layer = self.watched
        x = layer.listen(x, layer.modulations(time, x), rope, mask)
        queries = layer.cross_attn.queries(layer.cross_attn_norm(x))  # (B, heads, columns, D)
        keys = keys_values[0].repeat_interleave(queries.shape[1] // keys_values[0].shape[1], 1)
        chosen = list(self.heads)
        scores = queries[:, chosen].float() @ keys[:, chosen].float().transpose(-1, -2)
        scores = scores * queries.shape[-1] ** -0.5
        return scores if states_mask is None else scores + states_mask.float()


def attention_loss(listener: Listener, given: Inputs, t: Tensor) -> Tensor:
    """Mean of -log of the probability a column's heads give to the tokens of the word sung in it.

    Columns under much noise count less: what cannot be heard yet cannot be located.
    """
    chosen = given.sung.nonzero()[:, 0]
    if not len(chosen):
        return given.latents.new_zeros(())
    shares = listener.logits()[chosen].softmax(-1)
    where = given.where[chosen]
    right = (shares[..., : where.shape[-1]] * where[:, None]).sum(-1)  # (b, heads, columns)
    heard = where.any(-1)[:, None] * (1 - t[chosen])[:, None, None]
    losses = -(right + FLOOR).log() * heard
    return losses.sum() / (heard.sum() * len(listener.heads)).clamp(min=1e-6)
