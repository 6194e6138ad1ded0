"""The grid against closed forms in mpmath, written here from the ramps' definitions, on random maps."""

import random
from fractions import Fraction
from itertools import pairwise
from math import floor

import mpmath
import numpy as np
import pytest

from bridge.grid import beat_of, build_grid, phases, sample_at, time_at
from protocol.values import Beats, MeterPoint, Ramp, Seconds, TempoPoint

MAPS = 1_200
RATES = (8_000, 22_050, 44_100, 44_056, 48_000, 88_200, 96_000, 191_999, 192_000)
RAMPS: tuple[Ramp, ...] = ("none", "beats", "time")
COMMON = [MeterPoint(1, 4, 4)]


def random_points(draw: random.Random) -> list[TempoPoint]:
    """1..6 points at odd places, bpm from whole numbers to ratios, some ramps nearly flat."""
    points, at = [], Fraction(draw.choice([0, 0, draw.randint(1, 900)]), 96)
    bpm = Fraction(draw.randint(300, 3000), 10)
    for _ in range(draw.randint(1, 6)):
        points.append(TempoPoint(at, bpm, draw.choice(RAMPS)))
        at += Fraction(draw.randint(1, 3000), draw.choice([1, 3, 7, 96, 960]))
        near = bpm + Fraction(1, 10 ** draw.randint(3, 12))
        bpm = draw.choice(
            [Fraction(draw.randint(30_000, 300_000), 1000), Fraction(draw.randint(40, 900), 3), near]
        )
    return points


def whole_or_part(a: TempoPoint, b: TempoPoint, beats: mpmath.mpf) -> mpmath.mpf:
    """Seconds from a until `beats` behind it, by the definition of a's ramp towards b."""
    b0, b1, n = (mpmath.mpf(x.numerator) / x.denominator for x in (a.bpm, b.bpm, b.beat - a.beat))
    if a.ramp == "none" or b0 == b1:
        return 60 * beats / b0
    if a.ramp == "beats":
        return 60 * n / (b1 - b0) * mpmath.log1p((b1 - b0) * beats / (n * b0))
    span = 120 * n / (b0 + b1)  # a ramp linear in time runs at the mean of its ends
    a2, a1, a0 = (b1 - b0) / (120 * span), b0 / 60, -beats
    return (-a1 + mpmath.sqrt(a1**2 - 4 * a2 * a0)) / (2 * a2)


def oracle_seconds(points: list[TempoPoint], beat: Fraction) -> mpmath.mpf:
    """Seconds from beat 0, in 100 digits."""
    first, last = points[0], points[-1]
    q = mpmath.mpf(beat.numerator) / beat.denominator
    if beat < first.beat:
        return 60 * q * first.bpm.denominator / first.bpm.numerator
    total = 60 * mpmath.mpf((first.beat / first.bpm).numerator) / (first.beat / first.bpm).denominator
    for a, b in pairwise(points):
        stop = min(beat, b.beat) - a.beat
        if stop > 0:
            total += whole_or_part(a, b, mpmath.mpf(stop.numerator) / stop.denominator)
    rest = max(Fraction(0), beat - last.beat) * 60 / last.bpm
    return total + mpmath.mpf(rest.numerator) / rest.denominator


def test_samples_are_those_of_the_closed_forms() -> None:
    with mpmath.workdps(100):
        for seed in range(MAPS):
            draw = random.Random(seed)
            points = random_points(draw)
            grid, rate = build_grid(points, COMMON), draw.choice(RATES)
            for _ in range(4):
                beat = Fraction(draw.randint(-1920, 960 * 400), draw.choice([960, 480, 7]))
                exact = oracle_seconds(points, beat) * rate
                assert sample_at(grid, Beats(beat), rate) == int(mpmath.floor(exact + 0.5)), (seed, beat)


def test_the_beat_at_a_time_is_the_inverse_within_1e_40() -> None:
    for seed in range(300):
        draw = random.Random(seed)
        points = random_points(draw)
        grid = build_grid(points, COMMON)
        beat = Fraction(draw.randint(-1920, 960 * 400), 960)
        there_and_back = beat_of(grid, Seconds(time_at(grid, Beats(beat)).value))
        assert abs(there_and_back - beat) < Fraction(1, 10**40)


def test_phases_are_the_oracles_at_the_frames_centres() -> None:
    for seed in range(40):
        draw = random.Random(seed)
        points = random_points(draw)
        grid = build_grid(points, [MeterPoint(1, 4, 4), MeterPoint(3, 7, 8), MeterPoint(6, 3, 4)])
        start = Fraction(draw.randint(-3 * 44_100, 100 * 44_100), 44_100)
        found = phases(grid, start, 200)
        assert found.shape == (200, 2) and found.dtype == np.float32 and found.min() >= 0 and found.max() < 1
        lines = [Fraction(-4 * n) for n in range(20, 0, -1)] + [
            Fraction(4 * n) for n in range(3)
        ]  # bar 3 at beat 8
        lines += [8 + Fraction(7, 2) * n for n in range(1, 4)]
        while lines[-1] < 3000:
            lines.append(lines[-1] + 3)
        for i in (0, 77, 199):
            beat = beat_of(grid, Seconds(start + (i + Fraction(1, 2)) / 25))
            k = max(n for n, line in enumerate(lines) if line <= beat)
            wanted = (beat - floor(beat), (beat - lines[k]) / (lines[k + 1] - lines[k]))
            for got, want in zip(found[i], wanted, strict=True):
                assert abs((float(got) - float(want) + 0.5) % 1.0 - 0.5) < 1e-6


def test_a_time_on_the_edge_of_rounding_is_rounded_up() -> None:
    grid = build_grid([TempoPoint(Fraction(0), Fraction(60))], COMMON)
    for n in (-3, -1, 0, 1, 2, 3):
        assert sample_at(grid, Beats(Fraction(2 * n + 1, 2 * 48_000)), 48_000) == n + 1
    near = Fraction(1, 2 * 48_000) - Fraction(1, 10**90)  # closer to the edge than the first digits can tell
    assert sample_at(grid, Beats(near), 48_000) == 0


@pytest.mark.parametrize("ramp", ["beats", "time"])
@pytest.mark.parametrize("side", [-1, 1])
def test_more_digits_are_taken_where_sixty_cannot_decide(ramp: Ramp, side: int) -> None:
    points = [TempoPoint(Fraction(0), Fraction(97), ramp), TempoPoint(Fraction(32), Fraction(141))]
    with mpmath.workdps(200):
        edge = (480_000 + mpmath.mpf("0.5")) / 48_000 + side * mpmath.mpf(10) ** -75  # seconds
        beat = mpmath.findroot(lambda x: whole_or_part(*points, x) - edge, 20, tol=1e-300)
        place = Beats(Fraction(int(mpmath.floor(beat * 10**100)), 10**100))
        assert sample_at(build_grid(points, COMMON), place, 48_000) == 480_000 + (side > 0)
