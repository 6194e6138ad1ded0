"""The demo's own arithmetic and file handling, and the whole demo with a song of noise and a tiny model."""

import argparse
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.demo import run_demo
from bridge.demo_checks import (
    Span,
    beat_of_bar,
    check_generate,
    check_repaint,
    energy_changed,
    read_exactly,
    seconds_of_beat,
    span_of_bars,
)
from bridge.demo_lyric_checks import sung_lines
from bridge.demo_songs import (
    DemoError,
    bars_that_fit,
    copy_song,
    free_name,
    results_folder,
    shipped_songs,
    song_from_options,
)
from bridge.grid import build_grid, sample_at
from bridge.private_daemon import DaemonError, private_daemon, private_folder
from engine.tiny import write_tiny_checkpoint
from protocol.maps import Meters, Tempos
from protocol.values import Bars

RATE = 44_100
SPAN = Span(1000, 3000, RATE)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.wav"
    noise = np.random.default_rng(1).integers(-20_000, 20_000, (5000, 2), "int16")
    soundfile.write(path, noise, RATE, subtype="PCM_16")
    return path


def write_result(source: Path, change: tuple[int, int]) -> tuple[Path, Path]:
    """A take and a full file in which the samples of `change` are turned over."""
    audio, _ = soundfile.read(source, dtype="int16")
    audio[slice(*change)] *= -1
    take, full = source.with_name("take.wav"), source.with_name("full.wav")
    soundfile.write(take, audio[SPAN.lo : SPAN.hi], RATE, subtype="PCM_16")
    soundfile.write(full, audio, RATE, subtype="PCM_16")
    return take, full


def test_a_clean_repaint_keeps_every_promise(source: Path) -> None:
    checks, figures = check_repaint(source, *write_result(source, (1000, 3000)), SPAN)
    assert all(check.is_kept for check in checks)
    assert figures == {"outside_differing": 0, "energy_changed_percent": 400.0}


@pytest.mark.parametrize("change", [(999, 3000), (1000, 3001)])
def test_one_sample_outside_breaks_the_promise(source: Path, change: tuple[int, int]) -> None:
    checks, figures = check_repaint(source, *write_result(source, change), SPAN)
    assert [check.promise for check in checks if not check.is_kept] == ["nothing outside the region differs"]
    assert figures["outside_differing"] == 2  # one in each channel


def test_a_region_that_stayed_as_it_was_is_noticed(source: Path) -> None:
    checks, _ = check_repaint(source, *write_result(source, (0, 0)), SPAN)
    assert [check.promise for check in checks if not check.is_kept] == ["the region is new"]


def test_a_full_file_of_another_length_is_noticed(source: Path) -> None:
    take, full = write_result(source, (1000, 3000))
    soundfile.write(full, soundfile.read(full, dtype="int16")[0][:-1], RATE, subtype="PCM_16")
    assert not all(check.is_kept for check in check_repaint(source, take, full, SPAN)[0])


def test_a_silent_piece_is_noticed(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "take.wav", np.zeros((2000, 2)), RATE)
    checks, _ = check_generate(tmp_path / "take.wav", SPAN)
    assert [check.is_kept for check in checks] == [True, True, False]


def test_energy_of_unrelated_audio_counts_double() -> None:
    before, after = np.array([[1, 0]]), np.array([[0, 1]])
    assert energy_changed(before, after) == 200


def test_bars_at_a_steady_tempo_are_exact() -> None:
    assert span_of_bars("0 140", "1 4/4", (5, 9), 44_100) == Span(4 * 75_600, 8 * 75_600, 44_100)


def test_a_half_sample_is_rounded_up() -> None:
    # half a second at 8001 Hz is 4000.5 samples
    assert span_of_bars("0 120", "1 1/4", (1, 2), 8001).hi == 4001


def test_bars_are_counted_through_changing_signatures() -> None:
    assert beat_of_bar("1 4/4; 3 7/8", 5) == 8 + 7


def test_a_ramp_in_beats_takes_the_time_of_its_logarithm() -> None:
    seconds = seconds_of_beat("0 60 ramp; 60 120", Fraction(60))
    assert float(seconds) == pytest.approx(60 * np.log(2), abs=1e-12)


def test_a_ramp_in_time_takes_the_time_of_its_mean_tempo() -> None:
    assert seconds_of_beat("0 60 ramp-time; 90 120", Fraction(90)) == 60


@pytest.mark.parametrize(
    "tempo", ["0 140", "0 97.3; 7 201/2", "0 90 ramp; 16 150; 24 60", "0 80 ramp-time; 9 140"]
)
def test_the_demo_and_the_grid_agree_though_they_share_no_code(tempo: str) -> None:
    meter = "1 4/4; 3 7/8"
    grid = build_grid(Tempos().read(tempo, "tempo"), Meters().read(meter, "meter"))
    for bar in (1, 2, 3, 6, 11):
        assert span_of_bars(tempo, meter, (1, bar), RATE).hi == sample_at(grid, Bars(bar), RATE)


def test_every_shipped_song_can_be_played_and_says_its_licence() -> None:
    for song in shipped_songs():
        header = soundfile.info(str(song.file))
        span = span_of_bars(song.tempo, song.meter, (song.start_bar, song.end_bar), header.samplerate)
        assert 0 <= span.lo < span.hi <= header.frames
        assert song.notes["licence"]


