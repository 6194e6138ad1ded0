"""The engine is killed at random moments of a job: the daemon says so, and the job is done all the same.

Run: python -m tests.acceptance.kill_engine
"""

import argparse
import asyncio
import os
import random
import signal
import sys
import time

from bridge.client import Client
from protocol.messages import Notify, Status
from protocol.replies import EngineEvent, RepaintDone, Reply, StatusDone
from tests.acceptance.common import (
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


async def kill_once(
    client: Client, daemon: DaemonProcess, name: str, wait_s: float
) -> tuple[Reply, float, bool]:
    """(how the job ended, slowest answer to status meanwhile, was the daemon heard to say it restarts)."""
    while not client.events.empty():
        client.events.get_nowait()
    job = asyncio.create_task(client.ask(repaint(name, daemon.place / "song.wav"), 120))
    await asyncio.sleep(wait_s)
    pid = daemon.engine_pid()
    if pid:
        os.kill(pid, signal.SIGKILL)
    slowest = 0.0
    while not job.done():
        began = time.monotonic()
        await client.ask(Status(request_id=f"status-{name}"), 10)
        slowest = max(slowest, time.monotonic() - began)
        await asyncio.sleep(0.05)
    told = await hears(client, "restarting") and await hears(client, "ready")
    return await job, slowest, told


async def hears(client: Client, state: str) -> bool:
    """Waits until the daemon says that its engine is in this state; False when it does not."""
    try:
        async with asyncio.timeout(20):
            while True:
                event = await client.events.get()
                if isinstance(event, EngineEvent) and event.state == state:
                    return True
    except TimeoutError:
        return False


async def run(daemon: DaemonProcess, options: argparse.Namespace) -> None:
    """All kills, one after the other."""
    write_song(daemon.place / "song.wav", 20)
    moments = random.Random(options.seed)
    async with ready(daemon) as client:
        await client.ask(Notify(request_id="notify"), 10)
        began = time.monotonic()
        await client.ask(repaint("plain", daemon.place / "song.wav"), 60)
        job_s = time.monotonic() - began
        ends = [
            await kill_once(client, daemon, f"job-{number}", moments.uniform(0.05, 0.9) * job_s)
            for number in range(options.count)
        ]
        status = await client.ask(Status(request_id="last"), 10)
    done = [end for end, _, _ in ends if isinstance(end, RepaintDone)]
    takes = [name for name in files_of(daemon) if name.endswith("_take.wav")]
    show(
        f"SIGKILL of the engine at {options.count} random moments of a job of {job_s:.2f} s",
        {
            "jobs done": f"{len(done)} of {len(ends)}",
            "restart was told to subscribers": f"{sum(told for _, _, told in ends)} of {len(ends)}",
            "takes (one each, one plain)": len(takes),
            "slowest status meanwhile, ms": 1000 * max(slowest for _, slowest, _ in ends),
            "daemon": status.engine if isinstance(status, StatusDone) else status,
        },
    )
    require(len(done) == len(ends), "a job survives the death of the engine once")
    require(all(told for _, _, told in ends), "the daemon says that the engine died")
    require(len(takes) == len(ends) + 1, "no result twice")


def main() -> int:
    """The script."""
    options = parse(str(__doc__), count=10)
    with workplace(options) as daemon:
        daemon.start()
        asyncio.run(run(daemon, options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
