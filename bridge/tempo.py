"""The tempo map: beats (quarter notes) to seconds and back, exact; knows no bars, no sample rates and no
files.

Law: every time is computed on the absolute map, never summed from rounded parts. Steps are rational; a ramp
linear in beats is a logarithm, a ramp linear in time a square root; both are evaluated in `decimal` with a
known error bound, and `round_half_up` asks for more digits until the bound no longer reaches across a
rounding edge.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from math import floor, isqrt

from protocol.errors import ProtocolError
from protocol.values import TempoPoint

DIGITS = 60  # first precision tried; 50 would do, the rest is guard
BPM_MIN, BPM_MAX = Fraction(10), Fraction(1000)  # quarter notes a minute, as on the wire
RAMPS = ("none", "beats", "time")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the map with one law. beat: where it starts; bpm, end_bpm: at its ends; beats: its
    length.
    """

    beat: Fraction
    bpm: Fraction
    end_bpm: Fraction
    beats: Fraction
    ramp: str


@dataclass(frozen=True, slots=True)
class Real:
    """The number exact + rest, where |true - (exact + rest)| <= error. Seconds, unless said otherwise."""

    exact: Fraction
    rest: Fraction = Fraction(0)
    error: Fraction = Fraction(0)

    def __add__(self, other: "Real") -> "Real":
        return Real(self.exact + other.exact, self.rest + other.rest, self.error + other.error)

    @property
    def value(self) -> Fraction:
        """The nearest rational at hand; the number itself when error is 0."""
        return self.exact + self.rest


@dataclass(frozen=True, slots=True)
class TempoTable:
    """Segments in order and the time at which each starts, at DIGITS. The first one also holds before its
    start.
    """

    segments: tuple[Segment, ...]
    starts: tuple[Real, ...]


def build_tempo(points: Sequence[TempoPoint]) -> TempoTable:
    """The map of `points`; 0 s is beat 0, the first tempo holds before it, the last one for ever.

    Raises ProtocolError when there is no point, when one is before beat 0 or not behind the one before it,
    or a bpm is out of range.
    """
    check_tempo(points)
    ends = [*points[1:], points[-1]]
    segments = tuple(segment_between(a, b) for a, b in zip(points, ends, strict=True))
    if segments[0].beat > 0:  # the first tempo extends backwards
        bpm = segments[0].bpm
        segments = (Segment(Fraction(0), bpm, bpm, segments[0].beat, "none"), *segments)
    return TempoTable(segments, start_times(segments, DIGITS))


def check_tempo(points: Sequence[TempoPoint]) -> None:
    """Raise ProtocolError unless beats rise from >= 0, every bpm is in range and the ramps are known."""
    if not points:
        raise ProtocolError("missing-field", "a tempo map has at least one point", "tempo")
    for i, point in enumerate(points):
        field = f"tempo[{i}]"
        if not BPM_MIN <= point.bpm <= BPM_MAX:
            text = f"bpm={float(point.bpm)} is outside {BPM_MIN}..{BPM_MAX} quarter notes/min"
            raise ProtocolError("out-of-range", text, f"{field}.bpm")
        least = points[i - 1].beat if i else Fraction(0)
        if point.beat < least or (i and point.beat == least):
            rule = f"behind the point before it ({least})" if i else "at or behind beat 0"
            raise ProtocolError("out-of-range", f"beat={point.beat} is not {rule}", f"{field}.beat")
        if point.ramp not in RAMPS:
            raise ProtocolError(
                "out-of-range", f"ramp={point.ramp!r} is none of {', '.join(RAMPS)}", f"{field}.ramp"
            )


def segment_between(a: TempoPoint, b: TempoPoint) -> Segment:
    """The stretch from `a` to `b`; a ramp between equal tempos, or from the last point on, is none."""
    length = Fraction(b.beat) - Fraction(a.beat)
    ramp = a.ramp if length > 0 and a.bpm != b.bpm else "none"
    return Segment(
        Fraction(a.beat), Fraction(a.bpm), Fraction(b.bpm if ramp != "none" else a.bpm), length, ramp
    )


def start_times(segments: tuple[Segment, ...], digits: int) -> tuple[Real, ...]:
    """Seconds at which each segment starts, with `digits` digits where they are irrational."""
    times = [Real(Fraction(0))]
    for segment in segments[:-1]:
        times.append(times[-1] + seconds_into(segment, segment.beats, digits))
    return tuple(times)


def seconds_into(segment: Segment, beats: Fraction, digits: int) -> Real:
    """Seconds from the segment's start to `beats` behind it."""
    return SECONDS_INTO[segment.ramp](segment, beats, digits)


def step_seconds(segment: Segment, beats: Fraction, digits: int) -> Real:
    """60 x / bpm, rational."""
    return Real(60 * beats / segment.bpm)


def beat_ramp_seconds(segment: Segment, beats: Fraction, digits: int) -> Real:
    """bpm(x) = b + s x, so t(x) = 60/s ln(1 + s x / b)."""
    slope = (segment.end_bpm - segment.bpm) / segment.beats
    ratio = 1 + slope * beats / segment.bpm
    context = Context(prec=digits)
    log = Fraction(context.ln(context.divide(Decimal(ratio.numerator), Decimal(ratio.denominator))))
    # the quotient is off by 1 part in 10^(digits-1), its logarithm by that plus its own last digit: 4
    # covers both
    error = 4 * (1 + abs(log)) * Fraction(1, 10 ** (digits - 1))
    return Real(Fraction(0), 60 / slope * log, abs(60 / slope) * error)


