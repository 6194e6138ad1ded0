"""The tree as libraries of others read it: python-oscquery, and npm's oscquery where that is installed."""

import asyncio
import json
import shutil
import socket
from pathlib import Path

import pytest

from tests.bridge.daemons import Daemon

SCRIPT = Path(__file__).with_name("browse.cjs")


async def test_python_oscquery_reads_host_info_and_values(daemon: Daemon) -> None:
    """It takes no node that has both values and contents, or that can only be written: so not the root."""
    from pythonoscquery.osc_query_client import OSCQueryClient
    from zeroconf import ServiceInfo

    kind, here = "_oscjson._tcp.local.", [socket.inet_aton("127.0.0.1")]
    client = OSCQueryClient(ServiceInfo(kind, f"x.{kind}", port=daemon.bridge.ports.ws, addresses=here))
    info = await asyncio.to_thread(client.get_host_info)
    grid = await asyncio.to_thread(client.query_node, "/projects/default")
    projects = await asyncio.to_thread(client.query_node, "/projects")
    assert info is not None and (info.name, info.osc_port) == ("Barline", daemon.bridge.ports.osc)
    assert grid is not None and grid.value == ["0 120", "1 4/4", "", 48000]
    assert projects is not None and [node.full_path for node in projects.contents] == ["/projects/default"]
    assert await asyncio.to_thread(client.query_node, "/nowhere") is None


async def test_npms_oscquery_reads_the_whole_tree(daemon: Daemon) -> None:
    node = shutil.which("node")
    if node is None or await run(node, "-e", "require.resolve('oscquery')") is None:
        pytest.skip("needs Node with the package oscquery (npm install oscquery; NODE_PATH says where)")
    told = await run(node, str(SCRIPT), str(daemon.bridge.ports.ws))
    assert told is not None
    answer = json.loads(told)
    assert answer["osc"] == daemon.bridge.ports.osc and answer["listens"] is True
    assert answer["methods"] > 300 and answer["cancel"] == "sss"
    assert answer["fade"] == [{"MIN": 0, "MAX": 1000}] and answer["grid"][0] == "0 120"


async def run(*command: str) -> str | None:
    """What a program prints; None when it fails."""
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=quiet)
    told, _ = await asyncio.wait_for(process.communicate(), 30)
    return told.decode() if process.returncode == 0 else None
