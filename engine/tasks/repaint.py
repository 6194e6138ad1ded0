"""A zone of a window painted anew, in view of what surrounds it."""

from typing import Any

import torch
from torch import Tensor

from engine.errors import TaskError
from engine.models import Models
from engine.sampler import Kept, denoise, seeded
from engine.tasks import conditions
from engine.tasks.instructions import instruction
from engine.tasks.values import Rendered, RepaintTask
from engine.vae_chunks import OnStep, decode_span, encode_audio

MARGIN_FRAMES = 13  # at least 0.5 s of re-made surroundings on both sides, to match loudness by
SEAM_FRAMES = 4  # latents go over from painted to kept in this many frames outside the zone


def zone_frames(lo: int, hi: int, hop: int) -> tuple[int, int]:
    """The smallest span of latent frames (first, stop) holding samples lo..hi.

    Outward, unlike ACE-Step's own floor, so that every wanted sample is generated.
    """
    return lo // hop, -(-hi // hop)


def check(models: Models, task: RepaintTask) -> tuple[int, int, int]:
    """(frames of the window, first, stop). Raises TaskError."""
    shape = tuple(task.audio.shape)
    if len(shape) != 2 or shape[0] != 2:
        raise TaskError("wrong-shape", f"audio of shape {shape}; (2, samples) expected")
    if not 0 <= task.lo < task.hi <= shape[1]:
        raise TaskError("out-of-range", f"lo={task.lo}, hi={task.hi} is no span within 0..{shape[1]} samples")
    hop = models.vae.hop
    frames = -(-shape[1] // hop)
    conditions.check_grid(task.grid, frames)
    return frames, *zone_frames(task.lo, task.hi, hop)


def seam(latents: Tensor, kept: Kept) -> Tensor:
    """`latents` inside the zone, the clean source outside, and a short linear way over just outside."""
    inside = kept.zone.to(latents.dtype).transpose(1, 2)  # (1, 1, T)
    reach = torch.nn.functional.max_pool1d  # widening the zone by n frames each way = a moving maximum
    widened = [reach(inside, 2 * n + 1, stride=1, padding=n) for n in range(1, SEAM_FRAMES + 1)]
    share = torch.stack([inside, *widened]).mean(0).transpose(1, 2)
    return torch.where(kept.zone, latents, kept.clean + share * (latents - kept.clean))


def encode_window(models: Models, audio: Any, on_step: OnStep) -> Tensor:
    """Clean latents (1, T, latent) of (2, N) samples, at least the model's shortest sequence long."""
    samples = torch.as_tensor(audio, dtype=torch.float32, device=models.device)
    clean = encode_audio(models.vae, samples[None], on_step).float()
    return conditions.pad_frames(clean, models.silence(max(clean.shape[1], models.config.min_frames)))


def render(models: Models, task: RepaintTask, on_step: OnStep) -> Rendered:
    """The zone's latent frames and 0.5 s around them. Raises TaskError, and what on_step raises."""
    frames, first, stop = check(models, task)
    seconds: dict[str, float] = {}
    with conditions.timed(models, "text", seconds):
        states = conditions.condition_states(models, task.prompt, instruction("repaint"))
    with conditions.timed(models, "encode", seconds):
        clean = encode_window(models, task.audio, on_step)
    places = torch.arange(clean.shape[1], device=clean.device)[None, :, None]
    kept = Kept(clean, (places >= first) & (places < stop))
    source = torch.where(kept.zone, models.silence(clean.shape[1]), clean)
    context = conditions.context_latents(models, source, kept.zone, task.grid)
    run = conditions.plan_run(models, task.settings, context, states, kept)
    with conditions.timed(models, "denoise", seconds):
        latents = seam(denoise(models.model, run, seeded(task.settings.seed), on_step), kept)[:, :frames]
    low, high = max(first - MARGIN_FRAMES, 0), min(stop + MARGIN_FRAMES, frames)
    with conditions.timed(models, "decode", seconds):
        audio = decode_span(models.vae, latents, (low, high), on_step)[0]
    start = low * models.vae.hop
    return Rendered(audio[:, : task.audio.shape[1] - start].float().cpu().numpy(), start, seconds)
