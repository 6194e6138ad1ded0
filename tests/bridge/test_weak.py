"""Models that do something badly say so; stems without a model. A real engine with a tiny turbo model."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.journey import Setting
from bridge.plan import MINIATURE
from bridge.weakness import weakness
from engine.config import config_from_json
from engine.errors import ModelError
from protocol.layers import Extract
from protocol.messages import Describe, Project, Repaint
from protocol.plan_tasks import Understand
from protocol.replies import Fail
from protocol.values import Bars
from tests.acceptance.common import DaemonProcess, constant, engine_ready, write_tiny_model
from tests.bridge.audio_files import write_song

WEAK = {"repaint": "it mumbles", "extract": "drums only"}


@pytest.fixture(scope="module")
def weak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """A daemon whose model was not made for extract and does repaint badly."""
    place = tmp_path_factory.mktemp("weak")
    config = write_tiny_model(place / "models") / "tiny-dit" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"weak_tasks": WEAK}))
    daemon = DaemonProcess(place, place / "models")
    daemon.start()
    yield daemon
    daemon.stop()


async def answers(daemon: DaemonProcess, *requests: Any) -> list[Any]:
    """The replies that end the requests, on a grid of 120 bpm."""
    async with daemon.osc() as client:
        await client.ask(Project(request_id="grid", tempo=constant(120)), 60)
        await engine_ready(client)
        return [await client.ask(request, 240) for request in requests]


async def test_a_weak_task_is_done_with_a_word_of_warning(weak: DaemonProcess) -> None:
    song = write_song(weak.place / "song.wav", 48_000, "24", 2, 6)
    request = Repaint(request_id="weak", source=str(song), start=Bars(2), end=Bars(3), steps=1)
    done, told = await answers(weak, request, Describe(request_id="what", what="tasks"))
    assert "it mumbles" in done.warnings[0] and "repaint" in done.warnings[0]
    assert "it mumbles" in json.loads(Path(done.sidecar).read_text("utf-8"))["provenance"]["weak"]
    assert "(weak: it mumbles)" in json.loads(told.content)["repaint"]


@pytest.mark.parametrize(("channels", "ending"), [(2, ".wav"), (6, ".wav"), (1, ".flac")])
async def test_stems_by_signal_processing_add_up_to_the_source(
    weak: DaemonProcess, channels: int, ending: str
) -> None:
    song = write_song(weak.place / f"mix{channels}{ending}", 44_100, "24", channels, 6)
    fields: dict[str, Any] = {"source": str(song), "start": Bars(2), "end": Bars(3), "mode": "dsp"}
    (done,) = await answers(weak, Extract(request_id=f"dsp{channels}", stems=("drums", "bass"), **fields))
    assert done.stems == ("drums", "bass", "remainder") and done.mode == "dsp"
    assert any("signal processing" in text for text in done.warnings)
    assert not any("drums only" in text for text in done.warnings)  # the model has no part in it
    stems = [soundfile.read(path, dtype="int32", always_2d=True)[0].astype(np.int64) for path in done.takes]
    source = soundfile.read(song, dtype="int32", always_2d=True)[0][88_200:176_400]
    assert np.array_equal(np.sum(stems, axis=0), source) and all(np.abs(stem).max() for stem in stems)
    assert json.loads(Path(done.sidecar).read_text("utf-8"))["provenance"]["mode"] == "dsp"


async def test_what_signal_processing_cannot_tell_is_refused(weak: DaemonProcess) -> None:
    song = write_song(weak.place / "bad.wav", 48_000, "24", 2, 6)
    dsp, model = await answers(
        weak,
        Extract(request_id="vocals", source=str(song), stems=("vocals",), mode="dsp"),
        Extract(request_id="model", source=str(song), stems=("drums",)),
    )
    assert (
        isinstance(dsp, Fail)
        and (dsp.code, dsp.field) == ("out-of-range", "stems")
        and "'vocals'" in dsp.text
    )
    assert isinstance(model, Fail) and model.code == "no-task" and "mode=dsp" in model.text


def test_weak_tasks_of_a_config_are_an_object_of_texts() -> None:
    assert config_from_json({"weak_tasks": WEAK}).weak_tasks == (
        ("extract", "drums only"),
        ("repaint", "it mumbles"),
    )
    with pytest.raises(ModelError, match="weak_tasks"):
        config_from_json({"weak_tasks": ["extract"]})


def test_a_listener_that_is_not_asked_is_not_warned_of(tmp_path: Path) -> None:
    setting = Setting((), tmp_path, tmp_path, "tiny", MINIATURE, weak={"understand": "it guesses"})
    asked = Understand(request_id="u", source="song.wav")
    assert "it guesses" in weakness(setting, asked)
    assert not weakness(setting, replace(asked, listen=False))
