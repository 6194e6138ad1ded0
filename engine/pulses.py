"""Straight lines through music: the tempo ratio and the offset at which onsets best meet expected pulses.

Played time = ratio * (expected - first) + first + offset. Times in seconds and weights; no beats, no bars.
"""

from collections.abc import Sequence
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
MOST_LINES = 6
BASS_SHARE = 0.3
ACCENT_SHARE = 0.12
MOST_BASS = 2.0  # of its level: one deep note is not ten
FAR_DOUBT = 0.6  # of what speaks for an offset that is larger than usual by a quarter
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pulses:
    """Where onsets are expected. times: seconds, rising, (n,); weights: 1 for a pulse, less between them,
    (n,); groups: number of the group (a bar) each belongs to, rising, (n,); accents: whether a group begins
    there, (n,); swing_s: how much later each is played at most where music swings, 0 for a pulse, (n,);
    pulse_s: about how long a pulse is; usual_s: offsets up to this are nothing unusual.
    """

    times: Floats
    weights: Floats
    groups: NDArray[np.intp]
    accents: NDArray[np.bool_]
    swing_s: Floats
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
        swing_s=pulses.swing_s[keep],
    )


def along(pulses: Pulses, line: Line) -> Floats:
    """When the pulses sound according to a line, seconds, (n,)."""
    first = pulses.times[0]
    return np.asarray(line.ratio * (pulses.times - first) + first + line.offset_s)


def search_lines(onsets: Onsets, pulses: Pulses, blur_s: float) -> list[Line]:
    """The best lines within +-6 % and half a pulse, the best one first, each unlike those before it.

    blur_s: how far onsets may be off a line to count for it.
    """
    smooth = blurred(onsets, blur_s)
    length = max(float(pulses.times[-1] - pulses.times[0]), pulses.pulse_s)
    count = int(np.ceil(RATIO_RANGE * length / 0.008)) if length > FEWEST * pulses.pulse_s else 0
    ratios = 1.0 + RATIO_RANGE * np.arange(-count, count + 1) / max(count, 1)
    reach = int(np.ceil(pulses.pulse_s / 2 / COARSE_S))
    offsets = COARSE_S * np.arange(-reach, reach + 1)
    scores = score_paths(smooth, pulses, [along(pulses, Line(ratio, 0.0)) for ratio in ratios], reach)
    scores = scores * belief(pulses, ratios[:, None], offsets[None, :])
    lines = []
    for _ in range(MOST_LINES):
        i, j = np.unravel_index(int(np.argmax(scores)), scores.shape)
        lines.append(Line(float(ratios[i]), float(offsets[j])))
        starts = offsets[None, :] - offsets[j]
        ends = starts + (ratios - ratios[i])[:, None] * length
        scores[(np.abs(starts) <= NEAR_S) & (np.abs(ends) <= NEAR_S)] = -np.inf
    return lines


def blurred(onsets: Onsets, blur_s: float) -> Onsets:
    """The onsets, each spread over a time."""
    return replace(onsets, values=gaussian_filter1d(onsets.values, blur_s / onsets.step_s))


def belief(pulses: Pulses, ratio: Floats, offset_s: Floats) -> Floats:
    """What a line's score is worth, 0..1, by how much it asks one to believe; any shape.

    A model that was told the tempo and where to begin is rather nearly right than far off: without this a
    backbeat or an offbeat bass, louder than the pulse, would be taken for it.
    """
    far = np.clip(4.0 * (np.abs(offset_s) / pulses.usual_s - 1.0), 0.0, 1.0)
    return np.asarray(1.0 - FAR_DOUBT * far - 0.1 * ((ratio - 1.0) / RATIO_RANGE) ** 2)


def score_paths(onsets: Onsets, pulses: Pulses, paths: Sequence[Floats], reach: int) -> Floats:
    """Weighted onset strength where pulses are played at these times, (n,) each, and at offsets of COARSE_S
    from -reach on: (paths, 2 * reach + 1).

    What lies between pulses counts where the music plays it, straight or late, but all of its kind by the
    same amount; and as much earlier it is to be free. A swung eighth alone would pass for a pulse; a pulse
    and its swung eighth, a third of a beat before the next pulse and not behind it, do not.
    """
    total = float(pulses.weights.sum())
    scores = np.zeros((len(paths), 2 * reach + 1))
    for weight in np.unique(pulses.weights):
        kind = pulses.weights == weight
        late = round(float(np.median(pulses.swing_s[kind])) / COARSE_S)
        offsets = COARSE_S * np.arange(-reach - late, reach + late + 1)
        found = weight / total * score_kind(onsets, pulses, kind, (paths, offsets))
        played = np.lib.stride_tricks.sliding_window_view(found[:, late:], late + 1, axis=1).max(axis=2)
        scores += played - (found[:, : 2 * reach + 1] if late else 0.0)
    return scores


def score_kind(
    onsets: Onsets, pulses: Pulses, kind: NDArray[np.bool_], moved: tuple[Sequence[Floats], Floats]
) -> Floats:
    """Summed onset strength on the pulses of a kind, (paths, offsets); the bass counts too, also on accents,
    which tells a pulse from the middle between two.
    """
    zero = np.zeros(1)  # stands for everything outside
    values = np.concatenate([onsets.values, zero])
    bass = np.minimum(np.concatenate([onsets.bass, zero]), MOST_BASS)
    last, (paths, offsets) = len(onsets.values), moved
    low = np.full(int(kind.sum()), BASS_SHARE)
    low += ACCENT_SHARE * pulses.accents[kind] * pulses.weights.sum() / max(int(pulses.accents.sum()), 1)
    scores = np.empty((len(paths), len(offsets)))
    for row, path in enumerate(paths):
        played = path[kind] - onsets.start_s
        place = np.rint((played[None, :] + offsets[:, None]) / onsets.step_s).astype(np.intp)
        place[(place < 0) | (place >= last)] = last
        scores[row] = values[place].sum(axis=1) + bass[place] @ low
    return scores


def refine_line(onsets: Onsets, pulses: Pulses, line: Line) -> Line:
    """The line near `line` with most onset strength, to a fraction of a millisecond."""
    smooth = blurred(onsets, 0.0025)
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
