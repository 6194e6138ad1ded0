"""The demo with every task, and the page it leaves behind: whole, without network, with sounds that play."""

import argparse
import base64
import io
import json
import re
import struct
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

import bridge.demo
from bridge.demo_checks import Check, Span, sample_of_bar
from bridge.demo_page import write_page
from bridge.demo_pictures import COLUMNS, ROWS, height_of, loudest_band, spectrogram, wave_path
from bridge.demo_report import Line, Outcome, Track
from bridge.demo_ruler import ruler
from bridge.demo_songs import DemoSong, shipped_songs
from bridge.demo_sound import hear
from engine.abilities import EVERY
from engine.tiny import write_tiny_checkpoint

RATE = 44_100
TASKS = ["repaint", "generate", "extract", "lego", "vocal2bgm", "align", "cover"]
VOID = {"meta", "img"}
ADDRESSES = {"src", "href", "data", "srcset", "poster", "action"}


class Page(HTMLParser):
    """The elements of a page as (tag, attributes); raises where one is not closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, style: str = "") -> list[dict[str, str | None]]:
        """The attributes of every such element."""
        return [got for name, got in self.elements if name == tag and style in (got.get("class") or "")]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What the demo leaves of noise and the shipped voice, with a tiny model that does everything."""
    place = tmp_path_factory.mktemp("demo")
    model = write_tiny_checkpoint(place / "tiny", grid_channels=10, tasks=list(EVERY), default_steps=2)
    (model / "acestep-v15-turbo").rename(model / "tiny-dit")
    sound = np.random.default_rng(2).uniform(-0.3, 0.3, (8 * RATE, 2))
    soundfile.write(place / "noise.wav", sound, RATE, subtype="PCM_24")
    song = DemoSong(
        "noise", place / "noise.wav", "0 120 ramp; 8 150", start_bar=2, end_bar=3, stems=("drums", "bass")
    )
    voice = [song for song in shipped_songs() if song.is_voice]
    args = argparse.Namespace(input=None, out=place / "out", model=str(model), keep=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bridge.demo, "shipped_songs", lambda: [song, *voice])
        assert bridge.demo.run_demo(args) == 0
    yield place / "out"


@pytest.fixture(scope="module")
def jobs(results: Path) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads((results / "report.json").read_text("utf-8"))["jobs"]
    return listed


@pytest.fixture(scope="module")
def page(results: Path) -> Page:
    return Page((results / "index.html").read_text("utf-8"))


def test_every_task_is_done_keeps_its_promises_and_is_reported(
    results: Path, jobs: list[dict[str, Any]]
) -> None:
    assert [job["task"] for job in jobs] == TASKS
    assert all(job["checks"] and all(job["checks"].values()) for job in jobs)
    singly = [job[what] for job in jobs for what in ("source", "take", "full", "sidecar") if job[what]]
    several = [name for job in jobs for what in ("stems", "lyrics") for name in job[what].values()]
    assert all((results / name).is_file() for name in (*singly, *several))


def test_the_report_has_what_each_task_is_about(jobs: list[dict[str, Any]]) -> None:
    by_task = {job["task"]: job for job in jobs}
    assert by_task["extract"]["residual_dbfs"] <= -90
    assert list(by_task["extract"]["stems"]) == ["drums", "bass", "remainder"]
    assert by_task["lego"]["source"] == by_task["repaint"]["full"]
    assert by_task["align"]["lyrics"].keys() == by_task["vocal2bgm"]["lyrics"].keys() == {"lrc", "json"}
    assert by_task["align"]["line_error_ms"]["worst"] >= by_task["align"]["line_error_ms"]["median"]
    assert 0 <= by_task["align"]["scores"][0]["value"] <= 1


def test_words_come_in_project_time_and_in_bars(results: Path, jobs: list[dict[str, Any]]) -> None:
    by_task = {job["task"]: job for job in jobs}
    lrcs = ((results / by_task[task]["lyrics"]["lrc"]).read_text("utf-8") for task in ("align", "vocal2bgm"))
    assert [
        bool(re.match(stamp, lrc)) for stamp, lrc in zip((r"\[\d\d:", r"\[\d+\|"), lrcs, strict=True)
    ] == [
        True,
        True,
    ]


def test_the_page_is_well_formed_and_shows_every_job(page: Page) -> None:
    assert [job["data-task"] for job in page.all("section", "job")] == TASKS
    assert len(page.all("audio")) == len(page.all("svg")) == len(page.all("img")) == 17
    assert page.all("ul", "checks") and not page.all("li", "broken")


def test_the_page_needs_no_network(results: Path, page: Page) -> None:
    told = [text for _, got in page.elements for name, text in got.items() if name in ADDRESSES and text]
    files = {text for text in told if not text.startswith(("data:", "#"))}
    assert files and all((results / name).is_file() for name in files)
    text = (results / "index.html").read_text("utf-8")
    assert "http:" not in text and "https:" not in text and "url(" not in text and "@import" not in text
    assert len(text) < 25_000_000


def test_every_sound_in_the_page_decodes_and_is_as_long_as_what_is_shown(page: Page) -> None:
    sections = iter(page.all("section", "job"))
    shown: list[tuple[float, bytes]] = []
    for tag, got in page.elements:
        if tag == "section":
            length = float(next(sections)["data-seconds"] or 0)
        if tag == "audio":
            kind, _, content = (got["src"] or "").partition(",")
            assert kind == "data:audio/ogg;base64"
            shown.append((length, base64.b64decode(content)))
    for length, content in shown:
        audio, rate = soundfile.read(io.BytesIO(content))
        assert abs(len(audio) / rate - length) < 0.01


