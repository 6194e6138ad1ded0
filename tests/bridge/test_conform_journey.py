"""The look at the grid between engine and delivery: takes, regions, reply, sidecar; the audio is late."""

import json
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from bridge.delivery import Delivered, Place
from bridge.journey import Order, Route, Setting
from bridge.journeys import JOURNEYS
from bridge.pipe import Frame
from bridge.plan import MINIATURE
from protocol.messages import Generate, Project, Repaint
from protocol.values import BarCount, Bars, TempoPoint

RATE = 48_000
TEMPO = (TempoPoint(Fraction(0), Fraction(120)),)


def beats(seconds: float, late: float = 0.0) -> NDArray[np.float32]:
    """Strikes on every beat at 120 bpm, low and loud on each fourth; (2, n)."""
    rng, sound = np.random.default_rng(2), np.zeros(round(seconds * RATE))
    for beat in range(int(seconds * 2)):
        first = round((beat / 2 + late) * RATE)
        since = np.arange(max(0, min(12_000, len(sound) - first))) / RATE
        hit = 0.2 * np.exp(-since / 0.03) * rng.standard_normal(len(since))
        low = (beat % 4 == 0) * 0.4 * np.sin(345.6 * since) * np.exp(-since / 0.1)
        sound[first : first + len(since)] += hit + low
    return np.stack([sound, sound]).astype(np.float32)


def strike_at(audio: NDArray[np.float64], near: float) -> float:
    """When the strike around a time begins, seconds."""
    lo = round((near - 0.2) * RATE)
    part = np.abs(audio[lo : lo + round(0.4 * RATE)])
    return float(lo + np.argmax(part > 0.3 * part.max())) / RATE


def setting(folder: Path) -> Setting:
    return Setting((folder,), folder, folder, "tiny", MINIATURE)


def made_of(route: Route, frames: list[Frame], folder: Path) -> tuple[Delivered, Any]:
    """A job's way after its engine, and its reply."""
    journey = JOURNEYS[type(route.order.request)]
    staging = folder / "staging"
    staging.mkdir()
    for index, frame in enumerate(frames):
        journey.keep(route, index, frame, staging)
    place = Place(staging, "song", "job", datetime(2026, 1, 1), "take")
    origin: Mapping[str, Any] = {"seed": 1}
    made = journey.deliver(route, frames[-1], place, origin)
    return made, journey.reply(route, made, "tiny", {"denoise": 0.1})


def generate(folder: Path, audio: NDArray[np.float32], **more: Any) -> tuple[Delivered, Any]:
    request = Generate(request_id="g", length=BarCount(6), caption="drums", **more)
    order = Order(request, Project(request_id="p", tempo=TEMPO), 1)
    route = JOURNEYS[Generate].plan(setting(folder), order)
    return made_of(route, [Frame("rendered", "g", {"start": 0, "seconds": {}}, {"audio": audio})], folder)


def test_a_late_piece_is_moved_and_told(tmp_path: Path) -> None:
    made, reply = generate(tmp_path, beats(12.0, 0.05))
    told = json.loads(reply.conform)
    assert [report["action"] for report in told] == ["offset"]
    assert told[0]["phase_ms"] == pytest.approx(50, abs=3)
    samples, _ = soundfile.read(made.take, always_2d=True)
    assert len(samples) == 12 * RATE
    assert strike_at(samples[:, 0], 6.0) == pytest.approx(6.0, abs=0.003)
    assert json.loads(made.sidecar.read_text())["provenance"]["conform"][0]["action"] == "offset"


def test_a_piece_is_rendered_with_music_behind_its_end(tmp_path: Path) -> None:
    request = Generate(request_id="g", length=BarCount(6), caption="drums")
    order = Order(request, Project(request_id="p", tempo=TEMPO), 1)
    journey = JOURNEYS[Generate]
    route = journey.plan(setting(tmp_path), order)
    frame = journey.task("g", route, 0)
    assert frame.values["task"]["samples"] == 12.56 * RATE
    assert frame.values["prompt"]["duration_s"] == 12.0
    made, _ = generate(tmp_path, beats(12.56, 0.06))
    assert soundfile.info(str(made.take)).frames == 12 * RATE
    assert not any("silent" in text for text in made.warnings)


def test_off_leaves_it_late(tmp_path: Path) -> None:
    made, reply = generate(tmp_path, beats(12.0, 0.05), conform="off")
    samples, _ = soundfile.read(made.take, always_2d=True)
    assert json.loads(reply.conform)[0]["action"] == "off"
    assert strike_at(samples[:, 0], 6.0) == pytest.approx(6.05, abs=0.001)


def test_each_take_is_measured_for_itself(tmp_path: Path) -> None:
    takes = np.stack([beats(12.0), beats(12.0, 0.05)])
    _, reply = generate(tmp_path, takes, takes=2)
    assert [(r["take"], r["action"]) for r in json.loads(reply.conform)] == [(1, "none"), (2, "offset")]


def repaint(folder: Path, source: NDArray[np.float32], late: float) -> tuple[Route, Delivered, Any]:
    """Bars 5 to 9 of a song rendered late, as one region."""
    soundfile.write(folder / "song.wav", source.T, RATE, subtype="FLOAT")
    request = Repaint(
        request_id="r", source=str(folder / "song.wav"), start=Bars(5), end=Bars(9), deliver="take"
    )
    order = Order(request, Project(request_id="p", tempo=TEMPO), 1)
    route = JOURNEYS[Repaint].plan(setting(folder), order)
    plan = route.plan
    begin = max(0, plan.task_lo - RATE // 2) // 1920 * 1920
    window_s = float(plan.window_start_s)
    audio = beats(40.0, late)[:, round(window_s * RATE) :][
        :, begin : min(plan.task_hi + RATE // 2, plan.model_samples)
    ]
    frame = Frame("rendered", "r", {"start": begin, "seconds": {}}, {"audio": audio})
    return route, *made_of(route, [frame], folder)


def test_a_late_region_is_moved_inside_its_seams(tmp_path: Path) -> None:
    route, made, reply = repaint(tmp_path, beats(32.0), 0.04)
    report = json.loads(reply.conform)[0]
    samples, _ = soundfile.read(made.take, always_2d=True)
    assert report["action"] == "offset" and report["region"] == 1
    assert len(samples) == route.plan.hi - route.plan.lo
    assert strike_at(samples[:, 0], 4.0) == pytest.approx(4.0, abs=0.003)


def test_a_region_follows_a_source_with_its_own_time(tmp_path: Path) -> None:
    _, _, reply = repaint(tmp_path, beats(32.0, 0.06), 0.06)
    assert json.loads(reply.conform)[0]["action"] == "unsure"
    assert any("source" in text for text in reply.warnings)


def test_the_frame_that_came_is_not_changed(tmp_path: Path) -> None:
    audio = beats(12.0, 0.05)
    before = audio.copy()
    generate(tmp_path, audio)
    assert np.array_equal(audio, before)
