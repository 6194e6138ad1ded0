"""The way of a job, message -> plan -> task -> audio -> files -> reply, one function per step and kind.

Runs in threads, blocks on files. Knows the grid, the plan and the delivery; knows no sockets, journal or
processes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from bridge.delivery import Delivered, Place, Which, bars_label, deliver_new, deliver_repaint
from bridge.encode import NewForm
from bridge.folders import allowed_file, allowed_folder
from bridge.grid import Grid, build_grid, end_of, phases
from bridge.pipe import Array, Frame
from bridge.plan import ContextRule, NewPlan, Region, RepaintPlan, model_window, plan_new, plan_repaint
from bridge.sources import SourceFormat, read_format
from bridge.splice import RenderedSpan
from bridge.uploads import UPLOAD, uploaded_file
from protocol.errors import ProtocolError
from protocol.json_text import encode_request
from protocol.limits import GENERATE_S
from protocol.messages import Generate, Project, Repaint
from protocol.replies import GenerateDone, RepaintDone

SIGNATURES = {"2/4": "2", "3/4": "3", "4/4": "4", "6/8": "6"}
"""Time signatures that ACE-Step has a word for; others are left to the grid."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a journey needs to know of the daemon."""

    roots: tuple[Path, ...]
    uploads: Path
    takes: Path
    """Where files lie that the client gave no folder for."""
    model: str
    rule: ContextRule
    cannot: Mapping[str, str] = field(default_factory=dict)
    """The engine's tasks that this model was not made for, each with the reason and the way out."""
    planners: tuple[Path, ...] = ()
    """Folders in which planners are looked for."""


@dataclass(frozen=True, slots=True)
class Order:
    """One job as its client gave it."""

    request: Any
    """Repaint | Generate"""
    project: Project
    seed: int


@dataclass(frozen=True, slots=True)
class Route:
    """An order, planned. source, reference (audio whose timbre is wanted): None when there is none."""

    order: Order
    grid: Grid
    plan: Any
    source: SourceFormat | None = None
    reference: SourceFormat | None = None


def one_pass(route: Route) -> int:
    """The whole job at once."""
    return 1


def keep_nothing(route: Route, index: int, rendered: Frame, folder: Path) -> None:
    """For jobs of one pass: `deliver` gets what it made."""


@dataclass(frozen=True, slots=True)
class Journey:
    """The steps that differ between kinds of jobs."""

    plan: Callable[[Setting, Order], Route]
    task: Callable[[str, Route, int], Frame]
    """The frame of one pass, counted from 0."""
    deliver: Callable[[Route, Frame, Place, Mapping[str, Any]], Delivered]
    reply: Callable[[Route, Delivered, str, Mapping[str, Any]], Any]
    passes: Callable[[Route], int] = one_pass
    """How many turns of the engine it takes."""
    keep: Callable[[Route, int, Frame, Path], None] = keep_nothing
    """Puts what a pass made into a folder of the job's own; `deliver` gets the last pass alone."""


# --- before the engine


def choose_seed(request: Any) -> int:
    """The seed the client gave, or one that follows from its id: the same at every start."""
    return (
        request.seed
        if request.seed >= 0
        else int.from_bytes(sha256(request.request_id.encode()).digest()[:4])
    )


def folder_of(setting: Setting, request: Any) -> Path:
    """Where its files will lie. Raises ProtocolError."""
    return allowed_folder(request.out, setting.roots) if request.out else setting.takes


def find_source(setting: Setting, source: str) -> Path:
    """The file behind a `source` field. Raises ProtocolError."""
    if source.startswith(UPLOAD):
        return uploaded_file(setting.uploads, source)
    return allowed_file(source, setting.roots)


def plan_repaint_job(setting: Setting, order: Order) -> Route:
    """Raises ProtocolError for whatever can be known to be wrong before it is tried."""
    request, project = order.request, order.project
    grid = build_grid(project.tempo, project.meter, project.sample_rate)
    source = read_format(find_source(setting, request.source))
    first = project.source_start if request.source_start is None else request.source_start
    region = Region(request.start, request.end, first)
    return Route(order, grid, plan_repaint(source, grid, region, setting.rule, request.fade_ms), source)


def plan_generate_job(setting: Setting, order: Order) -> Route:
    """Raises ProtocolError for whatever can be known to be wrong before it is tried."""
    request, project = order.request, order.project
    grid = build_grid(project.tempo, project.meter, project.sample_rate)
    rate = request.sample_rate or project.sample_rate
    end = request.end if request.end is not None else end_of(grid, request.start, request.length)
    plan = plan_new(grid, request.start, end, rate)
    longest = min(Fraction(GENERATE_S.value), setting.rule.max_window_s)
    if Fraction(plan.samples, rate) > longest:
        text = f"{plan.samples / rate:.2f} s are longer than the {float(longest):.0f} s this model can make"
        raise ProtocolError("too-long", text, "end" if request.end is not None else "length")
    return Route(order, grid, plan)


