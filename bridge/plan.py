"""Which span of a song the model sees for a region: whole bars around it, bounded, whatever the song's
length.

Pure: positions and a format in, sample numbers out; reads samples only in `model_window`.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from bridge.grid import FRAME_S, Grid, bars_text, beat_of, local_bpm, meter_at, sample_at, time_at
from bridge.meter import bar_at, bar_start
from bridge.sources import (
    SourceFormat,
    check_unchanged,
    model_ratio,
    model_step,
    read_context,
    to_model_audio,
)
from protocol.errors import ProtocolError
from protocol.values import Beats, Position, Samples, Seconds

FRAME = 1920  # samples at 48 kHz in a latent frame
FADE_MS_MAX = 1000
PROJECT_START = Samples(0)
TOUCH_S = Fraction(1, 1000)  # a context that ends this near to a bar line ends there


@dataclass(frozen=True, slots=True)
class ContextRule:
    """How much music around a region a model needs, seconds: the window's bounds, the context wanted on
    each side (made whole bars), and what must stay outside the region on each side (a mask of ones only is
    out of distribution).
    """

    min_window_s: Fraction
    context_s: Fraction
    max_window_s: Fraction
    min_outside_s: Fraction = Fraction(1)


MINIATURE = ContextRule(Fraction(128, 25), Fraction(8), Fraction(60))
OFFICIAL = ContextRule(Fraction(128, 25), Fraction(30), Fraction(600))  # at least 128 latent frames, 5.12 s


@dataclass(frozen=True, slots=True)
class Region:
    """What is to be repainted in the project, and where in the project the source's first sample lies
    (pickup). reaches_past: it may begin before the source or end behind it.
    """

    start: Position
    end: Position
    source_start: Position = PROJECT_START
    reaches_past: bool = False


@dataclass(frozen=True, slots=True)
class RepaintPlan:
    """A region in samples. All spans are half-open; "source samples" count from the file's first one at the
    file's rate.

    rate, depth, source_frames: of the file, as in SourceFormat.
    lo, hi: the region, source samples.            project_lo: its start, project samples at the file's rate.
    source_start: the file's first sample, project samples at the file's rate.
    window_lo, window_hi: what the model sees, source samples; may lie outside the song (silence).
    model_samples: the window at 48 kHz, a multiple of 1920.   task_lo, task_hi: the region in it, outward.
    fade_in, fade_out: crossfades inside the region, samples; 0 where the song has nothing to fade from.
    lo may be below 0 and hi above source_frames where the region reaches past the song.
    silence: samples of the window outside the song.           window_start_s: project seconds of window_lo.
    start_bars, end_bars: "bar|beat|tick"; bpm, meter: at the region's start.
    tile: samples after which a song that is too short comes again in the window; 0: it does not.
    """

    rate: int
    depth: str
    source_frames: int
    lo: int
    hi: int
    project_lo: int
    source_start: int
    window_lo: int
    window_hi: int
    model_samples: int
    task_lo: int
    task_hi: int
    fade_in: int
    fade_out: int
    silence: int
    window_start_s: Fraction
    start_bars: str
    end_bars: str
    bpm: float
    meter: str
    tile: int = 0

    @property
    def frames(self) -> int:
        """Latent frames of the window."""
        return self.model_samples // FRAME


def plan_repaint(
    fmt: SourceFormat, grid: Grid, region: Region, rule: ContextRule, fade_ms: Fraction = Fraction(20)
) -> RepaintPlan:
    """The plan for a region of a song.

    Raises ProtocolError when the region is empty, not inside the song, or too long for the rule; fade_ms is
    0..1000.
    """
    if not 0 <= fade_ms <= FADE_MS_MAX:
        raise ProtocolError("out-of-range", f"fade_ms={fade_ms} is outside 0..{FADE_MS_MAX} ms", "fade_ms")
    first = sample_at(grid, region.source_start, fmt.rate)
    lo, hi = region_in_source(fmt, grid, region, first)
    tile = tile_of(grid, fmt, rule, region.start)
    window_lo, model_samples = window_around(grid, fmt, rule, (lo, hi, first))
    ratio = model_ratio(fmt.rate)
    window_hi = window_lo + ceil(model_samples / ratio)
    fade = min(floor(fade_ms * fmt.rate / 1000 + Fraction(1, 2)), (hi - lo) // 2)
    meter = meter_at(grid, region.start)
    return RepaintPlan(
        rate=fmt.rate,
        depth=fmt.depth,
        source_frames=fmt.frames,
        lo=lo,
        hi=hi,
        project_lo=lo + first,
        source_start=first,
        window_lo=window_lo,
        window_hi=window_hi,
        model_samples=model_samples,
        task_lo=floor((lo - window_lo) * ratio),
        task_hi=ceil((hi - window_lo) * ratio),
        fade_in=fade if 0 < lo < fmt.frames else 0,
        fade_out=fade if 0 < hi < fmt.frames else 0,
        silence=0 if tile else max(0, -window_lo) + max(0, window_hi - fmt.frames),
        window_start_s=Fraction(window_lo + first, fmt.rate),
        start_bars=bars_text(grid, region.start),
        end_bars=bars_text(grid, region.end),
        bpm=local_bpm(grid, region.start),
        meter=f"{meter.numerator}/{meter.denominator}",
        tile=tile,
    )


def tile_of(grid: Grid, fmt: SourceFormat, rule: ContextRule, start: Position) -> int:
    """Samples after which a song comes again when it is shorter than the model's shortest window, else 0.

    As many whole bars as it holds, of the length they have at the region's start: then it goes on in time;
    less than a bar comes again as it is.
    """
    if is_enough(fmt, rule):
        return 0
    bar = bar_at(grid.meter, beat_of(grid, start))
    lines = [sample_at(grid, Beats(bar_start(grid.meter, at)), fmt.rate) for at in (bar, bar + 1)]
    length = max(lines[1] - lines[0], 1)
    return fmt.frames // length * length or fmt.frames


def is_enough(fmt: SourceFormat, rule: ContextRule) -> bool:
    """Whether a song is as long as the model's shortest window."""
    return Fraction(fmt.frames, fmt.rate) >= rule.min_window_s