def test_the_shipped_voice_is_small_and_as_long_as_its_words() -> None:
    (voice,) = (song for song in shipped_songs() if song.is_voice)
    header = soundfile.info(str(voice.file))
    assert voice.file.stat().st_size < 1_000_000 and 12 <= header.duration <= 16
    edges = [edge for line in voice.sung for edge in line]
    assert edges == sorted(edges) and edges[-1] < header.duration
    assert len(voice.sung) == len(sung_lines(voice.lyrics))


def test_a_flac_becomes_a_wav_with_the_same_samples(tmp_path: Path) -> None:
    song = shipped_songs()[0]
    copy = copy_song(song, tmp_path)
    assert copy.suffix == ".wav"
    assert soundfile.info(str(copy)).subtype == soundfile.info(str(song.file)).subtype
    assert np.array_equal(read_exactly(copy), read_exactly(song.file))


def test_copies_never_overwrite(source: Path) -> None:
    assert free_name(source).name == "source-2.wav"


def test_results_go_to_a_new_folder_when_the_last_ones_are_still_there(tmp_path: Path) -> None:
    first = results_folder(None, tmp_path)
    (first / "report.json").write_text("{}")
    assert (first.name, results_folder(None, tmp_path).name) == ("demo_out", "demo_out-2")


def test_an_output_folder_with_something_in_it_is_refused(source: Path) -> None:
    with pytest.raises(DemoError, match="already holds something"):
        results_folder(source.parent, source.parent)


def options(source: Path, bpm: str | None) -> argparse.Namespace:
    return argparse.Namespace(input=source, bpm=bpm, beats_per_bar="7/8", caption="", start_bar=2, end_bar=3)


def test_the_users_own_song_is_described_by_the_options(source: Path) -> None:
    song = song_from_options(options(source, "92.5"))
    assert (song.tempo, song.meter, song.start_bar, song.end_bar) == ("0 92.5", "1 7/8", 2, 3)


def test_the_users_own_song_needs_its_tempo(source: Path) -> None:
    with pytest.raises(DemoError, match="--bpm"):
        song_from_options(options(source, None))


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Twelve seconds of 24 bit stereo noise: six bars of 4/4 at 120 bpm."""
    path = tmp_path / "noise.wav"
    noise = np.random.default_rng(2).uniform(-0.3, 0.3, (12 * RATE, 2))
    soundfile.write(path, noise, RATE, subtype="PCM_24")
    return path


def test_the_demo_of_a_song_leaves_out_what_the_model_cannot_do(song: Path, tmp_path: Path) -> None:
    model, out = write_tiny_checkpoint(tmp_path / "tiny"), tmp_path / "out"
    args = argparse.Namespace(
        input=song, bpm="120", beats_per_bar="4/4", start_bar=3, end_bar=4, caption="noise",
        out=out, model=str(model), keep=False,
    )  # fmt: skip
    assert run_demo(args) == 0
    report = json.loads((out / "report.json").read_text())
    repaint, generate, cover = report["jobs"]
    assert (repaint["task"], repaint["source"], repaint["outside_differing"]) == ("repaint", "noise.wav", 0)
    assert (repaint["start_sample"], repaint["end_sample"]) == (2 * 88_200, 3 * 88_200)
    assert (generate["task"], generate["source"], generate["full"]) == ("generate", None, None)
    assert cover["task"] == "cover" and report["skipped"].keys() == {"extract", "lego"}
    assert "acestep-v15-base" in report["skipped"]["lego"]
    named = [job[key] for job in (repaint, generate, cover) for key in ("source", "take", "full", "sidecar")]
    assert all((out / name).is_file() for name in named if name)
    assert "was left out" in (out / "index.html").read_text("utf-8")


@pytest.mark.parametrize(("bpm", "said"), [(None, "--bpm"), ("fast", "tempo"), ("-3", "tempo")])
def test_the_demo_says_what_is_wrong_before_it_starts_anything(
    song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], bpm: str | None, said: str
) -> None:
    args = options(song, bpm)
    args.model, args.out, args.keep = "", tmp_path / "out", False
    assert run_demo(args) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_no_audio_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("la la la")
    with pytest.raises(DemoError, match="cannot be read as audio"):
        song_from_options(options(tmp_path / "notes.txt", "120"))


def test_a_daemon_that_does_not_start_is_quoted(tmp_path: Path) -> None:
    with (
        private_folder(is_kept=False) as data,
        pytest.raises(DaemonError, match="no checkpoint"),
        private_daemon(tmp_path, data, tmp_path),
    ):
        pass
    assert not data.exists()


@pytest.mark.parametrize(
    ("seconds", "bpm", "meter", "bars"),
    [
        (60, "120", "4/4", (5, 9)),
        (10.0, "120", "4/4", (2, 6)),
        (3.0, "120", "4/4", (1, 2)),
        (60, "x", "4/4", (5, 9)),
    ],
)
def test_a_short_song_is_repainted_where_it_has_bars(
    seconds: float, bpm: str, meter: str, bars: tuple[int, int]
) -> None:
    assert bars_that_fit(seconds, bpm, meter) == bars
