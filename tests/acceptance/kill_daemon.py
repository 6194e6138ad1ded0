"""The daemon is killed at random moments with five jobs under way: nothing is lost, nothing is done twice.

Run: python -m tests.acceptance.kill_daemon
"""

import argparse
import asyncio
import hashlib
import json
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path

import soundfile

from bridge.client import Client
from protocol.messages import Fetch, Status
from protocol.replies import Accepted, FetchDone, RepaintDone, Reply, StatusDone
from tests.acceptance.common import (
    RATE,
    DaemonProcess,
    files_of,
    parse,
    ready,
    repaint,
    require,
    show,
    workplace,
    write_song,
)

JOBS = 5


@dataclass(slots=True)
class Count:
    """What was seen over all kills."""

    accepted: int = 0
    done_before: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    corrupt: list[str] = field(default_factory=list)
    startups: list[float] = field(default_factory=list)


async def hear(client: Client, daemon: DaemonProcess, name: str, heard: dict[str, Reply]) -> None:
    """Notes the last reply to one job, for as long as there is a daemon."""
    async for reply in client.request(repaint(name, daemon.place / "song.wav", seed=len(name))):
        heard[name] = reply


async def start_jobs(daemon: DaemonProcess, names: list[str], wait_s: float) -> dict[str, Reply]:
    """Sends the jobs, kills the daemon after a while; the last reply to each that was heard."""
    heard: dict[str, Reply] = {}
    async with ready(daemon) as client:
        hearing = [asyncio.create_task(hear(client, daemon, name, heard)) for name in names]
        while not heard:
            await asyncio.sleep(0.001)
        await asyncio.sleep(wait_s)
        daemon.kill()
        await asyncio.sleep(0.05)  # what had left before may still arrive
        for task in hearing:
            task.cancel()
    return heard


async def finish(daemon: DaemonProcess, names: list[str]) -> dict[str, Reply]:
    """Waits until every known job has ended and fetches how; Fail for those nobody knows."""
    ends: dict[str, Reply] = {}
    async with ready(daemon) as client:
        for name in names:
            while True:
                status = await client.ask(Status(request_id=f"status-{name}"[:64], job=name), 10)
                if not isinstance(status, StatusDone) or status.state not in ("queued", "running"):
                    break
                await asyncio.sleep(0.05)
            ends[name] = await fetch(client, name)
    return ends


async def fetch(client: Client, name: str) -> Reply:
    """The last reply of a job."""
    while not client.events.empty():
        client.events.get_nowait()
    reply = await client.ask(Fetch(request_id=f"fetch-{name}", job=name), 10)
    return await client.events.get() if isinstance(reply, FetchDone) else reply


def check_files(daemon: DaemonProcess, ends: dict[str, Reply], count: Count) -> None:
    """Every job that is done has its files, whole; nothing else lies there."""
    expected: set[str] = set()
    for name, end in ends.items():
        if not isinstance(end, RepaintDone):
            continue
        paths = [Path(end.take), Path(end.full), Path(end.sidecar)]
        expected |= {path.name for path in paths}
        if not is_whole(end, paths):
            count.corrupt.append(name)
    count.twice += sorted(files_of(daemon) - expected)


def is_whole(end: RepaintDone, paths: list[Path]) -> bool:
    """Do the files have their lengths and the checksums that their sidecar names?"""
    if not all(path.is_file() for path in paths):
        return False
    take, full, sidecar = paths
    sums = set(json.loads(sidecar.read_text())["sha256"].values())
    whole = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (take, full)}
    return whole == sums and soundfile.info(take).frames == end.end_sample - end.start_sample


def run_once(daemon: DaemonProcess, turn: int, wait_s: float, count: Count) -> dict[str, Reply]:
    """One kill and one restart; the daemon runs afterwards."""
    names = [f"turn{turn}-job{number}" for number in range(JOBS)]
    heard = asyncio.run(start_jobs(daemon, names, wait_s))
    count.startups.append(daemon.start())
    ends = asyncio.run(finish(daemon, names))
    count.accepted += len(heard)
    count.done_before += sum(isinstance(reply, RepaintDone) for reply in heard.values())
    for name, reply in heard.items():
        if not isinstance(ends[name], RepaintDone):
            count.lost.append(f"{name}: {ends[name]}")
        elif isinstance(reply, RepaintDone) and reply != ends[name]:
            count.twice.append(name)
        require(isinstance(reply, RepaintDone | Accepted) or not hasattr(reply, "code"), f"{name}: {reply}")
    return ends


def run(daemon: DaemonProcess, options: argparse.Namespace) -> None:
    """All kills."""
    write_song(daemon.place / "song.wav", 20)
    count, ends, moments = Count(), {}, random.Random(options.seed)
    daemon.start()
    for turn in range(options.count):
        ends |= run_once(daemon, turn, moments.uniform(0, options.within / 1000), count)
        check_files(daemon, ends, count)
    show(
        f"SIGKILL of the daemon at {options.count} random moments, {JOBS} jobs under way",
        {
            "jobs known to be accepted": count.accepted,
            "done before the kill": count.done_before,
            "lost": len(count.lost),
            "done twice, or files of nobody": len(count.twice),
            "corrupt": len(count.corrupt),
            "slowest restart until it listens, s": max(count.startups),
            "seconds of audio checked": sum(
                (end.end_sample - end.start_sample) / RATE
                for end in ends.values()
                if isinstance(end, RepaintDone)
            ),
        },
    )
    require(not count.lost, f"lost: {count.lost}")
    require(not count.twice, f"twice: {count.twice}")
    require(not count.corrupt, f"corrupt: {count.corrupt}")


def main() -> int:
    """The script."""
    options = parse(str(__doc__), count=20, within=6000)
    with workplace(options) as daemon:
        run(daemon, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
