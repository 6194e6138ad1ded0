"""Seams: crossfades inside the region, levels matched at both ends, alignment across sample rates."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.plan import MINIATURE, Region, RepaintPlan, model_window, plan_repaint
from bridge.sources import SourceFormat, read_format, read_span, to_float
from bridge.splice import RenderedSpan, splice, to_stored
from protocol.values import Bars, Seconds
from tests.bridge.audio_files import noise, rendered_for, steady_grid, write_song


def planned(
    path: Path, bars: tuple[int, int] = (3, 5), fade_ms: int = 20
) -> tuple[SourceFormat, RepaintPlan]:
    """A plan for bars of a song at 120 bpm."""
    fmt = read_format(path)
    region = Region(Bars(bars[0]), Bars(bars[1]))
    return fmt, plan_repaint(fmt, steady_grid(), region, MINIATURE, Fraction(fade_ms))


def echo(fmt: SourceFormat, plan: RepaintPlan, gain: float = 1.0) -> RenderedSpan:
    """An engine that returns its input, louder or softer: half a second around the region."""
    start = (plan.task_lo - 24_000) // 1920 * 1920
    return RenderedSpan(model_window(fmt, plan)[:, start : plan.task_hi + 24_000] * np.float32(gain), start)


def before_of(fmt: SourceFormat, plan: RepaintPlan) -> np.ndarray:
    """The source's region as floats."""
    return to_float(read_span(fmt, plan.lo, plan.hi))


@pytest.mark.parametrize("rate", [44_100, 48_000, 88_200, 96_000])
def test_rendered_audio_lands_on_the_sample(tmp_path: Path, rate: int) -> None:
    times = np.arange(rate * 12) / rate
    soundfile.write(tmp_path / "s.wav", 0.3 * np.sin(2 * np.pi * 997 * times), rate, subtype="FLOAT")
    fmt, plan = planned(tmp_path / "s.wav")
    result = splice(plan, read_span(fmt, plan.window_lo, plan.window_hi), echo(fmt, plan))
    assert np.abs(result.audio - before_of(fmt, plan)).max() < 1e-4
    assert result.left.shape == result.right.shape == "linear" and result.left.correlation > 0.99


@pytest.mark.parametrize(("gain", "wanted_db"), [(0.7, 3.098), (1.6, -4.082), (0.1, 6.0), (8.0, -6.0)])
def test_the_level_is_matched_within_six_decibels(tmp_path: Path, gain: float, wanted_db: float) -> None:
    fmt, plan = planned(write_song(tmp_path / "s.wav", 48_000, "float", 2, 12.0))
    result = splice(plan, read_span(fmt, plan.window_lo, plan.window_hi), echo(fmt, plan, gain))
    assert result.left.gain_db == pytest.approx(wanted_db, abs=0.01) == result.right.gain_db
    if abs(wanted_db) < 6.0:
        assert np.abs(result.audio - before_of(fmt, plan)).max() < 1e-5


def test_the_gain_runs_from_one_seams_to_the_others_in_decibels(tmp_path: Path) -> None:
    audio = noise(48_000 * 12, 2)
    audio[48_000 * 6 :] *= 0.5
    soundfile.write(tmp_path / "s.wav", audio, 48_000, subtype="FLOAT")
    fmt, plan = planned(tmp_path / "s.wav")
    fresh = rendered_for(plan, 0.15)
    result = splice(plan, read_span(fmt, plan.window_lo, plan.window_hi), fresh)
    assert (result.left.gain_db, result.right.gain_db) == (
        pytest.approx(0.0, abs=0.1),
        pytest.approx(-6.0, abs=0.1),
    )
    middle = slice(96_000 - 2_000, 96_000 + 2_000)
    raw = fresh.audio.T[plan.task_lo - fresh.start :][middle]
    assert np.median(result.audio[middle] / raw) == pytest.approx(10 ** (-3.0 / 20), abs=0.01)


