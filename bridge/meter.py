"""The meter map: bars to beats (quarter notes) and back, exact; knows no tempo, no seconds and no samples.

Bars count from 1 at beat 0 and go on below it (bar 0 is the bar before bar 1) in the first meter. A meter
change counts from its bar number on. In a bar, beats count from 1 in units of the signature's denominator,
ticks from 0 at 960 a quarter.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor

from protocol.errors import ProtocolError
from protocol.values import Bars, MeterPoint

TICKS = 960  # a quarter note
NUMERATOR_MAX = 64
DENOMINATORS = (1, 2, 4, 8, 16, 32, 64)  # a beat of each is a whole number of ticks


@dataclass(frozen=True, slots=True)
class MeterTable:
    """Points in order of bars, and the beat at which each one's bar starts."""

    points: tuple[MeterPoint, ...]
    starts: tuple[Fraction, ...]


def build_meter(points: Sequence[MeterPoint]) -> MeterTable:
    """The map of `points`. Raises ProtocolError when there is none, bars do not rise from >= 1, or a
    signature is not usable.
    """
    check_meter(points)
    first = points[0]
    starts = [(first.bar - 1) * bar_length(first)]
    for a, b in pairwise(points):
        starts.append(starts[-1] + (b.bar - a.bar) * bar_length(a))
    return MeterTable(tuple(points), tuple(starts))


def check_meter(points: Sequence[MeterPoint]) -> None:
    """Raise ProtocolError unless bars rise from >= 1 and every signature is n/1 .. n/64."""
    if not points:
        raise ProtocolError("missing-field", "a meter map has at least one point", "meter")
    for i, point in enumerate(points):
        least = points[i - 1].bar + 1 if i else 1
        if point.bar < least:
            raise ProtocolError("out-of-range", f"bar={point.bar} is below {least}", f"meter[{i}].bar")
        if not 1 <= point.numerator <= NUMERATOR_MAX:
            text = f"numerator={point.numerator} is outside 1..{NUMERATOR_MAX}"
            raise ProtocolError("out-of-range", text, f"meter[{i}].numerator")
        if point.denominator not in DENOMINATORS:
            text = f"denominator={point.denominator} is none of {', '.join(map(str, DENOMINATORS))}"
            raise ProtocolError("out-of-range", text, f"meter[{i}].denominator")


def beat_length(point: MeterPoint) -> Fraction:
    """One beat of the signature in quarter notes: 1/2 in 7/8."""
    return Fraction(4, point.denominator)


def bar_length(point: MeterPoint) -> Fraction:
    """One bar of the signature in quarter notes: 7/2 in 7/8."""
    return Fraction(4 * point.numerator, point.denominator)


def bar_start(meter: MeterTable, bar: int) -> Fraction:
    """The beat at which a bar starts."""
    at = point_at_bar(meter, bar)
    return meter.starts[at] + (bar - meter.points[at].bar) * bar_length(meter.points[at])


def point_at_bar(meter: MeterTable, bar: int) -> int:
    """Index of the meter that holds in a bar."""
    return max(0, bisect_right(meter.points, bar, key=lambda point: point.bar) - 1)


def point_at_beat(meter: MeterTable, beat: Fraction) -> int:
    """Index of the meter that holds at a beat."""
    return max(0, bisect_right(meter.starts, beat) - 1)


def bar_at(meter: MeterTable, beat: Fraction) -> int:
    """Number of the bar that holds a beat; a bar line belongs to the bar it opens."""
    at = point_at_beat(meter, beat)
    return meter.points[at].bar + floor((beat - meter.starts[at]) / bar_length(meter.points[at]))


def bars_to_beat(meter: MeterTable, place: Bars, field: str = "bars") -> Fraction:
    """The beat of a bar|beat|tick. Raises ProtocolError when the beat is not in that bar or the ticks not
    in that beat.
    """
    point = meter.points[point_at_bar(meter, place.bar)]
    if not 1 <= place.beat <= point.numerator:
        signature = f"{point.numerator}/{point.denominator}"
        text = f"beat={place.beat} is outside 1..{point.numerator} of bar {place.bar} in {signature}"
        raise ProtocolError("out-of-range", text, field)
    room = beat_length(point) * TICKS
    if not 0 <= place.tick < room:
        raise ProtocolError("out-of-range", f"tick={place.tick} is outside 0..{room} (not included)", field)
    return bar_start(meter, place.bar) + (place.beat - 1) * beat_length(point) + Fraction(place.tick) / TICKS


def beat_to_bars(meter: MeterTable, beat: Fraction) -> Bars:
    """The exact bar|beat|tick of a beat; ticks may be a fraction."""
    bar = bar_at(meter, beat)
    length = beat_length(meter.points[point_at_bar(meter, bar)])
    into = beat - bar_start(meter, bar)
    whole = floor(into / length)
    return Bars(bar, whole + 1, (into - whole * length) * TICKS)
