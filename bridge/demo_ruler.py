"""A ruler of bars and beats along a part of a project, from its tempo and meter maps."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from typing import Literal

from bridge.demo_checks import Span
from bridge.demo_songs import DemoSong
from bridge.grid import Grid, build_grid, local_bpm, meter_at, time_at
from protocol.maps import Meters, Tempos
from protocol.values import Bars


@dataclass(frozen=True, slots=True)
class Mark:
    """A bar line or a beat. at: its share of the part shown, 0..1.  meter, bpm: "" where they go on."""

    kind: Literal["bar", "beat"]
    at: float
    bar: int
    meter: str = ""
    bpm: str = ""


def ruler(song: DemoSong, view: Span) -> list[Mark]:
    """Every bar line and beat in the part shown; signature and tempo where they begin or change."""
    grid = build_grid(Tempos().read(song.tempo, "tempo"), Meters().read(song.meter, "meter"), view.rate)
    begins, length = Fraction(view.lo, view.rate), Fraction(view.hi - view.lo, view.rate)
    marks: list[Mark] = []
    meter = bpm = ""
    for place in places(grid):
        at = float((time_at(grid, place).value - begins) / length)
        if at > 1 + 1e-6:
            return marks
        if at < -1e-6:
            continue
        if place.beat > 1:
            marks.append(Mark("beat", at, place.bar))
            continue
        signature, tempo = signature_at(grid, place), f"{local_bpm(grid, place):.0f}"
        changed = ("" if signature == meter else signature, "" if tempo == bpm else tempo)
        marks.append(Mark("bar", at, place.bar, *changed))
        meter, bpm = signature, tempo
    return marks


def places(grid: Grid) -> Iterator[Bars]:
    """Every beat of every bar from the project's start, without end."""
    for bar in count(1):
        beats = meter_at(grid, Bars(bar)).numerator
        yield from (Bars(bar, beat) for beat in range(1, beats + 1))


def signature_at(grid: Grid, place: Bars) -> str:
    """The time signature, as "7/8"."""
    point = meter_at(grid, place)
    return f"{point.numerator}/{point.denominator}"
