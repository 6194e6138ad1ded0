"""generate with a planner's thought, a blueprint or codes, from the wire to its files; tiny random models."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bridge.generate_journey import generate_task, plan_generate_job
from bridge.journey import Order, Setting
from bridge.plan import MINIATURE
from engine.planner.blueprint import from_yaml
from engine.planner.tiny import write_tiny_planner
from protocol.messages import Generate, Plan, Project, Repaint
from protocol.plan_tasks import PlanDone
from protocol.replies import Fail, GenerateDone
from protocol.values import Bars, Samples, Seconds
from tests.acceptance.common import DaemonProcess, constant, engine_ready, write_song, write_tiny_model

NAME = "tiny-5Hz-lm"
PATIENCE_S = 240


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """A daemon with a planner; its model does not ask for thinking."""
    place = tmp_path_factory.mktemp("thinking")
    write_tiny_planner(write_tiny_model(place / "models") / NAME)
    write_song(place / "song.wav", 12)
    started = DaemonProcess(place, place / "models")
    started.start()
    yield started
    started.stop()


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """A daemon without a planner, whose model asks for thinking."""
    place = tmp_path_factory.mktemp("alone")
    config = write_tiny_model(place / "models") / "tiny-dit" / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"default_thinking": True}))
    started = DaemonProcess(place, place / "models")
    started.start()
    yield started
    started.stop()


async def answers(daemon: DaemonProcess, kind: str, *requests: Any) -> list[Any]:
    """The replies that end the requests, on a grid of 93 bpm in F# minor."""
    async with {"osc": daemon.osc, "ws": daemon.ws}[kind]() as client:
        await client.ask(Project(request_id=f"{kind}-grid", tempo=constant(93), key="F# minor"), PATIENCE_S)
        await engine_ready(client)
        return [await client.ask(request, PATIENCE_S) for request in requests]


def piece(request_id: str, **more: Any) -> Generate:
    fields = {"caption": "slow piano", "length": Seconds(12), "seed": 3, "steps": 1} | more
    return Generate(request_id=request_id, **fields)


def sound(done: GenerateDone) -> Any:
    return soundfile.read(done.take, dtype="int32")[0]


def plan_in(done: GenerateDone) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads(Path(done.sidecar).read_text("utf-8"))["provenance"]["plan"]
    return plan


@pytest.mark.parametrize("kind", ["osc", "ws"])
async def test_a_thought_keeps_what_was_given_and_its_codes_are_followed(
    daemon: DaemonProcess, kind: str
) -> None:
    free, done, again = await answers(
        daemon,
        kind,
        piece(f"{kind}-free"),
        piece(f"{kind}-on", thinking="on"),
        piece(f"{kind}-again", thinking="on"),
    )
    assert isinstance(done, GenerateDone), done
    made = from_yaml(done.blueprint)
    assert (made.bpm, made.keyscale, made.timesignature, made.duration) == (93, "F# minor", "4", 12)
    assert made.caption == "slow piano" and made.language  # the planner's, for nobody said
    assert (done.codes, done.planner) == (60, NAME) and len(plan_in(done)["codes"]) == 60
    assert (free.codes, free.planner, free.blueprint) == (0, "", "")
    assert not np.array_equal(sound(free), sound(done)) and np.array_equal(sound(done), sound(again))
    assert plan_in(done) == plan_in(again) and "codes" in json.loads(done.seconds)


async def test_codes_of_a_plan_can_be_sent_back_as_numbers_or_by_their_file(daemon: DaemonProcess) -> None:
    (plan,) = await answers(daemon, "ws", Plan(request_id="plan", caption="waltz", codes_seconds=12, seed=1))
    assert isinstance(plan, PlanDone), plan
    codes = tuple(json.loads(Path(plan.sidecar).read_text("utf-8"))["bridge"]["codes"])
    by_number, by_file = await answers(
        daemon, "osc", piece("numbers", codes=codes), piece("file", codes_file=plan.sidecar)
    )
    (again,) = await answers(daemon, "ws", piece("of a piece", codes_file=by_file.sidecar))
    assert by_number.codes == by_file.codes == again.codes == 60
    assert np.array_equal(sound(by_number), sound(by_file)) and np.array_equal(sound(by_file), sound(again))


async def test_a_piece_shorter_than_a_plan_gets_the_beginning_of_its_codes(daemon: DaemonProcess) -> None:
    (done,) = await answers(daemon, "osc", piece("short", thinking="on", length=Seconds(3)))
    assert isinstance(done, GenerateDone), done
    assert done.codes == 15 and from_yaml(done.blueprint).duration == 10