def test_sung_lines_lie_on_the_ruler(page: Page) -> None:
    styles = [got["style"] or "" for got in page.all("span") if got.get("dir")]
    assert len(styles) == 2 * 2 * 5  # two jobs, found and known
    assert all(0 <= float(re.findall(r"--x:([\d.-]+)", style)[0]) <= 1 for style in styles)


# --- a page of a job that never was


def outcome(folder: Path, **more: Any) -> Outcome:
    """Bars 2 and 3 of a ramp that goes into 3/4, shown with the bars around them."""
    song = DemoSong(
        "a", folder / "a.wav", "0 60 ramp; 8 120", "1 4/4; 3 3/4", title="a <b> & c", start_bar=2, end_bar=4
    )
    view, span = (
        Span(0, 8 * RATE, RATE),
        Span(*(sample_of_bar(song.tempo, song.meter, n, RATE) for n in (2, 4)), RATE),
    )
    soundfile.write(song.file, np.random.default_rng(1).uniform(-0.3, 0.3, (8 * RATE, 1)), RATE)
    done = SimpleNamespace(
        model="m",
        seed="1",
        seconds="{}",
        warnings=("<careful>",),
        take=str(song.file),
        sidecar=str(song.file),
    )
    told: dict[str, Any] = {"checks": [Check("it <holds>", False, "no")], "figures": {"wall_s": 1.0}}
    tracks = (Track("all", ((song.file, 0),)),)
    given: dict[str, Any] = {**told, "tracks": tracks, "view": view} | more
    return Outcome("cover", song, span, song.file, done, **given)


def test_a_broken_promise_is_shown_as_broken_and_text_as_text(tmp_path: Path) -> None:
    page = Page(write_page(tmp_path, [outcome(tmp_path)], {"lego": "not <here>"}).read_text("utf-8"))
    assert page.all("li", "broken") and page.all("p", "broken")
    for text in ("it <holds>", "a <b> & c", "<careful>", "not <here>"):
        assert text in page.text
    (region,) = page.all("div", "region")
    begins, ends = (sample_of_bar("0 60 ramp; 8 120", "1 4/4; 3 3/4", bar, RATE) for bar in (2, 4))
    assert region["style"] == f"--x:{begins / (8 * RATE):.6f};--w:{(ends - begins) / (8 * RATE):.6f}"


def test_words_in_any_script_stay_as_they_are(tmp_path: Path) -> None:
    lines = (Line("שיר של יום חדש", 1.0, 2.0), Line("你好，世界", 3.0, 4.0))
    page = Page(write_page(tmp_path, [outcome(tmp_path, lines=lines)], {}).read_text("utf-8"))
    assert all(line.text in page.text for line in lines)


def test_the_ruler_follows_tempo_and_meter(tmp_path: Path) -> None:
    made = outcome(tmp_path)
    bars = [mark for mark in ruler(made.song, made.view) if mark.kind == "bar"]
    for mark in bars:
        exact = sample_of_bar(made.song.tempo, made.song.meter, mark.bar, RATE) / made.view.hi
        assert mark.at == pytest.approx(exact, abs=1e-5)
    assert [mark.meter for mark in bars] == ["4/4", "", "3/4", ""]
    assert [mark.bpm for mark in bars] == ["60", "90", "120", ""]
    beats = [mark.bar for mark in ruler(made.song, made.view) if mark.kind == "beat"]
    assert [beats.count(bar) for bar in (1, 2, 3)] == [3, 3, 2]


def test_a_track_is_heard_where_its_files_lie(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "one.wav", np.full((100, 1), 0.25), RATE)
    files = ((tmp_path / "one.wav", 50), (tmp_path / "one.wav", 100))
    heard = hear(Track("both", files), Span(20, 180, RATE))
    assert heard.shape == (160, 2)
    expected = np.repeat([0.0, 0.25, 0.5, 0.25], [30, 50, 50, 30])
    assert np.allclose(heard[:, 1], expected, atol=1e-4)


# --- pictures


def pixels(png: bytes) -> "np.ndarray[Any, Any]":
    """The palette's numbers of an image, (rows, columns); checks every chunk's checksum."""
    at, chunks = 8, {}
    while at < len(png):
        (size,) = struct.unpack_from(">I", png, at)
        name, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        assert struct.unpack_from(">I", png, at + 8 + size)[0] == zlib.crc32(name + content)
        chunks[name], at = content, at + 12 + size
    columns, rows = struct.unpack_from(">II", chunks[b"IHDR"])
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(rows, columns + 1)
    assert not lines[:, 0].any() and len(chunks[b"PLTE"]) == 768
    return lines[:, 1:]


def test_a_tone_is_a_bright_line_at_its_height_where_it_sounds() -> None:
    time_s = np.arange(2 * RATE) / RATE
    tone = np.sin(2 * np.pi * 1_000 * time_s) * (time_s >= 1)
    audio = np.stack([tone, tone], axis=1)
    image = pixels(spectrogram(audio, RATE, loudest_band(audio, RATE)))
    assert image.shape == (ROWS, COLUMNS)
    assert abs((ROWS - 1 - image[:, 700].argmax()) - height_of(1_000, RATE) * ROWS) <= 1
    assert image[:, 700].max() > 240 and image[:, 200].max() == 0


def test_a_waveform_goes_as_high_and_as_low_as_the_sound() -> None:
    audio = np.zeros((9_000, 2))
    audio[4_500:4_510] = 0.5
    audio[8_990:] = -0.25
    heights = [float(y) for _, y in re.findall(r"([\d.]+) ([\d.-]+)", wave_path(audio, 0.5))]
    assert min(heights) == 0 and max(heights) == 75.6 and len(heights) == 2 * COLUMNS
