"""Songs on disk for the bridge's tests, in every format a DAW may hand over; noise, so that any change
shows.
"""

from datetime import datetime
from fractions import Fraction
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from bridge.delivery import Delivered, Place, Which
from bridge.grid import Grid, build_grid
from bridge.plan import MINIATURE, Region, RepaintPlan, plan_repaint
from bridge.repaint_delivery import deliver_repaint
from bridge.sources import read_format
from bridge.splice import RenderedSpan
from protocol.values import Bars, MeterPoint, TempoPoint

SUBTYPES = {"16": "PCM_16", "24": "PCM_24", "32": "PCM_32", "float": "FLOAT"}
WHEN = datetime(2026, 3, 4, 5, 6, 7)


def steady_grid(rate: int = 48_000, bpm: int = 120) -> Grid:
    """4/4 at one tempo: at 120 a bar is 2 s."""
    return build_grid([TempoPoint(Fraction(0), Fraction(bpm))], [MeterPoint(1, 4, 4)], rate)


def winding_grid() -> Grid:
    """Two tempo changes, a ramp and a 7/8 bar."""
    tempo = [
        TempoPoint(Fraction(0), Fraction(127)),
        TempoPoint(Fraction(4), Fraction(93), "beats"),
        TempoPoint(Fraction(8), Fraction(141)),
        TempoPoint(Fraction(19, 2), Fraction("119.37")),
    ]
    return build_grid(tempo, [MeterPoint(1, 4, 4), MeterPoint(2, 7, 8), MeterPoint(3, 4, 4)])


def noise(frames: int, channels: int, seed: int = 1) -> NDArray[np.float64]:
    """(frames, channels) at about -16 dBFS."""
    return np.random.default_rng(seed).normal(0.0, 0.15, (frames, channels)).clip(-0.9, 0.9)


def write_song(path: Path, rate: int, depth: str, channels: int, seconds: float = 4.5) -> Path:
    """A song of noise; the container is the path's ending."""
    kind = {".wav": "WAV", ".aiff": "AIFF", ".flac": "FLAC", ".rf64": "RF64"}[path.suffix]
    soundfile.write(path, noise(round(seconds * rate), channels), rate, subtype=SUBTYPES[depth], format=kind)
    return path


def rendered_for(plan: RepaintPlan, level: float = 0.15, margin: int = 24_000, seed: int = 2) -> RenderedSpan:
    """What an engine would return: noise over the region, outward to latent frames, and a margin."""
    start = max(0, (plan.task_lo - margin) // 1920 * 1920)
    stop = min(plan.model_samples, -(-(plan.task_hi + margin) // 1920) * 1920)
    audio = np.random.default_rng(seed).normal(0.0, level, (2, stop - start))
    return RenderedSpan(audio.astype(np.float32), start)


def repaint(
    song: Path, out: Path, bars: tuple[int, int] = (2, 3), which: Which = "both", grid: Grid | None = None
) -> tuple[RepaintPlan, Delivered]:
    """Plan, render noise and deliver bars of a song."""
    fmt = read_format(song)
    region = Region(Bars(bars[0]), Bars(bars[1]))
    plan = plan_repaint(fmt, grid or steady_grid(fmt.rate), region, MINIATURE)
    place = Place(out, song.stem, "job-1", WHEN, which)
    return plan, deliver_repaint(fmt, plan, rendered_for(plan), place, {"seed": 7})
