"""Scores, order and timed lyrics of takes, from the wire to their files; a real engine with tiny models."""

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile
from lrcparser import LrcParser

from engine.planner.tiny import write_tiny_planner
from protocol.layers import Complete, Lego, Vocal2Bgm
from protocol.messages import Cover, Download, Generate, Plan, Project, Repaint
from protocol.replies import DownloadDone, Fail
from protocol.values import LYRIC_FORMATS, BarCount, Bars, FurtherRegion, Samples, Seconds
from tests.acceptance.common import DaemonProcess, constant, engine_ready, write_able_model, write_song
from tests.bridge.daemons import ask

LYRICS = "[verse]\nHello big world\nשיר של יום חדש"
SUNG = ["Hello big world", "שיר של יום חדש"]
RATE = 48_000


@pytest.fixture(scope="module")
def singer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """A daemon whose model knows its alignment heads, with a planner beside it."""
    place = tmp_path_factory.mktemp("singer")
    write_tiny_planner(write_able_model(place / "models") / "tiny-5Hz-lm")
    write_song(place / "song.wav", 12)
    daemon = DaemonProcess(place, place / "models")
    daemon.start()
    yield daemon
    daemon.stop()


@pytest.fixture(scope="module")
def headless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """A daemon whose model has no alignment heads."""
    place = tmp_path_factory.mktemp("headless")
    model = write_able_model(place / "models", lyric_alignment_layers_config=None)
    write_song(place / "song.wav", 12)
    daemon = DaemonProcess(place, model)
    daemon.start()
    yield daemon
    daemon.stop()


async def answers(daemon: DaemonProcess, *requests: Any, **project: Any) -> list[Any]:
    """The replies that end the requests, on a grid of 120 bpm."""
    async with daemon.ws() as client:
        await ask(client, Project(request_id="grid", tempo=constant(120), **project))
        await engine_ready(client)
        return [await client.ask(request, 240) for request in requests]


def repaint(request_id: str, daemon: DaemonProcess, **more: Any) -> Repaint:
    fields = {"start": Bars(2), "end": Bars(4), "lyrics": LYRICS, "seed": 7} | more
    return Repaint(request_id=request_id, source=str(daemon.place / "song.wav"), **fields)


def texts_of(path: str) -> list[str]:
    return [str(line.text) for line in LrcParser.parse(Path(path).read_text("utf-8"))["lrc_lines"]]


