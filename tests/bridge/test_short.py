"""Sources shorter than the model's shortest window: a bar stays a bar. A real engine with a tiny model."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from protocol.messages import Cover, Project, Repaint
from protocol.values import Bars
from tests.acceptance.common import DaemonProcess, constant, ready
from tests.bridge.audio_files import write_song

BAR = 60_828  # 60 s / 174 x 4 at 44.1 kHz is 60 827.59 samples


def stored(path: str | Path) -> Any:
    return soundfile.read(path, dtype="int32", always_2d=True)[0]


async def test_one_bar_at_174_bpm_of_a_song_of_1400_ms_gives_one_bar(real_daemon: DaemonProcess) -> None:
    song = write_song(real_daemon.place / "loop.wav", 44_100, "24", 2, 1.4)
    fields: dict[str, Any] = {"project": "fast", "source": str(song), "start": Bars(1), "end": Bars(2)}
    async with ready(real_daemon) as client:
        grid = Project(request_id="fast", name="fast", tempo=constant(174), sample_rate=44_100)
        await client.ask(grid, 60)
        done = await client.ask(Repaint(request_id="bar", steps=2, **fields), 240)
        cover = await client.ask(Cover(request_id="cover", steps=2, **fields), 240)
    assert (done.start_sample, done.end_sample, done.end_bar) == (0, BAR, "2|1|0")
    before, after, take = stored(song), stored(done.full), stored(done.take)
    assert len(take) == len(stored(cover.take)) == BAR and len(after) == len(before)
    assert np.array_equal(after[BAR:], before[BAR:]) and np.array_equal(after[:BAR], take)
    plan = json.loads(Path(done.sidecar).read_text("utf-8"))["bridge"]["plan"]
    assert plan["tile"] == BAR and plan["silence"] == 0 and plan["model_samples"] >= 5.12 * 48_000
