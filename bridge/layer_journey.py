"""The way of jobs that take a source apart, add to it or make it anew: extract, lego, complete, cover."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from bridge.delivery import Delivered, Place
from bridge.grid import build_grid, phases
from bridge.journey import Journey, Order, Route, Setting, find_source, seconds_text, text_of, words
from bridge.layer_delivery import REMAINDER, StemForm, deliver_layer, deliver_stems, depth_of
from bridge.layer_plan import Chunk, LayerPlan, one_window, plan_windows, region_of
from bridge.pipe import Array, Frame
from bridge.plan import plan_repaint
from bridge.reference import read_reference, reference_arrays
from bridge.render_frames import DSP
from bridge.sources import (
    check_unchanged,
    read_context,
    read_format,
    read_span,
    to_float,
    to_model_audio,
)
from bridge.splice import RenderedSpan, at_source_rate
from bridge.stem_store import add_chunk
from engine.dsp_stems import check_dsp_stems
from engine.errors import TaskError
from engine.masks import part_source, with_rivals
from protocol.errors import ProtocolError
from protocol.layers import (
    Complete,
    CompleteDone,
    Extract,
    ExtractDone,
    Lego,
    LegoDone,
    Vocal2Bgm,
    Vocal2BgmDone,
)
from protocol.tasks import Cover, CoverDone

KINDS: dict[type, str] = {
    Extract: "extract",
    Lego: "lego",
    Complete: "complete",
    Vocal2Bgm: "complete",
    Cover: "cover",
}
"""The engine's task behind each request: there is none for a backing but complete."""
REPLIES: dict[type, Any] = {
    Lego: LegoDone,
    Complete: CompleteDone,
    Vocal2Bgm: Vocal2BgmDone,
    Cover: CoverDone,
}
MASKED = "masked"
REMAINING = ("masked", "dsp")
BY_DSP = (
    "mode=dsp: parted by signal processing (what strikes, and what sounds on below 200 Hz), not by a model"
)


# --- before the engine


def plan_layer_job(setting: Setting, order: Order) -> Route:
    """Raises ProtocolError for whatever can be known to be wrong before it is tried."""
    request, project = order.request, order.project
    check_able(setting, request)
    grid = build_grid(project.tempo, project.meter, project.sample_rate)
    source = read_format(find_source(setting, request.source))
    first = project.source_start if request.source_start is None else request.source_start
    region = region_of(request, first, source, grid)
    if isinstance(request, Extract):
        windows = plan_windows(source, grid, region, setting.rule)
        return Route(order, grid, windows, source, mask=setting.mask)
    plan = one_window(plan_repaint(source, grid, region, setting.rule, request.fade_ms))
    return Route(order, grid, plan, source, read_reference(setting, getattr(request, "reference", "")))


def check_able(setting: Setting, request: Any) -> None:
    """Raises ProtocolError when the model, or signal processing in its place, cannot do this."""
    kind = KINDS[type(request)]
    if is_dsp(request):
        try:
            check_dsp_stems(request.stems)
        except TaskError as error:
            raise ProtocolError(error.code, error.text, "stems") from error
    elif kind in setting.cannot:
        cure = "; or mode=dsp takes drums and bass out without a model" if kind == "extract" else ""
        raise ProtocolError("no-task", setting.cannot[kind] + cure)


def is_dsp(request: Any) -> bool:
    """Whether stems are to be taken out without the model."""
    return getattr(request, "mode", "") == "dsp"


def layer_task(job_id: str, route: Route, index: int) -> Frame:
    """The frame for the engine process, with a window's audio. Raises ProtocolError."""
    plan: LayerPlan = route.plan
    chunk, request = plan.chunks[index], route.order.request
    assert route.source is not None
    check_unchanged(route.source)
    heard = read_context(route.source, chunk.window_lo, chunk.window_hi, chunk.tile)
    arrays: dict[str, Array] = {
        "audio": to_model_audio(route.source, heard, chunk.model_samples),  # (2, model_samples)
        "grid": phases(route.grid, Fraction(chunk.window_lo + plan.source_start, plan.rate), chunk.frames),
    }
    arrays |= reference_arrays(route.reference)
    task = {"lo": chunk.task_lo, "hi": chunk.task_hi, **own_fields(request), **mask_fields(route)}
    values = {"kind": DSP if is_dsp(request) else KINDS[type(request)], "task": task}
    return Frame("render", job_id, values | words(route, chunk.model_samples), arrays)


def own_fields(request: Any) -> dict[str, Any]:
    """What only this kind of task has."""
    return {name: getattr(request, name) for name in ("stem", "stems", "raw") if hasattr(request, name)}


