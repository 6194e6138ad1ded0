"""The way of a repaint: each region in a window of its own, one pass of the engine for each."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bridge.delivery import Delivered, Place
from bridge.grid import Grid, build_grid, phases
from bridge.journey import (
    Journey,
    Order,
    Route,
    Setting,
    find_source,
    seconds_text,
    seeds_text,
    text_of,
    words,
)
from bridge.pipe import Frame
from bridge.plan import Region, RepaintPlan, model_window, plan_repaint
from bridge.repaint_delivery import Painted, deliver_regions, full_span
from bridge.sources import SourceFormat, read_format
from bridge.splice import RenderedSpan
from protocol.errors import ProtocolError
from protocol.messages import Repaint
from protocol.replies import RepaintDone


def plan_repaint_job(setting: Setting, order: Order) -> Route:
    """Raises ProtocolError for whatever can be known to be wrong before it is tried."""
    request, project = order.request, order.project
    if request.takes > 1 and request.deliver == "full":
        text = f"takes={request.takes} with deliver=full: a full file holds one take; ask for take or both"
        raise ProtocolError("out-of-range", text, "takes")
    grid = build_grid(project.tempo, project.meter, project.sample_rate)
    source = read_format(find_source(setting, request.source))
    first = project.source_start if request.source_start is None else request.source_start
    region = Region(request.start, request.end, first, request.outpaint)
    plan = plan_repaint(source, grid, region, setting.rule, request.fade_ms)
    more = tuple(
        plan_further(source, grid, (replace(region, start=one.start, end=one.end), index), (setting, request))
        for index, one in enumerate(request.more)
    )
    check_apart((plan, *more))
    return Route(order, grid, plan, source, more=more)


def plan_further(
    source: SourceFormat, grid: Grid, place: tuple[Region, int], given: tuple[Setting, Repaint]
) -> RepaintPlan:
    """The plan of more[index]; place: region, index. Raises ProtocolError that blames `more`."""
    region, index = place
    try:
        return plan_repaint(source, grid, region, given[0].rule, given[1].fade_ms)
    except ProtocolError as error:
        raise ProtocolError(error.code, f"more[{index}]: {error.text}", "more") from error


def check_apart(plans: tuple[RepaintPlan, ...]) -> None:
    """Raises ProtocolError when two regions overlap: neither would know of the other."""
    ordered = sorted(plans, key=lambda plan: plan.lo)
    for one, other in pairwise(ordered):
        if other.lo < one.hi:
            text = f"more: samples {other.lo}..{other.hi} and {one.lo}..{one.hi} of the source overlap"
            raise ProtocolError("out-of-range", text, "more")


def plans_of(route: Route) -> tuple[RepaintPlan, ...]:
    """Every region's plan, the request's own first."""
    return (route.plan, *route.more)


def repaint_task(job_id: str, route: Route, index: int) -> Frame:
    """The frame for the engine process, with the window's audio. Raises ProtocolError."""
    plan = plans_of(route)[index]
    assert route.source is not None
    arrays = {
        "audio": model_window(route.source, plan),  # (2, model_samples)
        "grid": phases(route.grid, plan.window_start_s, plan.frames),  # (frames, 2)
    }
    values = {"kind": "repaint", "task": {"lo": plan.task_lo, "hi": plan.task_hi}}
    return Frame("render", job_id, values | words(said_of(route, index), plan.model_samples), arrays)


def said_of(route: Route, index: int) -> Route:
    """The route as if the region were its only one: its plan, and its own words where it has some."""
    if index == 0:
        return route
    further = route.order.request.more[index - 1]
    own = {"caption": further.caption, "lyrics": further.lyrics}
    said = {name: text for name, text in own.items() if text is not None}
    request = replace(route.order.request, **said)
    return replace(route, order=replace(route.order, request=request), plan=route.more[index - 1])


def keep_region(route: Route, index: int, rendered: Frame, folder: Path) -> None:
    """Puts down what was rendered for a region, (takes, 2, n), until all are there."""
    folder.mkdir(parents=True, exist_ok=True)
    audio = rendered.arrays["audio"]
    takes = audio[None] if audio.ndim == 2 else audio
    np.savez(folder / f"{index}.npz", takes=takes, start=rendered.values["start"])


def deliver_repaint_job(route: Route, rendered: Frame, place: Place, origin: Mapping[str, Any]) -> Delivered:
    """Writes the takes and the full song. Raises ProtocolError, OSError."""
    assert route.source is not None
    regions = [take_up(plan, place.folder / f"{index}.npz") for index, plan in enumerate(plans_of(route))]
    return deliver_regions(route.source, regions, place, origin)


def take_up(plan: RepaintPlan, path: Path) -> Painted:
    """A region as `keep_region` put it down; the file goes."""
    with np.load(path) as kept:
        takes, start = kept["takes"], int(kept["start"])
    path.unlink()
    return Painted(plan, [RenderedSpan(take, start) for take in takes])


def repaint_reply(route: Route, made: Delivered, model: str, seconds: Mapping[str, Any]) -> RepaintDone:
    """What the client is told; paths as they are in `made`."""
    plan, request = route.plan, route.order.request
    assert route.source is not None
    first = full_span(route.source, plans_of(route))[0]
    takes = () if made.take is None else (str(made.take), *map(str, made.more))
    seeds = seeds_text(route.order.seed, request.takes)
    return RepaintDone(
        request_id=request.request_id,
        take=text_of(made.take),
        takes=takes,
        seeds=seeds * (1 + len(route.more)) if takes else (),
        full=text_of(made.full),
        full_start=plan.source_start + first,
        sidecar=str(made.sidecar),
        start_sample=plan.project_lo,
        end_sample=plan.project_lo + plan.hi - plan.lo,
        start_bar=plan.start_bars,
        end_bar=plan.end_bars,
        fade_samples=max(made.left.samples, made.right.samples),
        sample_rate=plan.rate,
        seed=str(route.order.seed),
        model=model,
        regions=regions_text(route),
        seconds=seconds_text(seconds),
        warnings=made.warnings,
    )


def regions_text(route: Route) -> str:
    """Every region as JSON, in the order of the takes."""
    told = [
        {
            "start_sample": plan.project_lo,
            "end_sample": plan.project_lo + plan.hi - plan.lo,
            "start_bar": plan.start_bars,
            "end_bar": plan.end_bars,
            "takes": route.order.request.takes,
        }
        for plan in plans_of(route)
    ]
    return msgspec.json.encode(told).decode()


REPAINT_JOURNEYS: dict[type, Journey] = {
    Repaint: Journey(
        plan_repaint_job,
        repaint_task,
        deliver_repaint_job,
        repaint_reply,
        passes=lambda route: len(plans_of(route)),
        keep=keep_region,
    )
}
