"""What docs/MAILBOX.md and DISCOVERY.md say is so: figures, paths, and the client of the first."""

import asyncio
import re
import shutil
from pathlib import Path

import pytest

from bridge.config import Limits
from protocol.limits import JSON_BYTES
from tests.bridge.daemons import Daemon
from tests.bridge.spec_client import get

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "MAILBOX.md").read_text("utf-8")


def lua_code() -> str:
    """The client of the page."""
    lines = PAGE.partition("## A whole client")[2].splitlines()
    return "\n".join(line.removeprefix("    ") for line in lines if line.startswith("    "))


def test_the_figures_are_those_of_the_daemon() -> None:
    limits = Limits()
    for figure in (
        f"for {limits.mailbox_s / 60:.0f} minutes",
        f"than {limits.mailbox_files} files",
        f"{JSON_BYTES.value:,} bytes",
    ):
        assert figure in PAGE


async def test_what_the_page_on_discovery_asks_for_is_answered(daemon: Daemon) -> None:
    page = (DOCS / "DISCOVERY.md").read_text("utf-8")
    targets = re.findall(r"curl localhost:7771(\S+)", page)
    assert len(targets) == 4
    for target in targets:
        assert (await get(daemon.bridge.ports.ws, target)).status == 200
    for path, access in re.findall(r"^\| `(/[a-z_/]+)`.*? \| (\d) \|", page, re.MULTILINE):
        assert (await get(daemon.bridge.ports.ws, path)).json["ACCESS"] == int(access), path


async def test_the_client_of_the_page_gets_its_answer(daemon: Daemon) -> None:
    lua = shutil.which("lua5.4") or shutil.which("lua5.3")
    if lua is None:
        pytest.skip("needs lua5.4 (Debian package lua5.4)")
    mailbox = daemon.bridge.config.runtime_folder / "mailbox"
    box = mailbox / "out" / "lua"
    await run(lua, f"MAILBOX = [[{mailbox}]]\n{lua_code()}")
    async with asyncio.timeout(20):
        while not list(box.glob("*.json")):
            await asyncio.sleep(0.02)
    names = ", ".join(f'"{path.name}"' for path in sorted(box.glob("*.json")))
    again = lua_code().replace('send(1, \'{"type"', 'local _ = (\'{"type"')
    told = await run(lua, f"MAILBOX = [[{mailbox}]]\n{again}\nread_all({{{names}}})")
    assert '"type": "done", "id": "h1", "command": "hello"' in told and not list(box.glob("*.json"))


async def run(lua: str, code: str) -> str:
    """What a Lua program prints."""
    process = await asyncio.create_subprocess_exec(lua, "-e", code, stdout=asyncio.subprocess.PIPE)
    told, _ = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 0
    return told.decode()
