"""One denoising run in view of a raw source: what extract, lego and complete have in common."""

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.models import Models
from engine.sampler import Run, denoise, seeded
from engine.tasks import conditions
from engine.tasks.values import CompleteTask, ExtractTask, LegoTask
from engine.tasks.window import decode_zone
from engine.vae_chunks import OnStep


@dataclass(frozen=True, slots=True)
class Layer:
    """What was made. audio: (2, n) of the span and its margins.  start: its first sample in the window.
    latents: (1, T, latent) of the whole window.
    """

    audio: Tensor
    start: int
    latents: Tensor


@dataclass(frozen=True, slots=True)
class Scene:
    """What the model is shown. source: raw latents (1, T, C), the zone's too.  zone: (1, T, 1) bool, True =
    make.  span: frames (first, stop) that are wanted.
    """

    source: Tensor
    zone: Tensor
    span: tuple[int, int]


def make_layer(
    models: Models,
    task: LegoTask | CompleteTask,
    words: str,
    scene: Scene,
    told: tuple[OnStep, dict[str, float]],
) -> Layer:
    """The layer of a scene's span; told: on_step, and seconds to add to."""
    on_step, seconds = told
    with conditions.timed(models, "text", seconds):
        run = plan_layer(models, task, words, scene)
    with conditions.timed(models, "denoise", seconds):
        latents = denoise(models.model, run, seeded(task.settings.seed), on_step)
    with conditions.timed(models, "decode", seconds):
        audio, start = decode_zone(models, latents, scene.span, task.audio.shape[1], on_step)
    return Layer(audio, start, latents)


def plan_layer(models: Models, task: ExtractTask | LegoTask | CompleteTask, words: str, scene: Scene) -> Run:
    """The run that denoises a whole scene.

    Nothing of the source is put back meanwhile: the layer is made beside it, not in it.
    """
    states = conditions.condition_states(models, task.prompt, words)
    context = conditions.context_latents(models, scene.source, scene.zone, task.grid, task.prompt.keyscale)
    return conditions.plan_run(models, task.settings, context, states)


def zone_of(latents: Tensor, span: tuple[int, int]) -> Tensor:
    """(1, T, 1) bool, True in the frames of the span."""
    places = torch.arange(latents.shape[1], device=latents.device)[None, :, None]
    return (places >= span[0]) & (places < span[1])
