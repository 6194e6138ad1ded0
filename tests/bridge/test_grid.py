"""The grid law: absolute, half up, additive; bars and beats and back; what it refuses."""

import time
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.grid import (
    Grid,
    bar_text,
    bars_text,
    beat_of,
    build_grid,
    end_of,
    local_bpm,
    meter_at,
    phases,
    region_samples,
    sample_at,
)
from bridge.meter import bars_to_beat, beat_to_bars, build_meter
from protocol.errors import ProtocolError
from protocol.values import BarCount, Bars, Beats, MeterPoint, Position, Samples, Seconds, TempoPoint
from tests.bridge.audio_files import steady_grid, winding_grid

bpms = st.fractions(30, 300, max_denominator=1000)
gaps = st.fractions(Fraction(1, 960), 64, max_denominator=960)
places = st.fractions(-64, 512, max_denominator=960)
rates = st.integers(8_000, 192_000)


@st.composite
def tempo_maps(draw: st.DrawFn) -> list[TempoPoint]:
    """1..5 points with any ramps."""
    at, points = Fraction(0), []
    for _ in range(draw(st.integers(1, 5))):
        points.append(TempoPoint(at, draw(bpms), draw(st.sampled_from(["none", "beats", "time"]))))
        at += draw(gaps)
    return points


@st.composite
def meter_maps(draw: st.DrawFn) -> list[MeterPoint]:
    """1..4 signatures."""
    bar, points = 1, []
    for _ in range(draw(st.integers(1, 4))):
        points.append(
            MeterPoint(bar, draw(st.integers(1, 17)), draw(st.sampled_from([1, 2, 4, 8, 16, 32, 64])))
        )
        bar += draw(st.integers(1, 9))
    return points


grids = st.builds(build_grid, tempo_maps(), meter_maps())


@given(meter_maps(), places)
def test_bars_come_back_as_the_beat_they_were(points: list[MeterPoint], beat: Fraction) -> None:
    meter = build_meter(points)
    assert bars_to_beat(meter, beat_to_bars(meter, beat)) == beat


@given(grids, places, places, rates)
def test_a_later_place_is_never_an_earlier_sample(grid: Grid, a: Fraction, b: Fraction, rate: int) -> None:
    first, second = sorted((a, b))
    assert sample_at(grid, Beats(first), rate) <= sample_at(grid, Beats(second), rate)


@given(grids, st.lists(places, min_size=3, max_size=6, unique=True), rates)
def test_neighbouring_regions_sum_exactly(grid: Grid, cuts: list[Fraction], rate: int) -> None:
    cuts.sort()
    lengths = [sample_at(grid, Beats(b), rate) - sample_at(grid, Beats(a), rate) for a, b in pairwise(cuts)]
    assert sum(lengths) == sample_at(grid, Beats(cuts[-1]), rate) - sample_at(grid, Beats(cuts[0]), rate)


@settings(max_examples=60)
@given(grids, st.integers(-4, 40), st.sampled_from([44_100, 48_000, 96_000]))
def test_a_bar_line_reads_back_from_its_sample(grid: Grid, bar: int, rate: int) -> None:
    assert bar_text(grid, sample_at(grid, Bars(bar), rate), rate) == f"{bar}|1|0"


def test_samples_of_a_map_that_ardour_was_asked_about() -> None:
    tempo = [TempoPoint(Fraction(at), Fraction(bpm)) for at, bpm in ((0, 120), (8, 90), (16, 147))]
    grid = build_grid(tempo, [MeterPoint(1, 4, 4)])
    found = [sample_at(grid, Beats(Fraction(beat)), 48_000) for beat in (0, 4, 8, 12, 16, 20, 24)]
    assert found == [
        0,
        96_000,
        192_000,
        320_000,
        448_000,
        526_367,
        604_735,
    ]  # Ardour floors the last: 604_734


def test_bars_never_drift_at_an_awkward_tempo() -> None:
    grid = steady_grid(bpm=127)
    bars = [sample_at(grid, Bars(1 + n), 44_100) for n in range(1001)]
    assert bars[1000] == (1000 * 4 * 60 * 44_100 * 2 + 127) // (2 * 127)
    assert {b - a for a, b in pairwise(bars)} == {83_338, 83_339}


def test_a_region_over_changes_ramp_and_odd_bar_has_the_length_of_its_absolute_ends() -> None:
    grid = winding_grid()
    assert [beat_of(grid, Bars(n)) for n in (1, 2, 3, 4)] == [0, 4, Fraction(15, 2), Fraction(23, 2)]
    whole = region_samples(grid, Bars(1), Bars(4), 44_100)
    assert whole == sum(region_samples(grid, Bars(n), Bars(n + 1), 44_100) for n in (1, 2, 3))


