"""Layers shared by every transformer here: norm, rotary positions, grouped attention, gated feed-forward.

Names of modules and parameters are those of the published checkpoints. Shapes: B batch, T tokens, H width.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.config import AceStepConfig

# CPU attention in bf16 runs 2 to 5 times faster as plain matrix products while the score matrix is small.
SMALL_SCORES = 384 * 384

KeysValues = tuple[Tensor, Tensor]


def compute_dtype(x: Tensor) -> torch.dtype:
    """The dtype matrix products on `x` come out in: autocast's where it is on, else its own."""
    kind = x.device.type
    return torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else x.dtype


def random_parameter(std: float, *shape: int) -> nn.Parameter:
    """A learned table, normal at first.

    Left alone on the meta device, where drawing would import a second's worth of torch for nothing.
    """
    table = torch.empty(shape)
    return nn.Parameter(table if table.is_meta else table.normal_(std=std))


class RMSNorm(nn.Module):
    """Root-mean-square norm over the last axis, computed in fp32."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        y = x.float()
        y = y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + self.eps)
        return y.to(x.dtype) * self.weight.to(x.dtype)


def rope_tables(tokens: int, head_dim: int, theta: float, like: Tensor) -> tuple[Tensor, Tensor]:
    """cos and sin, each (tokens, head_dim / 2), in the dtype products of `like` have."""
    exponents = torch.arange(0, head_dim, 2, device=like.device, dtype=torch.float32) / head_dim
    positions = torch.arange(tokens, device=like.device, dtype=torch.float32)
    angles = positions[:, None] * (1.0 / theta**exponents)[None, :]
    dtype = compute_dtype(like)
    return angles.cos().to(dtype), angles.sin().to(dtype)


def rotate(x: Tensor, rope: tuple[Tensor, Tensor]) -> Tensor:
    """x (B, heads, T, D) with channel i and i + D/2 turned as a pair by the token's angle."""
    cos, sin = rope
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


def additive_mask(allowed: Tensor, like: Tensor) -> Tensor:
    """Boolean `allowed` (True: may be seen) as scores to add, in the dtype attention on `like` runs in."""
    dtype = compute_dtype(like)
    mask = torch.zeros(allowed.shape, dtype=dtype, device=allowed.device)
    return mask.masked_fill_(~allowed, torch.finfo(dtype).min)


def self_masks(tokens: int, window: int, valid: Tensor | None, like: Tensor) -> dict[bool, Tensor | None]:
    """Masks of one sequence: key True for layers with a window, False for those without.

    window: reach in tokens each way, inclusive.  valid: (B, T) bool, True for real tokens, or None.
    """
    padding = None if valid is None else valid[:, None, None, :]  # (B, 1, 1, T)
    positions = torch.arange(tokens, device=like.device)
    near = (positions[:, None] - positions[None, :]).abs() <= window
    slides = tokens - 1 > window
    allowed = near[None, None] if padding is None else near & padding
    full = None if padding is None else additive_mask(padding, like)
    return {True: additive_mask(allowed, like) if slides else full, False: full}


def attend(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """Grouped attention: query (B, heads, T, D), key and value (B, groups, S, D) -> (B, heads, T, D)."""
    batch, heads, tokens, dim = query.shape
    groups, seen = key.shape[1], key.shape[2]
    small = tokens * seen <= SMALL_SCORES
    if not (small and query.device.type == "cpu" and query.dtype == torch.bfloat16):
        return F.scaled_dot_product_attention(query, key, value, attn_mask=mask, enable_gqa=heads != groups)
    grouped = (query * dim**-0.5).reshape(batch, groups, heads // groups * tokens, dim)
    scores = torch.matmul(grouped, key.transpose(-1, -2))
    if mask is not None:
        scores = (scores.view(batch, heads, tokens, seen) + mask).view(scores.shape)
    weights = scores.softmax(-1, dtype=torch.float32).to(value.dtype)
    return torch.matmul(weights, value).view(batch, heads, tokens, dim)


class Attention(nn.Module):
    """Attention with normed queries and keys; keys and values may come from another sequence."""

    def __init__(self, config: AceStepConfig) -> None:
        super().__init__()
        width, dim, bias = config.hidden_size, config.head_dim, config.attention_bias
        self.heads, self.groups, self.head_dim = config.num_attention_heads, config.num_key_value_heads, dim
        self.q_proj = nn.Linear(width, self.heads * dim, bias=bias)
        self.k_proj = nn.Linear(width, self.groups * dim, bias=bias)
        self.v_proj = nn.Linear(width, self.groups * dim, bias=bias)
        self.o_proj = nn.Linear(self.heads * dim, width, bias=bias)
        self.q_norm = RMSNorm(dim, config.rms_norm_eps)
        self.k_norm = RMSNorm(dim, config.rms_norm_eps)

    def keys_values(self, states: Tensor) -> KeysValues:
        """(B, S, H) -> keys and values, each (B, groups, S, D), keys normed but not rotated."""
        shape = (self.groups, self.head_dim)
        key = self.k_norm(self.k_proj(states).unflatten(-1, shape))
        return key.transpose(1, 2), self.v_proj(states).unflatten(-1, shape).transpose(1, 2)

    def queries(self, x: Tensor) -> Tensor:
        """(B, T, H) -> (B, heads, T, D)."""
        return self.q_norm(self.q_proj(x).unflatten(-1, (self.heads, self.head_dim))).transpose(1, 2)

    def merge(self, heads: Tensor) -> Tensor:
        """(B, heads, T, D) -> (B, T, H)."""
        return self.o_proj(heads.transpose(1, 2).flatten(2))

    def forward(self, x: Tensor, rope: tuple[Tensor, Tensor], mask: Tensor | None) -> Tensor:
        """Self-attention with rotary positions."""
        key, value = self.keys_values(x)
        return self.merge(attend(rotate(self.queries(x), rope), rotate(key, rope), value, mask))

    def look_at(self, x: Tensor, states: KeysValues, mask: Tensor | None) -> Tensor:
        """Cross-attention to keys and values made before; no positions."""
        return self.merge(attend(self.queries(x), *states, mask))


class FeedForward(nn.Module):
    """SwiGLU."""

    def __init__(self, config: AceStepConfig) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.intermediate_size, bias=False)
        self.down_proj = nn.Linear(config.intermediate_size, config.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class EncoderLayer(nn.Module):
    """Pre-norm transformer layer of the lyric, timbre and token stacks, and of Qwen3."""

    def __init__(self, config: AceStepConfig) -> None:
        super().__init__()
        self.self_attn = Attention(config)
        self.mlp = FeedForward(config)
        self.input_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)

    def forward(self, x: Tensor, rope: tuple[Tensor, Tensor], mask: Tensor | None) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), rope, mask)
        return x + self.mlp(self.post_attention_layernorm(x))


def encoder_layers(config: AceStepConfig, count: int) -> nn.ModuleList:
    """A stack for `run_layers`."""
    return nn.ModuleList(EncoderLayer(config) for _ in range(count))


def run_layers(
    layers: nn.ModuleList, config: AceStepConfig, x: Tensor, valid: Tensor | None = None
) -> Tensor:
    """x (B, T, H) through bidirectional layers, each with its own window.

    valid: (B, T) bool, True for real tokens; None: all are.
    """
    rope = rope_tables(x.shape[1], config.head_dim, config.rope_theta, x)
    masks = self_masks(x.shape[1], config.sliding_window, valid, x)
    for index, layer in enumerate(layers):
        x = layer(x, rope, masks[config.window(index) is not None])
    return x