def region_in_source(fmt: SourceFormat, grid: Grid, region: Region, first: int) -> tuple[int, int]:
    """The region in source samples, or ProtocolError naming what the song has."""
    lo, hi = (sample_at(grid, place, fmt.rate) - first for place in (region.start, region.end))
    if hi <= lo:
        raise ProtocolError(
            "out-of-range", f"the region ends at sample {hi}, not behind its start {lo}", "end"
        )
    if region.reaches_past and lo <= fmt.frames and hi >= 0:
        return lo, hi
    if lo < 0 or hi > fmt.frames:
        text = f"the region is samples {lo}..{hi} of a source that has 0..{fmt.frames}"
        raise ProtocolError("out-of-range", text, "start" if lo < 0 else "end")
    return lo, hi


def window_around(
    grid: Grid, fmt: SourceFormat, rule: ContextRule, place: tuple[int, int, int]
) -> tuple[int, int]:
    """First source sample of the window and its length at 48 kHz; place = (lo, hi, first) of the plan."""
    lo, hi, first = place
    region = (Fraction(lo, fmt.rate), Fraction(hi, fmt.rate))
    step = model_step(fmt.rate)
    # rounding to the clock both rates share, and to latent frames, may lengthen the window by this
    longest = rule.max_window_s - Fraction(step, fmt.rate) - FRAME_S
    check_length(region[1] - region[0], longest - 2 * rule.min_outside_s)
    offset = Fraction(first, fmt.rate)
    # a song that is too short goes on in its tiles: no more of them than the model needs
    song_s = Fraction(fmt.frames, fmt.rate) if is_enough(fmt, rule) else None
    wanted = rule if song_s is not None else replace(rule, context_s=Fraction(0))
    begin, end = whole_bars(grid, wanted, (region[0] + offset, region[1] + offset))
    window = (begin - offset, end - offset)
    begin, end = bounded(replace(rule, max_window_s=longest), region, window, song_s)
    window_lo = floor(begin * fmt.rate / step) * step
    length = max(end - Fraction(window_lo, fmt.rate), rule.min_window_s)
    return window_lo, ceil(length / FRAME_S) * FRAME


def check_length(seconds: Fraction, longest: Fraction) -> None:
    """Raise ProtocolError when a region leaves no room for what must stay outside it."""
    if seconds > longest:
        text = f"the region's {float(seconds):.2f} s are more than the {float(longest):.2f} s of this model"
        raise ProtocolError("too-long", text, "end")


def whole_bars(grid: Grid, rule: ContextRule, region: tuple[Fraction, Fraction]) -> tuple[Fraction, Fraction]:
    """A region and its context widened to bar lines; project seconds in and out."""
    start, stop = region
    context = max(rule.context_s, rule.min_outside_s, (rule.min_window_s - (stop - start)) / 2)
    first = bar_at(grid.meter, beat_of(grid, Seconds(start - context + TOUCH_S)))
    last = bar_at(grid.meter, beat_of(grid, Seconds(stop + context - TOUCH_S)))
    lines = (Beats(bar_start(grid.meter, bar)) for bar in (first, last + 1))
    begin, end = (time_at(grid, line).value for line in lines)
    return begin, end


def bounded(
    rule: ContextRule,
    region: tuple[Fraction, Fraction],
    window: tuple[Fraction, Fraction],
    song_s: Fraction | None,
) -> tuple[Fraction, Fraction]:
    """The window without needless silence past the song's ends, and not longer than the rule allows.

    song_s: the song's length; None where it has no end.

    Silence is no context, so a side stops at the song's end, yet min_outside_s stay outside the region on
    both sides; none on a side where the region itself reaches past the song and goes on from its other side.
    What is still too long is cut to the same context on both sides, less where the song ends;
    then no longer whole bars.
    """
    (start, stop), (begin, end) = region, window
    if song_s is not None:
        past = (start < 0, stop > song_s)
        before, behind = (Fraction(0) if here and not all(past) else rule.min_outside_s for here in past)
        begin = min(max(begin, Fraction(0)), start - before)
        end = max(min(end, song_s), stop + behind)
    room = rule.max_window_s - (stop - start)
    if (start - begin) + (end - stop) <= room:
        return begin, end
    before = min(start - begin, max(room / 2, room - (end - stop)))
    return start - before, stop + (room - before)


def model_window(fmt: SourceFormat, plan: RepaintPlan) -> NDArray[np.float32]:
    """What the model sees, float32 (2, plan.model_samples) at 48 kHz. Raises ProtocolError `no-file`."""
    check_unchanged(fmt)
    heard = read_context(fmt, plan.window_lo, plan.window_hi, plan.tile)
    return to_model_audio(fmt, heard, plan.model_samples)
