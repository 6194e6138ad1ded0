"""Kinds for a project's tempo map and meter map: one text each, so that every client can send them.

Tempo: "0 120; 16 120 ramp; 32 90".  Meter: "1 4/4; 9 7/8".  JSON may also give a list of objects.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from protocol.errors import ProtocolError
from protocol.exact import is_number, number_text, wrong_type
from protocol.kinds import Choice, Integer, Kind, Number, OscArgument
from protocol.limits import BEATS_MAX, METER_POINTS, TEMPO_POINTS
from protocol.values import MeterMap, MeterPoint, Ramp, TempoMap, TempoPoint

POINT_BEAT = Number(0, BEATS_MAX.value, "quarter notes")
BPM = Number(10, 1000, "quarter notes/min")
METER_BAR = Integer(1, 99_999, "bars")
NUMERATOR = Integer(1, 64)
DENOMINATOR = Choice(("1", "2", "4", "8", "16", "32", "64"))
RAMP_WORDS: dict[str, Ramp] = {"": "none", "ramp": "beats", "ramp-time": "time"}
_RAMPS: dict[str, Ramp] = {"none": "none", "beats": "beats", "time": "time"}


def _points(plain: Any, field: str, hi: int) -> list[Any]:
    """The points of a map as texts or objects: "a; b" is split, a lone number is one point."""
    if is_number(plain):
        return [number_text(POINT_BEAT.read(0, field)) + " " + number_text(BPM.read(plain, f"{field}: bpm"))]
    found = [part.strip() for part in plain.split(";")] if isinstance(plain, str) else plain
    if not isinstance(found, list):
        raise wrong_type(field, plain, "a map text or a list of points")
    points = found[:-1] if found and found[-1] == "" else found
    if not points:
        raise ProtocolError("missing-field", f"{field} has no point", field)
    if len(points) > hi:
        raise ProtocolError("too-long", f"{field} has {len(points)} points, at most {hi} are allowed", field)
    return points


def _check_rising(places: list[Any], field: str, unit: str) -> None:
    for before, after in pairwise(places):
        if after <= before:
            text = f"{field}: {unit} {after} does not come after {unit} {before}"
            raise ProtocolError("out-of-range", text, field)


def _object_parts(point: Any, names: tuple[str, ...], field: str) -> list[Any]:
    if not isinstance(point, dict) or not set(names[:2]) <= set(point) <= set(names):
        raise wrong_type(field, point, f"a point with {', '.join(names)}")
    return [point.get(name) for name in names]


def _read_tempo_point(point: Any, field: str) -> TempoPoint:
    if isinstance(point, str):
        words = point.split()
        if len(words) == 1:  # a lone tempo holds from the start
            words = ["0", *words]
        if not 2 <= len(words) <= 3 or (len(words) == 3 and words[2] not in RAMP_WORDS):
            raise wrong_type(field, point, "a tempo point: beat bpm [ramp | ramp-time]")
        beat, bpm, ramp = words[0], words[1], RAMP_WORDS[words[2] if len(words) == 3 else ""]
    else:
        beat, bpm, word = _object_parts(point, ("beat", "bpm", "ramp"), field)
        if word is not None and (not isinstance(word, str) or word not in _RAMPS):
            raise wrong_type(f"{field}: ramp", word, "one of none | beats | time")
        ramp = _RAMPS[word or "none"]
    return TempoPoint(POINT_BEAT.read(beat, f"{field}: beat"), BPM.read(bpm, f"{field}: bpm"), ramp)


@dataclass(frozen=True, slots=True)
class Tempos:
    """A tempo map: points at rising beats, the first at beat 0, the last without a ramp."""

    label: str = "tempo map"
    unit: str = "quarter notes, quarter notes/min"
    range: str = f"1..{TEMPO_POINTS.value} points, {BPM.range} bpm"

    def read(self, plain: Any, field: str) -> TempoMap:
        """The map, from its text, from a list of points, or from one tempo."""
        points = tuple(_read_tempo_point(point, field) for point in _points(plain, field, TEMPO_POINTS.value))
        if points[0].beat != 0:
            raise ProtocolError("out-of-range", f"{field}: the first point must be at beat 0", field)
        _check_rising([point.beat for point in points], field, "beat")
        if points[-1].ramp != "none":
            raise ProtocolError("out-of-range", f"{field}: the last point has nothing to ramp to", field)
        return points

    def to_json(self, value: TempoMap) -> str:
        """The text."""
        return tempo_text(value)

    def to_osc(self, name: str, value: TempoMap) -> tuple[str, OscArgument]:
        """The text."""
        return name, tempo_text(value)

    def schema(self) -> dict[str, Any]:
        """A text, one tempo, or a list of points."""
        ramp = {"enum": list(_RAMPS)}
        properties = {"beat": POINT_BEAT.schema(), "bpm": BPM.schema(), "ramp": ramp}
        return _map_schema(properties, ["beat", "bpm"], TEMPO_POINTS.value)


def tempo_text(tempo: TempoMap) -> str:
    """The text of a tempo map: "0 120; 16 120 ramp; 32 90"."""
    word = {ramp: f" {text}" if text else "" for text, ramp in RAMP_WORDS.items()}
    return "; ".join(f"{number_text(p.beat)} {number_text(p.bpm)}{word[p.ramp]}" for p in tempo)


def _read_meter_point(point: Any, field: str) -> MeterPoint:
    if isinstance(point, str):
        words = point.split()
        if len(words) == 1:  # a lone signature holds from the start
            words = ["1", *words]
        signature = words[-1].split("/")
        if len(words) != 2 or len(signature) != 2:
            raise wrong_type(field, point, "a meter point: bar numerator/denominator")
        bar, (numerator, denominator) = words[0], signature
    else:
        bar, numerator, denominator = _object_parts(point, ("bar", "numerator", "denominator"), field)
    return MeterPoint(
        METER_BAR.read(bar, f"{field}: bar"),
        NUMERATOR.read(numerator, f"{field}: numerator"),
        int(DENOMINATOR.read(denominator, f"{field}: denominator")),
    )


@dataclass(frozen=True, slots=True)
class Meters:
    """A meter map: time signatures at rising bars, the first at bar 1 (and before it)."""

    label: str = "meter map"
    unit: str = "bars"
    range: str = f"1..{METER_POINTS.value} points"

    def read(self, plain: Any, field: str) -> MeterMap:
        """The map, from its text, from a list of points, or from one signature."""
        if is_number(plain):
            raise wrong_type(field, plain, "a meter map like 1 4/4; 9 7/8")
        points = tuple(_read_meter_point(point, field) for point in _points(plain, field, METER_POINTS.value))
        if points[0].bar != 1:
            raise ProtocolError("out-of-range", f"{field}: the first point must be at bar 1", field)
        _check_rising([point.bar for point in points], field, "bar")
        return points

    def to_json(self, value: MeterMap) -> str:
        """The text."""
        return meter_text(value)

    def to_osc(self, name: str, value: MeterMap) -> tuple[str, OscArgument]:
        """The text."""
        return name, meter_text(value)

    def schema(self) -> dict[str, Any]:
        """A text or a list of points."""
        kinds: dict[str, Kind] = {"bar": METER_BAR, "numerator": NUMERATOR, "denominator": DENOMINATOR}
        return _map_schema(
            {name: kind.schema() for name, kind in kinds.items()}, [*kinds], METER_POINTS.value
        )


def meter_text(meter: MeterMap) -> str:
    """The text of a meter map: "1 4/4; 9 7/8"."""
    return "; ".join(f"{p.bar} {p.numerator}/{p.denominator}" for p in meter)


def _map_schema(properties: dict[str, Any], required: list[str], hi: int) -> dict[str, Any]:
    point = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    points = {"type": "array", "items": point, "minItems": 1, "maxItems": hi}
    return {"anyOf": [{"type": ["string", "number"]}, points]}
