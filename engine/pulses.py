"""Straight lines through music: the tempo ratio and the offset at which onsets best meet expected pulses.

Played time = ratio * (expected - first) + first + offset. Times in seconds and weights; no beats, no bars.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from engine.onsets import Onsets

RATIO_RANGE = 0.06
FEWEST = 7.5  # pulses; fewer tell an offset only
COARSE_S = 0.004
BLURS_S = (0.005, 0.015)  # for a tempo that is even, and for one that wanders
FINE_S = 0.03  # how far off the coarse line may be at either end
NEAR_S = 0.05  # lines that agree to this at both ends are one reading
BASS_SHARE = 0.3
FAR_DOUBT = 0.6  # of what speaks for an offset that is larger than usual by a quarter
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pulses:
    """Where onsets are expected. times: seconds, rising, (n,); weights: 1 for a pulse, less between them,
    (n,); groups: number of the group (a bar) each belongs to, rising, (n,); accents: whether a group begins
    there, (n,); pulse_s: about how long a pulse is; usual_s: offsets up to this are nothing unusual.
    """

    times: Floats
    weights: Floats
    groups: NDArray[np.intp]
    accents: NDArray[np.bool_]
    pulse_s: float
    usual_s: float


@dataclass(frozen=True, slots=True)
class Line:
    """Played time = ratio * (expected - first) + first + offset_s; first: the first expected time."""

    ratio: float
    offset_s: float


def part_of(pulses: Pulses, seconds: float) -> Pulses:
    """The pulses of the first `seconds`."""
    keep = pulses.times <= pulses.times[0] + seconds
    return replace(
        pulses,
        times=pulses.times[keep],
        weights=pulses.weights[keep],
        groups=pulses.groups[keep],
        accents=pulses.accents[keep],
    )


def along(pulses: Pulses, line: Line) -> Floats:
    """When the pulses sound according to a line, seconds, (n,)."""
    first = pulses.times[0]
    return np.asarray(line.ratio * (pulses.times - first) + first + line.offset_s)


def agree_line(onsets: Onsets, pulses: Pulses) -> tuple[Line, float]:
    """The line of the clearer of two searches, a sharp and a tolerant one; when they find different lines
    the margin is the smaller one.
    """
    sharp, tolerant = (search_line(onsets, pulses, blur_s) for blur_s in BLURS_S)
    gap = np.abs(along(pulses, sharp[0]) - along(pulses, tolerant[0])).max()
    line = max(sharp, tolerant, key=lambda found: found[1])[0]
    return line, (max if gap < NEAR_S else min)(sharp[1], tolerant[1])


def search_line(onsets: Onsets, pulses: Pulses, blur_s: float) -> tuple[Line, float]:
    """The best line within +-6 % and half a pulse, and its margin over the best one that is different.

    blur_s: how far onsets may be off the line to count for it.
    """
    smooth = replace(onsets, values=gaussian_filter1d(onsets.values, blur_s / onsets.step_s))
    length = max(float(pulses.times[-1] - pulses.times[0]), pulses.pulse_s)
    count = int(np.ceil(RATIO_RANGE * length / 0.008)) if length > FEWEST * pulses.pulse_s else 0
    ratios = 1.0 + RATIO_RANGE * np.arange(-count, count + 1) / max(count, 1)
    reach = int(np.ceil(pulses.pulse_s / 2 / COARSE_S))
    offsets = COARSE_S * np.arange(-reach, reach + 1)
    scores = score_lines(smooth, pulses, ratios, offsets)
    # a model that was told the tempo and where to begin is rather nearly right than far off: without this a
    # backbeat or an offbeat bass, louder than the pulse, would be taken for it
    far = np.clip(4.0 * (np.abs(offsets) / pulses.usual_s - 1.0), 0.0, 1.0)
    doubt = FAR_DOUBT * far[None, :] + 0.1 * ((ratios - 1) / RATIO_RANGE)[:, None] ** 2
    scores = scores * (1.0 - doubt)
    i, j = np.unravel_index(int(np.argmax(scores)), scores.shape)
    starts = offsets[None, :] - offsets[j]
    ends = starts + (ratios - ratios[i])[:, None] * length
    other = scores[(np.abs(starts) > NEAR_S) | (np.abs(ends) > NEAR_S)]
    best = max(float(scores[i, j]), 1e-9)
    margin = 1.0 - float(other.max(initial=0.0)) / best
    return Line(float(ratios[i]), float(offsets[j])), float(np.clip(margin, 0.0, 1.0))


def score_lines(onsets: Onsets, pulses: Pulses, ratios: Floats, offsets: Floats) -> Floats:
    """Weighted onset strength along every line, (ratios, offsets); the bass counts above all on
    accents, which tells a pulse from the middle between two.
    """
    zero = np.zeros(1)  # stands for everything outside
    values, bass = np.concatenate([onsets.values, zero]), np.concatenate([onsets.bass, zero])
    last, first = len(onsets.values), pulses.times[0]
    weights = pulses.weights / pulses.weights.sum()
    low = BASS_SHARE * (weights + pulses.accents / max(int(pulses.accents.sum()), 1))
    scores = np.empty((len(ratios), len(offsets)))
    for row, ratio in enumerate(ratios):
        played = ratio * (pulses.times - first) + first - onsets.start_s
        place = np.rint((played[None, :] + offsets[:, None]) / onsets.step_s).astype(np.intp)
        place[(place < 0) | (place >= last)] = last
        scores[row] = values[place] @ weights + bass[place] @ low
    return scores


def refine_line(onsets: Onsets, pulses: Pulses, line: Line) -> Line:
    """The line near `line` with most onset strength, to a fraction of a millisecond."""
    smooth = replace(onsets, values=gaussian_filter1d(onsets.values, 0.0025 / onsets.step_s))
    length = max(float(pulses.times[-1] - pulses.times[0]), 1e-3)
    share = (pulses.times - pulses.times[0]) / length
    at_start = at_end = 0.0
    is_short = length <= FEWEST * pulses.pulse_s
    for step, reach in ((0.002, FINE_S), (0.0005, 0.003)):
        shifts = np.arange(-reach, reach + step / 2, step)
        scores = np.empty((len(shifts), 1 if is_short else len(shifts)))
        for row, start in enumerate(at_start + shifts):
            ends = np.array([[start]]) if is_short else (at_end + shifts)[:, None]
            moved = along(pulses, line) + start * (1 - share) + ends * share  # (ends, n)
            scores[row] = smooth.at(moved) @ pulses.weights
        i, j = np.unravel_index(int(np.argmax(scores)), scores.shape)
        at_start += shifts[i]
        at_end = at_start if is_short else at_end + shifts[j]
    return Line(line.ratio + (at_end - at_start) / length, line.offset_s + at_start)
