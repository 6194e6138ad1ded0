"""Tracks of some classes around a source, such as a backing for a voice."""

from engine.models import Models
from engine.tasks import conditions
from engine.tasks.instructions import instruction
from engine.tasks.layer import Scene, make_layer
from engine.tasks.values import CompleteTask, Rendered
from engine.tasks.window import check_stems, check_window, encode_window, everywhere
from engine.vae_chunks import OnStep


def render(models: Models, task: CompleteTask, on_step: OnStep) -> Rendered:
    """lo..hi outward to latent frames, and margins. Raises TaskError, and what on_step raises."""
    _, *span = check_window(models, task)
    check_stems(task.stems, 0)
    seconds: dict[str, float] = {}
    with conditions.timed(models, "encode", seconds):
        source = encode_window(models, task.audio, on_step)
    scene = Scene(source, everywhere(source), (span[0], span[1]))
    words = instruction("complete", task.stems)
    made = make_layer(models, task, words, scene, (on_step, seconds))
    return Rendered(made.audio.numpy(), made.start, seconds, (made.latents,), source)
