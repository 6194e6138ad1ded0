"""What is read from a DAW's files, and what is refused."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.chunks import read_layout
from bridge.sources import read_format, read_span, to_model_audio
from protocol.errors import ProtocolError
from tests.bridge.audio_files import noise, write_song


@pytest.mark.parametrize(
    ("ending", "depth", "container"),
    [
        (".wav", "16", "wav"),
        (".wav", "float", "wav"),
        (".rf64", "24", "rf64"),
        (".aiff", "32", "aiff"),
        (".flac", "24", "flac"),
    ],
)
def test_a_header_is_read(tmp_path: Path, ending: str, depth: str, container: str) -> None:
    fmt = read_format(write_song(tmp_path / f"song{ending}", 44_100, depth, 2, 1.0))
    assert (fmt.container, fmt.depth, fmt.rate, fmt.channels, fmt.frames) == (
        container,
        depth,
        44_100,
        2,
        44_100,
    )
    assert fmt.time_reference is None


def test_a_span_is_what_is_stored_and_zero_past_the_ends(tmp_path: Path) -> None:
    numbers = np.arange(-500, 500, dtype=np.int16).reshape(-1, 1)
    soundfile.write(tmp_path / "song.wav", numbers, 8_000, subtype="PCM_16")
    fmt = read_format(tmp_path / "song.wav")
    assert read_span(fmt, 10, 20)[:, 0].tolist() == list(range(-490, -480))
    assert read_span(fmt, -2, 1)[:, 0].tolist() == [0, 0, -500]
    assert read_span(fmt, 999, 1002)[:, 0].tolist() == [499, 0, 0]
    assert read_span(fmt, 5_000, 5_002)[:, 0].tolist() == [0, 0]


def test_24_bit_samples_are_exact(tmp_path: Path) -> None:
    numbers = (np.array([[-(2**23)], [2**23 - 1], [1], [-1]], np.int32)) << 8
    soundfile.write(tmp_path / "song.wav", numbers, 48_000, subtype="PCM_24")
    fmt = read_format(tmp_path / "song.wav")
    assert np.array_equal(read_span(fmt, 0, 4), numbers)


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_the_model_hears_two_channels(tmp_path: Path, channels: int) -> None:
    fmt = read_format(write_song(tmp_path / "song.wav", 48_000, "float", channels, 0.1))
    audio = read_span(fmt, 0, fmt.frames)
    heard = to_model_audio(fmt, audio, 5_000)
    assert heard.shape == (2, 5_000) and not heard[:, 4_800:].any()
    assert np.array_equal(heard[:, :4_800], audio[:, [0, min(1, channels - 1)]].T)


@pytest.mark.parametrize(
    ("name", "subtype"),
    [("song.mp3", None), ("song.ogg", None), ("song.wav", "ULAW"), ("song.wav", "DOUBLE")],
)
def test_other_formats_are_refused_with_what_is_accepted(
    tmp_path: Path, name: str, subtype: str | None
) -> None:
    soundfile.write(tmp_path / name, noise(48_000, 2), 48_000, subtype=subtype)
    with pytest.raises(ProtocolError, match=r"accepted: WAV .* AIFF/AIFC or FLAC") as told:
        read_format(tmp_path / name)
    assert (told.value.code, told.value.field) == ("no-audio", "source")


def test_no_file_no_audio_and_no_rate_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError) as missing:
        read_format(tmp_path / "none.wav")
    (tmp_path / "text.wav").write_text("not audio")
    with pytest.raises(ProtocolError) as text:
        read_format(tmp_path / "text.wav")
    soundfile.write(tmp_path / "fast.wav", noise(100, 1), 384_000)
    with pytest.raises(ProtocolError) as fast:
        read_format(tmp_path / "fast.wav")
    assert [told.value.code for told in (missing, text, fast)] == ["no-file", "no-audio", "out-of-range"]


def test_a_bext_time_reference_is_read(tmp_path: Path) -> None:
    path = write_song(tmp_path / "song.wav", 48_000, "16", 1, 0.1)
    body = bytearray(602)
    struct.pack_into("<II", body, 338, 5, 2)
    raw = path.read_bytes() + struct.pack("<4sI", b"bext", 602) + body
    path.write_bytes(raw[:4] + struct.pack("<I", len(raw) - 8) + raw[8:])
    assert read_format(path).time_reference == (2 << 32) + 5


def test_sample_bytes_are_found_in_every_container(tmp_path: Path) -> None:
    for ending in (".wav", ".rf64", ".aiff"):
        path = write_song(tmp_path / f"song{ending}", 48_000, "16", 2, 0.1)
        chunk = read_layout(path).samples
        raw = path.read_bytes()[chunk.start : chunk.start + chunk.size]
        stored = np.frombuffer(raw, ">i2" if ending == ".aiff" else "<i2").reshape(-1, 2)
        assert np.array_equal(stored, soundfile.read(path, dtype="int16")[0])
