"""Windows: bounded, whole bars, on both clocks at once, and never filled by the region."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.grid import build_grid, sample_at
from bridge.new_plan import plan_new, with_spare
from bridge.plan import MINIATURE, OFFICIAL, ContextRule, Region, model_window, plan_repaint
from bridge.sources import SourceFormat, read_format
from protocol.errors import ProtocolError
from protocol.values import Bars, Beats, MeterPoint, Samples, Seconds, TempoPoint
from tests.bridge.audio_files import steady_grid, winding_grid, write_song


def song_of(seconds: float, rate: int = 48_000) -> SourceFormat:
    """A format without a file: planning reads no samples."""
    return SourceFormat(Path("song.wav"), "wav", "24", rate, 2, round(seconds * rate), None, (0, 0))


def test_the_window_is_the_region_and_whole_bars_around_it() -> None:
    plan = plan_repaint(song_of(100), steady_grid(), Region(Bars(11), Bars(13)), MINIATURE)  # bars of 2 s
    assert (plan.lo, plan.hi) == (20 * 48_000, 24 * 48_000)
    assert (plan.window_lo, plan.window_hi) == (12 * 48_000, 32 * 48_000)
    assert (plan.task_lo, plan.task_hi, plan.frames, plan.silence) == (8 * 48_000, 12 * 48_000, 500, 0)
    assert (plan.start_bars, plan.end_bars, plan.bpm, plan.meter) == ("11|1|0", "13|1|0", 120.0, "4/4")
    assert plan.window_start_s == 12


def test_a_context_that_ends_inside_a_bar_takes_the_whole_bar() -> None:
    plan = plan_repaint(
        song_of(100), steady_grid(bpm=100), Region(Bars(11), Bars(12)), MINIATURE
    )  # bars of 2.4 s
    assert (plan.window_lo, plan.window_hi) == (round(14.4 * 48_000), round(36.0 * 48_000))


def test_the_window_does_not_grow_with_the_song() -> None:
    short, long = (
        plan_repaint(song_of(s), steady_grid(), Region(Bars(11), Bars(13)), OFFICIAL) for s in (90, 9_000)
    )
    assert replace(long, source_frames=short.source_frames) == short


@pytest.mark.parametrize(("bars", "silence_s"), [((1, 3), 1), ((49, 51), 1), ((25, 27), 0)])
def test_a_region_at_an_end_of_the_song_has_a_second_of_silence_beside_it(
    bars: tuple[int, int], silence_s: int
) -> None:
    plan = plan_repaint(song_of(100), steady_grid(), Region(Bars(bars[0]), Bars(bars[1])), MINIATURE)
    assert plan.silence == silence_s * 48_000
    assert (plan.fade_in, plan.fade_out) == (0 if bars[0] == 1 else 960, 0 if bars[1] == 51 else 960)


def test_a_song_shorter_than_the_model_needs_goes_on_in_whole_bars() -> None:
    plan = plan_repaint(song_of(2), steady_grid(), Region(Bars(1), Bars(2)), MINIATURE)
    assert (plan.tile, plan.silence) == (2 * 48_000, 0)
    assert (plan.window_lo, plan.window_hi) == (-2 * 48_000, 4 * 48_000)  # a bar on each side is enough
    assert plan.fade_in == plan.fade_out == 0


@pytest.mark.parametrize(("seconds", "tile_s"), [(1.5, 1.5), (2.5, 2), (5.0, 4), (5.12, 0)])
def test_it_comes_again_after_the_whole_bars_it_holds(seconds: float, tile_s: float) -> None:
    region = Region(Beats(Fraction(0)), Beats(Fraction(2)))
    assert plan_repaint(song_of(seconds), steady_grid(), region, MINIATURE).tile == tile_s * 48_000


def test_one_bar_of_a_very_short_song_is_as_long_as_the_grid_says() -> None:
    grid, rule = steady_grid(bpm=174), MINIATURE
    plan = plan_repaint(song_of(1.4, 44_100), grid, Region(Bars(1), Bars(2)), rule)
    assert plan.hi - plan.lo == sample_at(grid, Bars(2), 44_100) == plan.tile == 60_828
    assert plan.model_samples >= rule.min_window_s * 48_000 and plan.task_lo >= 48_000


def test_a_long_region_keeps_even_context_within_the_longest_window() -> None:
    plan = plan_repaint(song_of(200), steady_grid(), Region(Bars(30), Bars(55)), MINIATURE)  # 50 s
    assert plan.model_samples <= 60 * 48_000
    assert abs((plan.lo - plan.window_lo) - (plan.window_hi - plan.hi)) <= 3840


def test_a_region_no_window_can_frame_is_refused() -> None:
    with pytest.raises(ProtocolError, match="s are more than") as told:
        plan_repaint(song_of(200), steady_grid(), Region(Bars(1), Bars(31)), MINIATURE)
    assert (told.value.code, told.value.field) == ("too-long", "end")


@pytest.mark.parametrize(
    ("region", "field"),
    [
        (Region(Bars(5), Bars(5)), "end"),
        (Region(Bars(0), Bars(2)), "start"),
        (Region(Bars(50), Bars(52)), "end"),
        (Region(Bars(1), Bars(2), Bars(2)), "start"),
    ],
)
def test_a_region_that_is_empty_or_not_in_the_song_is_refused(region: Region, field: str) -> None:
    with pytest.raises(ProtocolError) as told:
        plan_repaint(song_of(100), steady_grid(), region, MINIATURE)
    assert (told.value.code, told.value.field) == ("out-of-range", field)


def test_a_pickup_shifts_the_source_against_the_project() -> None:
    region = Region(Bars(2), Bars(3), source_start=Beats(Fraction(-1)))  # an upbeat of half a second
    plan = plan_repaint(song_of(100), steady_grid(), region, MINIATURE)
    assert (plan.source_start, plan.lo, plan.project_lo) == (-24_000, 120_000, 96_000)


def test_project_samples_of_another_rate_are_times() -> None:
    region = Region(Seconds(Fraction(10)), Seconds(Fraction(12)), source_start=Samples(48_000))
    plan = plan_repaint(song_of(100, 44_100), steady_grid(48_000), region, MINIATURE)
    assert (plan.source_start, plan.lo, plan.hi) == (44_100, 9 * 44_100, 11 * 44_100)


@settings(max_examples=150, deadline=None)
@given(
    rate=st.sampled_from([8_000, 22_050, 44_056, 44_100, 48_000, 88_200, 96_000, 176_400, 191_999, 192_000]),
    start=st.fractions(0, 80, max_denominator=960),
    length=st.fractions(Fraction(1, 8), 40, max_denominator=960),
    song_s=st.integers(61, 300),
    rule=st.sampled_from([MINIATURE, ContextRule(Fraction(128, 25), Fraction(8), Fraction(30))]),
)
def test_every_window_holds_its_law(
    rate: int, start: Fraction, length: Fraction, song_s: int, rule: ContextRule
) -> None:
    tempo = [TempoPoint(Fraction(0), Fraction(100)), TempoPoint(Fraction(24), Fraction(137), "time")]
    grid = build_grid(
        [*tempo, TempoPoint(Fraction(40), Fraction(173))], [MeterPoint(1, 4, 4), MeterPoint(3, 7, 8)]
    )
    region = Region(Beats(start), Beats(start + length))
    plan = plan_repaint(song_of(song_s, rate), grid, region, rule)
    ratio = Fraction(48_000, rate)
    assert plan.hi - plan.lo == sample_at(grid, region.end, rate) - sample_at(grid, region.start, rate)
    assert (plan.window_lo * ratio).denominator == 1  # the window starts on both clocks
    assert plan.model_samples % 1920 == 0
    assert rule.min_window_s <= Fraction(plan.model_samples, 48_000) <= rule.max_window_s
    assert plan.task_lo >= 48_000 and plan.model_samples - plan.task_hi >= 48_000 - 1
    assert 0 <= (plan.lo - plan.window_lo) * ratio - plan.task_lo < 1
    assert 0 <= plan.task_hi - (plan.hi - plan.window_lo) * ratio < 1
    assert 0 <= plan.window_hi - plan.window_lo - plan.model_samples / ratio < 1


@pytest.mark.parametrize("rate", [44_100, 48_000, 88_200, 96_000])
def test_the_models_view_stays_in_time(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "sine.wav"
    times = np.arange(rate * 40) / rate
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 997.0 * times), rate, subtype="FLOAT")
    fmt = read_format(path)
    plan = plan_repaint(fmt, winding_grid(), Region(Bars(8), Bars(9)), MINIATURE)
    window = model_window(fmt, plan)
    assert window.shape == (2, plan.model_samples) and window.dtype == np.float32
    at = plan.window_lo / rate + np.arange(plan.model_samples) / 48_000
    inner = slice(4_800, plan.model_samples - 4_800)
    assert np.abs(window[0] - 0.5 * np.sin(2 * np.pi * 997.0 * at))[inner].max() < 1e-5
    assert np.array_equal(window[0], window[1])


def test_past_the_songs_ends_the_model_sees_silence(tmp_path: Path) -> None:
    fmt = read_format(write_song(tmp_path / "song.wav", 48_000, "16", 2, 6.0))
    plan = plan_repaint(fmt, steady_grid(), Region(Bars(1), Bars(4)), MINIATURE)
    window = model_window(fmt, plan)
    assert not window[:, :48_000].any() and window[:, 48_000:336_000].any() and not window[:, 336_000:].any()


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_past_the_ends_of_a_very_short_song_the_model_sees_its_bars_again(tmp_path: Path, rate: int) -> None:
    fmt = read_format(write_song(tmp_path / "song.wav", rate, "16", 2, 2.25))
    plan = plan_repaint(fmt, steady_grid(), Region(Bars(1), Bars(2)), MINIATURE)
    window, song = model_window(fmt, plan), soundfile.read(fmt.path)[0].T
    if rate == 48_000:
        first = -plan.window_lo
        assert np.array_equal(window[:, first : first + 108_000], song.astype(np.float32))
        assert np.array_equal(
            window[:, first + 108_000 : first + 192_000], window[:, 12_000 + first :][:, :84_000]
        )
        assert np.array_equal(window[:, first - 96_000 : first], window[:, first : first + 96_000])
    quiet = np.convolve(np.abs(window[0]), np.ones(2_400) / 2_400, "valid").min()
    assert quiet > 0.01  # no hole anywhere


def test_a_new_song_is_as_long_as_the_grid_says() -> None:
    plan = plan_new(winding_grid(), Bars(2), Bars(4), 44_100)
    assert plan.samples == sample_at(winding_grid(), Bars(4), 44_100) - sample_at(
        winding_grid(), Bars(2), 44_100
    )
    assert 0 <= plan.model_samples - plan.samples * Fraction(48_000, 44_100) < 1920
    with pytest.raises(ProtocolError, match="not behind"):
        plan_new(winding_grid(), Bars(4), Bars(4), 44_100)


@pytest.mark.parametrize(("longest", "spare_s"), [("600", "3.2"), ("101", "1"), ("100", "0")])
def test_a_new_song_is_rendered_a_little_longer_where_the_model_can(longest: str, spare_s: str) -> None:
    song = plan_new(steady_grid(), Bars(1), Bars(51), 48_000)
    plan = with_spare(song, Fraction(longest))
    assert (plan.samples, plan.model_samples) == (song.samples, song.model_samples)
    assert plan.spare == Fraction(spare_s) * 48_000
    assert plan.rendered == plan.frames * 1920 == plan.model_samples + plan.spare
