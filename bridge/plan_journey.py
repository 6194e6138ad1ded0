"""The way of plan and understand jobs: words or audio -> the engine's planner -> a text file and a reply."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from bridge.align_journey import NO_SEAM, AlignPlan, plan_span, region_of
from bridge.delivery import Delivered, Place, bars_label, result_stem, write_sidecar
from bridge.grid import build_grid, local_bpm, meter_at
from bridge.journey import SIGNATURES, Journey, Order, Route, Setting, find_source, seconds_text
from bridge.pipe import Array, Frame
from bridge.plan import check_length
from bridge.plan_frames import plan_frame
from bridge.publish import delivery_into
from bridge.sources import check_unchanged, read_format, read_span, to_model_audio
from bridge.thinking import planner_folder, read_blueprint
from engine.planner.blueprint import Blueprint, build_blueprint, from_yaml, to_yaml
from engine.planner.limits import BPM_HI, BPM_LO, KEYSCALES, SECONDS_LO
from protocol.errors import ProtocolError
from protocol.plan_tasks import Plan, PlanDone, Understand, UnderstandDone

BLUEPRINT = "_blueprint.yaml"
NO_LISTENER = "no planner is installed, so nobody listened: these fields are measured only"


@dataclass(frozen=True, slots=True)
class WordsPlan:
    """A plan to make. blueprint: YAML of what is decided; planner: its folder."""

    planner: str
    blueprint: str


@dataclass(frozen=True, slots=True)
class HearPlan:
    """Audio to understand. planner: folder, "" for none."""

    planner: str
    span: AlignPlan


# --- before the engine


def decided(request: Plan, order: Order) -> Blueprint:
    """What the blueprint says, and for what it leaves open the project. Raises ProtocolError."""
    given = read_blueprint(request.blueprint)
    texts = project_fields(request, order) | given.texts if request.follow_project else given.texts
    return build_blueprint({**texts, "lyrics": given.lyrics})


def project_fields(request: Plan, order: Order) -> dict[str, str]:
    """Tempo, signature and key of the project where the song begins, as far as a blueprint has words."""
    project = order.project
    grid = build_grid(project.tempo, project.meter, project.sample_rate)
    meter = meter_at(grid, request.start)
    bpm = round(local_bpm(grid, request.start))
    fields = {
        "bpm": str(bpm) if BPM_LO <= bpm <= BPM_HI else "",
        "timesignature": SIGNATURES.get(f"{meter.numerator}/{meter.denominator}", ""),
        "keyscale": project.key if project.key in KEYSCALES else "",
    }
    return {name: text for name, text in fields.items() if text}


def plan_words_job(setting: Setting, order: Order) -> Route:
    """Raises ProtocolError for whatever can be known to be wrong before it is tried."""
    request: Plan = order.request
    blueprint = decided(request, order)
    if not (request.caption.strip() or request.lyrics.strip() or blueprint.caption or blueprint.lyrics):
        raise ProtocolError(
            "missing-field", "caption, lyrics and blueprint are empty: nothing to plan", "caption"
        )
    if 0 < request.codes_seconds < SECONDS_LO:
        text = f"codes_seconds={float(request.codes_seconds):g} is neither 0 nor {SECONDS_LO}..600 s"
        raise ProtocolError("out-of-range", text, "codes_seconds")
    grid = build_grid(order.project.tempo, order.project.meter, order.project.sample_rate)
    folder = planner_folder(setting, request.planner, with_codes=request.codes_seconds > 0)
    return Route(order, grid, WordsPlan(folder, to_yaml(blueprint)))


def plan_hear_job(setting: Setting, order: Order) -> Route:
    """Raises ProtocolError for whatever can be known to be wrong before it is tried."""
    request: Any = order.request
    project = order.project
    grid = build_grid(project.tempo, project.meter, project.sample_rate)
    source = read_format(find_source(setting, request.source))
    span = plan_span(source, grid, region_of(request, order, source, grid))
    check_length(span.region[1] - span.region[0], setting.rule.max_window_s)
    folder = listener_folder(setting, request)
    return Route(order, grid, HearPlan(folder, span), source)


def listener_folder(setting: Setting, request: Understand) -> str:
    """The planner that listens, "" for none. Raises ProtocolError when one was named that is not here."""
    if not request.listen:
        return ""
    try:
        return planner_folder(setting, request.planner)
    except ProtocolError:
        if request.planner:
            raise
        return ""


def words_task(job_id: str, route: Route, index: int) -> Frame:
    """The frame for the engine process."""
    request: Plan = route.order.request
    task = {
        "folder": route.plan.planner,
        "mode": request.mode,
        "caption": request.caption,
        "lyrics": request.lyrics,
        "blueprint": route.plan.blueprint,
        "is_instrumental": request.instrumental,
        "seconds": float(request.codes_seconds),
        "keep": request.keep,
        "seed": route.order.seed,
    }
    return plan_frame(job_id, "plan", task)


def hear_task(job_id: str, route: Route, index: int) -> Frame:
    """The frame for the engine process, with the region's audio. Raises ProtocolError."""
    span: AlignPlan = route.plan.span
    assert route.source is not None
    check_unchanged(route.source)
    heard = read_span(route.source, span.lo, span.hi)
    audio: Array = to_model_audio(route.source, heard, span.model_samples)
    request: Understand = route.order.request
    task = {"folder": route.plan.planner, "keep": request.keep, "seed": route.order.seed}
    return plan_frame(job_id, "understand", task, {"audio": audio})


