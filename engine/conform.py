"""How far played music is off from where its pulses are expected: a tempo ratio, an offset, a drift.

Receives times in seconds and weights; knows no beats, bars or projects. The tempo is known, so the search is
narrow; positions between pulses weigh little and only the mode of many onsets counts, so that swung notes do
not pass for a phase error.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from engine.onsets import Onsets
from engine.pulses import (
    BLURS_S,
    Line,
    Pulses,
    along,
    belief,
    blurred,
    part_of,
    refine_line,
    score_paths,
    search_lines,
)

SEARCHED_S = 24.0  # the first search looks at this much from the start; the rest follows by tracking
DRIFT_PER_S = 0.008  # usual change of the offset within a group, a second
STEEPEST = 0.03  # and the largest
TRACK_S = 0.4  # how far the path may leave the line
STEP_S = 0.002
SWUNG_S = 0.05  # swung notes are looked for this far from their straight place
EVEN_S = 0.012  # and count as straight up to here
APART_S = 0.03  # paths that are nearer to each other for most of the time are one
HEAD_S = 0.03  # where the path begins, about
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured. line: the best one; times, drift_s: of each group, what is left after the line.

    strength: mean onset strength on pulses along the line, in units of the music's own level; on_path: along
    the line with its drift; at_home: with no correction; margin: how far the next best, different line falls
    behind, 0..1; heard: share of the groups in which onsets back the path.
    """

    line: Line
    times: Floats
    drift_s: Floats
    strength: float
    on_path: float
    at_home: float
    margin: float
    heard: float

    @property
    def confidence(self) -> float:
        """0..1; see `confidence_of`."""
        return confidence_of(self)


def confidence_of(reading: Reading) -> float:
    """The weakest of three witnesses, each 0..1: onsets are on the pulses, no other line says the same,
    most groups agree.
    """
    even = np.interp(reading.strength, [1.3, 1.9], [0.0, 1.0])
    clear = max(
        even, np.interp(reading.on_path, [1.6, 2.4], [0.0, 1.0])
    )  # a path fits noise better than a line
    alone = np.interp(reading.margin, [0.04, 0.16], [0.0, 1.0])
    steady = np.interp(reading.heard, [0.4, 0.8], [0.0, 1.0])
    return float(min(clear, alone, steady))


def read_pulses(onsets: Onsets, pulses: Pulses) -> Reading:
    """Measure played music against expected pulses; at least two pulses."""
    head = part_of(pulses, SEARCHED_S)
    line, margin = clearest_line(onsets, head)
    sharp = even_pulses(onsets, pulses, line)
    line = refine_line(onsets, part_of(sharp, SEARCHED_S), line)
    times, drift, _ = follow(onsets, sharp, line)
    if len(head.times) < len(pulses.times):
        line = refine_line(onsets, sharp, through_path(sharp, line, times, drift))
    times, drift, heard = follow(onsets, sharp, line)
    played = along(pulses, line)
    drifted = played + np.interp(pulses.times, times, drift)
    strengths = [mean_strength(onsets, sharp, times) for times in (played, drifted, pulses.times)]
    return Reading(line, times, drift, *strengths, margin, heard)


def clearest_line(onsets: Onsets, pulses: Pulses) -> tuple[Line, float]:
    """The line that tells most of the onsets when the tempo may wander around it, and its margin, 0..1: of
    two looks, a sharp and a tolerant one, the clearer; when they see different ones the smaller margin.
    """
    found = []
    for line in (line for blur_s in BLURS_S for line in search_lines(onsets, pulses, blur_s)):
        times, drift, _ = follow(onsets, pulses, line)
        path = along(pulses, line) + np.interp(pulses.times, times, drift)
        found.append((through_path(pulses, line, times, drift), path))
    apart = np.array([[is_apart(one, other) for _, other in found] for _, one in found])
    trust = [float(belief(pulses, np.array(line.ratio), np.array(line.offset_s))) for line, _ in found]
    looks = []
    for blur_s in BLURS_S:
        told = trust * score_paths(blurred(onsets, blur_s), pulses, [path for _, path in found], 0)[:, 0]
        best = int(np.argmax(told))
        other = float(told[apart[best]].max(initial=0.0))
        looks.append((1.0 - other / max(float(told[best]), 1e-9), best))
    (margin, best), (less, second) = max(looks), min(looks)
    return found[best][0], float(np.clip(less if apart[best, second] else margin, 0.0, 1.0))


def is_apart(one: Floats, other: Floats) -> bool:
    """Whether two paths are different readings: not where one alone is lost for some bars."""
    return float(np.percentile(np.abs(one - other), 75)) > APART_S


def time_left(onsets: Onsets, pulses: Pulses) -> tuple[float, float]:
    """How far music is off its pulses that should be on them: the median over groups, seconds, and the mean
    strength on the pulses.
    """
    home = Line(1.0, 0.0)
    sharp = even_pulses(onsets, pulses, home)
    _, drift, _ = follow(onsets, sharp, home)
    return float(np.median(np.abs(drift))), mean_strength(onsets, sharp, pulses.times)


