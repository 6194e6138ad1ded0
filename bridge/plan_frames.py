"""A plan on its way between the daemon and the engine's process: plain values both ways.

Both ends of the pipe use it; it imports torch only where a task is done.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bridge.pipe import Array, Frame

PLAN_KINDS = ("plan", "understand")
OnStep = Callable[[str, int, int], None]


def plan_frame(
    job: str, kind: str, task: Mapping[str, Any], arrays: Mapping[str, Array] | None = None
) -> Frame:
    """A task for the engine's process. kind: one of PLAN_KINDS; task: fields of the engine's task value."""
    return Frame("render", job, {"kind": kind, "task": dict(task)}, arrays or {})


def perform_plan(models: Any, slot: Any, frame: Frame, on_step: OnStep) -> Frame:
    """Does it, and tells of it. Raises TaskError, Cancelled."""
    from engine.planner import tasks
    from engine.planner.draw import Sampling

    task = dict(frame.values["task"])
    sampling = Sampling(seed=task.pop("seed"))
    arrays = {name: array.copy() for name, array in frame.arrays.items()}
    kinds = {"plan": tasks.PlanTask, "understand": tasks.UnderstandTask}
    made = tasks.perform(
        models, slot, kinds[frame.values["kind"]](**task, **arrays, sampling=sampling), on_step
    )
    values = {
        "blueprint": made.blueprint,
        "lyrics": made.lyrics,
        "codes": list(made.codes),
        "measured": dict(made.measured),
        "score": dict(made.score),
        "seconds": dict(made.seconds),
    }
    return Frame("rendered", frame.job, values)
