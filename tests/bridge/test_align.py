"""An align request from the wire to its files: what it refuses, what it writes, over both transports."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import mido
import pytest
from lrcparser import LrcParser

from bridge.align_frames import alignment_frame, lines_of
from bridge.align_journey import AlignPlan, align_task, files_of, plan_align_job
from bridge.journey import Order, Route, Setting
from bridge.plan import MINIATURE
from engine.alignment.values import Alignment, Line, Piece, Score
from protocol.errors import ProtocolError
from protocol.lyric_tasks import AlignDone
from protocol.messages import Align, Download, Project
from protocol.replies import Fail
from protocol.values import LYRIC_FORMATS, Bars, MeterPoint, Seconds, TempoPoint
from tests.acceptance.common import DaemonProcess, ready
from tests.bridge.daemons import Daemon, ask, write_song

LYRICS = "[verse]\nHello big world\nשיר של יום חדש\n你好，世界"
PROJECT = Project(request_id="p", tempo=(TempoPoint(Fraction(0), Fraction(120)),))
FOUND = Alignment(
    lines=(
        Line("[verse]", 48_000, 48_000, (), True),
        Line("Hello big", 48_000, 144_000, (Piece("Hello", 48_000, 96_000), Piece("big", 96_000, 144_000))),
    ),
    tokens=(),
    score=Score(1.0, 0.5, 0.25),
    untimed=3,
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a song of twelve seconds at 44.1 kHz."""
    write_song(tmp_path / "song.wav", 12, 44_100)
    return tmp_path.resolve()


def request_for(place: Path, **more: Any) -> Align:
    return Align(request_id="a1", **({"source": str(place / "song.wav"), "lyrics": LYRICS} | more))


def route_for(place: Path, project: Project = PROJECT, **more: Any) -> Route:
    setting = Setting((place,), place / "uploads", place / "takes", "tiny", MINIATURE)
    return plan_align_job(setting, Order(request_for(place, **more), project, 7))


def refusal(place: Path, **more: Any) -> ProtocolError:
    with pytest.raises(ProtocolError) as refused:
        route_for(place, **more)
    return refused.value


# --- plan


def test_the_whole_source_is_listened_to_when_no_region_is_named(place: Path) -> None:
    plan: AlignPlan = route_for(place).plan
    assert (plan.lo, plan.hi, plan.project_lo) == (0, 12 * 44_100, 0)
    assert plan.model_samples == 12 * 48_000


def test_a_region_is_listened_to_alone_and_to_the_sample(place: Path) -> None:
    route = route_for(place, start=Bars(2), end=Bars(4), source_start=Seconds(Fraction(1)))
    assert (route.plan.lo, route.plan.hi, route.plan.project_lo) == (44_100, 5 * 44_100, 2 * 44_100)
    frame = align_task("a1", route, 0)
    assert frame.arrays["audio"].shape == (2, 4 * 48_000) and frame.arrays["grid"].shape == (100, 2)
    assert frame.values["prompt"]["lyrics"] == LYRICS and frame.values["settings"] == {
        "seed": 7,
        "steps": None,
    }


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"lyrics": "[intro]\n\n"}, "out-of-range", "lyrics"),
        ({"start": Bars(3), "end": Bars(2)}, "out-of-range", "end"),
        ({"end": Bars(40)}, "out-of-range", "end"),
        ({"merge": "/nowhere/x.lrc"}, "not-allowed", "merge"),
        ({"merge": "PLACE/none.lrc"}, "no-file", "merge"),
        ({"merge": "PLACE/song.wav"}, "malformed", "merge"),
        ({"merge": "PLACE/song.wav", "relative": "bars"}, "out-of-range", "relative"),
        ({"source": "PLACE/none.wav"}, "no-file", "source"),
    ],
)
def test_what_cannot_be_done_is_refused_before_it_is_tried(
    place: Path, more: dict[str, Any], code: str, field: str
) -> None:
    placed = {key: v.replace("PLACE", str(place)) if isinstance(v, str) else v for key, v in more.items()}
    error = refusal(place, **placed)
    assert (error.code, error.field) == (code, field)


def test_more_than_the_model_takes_is_refused(place: Path) -> None:
    write_song(place / "long.wav", 61, 8_000)
    assert refusal(place, source=str(place / "long.wav")).code == "too-long"


# --- files


def test_times_are_exact_from_the_engine_to_the_project(place: Path) -> None:
    plan = route_for(place, start=Bars(2), end=Bars(4)).plan
    frame = alignment_frame("a1", FOUND, 0.5)
    _, hello = lines_of(frame.values, plan.region[0])
    assert (hello.start, hello.end) == (3, 5) and hello.words[1].start == 4
    at = Fraction(7, 44_100)
    assert lines_of(frame.values, at)[1].start == at + 1


