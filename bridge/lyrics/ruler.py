"""What a lyrics file counts from: its audio file's start, the project's start, or bars and beats."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Literal

from bridge.grid import Grid, bars_text, beat_of
from bridge.meter import beat_to_bars, point_at_bar
from protocol.values import Seconds

Relative = Literal["file", "project", "bars"]
HALF = Fraction(1, 2)
HUNDREDTHS = 100


@dataclass(frozen=True, slots=True)
class Ruler:
    """start: the file's first sample, project seconds. Lines come in project seconds in any case."""

    grid: Grid
    start: Fraction = Fraction(0)
    relative: Relative = "project"


def seconds(ruler: Ruler, t: Fraction) -> Fraction:
    """Project seconds as the file has them; what lies before its zero is at zero: no format goes below."""
    return max(t - ruler.start if ruler.relative == "file" else t, Fraction(0))


def place(ruler: Ruler, t: Fraction, stamp: Callable[[Fraction], str]) -> str:
    """A time as text: "5|3|960" where the file counts in bars, else the format's own stamp of its seconds."""
    return bars_text(ruler.grid, Seconds(t)) if ruler.relative == "bars" else stamp(seconds(ruler, t))


def whole(t: Fraction, per_second: int) -> int:
    """Seconds in whole parts of a second, half up."""
    return floor(t * per_second + HALF)


def minutes_stamp(t: Fraction) -> str:
    """mm:ss.xx, to the centisecond; rounding carries (59.996 is 01:00.00) and minutes go past 59."""
    minutes, rest = divmod(whole(t, 100), 6_000)
    return f"{minutes:02d}:{rest // 100:02d}.{rest % 100:02d}"


def hours_stamp(t: Fraction, point: str = ".") -> str:
    """hh:mm:ss.mmm, to the millisecond."""
    total = whole(t, 1_000)
    hours, rest = divmod(total, 3_600_000)
    return f"{hours:02d}:{rest // 60_000:02d}:{rest // 1_000 % 60:02d}{point}{total % 1_000:03d}"


def measures(grid: Grid, t: Fraction) -> str:
    """REAPER's measure.beat.hundredths of project seconds; beats are those of the signature, from 1."""
    beat = beat_of(grid, Seconds(t))
    exact = beat_to_bars(grid.meter, beat)
    length = Fraction(4, denominator(grid, exact.bar)) / HUNDREDTHS  # of a hundredth, in quarter notes
    line = beat - exact.tick / 960  # the beat this one lies in
    at = beat_to_bars(grid.meter, line + floor((beat - line) / length + HALF) * length)
    hundredth = at.tick / 960 / (Fraction(4, denominator(grid, at.bar)) / HUNDREDTHS)
    return f"{at.bar}.{at.beat}.{floor(hundredth):02d}"


def denominator(grid: Grid, bar: int) -> int:
    """The time signature's, in a bar."""
    return grid.meter.points[point_at_bar(grid.meter, bar)].denominator
