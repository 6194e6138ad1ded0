"""Locked to the grid: what came back from a model is measured against the project's grid, and moved onto it
when the measurement is clear.

Decides and applies; engine.conform measures and engine.timewarp moves. Lengths and first samples stay what
they were: only what sounds in between moves. Nothing is moved that does not end nearer to the grid.
"""

from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.grid import Grid, beat_of, local_bpm, meter_at
from bridge.meter import bar_at, bar_length, bar_start, point_at_beat
from bridge.tempo import seconds_at
from engine.conform import Reading, read_pulses, time_left
from engine.onsets import find_onsets
from engine.pulses import Pulses
from engine.timewarp import RATE, Warp, played_at, warp_audio
from protocol.values import MeterPoint, Seconds

SURE = 0.5  # confidence from which audio is moved
ON_GRID_S = 0.012  # what is nowhere further off is left alone: less is feel, or the attack of an instrument
STRAIGHT_S = 0.015  # a drift around the line that is smaller is no drift: so much is how players play
BETTER = 1.05  # how much more strength the pulses must gain
OWN_TIME_S = 0.03  # a source that is further off the grid than this goes by its own time
GAP_S = 0.02  # a shorter silence at an end is no news
SLOPE = 0.08  # how fast a correction may come in from a seam, seconds a second
KNOT_S = 0.125
DIGITS = 20  # of times that are only measured against
SIXTEENTH = Fraction(1, 4)
USUAL_BEATS = 0.27  # a little more than a sixteenth
PULSE, EIGHTH, BETWEEN = 1.0, 0.4, 0.15  # weights: how likely music has an onset there
SWING_BEATS = {EIGHTH: 1 / 6, BETWEEN: 1 / 12}  # the second of two is late by, at most: triplets
FEWEST_PULSES = 4
Floats = NDArray[np.float64]
Sound = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Zone:
    """Where music is measured and moved: lo..hi, 48 kHz samples of the audio, whose first one lies at
    start_s project seconds. slack_s: None when the ends are free; else there is other music on both sides,
    and at the ends nothing moves by more than this.
    """

    start_s: Fraction
    lo: int
    hi: int
    slack_s: float | None = None


@dataclass(frozen=True, slots=True)
class ConformReport:
    """What was measured and done. action: none (on the grid), offset, stretch, warp, off (not asked for) or
    unsure (left alone). bpm_ratio: played over wanted tempo; phase_ms: how late the first pulse was;
    drift_ms: largest distance from an even tempo; residual_ms: median over bars of what is left.
    """

    action: str
    bpm_ratio: float = 1.0
    bpm: float = 0.0
    phase_ms: float = 0.0
    drift_ms: float = 0.0
    confidence: float = 0.0
    residual_ms: float = 0.0
    warnings: tuple[str, ...] = field(default=())

    def values(self) -> dict[str, Any]:
        """As JSON values, for the reply and the sidecar."""
        return {name: value for name, value in asdict(self).items() if name != "warnings"}


@dataclass(frozen=True, slots=True)
class Conformed:
    """audio: as long as before; warp: how it was moved, None when it was not (then it is the array given)."""

    audio: Sound
    report: ConformReport
    warp: Warp | None = None


OFF = ConformReport("off")


