"""What a model does badly is said beside the result: in the reply's warnings and in the sidecar."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bridge.delivery import Delivered, Place
from bridge.journey import ENGINE_TASKS, Journey, Order, Route, Setting
from bridge.layer_journey import is_dsp
from bridge.pipe import Frame


def warning(journey: Journey) -> Journey:
    """The journey with a word of warning where its model lists the task as one that it does badly."""

    def plan(setting: Setting, order: Order) -> Route:
        return replace(journey.plan(setting, order), weak=weakness(setting, order.request))

    def deliver(route: Route, rendered: Frame, place: Place, origin: Mapping[str, Any]) -> Delivered:
        if not route.weak:
            return journey.deliver(route, rendered, place, origin)
        made = journey.deliver(route, rendered, place, {**origin, "weak": route.weak})
        return replace(made, warnings=(route.weak, *made.warnings))

    return replace(journey, plan=plan, deliver=deliver)


def weakness(setting: Setting, request: Any) -> str:
    """What to expect of this request; "" where the model does it well, or has no part in it."""
    name = request.spec.name
    without_model = is_dsp(request) or not getattr(request, "listen", True)
    told = "" if without_model else setting.weak.get(ENGINE_TASKS.get(name, name), "")
    return f"{setting.model} does {name} only so far: {told}" if told else ""
