"""Where in a source a job works: a region that may be the whole file, in one window or in several.

Pure: positions and a format in, sample numbers out. A long source is cut into windows of the same size that
overlap, so the time grows with its length and the memory does not.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor
from typing import Any

from bridge.grid import FRAME_S, Grid, bars_text, local_bpm, meter_at, sample_at
from bridge.plan import FRAME, ContextRule, Region, RepaintPlan, region_in_source, tile_of
from bridge.sources import SourceFormat, model_ratio, model_step
from protocol.values import Position, Seconds

CHUNK_S = Fraction(24)  # of the region in one window
OVERLAP_S = Fraction(1)  # neighbours go over into each other in this time
AROUND_S = Fraction(1)  # what the model hears beside its part


@dataclass(frozen=True, slots=True)
class Chunk:
    """One window. Spans are half-open source samples at `rate`.

    lo, hi: the part of the region it makes.  window_lo, window_hi: what the model hears.  model_samples: that
    at 48 kHz, a multiple of 1920.  task_lo, task_hi: the part in it, outward.  fade_in, fade_out: samples it
    shares with its neighbours, 0 at the region's ends.  tile: as in RepaintPlan.
    """

    rate: int
    lo: int
    hi: int
    window_lo: int
    window_hi: int
    model_samples: int
    task_lo: int
    task_hi: int
    fade_in: int = 0
    fade_out: int = 0
    tile: int = 0

    @property
    def frames(self) -> int:
        """Latent frames of the window."""
        return self.model_samples // FRAME


@dataclass(frozen=True, slots=True)
class LayerPlan:
    """A region lo..hi of a source and the windows that make it.

    project_lo, source_start: where the region and the file begin in the project, samples at `rate`.
    start_bars, end_bars: "bar|beat|tick"; bpm, meter: at the region's start.
    """

    rate: int
    lo: int
    hi: int
    project_lo: int
    source_start: int
    chunks: tuple[Chunk, ...]
    start_bars: str
    end_bars: str
    bpm: float
    meter: str


def region_of(request: Any, source_start: Position, source: SourceFormat, grid: Grid) -> Region:
    """The region a request names; what it leaves out is the source's own end."""
    first = sample_at(grid, source_start, source.rate)
    start = Seconds(Fraction(first, source.rate)) if request.start is None else request.start
    end = Seconds(Fraction(first + source.frames, source.rate)) if request.end is None else request.end
    return Region(start, end, source_start)


def one_window(plan: RepaintPlan) -> LayerPlan:
    """A region that is made at once, in the window a repaint of it would have."""
    chunk = Chunk(
        plan.rate,
        plan.lo,
        plan.hi,
        plan.window_lo,
        plan.window_hi,
        plan.model_samples,
        plan.task_lo,
        plan.task_hi,
        tile=plan.tile,
    )
    return LayerPlan(
        rate=plan.rate,
        lo=plan.lo,
        hi=plan.hi,
        project_lo=plan.project_lo,
        source_start=plan.source_start,
        chunks=(chunk,),
        start_bars=plan.start_bars,
        end_bars=plan.end_bars,
        bpm=plan.bpm,
        meter=plan.meter,
    )


def plan_windows(source: SourceFormat, grid: Grid, region: Region, rule: ContextRule) -> LayerPlan:
    """A region of any length in windows that overlap. Raises ProtocolError when it is not in the song."""
    first = sample_at(grid, region.source_start, source.rate)
    lo, hi = region_in_source(source, grid, region, first)
    meter = meter_at(grid, region.start)
    parts, tile = cut(lo, hi, source.rate), tile_of(grid, source, rule, region.start)
    return LayerPlan(
        rate=source.rate,
        lo=lo,
        hi=hi,
        project_lo=lo + first,
        source_start=first,
        chunks=tuple(replace(chunk_around(source, rule, part), tile=tile) for part in parts),
        start_bars=bars_text(grid, region.start),
        end_bars=bars_text(grid, region.end),
        bpm=local_bpm(grid, region.start),
        meter=f"{meter.numerator}/{meter.denominator}",
    )


def cut(lo: int, hi: int, rate: int) -> list[tuple[int, int, int, int]]:
    """lo..hi in parts of about the same size: (lo, hi, fade_in, fade_out), overlaps included."""
    count = max(1, ceil(Fraction(hi - lo, rate) / CHUNK_S))
    edges = [lo + (hi - lo) * index // count for index in range(count + 1)]
    half = floor(OVERLAP_S * rate / 2)
    parts = []
    for index in range(count):
        before, behind = half * (index > 0), half * (index < count - 1)
        parts.append((edges[index] - before, edges[index + 1] + behind, 2 * before, 2 * behind))
    return parts


def chunk_around(source: SourceFormat, rule: ContextRule, part: tuple[int, int, int, int]) -> Chunk:
    """A part of a region in its window: with music around it, and at least as long as the model needs.

    The window begins where both clocks meet, so that its first sample is one of either.
    """
    lo, hi, fade_in, fade_out = part
    step, ratio = model_step(source.rate), model_ratio(source.rate)
    wanted = max(AROUND_S, (rule.min_window_s - Fraction(hi - lo, source.rate)) / 2)
    around = ceil(wanted * source.rate)
    window_lo = max(lo - around, 0) // step * step
    length_s = max(Fraction(min(hi + around, source.frames) - window_lo, source.rate), rule.min_window_s)
    model_samples = ceil(length_s / FRAME_S) * FRAME
    return Chunk(
        rate=source.rate,
        lo=lo,
        hi=hi,
        window_lo=window_lo,
        window_hi=window_lo + ceil(model_samples / ratio),
        model_samples=model_samples,
        task_lo=floor((lo - window_lo) * ratio),
        task_hi=ceil((hi - window_lo) * ratio),
        fade_in=fade_in,
        fade_out=fade_out,
    )
