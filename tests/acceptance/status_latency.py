"""How long /status takes to be answered while a render runs, and while nothing runs.

Run: python -m tests.acceptance.status_latency
"""

import argparse
import asyncio
import sys
import time

from bridge.client import Client
from protocol.messages import Status
from tests.acceptance.common import (
    DaemonProcess,
    parse,
    percentile,
    ready,
    repaint,
    require,
    show,
    workplace,
    write_song,
)

ALLOWED_MS = 50.0


async def ask_status(client: Client, number: int) -> float:
    """Milliseconds until one status was answered."""
    began = time.perf_counter()
    await client.ask(Status(request_id=f"status{number}"), 10)
    return 1000 * (time.perf_counter() - began)


async def run(daemon: DaemonProcess, options: argparse.Namespace) -> None:
    """A few jobs in a row, and status all the time."""
    song = write_song(daemon.place / "song.wav", 30)
    async with ready(daemon) as client:
        idle = [await ask_status(client, number) for number in range(100)]
        jobs = [
            asyncio.create_task(client.ask(repaint(f"job{number}", song, seed=number), 300))
            for number in range(options.count)
        ]
        busy: list[float] = []
        while not all(job.done() for job in jobs):
            busy.append(await ask_status(client, len(busy)))
            await asyncio.sleep(0.01)
    show(
        f"status by OSC, {options.count} jobs one after the other, {len(busy)} questions",
        {
            "idle, median ms": percentile(idle, 0.5),
            "idle, worst ms": max(idle),
            "rendering, median ms": percentile(busy, 0.5),
            "rendering, 99 % ms": percentile(busy, 0.99),
            "rendering, worst ms": max(busy),
        },
    )
    require(
        percentile(busy, 0.99) <= ALLOWED_MS, f"99 % of status within {ALLOWED_MS:.0f} ms while rendering"
    )


def main() -> int:
    """The script."""
    options = parse(str(__doc__), count=5)
    with workplace(options) as daemon:
        daemon.start()
        asyncio.run(run(daemon, options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
