"""The null test: outside the region every sample and every byte is the source's own."""

import json
import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bridge.bwf import WIDTHS
from bridge.chunks import read_layout
from bridge.delivery import Place
from bridge.grid import region_samples
from bridge.plan import MINIATURE, Region, plan_repaint
from bridge.repaint_delivery import deliver_repaint
from bridge.sources import read_format
from protocol.errors import ProtocolError
from protocol.values import Bars, Seconds
from tests.bridge.audio_files import WHEN, noise, rendered_for, repaint, winding_grid, write_song

FORMATS = [
    (ending, rate, depth, channels)
    for ending in (".wav", ".aiff", ".flac", ".rf64")
    for rate in (44_100, 48_000, 88_200, 96_000)
    for depth in ("16", "24", "32", "float")
    for channels in (1, 2, 6)
    if not (ending == ".flac" and depth in ("32", "float"))
    and not (ending == ".rf64" and (rate != 44_100 or depth == "32"))
]
DTYPES = {"16": "int16", "24": "int32", "32": "int32", "float": "float32"}


def chunks_of(path: Path) -> dict[bytes, bytes]:
    """own reader of little-endian RIFF: name -> body, checked for pad bytes and the form's size."""
    raw = path.read_bytes()
    assert struct.unpack_from("<I", raw, 4)[0] == len(raw) - 8
    found, at = {}, 12
    while at < len(raw):
        name, size = struct.unpack_from("<4sI", raw, at)
        found[name] = raw[at + 8 : at + 8 + size]
        at += 8 + size + (size & 1)
    assert at == len(raw)
    return found


def bext_of(path: Path) -> dict[str, object]:
    """An independent reader of EBU Tech 3285's fields."""
    body = chunks_of(path)[b"bext"]
    text = {
        "description": (0, 256),
        "originator": (256, 32),
        "reference": (288, 32),
        "date": (320, 10),
        "time": (330, 8),
    }
    fields: dict[str, object] = {
        name: body[at : at + size].rstrip(b"\0").decode("ascii") for name, (at, size) in text.items()
    }
    fields["time_reference"] = int.from_bytes(body[338:346], "little")
    fields["version"] = int.from_bytes(body[346:348], "little")
    return fields


@pytest.mark.parametrize(("ending", "rate", "depth", "channels"), FORMATS)
def test_nothing_outside_the_region_changes(
    tmp_path: Path, ending: str, rate: int, depth: str, channels: int
) -> None:
    song = write_song(tmp_path / f"song{ending}", rate, depth, channels)
    plan, delivered = repaint(song, tmp_path / "out")
    assert delivered.full and delivered.take and delivered.warnings == ()
    before, after, take = (
        soundfile.read(path, dtype=DTYPES[depth], always_2d=True)[0]
        for path in (song, delivered.full, delivered.take)
    )
    assert np.array_equal(before[: plan.lo], after[: plan.lo])
    assert np.array_equal(before[plan.hi :], after[plan.hi :])
    assert np.array_equal(take, after[plan.lo : plan.hi])
    assert np.mean(take[:, 0] != before[plan.lo : plan.hi, 0]) > 0.9  # and inside it did change
    assert np.array_equal(before[:, 2:], after[:, 2:])  # only the first two channels are rendered
    was, full, part = (soundfile.info(path) for path in (song, delivered.full, delivered.take))
    for field in ("samplerate", "channels", "subtype", "format"):
        assert getattr(was, field) == getattr(full, field) == getattr(part, field)


@pytest.mark.parametrize("ending", [".wav", ".aiff", ".rf64"])
@pytest.mark.parametrize("depth", ["16", "24", "float"])
def test_every_byte_outside_the_region_is_the_sources(tmp_path: Path, ending: str, depth: str) -> None:
    song = write_song(tmp_path / f"song{ending}", 44_100, depth, 2)
    plan, delivered = repaint(song, tmp_path / "out", which="full")
    assert delivered.full
    before, after = song.read_bytes(), delivered.full.read_bytes()
    layout, block = read_layout(song), 2 * WIDTHS[depth]
    lo, hi = (layout.samples.start + at * block for at in (plan.lo, plan.hi))
    size_field = {".wav": (4, 8), ".aiff": (0, 0), ".rf64": (20, 28)}[
        ending
    ]  # a bext chunk was added at the end
    same = bytearray(before)
    same[size_field[0] : size_field[1]] = after[size_field[0] : size_field[1]]
    same[lo:hi] = after[lo:hi]
    assert bytes(same) == after[: len(before)]
    assert len(after) - len(before) == (0 if ending == ".aiff" else 610)


