"""What the demo checks of stems, layers, backings and timed words: good files pass, broken ones do not."""

import json
import struct
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from bridge.bwf import Bext, format_body, wave_head
from bridge.demo_checks import Check, Span
from bridge.demo_layer_checks import check_backing, check_cover, check_layer, check_stems, time_reference
from bridge.demo_lyric_checks import bar_seconds, check_lyrics, sung_lines
from bridge.demo_songs import DemoSong

RATE = 48_000
SPAN = Span(1_000, 4_000, RATE)
LENGTH = SPAN.hi - SPAN.lo
Ints = NDArray[np.int16]


def noise(seed: int, samples: int = LENGTH) -> Ints:
    return np.random.default_rng(seed).integers(-8_000, 8_000, (samples, 2), "int16")


def write(path: Path, audio: Ints, begins: int = SPAN.lo) -> Path:
    """A WAV that says where it begins."""
    content = audio.astype("<i2").tobytes()
    bext = Bext("", "", datetime(2026, 1, 1), begins) if begins >= 0 else None
    path.write_bytes(wave_head(b"RIFF", format_body("16", RATE, 2), bext, len(content)) + content)
    return path


def broken(checks: list[Check]) -> list[str]:
    return [check.promise for check in checks if not check.is_kept]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.wav"
    soundfile.write(path, noise(1, 5_000), RATE, subtype="PCM_16")
    return path


# --- stems


def write_parts(source: Path, error: int = 0) -> dict[str, Path]:
    """A stem and a remainder that are `error` steps of 16 bits off the source."""
    region = soundfile.read(source, dtype="int16")[0][SPAN.lo : SPAN.hi]
    stem = region // 3
    rest = region - stem
    rest[100] += error
    return {
        "drums": write(source.with_name("d.wav"), stem),
        "remainder": write(source.with_name("r.wav"), rest),
    }


@pytest.mark.parametrize(("error", "level"), [(0, -300.0), (1, -90.3)])
def test_stems_that_add_up_keep_every_promise(source: Path, error: int, level: float) -> None:
    checks, figures = check_stems(source, write_parts(source, error), SPAN)
    assert broken(checks) == [] and figures["residual_dbfs"] == level
    assert figures["stem_rms"].keys() == {"drums", "remainder"}


def test_two_steps_too_many_are_noticed(source: Path) -> None:
    checks, _ = check_stems(source, write_parts(source, 2), SPAN)
    assert broken(checks) == ["stems and remainder add up to the source"]


def test_a_stem_that_begins_elsewhere_is_noticed(source: Path) -> None:
    parts = write_parts(source)
    write(parts["drums"], soundfile.read(parts["drums"], dtype="int16")[0], SPAN.lo + 1)
    assert broken(check_stems(source, parts, SPAN)[0]) == ["drums says itself where it begins"]


def test_stems_without_a_remainder_do_not_add_up(source: Path) -> None:
    parts = write_parts(source)
    del parts["remainder"]
    assert broken(check_stems(source, parts, SPAN)[0]) == [
        "a remainder comes with the stems",
        "stems and remainder add up to the source",
    ]


# --- layers, backings, covers


def faded(audio: Ints) -> Ints:
    audio = audio.copy()
    audio[[0, -1]] = 0
    return audio


def test_a_layer_alone_keeps_every_promise(source: Path, tmp_path: Path) -> None:
    checks, figures = check_layer(source, write(tmp_path / "take.wav", faded(noise(2))), SPAN)
    assert broken(checks) == [] and abs(figures["correlation"]) < 0.1


@pytest.mark.parametrize(
    ("audio", "promise"),
    [
        (faded(noise(2))[:-1], "layer is as long as the grid says"),
        (np.full((LENGTH, 2), 5_000, "int16"), "it is silent where the region begins and ends"),
        (np.zeros((LENGTH, 2), "int16"), "there is something to hear"),
    ],
)
def test_a_broken_layer_is_noticed(source: Path, tmp_path: Path, audio: Ints, promise: str) -> None:
    checks, _ = check_layer(source, write(tmp_path / "take.wav", audio), SPAN)
    assert broken(checks)[0] == promise


