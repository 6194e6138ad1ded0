"""OSCQuery as a client sees it that knows the proposal and nothing of Barline."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from pythonosc.osc_message_builder import OscMessageBuilder
from websockets.asyncio.client import ClientConnection, connect

from tests.bridge.daemons import Daemon, ask, begun, little_daemon
from tests.bridge.spec_client import check_node, get, hear_command, hear_osc, nodes_of


def port_of(daemon: Daemon) -> int:
    return daemon.bridge.ports.ws


def socket_to(daemon: Daemon) -> connect:
    return connect(f"ws://127.0.0.1:{port_of(daemon)}/", proxy=None)


async def say(socket: ClientConnection, command: str, path: str) -> None:
    await socket.send(json.dumps({"COMMAND": command, "DATA": path}))


async def test_the_root_is_a_whole_tree_that_keeps_the_rules(daemon: Daemon) -> None:
    page = await get(port_of(daemon), "/")
    nodes = list(nodes_of(page.json))
    for node in nodes:
        check_node(node)
    paths = {node["FULL_PATH"] for node in nodes}
    assert page.status == 200 and {"/", "/repaint/caption", "/done/repaint/take", "/progress"} <= paths


async def test_every_node_can_be_asked_for_by_its_path(daemon: Daemon) -> None:
    root = (await get(port_of(daemon), "/")).json
    for name, node in root["CONTENTS"].items():
        assert (await get(port_of(daemon), f"/{name}")).json == node


async def test_host_info_says_where_osc_and_websocket_are(daemon: Daemon) -> None:
    info = (await get(port_of(daemon), "/?HOST_INFO")).json
    ports = daemon.bridge.ports
    assert (info["OSC_PORT"], info["WS_PORT"], info["OSC_TRANSPORT"]) == (ports.osc, ports.ws, "UDP")
    assert info["NAME"] == "Barline" and info["OSC_IP"] == info["WS_IP"] == "127.0.0.1"
    assert info["EXTENSIONS"]["LISTEN"] is True and info["EXTENSIONS"]["PATH_CHANGED"] is True


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/repaint?TYPE", 200),
        ("/repaint?VALUE", 204),
        ("/repaint/caption?VALUE", 204),
        ("/progress?VALUE", 200),
        ("/engine/?VALUE", 200),
        ("/repaint?CLIPMODE", 204),
        ("/repaint?NONSENSE", 400),
        ("/repaint?TYPE&RANGE", 400),
        ("/nowhere", 404),
        ("/nowhere?TYPE", 404),
        ("/repaint/caption/deeper", 404),
        ("/%72epaint", 200),
    ],
)
async def test_each_question_gets_its_status(daemon: Daemon, target: str, status: int) -> None:
    assert (await get(port_of(daemon), target)).status == status


@pytest.mark.parametrize(
    ("target", "answer"),
    [
        ("/sync?TYPE", {"TYPE": "s"}),
        ("/cancel?RANGE", {"RANGE": [None, {"VALS": ["job"]}, None]}),
        ("/project?VALUE", None),
        ("/progress?VALUE", {}),
        ("/projects?TYPE", {}),
        ("/projects/default?VALUE", {"VALUE": ["0 120", "1 4/4", "", 48000]}),
        ("/repaint/fade_ms?UNIT", {"UNIT": ["time.ms"]}),
        ("/repaint/fade_ms?RANGE", {"RANGE": [{"MIN": 0, "MAX": 1000}]}),
    ],
)
async def test_one_attribute_is_told_alone(daemon: Daemon, target: str, answer: Any) -> None:
    page = await get(port_of(daemon), target)
    assert page.status == 204 if answer is None else page.json == answer


async def test_the_engines_state_can_be_read(daemon: Daemon) -> None:
    value = (await get(port_of(daemon), "/engine?VALUE")).json["VALUE"]
    assert value[0] in ("starting", "ready")


async def test_only_reading_is_answered(daemon: Daemon) -> None:
    head = await get(port_of(daemon), "/repaint", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert (await get(port_of(daemon), "/repaint", method="DELETE")).status == 405


async def test_a_minimal_message_built_from_the_tree_is_understood(daemon: Daemon) -> None:
    """TYPE and RANGE of a request say how to send it: key by key, as a generic client would."""
    node = (await get(port_of(daemon), "/cancel")).json
    builder = OscMessageBuilder(node["FULL_PATH"])
    for tag, told, meaning in zip(node["TYPE"], node["RANGE"], node["EXTENDED_TYPE"], strict=True):
        value = told["VALS"][0] if told else f"my {meaning}"
        builder.add_arg(value, tag)
    async with socket_to(daemon) as socket:
        await socket.send(builder.build().dgram)
        heard = await hear_osc(socket, "/fail")
    assert heard.params[:3] == ["my id", "cancel", "unknown-job"]


async def test_a_listener_hears_progress_and_the_end_as_osc(daemon: Daemon) -> None:
    async with socket_to(daemon) as socket, daemon.osc() as player:
        for path in ("/accepted", "/progress", "/done"):
            await say(socket, "LISTEN", path)
        await asyncio.sleep(0.1)
        await ask(player, daemon.repaint("r1"))
        accepted = await hear_osc(socket, "/accepted")
        progress = await hear_osc(socket, "/progress")
        done = await hear_osc(socket, "/done")
    assert accepted.params == ["r1", "repaint", 0] and progress.params[0] == "r1"
    assert done.params[:2] == ["r1", "repaint"] and "take" in done.params
    assert (await get(port_of(daemon), "/done?VALUE")).json == {"VALUE": ["r1", "repaint"]}


async def test_who_ignores_hears_no_more(daemon: Daemon) -> None:
    async with socket_to(daemon) as socket, daemon.osc() as player:
        await say(socket, "LISTEN", "/progress")
        await say(socket, "LISTEN", "/done")
        await say(socket, "IGNORE", "/progress")
        await asyncio.sleep(0.1)
        await ask(player, daemon.repaint("r1"))
        await hear_osc(socket, "/done")
        heard = []
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                while True:
                    heard.append(await socket.recv())
    assert not any(isinstance(message, bytes) for message in heard)


async def test_the_engines_events_are_streamed(daemon: Daemon) -> None:
    async with socket_to(daemon) as socket, daemon.osc() as player:
        await say(socket, "LISTEN", "/engine")
        await asyncio.sleep(0.1)
        await ask(player, daemon.repaint("r1", "die"))
        states = [(await hear_osc(socket, "/engine")).params[0] for _ in range(2)]
    assert "restarting" in states


async def test_a_job_is_a_node_as_long_as_it_lives(daemon: Daemon) -> None:
    async with socket_to(daemon) as socket, daemon.osc() as player:
        await say(socket, "LISTEN", "/jobs")
        await asyncio.sleep(0.1)
        running = await begun(player, daemon.repaint("take 1/2", "steps 60 0.02"))
        path = await hear_command(socket, "PATH_ADDED")
        await say(socket, "LISTEN", path)
        node = (await get(port_of(daemon), path)).json
        streamed = await hear_osc(socket, path)
        assert await hear_command(socket, "PATH_REMOVED") == path
        assert await hear_command(socket, "PATH_CHANGED") == "/jobs"
        await running
    check_node(node)
    assert path == "/jobs/take~201~2F2" and node["VALUE"][0] == "running" and node["TYPE"] == "ssii"
    assert streamed.params[1] == "denoise"
    assert (await get(port_of(daemon), path)).status == 404


async def test_a_new_project_is_told_of_and_a_changed_one_too(daemon: Daemon) -> None:
    async with socket_to(daemon) as socket, daemon.ws() as player:
        await say(socket, "LISTEN", "/projects")
        await asyncio.sleep(0.1)
        for tempo, command in (("0 90", "PATH_ADDED"), ("0 91", "PATH_CHANGED")):
            await player.connection.send(
                json.dumps({"type": "project", "id": tempo, "name": "my song", "tempo": tempo})
            )
            heard = await hear_command(socket, command)
            assert heard == "/projects/my~20song" or (command, heard) == ("PATH_CHANGED", "/projects")
    node = (await get(port_of(daemon), "/projects/my~20song")).json
    assert node["VALUE"] == ["0 91", "1 4/4", "", 48000]


async def test_who_never_browsed_is_not_told_of_paths(daemon: Daemon) -> None:
    async with connect(f"ws://127.0.0.1:{port_of(daemon)}", proxy=None) as socket:
        await socket.send('{"type": "sync", "id": "s1"}')
        await socket.send('{"type": "project", "id": "p1", "name": "new", "tempo": "0 90"}')
        await socket.send('{"type": "sync", "id": "s2"}')
        heard = [json.loads(await socket.recv()) for _ in range(3)]
    assert all("COMMAND" not in message for message in heard)


@pytest.mark.parametrize(
    ("command", "path", "code"),
    [("SHOUT", "/progress", "unknown-address"), ("LISTEN", "/" * 2000, "too-long")],
)
async def test_a_wrong_command_is_refused(daemon: Daemon, command: str, path: str, code: str) -> None:
    async with socket_to(daemon) as socket:
        await say(socket, command, path)
        assert json.loads(await socket.recv())["code"] == code


async def test_web_pages_may_read_only_when_they_are_on_the_list(tmp_path: Path) -> None:
    async with little_daemon(tmp_path, origins=("http://localhost:8080",)) as daemon:
        good = await get(port_of(daemon), "/", Origin="http://localhost:8080")
        bad = await get(port_of(daemon), "/", Origin="https://example.org")
    assert good.headers["access-control-allow-origin"] == "http://localhost:8080" and good.status == 200
    assert bad.status == 403 and "access-control-allow-origin" not in bad.headers


async def test_a_name_that_was_rebound_to_us_learns_nothing(daemon: Daemon) -> None:
    assert (await get(port_of(daemon), "/?HOST_INFO", Host="rebound.example.org")).status == 403


async def test_the_token_guards_the_tree_too(tmp_path: Path) -> None:
    async with little_daemon(tmp_path, token="secret") as daemon:
        assert (await get(port_of(daemon), "/?HOST_INFO")).status == 401
        assert (await get(port_of(daemon), "/?HOST_INFO&token=secret")).json["NAME"] == "Barline"
        assert (await get(port_of(daemon), "/sync?TYPE", Authorization="Bearer secret")).json == {"TYPE": "s"}
        assert (await get(port_of(daemon), "/sync?token=secret")).json["FULL_PATH"] == "/sync"


async def test_a_long_path_is_no_way_in(daemon: Daemon) -> None:
    page = await get(port_of(daemon), "/" + "a" * 100_000)
    assert page.status >= 400
    assert (await get(port_of(daemon), "/sync")).status == 200
