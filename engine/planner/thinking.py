"""A new piece thought through first: a planner decides what is left open and writes codes to follow."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.models import Models
from engine.planner.blueprint import from_yaml
from engine.planner.draw import Sampling
from engine.planner.limits import CODES_PER_SECOND, SECONDS_LO
from engine.planner.slot import PlannerSlot
from engine.planner.tasks import Planned, PlanTask, perform
from engine.tasks.values import Prompt, Text2MusicTask
from engine.vae_chunks import OnStep


@dataclass(frozen=True, slots=True)
class Thought:
    """How to think. folder: the planner's; blueprint: YAML of what is decided; seconds: exact length of the
    piece, which the task rounds up to latent frames; keep: the planner stays.
    """

    folder: str
    blueprint: str
    seconds: float
    sampling: Sampling
    keep: bool = False


def think_through(
    models: Models, slot: PlannerSlot, work: tuple[Text2MusicTask, Thought], on_step: OnStep
) -> tuple[Text2MusicTask, Planned]:
    """The task with the plan in it, and the plan; work: task, how. Raises TaskError, what on_step raises.

    A planner writes no fewer than 10 s of codes; of a shorter piece's they are the first int(5 * seconds).
    """
    task, how = work
    asked = PlanTask(
        folder=how.folder,
        mode="plan",
        caption=task.prompt.caption,
        lyrics=task.prompt.lyrics,
        blueprint=how.blueprint,
        sampling=how.sampling,
        seconds=max(how.seconds, float(SECONDS_LO)),
        keep=how.keep,
    )
    planned = perform(models, slot, asked, on_step)
    planned = replace(planned, codes=planned.codes[: int(CODES_PER_SECOND * how.seconds)])
    texts = from_yaml(planned.blueprint).texts
    return replace(task, prompt=told(task.prompt, texts), codes=planned.codes), planned


def told(prompt: Prompt, texts: Mapping[str, str]) -> Prompt:
    """The prompt with what a plan decided where it said nothing; tempo and length stay the grid's."""
    return replace(
        prompt,
        keyscale=prompt.keyscale or texts.get("keyscale", ""),
        timesignature=prompt.timesignature or texts.get("timesignature", ""),
        language=prompt.language if prompt.lyrics else texts.get("language", prompt.language),
    )
