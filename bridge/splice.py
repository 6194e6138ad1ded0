"""Rendered audio laid into a region: level match, crossfades inside the region, back to the source's numbers.

Arrays only: knows no files. Outside the region nothing is computed, so nothing there can change.
"""

from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bridge.plan import RepaintPlan
from bridge.sources import FULL_SCALE, MODEL_RATE, Audio, fit, model_ratio, resample, to_float

GAIN_LIMIT_DB = 6.0
SILENT_RMS = 1e-3  # -60 dBFS: below it a margin says nothing about level
EDGE_S = 0.01  # left out at a margin's far end, where the resampler rings
CORRELATED = 0.5  # from here on a linear crossfade keeps the level better than an equal-power one
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RenderedSpan:
    """What the engine made: float32 (2, n) at 48 kHz, from the window's sample `start` on."""

    audio: NDArray[np.float32]
    start: int


class Framed(Protocol):
    """A window that the engine rendered: its rate, place in source samples, and length at 48 kHz."""

    @property
    def rate(self) -> int: ...
    @property
    def window_lo(self) -> int: ...
    @property
    def window_hi(self) -> int: ...
    @property
    def model_samples(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Seam:
    """One end of a region. gain_db: what the rendered side got there; samples: of the crossfade, 0 for none;
    shape: linear, equal-power or none; correlation: source against rendered in it, -1..1."""

    gain_db: float
    samples: int
    shape: str
    correlation: float


@dataclass(frozen=True, slots=True)
class Spliced:
    """The region as it is to be stored, (hi - lo, channels) in the source's own numbers. clipped: values
    cut.
    """

    audio: Audio
    left: Seam
    right: Seam
    clipped: int


def splice(plan: RepaintPlan, before: Audio, rendered: RenderedSpan) -> Spliced:
    """Lay `rendered` into the region.

    before: the source's samples of plan.window_lo..window_hi as stored, (n, channels). Of more than two
    channels the first two are rendered, a mono source gets the mean of both sides. Integers are rounded to
    nearest, not dithered: the error is at most half a step. Raises ValueError when `rendered` does not
    cover the region or is not finite.
    """
    check_cover(plan, rendered)
    width = min(before.shape[1], 2)
    source = to_float(before[:, :width])
    fresh = at_source_rate(plan, rendered, width)
    first, stop = plan.lo - plan.window_lo, plan.hi - plan.window_lo
    gains = seam_gains(plan, source, fresh, covered(plan, rendered))
    mixed = fresh[first:stop] * gain_curve(gains, stop - first)
    old = source[first:stop]
    left = fade(mixed, old, plan.fade_in, gains[0])
    right = fade(mixed[::-1], old[::-1], plan.fade_out, gains[1])
    numbers, clipped = to_stored(mixed, before.dtype.name, plan.depth)
    out = before[first:stop].copy()
    out[:, :width] = numbers
    return Spliced(out, left, right, clipped)


def check_cover(plan: RepaintPlan, rendered: RenderedSpan) -> None:
    """The engine's side of the bargain; a breach is a bug, not the client's fault."""
    stop = rendered.start + rendered.audio.shape[1]
    if not 0 <= rendered.start <= plan.task_lo or not plan.task_hi <= stop <= plan.model_samples:
        raise ValueError(f"rendered {rendered.start}..{stop} does not cover {plan.task_lo}..{plan.task_hi}")
    if not np.isfinite(rendered.audio).all():
        raise ValueError("rendered audio holds values that are not finite")


def at_source_rate(plan: Framed, rendered: RenderedSpan, channels: int) -> Floats:
    """The window at the source's rate, (window_hi - window_lo, channels), zeros where nothing was rendered.

    The whole window is resampled, because its start is the one sample that both clocks share.
    """
    audio = rendered.audio.T.astype(np.float64)  # (n, 2)
    window = np.zeros((plan.model_samples, channels))
    stop = rendered.start + len(audio)
    window[rendered.start : stop] = audio.mean(axis=1, keepdims=True) if channels == 1 else audio
    return fit(resample(window, MODEL_RATE, plan.rate), plan.window_hi - plan.window_lo)


def covered(plan: RepaintPlan, rendered: RenderedSpan) -> tuple[int, int]:
    """What was rendered and is song at the same time, samples of the window at the source's rate."""
    ratio = model_ratio(plan.rate)
    edge = round(EDGE_S * plan.rate)
    first = ceil(rendered.start / ratio) + edge
    stop = floor((rendered.start + rendered.audio.shape[1]) / ratio) - edge
    return max(first, -plan.window_lo), min(stop, plan.source_frames - plan.window_lo)


def seam_gains(
    plan: RepaintPlan, source: Floats, fresh: Floats, span: tuple[int, int]
) -> tuple[float, float]:
    """Gain at each end in dB: source RMS over rendered RMS in the margin outside the region, limited to +-6
    dB.

    A side without a margin, or with a silent one, takes the other side's; with neither the gain is 0 dB.
    """
    lo, hi = plan.lo - plan.window_lo, plan.hi - plan.window_lo
    left = level_difference(source[span[0] : lo], fresh[span[0] : lo])
    right = level_difference(source[hi : span[1]], fresh[hi : span[1]])
    known = [gain for gain in (left, right) if gain is not None]
    spare = known[0] if known else 0.0
    return (spare if left is None else left), (spare if right is None else right)


def level_difference(source: Floats, fresh: Floats) -> float | None:
    """Source against rendered level in dB, limited; None where either is silent or there is no audio."""
    if not len(source):
        return None
    wanted, got = (float(np.sqrt(np.mean(audio**2))) for audio in (source, fresh))
    if min(wanted, got) < SILENT_RMS:
        return None
    return max(-GAIN_LIMIT_DB, min(GAIN_LIMIT_DB, 20.0 * log10(wanted / got)))


def gain_curve(gains: tuple[float, float], samples: int) -> Floats:
    """Factors from the left to the right gain, linear in dB, (samples, 1)."""
    return np.asarray(10.0 ** (np.linspace(gains[0], gains[1], samples)[:, None] / 20.0))


def fade(mixed: Floats, old: Floats, samples: int, gain_db: float) -> Seam:
    """Crossfade the first `samples` of `mixed` (changed in place) from `old`; the seam it made."""
    if samples == 0:
        return Seam(gain_db, 0, "none", 0.0)
    new, before = mixed[:samples], old[:samples]
    correlation = correlate(new, before)
    at = (np.arange(samples)[:, None] + 0.5) / samples  # 0..1, the same from both ends
    if correlation >= CORRELATED:
        shape, rise, fall = "linear", at, 1.0 - at
    else:
        shape, rise, fall = "equal-power", np.sin(at * np.pi / 2), np.cos(at * np.pi / 2)
    mixed[:samples] = rise * new + fall * before
    return Seam(gain_db, samples, shape, correlation)


def correlate(a: Floats, b: Floats) -> float:
    """Normalised correlation of two spans, 0 where one is silent."""
    scale = float(np.sqrt(np.sum(a**2) * np.sum(b**2)))
    return float(np.sum(a * b)) / scale if scale > 0 else 0.0


def to_stored(audio: Floats, dtype: str, depth: str) -> tuple[Audio, int]:
    """Floats as the file's numbers, and how many had to be cut; 24 bits lie in the upper bytes of int32."""
    if dtype == "float32":
        return audio.astype(np.float32), 0
    bits = int(depth)
    top = 2 ** (bits - 1)
    steps = np.rint(audio * top)
    cut = np.clip(steps, -top, top - 1)
    clipped = int(np.count_nonzero(steps != cut))
    return (cut * (FULL_SCALE[dtype] / top)).astype(dtype), clipped
