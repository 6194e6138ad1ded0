"""Everything a render needs, loaded: one value, passed as an argument."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine.ace_step import AceStepModel
from engine.config import AceStepConfig
from engine.text import TextEncoder


@dataclass(frozen=True, slots=True, eq=False)
class Models:
    """A checkpoint in memory.

    vae: any VAE with encode, decode, latent_dim, hop and halo_frames; always fp32.  silence_latent: (1, any
    length, latent) fp32.  dtype: what the transformer runs in.  weights_hash: 64 hex digits.
    """

    config: AceStepConfig
    model: AceStepModel
    vae: Any
    text: TextEncoder
    silence_latent: Tensor
    device: torch.device
    dtype: torch.dtype
    name: str
    weights_hash: str

    def silence(self, frames: int) -> Tensor:
        """Latents of silence, (1, frames, latent) fp32, repeated where the stored ones end."""
        stored = self.silence_latent.shape[1]
        return self.silence_latent.repeat(1, -(-frames // stored), 1)[:, :frames]
