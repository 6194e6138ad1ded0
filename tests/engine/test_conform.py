"""Onsets, pulses and the warp, on sounds whose every onset is known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.conform import Reading, read_pulses, time_left
from engine.onsets import find_onsets
from engine.pulses import Pulses
from engine.timewarp import Warp, played_at, shift_warp, warp_audio

RATE = 48_000
SECONDS = 12
Floats = NDArray[np.float64]


def strikes(times: Floats, loud: Floats, seed: int = 0) -> NDArray[np.float32]:
    """Bursts of noise over their own reverberation, (2, n)."""
    rng = np.random.default_rng(seed)
    sound = 0.002 * rng.standard_normal(SECONDS * RATE)
    for at, level in zip(np.rint(times * RATE).astype(int), loud, strict=True):
        since = np.arange(min(12_000, len(sound) - at)) / RATE
        decay = np.exp(-since / 0.015) + 0.1 * np.exp(-since / 0.15)
        sound[at : at + len(since)] += 0.3 * level * decay * rng.standard_normal(len(since))
    return np.stack([sound, sound]).astype(np.float32)


def pulses_at(bpm: float = 120.0) -> Pulses:
    """Sixteenths of 4/4 over the whole sound, after a quarter of a second."""
    beats = np.arange(0, (SECONDS - 1) * bpm / 60, 0.25)
    weights = np.where(beats % 1 == 0, 1.0, np.where(beats % 0.5 == 0, 0.4, 0.15))
    bars = (beats // 4).astype(np.intp)
    beat_s = 60.0 / bpm
    swing = np.where(weights == 0.4, beat_s / 6, 0.0)
    return Pulses(0.25 + beats * beat_s, weights, bars, beats % 4 == 0, swing, beat_s, 0.27 * beat_s)


def play(
    pulses: Pulses, ratio: float = 1.0, late: float = 0.0, swing: float = 0.5, soft: float = 0.4
) -> NDArray[np.float32]:
    """Beats and softer eighths, played wrong; swing: where the second eighth lies in its beat; soft: how
    loud it is.
    """
    eighths = pulses.weights > 0.3
    times = pulses.times[eighths]
    loud = np.where(pulses.accents[eighths], 1.5, np.where(pulses.weights[eighths] == 1.0, 1.0, soft))
    times = times + np.where(pulses.weights[eighths] == 1.0, 0.0, (swing - 0.5) * pulses.pulse_s)
    first = pulses.times[0]
    wrong = ratio * (times - first) + first + late
    keep = wrong < SECONDS - 0.1
    return strikes(wrong[keep], loud[keep])


def read(ratio: float = 1.0, late: float = 0.0, swing: float = 0.5) -> Reading:
    pulses = pulses_at()
    return read_pulses(find_onsets(play(pulses, ratio, late, swing)), pulses)


def test_onsets_peak_within_two_milliseconds_of_the_strikes() -> None:
    times = np.arange(0.5, 11.5, 0.25) + np.random.default_rng(1).uniform(-0.05, 0.05, 44)
    onsets = find_onsets(strikes(times, np.ones(44)))
    near = np.arange(-0.02, 0.02, 0.0002)
    peaks = [near[np.argmax(onsets.at(at + near))] for at in times]
    assert abs(float(np.median(peaks))) < 0.002
    assert float(np.percentile(np.abs(peaks), 95)) < 0.003


def test_silence_has_no_onsets() -> None:
    onsets = find_onsets(np.zeros((2, RATE), np.float32))
    assert not onsets.values.any() and not onsets.bass.any()


@pytest.mark.parametrize("ratio", [0.97, 0.99, 0.995, 1.005, 1.01, 1.03])
def test_a_wrong_tempo_is_measured(ratio: float) -> None:
    reading = read(ratio)
    assert abs(reading.line.ratio - ratio) < 2e-4 and reading.confidence > 0.9


@pytest.mark.parametrize("sixteenths", [-1.0, -0.5, 0.2, 1.0])
def test_a_wrong_phase_is_measured(sixteenths: float) -> None:
    reading = read(late=sixteenths * 0.125)
    assert abs(reading.line.offset_s - sixteenths * 0.125) < 0.002 and reading.confidence > 0.7


@pytest.mark.parametrize("swing", [0.54, 0.58, 0.62, 0.67])
def test_swing_is_no_error(swing: float) -> None:
    reading = read(swing=swing)
    assert abs(reading.line.offset_s) < 0.003 and abs(reading.line.ratio - 1.0) < 3e-4


@pytest.mark.parametrize("sixteenths", [-1.0, 0.6])
def test_a_shuffle_is_not_taken_for_its_upbeats(sixteenths: float) -> None:
    pulses = pulses_at(97.0)
    late = sixteenths * 15.0 / 97.0
    reading = read_pulses(find_onsets(play(pulses, 1.0, late, 2 / 3, 1.3)), pulses)
    assert abs(reading.line.offset_s - late) < 0.004 and reading.confidence > 0.5


def test_noise_gives_no_confidence() -> None:
    noise = np.random.default_rng(3).standard_normal((2, SECONDS * RATE)).astype(np.float32) * 0.1
    assert read_pulses(find_onsets(noise), pulses_at()).confidence < 0.5


def test_a_wandering_tempo_shows_as_drift() -> None:
    pulses = pulses_at()
    warp = wander()
    reading = read_pulses(find_onsets(strikes_on(pulses, warp)), pulses)
    path = reading.line.ratio * (reading.times - 0.25) + 0.25 + reading.line.offset_s + reading.drift_s
    assert np.abs(path - played_at(warp, reading.times)).max() < 0.012
    assert reading.confidence > 0.5


def wander() -> Warp:
    """A tempo that goes up and down by 1 %."""
    wanted = np.arange(0.0, SECONDS + 0.1, 0.5)
    return Warp(wanted, wanted + 0.025 * np.sin(wanted * 0.5))


def strikes_on(pulses: Pulses, warp: Warp) -> NDArray[np.float32]:
    """Every beat where a warp puts it, the first of a bar louder."""
    beats = pulses.weights == 1.0
    return strikes(played_at(warp, pulses.times[beats]), np.where(pulses.accents[beats], 1.5, 1.0))


def test_a_warp_moves_strikes_to_where_they_belong() -> None:
    pulses, warp = pulses_at(), wander()
    left, _ = time_left(find_onsets(warp_audio(strikes_on(pulses, warp), warp)), pulses)
    assert left < 0.002


def test_a_shift_copies_samples_as_they_are() -> None:
    sound = strikes(np.arange(1.0, 11.0), np.ones(10))
    late = warp_audio(sound, shift_warp(-0.01))
    assert np.array_equal(late[:, 480:], sound[:, :-480]) and not late[:, :480].any()


@pytest.mark.parametrize("ratio", [0.97, 1.0, 1.004, 1.03])
def test_a_stretch_keeps_pitch_and_level(ratio: float) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440.0 * np.arange(4 * RATE) / RATE)
    warp = Warp(np.array([0.0, 4.0]), np.array([0.0, 4.0 * ratio]))
    made = warp_audio(np.stack([tone, tone]).astype(np.float32), warp)[0, RATE : 3 * RATE]
    spectrum = np.abs(np.fft.rfft(made * np.hanning(len(made))))
    assert abs(np.argmax(spectrum) / 2.0 - 440.0) <= 0.5
    assert abs(float(np.sqrt(np.mean(made**2))) - 0.5 / np.sqrt(2)) < 0.01


def test_legs_of_different_speeds_meet_without_a_step() -> None:
    tone = (0.5 * np.sin(2 * np.pi * 220.0 * np.arange(4 * RATE) / RATE)).astype(np.float32)
    warp = Warp(np.array([0.0, 1.5, 2.5, 4.0]), np.array([0.0, 1.5, 2.55, 4.0]))
    made = warp_audio(np.stack([tone, tone]), warp)
    assert made.shape == (2, 4 * RATE)
    assert np.abs(np.diff(made[0, RATE : 3 * RATE])).max() < 0.5 * 2 * np.pi * 220.0 / RATE * 1.5