def lines_in(path: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = json.loads(Path(path).read_text("utf-8"))["lines"]
    return lines


# --- files of lyrics


async def test_a_repaint_with_lyrics_comes_with_every_format_beside_its_take(singer: DaemonProcess) -> None:
    (done,) = await answers(singer, repaint("all", singer, lyric_formats=LYRIC_FORMATS))
    assert done.lyric_names == tuple(f"1-{form}" for form in LYRIC_FORMATS) and done.lyric_note == ""
    files = dict(zip(LYRIC_FORMATS, done.lyric_files, strict=True))
    assert all(Path(path).parent == Path(done.take).parent for path in done.lyric_files)
    assert all(Path(path).name.startswith(Path(done.take).stem) for path in done.lyric_files)
    assert texts_of(files["lrc"]) == SUNG and mido.MidiFile(files["midi"], charset="utf-8").length > 0
    assert [line["text"] for line in lines_in(files["json"])] == LYRICS.split("\n")
    assert all(0 <= line["start_s"] <= line["end_s"] <= 4 for line in lines_in(files["json"]))  # the take's


@pytest.mark.parametrize(("clock", "lo", "hi"), [("file", 0, 4), ("project", 3, 7)])
async def test_times_count_from_where_they_are_told(
    singer: DaemonProcess, clock: str, lo: float, hi: float
) -> None:
    request = repaint(
        f"clock-{clock}",
        singer,
        lyric_clock=clock,
        source_start=Seconds(Fraction(1)),
        start=Seconds(Fraction(3)),
        end=Seconds(Fraction(7)),
    )
    (done,) = await answers(singer, request)
    lines = lines_in(done.lyric_files[1])
    assert lines and all(lo <= line["start_s"] <= line["end_s"] <= hi for line in lines)
    assert all(3 * RATE <= _project_sample(line, clock) <= 7 * RATE for line in lines)


def _project_sample(line: dict[str, Any], clock: str) -> int:
    return int(line["start_sample"]) + (3 * RATE if clock == "file" else 0)


async def test_bars_are_the_projects(singer: DaemonProcess) -> None:
    (done,) = await answers(singer, repaint("bars", singer, lyric_clock="bars", lyric_formats=("lrc",)))
    marks = re.findall(r"^\[(\d+)\|(\d)\|(\d+)\]", Path(done.lyric_files[0]).read_text(), re.MULTILINE)
    assert len(marks) == 2 and all(2 <= int(bar) <= 4 for bar, _, _ in marks)


async def test_a_merge_replaces_the_lines_of_every_region(singer: DaemonProcess) -> None:
    old = singer.place / "old.lrc"
    old.write_text("[00:00.50]one\n[00:03.00]two\n[00:07.00]three\n[00:09.00]four\n[00:11.00]five\n")
    more = (FurtherRegion(Bars(5), Bars(6), lyrics="la la"),)
    sung, silent = await answers(
        singer,
        repaint("merge", singer, lyric_merge=str(old), more=more, takes=2),
        repaint("unsung", singer, lyric_merge=str(old), lyrics=""),
    )
    assert sung.lyric_names[-1] == "merged" and len(sung.lyric_files) == 2 * 2 * 2 + 1
    assert texts_of(sung.lyric_files[-1]) == ["one", *SUNG, "three", "la la", "five"]
    assert silent.lyric_names == ("merged",)
    assert texts_of(silent.lyric_files[0]) == ["one", "three", "four", "five"]


async def test_a_full_file_alone_has_the_lyrics_of_all_regions(singer: DaemonProcess) -> None:
    more = (FurtherRegion(Bars(5), Bars(6), lyrics="la la"),)
    (done,) = await answers(singer, repaint("full", singer, deliver="full", more=more))
    assert done.lyric_names == ("full-lrc", "full-json")
    assert Path(done.lyric_files[0]).stem == Path(done.full).stem
    assert texts_of(done.lyric_files[0]) == [*SUNG, "la la"]
    assert all(2 <= line["start_s"] <= 10 for line in lines_in(done.lyric_files[1]))


async def test_every_sung_request_has_times(singer: DaemonProcess) -> None:
    song = str(singer.place / "song.wav")
    common: dict[str, Any] = {"source": song, "start": Bars(2), "end": Bars(3), "lyrics": LYRICS}
    requests = [
        Generate(request_id="gen", caption="soul", length=BarCount(2), lyrics=LYRICS),
        Lego(request_id="lego", stem="vocals", **common),
        Lego(request_id="lego beside", stem="bass", **common),
        Complete(request_id="complete", **common),
        Vocal2Bgm(request_id="bgm", **common),
        Cover(request_id="cover", **common),
    ]
    for done in await answers(singer, *requests):
        assert not isinstance(done, Fail), done
        assert done.lyric_names == ("1-lrc", "1-json") and texts_of(done.lyric_files[0]) == SUNG
        (score,) = json.loads(done.scores)
        assert 0 <= score["alignment"]["value"] <= 1 and score["planner"] is None
        sidecar = json.loads(Path(done.sidecar).read_text("utf-8"))
        assert sidecar["provenance"]["takes"] == [score]


async def test_lyrics_can_be_downloaded_by_their_name(singer: DaemonProcess) -> None:
    done, sent, wrong = await answers(
        singer,
        repaint("load", singer),
        Download(request_id="d1", job="load", name="1-lrc"),
        Download(request_id="d2", job="load", name="1-srt"),
    )
    assert isinstance(sent, DownloadDone) and sent.name == Path(done.lyric_files[0]).name
    assert isinstance(wrong, Fail) and wrong.field == "name" and "1-lrc, 1-json" in wrong.text


async def test_without_heads_one_field_says_so_and_nothing_fails(headless: DaemonProcess) -> None:
    old = headless.place / "old.lrc"
    old.write_text("[00:03.00]two\n")
    sung, unsung, instrumental = await answers(
        headless,
        repaint("headless", headless, lyric_merge=str(old)),
        repaint("none", headless, lyrics=""),
        repaint("tags", headless, lyrics="[Instrumental]"),
    )
    assert "lyric_alignment_layers_config" in sung.lyric_note and sung.lyric_files == ()
    assert unsung.lyric_note == instrumental.lyric_note == "" and unsung.lyric_files == ()
    assert json.loads(sung.scores)[0]["alignment"] is None


# --- scores and order


async def test_takes_come_best_first_with_their_own_seeds_and_lyrics(singer: DaemonProcess) -> None:
    batch, *alone = await answers(
        singer,
        repaint("batch", singer, takes=4),
        *(repaint(f"alone{seed}", singer, seed=seed) for seed in range(7, 11)),
    )
    scores = json.loads(batch.scores)
    values = [score["alignment"]["value"] for score in scores]
    assert values == sorted(values, reverse=True) and len(set(values)) > 1
    assert tuple(score["seed"] for score in scores) == batch.seeds
    assert sorted(batch.seeds, key=int) == ["7", "8", "9", "10"]
    single = {done.seed: done for done in alone}
    for number, (seed, take) in enumerate(zip(batch.seeds, batch.takes, strict=True)):
        assert soundfile.read(take)[0].tobytes() == soundfile.read(single[seed].take)[0].tobytes()
        assert (
            Path(batch.lyric_files[2 * number]).read_bytes() == Path(single[seed].lyric_files[0]).read_bytes()
        )
    bars = slice(2 * RATE, 6 * RATE)
    assert np.array_equal(soundfile.read(batch.full)[0][bars], soundfile.read(batch.takes[0])[0])


async def test_a_planners_score_counts_only_where_it_was_asked_for(singer: DaemonProcess) -> None:
    piece: dict[str, Any] = {"caption": "soul", "length": BarCount(2), "takes": 3, "seed": 1}
    judged, plain, _, beside = await answers(
        singer,
        Generate(request_id="judged", judge=True, **piece),
        Generate(request_id="plain", **piece),
        Plan(request_id="stay", caption="x", keep=True),
        Generate(request_id="beside", **piece),
    )
    fits = [score["planner"]["total"] for score in json.loads(judged.scores)]
    assert fits == sorted(fits, reverse=True) and judged.planner == "tiny-5Hz-lm"
    assert all(score["planner"] is None for score in json.loads(plain.scores))
    assert [score["planner"]["total"] for score in json.loads(beside.scores)] == pytest.approx(
        [dict(zip(judged.seeds, fits, strict=True))[seed] for seed in beside.seeds]
    )
    assert beside.seeds == plain.seeds == ("1", "2", "3")


async def test_judging_without_a_planner_is_refused(headless: DaemonProcess) -> None:
    request = Generate(request_id="judge", caption="x", length=BarCount(1), judge=True)
    (fail,) = await answers(headless, request)
    assert isinstance(fail, Fail) and (fail.code, fail.field) == ("no-model", "planner")


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"lyric_merge": "/nowhere/x.lrc"}, "not-allowed", "lyric_merge"),
        ({"lyric_merge": "PLACE/song.wav"}, "malformed", "lyric_merge"),
        ({"lyric_merge": "PLACE/song.wav", "lyric_clock": "bars"}, "out-of-range", "lyric_clock"),
    ],
)
async def test_what_cannot_be_merged_is_refused(
    headless: DaemonProcess, more: dict[str, Any], code: str, field: str
) -> None:
    told = {key: text.replace("PLACE", str(headless.place)) for key, text in more.items()}
    (fail,) = await answers(headless, repaint(f"bad {code}", headless, **told))
    assert isinstance(fail, Fail) and (fail.code, fail.field) == (code, field)


async def test_a_source_that_starts_late_keeps_its_own_clock_in_a_merge(singer: DaemonProcess) -> None:
    old = singer.place / "late.lrc"
    old.write_text("[00:00.50]one\n[00:01.50]two\n[00:05.00]three\n")
    request = repaint("late", singer, lyric_merge=str(old), source_start=Samples(RATE))
    (done,) = await answers(singer, request)  # bars 2 and 3 are seconds 1 to 5 of the file
    assert texts_of(done.lyric_files[-1]) == ["one", *SUNG, "three"]
