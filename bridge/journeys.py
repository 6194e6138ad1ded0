"""Every kind of job, by its request."""

from bridge.align_journey import ALIGN_JOURNEYS
from bridge.conform_journey import conforming, generate_spot, layer_spot, repaint_spot
from bridge.generate_journey import GENERATE_JOURNEYS
from bridge.journey import Journey
from bridge.layer_journey import LAYER_JOURNEYS
from bridge.plan_journey import PLAN_JOURNEYS
from bridge.repaint_journey import REPAINT_JOURNEYS
from protocol.layers import Lego

JOURNEYS: dict[type, Journey] = {
    **{kind: conforming(journey, repaint_spot) for kind, journey in REPAINT_JOURNEYS.items()},
    **{kind: conforming(journey, generate_spot) for kind, journey in GENERATE_JOURNEYS.items()},
    **LAYER_JOURNEYS,
    Lego: conforming(LAYER_JOURNEYS[Lego], layer_spot),
    **ALIGN_JOURNEYS,
    **PLAN_JOURNEYS,
}
"""Lego alone of the layers is brought onto the grid: the others follow their source's own time."""
