"""Music from a prompt alone, or from a prompt and the codes a planner wrote for it."""

from dataclasses import replace

import torch
from torch import Tensor

from engine.errors import TaskError
from engine.models import Models
from engine.tasks.conditions import (
    check_grid,
    condition_states,
    context_latents,
    key_lead,
    plan_run,
    timed,
)
from engine.tasks.hints import code_hints
from engine.tasks.instructions import instruction
from engine.tasks.takes import denoise_takes, joined
from engine.tasks.timbre import reference_latents
from engine.tasks.values import Rendered, Text2MusicTask
from engine.tasks.window import everywhere, part_of
from engine.vae_chunks import OnStep, decode_span


def source_of(models: Models, codes: tuple[int, ...], frames: int) -> Tensor:
    """What the model sees as source, (1, frames, latent): what the codes say, and silence behind them."""
    silence = models.silence(frames)
    if not codes:
        return silence
    hints = code_hints(models, codes)[:, :frames]
    return torch.cat((hints, silence[:, hints.shape[1] :]), dim=1)


def render(models: Models, task: Text2MusicTask, on_step: OnStep) -> Rendered:
    """Exactly task.samples samples from 0. Raises TaskError, and what on_step raises."""
    if task.samples < 1:
        raise TaskError("out-of-range", f"samples={task.samples} is below 1")
    frames = -(-task.samples // models.vae.hop)
    check_grid(task.grid, frames)
    seconds: dict[str, float] = {}
    with timed(models, "text", seconds):
        # With codes the model is told to follow them: upstream runs such a piece as a cover.
        words = instruction("cover" if task.codes else "text2music")
        timbre = reference_latents(models, task.reference, on_step)
        states = condition_states(models, task.prompt, words, timbre)
        source = source_of(models, task.codes, max(frames, models.config.min_frames))
        context = context_latents(models, source, everywhere(source), task.grid, task.prompt.keyscale)
        run = plan_run(models, task.settings, context, states)
        run = replace(run, lead=key_lead(models, source, everywhere(source), task))
    with timed(models, "denoise", seconds):
        takes = denoise_takes(models, run, task.settings, on_step)
    with timed(models, "decode", seconds):
        parts = [
            decode_span(models.vae, latents, (0, frames), part_of(on_step, index, len(takes)))[0]
            for index, latents in enumerate(takes)
        ]
    audio = joined([part[:, : task.samples].float().cpu() for part in parts])
    return Rendered(audio, 0, seconds, tuple(takes))
