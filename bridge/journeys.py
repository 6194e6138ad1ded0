"""Every kind of job, by its request."""

from bridge.align_journey import ALIGN_JOURNEYS
from bridge.journey import JOURNEYS as REGION_JOURNEYS
from bridge.journey import Journey
from bridge.layer_journey import LAYER_JOURNEYS
from bridge.plan_journey import PLAN_JOURNEYS

JOURNEYS: dict[type, Journey] = {
    **REGION_JOURNEYS,
    **LAYER_JOURNEYS,
    **ALIGN_JOURNEYS,
    **PLAN_JOURNEYS,
}
