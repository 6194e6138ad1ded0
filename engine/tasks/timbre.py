"""Reference audio as the timbre encoder takes it: three segments from its front, middle and back."""

from typing import Any

import torch
from torch import Tensor

from engine.errors import TaskError
from engine.models import Models
from engine.vae_chunks import OnStep, encode_audio

SEGMENTS = 3


def reference_latents(models: Models, audio: Any, on_step: OnStep) -> Tensor | None:
    """(1, timbre_fix_frame, latent) of audio (2, any length); None, the timbre of silence, for none.

    ACE-Step draws the places of its three 10 s segments; here they are fixed, so that a seed means one take.
    Silent audio counts as none, as upstream.  Raises TaskError.
    """
    if audio is None:
        return None
    samples = torch.as_tensor(audio, dtype=torch.float32, device=models.device)
    if samples.ndim != 2 or samples.shape[0] != 2 or not samples.shape[1]:
        text = f"reference audio of shape {tuple(samples.shape)}; (2, samples) expected"
        raise TaskError("wrong-shape", text)
    if not samples.any():
        return None
    segment = models.config.timbre_fix_frame // SEGMENTS * models.vae.hop
    return encode_audio(models.vae, pick_segments(samples, segment)[None], on_step).float()


def pick_segments(samples: Tensor, segment: int) -> Tensor:
    """(2, n) -> (2, 3 segment): from the start, from a third of the way, and the end; short audio repeats."""
    wanted = SEGMENTS * segment
    samples = samples.repeat(1, -(-wanted // samples.shape[1]) if samples.shape[1] < wanted else 1)
    total = samples.shape[1]
    starts = (0, total // SEGMENTS, total - segment)
    return torch.cat([samples[:, start : start + segment] for start in starts], dim=1)
