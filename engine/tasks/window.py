"""What all tasks on a window of audio share: its checks, its latents, and the way back to samples."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from engine.errors import TaskError
from engine.models import Models
from engine.tasks import conditions
from engine.tasks.instructions import STEM_CLASSES
from engine.vae_chunks import OnStep, decode_span, encode_audio

MARGIN_FRAMES = 13  # at least 0.5 s of re-made surroundings on both sides, to match loudness by


def zone_frames(lo: int, hi: int, hop: int) -> tuple[int, int]:
    """The smallest span of latent frames (first, stop) holding samples lo..hi.

    Outward, unlike ACE-Step's own floor, so that every wanted sample is generated.
    """
    return lo // hop, -(-hi // hop)


def check_window(models: Models, task: Any) -> tuple[int, int, int]:
    """(frames of the window, first, stop) of a task with audio, lo, hi and grid. Raises TaskError."""
    shape = tuple(task.audio.shape)
    if len(shape) != 2 or shape[0] != 2:
        raise TaskError("wrong-shape", f"audio of shape {shape}; (2, samples) expected")
    if not 0 <= task.lo < task.hi <= shape[1]:
        raise TaskError("out-of-range", f"lo={task.lo}, hi={task.hi} is no span within 0..{shape[1]} samples")
    hop = models.vae.hop
    frames = -(-shape[1] // hop)
    conditions.check_grid(task.grid, frames)
    return frames, *zone_frames(task.lo, task.hi, hop)


def check_stems(stems: tuple[str, ...], fewest: int) -> None:
    """Raises TaskError for a class the models were not trained with, for too few, and for one named twice."""
    for stem in stems:
        if stem not in STEM_CLASSES:
            raise TaskError("out-of-range", f"stems: {stem!r} is none of {', '.join(STEM_CLASSES)}")
    if len(stems) < fewest or len(set(stems)) < len(stems):
        raise TaskError("out-of-range", f"stems={list(stems)}: at least {fewest}, each once")


def encode_window(models: Models, audio: Any, on_step: OnStep) -> Tensor:
    """Clean latents (1, T, latent) of (2, N) samples, at least the model's shortest sequence long."""
    samples = torch.as_tensor(audio, dtype=torch.float32, device=models.device)
    clean = encode_audio(models.vae, samples[None], on_step).float()
    return conditions.pad_frames(clean, models.silence(max(clean.shape[1], models.config.min_frames)))


def everywhere(latents: Tensor) -> Tensor:
    """A zone (1, T, 1) that is all of these latents (1, T, C)."""
    return torch.ones_like(latents[..., :1], dtype=torch.bool)


def decode_zone(
    models: Models, latents: Tensor, zone: tuple[int, int], samples: int, on_step: OnStep
) -> tuple[Tensor, int]:
    """Audio (2, n) fp32 of a zone (first, stop) in frames and its margins, and the sample where it begins.

    samples: length of the window, past which nothing is given.
    """
    frames = -(-samples // models.vae.hop)
    low, high = max(zone[0] - MARGIN_FRAMES, 0), min(zone[1] + MARGIN_FRAMES, frames)
    audio = decode_span(models.vae, latents[:, :frames], (low, high), on_step)[0]
    start = low * models.vae.hop
    return audio[:, : samples - start].float().cpu(), start


def sketch_zone(
    models: Models, latents: Tensor, zone: tuple[int, int], heard: Tensor, on_step: OnStep
) -> tuple[Tensor, int]:
    """As decode_zone, with the phases of the window's own audio `heard` (2, N), from VAEs that can borrow
    them.
    """
    samples, hop = heard.shape[1], models.vae.hop
    if not models.vae.borrows_phase:
        return decode_zone(models, latents, zone, samples, on_step)
    frames = -(-samples // hop)
    low, high = max(zone[0] - MARGIN_FRAMES, 0), min(zone[1] + MARGIN_FRAMES, frames)
    on_step("decode", 0, 1)
    padded = functional.pad(heard.to(models.device), (0, frames * hop - samples))
    audio = models.vae.decode_like(latents[:, :frames], padded[None])[0]
    on_step("decode", 1, 1)
    return audio[:, low * hop : min(high * hop, samples)].float().cpu(), low * hop


def part_of(on_step: OnStep, index: int, of: int) -> OnStep:
    """An on_step that tells the steps of one of several equal parts as steps of the whole."""
    return lambda stage, step, steps: on_step(stage, index * steps + step, of * steps)
