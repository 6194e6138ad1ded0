"""The diffusion transformer: noisy latents, context and condition states in, velocity out.

Usable for training as it stands: no state is kept between calls, nothing is detached.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.config import AceStepConfig
from engine.layers import (
    Attention,
    FeedForward,
    KeysValues,
    RMSNorm,
    additive_mask,
    random_parameter,
    rope_tables,
    self_masks,
)

SINUSOID_WIDTH = 256
TIME_SCALE = 1000.0


def sinusoid(t: Tensor) -> Tensor:
    """t (B,) in 0..1 -> (B, 256), cosines first."""
    half = SINUSOID_WIDTH // 2
    steps = torch.arange(half, device=t.device, dtype=torch.float32)
    angles = (t.float() * TIME_SCALE)[:, None] * torch.exp(-math.log(10_000.0) * steps / half)
    return torch.cat((angles.cos(), angles.sin()), dim=-1)


class TimestepEmbedding(nn.Module):
    """A timestep as a vector, and as the six modulations of a layer."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear_1 = nn.Linear(SINUSOID_WIDTH, width)
        self.linear_2 = nn.Linear(width, width)
        self.time_proj = nn.Linear(width, 6 * width)

    def forward(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """t (B,) -> (B, H) and (B, 6, H)."""
        vector = self.linear_2(F.silu(self.linear_1(sinusoid(t).to(self.linear_1.weight.dtype))))
        return vector, self.time_proj(F.silu(vector)).unflatten(-1, (6, -1))


def modulate(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """x (B, T, H) scaled and shifted by (B, 1, H) values."""
    return x * (1 + scale) + shift


class DiTLayer(nn.Module):
    """Gated self-attention, plain cross-attention, gated feed-forward; the gates follow the timestep."""

    def __init__(self, config: AceStepConfig) -> None:
        super().__init__()
        width, eps = config.hidden_size, config.rms_norm_eps
        self.self_attn_norm = RMSNorm(width, eps)
        self.self_attn = Attention(config)
        self.cross_attn_norm = RMSNorm(width, eps)
        self.cross_attn = Attention(config)
        self.mlp_norm = RMSNorm(width, eps)
        self.mlp = FeedForward(config)
        self.scale_shift_table = random_parameter(width**-0.5, 1, 6, width)

    def forward(
        self,
        x: Tensor,
        time: Tensor,
        rope: tuple[Tensor, Tensor],
        mask: Tensor | None,
        condition: tuple[KeysValues, Tensor | None],
    ) -> Tensor:
        """time: (B, 6, H).  mask: self-attention's.  condition: this layer's keys, values and their mask."""
        modulations = self.modulations(time, x)
        return self.answer(self.listen(x, modulations, rope, mask), modulations, condition)

    def modulations(self, time: Tensor, like: Tensor) -> tuple[Tensor, ...]:
        """time (B, 6, H) -> shift, scale, gate of the self-attention, then of the feed-forward, (B, 1, H)."""
        return (self.scale_shift_table + time).to(like.dtype).chunk(6, dim=1)

    def listen(
        self, x: Tensor, modulations: Sequence[Tensor], rope: tuple[Tensor, Tensor], mask: Tensor | None
    ) -> Tensor:
        """The gated self-attention; what comes out is what cross-attention asks with."""
        shift, scale, gate = modulations[:3]
        return x + gate * self.self_attn(modulate(self.self_attn_norm(x), shift, scale), rope, mask)

    def answer(
        self, x: Tensor, modulations: Sequence[Tensor], condition: tuple[KeysValues, Tensor | None]
    ) -> Tensor:
        """The rest of the layer: cross-attention and the gated feed-forward."""
        shift, scale, gate = modulations[3:]
        keys_values, condition_mask = condition
        x = x + self.cross_attn.look_at(self.cross_attn_norm(x), keys_values, condition_mask)
        return x + gate * self.mlp(modulate(self.mlp_norm(x), shift, scale))


class DiT(nn.Module):
    """ACE-Step's velocity model over latent frames (25 a second), two frames to a token."""

    def __init__(self, config: AceStepConfig) -> None:
        super().__init__()
        self.config = config
        width, patch = config.hidden_size, config.patch_size
        channels = config.in_channels + config.grid_channels + config.key_channels
        latent = config.audio_acoustic_hidden_dim
        # "1" keeps the published names: upstream's convolutions sit second in a sequence.
        self.proj_in = nn.ModuleDict({"1": nn.Conv1d(channels, width, patch, stride=patch)})
        self.time_embed = TimestepEmbedding(width)
        self.time_embed_r = TimestepEmbedding(width)
        self.condition_embedder = nn.Linear(config.condition_width, width)
        self.layers = nn.ModuleList(DiTLayer(config) for _ in range(config.num_hidden_layers))
        self.norm_out = RMSNorm(width, config.rms_norm_eps)
        self.proj_out = nn.ModuleDict({"1": nn.ConvTranspose1d(width, latent, patch, stride=patch)})
        self.scale_shift_table = random_parameter(width**-0.5, 1, 2, width)

    def patchify(self, x: Tensor) -> Tensor:
        """(B, T, channels) -> (B, ceil(T / 2), H); one product, since the convolution never overlaps."""
        conv = self.proj_in["1"]
        patch = self.config.patch_size
        x = F.pad(x, (0, 0, 0, -x.shape[1] % patch))
        flat = x.reshape(x.shape[0], x.shape[1] // patch, patch * x.shape[2])
        return F.linear(flat, conv.weight.transpose(1, 2).flatten(1), conv.bias)

    def unpatchify(self, x: Tensor, frames: int) -> Tensor:
        """(B, tokens, H) -> (B, frames, latent)."""
        conv = self.proj_out["1"]
        weight = conv.weight.permute(2, 1, 0).flatten(0, 1)  # (patch * latent, H)
        y = F.linear(x, weight, conv.bias.repeat(self.config.patch_size))
        return y.reshape(x.shape[0], -1, self.config.audio_acoustic_hidden_dim)[:, :frames]

    def cross_states(self, states: Tensor) -> list[KeysValues]:
        """Every layer's cross-attention keys and values of condition states (B, S, H_enc)."""
        embedded = self.condition_embedder(states)
        return [layer.cross_attn.keys_values(embedded) for layer in self.layers]

    def forward(
        self,
        xt: Tensor,
        t: Tensor,
        context: Tensor,
        states: Tensor | list[KeysValues],
        states_mask: Tensor | None = None,
    ) -> Tensor:
        """Velocity (B, T, latent) at `xt` (B, T, latent).

        t: (B,) 1 noise .. 0 music; the second time of the mean-flow pair is always equal to it.
        context: (B, T, 2 latent + grid + key): source latents, mask, grid, key.
        states: condition states (B, S, H_enc), or `cross_states` of them to spend that work once per request.
        states_mask: (B, S) bool, True for real states; None sees all, as ACE-Step's own inference does.
        """
        vector, time = self.times(t)
        cross = states if isinstance(states, list) else self.cross_states(states)
        x = self.patchify(torch.cat((context, xt), dim=-1))  # (B, tokens, H)
        cross_mask = None if states_mask is None else additive_mask(states_mask[:, None, None, :], x)
        rope = rope_tables(x.shape[1], self.config.head_dim, self.config.rope_theta, x)
        masks = self_masks(x.shape[1], self.config.sliding_window, None, x)
        for index, layer in enumerate(self.layers):
            mask = masks[self.config.window(index) is not None]
            x = layer(x, time, rope, mask, (cross[index], cross_mask))
        shift, scale = (self.scale_shift_table + vector[:, None]).to(x.dtype).chunk(2, dim=1)
        return self.unpatchify(modulate(self.norm_out(x), shift, scale), xt.shape[1])

    def times(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """t (B,) as a vector (B, H) and as modulations (B, 6, H), of both times of the pair together."""
        vector, time = (a + b for a, b in zip(self.time_embed(t), self.time_embed_r(t - t), strict=True))
        return vector, time
