"""Takes of one job in the order of their merit: best first, whatever their seeds."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bridge.delivery import Delivered, Place
from bridge.journey import Journey, Route
from bridge.pipe import Frame


def ranking(journey: Journey) -> Journey:
    """The journey with every pass's takes ranked before anything else is done with them."""

    def keep(route: Route, index: int, rendered: Frame, folder: Path) -> None:
        journey.keep(route, index, ranked(rendered), folder)

    def deliver(route: Route, rendered: Frame, place: Place, origin: Mapping[str, Any]) -> Delivered:
        return journey.deliver(route, ranked(rendered), place, origin)

    return replace(journey, keep=keep, deliver=deliver)


def ranked(rendered: Frame) -> Frame:
    """A frame with the best take first; takes of the same merit stay in the order of their seeds."""
    takes = rendered.values.get("takes", [])
    if len(takes) < 2:
        return rendered
    merits = [merit(take, rendered.values["judged"]) for take in takes]
    order = sorted(range(len(takes)), key=lambda index: (-merits[index], index))
    values = {**rendered.values, "takes": [takes[index] for index in order]}
    audio = np.ascontiguousarray(rendered.arrays["audio"][order])
    return replace(rendered, values=values, arrays={**rendered.arrays, "audio": audio})


def merit(take: Mapping[str, Any], judged: bool) -> float:
    """0..1: the mean of the scores that count. judged: a planner was asked for, so its score counts.

    One that is in memory by chance is told but does not count: the same request, the same order.
    """
    scores = [] if take["alignment"] is None else [float(take["alignment"]["score"]["value"])]
    if judged and take["fit"]:
        scores.append(float(take["fit"]["total"]))
    return sum(scores) / len(scores) if scores else 0.0
