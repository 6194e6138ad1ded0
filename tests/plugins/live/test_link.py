"""The script's WebSocket and its way to the daemon, against others' WebSocket code and real sockets."""

import asyncio
import importlib
import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import Frame as TheirFrame
from websockets.frames import Opcode

wire = importlib.import_module("plugins_reference.ableton_live.Barline.wire")
link = importlib.import_module("plugins_reference.ableton_live.Barline.link")
finding = importlib.import_module("plugins_reference.ableton_live.Barline.finding")


@given(st.sampled_from([1, 8, 9, 10]), st.binary(max_size=125), st.binary(min_size=4, max_size=4))
def test_a_frame_reads_as_websockets_would_have_written_it(opcode: int, payload: bytes, mask: bytes) -> None:
    ours = wire.encode_frame(opcode, payload, mask)
    theirs = TheirFrame(Opcode(opcode), payload).serialize(mask=True)
    assert ours[:2] == theirs[:2]
    assert wire.masked(ours[6:], mask) == payload


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536, 262_144])
def test_a_servers_frame_of_every_length_is_read(size: int) -> None:
    buffer = bytearray(TheirFrame(Opcode.TEXT, b"x" * size).serialize(mask=False))
    assert wire.take_frame(buffer) == (True, 1, b"x" * size)
    assert buffer == b""


@given(st.integers(1, 7))
def test_a_frame_that_comes_in_bits_is_one(step: int) -> None:
    whole, buffer = TheirFrame(Opcode.TEXT, b"a" * 300).serialize(mask=False), bytearray()
    found = []
    for start in range(0, len(whole), step):
        buffer += whole[start : start + step]
        found.append(wire.take_frame(buffer))
    assert [frame for frame in found if frame] == [(True, 1, b"a" * 300)]


@pytest.mark.parametrize("bad", [b"\xc1\x00", b"\x81\x80", b"\x81\x7f" + b"\xff" * 8])
def test_a_frame_no_server_may_send_is_refused(bad: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.take_frame(bytearray(bad))


def test_fragments_are_joined_and_strays_refused() -> None:
    joiner = wire.Joiner()
    assert joiner.add(wire.Frame(False, 1, b"ab")) is None
    assert joiner.add(wire.Frame(True, 0, b"cd")) == b"abcd"
    with pytest.raises(wire.WireError):
        joiner.add(wire.Frame(True, 0, b"cd"))


@contextmanager
def server(answer: Callable[[ServerConnection], Any]) -> Iterator[int]:
    """A WebSocket server in a thread; its port."""
    ready: list[int] = []
    started, ending = threading.Event(), threading.Event()

    async def run() -> None:
        async with serve(answer, "127.0.0.1", 0) as running:
            ready.append(next(iter(running.sockets)).getsockname()[1])
            started.set()
            await asyncio.to_thread(ending.wait)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    started.wait()
    try:
        yield ready[0]
    finally:
        ending.set()
        thread.join()


def link_to(port: int) -> Any:
    """A link to a port of this machine."""
    return link.Link(lambda: finding.Address("127.0.0.1", port), lambda: "secret")


def messages(found: Any, number: int) -> list[dict[str, Any]]:
    """Ticks until so many messages are here."""
    heard: list[dict[str, Any]] = []
    for _ in range(20_000):
        heard += found.tick()
        if len(heard) >= number:
            break
        threading.Event().wait(0.002)
    return heard


def test_a_text_of_the_greatest_length_goes_there_and_back() -> None:
    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    with server(echo) as port:
        found = link_to(port)
        while found.state != "open":
            found.tick()
        long = {"id": "r1", "lyrics": "é" * 100_000}
        assert found.send(long)
        assert messages(found, 1) == [long]
        found.close()


def test_a_text_above_the_limit_is_not_sent() -> None:
    async def wait(connection: ServerConnection) -> None:
        await connection.wait_closed()

    with server(wait) as port:
        found = link_to(port)
        while found.state != "open":
            found.tick()
        assert not found.send({"lyrics": "x" * 262_145})
        found.close()


def test_a_flood_is_taken_up_a_few_messages_at_a_time() -> None:
    async def flood(connection: ServerConnection) -> None:
        for number in range(100):
            await connection.send(json.dumps({"n": number}))
        await connection.wait_closed()

    with server(flood) as port:
        found = link_to(port)
        sizes: list[int] = []
        heard: list[Any] = []
        while len(heard) < 100:
            got = found.tick()
            sizes.append(len(got))
            heard += got
        assert max(sizes) <= link.MESSAGES
        assert [message["n"] for message in heard] == list(range(100))
        found.close()


def test_a_server_that_does_not_speak_websocket_is_a_problem_told() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        found = link_to(listening.getsockname()[1])
        while found.state != "greeting":
            found.tick()
        peer, _ = listening.accept()
        peer.sendall(b"HTTP/1.1 401 Unauthorized\r\n\r\nshow the token\n")
        while found.state != "down":
            found.tick()
        peer.close()
    assert "show the token" in found.problem


def test_a_port_where_nobody_listens_is_a_problem_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        found = link_to(taken.getsockname()[1])
        while not found.problem:
            found.tick()
    assert found.state == "down"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ('{"host": "127.0.0.1", "ws": 8123, "osc": 1}', ("127.0.0.1", 8123)),
        ('{"host": "::1", "ws": 8123}', ("::1", 8123)),
        ('{"ws": 70000, "host": "127.0.0.1"}', ("127.0.0.1", 7771)),
        ("[]", ("127.0.0.1", 7771)),
        ("{", ("127.0.0.1", 7771)),
        (None, ("127.0.0.1", 7771)),
    ],
)
def test_the_port_file_says_where_the_daemon_is(
    text: str | None, address: tuple[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BARLINE_RUNTIME", str(tmp_path))
    if text is not None:
        (tmp_path / "daemon.json").write_text(text, encoding="utf-8")
    assert finding.find_daemon() == address


def test_nothing_of_the_script_needs_more_than_live_has() -> None:
    folder = Path(wire.__file__).parent
    lines = [
        line.split()[1]
        for file in folder.glob("*.py")
        for line in file.read_text("utf-8").splitlines()
        if line.startswith(("import ", "from "))
    ]
    tops = {name.split(".")[0] for name in lines if not name.startswith(".")}
    assert tops <= sys.stdlib_module_names | {"Live"}
    assert os.fspath(folder).endswith("Barline")
