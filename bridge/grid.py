"""The project's grid: positions to samples by one law, and back; knows nothing of files, jobs or models.

Law: sample_at = floor(T(position) * rate + 1/2), T in seconds on the absolute map; so a region has exactly
sample_at(end) - sample_at(start) samples, and neighbouring regions meet without a gap whatever the map.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np
from numpy.typing import NDArray

from bridge.meter import (
    TICKS,
    MeterTable,
    bar_at,
    bar_length,
    bar_start,
    bars_to_beat,
    beat_to_bars,
    build_meter,
    point_at_beat,
)
from bridge.tempo import Real, TempoTable, beat_at, bpm_at, build_tempo, round_half_up, seconds_at
from protocol.errors import ProtocolError
from protocol.values import BarCount, Bars, Beats, Length, MeterPoint, Position, Samples, Seconds, TempoPoint

RATE_MIN, RATE_MAX = 8_000, 192_000  # hertz
FRAME_S = Fraction(1, 25)  # a latent frame: 1920 samples at 48 kHz


@dataclass(frozen=True, slots=True)
class Grid:
    """Tempo, meter and the project's sample rate (what `Samples` positions count in), hertz."""

    tempo: TempoTable
    meter: MeterTable
    rate: int


def build_grid(tempo: Sequence[TempoPoint], meter: Sequence[MeterPoint], rate: int = 48_000) -> Grid:
    """The grid of a project. Raises ProtocolError with the field at fault."""
    check_rate(rate, "sample_rate")
    return Grid(build_tempo(tempo), build_meter(meter), rate)


def check_rate(rate: int, field: str) -> None:
    """Raise ProtocolError unless 8000 <= rate <= 192000 hertz."""
    if not RATE_MIN <= rate <= RATE_MAX:
        raise ProtocolError("out-of-range", f"{field}={rate} is outside {RATE_MIN}..{RATE_MAX} Hz", field)


def time_at(grid: Grid, position: Position, digits: int = 60) -> Real:
    """Seconds from beat 0 to a position. Raises ProtocolError when a bar position does not exist."""
    match position:
        case Seconds(seconds):
            return Real(Fraction(seconds))
        case Samples(samples):
            return Real(Fraction(samples, grid.rate))
        case Beats(beats):
            return seconds_at(grid.tempo, Fraction(beats), digits)
        case Bars():
            return seconds_at(grid.tempo, bars_to_beat(grid.meter, position), digits)


def sample_at(grid: Grid, position: Position, rate: int) -> int:
    """The sample of a position at `rate`, counted from beat 0: floor(T * rate + 1/2), never off by one."""
    check_rate(rate, "sample_rate")

    def scaled(digits: int) -> Real:
        t = time_at(grid, position, digits)
        return Real(t.exact * rate, t.rest * rate, t.error * rate)

    return round_half_up(scaled)


def region_samples(grid: Grid, start: Position, end: Position, rate: int) -> int:
    """Length of a region in samples: the difference of its absolute ends. Raises ProtocolError when it is
    empty.
    """
    lo, hi = sample_at(grid, start, rate), sample_at(grid, end, rate)
    if hi <= lo:
        raise ProtocolError(
            "out-of-range", f"the region ends at sample {hi}, not behind its start {lo}", "end"
        )
    return hi - lo


def end_of(grid: Grid, start: Position, length: Length) -> Position:
    """Where a length ends that begins at `start`.

    Whole bars are counted through every change of meter: from bar 3 beat 2 one bar on is bar 4 beat 2, by
    distance from the bar line. Samples count at the project's rate.
    """
    match length:
        case BarCount(bars):
            beat = beat_of(grid, start)
            bar = bar_at(grid.meter, beat)
            return Beats(beat + bar_start(grid.meter, bar + bars) - bar_start(grid.meter, bar))
        case Beats(beats):
            return Beats(beat_of(grid, start) + Fraction(beats))
        case Seconds(seconds):
            return Seconds(time_at(grid, start).value + Fraction(seconds))
        case Samples(samples):
            return Samples(sample_at(grid, start, grid.rate) + samples)