async def test_a_blueprint_gives_what_the_request_leaves_open(daemon: DaemonProcess) -> None:
    text = "bpm: 200\nkeyscale: C major\nlanguage: fr\nlyrics: |-\n  la nuit\n"
    done, own = await answers(
        daemon,
        "ws",
        piece("print", blueprint=text, thinking="on"),
        piece("own words", blueprint=text, thinking="on", lyrics="the night", key="A minor"),
    )
    assert isinstance(done, GenerateDone), done
    made, other = from_yaml(done.blueprint), from_yaml(own.blueprint)
    assert (made.bpm, made.keyscale, made.language, made.lyrics) == (93, "C major", "fr", "la nuit")
    assert (other.keyscale, other.language, other.lyrics) == ("A minor", "en", "")  # its lyrics are its own


@pytest.mark.parametrize("kind", ["osc", "ws"])
async def test_no_planner_installed_is_told_with_the_cure(alone: DaemonProcess, kind: str) -> None:
    fail, auto = await answers(alone, kind, piece(f"{kind}-on", thinking="on"), piece(f"{kind}-auto"))
    assert isinstance(fail, Fail) and (fail.code, fail.field) == ("no-model", "planner")
    assert "--download acestep-5Hz-lm" in fail.text
    assert isinstance(auto, GenerateDone) and any("no planner is installed" in text for text in auto.warnings)


async def test_a_model_that_asks_for_thinking_is_thought_for(
    daemon: DaemonProcess, alone: DaemonProcess
) -> None:
    planner = Path(shutil.copytree(daemon.place / "models" / NAME, alone.place / "models" / NAME))
    auto, off = await answers(alone, "osc", piece("auto"), piece("off", thinking="off"))
    shutil.rmtree(planner)
    assert (auto.codes, auto.planner) == (60, NAME) and (off.codes, off.planner) == (0, "")


async def test_a_region_edit_loads_no_planner(alone: DaemonProcess) -> None:
    song = write_song(alone.place / "song.wav", 12)
    broken = alone.place / "models" / "broken-5Hz-lm"  # loading it would fail
    broken.mkdir()
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (broken / name).write_text('{"model_type": "qwen3"}')
    request = Repaint(request_id="edit", source=str(song), start=Bars(2), end=Bars(3), lyrics="la", steps=1)
    edited, piece_done = await answers(alone, "osc", request, piece("broken", thinking="on"))
    shutil.rmtree(broken)
    assert not isinstance(edited, Fail), edited
    assert isinstance(piece_done, Fail) and piece_done.code == "no-model"


BAD: dict[str, tuple[dict[str, Any], tuple[str, str, str]]] = {
    "both": ({"codes": (1,), "thinking": "on"}, ("out-of-range", "thinking", "thinking=on")),
    "twice": ({"codes": (1,), "codes_file": "/x"}, ("out-of-range", "codes_file", "both")),
    "many": ({"codes": (1,) * 61}, ("too-long", "codes", "61 codes, but 12.00 s take 60")),
    "nowhere": ({"codes_file": "/nowhere.json"}, ("not-allowed", "codes_file", "'/nowhere.json'")),
    "no plan": ({"codes_file": "PLACE/song.wav"}, ("malformed", "codes_file", "song.wav")),
    "no codes": ({"codes_file": "PLACE/data/ports.json"}, ("malformed", "codes_file", "holds no codes")),
    "blueprint": ({"blueprint": "bpm: 20"}, ("out-of-range", "blueprint", "bpm='20' is not")),
    "planner": ({"thinking": "on", "planner": "big"}, ("no-model", "planner", "'big'")),
}


@pytest.mark.parametrize("kind", ["osc", "ws"])
async def test_every_fail_names_field_rule_and_value(daemon: DaemonProcess, kind: str) -> None:
    for name, (fields, (code, field, words)) in BAD.items():
        told = dict(fields)
        if "codes_file" in told:
            told["codes_file"] = told["codes_file"].replace("PLACE", str(daemon.place))
        (fail,) = await answers(daemon, kind, piece(f"{kind} {name}", **told))
        assert isinstance(fail, Fail) and (fail.code, fail.field) == (code, field), f"{name}: {fail}"
        assert words in fail.text, f"{name}: {fail.text}"


def test_the_planner_is_told_the_exact_length_whatever_the_frames(tmp_path: Path) -> None:
    folder = tmp_path / "models" / NAME
    folder.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (folder / name).write_text('{"model_type": "qwen3"}')
    setting = Setting((tmp_path,), tmp_path, tmp_path, "tiny", MINIATURE, planners=(tmp_path / "models",))
    project = Project(request_id="p", tempo=constant(93))
    request = piece("exact", thinking="on", length=Samples(round(10.19 * 48_000)), judge=True)
    route = plan_generate_job(setting, Order(request, project, 3))
    values = generate_task("exact", route, 0).values
    assert values["task"]["samples"] == (255 + 12) * 1920  # 3 % and 0.2 s behind the end, for conform
    assert int(5 * values["think"]["seconds"]) == 50
    assert values["think"]["keep"] and not values["judge"]["keep"]  # until the takes are judged
