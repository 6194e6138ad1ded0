"""Music from a prompt alone."""

from engine.errors import TaskError
from engine.models import Models
from engine.sampler import denoise, seeded
from engine.tasks.conditions import check_grid, condition_states, context_latents, plan_run, timed
from engine.tasks.instructions import instruction
from engine.tasks.values import Rendered, Text2MusicTask
from engine.vae_chunks import OnStep, decode_span


def render(models: Models, task: Text2MusicTask, on_step: OnStep) -> Rendered:
    """Exactly task.samples samples from 0. Raises TaskError, and what on_step raises."""
    if task.samples < 1:
        raise TaskError("out-of-range", f"samples={task.samples} is below 1")
    frames = -(-task.samples // models.vae.hop)
    check_grid(task.grid, frames)
    seconds: dict[str, float] = {}
    with timed(models, "text", seconds):
        states = condition_states(models, task.prompt, instruction("text2music"))
        source = models.silence(max(frames, models.config.min_frames))
        everywhere = source.new_ones(source[..., :1].shape).bool()
        context = context_latents(models, source, everywhere, task.grid)
        run = plan_run(models, task.settings, context, states)
    with timed(models, "denoise", seconds):
        latents = denoise(models.model, run, seeded(task.settings.seed), on_step)
    with timed(models, "decode", seconds):
        audio = decode_span(models.vae, latents, (0, frames), on_step)[0]
    return Rendered(audio[:, : task.samples].float().cpu().numpy(), 0, seconds)