def time_ramp_seconds(segment: Segment, beats: Fraction, digits: int) -> Real:
    """bpm(t) = b + a t, so b t + a t^2 / 2 = 60 x and t = (sqrt(b^2 + 120 a x) - b) / a."""
    rise = bpm_per_second(segment)
    square = segment.bpm**2 + 120 * rise * beats
    root = square_root(square, digits)
    return Real((root.exact - segment.bpm) / rise, root.rest / rise, root.error / abs(rise))


def bpm_per_second(segment: Segment) -> Fraction:
    """Slope of a ramp linear in time: its mean tempo is (b + e) / 2, hence its length 120 n / (b + e)
    seconds.
    """
    length = 120 * segment.beats / (segment.bpm + segment.end_bpm)
    return (segment.end_bpm - segment.bpm) / length


def square_root(square: Fraction, digits: int) -> Real:
    """The root of a positive rational, exact where it is rational itself."""
    top, bottom = isqrt(square.numerator), isqrt(square.denominator)
    if top * top == square.numerator and bottom * bottom == square.denominator:
        return Real(Fraction(top, bottom))
    scale = 10**digits
    root = Fraction(isqrt(square.numerator * scale * scale // square.denominator), scale)
    return Real(Fraction(0), root, Fraction(2, scale))


SECONDS_INTO: dict[str, Callable[[Segment, Fraction, int], Real]] = {
    "none": step_seconds,
    "beats": beat_ramp_seconds,
    "time": time_ramp_seconds,
}


def segment_at(tempo: TempoTable, beat: Fraction) -> int:
    """Index of the segment that holds `beat`; a point belongs to the segment it starts."""
    return max(0, bisect_right(tempo.segments, beat, key=lambda segment: segment.beat) - 1)


def seconds_at(tempo: TempoTable, beat: Fraction, digits: int = DIGITS) -> Real:
    """Seconds from beat 0 to `beat` (negative before it)."""
    if beat < 0:
        return Real(60 * beat / tempo.segments[0].bpm)  # the first tempo, even where a ramp starts at beat 0
    at = segment_at(tempo, beat)
    starts = tempo.starts if digits <= DIGITS else start_times(tempo.segments[: at + 1], digits)
    segment = tempo.segments[at]
    return starts[at] + seconds_into(segment, beat - segment.beat, max(digits, DIGITS))


def round_half_up(scaled: Callable[[int], Real]) -> int:
    """floor(x + 1/2) of the number that `scaled(digits)` gives, proven by its error bound.

    Ends: a rational is exact at once, and an irrational cannot lie on a rounding edge (logarithms of
    rationals other than 1 are transcendental and all terms of a map have one sign), so more digits always
    decide.
    """
    digits = DIGITS
    while True:
        x = scaled(digits)
        low, high = (floor(x.value + side * x.error + Fraction(1, 2)) for side in (-1, 1))
        if low == high:
            return low
        digits *= 2


def beat_at(tempo: TempoTable, seconds: Fraction) -> Fraction:
    """The beat at a time; exact where only steps and ramps linear in time lie before it, else within 1e-40
    beats.
    """
    if seconds < 0:
        return seconds * tempo.segments[0].bpm / 60
    at = bisect_right(tempo.starts, seconds, key=lambda start: start.value) - 1
    segment = tempo.segments[at]
    return segment.beat + BEATS_INTO[segment.ramp](segment, seconds - tempo.starts[at].value)


def step_beats(segment: Segment, seconds: Fraction) -> Fraction:
    """t bpm / 60."""
    return seconds * segment.bpm / 60


def beat_ramp_beats(segment: Segment, seconds: Fraction) -> Fraction:
    """x(t) = b/s (exp(s t / 60) - 1)."""
    slope = (segment.end_bpm - segment.bpm) / segment.beats
    power = slope * seconds / 60
    context = Context(prec=DIGITS)
    grown = Fraction(context.exp(context.divide(Decimal(power.numerator), Decimal(power.denominator))))
    return segment.bpm / slope * (grown - 1)


def time_ramp_beats(segment: Segment, seconds: Fraction) -> Fraction:
    """x(t) = (b t + a t^2 / 2) / 60, rational."""
    return (segment.bpm * seconds + bpm_per_second(segment) * seconds**2 / 2) / 60


BEATS_INTO: dict[str, Callable[[Segment, Fraction], Fraction]] = {
    "none": step_beats,
    "beats": beat_ramp_beats,
    "time": time_ramp_beats,
}


def bpm_at(tempo: TempoTable, beat: Fraction) -> float:
    """Tempo at a beat, quarter notes a minute; at a point, the tempo behind it."""
    at = segment_at(tempo, beat)
    segment = tempo.segments[at]
    into = max(beat, Fraction(0)) - segment.beat
    if segment.ramp == "time":
        return float(square_root(segment.bpm**2 + 120 * bpm_per_second(segment) * into, DIGITS).value)
    if segment.ramp == "beats":
        return float(segment.bpm + (segment.end_bpm - segment.bpm) * into / segment.beats)
    return float(segment.bpm)
