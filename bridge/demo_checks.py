"""Checks a take with code of its own: it shares nothing with the grid, plan or delivery that it judges.

Reads files back with soundfile and computes sample positions with decimal arithmetic.
"""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

DIGITS = 60
SILENT = 1e-4  # RMS, full scale = 1: -80 dB


@dataclass(frozen=True, slots=True)
class Check:
    """One promise, and whether the files keep it."""

    promise: str
    is_kept: bool
    found: str


@dataclass(frozen=True, slots=True)
class Span:
    """A region by the law of the grid, in samples at `rate`, half-open."""

    lo: int
    hi: int
    rate: int


def span_of_bars(tempo: str, meter: str, bars: tuple[int, int], rate: int) -> Span:
    """Where bars start..end lie: each edge is its exact time x rate, halves rounded up."""
    lo, hi = (sample_of_bar(tempo, meter, bar, rate) for bar in bars)
    return Span(lo, hi, rate)


def sample_of_bar(tempo: str, meter: str, bar: int, rate: int) -> int:
    """The sample on which a bar (from 1) begins, by the tempo and meter texts of the `project` message."""
    exact = seconds_of_beat(tempo, beat_of_bar(meter, bar)) * rate
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def beat_of_bar(meter: str, bar: int) -> Fraction:
    """Quarter notes before a bar: the sum of the lengths of the bars before it."""
    signatures = {int(at): Fraction(sign) for at, sign in (part.split() for part in meter.split(";"))}
    beat, current = Fraction(0), Fraction(1)
    for number in range(1, bar):
        current = signatures.get(number, current)
        beat += current * 4
    return beat


def seconds_of_beat(tempo: str, beat: Fraction) -> Fraction:
    """Seconds before a beat: whole stretches between tempo points, then the part of the last one.

    tempo: "0 120; 16 90 ramp; 32 140". Exact where no ramp is crossed, else to DIGITS digits.
    """
    points = [(Fraction(at), Fraction(bpm), "".join(shape)) for at, bpm, *shape in split(tempo)]
    total = Fraction(0)
    for (begin, bpm, shape), after in zip(points, [*points[1:], None], strict=True):
        stop = beat if after is None else min(beat, after[0])
        if stop <= begin:
            continue
        if after is None or not shape or after[1] == bpm:
            total += (stop - begin) * 60 / bpm
        else:
            reached = (stop - begin) / (after[0] - begin)
            total += RAMPS[shape](stop - begin, (bpm, after[1]), reached)
    return total


def split(tempo: str) -> list[list[str]]:
    """ "0 120; 16 90 ramp" -> [["0", "120"], ["16", "90", "ramp"]]."""
    return [part.split() for part in tempo.split(";") if part.strip()]


def ramp_in_beats(beats: Fraction, bpm: tuple[Fraction, Fraction], reached: Fraction) -> Fraction:
    """Seconds of the first `beats` of a ramp whose tempo is linear in beats: the integral of 60 / bpm(b).

    bpm: at both ends of the ramp.  reached: the part of it that `beats` are, 0..1.
    """
    now = bpm[0] + (bpm[1] - bpm[0]) * reached
    with localcontext(prec=DIGITS):
        return 60 * beats / (now - bpm[0]) * Fraction(to_decimal(now / bpm[0]).ln())


def ramp_in_time(beats: Fraction, bpm: tuple[Fraction, Fraction], reached: Fraction) -> Fraction:
    """As ramp_in_beats, with tempo linear in time: then its square is linear in beats."""
    square = bpm[0] ** 2 + (bpm[1] ** 2 - bpm[0] ** 2) * reached
    with localcontext(prec=DIGITS):
        return 120 * beats / (bpm[0] + Fraction(to_decimal(square).sqrt()))


RAMPS = {"ramp": ramp_in_beats, "ramp-time": ramp_in_time}


def to_decimal(number: Fraction) -> Decimal:
    """A ratio to as many digits as the context has."""
    return Decimal(number.numerator) / Decimal(number.denominator)


def read_exactly(path: Path) -> NDArray[Any]:
    """A file's samples as stored: int32 for every integer depth, float64 for floats; (samples, channels)."""
    dtype = "float64" if soundfile.info(str(path)).subtype in ("FLOAT", "DOUBLE") else "int32"
    audio: NDArray[Any] = soundfile.read(str(path), dtype=dtype, always_2d=True)[0]
    return audio


def check_repaint(source: Path, take: Path, full: Path, span: Span) -> tuple[list[Check], dict[str, Any]]:
    """The promises of a repaint, and figures for the report: differing samples outside, change inside."""
    before, region, after = (read_exactly(path) for path in (source, take, full))
    rates = {soundfile.info(str(path)).samplerate for path in (source, take, full)}
    same_shape = before.shape == after.shape
    outside = count_differing(before, after, span) if same_shape else max(before.size, after.size)
    old, new = before[span.lo : span.hi], after[span.lo : span.hi]
    changed = energy_changed(old, new) if same_shape else 0.0
    checks = [
        Check("sample rate is the source's", rates == {span.rate}, f"{sorted(rates)}"),
        Check("take is as long as the grid says", len(region) == span.hi - span.lo, f"{len(region)}"),
        Check("full file is as long as the source", same_shape, f"{len(after)} of {len(before)}"),
        Check("nothing outside the region differs", outside == 0, f"{outside} samples"),
        Check("the region is new", changed > 0, f"{changed:.1f} % of its energy"),
        Check("take and full file agree", np.array_equal(region, new), ""),
    ]
    return checks, {"outside_differing": outside, "energy_changed_percent": round(changed, 2)}


def check_generate(take: Path, span: Span) -> tuple[list[Check], dict[str, Any]]:
    """The promises of a new piece: its length, its rate, and that there is something to hear."""
    header = soundfile.info(str(take))
    audio = soundfile.read(str(take), dtype="float64", always_2d=True)[0]
    rms = float(np.sqrt(np.mean(audio**2)))
    checks = [
        Check("sample rate is the project's", header.samplerate == span.rate, f"{header.samplerate}"),
        Check("take is as long as the grid says", header.frames == span.hi - span.lo, f"{header.frames}"),
        Check("there is something to hear", rms > SILENT, f"RMS {rms:.4f}"),
    ]
    return checks, {"rms": round(rms, 5)}


def count_differing(before: NDArray[Any], after: NDArray[Any], span: Span) -> int:
    """Samples (of all channels) outside the region that are not bit for bit the same."""
    same = before == after
    return int(same[: span.lo].size - same[: span.lo].sum() + same[span.hi :].size - same[span.hi :].sum())


def energy_changed(before: NDArray[Any], after: NDArray[Any]) -> float:
    """Energy of the difference, in percent of the energy that was there (0: the same; 200: unrelated)."""
    old, new = before.astype(np.float64), after.astype(np.float64)
    was = float(np.sum(old**2))
    return 100 * float(np.sum((new - old) ** 2)) / was if was else 100.0 * bool(np.any(new))
