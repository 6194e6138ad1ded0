"""What is decided about audio that is off the grid, and what a region keeps when it is moved."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.conform import OFF, Conformed, Zone, conform, is_off_grid, pulses_in, zone_warp
from bridge.grid import Grid, build_grid
from engine.conform import read_pulses
from engine.onsets import find_onsets
from engine.timewarp import played_at
from protocol.values import MeterPoint, TempoPoint

RATE = 48_000
BARS = 6


def grid_of(tempo: str = "0 120", meter: Sequence[MeterPoint] = (MeterPoint(1, 4, 4),)) -> Grid:
    """A grid; tempo: "beat bpm" or "beat bpm ramp", parted by semicolons."""
    points = []
    for text in tempo.split(";"):
        beat, bpm, *ramp = text.split()
        points.append(TempoPoint(Fraction(beat), Fraction(bpm), "beats" if ramp else "none"))
    return build_grid(points, meter)


def band(grid: Grid, ratio: float = 1.0, late: float = 0.0, bars: int = BARS) -> NDArray[np.float32]:
    """Beats, a loud low one on each bar, softer eighths; (2, n), as long as the bars are on the grid."""
    zone = Zone(Fraction(0), 0, 100 * RATE)
    pulses = pulses_in(grid, zone)
    count = round(float(pulses.times[np.flatnonzero(pulses.accents)[bars]]) * RATE)
    rng, sound = np.random.default_rng(5), np.zeros(count)
    for at, weight, accent in zip(pulses.times, pulses.weights, pulses.accents, strict=True):
        first = round((ratio * at + late) * RATE)
        if weight > 0.3 and 0 <= first < count:
            since = np.arange(min(9600, count - first)) / RATE
            hit = 0.3 * weight * np.exp(-since / 0.02) * rng.standard_normal(len(since))
            sound[first : first + len(since)] += hit + 0.5 * accent * np.sin(345.6 * since) * np.exp(
                -since / 0.1
            )
    return np.stack([sound, sound]).astype(np.float32)


def conformed(grid: Grid, audio: NDArray[np.float32], slack_s: float | None = None) -> Conformed:
    return conform(audio, grid, Zone(Fraction(0), 0, audio.shape[1], slack_s))


def left_ms(done: Conformed, grid: Grid) -> float:
    """How far the result is off, measured anew."""
    pulses = pulses_in(grid, Zone(Fraction(0), 0, done.audio.shape[1]))
    line = read_pulses(find_onsets(done.audio), pulses).line
    late = (line.ratio - 1) * (pulses.times - pulses.times[0]) + line.offset_s
    return 1000 * float(np.abs(late).max())


@pytest.mark.parametrize("tempo", ["0 120", "0 100 ramp; 24 130", "0 90; 8 140"])
def test_music_on_the_grid_is_left_as_it_is(tempo: str) -> None:
    audio = band(grid_of(tempo))
    done = conformed(grid_of(tempo), audio)
    assert done.report.action == "none" and done.audio is audio and done.warp is None


@pytest.mark.parametrize(
    ("tempo", "ratio", "late", "action"),
    [
        ("0 120", 1.0, 0.06, "offset"),
        ("0 120", 1.02, 0.0, "stretch"),
        ("0 100 ramp; 24 130", 0.985, 0.03, "stretch"),
        ("0 90; 8 140", 1.0, -0.05, "offset"),
    ],
)
def test_music_off_the_grid_is_moved_onto_it(tempo: str, ratio: float, late: float, action: str) -> None:
    grid = grid_of(tempo)
    audio = band(grid, ratio, late)
    done = conformed(grid, audio)
    assert (done.report.action, done.audio.shape) == (action, audio.shape)
    assert left_ms(done, grid) < 3.0 and done.report.residual_ms < 3.0
    assert done.report.bpm_ratio == pytest.approx(1 / ratio, abs=3e-4)


def test_off_leaves_it_alone() -> None:
    audio = band(grid_of(), late=0.06)
    done = conform(audio, grid_of(), Zone(Fraction(0), 0, audio.shape[1]), "off")
    assert done.audio is audio and done.report == OFF


def test_a_pad_is_left_alone_with_a_warning() -> None:
    tone = 0.3 * np.sin(2 * np.pi * 220 * np.arange(10 * RATE) / RATE).astype(np.float32)
    done = conformed(grid_of(), np.stack([tone, tone]))
    assert done.report.action == "unsure" and "no clear beat" in done.report.warnings[0]


def test_a_region_of_less_than_four_beats_is_left_alone() -> None:
    audio = band(grid_of(), late=0.05)[:, : round(1.4 * RATE)]
    done = conformed(grid_of(), audio)
    assert done.report.action == "unsure" and done.audio is audio


def test_silence_is_left_alone() -> None:
    done = conformed(grid_of(), np.zeros((2, 8 * RATE), np.float32))
    assert done.report.action == "unsure"


@pytest.mark.parametrize("late", [-0.1, 0.015, 0.1])
def test_at_a_seam_nothing_moves_by_more_than_the_crossfade(late: float) -> None:
    grid = grid_of()
    audio = band(grid, late=late)
    zone = Zone(Fraction(0), 2 * RATE, 10 * RATE, 0.02)
    pulses = pulses_in(grid, zone)
    warp = zone_warp(read_pulses(find_onsets(audio), pulses), pulses, zone, audio.shape[1])
    seams = np.array([2.0, 10.0])
    assert np.abs(played_at(warp, seams) - seams).max() <= 0.02 + 1e-9
    assert abs(float(played_at(warp, np.array(6.0))) - 6.0 - late) < 0.003
    assert played_at(warp, np.array([0.0, 12.0])) == pytest.approx([0.0, 12.0])


def test_what_is_outside_the_margins_keeps_its_length_and_place() -> None:
    grid = grid_of()
    audio = band(grid, late=0.05)
    done = conform(audio, grid, Zone(Fraction(0), 2 * RATE, 10 * RATE, 0.02))
    assert done.report.action in ("offset", "stretch") and done.audio.shape == audio.shape


def test_an_end_without_music_is_told() -> None:
    done = conformed(grid_of(), band(grid_of(), late=0.06))
    assert any(text.startswith("the last ") and "silent" in text for text in done.report.warnings)


def test_music_behind_the_end_slides_in() -> None:
    grid = grid_of()
    audio = band(grid, 0.97, bars=7)
    zone = Zone(Fraction(0), 0, 12 * RATE)
    done = conform(audio, grid, zone)
    assert done.report.action == "stretch" and done.report.warnings == ()
    assert np.abs(done.audio[:, 12 * RATE - 9_600 : 12 * RATE]).max() > 0.05


def test_a_source_with_a_time_of_its_own_is_known() -> None:
    grid = grid_of()
    assert is_off_grid(band(grid, 1.02), grid, Fraction(0))
    assert not is_off_grid(band(grid), grid, Fraction(0))


@pytest.mark.parametrize(
    ("meter", "heavy"), [(MeterPoint(1, 4, 4), 4), (MeterPoint(1, 6, 8), 2), (MeterPoint(1, 7, 8), 1)]
)
def test_pulses_follow_the_meter(meter: MeterPoint, heavy: int) -> None:
    pulses = pulses_in(grid_of(meter=[meter]), Zone(Fraction(0), 0, 12 * RATE))
    inside = pulses.groups == 2
    assert np.count_nonzero(pulses.weights[inside] == 1.0) == heavy
    assert np.flatnonzero(pulses.accents[inside]).tolist() == [0]
