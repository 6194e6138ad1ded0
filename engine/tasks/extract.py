"""Stems out of a mix, one denoising run for each; the mix is encoded once."""

from dataclasses import replace

import torch

from engine.models import Models
from engine.tasks import conditions
from engine.tasks.instructions import instruction
from engine.tasks.layer import Scene, make_layer
from engine.tasks.values import ExtractTask, Rendered
from engine.tasks.window import check_stems, check_window, encode_window, everywhere, part_of
from engine.vae_chunks import OnStep


def render(models: Models, task: ExtractTask, on_step: OnStep) -> Rendered:
    """(stems, 2, n): lo..hi outward to latent frames, and margins. Raises TaskError, what on_step raises.

    All stems start from the same noise: what differs between them is the class alone.
    """
    task = with_own_steps(models, task)
    _, *span = check_window(models, task)
    check_stems(task.stems, 1)
    seconds: dict[str, float] = {}
    with conditions.timed(models, "encode", seconds):
        source = encode_window(models, task.audio, on_step)
    scene = Scene(source, everywhere(source), (span[0], span[1]))
    made = []
    for index, stem in enumerate(task.stems):
        told = part_of(on_step, index, len(task.stems))
        made.append(make_layer(models, task, instruction("extract", (stem,)), scene, (told, seconds)))
    return Rendered(torch.stack([layer.audio for layer in made]).numpy(), made[0].start, seconds)


def with_own_steps(models: Models, task: ExtractTask) -> ExtractTask:
    """The task with the steps its checkpoint separates best in, where it says neither steps nor otherwise."""
    steps = models.config.default_extract_steps
    if steps is None or task.settings.steps is not None:
        return task
    return replace(task, settings=replace(task.settings, steps=steps))
