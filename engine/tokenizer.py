"""The audio tokenizer: 25 Hz latents to 5 Hz codes 0..63999 and back to 25 Hz hints."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.config import AceStepConfig
from engine.layers import RMSNorm, encoder_layers, random_parameter, run_layers


class AttentionPooler(nn.Module):
    """Each window of frames (B, N, 5, H) to one state (B, N, H), read from a learned token in front."""

    def __init__(self, config: AceStepConfig) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Linear(config.hidden_size, config.hidden_size)
        self.special_token = random_parameter(0.02, 1, 1, config.hidden_size)
        self.layers = encoder_layers(config, config.num_attention_pooler_hidden_layers)
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)

    def forward(self, frames: Tensor) -> Tensor:
        windows = self.embed_tokens(frames).flatten(0, 1)  # (B N, 5, H)
        token = self.special_token.to(windows.dtype).expand(windows.shape[0], -1, -1)
        x = run_layers(self.layers, self.config, torch.cat((token, windows), dim=1))
        return self.norm(x[:, 0]).unflatten(0, frames.shape[:2])


class ResidualFSQ(nn.Module):
    """Finite scalar quantisation (arXiv 2309.15505): tanh-bounded channels rounded to levels in -1..1.

    Runs in fp32 whatever the weights' dtype: a code is a rounding and bf16 would flip it.
    """

    def __init__(self, width: int, levels: tuple[int, ...], quantizers: int) -> None:
        super().__init__()
        self.levels, self.quantizers = levels, quantizers
        self.project_in = nn.Linear(width, len(levels))
        self.project_out = nn.Linear(len(levels), width)

    @property
    def codebook_size(self) -> int:
        """Codes run from 0 to this, exclusive."""
        return math.prod(self.levels)

    def _levels(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Levels per channel, and the weight of each channel's digit in a code."""
        basis = [math.prod(self.levels[:i]) for i in range(len(self.levels))]
        return torch.tensor(self.levels, device=like.device), torch.tensor(basis, device=like.device)

    def forward(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """(B, N, width) -> quantised states of the same shape and codes (B, N, quantizers)."""
        x = F.linear(states.float(), self.project_in.weight.float(), self.project_in.bias.float())
        levels, basis = self._levels(x)
        bound = 1 + 1 / (levels - 1)
        rest = torch.tanh(x / bound) * bound
        total, codes = torch.zeros_like(rest), []
        for index in range(self.quantizers):
            scale = levels.float() ** -index
            digits = ((rest / scale).clamp(-1, 1) + 1) / 2 * (levels - 1) + 0.5
            digits = digits.floor()  # 0 .. levels - 1
            values = (digits * 2 / (levels - 1) - 1) * scale
            rest, total = rest - values, total + values
            codes.append((digits.long() * basis).sum(-1))
        return self._project(total, states.dtype), torch.stack(codes, dim=-1)

    def states_from_codes(self, codes: Tensor) -> Tensor:
        """(B, N, quantizers) codes -> (B, N, width) in the weights' dtype."""
        levels, basis = self._levels(codes)
        digits = codes[..., None] // basis % levels  # (B, N, quantizers, channels)
        values = digits * 2 / (levels - 1) - 1
        scales = levels.float()[None, :] ** -torch.arange(self.quantizers, device=codes.device)[:, None]
        return self._project((values * scales).sum(-2), self.project_out.weight.dtype)

    def _project(self, values: Tensor, dtype: torch.dtype) -> Tensor:
        return F.linear(values, self.project_out.weight.float(), self.project_out.bias.float()).to(dtype)


class AudioTokenizer(nn.Module):
    """Latents to 5 Hz codes."""

    def __init__(self, config: AceStepConfig) -> None:
        super().__init__()
        stack = config.condition_stack()
        self.window = stack.pool_window_size
        self.audio_acoustic_proj = nn.Linear(stack.audio_acoustic_hidden_dim, stack.hidden_size)
        self.attention_pooler = AttentionPooler(stack)
        self.quantizer = ResidualFSQ(stack.fsq_dim, stack.fsq_input_levels, stack.fsq_input_num_quantizers)

    def forward(self, latents: Tensor, silence: Tensor) -> tuple[Tensor, Tensor]:
        """latents (B, T, latent) -> quantised states (B, ceil(T/5), H) and codes (B, ceil(T/5), quantizers).

        silence: (1, >= 4, latent), fills the last window.
        """
        missing = -latents.shape[1] % self.window
        if missing:
            tail = silence[:, :missing].to(latents).expand(latents.shape[0], -1, -1)
            latents = torch.cat((latents, tail), dim=1)
        windows = self.audio_acoustic_proj(latents).unflatten(1, (-1, self.window))
        return self.quantizer(self.attention_pooler(windows))


class AudioDetokenizer(nn.Module):
    """Quantised 5 Hz states to 25 Hz hints in latent space."""

    def __init__(self, config: AceStepConfig) -> None:
        super().__init__()
        stack = config.condition_stack()
        self.config = stack
        self.embed_tokens = nn.Linear(stack.hidden_size, stack.hidden_size)
        self.special_tokens = random_parameter(0.02, 1, stack.pool_window_size, stack.hidden_size)
        self.layers = encoder_layers(stack, stack.num_attention_pooler_hidden_layers)
        self.norm = RMSNorm(stack.hidden_size, stack.rms_norm_eps)
        self.proj_out = nn.Linear(stack.hidden_size, stack.audio_acoustic_hidden_dim)

    def forward(self, quantized: Tensor) -> Tensor:
        """(B, N, H) -> (B, 5 N, latent)."""
        x = self.embed_tokens(quantized).flatten(0, 1)[:, None] + self.special_tokens.to(quantized.dtype)
        x = self.proj_out(self.norm(run_layers(self.layers, self.config, x)))  # (B N, 5, latent)
        return x.reshape(quantized.shape[0], -1, x.shape[-1])