@pytest.mark.parametrize(
    ("relative", "first"), [("file", "[00:02.00]"), ("project", "[00:03.00]"), ("bars", "[2|3|0]")]
)
def test_files_count_from_where_they_are_told(place: Path, relative: str, first: str) -> None:
    route = route_for(
        place,
        start=Bars(2),
        end=Bars(4),
        relative=relative,
        source_start=Seconds(Fraction(1)),
        formats=("lrc",),
    )
    lines = lines_of(alignment_frame("a1", FOUND, 0.5).values, route.plan.region[0])
    assert files_of(route, lines)["lrc"] == (".lrc", f"{first}Hello big\n".encode())


def test_a_merge_replaces_the_lines_of_the_region_on_the_lrcs_own_clock(place: Path) -> None:
    old = "[ti:x]\n[00:00.50]before\n[00:01.50]inside\n[00:05.00]after\n"
    (place / "old.lrc").write_text(old)
    more = {"start": Bars(2), "end": Bars(4), "source_start": Seconds(Fraction(1)), "formats": ("lrc",)}
    route = route_for(place, merge=str(place / "old.lrc"), **more)
    lines = lines_of(alignment_frame("a1", FOUND, 0.5).values, route.plan.region[0])
    assert files_of(route, lines)["merged"][1].decode() == old.replace(
        "[00:01.50]inside", "[00:02.00]Hello big"
    )


# --- the daemon


async def test_align_writes_every_format_over_osc(real_daemon: DaemonProcess) -> None:
    song = real_daemon.place / "song.wav"
    request = Align(
        request_id="all", source=str(song), lyrics=LYRICS, formats=LYRIC_FORMATS, relative="project"
    )
    async with ready(real_daemon) as client:
        done = await ask(client, request)
        again = await ask(client, replace(request, request_id="align-again", seed=int(done.seed)))
    assert isinstance(done, AlignDone) and done.formats == LYRIC_FORMATS and done.lines == 3
    assert all(Path(path).stat().st_size for path in done.files)
    files = dict(zip(done.formats, map(Path, done.files), strict=True))
    texts = [str(line.text) for line in LrcParser.parse(files["lrc"].read_text("utf-8"))["lrc_lines"]]
    assert len(texts) == 3 and mido.MidiFile(files["midi"], charset="utf-8").ticks_per_beat == 960
    told = json.loads(files["json"].read_text("utf-8"))
    assert [line["text"] for line in told["lines"]] == LYRICS.split("\n")
    assert all(0 <= line["start_s"] <= line["end_s"] <= 12 for line in told["lines"])
    assert 0 <= json.loads(done.score)["value"] <= 1
    for one, two in zip(done.files, again.files, strict=True):  # same seed, same times
        assert Path(one).read_bytes() == Path(two).read_bytes()


async def test_align_over_a_websocket_and_its_files_by_download(real_daemon: DaemonProcess) -> None:
    song, old = real_daemon.place / "song.wav", real_daemon.place / "old.lrc"
    old.write_text("[00:00.50]before\n[00:03.00]inside\n[00:11.00]after\n")
    async with real_daemon.ws() as client:
        await ask(client, replace(PROJECT, meter=(MeterPoint(1, 3, 4),)))
        request = Align(
            request_id="ws", source=str(song), start=Bars(2), end=Bars(5), lyrics="la la", merge=str(old)
        )
        done = await ask(client, request)
        assert isinstance(done, AlignDone) and done.formats == ("lrc", "json", "merged")
        merged = Path(done.files[2]).read_text()
        assert "inside" not in merged and "before" in merged and "after" in merged and "la la" in merged
        told = await ask(client, Download(request_id="d", job="ws", name="merged"))
        assert told.size == len(merged.encode())
        missing = await ask(client, Download(request_id="d2", job="ws", name="srt"))
    assert isinstance(missing, Fail) and "lrc, json, merged" in missing.text
    sidecar = json.loads(Path(done.sidecar).read_text())
    assert set(sidecar["sha256"]) == {"_take.lrc", "_take-lyrics.json", "_take-merged.lrc"}


async def test_a_refused_align_names_field_rule_and_value(daemon: Daemon) -> None:
    async with daemon.osc() as client:
        fail = await ask(client, Align(request_id="bad", source=str(daemon.song), lyrics="[intro]"))
    assert isinstance(fail, Fail) and (fail.code, fail.field) == ("out-of-range", "lyrics")