def even_pulses(onsets: Onsets, pulses: Pulses, line: Line) -> Pulses:
    """The pulses without the positions between them that the music plays elsewhere: a swung eighth is late
    by as much as it swings, and says nothing about the pulse.
    """
    shifts = np.arange(-SWUNG_S, SWUNG_S, 0.001)
    found = onsets.at(along(pulses, line)[:, None] + shifts)  # (n, shifts)
    peaks = {}
    for weight in np.unique(pulses.weights):
        profile = gaussian_filter1d(found[pulses.weights == weight].mean(axis=0), 4.0)
        peaks[weight] = float(shifts[int(np.argmax(profile))])
    heaviest = peaks[pulses.weights.max()]
    kept = [abs(peaks[weight] - heaviest) < EVEN_S for weight in pulses.weights]
    return replace(pulses, weights=np.where(kept, pulses.weights, 0.0))


def mean_strength(onsets: Onsets, pulses: Pulses, played: Floats) -> float:
    """Weighted mean of the onset strength within 6 ms of the times."""
    near = np.max([onsets.at(played + shift) for shift in (-0.006, -0.003, 0.0, 0.003, 0.006)], axis=0)
    return float(np.sum(pulses.weights * near) / np.sum(pulses.weights))


def follow(onsets: Onsets, pulses: Pulses, line: Line) -> tuple[Floats, Floats, float]:
    """The path of the offset left by a line, group by group: times (g,), drift in seconds (g,), and the
    share of groups whose onsets back it.
    """
    shifts = np.arange(-TRACK_S, TRACK_S + STEP_S / 2, STEP_S)
    starts = np.unique(pulses.groups, return_index=True)[1]
    found = onsets.at(along(pulses, line)[:, None] + shifts[None, :]) * pulses.weights[:, None]
    scores = np.add.reduceat(found, starts)  # (groups, shifts)
    spans = np.diff(np.append(pulses.times[starts], pulses.times[-1] + pulses.pulse_s))
    path = best_path(scores, spans)
    times = pulses.times[starts] + spans / 2
    pulse_weights = np.add.reduceat(pulses.weights, starts)
    smooth = gaussian_filter1d(scores, 0.0025 / STEP_S, axis=1)
    exact = np.array([peak_near(row, at) for row, at in zip(with_neighbours(smooth), path, strict=True)])
    backed = smooth[np.arange(len(path)), path] > 0.2 * pulse_weights
    return times, shifts[0] + exact * STEP_S, float(np.mean(backed))


def best_path(scores: Floats, spans: Floats) -> NDArray[np.intp]:
    """Indices of shifts, one a group, that gather most while they change little (Viterbi)."""
    groups, count = scores.shape
    total = scores[0] - ((np.arange(count) - count // 2) * STEP_S / HEAD_S) ** 2
    came = np.zeros((groups, count), np.intp)
    for g in range(1, groups):
        reach = max(1, int(STEEPEST * spans[g - 1] / STEP_S))
        moves = np.arange(-reach, reach + 1)
        cost = (moves * STEP_S / (DRIFT_PER_S * spans[g - 1])) ** 2
        padded = np.pad(total, reach, constant_values=-np.inf)
        options = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1) - cost  # (count, moves)
        best = np.argmax(options, axis=1)
        came[g] = np.clip(np.arange(count) + moves[best], 0, count - 1)
        total = options[np.arange(count), best] + scores[g]
    path = np.empty(groups, np.intp)
    path[-1] = int(np.argmax(total))
    for g in range(groups - 1, 0, -1):
        path[g - 1] = came[g, path[g]]
    return path


def with_neighbours(scores: Floats) -> Floats:
    """Each group's scores with a part of those beside it: a bar alone holds few onsets."""
    padded = np.pad(scores, ((1, 1), (0, 0)))
    return np.asarray(scores + 0.25 * (padded[:-2] + padded[2:]))


def peak_near(scores: Floats, at: int, reach: int = 6) -> float:
    """Where the scores peak within `reach` of an index, between samples by a parabola."""
    lo, hi = max(1, at - reach), min(len(scores) - 1, at + reach + 1)
    top = lo + int(np.argmax(scores[lo:hi]))
    if not 1 <= top < len(scores) - 1:
        return float(at)
    left, mid, right = scores[top - 1 : top + 2]
    bend = left - 2 * mid + right
    return float(top + (0.5 * (left - right) / bend if bend < 0 else 0.0))


def through_path(pulses: Pulses, line: Line, times: Floats, drift: Floats) -> Line:
    """The line through a path: least squares that let single groups be wrong."""
    weights = np.ones(len(times))
    centred = times - pulses.times[0]
    slope = level = 0.0
    for _ in range(5):
        slope, level = np.polyfit(centred, drift, 1, w=weights) if len(times) > 1 else (0.0, drift[0])
        miss = np.abs(drift - slope * centred - level)
        weights = 1.0 / (1.0 + (miss / 0.004) ** 2)
    return Line(line.ratio + float(slope), line.offset_s + float(level))
