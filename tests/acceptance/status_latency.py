"""How long /status takes to be answered: idle, while a render runs, and while a killed engine starts again.

Run: python -m tests.acceptance.status_latency
"""

import argparse
import asyncio
import os
import signal
import sys
import time

from bridge.client import Client
from protocol.messages import Status
from protocol.replies import StatusDone
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


async def ask_until_ready(client: Client) -> list[float]:
    """Milliseconds of every status until the engine, just killed, is warm again."""
    spent, was_away = list[float](), False
    while True:
        began = time.perf_counter()
        told = await client.ask(Status(request_id=f"away{began}"), 60)
        spent.append(1000 * (time.perf_counter() - began))
        is_ready = isinstance(told, StatusDone) and told.engine == "ready"
        if is_ready and was_away:
            return spent
        was_away = was_away or not is_ready
        await asyncio.sleep(0.01)


async def run(daemon: DaemonProcess, options: argparse.Namespace) -> None:
    """A few jobs in a row, and status all the time."""
    song = write_song(daemon.place / "song.wav", 30)
    async with ready(daemon) as client:
        restarting: list[float] = []
        idle = [await ask_status(client, number) for number in range(100)]
        jobs = [
            asyncio.create_task(client.ask(repaint(f"job{number}", song, seed=number), 300))
            for number in range(options.count)
        ]
        busy: list[float] = []
        while not all(job.done() for job in jobs):
            busy.append(await ask_status(client, len(busy)))
            await asyncio.sleep(0.01)
        for _ in range(options.kills):
            os.kill(daemon.engine_pid(), signal.SIGKILL)
            restarting += await ask_until_ready(client)
    show(
        f"status by OSC, {options.count} jobs one after the other, {len(busy)} questions",
        {
            "idle, median ms": percentile(idle, 0.5),
            "idle, worst ms": max(idle),
            "rendering, median ms": percentile(busy, 0.5),
            "rendering, 99 % ms": percentile(busy, 0.99),
            "rendering, worst ms": max(busy),
            f"restarting ({options.kills} times), median ms": percentile(restarting, 0.5),
            "restarting, 99 % ms": percentile(restarting, 0.99),
            "restarting, worst ms": max(restarting),
        },
    )
    require(
        percentile(busy, 0.99) <= ALLOWED_MS, f"99 % of status within {ALLOWED_MS:.0f} ms while rendering"
    )
    require(
        percentile(restarting, 0.99) <= ALLOWED_MS,
        f"99 % of status within {ALLOWED_MS:.0f} ms while the engine restarts",
    )


def main() -> int:
    """The script."""
    options = parse(str(__doc__), count=5, kills=5)
    with workplace(options) as daemon:
        daemon.start()
        asyncio.run(run(daemon, options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
