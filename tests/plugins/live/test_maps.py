"""Warp markers as a tempo map: the daemon's own grid must agree with Live's markers, marker by marker."""

import importlib
from fractions import Fraction
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.grid import build_grid, time_at
from protocol.values import Beats, MeterPoint, TempoPoint

maps = importlib.import_module("plugins_reference.ableton_live.Barline.maps")
BAR = 4.0

steps = st.lists(st.tuples(st.integers(1, 16), st.integers(20, 900)), min_size=1, max_size=12)


@st.composite
def marker_lists(draw: st.DrawFn) -> list[Any]:
    """Markers of a source: beats from anywhere, tempi of 20 to 900."""
    first = draw(st.integers(-40, 40))
    second = draw(st.fractions(0, 8, max_denominator=48))
    lengths = draw(steps)
    beats = list(accumulate((beat for beat, _ in lengths), initial=first))
    seconds = list(accumulate((Fraction(60 * beat, bpm) for beat, bpm in lengths), initial=second))
    return [maps.Marker(float(s), float(b)) for s, b in zip(seconds, beats, strict=True)]


def grid_of(timeline: Any) -> Any:
    """The daemon's grid of a timeline."""
    points = [TempoPoint(Fraction(beat), Fraction(bpm)) for beat, bpm in timeline.points]
    return build_grid(points, [MeterPoint(1, 4, 4)])


@given(marker_lists())
def test_every_marker_is_where_the_daemon_hears_it(markers: list[Any]) -> None:
    timeline = maps.warped_timeline(markers, BAR)
    grid = grid_of(timeline)
    source = time_at(grid, Beats(Fraction(timeline.source_start))).value
    for marker in markers:
        heard = time_at(grid, Beats(Fraction(marker.beat + timeline.shift))).value - source
        assert float(heard) == pytest.approx(marker.seconds, abs=1e-6)


@given(marker_lists())
def test_a_shift_is_whole_bars_and_keeps_the_source_behind_beat_0(markers: list[Any]) -> None:
    timeline = maps.warped_timeline(markers, BAR)
    assert timeline.shift % BAR == 0
    assert timeline.source_start >= 0 or timeline.shift == 0 or timeline.source_start > -1e-9


@given(marker_lists(), st.floats(0, 20), st.floats(0.25, 20))
def test_a_takes_markers_are_its_sources_own(markers: list[Any], start: float, length: float) -> None:
    timeline = maps.warped_timeline(markers, BAR)
    low = timeline.source_start + start
    found = maps.take_markers(timeline, low, low + length)
    grid = grid_of(timeline)
    zero = time_at(grid, Beats(Fraction(low))).value
    for marker in found:
        heard = time_at(grid, Beats(Fraction(low + marker.beat))).value - zero
        assert marker.seconds == pytest.approx(float(heard), abs=1e-6)


def test_neighbours_of_one_tempo_are_one_point() -> None:
    markers = [maps.Marker(beat / 2, float(beat)) for beat in range(0, 64, 4)]
    assert maps.warped_timeline(markers, BAR).points == ((0.0, 120.0),)


def test_markers_that_do_not_move_on_are_left_out() -> None:
    markers = [maps.Marker(0.0, 0.0), maps.Marker(0.0, 1.0), maps.Marker(2.0, 4.0), maps.Marker(1.0, 5.0)]
    assert maps.clean_markers(markers) == [(0.0, 0.0), (2.0, 4.0)]


def test_an_unwarped_source_has_one_tempo() -> None:
    assert maps.straight_timeline(-1.5, 90.0, 3.5) == (((0.0, 90.0),), 2.0, 3.5)
