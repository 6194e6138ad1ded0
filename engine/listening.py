"""What is known of takes just made: when their lyrics are sung, and how well a planner finds that they fit.

Both are read from the latents of the render itself, without a way through audio. What the scores are not:
engine/alignment/scores.py and engine/planner/score.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from engine.alignment.align import Reading, align_latents
from engine.alignment.heads import refusal_to_align
from engine.alignment.values import Alignment
from engine.alignment.words import split_lines
from engine.errors import TaskError
from engine.models import Models
from engine.tasks.hints import code_modules
from engine.tasks.takes import seeds_of
from engine.tasks.values import Prompt, Rendered, Settings
from engine.tasks.window import zone_frames
from engine.vae_chunks import OnStep

if TYPE_CHECKING:
    from engine.planner.model import Planner

VOICES = {"vocals", "backing_vocals"}


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of one take. alignment: None where nothing is sung, or nobody can tell when.
    fit: "total" and its parts, each 0..1, in a planner's eyes; none without one.
    """

    seed: int
    alignment: Alignment | None = None
    fit: Mapping[str, float] = field(default_factory=dict)


@torch.no_grad()
def hear_takes(models: Models, task: Any, rendered: Rendered, on_step: OnStep) -> tuple[list[Heard], str]:
    """Every take of a render, and why its lyrics have no times: "" where they have, or where there are none.

    Raises what on_step raises.
    """
    seeds = seeds_of(task.settings)
    takes = [Heard(seed) for seed in seeds]
    if all(line.is_tag for line in split_lines(task.prompt.lyrics)):
        return takes, ""
    if why := refusal_to_align(models.config):
        return takes, why
    span, heard = zone_of(models, task), sung_latents(task, rendered)
    for index, (take, latents) in enumerate(zip(takes, heard, strict=True)):
        on_step("listen", index, len(takes))
        reading = Reading(task.prompt, Settings(take.seed), task.grid)
        try:
            takes[index] = replace(take, alignment=align_latents(models, latents, span, reading))
        except TaskError as error:  # lyrics of which the model reads nothing
            return takes, error.text
    on_step("listen", len(takes), len(takes))
    return takes, ""


def zone_of(models: Models, task: Any) -> tuple[int, int]:
    """Frames (first, stop) of a task's window that are wanted."""
    hop = models.vae.hop
    if hasattr(task, "samples"):
        return 0, -(-task.samples // hop)
    return zone_frames(task.lo, task.hi, hop)


def sung_latents(task: Any, rendered: Rendered) -> tuple[Tensor, ...]:
    """Where the words are sung: in what was made, or, when that has no voice, in the source beside it."""
    stems = set(getattr(task, "stems", ()) or filter(None, [getattr(task, "stem", "")]))
    return (rendered.source,) if stems and not stems & VOICES else rendered.latents


@torch.no_grad()
def fit_takes(
    models: Models, planner: "Planner", work: tuple[Any, Rendered, list[Heard]], on_step: OnStep
) -> list[Heard]:
    """Takes with a planner's score of their codes; work: task, render, takes. Raises what on_step raises.

    Without an audio tokenizer there are no codes, and the takes stay as they are.
    """
    from engine.planner.score import score_codes

    task, rendered, takes = work
    try:
        tokenizer, _ = code_modules(models)
    except TaskError:
        return takes
    first, stop = zone_of(models, task)
    blueprint = blueprint_of(task.prompt)
    judged = []
    for index, (take, latents) in enumerate(zip(takes, rendered.latents, strict=True)):
        on_step("judge", index, len(takes))
        zone = latents[:, first:stop].to(models.dtype)
        _, codes = tokenizer(zone, models.silence(tokenizer.window))
        score = score_codes(planner, [int(code) for code in codes[0, :, 0]], blueprint)
        judged.append(replace(take, fit={"total": score.total, **score.parts}))
    on_step("judge", len(takes), len(takes))
    return judged


def blueprint_of(prompt: Prompt) -> Any:
    """A prompt as a planner's blueprint; what a blueprint has no word for is left out."""
    from engine.planner.blueprint import Blueprint, build_blueprint

    fields = {
        "bpm": "" if prompt.bpm is None else str(round(prompt.bpm)),
        "caption": prompt.caption,
        "duration": str(int(prompt.duration_s)),
        "keyscale": prompt.keyscale,
        "language": prompt.language if prompt.lyrics else "",
        "timesignature": prompt.timesignature,
        "lyrics": prompt.lyrics,
    }
    made = Blueprint()
    for name, text in fields.items():
        try:
            made = replace(made, **{name: getattr(build_blueprint({name: text}), name)})
        except TaskError:
            continue
    return made