# --- after the engine


def deliver_words_job(route: Route, rendered: Frame, place: Place, origin: Mapping[str, Any]) -> Delivered:
    """Writes the blueprint and its sidecar, which holds the codes. Raises OSError."""
    values = rendered.values
    record = {"codes": values["codes"], "score": values["score"], "planner": planner_name(route)}
    files = {BLUEPRINT: values["blueprint"].encode()}
    told = {name: values[name] for name in ("blueprint", "codes", "score")}
    return write_texts(place, "plan", (files, record, origin), told)


def deliver_hear_job(route: Route, rendered: Frame, place: Place, origin: Mapping[str, Any]) -> Delivered:
    """Writes the sidecar. Raises OSError."""
    span: AlignPlan = route.plan.span
    values = rendered.values
    heard = fields_of(values["blueprint"])
    measured = {**values["measured"], "project_bpm": span.bpm}
    record = {
        "measured": measured,
        "listener": heard,
        "codes": values["codes"],
        "planner": planner_name(route),
    }
    label = bars_label(span.start_bars, span.end_bars)
    return write_texts(place, label, ({}, record, origin), {"measured": measured, "listener": heard})


def fields_of(blueprint: str) -> dict[str, Any]:
    """A blueprint's decided fields."""
    values = asdict(from_yaml(blueprint)) if blueprint else {}
    return {name: value for name, value in values.items() if value not in (None, "")}


def write_texts(
    place: Place,
    label: str,
    content: tuple[Mapping[str, bytes], Mapping[str, Any], Mapping[str, Any]],
    told: Mapping[str, Any],
) -> Delivered:
    """Publishes texts and their sidecar; content: texts by ending, record, provenance."""
    files, record, origin = content
    with delivery_into(place.folder) as delivery:
        parts: dict[str, Path] = {}
        for ending, text in files.items():
            parts[ending] = part = delivery.part()
            part.write_bytes(text)
        parts["_take.json"] = sidecar = delivery.part()
        write_sidecar(sidecar, record, origin, parts)
        named = delivery.publish(result_stem(place, label), parts)
    made = tuple(named[ending] for ending in files)
    return Delivered(None, None, named["_take.json"], (), 0, 0, NO_SEAM, NO_SEAM, made, told)


def planner_name(route: Route) -> str:
    """Name of the planner that was used, "" for none."""
    return Path(route.plan.planner).name if route.plan.planner else ""


def words_reply(route: Route, made: Delivered, model: str, seconds: Mapping[str, Any]) -> PlanDone:
    """What the client is told; paths as they are in `made`."""
    return PlanDone(
        request_id=route.order.request.request_id,
        file=str(made.more[0]),
        sidecar=str(made.sidecar),
        blueprint=made.told["blueprint"],
        codes=len(made.told["codes"]),
        score=json_text(made.told["score"]),
        seed=str(route.order.seed),
        planner=planner_name(route),
        seconds=seconds_text(seconds),
        warnings=made.warnings,
    )


def hear_reply(route: Route, made: Delivered, model: str, seconds: Mapping[str, Any]) -> UnderstandDone:
    """What the client is told; paths as they are in `made`."""
    span: AlignPlan = route.plan.span
    unheard = route.order.request.listen and not route.plan.planner
    return UnderstandDone(
        request_id=route.order.request.request_id,
        sidecar=str(made.sidecar),
        measured=json_text(made.told["measured"]),
        listener=json_text(made.told["listener"]),
        start_sample=span.project_lo,
        end_sample=span.project_lo + span.hi - span.lo,
        start_bar=span.start_bars,
        end_bar=span.end_bars,
        sample_rate=span.rate,
        seed=str(route.order.seed),
        planner=planner_name(route),
        seconds=seconds_text(seconds),
        warnings=(*made.warnings, *((NO_LISTENER,) if unheard else ())),
    )


def json_text(values: Mapping[str, Any]) -> str:
    """As JSON, numbers to four digits."""
    short = {name: round(value, 4) if isinstance(value, float) else value for name, value in values.items()}
    return msgspec.json.encode(dict(sorted(short.items()))).decode()


PLAN_JOURNEYS: dict[type, Journey] = {
    Plan: Journey(plan_words_job, words_task, deliver_words_job, words_reply),
    Understand: Journey(plan_hear_job, hear_task, deliver_hear_job, hear_reply),
}