def conform(audio: Sound, grid: Grid, zone: Zone, mode: str = "auto") -> Conformed:
    """Audio (2, n) on the grid where that could be told, and what was done. mode: auto | off."""
    if mode == "off":
        return Conformed(audio, OFF)
    pulses = pulses_in(grid, zone)
    if len(pulses.times) < 2 or np.ptp(pulses.times) < (FEWEST_PULSES - 1) * pulses.pulse_s:
        return Conformed(audio, unsure(ConformReport("unsure"), "it is shorter than four beats"))
    onsets = find_onsets(audio)
    reading = read_pulses(onsets, pulses)
    first = Seconds(zone.start_s + Fraction(float(pulses.times[0])))
    report = told(reading, pulses, local_bpm(grid, first))
    if reading.confidence < SURE:
        return Conformed(audio, unsure(report, "no clear beat was heard"))
    moves = offsets_of(reading, pulses)
    was_s, was_strength = time_left(onsets, pulses)
    if np.abs(moves).max() < ON_GRID_S or is_played_freely(reading, was_s):
        return Conformed(audio, replace(report, action="none", residual_ms=round(1000 * was_s, 2)))
    warp = zone_warp(reading, pulses, zone, audio.shape[1])
    made = warp_audio(audio, warp)
    left_s, strength = time_left(find_onsets(made), pulses)
    if strength < BETTER * max(was_strength, 0.1):
        return Conformed(audio, unsure(report, "moving it would have brought it no nearer to the grid"))
    done = replace(report, residual_ms=round(1000 * left_s, 2))
    return Conformed(made, replace(done, warnings=silence_warnings(warp, zone, audio.shape[1])), warp)


def is_played_freely(reading: Reading, was_s: float) -> bool:
    """Whether it is on the grid as a whole, and single notes are early and late as players are: no line is
    nearer to them than the grid. was_s: median distance of the bars from the grid.
    """
    moved = reading.on_path if has_drift(reading) else reading.strength
    return was_s < ON_GRID_S / 2 and moved < BETTER * reading.at_home


def is_off_grid(audio: Sound, grid: Grid, start_s: Fraction) -> bool:
    """Whether audio (2, n) that begins at start_s project seconds clearly goes by a time of its own."""
    pulses = pulses_in(grid, Zone(start_s, 0, audio.shape[1]))
    if len(pulses.times) < 2 or np.ptp(pulses.times) < (FEWEST_PULSES - 1) * pulses.pulse_s:
        return False
    reading = read_pulses(find_onsets(audio), pulses)
    far = float(np.abs(offsets_of(reading, pulses)).max()) >= OWN_TIME_S
    return reading.confidence >= SURE and far


def unsure(report: ConformReport, why: str) -> ConformReport:
    """The report of music that is left as it is."""
    text = f"not conformed to the grid: {why}"
    return replace(report, action="unsure", warnings=(text,))


def told(reading: Reading, pulses: Pulses, bpm: float) -> ConformReport:
    """What was measured, with the action that it asks for; bpm: wanted where the measurement starts."""
    line, drift = reading.line, reading.drift_s
    drifting = has_drift(reading)
    stretched = abs(line.ratio - 1.0) * float(np.ptp(pulses.times)) >= ON_GRID_S / 2
    return ConformReport(
        action="warp" if drifting else "stretch" if stretched else "offset",
        bpm_ratio=round(1.0 / line.ratio, 5),
        bpm=round(bpm / line.ratio, 3),
        phase_ms=round(1000 * line.offset_s, 2),
        drift_ms=round(1000 * float(np.abs(drift).max()), 2) if drifting else 0.0,
        confidence=round(reading.confidence, 3),
    )


def has_drift(reading: Reading) -> bool:
    """Whether the tempo wandered: by more than single notes do, and the onsets agree with the path."""
    wide = float(np.ptp(reading.drift_s)) >= 2 * STRAIGHT_S
    return wide and reading.on_path > 1.1 * reading.strength


def offsets_of(reading: Reading, pulses: Pulses) -> Floats:
    """How late each pulse was played, seconds, (n,)."""
    since = pulses.times - pulses.times[0]
    late = (reading.line.ratio - 1.0) * since + reading.line.offset_s
    return np.asarray(late + np.interp(pulses.times, reading.times, reading.drift_s) * has_drift(reading))


