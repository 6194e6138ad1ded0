"""A user's own multitracks: names of files to stem classes, what is said and what is measured, and errors."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from engine.training.corpus.dataset import read_song, write_dataset
from engine.training.evaluate import read_cases
from engine.training.multitracks import BadMultitrack, class_of, import_multitracks


def write_stem(path: Path, seconds: float, rate: int = 44_100, channels: int = 1) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(len(path.name)).normal(0, 0.1, (round(seconds * rate), channels))
    soundfile.write(path, noise, rate)


@pytest.mark.parametrize(
    ("name", "stem_class"),
    [
        ("Kick In.wav", "drums"),
        ("lead-vox.wav", "vocals"),
        ("BGV 2.wav", "backing_vocals"),
        ("gtr_left.flac", "guitar"),
        ("Bass DI.wav", "bass"),
        ("brass.wav", "brass"),
        ("backing_vocals.wav", "backing_vocals"),
    ],
)
def test_a_file_is_named_after_its_class(name: str, stem_class: str) -> None:
    assert class_of(Path(name)) == stem_class


def test_a_name_that_says_no_class_is_refused_with_the_classes() -> None:
    with pytest.raises(BadMultitrack, match=r"track07\.wav.*woodwinds"):
        class_of(Path("track07.wav"))


def test_stems_are_resampled_cut_to_one_length_and_summed_by_class(tmp_path: Path) -> None:
    song = tmp_path / "songs" / "a song"
    write_stem(song / "kick.wav", 3.0)
    write_stem(song / "snare.wav", 3.1, 48_000, 2)
    write_stem(song / "bass.wav", 2.9)
    (song / "song.yaml").write_text(
        "bpm: 97.5\nkeyscale: E minor\nsignature: 3/4\ncaption: slow waltz\nstart: 0.5\n"
    )
    list(import_multitracks(tmp_path / "songs", tmp_path / "corpus"))
    read, names, audio = read_song(tmp_path / "corpus" / "song_000000")
    assert sorted(names) == ["bass", "drums"] and audio.shape == (2, 2, round(2.4 * 48_000))
    assert (float(read.tempo[0].bpm), read.keyscale, read.meter[0].numerator) == (97.5, "E minor", 3)
    assert read.captions[0] == "slow waltz"


def test_what_the_sheet_does_not_say_is_measured(tmp_path: Path) -> None:
    write_dataset(tmp_path / "made", 1, 5, 8.0, [], 1)
    _, names, audio = read_song(tmp_path / "made" / "song_000000")
    for name, stem in zip(names, audio, strict=True):
        path = tmp_path / "songs" / "one" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, stem.T, 48_000)
    list(import_multitracks(tmp_path / "songs", tmp_path / "corpus"))
    case = read_cases(tmp_path / "corpus", 1)[0]
    assert set(case.stems) <= set(names) and 40 <= float(case.song.tempo[0].bpm) <= 240


@pytest.mark.parametrize("sheet", ["tempo: 120", "bpm: [1"])
def test_a_sheet_that_is_wrong_is_named(tmp_path: Path, sheet: str) -> None:
    write_stem(tmp_path / "songs" / "one" / "bass.wav", 1.0)
    (tmp_path / "songs" / "one" / "song.yaml").write_text(sheet)
    with pytest.raises(BadMultitrack, match=r"song\.yaml"):
        list(import_multitracks(tmp_path / "songs", tmp_path / "corpus"))
