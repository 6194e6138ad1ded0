"""Audio moved in time along a piecewise linear map, its pitch kept; knows no beats.

A leg of nearly one speed is stretched as a whole by Signalsmith Stretch, whose processing call compensates
its own latency (measured: onsets within 0.8 ms at +-3 %); what is left to the map, under 1 % of speed, is
read from the result at fractional samples. Legs of different speeds are joined by crossfades.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from python_stretch import Signalsmith

RATE = 48_000
PAD = 9_600  # samples read around a leg: more than the stretcher's block of 5760
JOIN = 480  # samples of a crossfade between legs
TAPS = 32
CHUNK = 16_384
SAME_SPEED = 1e-5  # less is 0.5 samples a second: read as it is
BENT = 0.01  # speeds this near to each other go together: 1 % is a sixth of a semitone
Sound = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Warp:
    """What sounds at played[i] is to sound at wanted[i], linear between; seconds of the audio, both rising,
    (k,), k >= 2. Before the first and behind the last knot time runs at its normal speed.
    """

    wanted: Floats
    played: Floats


@dataclass(frozen=True, slots=True)
class Leg:
    """Output samples lo..hi (half-open) that are read at nearly one speed; speed: played a wanted second."""

    lo: int
    hi: int
    speed: float


def shift_warp(offset_s: float) -> Warp:
    """The map of audio that sounds offset_s too late everywhere."""
    wanted = np.array([0.0, 1.0])
    return Warp(wanted, wanted + offset_s)


def played_at(warp: Warp, wanted: Floats) -> Floats:
    """When what is to sound at `wanted` was played, seconds in and out, any shape."""
    inside = np.interp(wanted, warp.wanted, warp.played)
    before = np.minimum(wanted - warp.wanted[0], 0.0)
    return np.asarray(inside + before + np.maximum(wanted - warp.wanted[-1], 0.0))


def wanted_at(warp: Warp, played: Floats) -> Floats:
    """When what was played at `played` is to sound: the inverse of `played_at`, seconds, any shape."""
    return played_at(Warp(warp.played, warp.wanted), played)


def warp_audio(audio: Sound, warp: Warp) -> Sound:
    """The audio (channels, n) at 48 kHz with every moment where the map wants it; as long as before, silent
    where there is nothing to read.
    """
    count = audio.shape[1]
    out = np.zeros_like(audio)
    for leg in legs_of(warp, count):
        lead = min(leg.lo, JOIN // 2)
        tail = min(count - leg.hi, JOIN // 2)
        piece = read_leg(audio, warp, Leg(leg.lo - lead, leg.hi + tail, leg.speed))
        if lead:
            fade = slice(leg.lo - lead, leg.lo + lead)
            piece[:, : 2 * lead] = crossfade(out[:, fade], piece[:, : 2 * lead])
        out[:, leg.lo - lead : leg.hi + tail] = piece
    return out


def legs_of(warp: Warp, count: int) -> Iterator[Leg]:
    """The map cut where its speed changes by more than BENT, in output samples 0..count."""
    edges = np.clip(np.rint(warp.wanted * RATE), 0, count)
    edges = np.concatenate([[0.0], edges, [float(count)]])
    keep = np.append(np.diff(edges) >= 2 * JOIN, True)  # shorter ones join what follows
    keep[0] = True
    edges = np.unique(np.append(edges[keep], float(count))).astype(int)
    played = played_at(warp, edges / RATE) * RATE
    first = 0
    for stop in range(1, len(edges)):
        speeds = np.diff(played[first : stop + 2]) / np.diff(edges[first : stop + 2])
        if stop + 1 == len(edges) or np.ptp(speeds) > BENT:
            speed = (played[stop] - played[first]) / (edges[stop] - edges[first])
            yield Leg(int(edges[first]), int(edges[stop]), float(speed))
            first = stop


def read_leg(audio: Sound, warp: Warp, leg: Leg) -> Sound:
    """The samples of a leg, (channels, hi - lo)."""
    places = played_at(warp, np.arange(leg.lo, leg.hi) / RATE) * RATE  # in audio, fractional
    start = int(np.floor(places[0])) - PAD
    stop = int(np.ceil(places[-1])) + PAD
    if abs(leg.speed - 1.0) < SAME_SPEED:
        return read_at(cut(audio, start, stop), places - start)
    return read_at(stretch(cut(audio, start, stop), leg.speed), (places - start) / leg.speed)


def cut(audio: Sound, start: int, stop: int) -> Sound:
    """Samples start..stop, zeros outside the audio."""
    inside = audio[:, max(start, 0) : max(stop, 0)]
    before = min(max(-start, 0), stop - start)
    after = max(stop - start - before - inside.shape[1], 0)
    return np.ascontiguousarray(np.pad(inside, ((0, 0), (before, after))))


def stretch(audio: Sound, speed: float) -> Sound:
    """Audio at another speed, 1.1 = shorter by 1/1.1, its pitch kept; the same every time."""
    stretcher = Signalsmith.Stretch(0)
    stretcher.preset(audio.shape[0], float(RATE))
    stretcher.setTimeFactor(speed)
    return np.asarray(stretcher.process(audio.astype(np.float32)))


def read_at(audio: Sound, places: Floats) -> Sound:
    """Samples at fractional places at least TAPS inside the audio; whole steps are copied as they are."""
    steps = np.diff(places)
    if len(steps) == 0 or np.abs(steps - 1.0).max() * len(places) < 0.25:
        first = round(float(places[0]))  # less than 10 microseconds off
        return cut(audio, first, first + len(places))
    out = np.empty((audio.shape[0], len(places)), np.float32)
    for first in range(0, len(places), CHUNK):
        part = places[first : first + CHUNK]
        whole = np.floor(part).astype(np.intp)
        reach = np.arange(-TAPS // 2 + 1, TAPS // 2 + 1)
        far = (part - whole)[:, None] - reach  # (samples, TAPS)
        kernel = np.sinc(far) * np.cos(np.pi * far / (TAPS + 2)) ** 2
        taken = audio[:, np.clip(whole[:, None] + reach, 0, audio.shape[1] - 1)]
        out[:, first : first + CHUNK] = np.einsum("cnt,nt->cn", taken, kernel)
    return out


def crossfade(old: Sound, new: Sound) -> Sound:
    """From one to the other with constant power, whatever their correlation; both (channels, n)."""
    rise = (np.arange(new.shape[1]) + 0.5) / new.shape[1]
    scale = float(np.sqrt(np.sum(old.astype(float) ** 2) * np.sum(new.astype(float) ** 2)))
    alike = max(0.0, float(np.sum(old.astype(float) * new)) / scale) if scale > 0 else 1.0
    power = rise**2 + (1 - rise) ** 2 + 2 * alike * rise * (1 - rise)
    return ((new * rise + old * (1 - rise)) / np.sqrt(power)).astype(np.float32)