def test_a_silent_or_missing_margin_takes_the_other_sides_gain(tmp_path: Path) -> None:
    audio = noise(48_000 * 8, 2)
    audio[: 48_000 * 4] = 0.0
    soundfile.write(tmp_path / "s.wav", audio, 48_000, subtype="FLOAT")
    fmt, plan = planned(tmp_path / "s.wav", (3, 4))
    result = splice(plan, read_span(fmt, plan.window_lo, plan.window_hi), rendered_for(plan, 0.3))
    assert result.left.gain_db == result.right.gain_db == pytest.approx(-6.0, abs=0.1)
    fmt, plan = planned(tmp_path / "s.wav", (3, 5))  # up to the song's end
    result = splice(plan, read_span(fmt, plan.window_lo, plan.window_hi), rendered_for(plan, 0.3))
    assert (result.left.gain_db, result.right.gain_db) == (0.0, 0.0)
    assert result.right.shape == "none"


def test_uncorrelated_seams_keep_their_power(tmp_path: Path) -> None:
    fmt, plan = planned(write_song(tmp_path / "s.wav", 48_000, "float", 2, 12.0), fade_ms=500)
    result = splice(plan, read_span(fmt, plan.window_lo, plan.window_hi), rendered_for(plan))
    assert result.left.shape == "equal-power" and abs(result.left.correlation) < 0.05
    thirds = result.audio[:24_000].reshape(3, -1, 2)
    assert np.sqrt((thirds.astype(float) ** 2).mean((1, 2))) == pytest.approx([0.15] * 3, rel=0.05)


def test_the_crossfade_starts_from_the_source_and_ends_in_the_rendered_audio(tmp_path: Path) -> None:
    fmt, plan = planned(write_song(tmp_path / "s.wav", 48_000, "float", 2, 12.0))
    fresh = rendered_for(plan)
    result = splice(plan, read_span(fmt, plan.window_lo, plan.window_hi), fresh)
    source = before_of(fmt, plan)
    assert plan.fade_in == 960
    assert np.abs(result.audio[[0, -1]] - source[[0, -1]]).max() < 0.002
    inner = fresh.audio.T[plan.task_lo - fresh.start :][: plan.hi - plan.lo][960:-960]
    assert np.corrcoef(result.audio[960:-960, 0], inner[:, 0])[0, 1] > 0.9999


def test_a_mono_song_gets_the_mean_of_both_sides(tmp_path: Path) -> None:
    fmt, plan = planned(write_song(tmp_path / "s.wav", 48_000, "float", 1, 12.0), fade_ms=0)
    fresh = rendered_for(plan)
    result = splice(plan, read_span(fmt, plan.window_lo, plan.window_hi), fresh)
    mean = fresh.audio.mean(0)[plan.task_lo - fresh.start :][: plan.hi - plan.lo]
    assert np.corrcoef(result.audio[:, 0], mean)[0, 1] > 0.9999


def test_rounding_is_to_nearest_and_full_scale_is_cut() -> None:
    audio = np.array([[0.0], [0.6 / 32768], [-1.0], [1.0], [1.5], [-1.5]])
    numbers, clipped = to_stored(audio, "int16", "16")
    assert numbers[:, 0].tolist() == [0, 1, -32768, 32767, 32767, -32768] and clipped == 3
    numbers, clipped = to_stored(audio, "int32", "24")
    assert numbers[3, 0] == (2**23 - 1) << 8 and not (numbers & 0xFF).any()
    assert to_stored(audio, "float32", "float")[1] == 0


@pytest.mark.parametrize(("shift", "value"), [(4_800_000, 0.1), (0, np.nan)])
def test_what_an_engine_may_not_return_is_a_bug(tmp_path: Path, shift: int, value: float) -> None:
    fmt, plan = planned(write_song(tmp_path / "s.wav", 48_000, "16", 2, 12.0))
    fresh = rendered_for(plan)
    bad = RenderedSpan(np.full_like(fresh.audio, value), fresh.start + shift)
    with pytest.raises(ValueError, match=r"cover|finite"):
        splice(plan, read_span(fmt, plan.window_lo, plan.window_hi), bad)


def test_what_lies_before_the_song_says_nothing_about_level(tmp_path: Path) -> None:
    fmt = read_format(write_song(tmp_path / "s.wav", 48_000, "float", 2, 12.0))
    region = Region(Seconds(Fraction(1, 10)), Bars(3))  # four fifths of the left margin lie before the song
    plan = plan_repaint(fmt, steady_grid(), region, MINIATURE)
    result = splice(plan, read_span(fmt, plan.window_lo, plan.window_hi), rendered_for(plan))
    assert result.left.gain_db == pytest.approx(0.0, abs=0.2)