def beat_of(grid: Grid, position: Position) -> Fraction:
    """The beat of a position; see tempo.beat_at for how exact it is."""
    match position:
        case Beats(beats):
            return Fraction(beats)
        case Bars():
            return bars_to_beat(grid.meter, position)
        case _:
            return beat_at(grid.tempo, time_at(grid, position).value)


def bars_text(grid: Grid, position: Position) -> str:
    """A position as "bar|beat|tick", to the nearest tick (1/960 quarter note, half up)."""
    tick = floor(beat_of(grid, position) * TICKS + Fraction(1, 2))
    place = beat_to_bars(grid.meter, Fraction(tick, TICKS))
    return f"{place.bar}|{place.beat}|{place.tick}"


def bar_text(grid: Grid, sample: int, rate: int) -> str:
    """The nearest "bar|beat|tick" of a sample at `rate`, counted from beat 0."""
    return bars_text(grid, Seconds(Fraction(sample, rate)))


def local_bpm(grid: Grid, position: Position) -> float:
    """Tempo at a position in quarter notes a minute."""
    return bpm_at(grid.tempo, beat_of(grid, position))


def meter_at(grid: Grid, position: Position) -> MeterPoint:
    """The time signature that holds at a position."""
    return grid.meter.points[point_at_beat(grid.meter, beat_of(grid, position))]


def phases(grid: Grid, start_s: Fraction, frames: int, frame_s: Fraction = FRAME_S) -> NDArray[np.float32]:
    """Beat and bar phase in cycles, [0, 1), at the centres of latent frames; (frames, 2).

    start_s: project seconds at which the first frame starts, any sign. A beat is a quarter note counted
    from beat 0, as in the training corpus; so in 7/8 the beat phase of every other bar starts at 1/2.
    """
    centres = np.arange(frames, dtype=np.float64) + 0.5
    seconds = float(start_s) + centres * float(frame_s)  # (frames,)
    beats = beats_of_seconds(grid.tempo, seconds)
    starts = np.array([float(start) for start in grid.meter.starts])
    lengths = np.array([float(bar_length(point)) for point in grid.meter.points])
    at = np.clip(np.searchsorted(starts, beats, "right") - 1, 0, None)
    cycles = np.stack([beats, (beats - starts[at]) / lengths[at]], axis=-1)  # (frames, 2)
    phase = (cycles - np.floor(cycles)).astype(np.float32)
    return np.where(phase < 1.0, phase, np.float32(0.0))  # float32 may round 0.99999999 up to 1


def beats_of_seconds(tempo: TempoTable, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Beats at times in seconds, in floats (about 1e-11 beats): for phases only, never for a sample
    position.
    """
    times = np.array([float(start.exact) + float(start.rest) for start in tempo.starts])
    beat, bpm, end_bpm, length = (
        np.array([float(getattr(s, name)) for s in tempo.segments])
        for name in ("beat", "bpm", "end_bpm", "beats")
    )
    span = np.where(length > 0, length, 1.0)
    slope = (end_bpm - bpm) / span  # bpm a beat; 0 for steps
    rise = slope * (bpm + end_bpm) / 120.0  # bpm a second
    in_time = np.array([s.ramp == "time" for s in tempo.segments])
    at = np.clip(np.searchsorted(times, seconds, "right") - 1, 0, None)
    t, b = seconds - times[at], bpm[at]
    straight = t * b / 60.0
    steep = np.where(slope[at] == 0.0, 1e-30, slope[at])  # any number that neither divides by 0 nor overflows
    curved = np.where(slope[at] == 0.0, straight, b / steep * np.expm1(steep * t / 60.0))
    parabola = straight + rise[at] * t**2 / 120.0
    into = np.where(t < 0, straight, np.where(in_time[at], parabola, curved))
    return np.asarray(beat[at] + into)
