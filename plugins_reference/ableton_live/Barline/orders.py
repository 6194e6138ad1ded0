"""What is asked of the daemon for each action, and where its result will go; plain values only, so that an
order outlives the objects of Live, a reload of this script and the set itself.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from .maps import Marker, take_markers
from .wishes import WishError, layer_and_caption, plain_name, stems_and_caption

if TYPE_CHECKING:
    from collections.abc import Callable

    from .reading import Span
    from .wishes import Settings

NAME_LENGTH = 48
"""Characters of a clip's name that a result's name begins with."""


class Spot(NamedTuple):
    """Where in Live a result goes.

    tag: of the track, as this script marked it; start: arrangement beats; slot: row of the session or -1.
    markers: the take's warp markers, empty where it plays at its own speed; length: beats.
    """

    tag: str
    is_arrangement: bool
    start: float
    length: float
    slot: int
    markers: tuple[Marker, ...]
    warp_mode: int
    name: str
    own_tracks: bool


class Order(NamedTuple):
    """One thing asked for: the grid, the request, and where its result goes."""

    id: str
    label: str
    project: dict[str, Any]
    request: dict[str, Any]
    spot: Spot


class Wanted(NamedTuple):
    """What an action has to go by."""

    span: Span
    words: str
    settings: Settings
    key: str


def repaint_fields(wanted: Wanted) -> dict[str, Any]:
    """The span anew."""
    return {**sung_fields(wanted, wanted.words), "strength": wanted.settings.strength, "deliver": "take"}


def continue_fields(wanted: Wanted) -> dict[str, Any]:
    """So many bars behind the span, in the source's manner."""
    return {**sung_fields(wanted, wanted.words), "outpaint": True, "deliver": "take"}


def stems_fields(wanted: Wanted) -> dict[str, Any]:
    """The span taken apart."""
    stems, words = stems_and_caption(wanted.words, wanted.settings)
    return {**plain_fields(wanted, words), "stems": stems, "mode": wanted.settings.mode}


def layer_fields(wanted: Wanted) -> dict[str, Any]:
    """One more instrument that fits the span."""
    stem, words = layer_and_caption(wanted.words, wanted.settings)
    return {**sung_fields(wanted, words), "stem": stem}


def backing_fields(wanted: Wanted) -> dict[str, Any]:
    """A band for a voice."""
    return {**sung_fields(wanted, wanted.words), "deliver": "take"}


def cover_fields(wanted: Wanted) -> dict[str, Any]:
    """The span in other clothes."""
    return {**sung_fields(wanted, wanted.words), "strength": wanted.settings.strength}


def generate_fields(wanted: Wanted) -> dict[str, Any]:
    """Something new. Raises WishError when nothing says what."""
    if not wanted.words:
        raise WishError("say what it shall be, behind a colon in the track's name: 'Keys: slow piano'")
    return sung_fields(wanted, wanted.words)


def plain_fields(wanted: Wanted, words: str) -> dict[str, Any]:
    """What every request has."""
    fields = {"caption": words, "seed": wanted.settings.seed, "steps": wanted.settings.steps}
    return {**fields, **({"out": wanted.settings.out} if wanted.settings.out else {})}


def sung_fields(wanted: Wanted, words: str) -> dict[str, Any]:
    """What every request has in which somebody may sing."""
    settings = wanted.settings
    more = {"lyrics": settings.lyrics, "language": settings.language, "key": settings.key or wanted.key}
    return {**plain_fields(wanted, words), **more}


class Action(NamedTuple):
    """One action: what it is called, what it asks, and whether its results go to tracks of their own."""

    label: str
    request: str
    fields: Callable[[Wanted], dict[str, Any]]
    own_tracks: bool


ACTIONS = {
    "repaint": Action("Repaint", "repaint", repaint_fields, False),
    "stems": Action("Stems", "extract", stems_fields, True),
    "layer": Action("Layer", "lego", layer_fields, True),
    "backing": Action("Backing", "vocal2bgm", backing_fields, True),
    "cover": Action("Cover", "cover", cover_fields, False),
    "continue": Action("Continue", "repaint", continue_fields, False),
    "generate": Action("New", "generate", generate_fields, True),
}


def make_order(verb: str, wanted: Wanted, tag: str, order_id: str) -> Order:
    """The order for an action. Raises WishError."""
    action, span = ACTIONS[verb], wanted.span
    start, end = span.start, span.end
    if verb == "continue":
        start, end = end, end + wanted.settings.bars * span.bar
    project, low, high = project_of(span, order_id), start + span.timeline.shift, end + span.timeline.shift
    request = {"type": action.request, "id": order_id, "project": project["name"]}
    request.update({"start": {"beats": low}, "end": {"beats": high}}, **action.fields(wanted))
    if span.source:
        source_start = {"beats": span.timeline.source_start}
        request.update({"source": span.source, "source_start": source_start})
    markers = take_markers(span.timeline, low, high) if span.warp_mode >= 0 else []
    name = f"{plain_name(span.name)[:NAME_LENGTH]} {action.label.lower()}".strip()
    spot = Spot(
        tag=tag,
        is_arrangement=span.is_arrangement,
        start=start,
        length=end - start,
        slot=span.slot,
        markers=tuple(markers),
        warp_mode=span.warp_mode,
        name=name,
        own_tracks=action.own_tracks,
    )
    return Order(order_id, action.label, project, request, spot)


def project_of(span: Span, order_id: str) -> dict[str, Any]:
    """The declaration of the grid under a span. Its name tells grids apart, but there are 256 at most."""
    tempo = [{"beat": beat, "bpm": bpm} for beat, bpm in span.timeline.points]
    digest = hashlib.sha1(json.dumps([tempo, span.meter]).encode()).hexdigest()
    name = f"live-{digest[:2]}"
    return {"type": "project", "id": grid_id(order_id), "name": name, "tempo": tempo, "meter": span.meter}


def grid_id(order_id: str) -> str:
    """The request id of an order's grid."""
    return f"{order_id}.grid"


def fetch_id(order_id: str) -> str:
    """The request id with which an order's answer is asked for again."""
    return f"{order_id}.fetch"


def order_of(request_id: str) -> str:
    """The order that a request id belongs to."""
    return request_id.partition(".")[0]


def orders_to_text(orders: list[Order]) -> str:
    """Orders as they are kept in the set."""
    return json.dumps([{**order._asdict(), "spot": order.spot._asdict()} for order in orders])


def orders_from_text(text: str) -> list[Order]:
    """Orders kept in the set; none where another version of this script wrote something else."""
    try:
        return [order_from_json(found) for found in json.loads(text)]
    except (ValueError, TypeError, KeyError, AttributeError):
        return []


def order_from_json(found: dict[str, Any]) -> Order:
    """One order. Raises TypeError, KeyError, AttributeError."""
    spot = Spot(**found["spot"])
    markers = tuple(Marker(*marker) for marker in spot.markers)
    placed = spot._replace(markers=markers)
    return Order(found["id"], found["label"], found["project"], found["request"], placed)
