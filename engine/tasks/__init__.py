"""The engine's one door: a task value in, audio out."""

from collections.abc import Callable
from typing import Any

import torch

from engine.errors import TaskError
from engine.models import Models
from engine.tasks import repaint, text2music
from engine.tasks.values import Rendered, RepaintTask, Text2MusicTask
from engine.vae_chunks import OnStep

TASKS: dict[type, Callable[[Models, Any, OnStep], Rendered]] = {
    RepaintTask: repaint.render,
    Text2MusicTask: text2music.render,
}


def render(models: Models, task: RepaintTask | Text2MusicTask, on_step: OnStep) -> Rendered:
    """Do a task. `on_step(stage, step, of)` is called between steps and may raise Cancelled.

    Raises TaskError when the task cannot be done. The same task gives the same samples on the same machine.
    """
    if type(task) not in TASKS:
        raise TaskError("unknown-task", f"{type(task).__name__} is not a task of this engine")
    with torch.no_grad():
        return TASKS[type(task)](models, task, on_step)
