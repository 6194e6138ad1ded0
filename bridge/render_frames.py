"""A render on its way between the daemon and the engine's process: plain values and audio.

Both ends of the pipe use it; it imports torch only where a task is done.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from bridge.align_frames import alignment_values
from bridge.pipe import Array, Frame

DSP = "dsp-extract"
"""The kind of frame that asks for no model."""
OnStep = Callable[[str, int, int], None]


def perform_render(models: Any, slot: Any, frame: Frame, on_step: OnStep) -> Frame:
    """Does a task that gives audio, and tells of it. Raises TaskError, Cancelled.

    A planner that is to judge stays until then, and goes however the render ends.
    """
    judge = frame.values.get("judge")
    try:
        return render_frame(models, slot, frame, on_step)
    finally:
        if judge and not judge["keep"]:
            slot.release()


def render_frame(models: Any, slot: Any, frame: Frame, on_step: OnStep) -> Frame:
    """Thinks, renders and listens, as far as the frame asks for it."""
    from engine.tasks import render

    task = build_task(frame.values, frame.arrays)
    values: dict[str, Any] = {}
    if "think" in frame.values:
        task, values["plan"] = think(models, slot, (task, frame.values["think"]), on_step)
    rendered = render(models, task, on_step)
    seconds = {**values.get("plan", {}).pop("seconds", {}), **rendered.seconds}
    values |= {"start": rendered.start, "seconds": seconds}
    if rendered.latents:
        values |= hear(models, slot, (task, rendered, frame.values.get("judge")), on_step)
        seconds["listen"] = values.pop("listen_s")
    return Frame("rendered", frame.job, values, {"audio": rendered.audio})


def hear(models: Any, slot: Any, work: tuple[Any, Any, Any], on_step: OnStep) -> dict[str, Any]:
    """What is known of the takes; work: task, render, and the planner that is to judge them, if any.

    A planner that happens to be in memory is asked too; only one that was asked for counts in the ranking.
    """
    from engine.listening import fit_takes, hear_takes

    task, rendered, judge = work
    began = time.monotonic()
    takes, why = hear_takes(models, task, rendered, on_step)
    planner = slot.take(judge["folder"], models.device) if judge else slot.planner
    if planner is not None:
        takes = fit_takes(models, planner, (task, rendered, takes), on_step)
    told = [
        {
            "seed": take.seed,
            "alignment": None if take.alignment is None else alignment_values(take.alignment),
            "fit": dict(take.fit),
        }
        for take in takes
    ]
    return {"takes": told, "judged": bool(judge), "untold": why, "listen_s": time.monotonic() - began}


def think(
    models: Any, slot: Any, work: tuple[Any, Mapping[str, Any]], on_step: OnStep
) -> tuple[Any, dict[str, Any]]:
    """A new piece's task with its plan in it, and the plan; work: the task, and how to think."""
    from engine.planner.draw import Sampling
    from engine.planner.thinking import Thought, think_through

    task, how = work
    sampling = Sampling(seed=how["seed"])
    thought = Thought(how["folder"], how["blueprint"], how["seconds"], sampling, how["keep"])
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


def perform_dsp(models: Any, slot: Any, frame: Frame, on_step: OnStep) -> Frame:
    """Takes stems out by signal processing, without a model. Raises TaskError, Cancelled."""
    from engine.dsp_stems import DspExtractTask, part_mix

    task, began = frame.values["task"], time.monotonic()
    wanted = DspExtractTask(frame.arrays["audio"], task["lo"], task["hi"], tuple(task["stems"]))
    made = part_mix(wanted, on_step)
    values = {"start": 0, "seconds": {"part": time.monotonic() - began}}
    return Frame("rendered", frame.job, values, {"audio": made})
