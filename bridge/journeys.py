"""Every kind of job, by its request."""

from bridge.align_journey import ALIGN_JOURNEYS
from bridge.conform_journey import conforming, generate_spot, layer_spot, repaint_spot
from bridge.generate_journey import GENERATE_JOURNEYS
from bridge.journey import Journey
from bridge.layer_journey import LAYER_JOURNEYS
from bridge.plan_journey import PLAN_JOURNEYS
from bridge.ranking import ranking
from bridge.repaint_journey import REPAINT_JOURNEYS
from bridge.sung_journey import generate_ground, layer_ground, repaint_ground, singing
from bridge.weakness import warning
from protocol.layers import Extract, Lego
from protocol.tasks import Generate, Repaint

LAYERS = {kind: singing(journey, layer_ground) for kind, journey in LAYER_JOURNEYS.items() if kind != Extract}

WAYS: dict[type, Journey] = {
    Repaint: ranking(conforming(singing(REPAINT_JOURNEYS[Repaint], repaint_ground), repaint_spot)),
    Generate: ranking(conforming(singing(GENERATE_JOURNEYS[Generate], generate_ground), generate_spot)),
    **LAYERS,
    Extract: LAYER_JOURNEYS[Extract],
    Lego: conforming(LAYERS[Lego], layer_spot),
    **ALIGN_JOURNEYS,
    **PLAN_JOURNEYS,
}
"""Lego alone of the layers is brought onto the grid: the others follow their source's own time."""

JOURNEYS: dict[type, Journey] = {kind: warning(journey) for kind, journey in WAYS.items()}
