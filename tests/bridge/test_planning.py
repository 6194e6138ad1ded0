"""plan and understand from the wire to their files, with a real engine, a tiny model and a tiny planner."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.client import Client, WebClient
from engine.planner.blueprint import from_yaml
from engine.planner.tiny import write_tiny_planner
from protocol.messages import Project
from protocol.plan_tasks import Plan, PlanDone, Understand, UnderstandDone
from protocol.replies import Fail
from tests.acceptance.common import DaemonProcess, constant, engine_ready, write_tiny_model

NAME = "tiny-5Hz-lm"
PLAN: dict[str, Any] = {"caption": "x"}


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Any:
    place = tmp_path_factory.mktemp("planning")
    write_tiny_planner(write_tiny_model(place / "models") / NAME)
    started = DaemonProcess(place, place / "models")
    started.start()
    yield started
    started.stop()


async def ask(client: Client | WebClient, request: Any) -> Any:
    """The reply that ends a request; long patience, for a machine that has much else to do."""
    return await client.ask(request, 240)


@asynccontextmanager
async def client_of(daemon: DaemonProcess, kind: str) -> AsyncIterator[Client | WebClient]:
    async with {"osc": daemon.osc, "ws": daemon.ws}[kind]() as client:
        await ask(client, Project(request_id=f"{kind}-grid", tempo=constant(93), key="F# minor"))
        await engine_ready(client)
        yield client


def write_chords(path: Path, bpm: float = 100.0) -> Path:
    """A minor with a click on every beat, 12 s."""
    time_s = np.arange(12 * 48_000) / 48_000
    heard = 0.05 * sum(np.sin(2 * np.pi * hz * time_s) for hz in (220, 261.63, 329.63, 440, 493.88, 293.66))
    heard += 0.5 * np.exp(-80 * (time_s % (60 / bpm))) * np.sin(2 * np.pi * 1000 * time_s)
    soundfile.write(path, np.stack([heard, heard], axis=1), 48_000, subtype="PCM_24")
    return path


@pytest.mark.parametrize("kind", ["osc", "ws"])
async def test_a_plan_keeps_what_was_given_and_comes_with_its_codes(daemon: DaemonProcess, kind: str) -> None:
    request = Plan(
        request_id=f"plan-{kind}",
        caption="دافئ",
        lyrics="يا ليل",
        blueprint="language: ar\nduration: 40\ncaption: warm\n",
        codes_seconds=10,
        seed=5,
    )
    async with client_of(daemon, kind) as client:
        done = await ask(client, request)
    assert isinstance(done, PlanDone), done
    made = from_yaml(done.blueprint)
    assert (made.bpm, made.keyscale, made.timesignature) == (93, "F# minor", "4")  # the project's
    assert (made.language, made.duration, made.lyrics) == ("ar", 40, "يا ليل")
    assert Path(done.file).read_text("utf-8") == done.blueprint and done.codes == 50
    sidecar = json.loads(Path(done.sidecar).read_text("utf-8"))
    assert len(sidecar["bridge"]["codes"]) == 50 and done.planner == NAME
    assert 0 <= json.loads(done.score)["total"] <= 1


async def test_an_edited_blueprint_may_be_sent_back(daemon: DaemonProcess) -> None:
    async with client_of(daemon, "ws") as client:
        simple = Plan(request_id="first", mode="simple", caption="a waltz", seed=1, keep=True)
        first = await ask(client, simple)
        assert isinstance(first, PlanDone), first
        edited = "\n".join(line for line in first.blueprint.splitlines() if not line.startswith("bpm"))
        again = Plan(request_id="again", blueprint=f"bpm: 61\n{edited}", follow_project=False)
        second = await ask(client, again)
    assert isinstance(second, PlanDone), second
    assert from_yaml(second.blueprint).bpm == 61
    assert from_yaml(second.blueprint).caption == from_yaml(first.blueprint).caption


@pytest.mark.parametrize("kind", ["osc", "ws"])
async def test_understand_tells_what_it_measured_and_what_it_heard(daemon: DaemonProcess, kind: str) -> None:
    song = write_chords(daemon.place / "chords.wav")
    async with client_of(daemon, kind) as client:
        done = await ask(client, Understand(request_id=f"hear-{kind}", source=str(song)))
    assert isinstance(done, UnderstandDone), done
    measured, heard = json.loads(done.measured), json.loads(done.listener)
    assert measured["bpm"] == pytest.approx(100, abs=0.5) and measured["keyscale"] == "A minor"
    assert measured["seconds"] == 12 and measured["project_bpm"] == 93
    assert heard["caption"] and heard["keyscale"] and done.end_sample == 12 * 48_000


@pytest.mark.parametrize("kind", ["osc", "ws"])
@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        (PLAN | {"planner": "big"}, ("no-model", "planner", "--download acestep-5Hz-lm")),
        (PLAN | {"blueprint": "bpm: 20"}, ("out-of-range", "blueprint", "bpm='20' is not")),
        (PLAN | {"blueprint": "- a"}, ("wrong-type", "blueprint", "no mapping")),
        (PLAN | {"caption": ""}, ("missing-field", "caption", "nothing to plan")),
        (PLAN | {"codes_seconds": 3}, ("out-of-range", "codes_seconds", "=3 is neither")),
    ],
)
async def test_what_cannot_be_planned_is_refused(
    daemon: DaemonProcess, kind: str, wrong: dict[str, Any], refusal: tuple[str, str, str]
) -> None:
    code, field, text = refusal
    name = f"bad-{kind}-{code}-{field}"
    async with client_of(daemon, kind) as client:
        reply = await ask(client, Plan(request_id=name, **wrong))
    assert isinstance(reply, Fail) and (reply.code, reply.field) == (code, field) and text in reply.text