def test_what_lies_before_bar_one_runs_at_the_first_tempo_and_meter() -> None:
    grid = build_grid(
        [TempoPoint(Fraction(0), Fraction(60), "beats"), TempoPoint(Fraction(4), Fraction(120))],
        [MeterPoint(1, 3, 4)],
    )
    assert sample_at(grid, Bars(0), 48_000) == -3 * 48_000
    assert bar_text(grid, -4 * 48_000, 48_000) == "-1|3|0"
    assert local_bpm(grid, Bars(0)) == 60.0


def test_a_first_point_behind_beat_zero_holds_from_the_start() -> None:
    grid = build_grid([TempoPoint(Fraction(4), Fraction(90))], [MeterPoint(3, 6, 8)])
    assert sample_at(grid, Beats(Fraction(3)), 48_000) == 96_000
    assert beat_of(grid, Bars(2)) == 3


def test_samples_count_at_the_projects_rate() -> None:
    assert sample_at(steady_grid(48_000), Samples(48_001), 44_100) == 44_101  # 44100.92
    assert sample_at(steady_grid(48_000), Seconds(Fraction("0.5")), 44_100) == 22_050


def test_a_place_reads_to_the_nearest_tick() -> None:
    assert bars_text(steady_grid(), Beats(Fraction(16) + Fraction(479, 960))) == "5|1|479"
    assert bars_text(steady_grid(), Beats(Fraction(20) - Fraction(1, 3000))) == "6|1|0"
    assert bars_text(winding_grid(), Beats(Fraction(5))) == "2|3|0"  # eighths in 7/8


@pytest.mark.parametrize(
    ("start", "length", "wanted"),
    [
        (Bars(1), BarCount(2), Fraction(15, 2)),
        (Bars(2, 2), BarCount(1), Fraction(8)),
        (Bars(1), Beats(Fraction(3)), Fraction(3)),
    ],
)
def test_a_length_ends_where_the_grid_says(
    start: Position, length: BarCount | Beats, wanted: Fraction
) -> None:
    assert beat_of(winding_grid(), end_of(winding_grid(), start, length)) == wanted


def test_tempo_and_meter_at_a_place() -> None:
    grid = winding_grid()
    assert local_bpm(grid, Beats(Fraction(6))) == 117.0  # half way from 93 to 141
    assert meter_at(grid, Bars(2)) == MeterPoint(2, 7, 8)
    time_ramp = build_grid(
        [TempoPoint(Fraction(0), Fraction(60), "time"), TempoPoint(Fraction(9), Fraction(120))],
        [MeterPoint(1, 4, 4)],
    )
    assert local_bpm(time_ramp, Seconds(Fraction(3))) == 90.0  # the ramp takes 6 s
    assert beat_of(time_ramp, Seconds(Fraction(3))) == Fraction(15, 4)


@pytest.mark.parametrize(
    ("tempo", "meter", "field", "text"),
    [
        ([], [(1, 4, 4)], "tempo", "at least one point"),
        ([(0, 120, "none")], [], "meter", "at least one point"),
        ([(0, 0, "none")], [(1, 4, 4)], "tempo[0].bpm", "0.0 is outside 10..1000"),
        ([(0, 90, "none"), (0, 95, "none")], [(1, 4, 4)], "tempo[1].beat", "behind the point before it"),
        ([(-1, 90, "none")], [(1, 4, 4)], "tempo[0].beat", "at or behind beat 0"),
        ([(0, 90, "swing")], [(1, 4, 4)], "tempo[0].ramp", "swing"),
        ([(0, 90, "none")], [(0, 4, 4)], "meter[0].bar", "below 1"),
        ([(0, 90, "none")], [(1, 4, 4), (1, 3, 4)], "meter[1].bar", "below 2"),
        ([(0, 90, "none")], [(1, 65, 4)], "meter[0].numerator", "1..64"),
        ([(0, 90, "none")], [(1, 4, 6)], "meter[0].denominator", "6"),
    ],
)
def test_a_map_that_cannot_be_is_refused_by_field(tempo: list, meter: list, field: str, text: str) -> None:
    with pytest.raises(ProtocolError, match=text) as told:
        build_grid(
            [TempoPoint(Fraction(a), Fraction(b), c) for a, b, c in tempo], [MeterPoint(*m) for m in meter]
        )
    assert (told.value.field, told.value.code in ("out-of-range", "missing-field")) == (field, True)


@pytest.mark.parametrize(
    "place", [Bars(2, 8), Bars(2, 0), Bars(1, 5), Bars(2, 1, Fraction(480)), Bars(1, 1, Fraction(-1))]
)
def test_a_beat_that_is_not_in_its_bar_is_refused(place: Bars) -> None:
    with pytest.raises(ProtocolError, match="is outside"):
        sample_at(winding_grid(), place, 48_000)


def test_phases_of_a_minute_take_milliseconds() -> None:
    points = [TempoPoint(Fraction(4 * n), Fraction(90 + n % 7), "beats") for n in range(100)]
    grid = build_grid(points, [MeterPoint(1, 4, 4)])
    phases(grid, Fraction(1, 3), 1500)
    start = time.perf_counter()
    phases(grid, Fraction(1, 3), 1500)
    assert time.perf_counter() - start < 0.01