def with_chunks(path: Path) -> dict[bytes, bytes]:
    """Put the chunks a DAW writes around the samples of a WAV file: LIST, cue, smpl, an odd one and an
    unknown one.
    """
    chunks = chunks_of(path)
    cue = struct.pack("<I", 1) + struct.pack("<II4sIII", 1, 4410, b"data", 0, 0, 4410)
    before = {b"fmt ": chunks[b"fmt "], b"LIST": b"INFOISFT\4\0\0\0abc\0", b"odd ": b"12345"}
    after = {b"data": chunks[b"data"], b"cue ": cue, b"smpl": bytes(36), b"zzzz": b"\1\2\3"}
    body = b"".join(
        struct.pack("<4sI", name, len(data)) + data + b"\0" * (len(data) & 1)
        for name, data in (before | after).items()
    )
    path.write_bytes(struct.pack("<4sI4s", b"RIFF", 4 + len(body), b"WAVE") + body)
    return before | after


def test_metadata_chunks_survive(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song.wav", 48_000, "24", 1, 216_001 / 48_000)  # an odd number of bytes
    written = with_chunks(song)
    _, delivered = repaint(song, tmp_path / "out", which="full")
    assert delivered.full
    found = chunks_of(delivered.full)
    assert list(found) == [*written, b"bext"]
    assert {name: body for name, body in found.items() if name not in (b"data", b"bext")} == {
        name: body for name, body in written.items() if name != b"data"
    }


def test_flac_tags_survive(tmp_path: Path) -> None:
    song = tmp_path / "song.flac"
    with soundfile.SoundFile(song, "w", 48_000, 2, "PCM_16", format="FLAC") as file:
        file.title, file.comment = "Größe", "by hand"
        file.write(noise(48_000 * 6, 2))
    _, delivered = repaint(song, tmp_path / "out", which="full")
    with soundfile.SoundFile(delivered.full) as file:
        assert (file.title, file.comment) == ("Größe", "by hand")


def test_the_take_has_the_length_of_the_grid_law(tmp_path: Path) -> None:
    for rate in (44_100, 48_000, 96_000):
        song = write_song(tmp_path / f"{rate}.wav", rate, "16", 2, 8.0)
        _, delivered = repaint(song, tmp_path / "out", (2, 4), "take", winding_grid())
        wanted = region_samples(winding_grid(), Bars(2), Bars(4), rate)
        assert soundfile.info(delivered.take).frames == wanted


def test_bext_says_where_the_take_and_the_song_lie(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song.wav", 44_100, "24", 2)
    _, delivered = repaint(song, tmp_path / "out")
    assert delivered.take and delivered.full
    assert bext_of(delivered.take) == {
        "description": "Barline repaint, job job-1",
        "originator": "Barline",
        "reference": "job-1",
        "date": "2026-03-04",
        "time": "05:06:07",
        "time_reference": 88_200,
        "version": 1,
    }
    assert bext_of(delivered.full)["time_reference"] == 0


def test_a_bext_chunk_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song.wav", 48_000, "16", 2)
    _, first = repaint(song, tmp_path / "out", which="full")
    assert first.full
    _, again = repaint(first.full, tmp_path / "again", which="full")
    assert again.full
    assert chunks_of(again.full)[b"bext"] == chunks_of(first.full)[b"bext"]
    assert again.full.stat().st_size == first.full.stat().st_size


def test_a_recording_that_was_never_closed_gets_no_bext_but_a_result(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song.wav", 48_000, "16", 2)
    raw = bytearray(song.read_bytes())
    raw[4:8] = struct.pack("<I", 1000)
    song.write_bytes(raw + b"trailing bytes")
    _, delivered = repaint(song, tmp_path / "out", which="full")
    assert "bext" in delivered.warnings[0]


def test_the_sidecar_tells_how_to_make_it_again(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song.wav", 48_000, "16", 2)
    plan, delivered = repaint(song, tmp_path / "out")
    told = json.loads(delivered.sidecar.read_text())
    assert delivered.sidecar.name == "song_bars2-3_job-1_take.json"
    assert told["provenance"] == {"seed": 7}
    assert (told["bridge"]["plan"]["lo"], told["bridge"]["plan"]["hi"]) == (plan.lo, plan.hi)
    assert told["bridge"]["seams"]["left"]["shape"] == "equal-power"
    assert set(told["sha256"]) == {"_take.wav", "_full.wav"}


def test_a_taken_name_gets_a_number_and_nothing_is_overwritten(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song.wav", 48_000, "16", 2)
    _, first = repaint(song, tmp_path / "out")
    assert first.full
    first.full.write_bytes(b"mine")
    _, second = repaint(song, tmp_path / "out")
    assert second.take and second.take.name == "song_bars2-3_job-1_2_take.wav"
    assert first.full.read_bytes() == b"mine"


def test_a_source_that_changed_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song.wav", 48_000, "16", 2)
    fmt = read_format(song)
    plan = plan_repaint(fmt, winding_grid(), Region(Bars(2), Bars(3)), MINIATURE)
    write_song(song, 48_000, "24", 2)
    with pytest.raises(ProtocolError, match="changed") as told:
        deliver_repaint(fmt, plan, rendered_for(plan), Place(tmp_path / "out", "song", "j", WHEN), {})
    assert told.value.code == "no-file"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("kind", "endian", "ending"),
    [("WAV", "BIG", ".wav"), ("AIFF", "LITTLE", ".aifc"), ("WAVEX", "FILE", ".wav")],
)
@pytest.mark.parametrize("depth", ["16", "24"])
def test_unusual_byte_orders_and_headers_are_kept(
    tmp_path: Path, kind: str, endian: str, ending: str, depth: str
) -> None:
    song = tmp_path / f"song{ending}"
    soundfile.write(song, noise(48_000 * 5, 2), 48_000, subtype=f"PCM_{depth}", endian=endian, format=kind)
    plan, delivered = repaint(song, tmp_path / "out")
    assert delivered.take and delivered.full and delivered.warnings == ()
    before, after, take = (
        soundfile.read(path, dtype="int32", always_2d=True)[0]
        for path in (song, delivered.full, delivered.take)
    )
    assert np.array_equal(before[: plan.lo], after[: plan.lo]) and np.array_equal(
        before[plan.hi :], after[plan.hi :]
    )
    assert np.array_equal(take, after[plan.lo : plan.hi]) and not np.array_equal(
        take, before[plan.lo : plan.hi]
    )
    infos = [soundfile.info(path) for path in (song, delivered.full, delivered.take)]
    assert len({(info.format, info.endian, info.subtype) for info in infos}) == 1


def test_a_song_that_starts_before_the_project_says_so(tmp_path: Path) -> None:
    fmt = read_format(write_song(tmp_path / "song.wav", 48_000, "16", 2))
    region = Region(Seconds(Fraction(-1)), Seconds(Fraction(1)), source_start=Seconds(Fraction(-2)))
    plan = plan_repaint(fmt, winding_grid(), region, MINIATURE)
    delivered = deliver_repaint(fmt, plan, rendered_for(plan), Place(tmp_path, "s", "j", WHEN), {})
    assert len(delivered.warnings) == 2 and "before the project" in delivered.warnings[0]
    assert delivered.take and b"bext" not in chunks_of(delivered.take)


def test_a_take_of_an_odd_number_of_bytes_is_padded(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song.wav", 48_000, "24", 1)
    fmt = read_format(song)
    region = Region(Seconds(Fraction(1)), Seconds(1 + Fraction(12_345, 48_000)))
    plan = plan_repaint(fmt, winding_grid(), region, MINIATURE)
    delivered = deliver_repaint(fmt, plan, rendered_for(plan), Place(tmp_path, "s", "j", WHEN), {})
    assert delivered.take and len(chunks_of(delivered.take)[b"data"]) == 3 * 12_345


def test_rf64_sizes_say_what_the_files_hold(tmp_path: Path) -> None:
    _, delivered = repaint(write_song(tmp_path / "song.rf64", 44_100, "16", 2), tmp_path / "out")
    for path in (delivered.take, delivered.full):
        assert path
        raw = path.read_bytes()
        assert (raw[:16], int.from_bytes(raw[20:28], "little")) == (
            b"RF64\xff\xff\xff\xffWAVEds64",
            len(raw) - 8,
        )
        assert b"bext" in raw


def test_a_flac_has_one_block_of_tags(tmp_path: Path) -> None:
    song = write_song(tmp_path / "song.flac", 48_000, "16", 2)
    _, delivered = repaint(song, tmp_path / "out", which="full")
    assert delivered.full
    raw, at, kinds, last = delivered.full.read_bytes(), 4, [], False
    while not last:
        last, kind = bool(raw[at] & 0x80), raw[at] & 0x7F
        kinds.append(kind)
        at += 4 + int.from_bytes(raw[at + 1 : at + 4], "big")
    assert kinds[0] == 0 and kinds.count(4) == 1 and raw[at : at + 1] == b"\xff"  # then a frame's sync code
