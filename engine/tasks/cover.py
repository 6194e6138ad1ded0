"""A new piece with a source's structure: its codes, or its own latents, are the context everywhere."""

from dataclasses import replace

from torch import Tensor

from engine.models import Models
from engine.sampler import Run, Switch, denoise, seeded
from engine.tasks import conditions
from engine.tasks.hints import source_hints
from engine.tasks.instructions import instruction
from engine.tasks.timbre import reference_latents
from engine.tasks.values import CoverTask, Rendered
from engine.tasks.window import check_window, decode_zone, encode_window, everywhere
from engine.vae_chunks import OnStep


def plan_cover(models: Models, task: CoverTask, source: Tensor, timbre: Tensor | None) -> Run:
    """The denoising run over a source (1, T, C): hints or raw latents. Raises TaskError.

    Below full strength the model sees the source for int(steps x strength) steps, then a plain text2music.
    """
    states = conditions.condition_states(models, task.prompt, instruction("cover"), timbre)
    zone = everywhere(source)
    context = conditions.context_latents(models, source, zone, task.grid, task.prompt.keyscale)
    run = conditions.plan_run(models, task.settings, context, states)
    strength = conditions.checked_strength(task.settings)
    if strength == 1:
        return run
    free = conditions.condition_states(models, task.prompt, instruction("text2music"), timbre)
    silent = conditions.context_latents(
        models, models.silence(source.shape[1]), zone, task.grid, task.prompt.keyscale
    )
    return replace(run, switch=Switch(int(len(run.times) * strength), silent, free))


def render(models: Models, task: CoverTask, on_step: OnStep) -> Rendered:
    """Samples lo..hi outward to latent frames, and margins. Raises TaskError, and what on_step raises."""
    _, first, stop = check_window(models, task)
    seconds: dict[str, float] = {}
    with conditions.timed(models, "encode", seconds):
        clean = encode_window(models, task.audio, on_step)
        timbre = reference_latents(models, task.reference, on_step)
        source = clean if task.raw else source_hints(models, clean)
    with conditions.timed(models, "text", seconds):
        run = plan_cover(models, task, source, timbre)
    with conditions.timed(models, "denoise", seconds):
        latents = denoise(models.model, run, seeded(task.settings.seed), on_step)
    with conditions.timed(models, "decode", seconds):
        audio, start = decode_zone(models, latents, (first, stop), task.audio.shape[1], on_step)
    return Rendered(audio.numpy(), start, seconds, (latents,), clean)
