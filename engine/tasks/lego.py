"""A layer of one class for a zone of a mix; the mix is seen everywhere, in the zone too."""

from engine.models import Models
from engine.tasks import conditions
from engine.tasks.instructions import instruction
from engine.tasks.layer import Scene, make_layer, zone_of
from engine.tasks.values import LegoTask, Rendered
from engine.tasks.window import check_stems, check_window, encode_window
from engine.vae_chunks import OnStep


def render(models: Models, task: LegoTask, on_step: OnStep) -> Rendered:
    """The layer of lo..hi outward to frames, and margins. Raises TaskError, and what on_step raises."""
    _, *span = check_window(models, task)
    check_stems((task.stem,), 1)
    seconds: dict[str, float] = {}
    with conditions.timed(models, "encode", seconds):
        source = encode_window(models, task.audio, on_step)
    zone = (span[0], span[1])
    scene = Scene(source, zone_of(source, zone), zone)
    words = instruction("lego", (task.stem,))
    made = make_layer(models, task, words, scene, (on_step, seconds))
    return Rendered(made.audio.numpy(), made.start, seconds, (made.latents,), source)
