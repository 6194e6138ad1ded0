"""The Node client in plugins_reference/node, and its example, under plain node with the ws package."""

import asyncio
import json
import os
import shutil
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest

from tests.bridge.daemons import little_daemon
from tests.plugins.peers import LONGEST_S, SCRIPTS, Stage, assert_each_ends_once, kinds_of, node_folder

CLIENT = ("node/barline.mjs", "node/example.mjs")
IDS = "js-describe js-project js-repaint js-long js-wrong js-uploaded js-sync".split()


@pytest.fixture(scope="module")
def told(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What the session printed, line by line."""
    folder = node_folder(tmp_path_factory.mktemp("node") / "client", *CLIENT)
    script = folder / "node_session.mjs"
    script.write_bytes((SCRIPTS / script.name).read_bytes())
    return [json.loads(line) for line in stage.run("node", str(script)).splitlines()]


def test_every_request_ends_once(told: list[dict[str, Any]]) -> None:
    mine = [line for line in told if "id" in line and not line.get("stray")]
    cancels = [line for line in mine if line.get("command") == "cancel"]
    assert_each_ends_once([(line["type"], line["id"]) for line in mine if line not in cancels], IDS)
    assert [line["type"] for line in cancels] == ["done"]


def test_a_repaint_tells_its_progress_and_its_place(told: list[dict[str, Any]]) -> None:
    heard = [(line["type"], line["id"]) for line in told if "id" in line]
    kinds = kinds_of(heard, "js-repaint")
    assert kinds[0] == "accepted" and "progress" in kinds and kinds[-1] == "done"
    done = next(line for line in told if line.get("id") == "js-repaint" and line["type"] == "done")
    assert (done["start_sample"], done["end_sample"]) == (96_000, 288_000)


def test_a_cancelled_job_and_a_refused_one_reject_with_a_code(told: list[dict[str, Any]]) -> None:
    assert {"stopped": "cancelled"} in told
    assert {"refused": "out-of-range", "field": "fade_ms"} in told


def test_files_go_up_and_come_down_whole(told: list[dict[str, Any]]) -> None:
    uploaded = next(line for line in told if "source" in line and "same" in line)
    assert uploaded["source"].startswith("upload:") and uploaded["same"]
    assert {"downloaded": True} in told


def test_fetch_tells_a_jobs_end_again(told: list[dict[str, Any]]) -> None:
    assert {"fetched": True} in told
    assert [(line["type"], line["id"]) for line in told if line.get("stray")] == [("done", "js-repaint")]


def test_the_example_repaints(stage: Stage, tmp_path: Path) -> None:
    folder = node_folder(tmp_path / "client", *CLIENT)
    text = stage.run("node", str(folder / "example.mjs"), str(stage.song), "120", "2", "4", "drums")
    assert "denoise 8/8" in text and text.rstrip().endswith("belongs at sample 96000")


def test_no_daemon_is_said_in_one_line(stage: Stage, tmp_path: Path) -> None:
    folder = node_folder(tmp_path / "client", *CLIENT)
    script = """import { connect } from "./barline.mjs";
        connect({ port: 1 }).catch((error) => console.log(error.message));"""
    (folder / "nobody.mjs").write_text(script)
    assert "lost: no daemon at 127.0.0.1:1" in stage.run("node", str(folder / "nobody.mjs"))


async def test_a_job_outlives_a_daemon_that_comes_back_on_other_ports(tmp_path: Path) -> None:
    folder = node_folder(tmp_path / "client", *CLIENT)
    script = shutil.copy(SCRIPTS / "node_restart.mjs", folder)
    told = {"BARLINE_RUNTIME": str(tmp_path / "data" / "runtime"), "SONG": str(tmp_path / "song.wav")}
    async with asyncio.timeout(LONGEST_S):
        async with little_daemon(tmp_path) as first:
            client = await asyncio.create_subprocess_exec("node", script, env=os.environ | told, stdout=PIPE)
            assert client.stdout is not None
            assert await client.stdout.readline() == b"under way\n"
        async with little_daemon(tmp_path) as second:
            assert second.bridge.ports != first.bridge.ports
            rest = (await client.stdout.read()).decode().splitlines()
    assert rest[:2] == ["lost", "back"]
    assert Path(rest[2].removeprefix("done ")).is_file()
