"""Stems out of a mix, one denoising run for each, or a few; the mix is encoded once."""

from dataclasses import replace

import torch
from torch import Tensor

from engine.models import Models
from engine.sampler import denoise, seeded
from engine.tasks import conditions
from engine.tasks.instructions import instruction
from engine.tasks.layer import Scene, plan_layer
from engine.tasks.values import ExtractTask, Rendered
from engine.tasks.window import (
    check_stems,
    check_window,
    decode_zone,
    encode_window,
    everywhere,
    part_of,
    sketch_zone,
)
from engine.vae_chunks import OnStep


def render(models: Models, task: ExtractTask, on_step: OnStep) -> Rendered:
    """(stems, 2, n): lo..hi outward to latent frames, and margins. Raises TaskError, what on_step raises.

    All stems start from the same noise: what differs between them is the class alone.
    """
    _, *span = check_window(models, task)
    check_stems(task.stems, 1)
    seconds: dict[str, float] = {}
    with conditions.timed(models, "encode", seconds):
        source = encode_window(models, task.audio, on_step)
    scene = Scene(source, everywhere(source), (span[0], span[1]))
    made, start = [], 0
    for index, stem in enumerate(task.stems):
        told = part_of(on_step, index, len(task.stems))
        latents = estimate(models, task, (stem, scene), (told, seconds))
        with conditions.timed(models, "decode", seconds):
            audio, start = reveal(models, task, latents, scene.span, told)
        made.append(audio)
    return Rendered(torch.stack(made).numpy(), start, seconds)


def estimate(
    models: Models, task: ExtractTask, asked: tuple[str, Scene], told: tuple[OnStep, dict[str, float]]
) -> Tensor:
    """Latents (1, T, latent) of one stem of a scene, in as many steps as the task says.

    Where it says none, as the checkpoint separates best: in its own steps, as the mean of several guesses.
    """
    (stem, scene), (on_step, seconds) = asked, told
    config = models.config
    if own := task.settings.steps is None and config.default_extract_steps is not None:
        task = replace(task, settings=replace(task.settings, steps=config.default_extract_steps))
    guesses = config.default_extract_guesses if own else 1
    with conditions.timed(models, "text", seconds):
        run = plan_layer(models, task, instruction("extract", (stem,)), scene)
    with conditions.timed(models, "denoise", seconds):
        noise = seeded(task.settings.seed)
        found = [
            denoise(models.model, run, noise, part_of(on_step, index, guesses)) for index in range(guesses)
        ]
    return torch.stack(found).mean(0)


def reveal(
    models: Models, task: ExtractTask, latents: Tensor, span: tuple[int, int], on_step: OnStep
) -> tuple[Tensor, int]:
    """Audio (2, n) of a span of frames and its margins, and where in the window it begins."""
    if task.for_mask:
        heard = torch.as_tensor(task.audio, dtype=torch.float32)
        return sketch_zone(models, latents, span, heard, on_step)
    return decode_zone(models, latents, span, task.audio.shape[1], on_step)