def mask_fields(route: Route) -> dict[str, Any]:
    """What the engine is told of stems that are to become masks: nothing where they are not."""
    request = route.order.request
    if getattr(request, "mode", "") != MASKED:
        return {}
    return {"stems": with_rivals(request.stems, route.mask), "for_mask": True}


# --- after the engine


def keep_stems(route: Route, index: int, rendered: Frame, folder: Path) -> None:
    """Adds one window's stems to those of the windows before."""
    plan: LayerPlan = route.plan
    chunk, source = plan.chunks[index], route.source
    assert source is not None
    made = rendered.arrays["audio"]  # (k, 2, n)
    width = min(source.channels, 2)
    spans = [RenderedSpan(stem, rendered.values["start"]) for stem in made]
    stems = np.stack([part_of_window(chunk, span, width) for span in spans])
    if not np.isfinite(stems).all():
        raise ValueError("rendered audio holds values that are not finite")
    if route.order.request.mode == MASKED:
        heard = to_float(read_span(source, chunk.lo, chunk.hi))[:, :width]
        stems = part_source(heard, stems, route.mask, source.rate, len(route.order.request.stems))
    add_chunk(folder, plan, chunk, stems)


def part_of_window(chunk: Chunk, span: RenderedSpan, channels: int) -> Any:
    """The chunk's own part at the source's rate, (hi - lo, channels)."""
    first = chunk.lo - chunk.window_lo
    return at_source_rate(chunk, span, channels)[first : first + chunk.hi - chunk.lo]


def deliver_extract_job(route: Route, rendered: Frame, place: Place, origin: Mapping[str, Any]) -> Delivered:
    """Writes every stem. Raises ProtocolError, OSError."""
    request: Extract = route.order.request
    assert route.source is not None
    form = StemForm(request.stems, depth_of(route.source, request.bit_depth), has_remainder(request))
    how: dict[str, Any] = {"mode": request.mode}
    if request.mode == MASKED:
        how["mask"] = asdict(route.mask)
    made = deliver_stems(route.source, route.plan, form, place, {**origin, **how})
    return replace(made, warnings=(*made.warnings, BY_DSP)) if is_dsp(request) else made


def has_remainder(request: Extract) -> bool:
    """Whether the files add up to the source."""
    return request.mode in REMAINING


def deliver_layer_job(route: Route, rendered: Frame, place: Place, origin: Mapping[str, Any]) -> Delivered:
    """Writes the layer, the mix with it, or both. Raises ProtocolError, OSError."""
    request = route.order.request
    assert route.source is not None
    span = RenderedSpan(rendered.arrays["audio"], rendered.values["start"])
    how = (depth_of(route.source, request.bit_depth), float(request.fade_ms), place)
    return deliver_layer(route.source, route.plan, span, how, origin)


def reply_fields(route: Route, made: Delivered, model: str, seconds: Mapping[str, Any]) -> dict[str, Any]:
    """What every one of these replies tells; paths as they are in `made`."""
    plan: LayerPlan = route.plan
    return {
        "request_id": route.order.request.request_id,
        "sidecar": str(made.sidecar),
        "start_sample": plan.project_lo,
        "end_sample": plan.project_lo + plan.hi - plan.lo,
        "start_bar": plan.start_bars,
        "end_bar": plan.end_bars,
        "sample_rate": plan.rate,
        "seed": str(route.order.seed),
        "model": model,
        "seconds": seconds_text(seconds),
        "warnings": made.warnings,
    }


def extract_reply(route: Route, made: Delivered, model: str, seconds: Mapping[str, Any]) -> ExtractDone:
    """What the client is told of stems."""
    request: Extract = route.order.request
    names = (*request.stems, REMAINDER) if has_remainder(request) else request.stems
    takes = tuple(map(str, made.more))
    told = reply_fields(route, made, model, seconds)
    return ExtractDone(stems=names, takes=takes, mode=request.mode, **told)


def layer_reply(route: Route, made: Delivered, model: str, seconds: Mapping[str, Any]) -> Any:
    """What the client is told of a layer."""
    request = route.order.request
    files = {"take": text_of(made.take)}
    if isinstance(request, Vocal2Bgm):
        files["full"] = text_of(made.full)
    return REPLIES[type(request)](**files, **reply_fields(route, made, model, seconds))


EXTRACT = Journey(
    plan_layer_job,
    layer_task,
    deliver_extract_job,
    extract_reply,
    passes=lambda route: len(route.plan.chunks),
    keep=keep_stems,
)
LAYER = Journey(plan_layer_job, layer_task, deliver_layer_job, layer_reply)
LAYER_JOURNEYS: dict[type, Journey] = {Extract: EXTRACT, **dict.fromkeys(REPLIES, LAYER)}
