"""What every task gives the model: condition states from the prompt, context from source, mask, grid, key."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from engine.errors import TaskError
from engine.grid_condition import grid_features
from engine.key_condition import key_features, read_key
from engine.models import Models
from engine.sampler import Kept, Lead, Run
from engine.schedule import family, plan_timesteps
from engine.tasks.values import Prompt, Settings
from engine.text import caption_text, lyric_text

METHODS = ("ode", "sde")
KEY_SETTLED = 0.75  # noise level from which on a piece keeps its key
GRID_LEFT = 0.9  # of the grid, in what a piece is led away from


@contextmanager
def timed(models: Models, stage: str, seconds: dict[str, float]) -> Iterator[None]:
    """Adds the wall time of a block to `seconds[stage]`, or begins with it."""
    started = time.perf_counter()
    yield
    if models.device.type == "cuda":
        torch.cuda.synchronize(models.device)
    seconds[stage] = seconds.get(stage, 0.0) + time.perf_counter() - started


def condition_states(
    models: Models, prompt: Prompt, instruction: str, reference: Tensor | None = None
) -> Tensor:
    """(1, S, H): lyrics, timbre, caption. reference: latents from timbre.py; None: the timbre of silence."""
    understood = caption_text(models.text.understood(prompt), instruction)
    caption = models.text.caption_states(understood).to(models.dtype)
    lyrics = models.text.lyric_embeddings(lyric_text(prompt)).to(models.dtype)
    silent = models.silence(models.config.timbre_fix_frame)
    timbre = (silent if reference is None else reference).to(models.dtype)
    states: Tensor = models.model.encoder(caption, lyrics, timbre)[0]
    return states


def context_latents(models: Models, source: Tensor, zone: Tensor, grid: Any, keyscale: str = "") -> Tensor:
    """(1, T, 2 latent + grid + key) in the model's dtype.

    source: (1, T, latent) what the model sees.  zone: (1, T, 1) bool, True = generate.  grid: (at most T, 2)
    phases or None; without grid channels in the model it is ignored, and short of T it goes on at its pace.
    keyscale: a key's name; what is no key, and any in a model without key channels, is ignored.
    """
    parts = [source, zone.to(source.dtype).expand(source.shape)]
    channels, frames = models.config.grid_channels, source.shape[1]
    if channels and grid is None:
        parts.append(source.new_zeros(1, frames, channels))
    elif channels:
        phases = torch.as_tensor(grid, dtype=torch.float32, device=source.device)
        parts.append(grid_features(extend_phases(phases, frames))[None])
    if models.config.key_channels:
        parts.append(key_features(keyscale).to(source).expand(1, frames, -1))
    return torch.cat(parts, dim=-1).to(models.dtype)


def key_lead(models: Models, source: Tensor, zone: Tensor, task: Any) -> Lead | None:
    """What leads a task to the key that its prompt names; None where none is named or the model is not led.

    The key is settled while there is more noise than music: leading further would cost twice the time and
    change nothing (measured: as many of 16 pieces in their key).  What it is led away from hears a little
    less of the grid too: led to the key alone, music loses some of its beat (1.75 for 1.94, so 1.90).
    """
    scale = models.config.default_key_guidance
    if scale is None or scale == 1 or read_key(task.prompt.keyscale) is None:
        return None
    away = context_latents(models, source, zone, task.grid)
    first = away.shape[-1] - models.config.key_channels - models.config.grid_channels
    away[..., first : first + models.config.grid_channels] *= GRID_LEFT
    return Lead(away, scale, KEY_SETTLED)


def extend_phases(phases: Tensor, frames: int) -> Tensor:
    """Phases (n, 2) in cycles continued at their last pace to (frames, 2)."""
    missing = frames - phases.shape[0]
    if missing <= 0:
        return phases[:frames]
    pace = (phases[-1:] - phases[-2:-1]) % 1.0 if phases.shape[0] > 1 else torch.zeros_like(phases)
    ahead = torch.arange(1, missing + 1, device=phases.device)[:, None]
    return torch.cat((phases, (phases[-1:] + ahead * pace) % 1.0))


def check_grid(grid: Any, frames: int) -> None:
    """Raises TaskError unless grid is None or (frames, 2)."""
    if grid is not None and tuple(grid.shape) != (frames, 2):
        raise TaskError("wrong-shape", f"grid of shape {tuple(grid.shape)}; ({frames}, 2) expected")


def pad_frames(latents: Tensor, filling: Tensor) -> Tensor:
    """latents (1, T, C) lengthened at the end to filling's length with what filling (1, F, C) has there."""
    return torch.cat((latents, filling[:, latents.shape[1] :].to(latents)), dim=1)


def plan_run(
    models: Models, settings: Settings, context: Tensor, states: Tensor, kept: Kept | None = None
) -> Run:
    """The denoising run these settings ask for. Raises TaskError."""
    if settings.method not in METHODS:
        raise TaskError("out-of-range", f"method={settings.method!r} is not one of {METHODS}")
    strength = 1.0 if kept is None else settings.strength
    times = plan_timesteps(models.config, settings.steps, settings.timestep_shift, strength)
    guidance = family(models.config).guidance if settings.guidance is None else settings.guidance
    source = kept.clean if kept is not None and strength < 1 else None
    return Run(context, states, times, source, kept, guidance, settings.method)


def checked_strength(settings: Settings) -> float:
    """A cover's strength. Raises TaskError outside 0..1."""
    if not 0 <= settings.strength <= 1:
        raise TaskError("out-of-range", f"strength={settings.strength} is outside 0..1")
    return settings.strength
