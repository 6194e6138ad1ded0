"""The way of a new piece: no source, exactly as long as the grid says."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from bridge.delivery import Delivered, Place, bars_label, deliver_new
from bridge.encode import NewForm
from bridge.grid import build_grid, end_of, phases
from bridge.journey import Journey, Order, Route, Setting, seconds_text, seeds_text, text_of, words
from bridge.new_plan import NewPlan, plan_new, with_spare
from bridge.pipe import Array, Frame
from bridge.reference import read_reference, reference_arrays
from bridge.thinking import Thought, plan_thought
from engine.planner.blueprint import from_yaml, to_yaml
from protocol.errors import ProtocolError
from protocol.limits import GENERATE_S
from protocol.messages import Generate
from protocol.replies import GenerateDone


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
    plan = with_spare(plan, longest)
    thought = plan_thought(setting, order, plan)
    return Route(order, grid, plan, reference=read_reference(setting, request.reference), thought=thought)


def generate_task(job_id: str, route: Route, index: int) -> Frame:
    """The frame for the engine process."""
    plan: NewPlan = route.plan
    arrays: dict[str, Array] = {"grid": phases(route.grid, plan.start_s, plan.frames)}
    task = {"samples": plan.rendered, "codes": list(route.thought.codes)}
    values: dict[str, Any] = {"kind": "text2music", "task": task}
    thought: Thought = route.thought
    if thought.planner:
        values["think"] = {
            "folder": thought.planner,
            "blueprint": thought.blueprint,
            "seconds": plan.samples / plan.rate,
            "seed": route.order.seed,
            "keep": thought.request.keep or bool(thought.judge),
        }
    if thought.judge:
        values["judge"] = {"folder": thought.judge, "keep": thought.request.keep}
    heard = arrays | reference_arrays(route.reference)
    return Frame("render", job_id, values | words(filled(route), plan.model_samples), heard)


def filled(route: Route) -> Route:
    """The route with its request filled from the blueprint."""
    return replace(route, order=replace(route.order, request=route.thought.request))


def deliver_generate_job(route: Route, rendered: Frame, place: Place, origin: Mapping[str, Any]) -> Delivered:
    """Writes the new song. Raises ProtocolError, OSError."""
    plan: NewPlan = route.plan
    request: Generate = route.order.request
    bars = bars_label(plan.start_bars, plan.end_bars)
    form = NewForm(plan.rate, plan.samples, request.container, request.bit_depth, plan.project_lo, bars)
    followed = plan_followed(route, rendered)
    made = deliver_new(rendered.arrays["audio"], form, place, {**origin, "plan": followed})
    warnings = (*made.warnings, *route.thought.warnings)
    return replace(made, warnings=warnings, told={**made.told, "plan": followed})


def plan_followed(route: Route, rendered: Frame) -> dict[str, Any]:
    """The plan as the sidecar and the reply have it; lyrics that the request has are not said again."""
    thought: Thought = route.thought
    made = rendered.values.get("plan", {"blueprint": "", "codes": list(thought.codes), "score": {}})
    blueprint = from_yaml(made["blueprint"])
    said = replace(blueprint, lyrics="") if route.order.request.lyrics else blueprint
    name = Path(thought.planner or thought.judge).name if thought.planner or thought.judge else ""
    return {**made, "blueprint": to_yaml(said) if made["blueprint"] else "", "planner": name}


def generate_reply(route: Route, made: Delivered, model: str, seconds: Mapping[str, Any]) -> GenerateDone:
    """What the client is told; paths as they are in `made`."""
    plan: NewPlan = route.plan
    request: Generate = route.order.request
    return GenerateDone(
        request_id=request.request_id,
        take=text_of(made.take),
        takes=(text_of(made.take), *map(str, made.more)),
        seeds=seeds_text(route.order.seed, request.takes),
        sidecar=str(made.sidecar),
        start_sample=plan.project_lo,
        end_sample=plan.project_lo + plan.samples,
        start_bar=plan.start_bars,
        end_bar=plan.end_bars,
        sample_rate=plan.rate,
        seed=str(route.order.seed),
        model=model,
        blueprint=made.told["plan"]["blueprint"],
        codes=len(made.told["plan"]["codes"]),
        planner=made.told["plan"]["planner"],
        seconds=seconds_text(seconds),
        warnings=made.warnings,
    )


GENERATE_JOURNEYS: dict[type, Journey] = {
    Generate: Journey(plan_generate_job, generate_task, deliver_generate_job, generate_reply)
}