def repaint_task(job_id: str, route: Route, index: int) -> Frame:
    """The frame for the engine process, with the window's audio. Raises ProtocolError."""
    plan: RepaintPlan = route.plan
    assert route.source is not None
    arrays = {
        "audio": model_window(route.source, plan),  # (2, model_samples)
        "grid": phases(route.grid, plan.window_start_s, plan.frames),  # (frames, 2)
    }
    values = {"kind": "repaint", "task": {"lo": plan.task_lo, "hi": plan.task_hi}}
    return Frame("render", job_id, values | words(route, plan.model_samples), arrays)


def generate_task(job_id: str, route: Route, index: int) -> Frame:
    """The frame for the engine process."""
    plan: NewPlan = route.plan
    arrays: dict[str, Array] = {"grid": phases(route.grid, plan.start_s, plan.frames)}
    values = {"kind": "text2music", "task": {"samples": plan.model_samples}}
    return Frame("render", job_id, values | words(route, plan.model_samples), arrays)


def words(route: Route, samples: int) -> dict[str, Any]:
    """Prompt and settings, as the engine's own fields; samples: of the window at 48 kHz."""
    request, plan = route.order.request, route.plan
    prompt = {
        "caption": request.caption,
        "lyrics": getattr(request, "lyrics", ""),
        "language": getattr(request, "language", "en"),
        "bpm": plan.bpm,
        "keyscale": getattr(request, "key", "") or route.order.project.key,
        "timesignature": SIGNATURES.get(plan.meter, ""),
        "duration_s": samples / 48_000,
    }
    settings = {
        "seed": route.order.seed,
        "steps": request.steps or None,
        "guidance": float(request.guidance) or None,
        "strength": float(getattr(request, "strength", 1)),
    }
    return {"prompt": prompt, "settings": settings}


# --- after the engine


def place_of(route: Route, folder: Path, when: float) -> Place:
    """Where the delivery writes. when: unix seconds."""
    request = route.order.request
    stem = route.source.path.stem if route.source is not None else route.order.project.name
    which: Which = getattr(request, "deliver", "take")
    return Place(folder, stem, request.request_id, datetime.fromtimestamp(when), which)


def provenance(route: Route, rendered: Frame, model: Mapping[str, Any]) -> dict[str, Any]:
    """What makes the result again, as JSON values."""
    order = route.order
    return {
        "request": msgspec.json.decode(encode_request(order.request)),
        "project": msgspec.json.decode(encode_request(order.project)),
        "seed": order.seed,
        "model": dict(model),
        "seconds": rendered.values["seconds"],
    }


def deliver_repaint_job(route: Route, rendered: Frame, place: Place, origin: Mapping[str, Any]) -> Delivered:
    """Writes the take and the full song. Raises ProtocolError, OSError."""
    assert route.source is not None
    span = RenderedSpan(rendered.arrays["audio"], rendered.values["start"])
    return deliver_repaint(route.source, route.plan, span, place, origin)


def deliver_generate_job(route: Route, rendered: Frame, place: Place, origin: Mapping[str, Any]) -> Delivered:
    """Writes the new song. Raises ProtocolError, OSError."""
    plan: NewPlan = route.plan
    request: Generate = route.order.request
    bars = bars_label(plan.start_bars, plan.end_bars)
    form = NewForm(plan.rate, plan.samples, request.container, request.bit_depth, plan.project_lo, bars)
    return deliver_new(rendered.arrays["audio"], form, place, origin)


def repaint_reply(route: Route, made: Delivered, model: str, seconds: Mapping[str, Any]) -> RepaintDone:
    """What the client is told; paths as they are in `made`."""
    plan: RepaintPlan = route.plan
    return RepaintDone(
        request_id=route.order.request.request_id,
        take=text_of(made.take),
        full=text_of(made.full),
        sidecar=str(made.sidecar),
        start_sample=plan.project_lo,
        end_sample=plan.project_lo + plan.hi - plan.lo,
        start_bar=plan.start_bars,
        end_bar=plan.end_bars,
        fade_samples=max(made.left.samples, made.right.samples),
        sample_rate=plan.rate,
        seed=str(route.order.seed),
        model=model,
        seconds=seconds_text(seconds),
        warnings=made.warnings,
    )


def generate_reply(route: Route, made: Delivered, model: str, seconds: Mapping[str, Any]) -> GenerateDone:
    """What the client is told; paths as they are in `made`."""
    plan: NewPlan = route.plan
    return GenerateDone(
        request_id=route.order.request.request_id,
        take=text_of(made.take),
        sidecar=str(made.sidecar),
        start_sample=plan.project_lo,
        end_sample=plan.project_lo + plan.samples,
        start_bar=plan.start_bars,
        end_bar=plan.end_bars,
        sample_rate=plan.rate,
        seed=str(route.order.seed),
        model=model,
        seconds=seconds_text(seconds),
        warnings=made.warnings,
    )


def text_of(path: Path | None) -> str:
    """A path as text, empty for none."""
    return "" if path is None else str(path)


def seconds_text(seconds: Mapping[str, Any]) -> str:
    """Times by stage as JSON, to the millisecond."""
    return msgspec.json.encode({stage: round(float(spent), 3) for stage, spent in seconds.items()}).decode()


JOURNEYS: dict[type, Journey] = {
    Repaint: Journey(plan_repaint_job, repaint_task, deliver_repaint_job, repaint_reply),
    Generate: Journey(plan_generate_job, generate_task, deliver_generate_job, generate_reply),
}
