"""An OSCQuery client written from the proposal alone, on sockets, a WebSocket library and python-osc."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pythonosc.osc_message import OscMessage
from websockets.asyncio.client import ClientConnection


@dataclass(frozen=True, slots=True)
class Page:
    """What HTTP answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, which must say that it is JSON."""
        assert self.headers["content-type"] == "application/json"
        return json.loads(self.body)


async def get(port: int, target: str, method: str = "GET", **headers: str) -> Page:
    """One HTTP/1.1 request, written and read byte by byte."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = {"Host": f"127.0.0.1:{port}"} | {name.replace("_", "-"): text for name, text in headers.items()}
    head = "".join(f"{name}: {text}\r\n" for name, text in lines.items())
    writer.write(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    top, _, body = answer.partition(b"\r\n\r\n")
    first, *rest = top.decode().split("\r\n")
    pairs = (line.split(": ", 1) for line in rest)
    told = {name.lower(): text for name, text in pairs}
    assert "content-length" not in told or method == "HEAD" or int(told["content-length"]) == len(body)
    return Page(int(first.split()[1]), told, body)


def nodes_of(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A node and everything below it."""
    yield node
    for child in node.get("CONTENTS", {}).values():
        yield from nodes_of(child)


def check_node(node: dict[str, Any]) -> None:
    """What the proposal demands of every node."""
    assert node["FULL_PATH"].startswith("/") and node["ACCESS"] in (0, 1, 2, 3)
    for name, child in node.get("CONTENTS", {}).items():
        assert child["FULL_PATH"] == f"{node['FULL_PATH'].rstrip('/')}/{name}"
    for name in ("VALUE", "RANGE", "EXTENDED_TYPE", "UNIT"):
        if name in node:
            assert len(node[name]) == len(node["TYPE"]), (node["FULL_PATH"], name)
    for values in (node.get("VALUE", ()), *([one["MIN"], one["MAX"]] for one in ranges_of(node, "MIN"))):
        assert all(isinstance(value, int | float | str) for value in values)
    assert "VALUE" not in node or node["ACCESS"] & 1


def ranges_of(node: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Those of its ranges that have this key."""
    return [one for one in node.get("RANGE", ()) if one is not None and key in one]


async def hear_osc(socket: ClientConnection, address: str) -> OscMessage:
    """The next value of an address that is streamed."""
    async with asyncio.timeout(20):
        while True:
            heard = await socket.recv()
            if isinstance(heard, bytes) and OscMessage(heard).address == address:
                return OscMessage(heard)


async def hear_command(socket: ClientConnection, command: str) -> str:
    """What the next message of this command is about."""
    async with asyncio.timeout(20):
        while True:
            heard = await socket.recv()
            if isinstance(heard, str) and json.loads(heard).get("COMMAND") == command:
                return str(json.loads(heard)["DATA"])
