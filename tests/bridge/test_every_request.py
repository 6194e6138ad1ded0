"""Every request over OSC and WebSocket: good ones end in their done, bad ones in a fail that says how.

The bad ones follow from the declarations (tests/protocol/violations.py); what only a source, a grid or a
model can show to be wrong is in the tests of each kind of job.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from engine.planner.tiny import write_tiny_planner
from protocol import json_text, osc
from protocol.messages import REQUESTS, Download
from protocol.replies import DONES, Fail, Synced
from tests.acceptance.common import DaemonProcess, engine_ready, write_able_model, write_song
from tests.bridge.daemons import Daemon
from tests.protocol.clients import plain_datagram
from tests.protocol.test_violations import CASES, GOOD, OSC_CASES, check, plain_of

Send = Callable[[dict[str, Any]], Awaitable[Any]]
"""Sends a message as a script writes it; the first reply to it."""
BARS = {"start": {"bars": 2}, "end": {"bars": 3}}
QUICK = {"steps": 1, "seed": 3}


@asynccontextmanager
async def by_osc(ports: dict[str, int]) -> AsyncIterator[Send]:
    """A socket of its own; `fields` may name a reply's id to wait for that one."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.setblocking(False)
        await loop.sock_connect(wire, ("127.0.0.1", ports["osc"]))

        async def send(message: dict[str, Any]) -> Any:
            await loop.sock_sendall(wire, plain_datagram(message))
            return osc.decode_reply(await loop.sock_recv(wire, 65_536))

        yield send


@asynccontextmanager
async def by_websocket(ports: dict[str, int]) -> AsyncIterator[Send]:
    """A connection of its own."""
    async with connect(f"ws://127.0.0.1:{ports['ws']}") as wire:

        async def send(message: dict[str, Any]) -> Any:
            await wire.send(json.dumps(message))
            return json_text.decode_reply(str(await wire.recv()))

        yield send


WIRES = {"osc": (by_osc, OSC_CASES), "websocket": (by_websocket, CASES)}


@pytest.mark.parametrize("wire", WIRES)
async def test_every_bad_request_is_told_field_rule_and_value(daemon: Daemon, wire: str) -> None:
    way, cases = WIRES[wire]
    ports = {"osc": daemon.bridge.ports.osc, "ws": daemon.bridge.ports.ws}
    async with asyncio.timeout(300), way(ports) as send:
        for name, wrong in cases:
            fail = await send(plain_of(name, wrong))
            assert isinstance(fail, Fail), f"{name}, {wrong.name}: {fail}"
            check(fail, name, wrong)
    assert daemon.takes == set() and not daemon.bridge.live


@pytest.mark.parametrize("wire", WIRES)
async def test_a_request_without_a_readable_id_is_refused_without_one(daemon: Daemon, wire: str) -> None:
    ports = {"osc": daemon.bridge.ports.osc, "ws": daemon.bridge.ports.ws}
    async with asyncio.timeout(60), WIRES[wire][0](ports) as send:
        unreadable: list[dict[str, Any]] = [{"id": ""}, {"id": "x" * 65}]
        for name, cls in REQUESTS.items():
            if wire in cls.spec.transports:
                for given in unreadable + [{}] * (wire == "websocket"):  # in OSC the first word is the id
                    message = {key: value for key, value in GOOD[name].items() if key != "id"} | given
                    fail = await send(message)
                    assert isinstance(fail, Fail) and fail.field == "id" and fail.request_id == "", fail


@pytest.fixture(scope="module")
def able(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    """A daemon whose tiny model can do everything, with a tiny planner."""
    place = tmp_path_factory.mktemp("every")
    folder = write_able_model(place / "models", default_steps=1)
    write_tiny_planner(folder / "tiny-5Hz-lm")
    write_song(place / "song.wav", 12)
    started = DaemonProcess(place, folder)
    started.start()
    yield started
    started.stop()


def good_requests(place: Path) -> dict[str, dict[str, Any]]:
    """A good message of every request that can be asked and answered as it is."""
    song = {"source": str(place / "song.wav"), **BARS, **QUICK}
    plain = {key: value for key, value in song.items() if key != "steps"}
    return {
        "hello": {"client": "table"},
        "describe": {"what": "limits"},
        "notify": {"on": True},
        "sync": {},
        "project": {"tempo": 120},
        "repaint": {**song, "lyrics": "la la", "takes": 2},
        "generate": {**QUICK, "caption": "slow piano", "length": {"bars": 5}, "thinking": "on"},
        "extract": {**song, "stems": ["drums", "bass"]},
        "lego": {**song, "stem": "bass"},
        "complete": {**song, "stems": ["drums"]},
        "vocal2bgm": {**song, "caption": "soul"},
        "cover": {**song, "caption": "brass"},
        "align": {**song, "lyrics": "la la"},
        "plan": {"caption": "a waltz", "seed": 3},
        "understand": plain,
        "status": {"job": "JOB"},
        "cancel": {"job": "JOB"},
        "fetch": {"job": "JOB"},
    }


@pytest.mark.parametrize("wire", WIRES)
async def test_every_good_request_ends_in_its_done(able: DaemonProcess, wire: str) -> None:
    async with {"osc": able.osc, "websocket": able.ws}[wire]() as client:
        await engine_ready(client)
        for name, fields in good_requests(able.place).items():
            told = {key: f"{wire}-repaint" if value == "JOB" else value for key, value in fields.items()}
            message = json.dumps({"type": name, "id": f"{wire}-{name}", **told})
            done = await client.ask(json_text.decode_request(message), 300)
            assert isinstance(done, DONES.get(name, Synced)), f"{name}: {done}"
            assert all(Path(path).is_file() for path in getattr(done, "takes", ()) or ())


async def test_files_travel_by_websocket_alone(able: DaemonProcess, tmp_path: Path) -> None:
    async with able.ws() as client:
        await engine_ready(client)
        await client.ask(json_text.decode_request('{"type": "project", "id": "grid", "tempo": 120}'), 60)
        sent = await client.upload("sent", write_song(tmp_path / "sent.wav", 6))
        message = {"type": "understand", "id": "heard", "source": sent.source, "listen": False}
        heard = await client.ask(json_text.decode_request(json.dumps(message)), 300)
        assert isinstance(heard, DONES["understand"]), heard
        got = await client.download(Download(request_id="got", job="heard", which="sidecar"))
        assert got == Path(heard.sidecar).read_bytes()
    async with by_osc(able.ports) as send:
        for name in ("upload", "download"):
            fail = await send(GOOD[name])
            assert isinstance(fail, Fail) and fail.code == "wrong-transport" and name in fail.text


@pytest.mark.parametrize("wire", WIRES)
async def test_shutdown_is_answered_before_the_end(daemon: Daemon, wire: str) -> None:
    async with {"osc": daemon.osc, "websocket": daemon.ws}[wire]() as client:
        done = await client.ask(json_text.decode_request('{"type": "shutdown", "id": "end"}'), 60)
    assert isinstance(done, DONES["shutdown"]) and daemon.bridge.ending.is_set()


def test_the_table_of_good_requests_is_whole() -> None:
    apart = {"shutdown", "upload", "download"}
    assert set(good_requests(Path("/"))) | apart == set(REQUESTS)