@pytest.mark.parametrize(
    ("error", "promises"), [(1, []), (2, ["the mix is the voice as it was and the backing"])]
)
def test_a_mix_is_the_voice_and_the_backing(
    source: Path, tmp_path: Path, error: int, promises: list[str]
) -> None:
    backing = noise(3)
    mix = backing + soundfile.read(source, dtype="int16")[0][SPAN.lo : SPAN.hi]
    mix[5] += error
    files = (write(tmp_path / "take.wav", backing), write(tmp_path / "full.wav", mix))
    assert broken(check_backing(source, files, SPAN)[0]) == promises


def test_a_cover_that_is_the_source_is_noticed(source: Path, tmp_path: Path) -> None:
    same = soundfile.read(source, dtype="int16")[0][SPAN.lo : SPAN.hi]
    assert broken(check_cover(source, write(tmp_path / "same.wav", same), SPAN)[0]) == ["it is made anew"]
    assert broken(check_cover(source, write(tmp_path / "new.wav", noise(4)), SPAN)[0]) == []


def test_a_place_is_read_out_of_the_bext_chunk(tmp_path: Path) -> None:
    path = write(tmp_path / "far.wav", noise(1), 2**32 + 7)
    assert time_reference(path) == 2**32 + 7
    assert time_reference(write(tmp_path / "nowhere.wav", noise(1), -1)) == -1
    at = path.read_bytes().index(b"bext") + 8 + 338
    assert struct.unpack_from("<II", path.read_bytes(), at) == (7, 1)


# --- words

SONG = DemoSong(
    "song",
    Path(),
    "0 60; 8 120",
    "1 4/4; 3 3/4",
    lyrics="[Verse]\none\n\ntwo\n",
    sung=((1.0, 2.0), (5.0, 6.0)),
)
TEN_S = Span(0, 10 * RATE, RATE)


def write_words(place: Path, lrc: str, bars: tuple[str, str] = ("1|2|0", "2|2|0")) -> dict[str, Path]:
    """An LRC, and a JSON that has the lines at seconds 1 and 5."""
    lines: list[dict[str, Any]] = [{"text": "[Verse]", "is_tag": True, "start_s": 0.0, "start_bar": "1|1|0"}]
    for text, start, bar in zip(("one", "two"), (1.0, 5.0), bars, strict=True):
        lines.append({"text": text, "is_tag": False, "start_s": start, "start_bar": bar})
    files = {"lrc": place / "a.lrc", "json": place / "a.json"}
    files["lrc"].write_text(lrc)
    files["json"].write_text(json.dumps({"lines": lines}))
    return files


@pytest.mark.parametrize("lrc", ["[00:01.10]one\n[00:05.30]two\n", "[1|2|96]one\n[2|2|288]two\n"])
def test_words_in_seconds_or_in_bars_keep_every_promise(tmp_path: Path, lrc: str) -> None:
    checks, figures = check_lyrics(write_words(tmp_path, lrc), SONG, TEN_S)
    assert broken(checks) == []
    assert figures["line_error_ms"] == {"median": 200.0, "worst": 300.0}


@pytest.mark.parametrize(
    ("lrc", "bars", "promise"),
    [
        ("[00:01.00]one\n", ("1|2|0", "2|2|0"), "every sung line has a time"),
        ("[00:05.00]one\n[00:01.00]two\n", ("1|2|0", "2|2|0"), "the lines are in order"),
        ("[00:01.00]one\n[00:11.00]two\n", ("1|2|0", "2|2|0"), "every line is inside the region"),
        ("[00:01.00]one\n[00:05.00]two\n", ("1|2|0", "2|2|5"), "bars and seconds name the same times"),
    ],
)
def test_broken_words_are_noticed(tmp_path: Path, lrc: str, bars: tuple[str, str], promise: str) -> None:
    assert broken(check_lyrics(write_words(tmp_path, lrc, bars), SONG, TEN_S)[0]) == [promise]


def test_bars_are_turned_into_seconds_through_changes_of_tempo_and_meter() -> None:
    assert bar_seconds("3|1|0", SONG) == 8.0
    assert bar_seconds("4|2|480", SONG) == 8.0 + (3 + 1.5) / 2


def test_tags_and_empty_lines_are_not_sung() -> None:
    assert sung_lines("[Verse]\n la \n\n[Chorus]\nlo") == ["la", "lo"]
