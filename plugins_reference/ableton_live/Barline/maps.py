"""The arithmetic between Live's beats, a source's seconds and the tempo map that the daemon gets. Pure.

Live tells one tempo and one time signature, never their automation. A warped clip tells more: its warp
markers say which second of the source sounds on which beat, and that is the source's own tempo map, whatever
the set's tempo does. So a warped clip is sent with the map of its markers; an unwarped one with one constant
tempo.

Project beats are what the daemon counts: Live's beats plus `shift`, whole bars that keep the source's
beginning at or behind beat 0, where the tempo map must begin.
"""

from __future__ import annotations

import math
from typing import NamedTuple

SAME_TEMPO = 1e-9
"""Relative difference below which two stretches have one tempo: what is left of decimal fractions."""


class Marker(NamedTuple):
    """A second of the source and the beat it sounds on."""

    seconds: float
    beat: float


class Timeline(NamedTuple):
    """Where a source lies on the beats.

    points: (beat, bpm), the first at beat 0; source_start: beat of its first sample; shift: beats that were
    added. All in project beats.
    """

    points: tuple[tuple[float, float], ...]
    source_start: float
    shift: float


def bar_beats(numerator: int, denominator: int) -> float:
    """Quarter notes of a bar."""
    return 4.0 * numerator / denominator


def clean_markers(markers: list[Marker]) -> list[Marker]:
    """Markers in order, without those that do not move on in both seconds and beats."""
    kept: list[Marker] = []
    for marker in sorted(markers, key=lambda found: found.beat):
        if not kept or (marker.beat > kept[-1].beat and marker.seconds > kept[-1].seconds):
            kept.append(marker)
    return kept


def tempi_between(markers: list[Marker]) -> list[tuple[float, float]]:
    """(beat, bpm) of each stretch between clean markers; neighbours of the same tempo are one stretch."""
    found: list[tuple[float, float]] = []
    for index in range(len(markers) - 1):
        here, there = markers[index], markers[index + 1]
        bpm = 60.0 * (there.beat - here.beat) / (there.seconds - here.seconds)
        if not found or abs(bpm - found[-1][1]) > SAME_TEMPO * bpm:
            found.append((here.beat, bpm))
    return found


def warped_timeline(markers: list[Marker], bar: float) -> Timeline:
    """The timeline of a source whose markers (at least two, clean) stand on Live's beats."""
    tempi = tempi_between(markers)
    first, bpm = markers[0], tempi[0][1]
    start = first.beat - first.seconds * bpm / 60.0
    shift = shift_for(min(start, first.beat), bar)
    points = [(beat + shift, tempo) for beat, tempo in tempi]
    return Timeline(((0.0, bpm), *points[1:]), start + shift, shift)


def straight_timeline(start: float, bpm: float, bar: float) -> Timeline:
    """The timeline of a source that plays at its own speed, its first sample on Live's beat `start`."""
    shift = shift_for(start, bar)
    return Timeline(((0.0, bpm),), start + shift, shift)


def shift_for(beat: float, bar: float) -> float:
    """Beats of whole bars that bring a beat to 0 or behind it."""
    return math.ceil(-beat / bar) * bar if beat < 0 else 0.0


def seconds_at(timeline: Timeline, beat: float) -> float:
    """Seconds from project beat 0 to a project beat; the first tempo holds before, the last one for ever."""
    seconds, (here, bpm) = 0.0, timeline.points[0]
    for start, tempo in timeline.points[1:]:
        if beat <= start:
            break
        seconds += (start - here) * 60.0 / bpm
        here, bpm = start, tempo
    return seconds + (beat - here) * 60.0 / bpm


def take_markers(timeline: Timeline, start: float, end: float) -> list[Marker]:
    """Warp markers for a take of project beats start..end, from its own first sample and beat on."""
    inner = [beat for beat, _ in timeline.points if start < beat < end]
    zero = seconds_at(timeline, start)
    return [Marker(seconds_at(timeline, beat) - zero, beat - start) for beat in [start, *inner, end]]


def marker_seconds(markers: list[Marker], beat: float) -> float:
    """The second of the source on a beat of a clip with these clean markers, at least two."""
    index = 0
    while index < len(markers) - 2 and beat > markers[index + 1].beat:
        index += 1
    here, there = markers[index], markers[index + 1]
    return here.seconds + (beat - here.beat) * (there.seconds - here.seconds) / (there.beat - here.beat)
