"""Puts a look at the grid between the engine and the delivery of a job, whatever the kind of job.

Several regions and takes are each measured for themselves. A source that is itself not on the grid is
followed, not corrected: nothing is moved then.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.align_frames import shifted_lines
from bridge.conform import Conformed, ConformReport, Zone, conform, is_off_grid, unsure
from bridge.delivery import Delivered, Place
from bridge.grid import Grid
from bridge.journey import Journey, Route, keep_nothing
from bridge.pipe import Frame
from bridge.sources import MODEL_RATE, SourceFormat, read_span, to_model_audio
from engine.timewarp import Warp, wanted_at

Spot = Callable[[Route, int], tuple[Zone, Any]]
"""Where a pass's music lies in its window (48 kHz samples), and the plan of the source's window around it
(with window_lo, window_hi and model_samples); None where there is no source.
"""


def conforming(journey: Journey, spot: Spot) -> Journey:
    """The journey with every pass's audio brought onto the grid before it is kept or delivered."""
    kept = journey.keep is not keep_nothing

    def keep(route: Route, index: int, rendered: Frame, folder: Path) -> None:
        moved, reports = conform_pass(route, index, rendered, spot)
        journey.keep(route, index, moved, folder)
        notes_path(folder, index).write_text(json.dumps(reports))

    def deliver(route: Route, rendered: Frame, place: Place, origin: Mapping[str, Any]) -> Delivered:
        if kept:
            moved, reports = rendered, take_notes(place.folder, journey.passes(route))
        else:
            moved, reports = conform_pass(route, 0, rendered, spot)
        made = journey.deliver(route, moved, place, {**origin, "conform": reports})
        warnings = dict.fromkeys(text for report in reports for text in report["warnings"])
        told = {**made.told, "conform": json.dumps([without_warnings(report) for report in reports])}
        return replace(made, warnings=(*made.warnings, *warnings), told=told)

    def reply(route: Route, made: Delivered, model: str, seconds: Mapping[str, Any]) -> Any:
        return replace(journey.reply(route, made, model, seconds), conform=made.told["conform"])

    return replace(journey, deliver=deliver, reply=reply, keep=keep if kept else keep_nothing)


def conform_pass(route: Route, index: int, rendered: Frame, spot: Spot) -> tuple[Frame, list[dict[str, Any]]]:
    """One pass's audio on the grid, (2, n) or (takes, 2, n) as it came, and a report of each take."""
    audio = rendered.arrays["audio"]
    takes = audio[None] if audio.ndim == 2 else audio
    done = [conform_take(route, index, (take, rendered.values.get("start", 0)), spot) for take in takes]
    moved = np.stack([each.audio for each in done]).reshape(audio.shape)
    reports = [
        {
            "region": index + 1,
            "take": take + 1,
            **each.report.values(),
            "warnings": list(each.report.warnings),
        }
        for take, each in enumerate(done)
    ]
    values = with_warped_lines(rendered.values, [each.warp for each in done])
    return replace(rendered, values=values, arrays={**rendered.arrays, "audio": moved}), reports


def with_warped_lines(values: Mapping[str, Any], warps: list[Warp | None]) -> Mapping[str, Any]:
    """A frame's values with the times of each take's lyrics moved as its audio was."""
    if "takes" not in values:
        return values
    start = values.get("start", 0)
    takes = []
    for take, warp in zip(values["takes"], warps, strict=True):
        found = take["alignment"]
        if found is None or warp is None:
            takes.append(take)
            continue
        lines = shifted_lines(found["lines"], partial(sample_after, warp, start))
        takes.append({**take, "alignment": {**found, "lines": lines}})
    return {**values, "takes": takes}


def sample_after(warp: Warp, start: int, at: int) -> int:
    """Where the window's sample `at` sounds when audio that begins at `start` was moved."""
    return start + round(float(wanted_at(warp, np.array((at - start) / MODEL_RATE))) * MODEL_RATE)


def conform_take(route: Route, index: int, sound: tuple[NDArray[np.float32], int], spot: Spot) -> Conformed:
    """One take on the grid; sound: audio (2, n) and the window's sample at which it begins."""
    audio, start = sound
    mode = route.order.request.conform
    zone, window = spot(route, index)
    if mode == "auto" and window is not None and source_is_off(route, window, zone.start_s):
        report = unsure(ConformReport("unsure"), "the source around it is not on the grid either")
        return Conformed(audio, report)
    heard = replace(
        zone,
        start_s=zone.start_s + Fraction(start, MODEL_RATE),
        lo=max(zone.lo - start, 0),
        hi=min(zone.hi - start, audio.shape[1]),
    )
    return conform(audio, route.grid, heard, mode)


def source_is_off(route: Route, plan: Any, start_s: Fraction) -> bool:
    """Whether the source of a plan's window, which begins at start_s, goes by a time of its own."""
    if route.source is None:
        return False
    return window_is_off(
        route.source, (plan.window_lo, plan.window_hi, plan.model_samples), route.grid, start_s
    )


@lru_cache(maxsize=64)
def window_is_off(source: SourceFormat, window: tuple[int, int, int], grid: Grid, start_s: Fraction) -> bool:
    """The same of a span of a file; window: its first and last source sample, and its length at 48 kHz.

    Remembered, since takes and tries of one region share its window; a changed file has another stamp.
    """
    lo, hi, samples = window
    return is_off_grid(to_model_audio(source, read_span(source, lo, hi), samples), grid, start_s)


def notes_path(folder: Path, index: int) -> Path:
    """Where the reports of a pass lie until all are made."""
    return folder / f"{index}.conform.json"


def take_notes(folder: Path, passes: int) -> list[dict[str, Any]]:
    """The reports of all passes; their files go."""
    reports: list[dict[str, Any]] = []
    for index in range(passes):
        reports += json.loads(notes_path(folder, index).read_text())
        notes_path(folder, index).unlink()
    return reports


def without_warnings(report: Mapping[str, Any]) -> dict[str, Any]:
    """A report without its warnings, which the reply has of its own."""
    return {name: value for name, value in report.items() if name != "warnings"}


def repaint_spot(route: Route, index: int) -> tuple[Zone, Any]:
    """A region, with other music on both sides: what moves at a seam stays inside the crossfade."""
    plan = (route.plan, *route.more)[index]
    slack_s = max(plan.fade_in, plan.fade_out) / plan.rate
    zone = Zone(plan.window_start_s, plan.task_lo, plan.task_hi, slack_s)
    return zone, plan


def generate_spot(route: Route, index: int) -> tuple[Zone, Any]:
    """A new piece: nothing around it."""
    plan = route.plan
    return Zone(plan.start_s, 0, round(Fraction(plan.samples * MODEL_RATE, plan.rate))), None


def layer_spot(route: Route, index: int) -> tuple[Zone, Any]:
    """A layer alone: it may begin and end as it likes, but belongs to its source."""
    plan, chunk = route.plan, route.plan.chunks[index]
    start_s = Fraction(chunk.window_lo + plan.source_start, plan.rate)
    return Zone(start_s, chunk.task_lo, chunk.task_hi), chunk
