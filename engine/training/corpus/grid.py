"""Beats, seconds and bars of a song; exact integrals, no rounding to samples."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from .values import MeterPoint, Song, TempoPoint

FLAT_SLOPE = 1e-9  # bpm per beat below which a ramp is a constant: its logarithm would lose all digits


def slopes_of_tempo(tempo: tuple[TempoPoint, ...]) -> np.ndarray:
    """Slope of each tempo segment, bpm per beat; 0 for steps and for the last segment."""
    slopes = [float((b.bpm - a.bpm) / (b.beat - a.beat)) if a.ramp else 0.0 for a, b in pairwise(tempo)]
    return np.array([*slopes, 0.0])


def seconds_in_segment(beats: np.ndarray, bpm: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Integral of 60 / (bpm + slope x) from 0 to `beats`, in seconds."""
    flat = np.abs(slope) < FLAT_SLOPE
    steep = np.where(flat, 1.0, slope)
    ramp = 60.0 / steep * np.log(np.maximum(1.0 + steep * beats / bpm, 1e-12))
    return np.where(flat, 60.0 * beats / bpm, ramp)


def beats_in_segment(seconds: np.ndarray, bpm: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """The inverse of `seconds_in_segment`."""
    flat = np.abs(slope) < FLAT_SLOPE
    steep = np.where(flat, 1.0, slope)
    ramp = bpm / steep * np.expm1(steep * seconds / 60.0)
    return np.where(flat, seconds * bpm / 60.0, ramp)


def segment_table(tempo: tuple[TempoPoint, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Start beat, start second, start bpm and slope of every tempo segment."""
    beats = np.array([float(p.beat) for p in tempo])
    bpm = np.array([float(p.bpm) for p in tempo])
    slopes = slopes_of_tempo(tempo)
    lengths = seconds_in_segment(np.diff(beats), bpm[:-1], slopes[:-1])
    return beats, np.concatenate([[0.0], np.cumsum(lengths)]), bpm, slopes


def seconds_at(tempo: tuple[TempoPoint, ...], beats: ArrayLike) -> np.ndarray:
    """Times in seconds of positions in beats; any shape, also outside the song."""
    wanted = np.asarray(beats, float)
    starts, times, bpm, slopes = segment_table(tempo)
    at = np.clip(np.searchsorted(starts, wanted, "right") - 1, 0, None)
    return times[at] + seconds_in_segment(wanted - starts[at], bpm[at], slopes[at])


def beats_at(tempo: tuple[TempoPoint, ...], seconds: ArrayLike) -> np.ndarray:
    """Positions in beats of times in seconds; any shape, also outside the song."""
    wanted = np.asarray(seconds, float)
    starts, times, bpm, slopes = segment_table(tempo)
    at = np.clip(np.searchsorted(times, wanted, "right") - 1, 0, None)
    return starts[at] + beats_in_segment(wanted - times[at], bpm[at], slopes[at])


def seconds_of_beats(song: Song, beats: np.ndarray) -> np.ndarray:
    """Times in seconds of positions in beats of a song."""
    return seconds_at(song.tempo, beats)


def beats_of_seconds(song: Song, seconds: np.ndarray) -> np.ndarray:
    """Positions in beats of times in seconds of a song."""
    return beats_at(song.tempo, seconds)


def beats_of_bar(meter: MeterPoint) -> Fraction:
    """Length of one bar in beats (quarter notes)."""
    return Fraction(4 * meter.numerator, meter.denominator)


def starts_until(meter: tuple[MeterPoint, ...], end: float) -> list[Fraction]:
    """Bar lines from 0 up to the first one at or behind `end` beats, that one included."""
    lines, bar, point = [Fraction(0)], 0, 0
    while lines[-1] < end:
        while point + 1 < len(meter) and meter[point + 1].bar <= bar:
            point += 1
        lines.append(lines[-1] + beats_of_bar(meter[point]))
        bar += 1
    return lines


def bar_starts(song: Song) -> np.ndarray:
    """Start of every bar of the song in beats, the song's end not included."""
    return np.array([float(line) for line in starts_until(song.meter, song.beats)[:-1]])


def grid_phase(song: Song, seconds: np.ndarray) -> np.ndarray:
    """Beat and bar phase in cycles, [0, 1), at times in seconds (T,) -> (T, 2)."""
    beats = beats_of_seconds(song, seconds)
    last = float(np.max(beats, initial=song.beats))
    lines = np.array([float(line) for line in starts_until(song.meter, last + 1.0)])
    at = np.clip(np.searchsorted(lines, beats, "right") - 1, 0, len(lines) - 2)
    bar = (beats - lines[at]) / (lines[at + 1] - lines[at])
    return np.stack([beats % 1.0, bar % 1.0], axis=-1)
