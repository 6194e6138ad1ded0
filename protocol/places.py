"""Kinds for places and lengths in time: a position or length always names its unit, and is kept exact.

JSON: {"start": {"bars": "5|3|480"}}.  OSC: the unit is part of the key: `start.bars "5|3|480"`.
Whether a beat lies inside its bar depends on the meter, so that is checked by the bridge's grid, not here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from protocol.errors import ProtocolError
from protocol.exact import is_number, number_text, read_whole, wrong_type
from protocol.kinds import NUMBER_TEXT, Integer, Number, OscArgument
from protocol.limits import BEATS_MAX, GENERATE_S, SAMPLE_MAX, SECONDS_MAX, TICKS_PER_QUARTER
from protocol.values import BarCount, Bars, Beats, Samples, Seconds

BAR = Integer(-999, 99_999, "bars")
BEAT = Integer(1, 64, "beats of the bar")
# A beat of a meter over 1 lasts four quarter notes.
TICK = Number(0, 4 * TICKS_PER_QUARTER.value, "ticks")
BARS_PATTERN = r"^\s*[+-]?\d{1,6}(\|\d{1,2}(\|(\d+(\.\d*)?|\d+/\d+))?)?\s*$"


@dataclass(frozen=True, slots=True)
class Unit:
    """One way to say a place or length: how to read it, what value holds it, how to write it."""

    name: str
    value: type
    read: Callable[[Any, str], Any]
    write: Callable[[Any], int | str]
    range: str
    schema: dict[str, Any]


def read_bars(plain: Any, field: str) -> Bars:
    """A bar number, or bar|beat|tick with beat 1 and tick 0 when left out."""
    if is_number(plain):
        return Bars(BAR.read(read_whole(plain, field), field))
    parts = plain.split("|") if isinstance(plain, str) else []
    if not 1 <= len(parts) <= 3:
        raise wrong_type(field, plain, "a bar number or bar|beat|tick")
    bar, beat, tick = BAR.read(parts[0], field), 1, Fraction(0)
    if len(parts) > 1:
        beat = BEAT.read(parts[1], f"{field}: beat")
    if len(parts) > 2:
        tick = TICK.read(parts[2], f"{field}: tick")
    return Bars(bar, beat, tick)


def bars_text(place: Bars) -> str:
    """bar|beat|tick, always with all three parts: Bars(5) is "5|1|0"."""
    return f"{place.bar}|{place.beat}|{number_text(place.tick)}"


def _exact(value: Fraction) -> int | str:
    return value.numerator if value.denominator == 1 else number_text(value)


def _span_above_zero(number: Number) -> Callable[[Any, str], Fraction]:
    def read(plain: Any, field: str) -> Fraction:
        value = number.read(plain, field)
        if value <= 0:
            text = f"{field}={number_text(value)} is not above 0 {number.unit}"
            raise ProtocolError("out-of-range", text, field)
        return value

    return read


def _number_unit(name: str, number: Number, value: type, read: Callable[[Any, str], Fraction]) -> Unit:
    return Unit(
        name,
        value,
        lambda plain, field: value(read(plain, field)),
        lambda place: _exact(getattr(place, name)),
        f"{number.range} {number.unit}",
        {"anyOf": [{"type": "number", "minimum": number.lo, "maximum": number.hi}, NUMBER_TEXT]},
    )


def _integer_unit(name: str, integer: Integer, value: type) -> Unit:
    return Unit(
        name,
        value,
        lambda plain, field: value(integer.read(plain, field)),
        lambda place: int(getattr(place, name)),
        f"{integer.range} {integer.unit}",
        integer.schema(),
    )


_BEATS = Number(-BEATS_MAX.value, BEATS_MAX.value, "quarter notes")
_SECONDS = Number(-SECONDS_MAX.value, SECONDS_MAX.value, "s")
_LENGTH_BEATS = Number(0, BEATS_MAX.value, "quarter notes")
_LENGTH_SECONDS = Number(0, GENERATE_S.value, "s")
_BAR_SCHEMA = {
    "anyOf": [
        {"type": "integer", "minimum": BAR.lo, "maximum": BAR.hi},
        {"type": "string", "pattern": BARS_PATTERN},
    ]
}

POSITION_UNITS: tuple[Unit, ...] = (
    Unit("bars", Bars, read_bars, bars_text, f'{BAR.range}, or "bar|beat|tick"', _BAR_SCHEMA),
    _number_unit("beats", _BEATS, Beats, _BEATS.read),
    _number_unit("seconds", _SECONDS, Seconds, _SECONDS.read),
    _integer_unit("samples", Integer(-SAMPLE_MAX.value, SAMPLE_MAX.value, "samples"), Samples),
)
LENGTH_UNITS: tuple[Unit, ...] = (
    _integer_unit("bars", Integer(1, 9999, "whole bars"), BarCount),
    _number_unit("beats", _LENGTH_BEATS, Beats, _span_above_zero(_LENGTH_BEATS)),
    _number_unit("seconds", _LENGTH_SECONDS, Seconds, _span_above_zero(_LENGTH_SECONDS)),
    _integer_unit("samples", Integer(1, SAMPLE_MAX.value, "samples"), Samples),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A position, or (units=LENGTH_UNITS) a length, in one of four named units."""

    label: str = "position"
    units: tuple[Unit, ...] = POSITION_UNITS

    @property
    def unit(self) -> str:
        """The units to choose from."""
        return ", ".join(unit.name for unit in self.units)

    @property
    def range(self) -> str:
        """Every unit has its own range; the documentation lists them once."""
        return f"see {self.label}s"

    def read(self, plain: Any, field: str) -> Any:
        """The exact value, from {unit: value}."""
        if not isinstance(plain, dict) or len(plain) != 1:
            keys = " or ".join(f"{field}.{unit.name}" for unit in self.units)
            raise ProtocolError("wrong-type", f"{field} needs exactly one unit: {keys}", field)
        ((name, value),) = plain.items()
        for unit in self.units:
            if unit.name == name:
                return unit.read(value, f"{field}.{name}")
        key = f"{field}.{name}"
        raise ProtocolError("unknown-field", f"{key}: a {self.label} is in {self.unit}", key)

    def to_json(self, value: Any) -> dict[str, int | str]:
        """{unit: value}."""
        unit = self._unit_of(value)
        return {unit.name: unit.write(value)}

    def to_osc(self, name: str, value: Any) -> tuple[str, OscArgument]:
        """The unit joins the key."""
        unit = self._unit_of(value)
        return f"{name}.{unit.name}", unit.write(value)

    def schema(self) -> dict[str, Any]:
        """An object with exactly one unit."""
        return {"$ref": f"#/$defs/{self.label}"}

    def definition(self) -> dict[str, Any]:
        """What `schema` refers to."""
        properties = {unit.name: unit.schema for unit in self.units}
        one = {"minProperties": 1, "maxProperties": 1, "additionalProperties": False}
        return {"type": "object", "properties": properties, **one}

    def _unit_of(self, value: Any) -> Unit:
        return next(unit for unit in self.units if isinstance(value, unit.value))


POSITION = Place()
LENGTH = Place("length", LENGTH_UNITS)