def zone_warp(reading: Reading, pulses: Pulses, zone: Zone, count: int) -> Warp:
    """The map that brings the zone to the grid; count: samples of the audio."""
    lo, hi, end = zone.lo / RATE, zone.hi / RATE, count / RATE
    inside = (
        np.unique(np.concatenate([reading.times, [lo, hi]])) if has_drift(reading) else np.array([lo, hi])
    )
    if zone.slack_s is not None:
        inside = np.unique(np.concatenate([inside, np.arange(lo, hi, KNOT_S)]))
    since = inside - pulses.times[0]
    late = (reading.line.ratio - 1.0) * since + reading.line.offset_s
    late = late + np.interp(inside, reading.times, reading.drift_s) * has_drift(reading)
    if zone.slack_s is None:
        return Warp(inside, inside + late)
    slacks = [min(zone.slack_s, room / 4) for room in (lo, end - hi)]
    most = np.minimum(slacks[0] + SLOPE * (inside - lo), slacks[1] + SLOPE * (hi - inside))
    late = np.clip(late, -most, most)
    wanted = np.concatenate([[0.0] if lo > 0 else [], inside, [end] if hi < end else []])
    played = np.concatenate([[0.0] if lo > 0 else [], inside + late, [end] if hi < end else []])
    return thin(Warp(wanted, played))


def thin(warp: Warp) -> Warp:
    """The map without knots that lie on the line between their neighbours."""
    slopes = np.diff(warp.played) / np.diff(warp.wanted)
    keep = np.concatenate([[True], np.abs(np.diff(slopes)) > 1e-9, [True]])
    return Warp(warp.wanted[keep], warp.played[keep])


def silence_warnings(warp: Warp, zone: Zone, count: int) -> tuple[str, ...]:
    """Whether there was no music to fill an end with: it came in too early, or was through too soon; count:
    samples of the audio, which may reach further than the zone.
    """
    if zone.slack_s is not None:
        return ()
    start, stop = played_at(warp, np.array([zone.lo, zone.hi]) / RATE) * RATE
    gaps = {"first": -start, "last": stop - count}
    return tuple(
        f"the {end} {1000 * gap / RATE:.0f} ms are silent: conforming to the grid left nothing to fill them"
        for end, gap in gaps.items()
        if gap > GAP_S * RATE
    )


def pulses_in(grid: Grid, zone: Zone) -> Pulses:
    """Where the grid expects onsets in the zone, in seconds of the audio; groups are bars."""
    start, stop = (zone.start_s + Fraction(at, RATE) for at in (zone.lo, zone.hi))
    first, last = (beat_of(grid, Seconds(at)) for at in (start, stop))
    beats: list[tuple[Fraction, float, int]] = []
    for bar in range(bar_at(grid.meter, first), bar_at(grid.meter, last) + 1):
        line = bar_start(grid.meter, bar)
        point = grid.meter.points[point_at_beat(grid.meter, line)]
        for step in range(ceil(bar_length(point) / SIXTEENTH)):
            if first <= line + step * SIXTEENTH < last:
                weight = weight_at(step, point)
                beats.append((line + step * SIXTEENTH, weight, bar))
    times = [float(seconds_at(grid.tempo, beat, DIGITS).value - zone.start_s) for beat, _, _ in beats]
    bars = np.array([bar for _, _, bar in beats], np.intp)
    accents = np.array([beat == bar_start(grid.meter, bar) for beat, _, bar in beats], bool)
    meter = meter_at(grid, Seconds(start))
    beat_s = 60.0 / local_bpm(grid, Seconds(start))
    weights = np.array([weight for _, weight, _ in beats])
    swings = beat_s if meter.denominator < 8 else 0.0
    swing_s = np.array([swings * SWING_BEATS.get(weight, 0.0) for weight in weights])
    pulse_s = beat_s * (1.5 if is_compound(meter) else 1.0)
    return Pulses(np.array(times), weights, bars, accents, swing_s, pulse_s, USUAL_BEATS * beat_s)


def is_compound(meter: MeterPoint) -> bool:
    """Whether its pulse is a dotted quarter: 6/8 and its kin."""
    return meter.denominator == 8 and meter.numerator % 3 == 0


def weight_at(step: int, meter: MeterPoint) -> float:
    """How likely an onset is on a bar's sixteenth; of odd eighths only the bar line is sure to be a pulse."""
    pulse = 6 if is_compound(meter) else 4 if meter.denominator < 8 else 1 << 20
    return PULSE if step % pulse == 0 else EIGHTH if step % 2 == 0 else BETWEEN
