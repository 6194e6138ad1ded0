"""The engine's one door: a task value in, audio out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from engine.abilities import check_able
from engine.errors import TaskError
from engine.models import Models
from engine.schedule import plan_timesteps
from engine.tasks import complete, cover, extract, lego, repaint, text2music
from engine.tasks.values import (
    CompleteTask,
    CoverTask,
    ExtractTask,
    LegoTask,
    Rendered,
    RepaintTask,
    Task,
    Text2MusicTask,
)
from engine.vae_chunks import OnStep


@dataclass(frozen=True, slots=True)
class Room:
    """A kind of task: its name in ACE-Step's words, and what does it."""

    name: str
    render: Callable[[Models, Any, OnStep], Rendered]


TASKS: dict[type, Room] = {
    RepaintTask: Room("repaint", repaint.render),
    Text2MusicTask: Room("text2music", text2music.render),
    CoverTask: Room("cover", cover.render),
    ExtractTask: Room("extract", extract.render),
    LegoTask: Room("lego", lego.render),
    CompleteTask: Room("complete", complete.render),
}


def render(models: Models, task: Task, on_step: OnStep) -> Rendered:
    """Do a task. `on_step(stage, step, of)` is called between steps and may raise Cancelled.

    Raises TaskError when the task cannot be done. The same task gives the same samples on the same machine.
    """
    if type(task) not in TASKS:
        raise TaskError("unknown-task", f"{type(task).__name__} is not a task of this engine")
    room = TASKS[type(task)]
    check_able(models.config, models.name, room.name)
    plan_timesteps(models.config, task.settings.steps, task.settings.timestep_shift)  # before any work
    with torch.no_grad():
        return room.render(models, task, on_step)
