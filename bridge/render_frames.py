"""A render on its way between the daemon and the engine's process: plain values and audio.

Both ends of the pipe use it; it imports torch only where a task is done.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bridge.pipe import Array, Frame

OnStep = Callable[[str, int, int], None]


def perform_render(models: Any, slot: Any, frame: Frame, on_step: OnStep) -> Frame:
    """Does a task that gives audio, and tells of it. Raises TaskError, Cancelled."""
    from engine.tasks import render

    task = build_task(frame.values, frame.arrays)
    values: dict[str, Any] = {}
    if "think" in frame.values:
        task, values["plan"] = think(models, slot, (task, frame.values["think"]), on_step)
    rendered = render(models, task, on_step)
    seconds = {**values.get("plan", {}).pop("seconds", {}), **rendered.seconds}
    values |= {"start": rendered.start, "seconds": seconds}
    return Frame("rendered", frame.job, values, {"audio": rendered.audio})


def think(
    models: Any, slot: Any, work: tuple[Any, Mapping[str, Any]], on_step: OnStep
) -> tuple[Any, dict[str, Any]]:
    """A new piece's task with its plan in it, and the plan; work: the task, and how to think."""
    from engine.planner.draw import Sampling
    from engine.planner.thinking import Thought, think_through

    task, how = work
    thought = Thought(how["folder"], how["blueprint"], Sampling(seed=how["seed"]), how["keep"])
    task, planned = think_through(models, slot, (task, thought), on_step)
    told = {
        "blueprint": planned.blueprint,
        "codes": list(planned.codes),
        "score": dict(planned.score),
        "seconds": dict(planned.seconds),
    }
    return task, told


def build_task(values: Mapping[str, Any], arrays: Mapping[str, Array]) -> Any:
    """The engine's own task value, from the pipe's plain ones (bridge.journey writes them)."""
    from engine.alignment.align import AlignTask
    from engine.tasks import values as task_values
    from engine.tasks.values import Prompt, Settings

    kinds = {
        "repaint": task_values.RepaintTask,
        "text2music": task_values.Text2MusicTask,
        "cover": task_values.CoverTask,
        "extract": task_values.ExtractTask,
        "lego": task_values.LegoTask,
        "complete": task_values.CompleteTask,
        "align": AlignTask,
    }
    own = {name: array.copy() for name, array in arrays.items()}  # torch warns of arrays it may not write to
    prompt, settings = Prompt(**values["prompt"]), Settings(**values["settings"])
    task = values["task"].items()
    plain = {name: tuple(value) if isinstance(value, list) else value for name, value in task}
    return kinds[values["kind"]](**plain, **own, prompt=prompt, settings=settings)
