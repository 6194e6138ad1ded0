"""A daemon is killed in the middle of a job that came by files; the next one ends it and says so."""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from pathlib import Path

from tests.bridge.daemons import write_song
from tests.bridge.mailbox_client import MailClient

ROOT = Path(__file__).resolve().parents[2]


async def start(place: Path) -> Process:
    """A daemon in its own process, once it listens."""
    command = (sys.executable, "-m", "tests.bridge.little_main", str(place))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 60) == b"ready\n"
    return process


async def test_a_job_by_files_outlives_a_killed_daemon(tmp_path: Path) -> None:
    song, runtime = write_song(tmp_path / "song.wav"), tmp_path / "data" / "runtime"
    client = MailClient(runtime / "mailbox", "reaper")
    region = {"source": str(song), "start": {"bars": 2}, "end": {"bars": 4}}
    daemon = await start(tmp_path)
    client.send(type="repaint", id="r1", caption="steps 100 0.05", **region)
    await client.hear(lambda reply: reply.get("stage") == "denoise", 60)
    daemon.kill()
    await daemon.wait()
    assert (runtime / "daemon.json").exists(), "nobody could remove it"
    client.send(type="sync", id="s1")
    daemon = await start(tmp_path)
    try:
        async with asyncio.timeout(60):
            while not {"done", "synced"} <= {reply["type"] for reply in client.heard}:
                client.read()
                await asyncio.sleep(0.05)
    finally:
        daemon.kill()
        await daemon.wait()
    ends = [reply["id"] for reply in client.heard if reply["type"] in ("done", "fail", "cancelled")]
    assert ends == ["r1"] and not os.listdir(client.folder / "in")
