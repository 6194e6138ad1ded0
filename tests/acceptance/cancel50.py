"""Fifty cancels at random moments of a repaint: how long until "cancelled", against the longest single step.

Run: python -m tests.acceptance.cancel50
"""

import argparse
import asyncio
import itertools
import random
import sys
import time

from bridge.client import Client
from protocol.messages import Cancel, Sync
from protocol.replies import Cancelled, Progress, RepaintDone
from tests.acceptance.common import (
    DaemonProcess,
    files_of,
    parse,
    percentile,
    ready,
    repaint,
    require,
    show,
    workplace,
    write_song,
)

SLACK_S = 0.1


async def time_steps(client: Client, daemon: DaemonProcess, name: str) -> tuple[float, float]:
    """(seconds of a whole job, longest time between two of its replies)."""
    moments = [time.monotonic()]
    async for reply in client.request(repaint(name, daemon.place / "song.wav")):
        require(isinstance(reply, RepaintDone) or not hasattr(reply, "code"), f"a plain repaint: {reply}")
        moments.append(time.monotonic())
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    return moments[-1] - moments[0], max(gaps)


async def cancel_after(client: Client, daemon: DaemonProcess, name: str, wait_s: float) -> tuple[float, str]:
    """Starts a job, cancels it after a while; (seconds until its end was told, stage it was in)."""
    told_at, stage, end = 0.0, "queued", ""

    async def cancel() -> None:
        nonlocal told_at
        await asyncio.sleep(wait_s)
        told_at = time.monotonic()
        await client.ask(Cancel(request_id=f"stop-{name}", job=name), 10)

    cancelling = asyncio.create_task(cancel())
    async for reply in client.request(repaint(name, daemon.place / "song.wav")):
        if isinstance(reply, Progress) and not told_at:
            stage = reply.stage
        end = type(reply).__name__
    ended_at = time.monotonic()
    await cancelling
    return (ended_at - told_at, stage) if end == Cancelled.__name__ else (-1.0, "done")


async def run(daemon: DaemonProcess, options: argparse.Namespace) -> None:
    """All cancels, one after the other."""
    write_song(daemon.place / "song.wav", 20)
    moments = random.Random(options.seed)
    async with ready(daemon) as client:
        await time_steps(client, daemon, "warm")
        whole = [await time_steps(client, daemon, f"plain-{number}") for number in range(3)]
        job_s, step_s = max(one[0] for one in whole), max(one[1] for one in whole)
        before = files_of(daemon)
        tried = [
            await cancel_after(client, daemon, f"job-{number}", moments.uniform(0, job_s))
            for number in range(options.count)
        ]
        await client.ask(Sync(request_id="sync"), 10)
    late = [seconds for seconds, _ in tried if seconds >= 0]
    done = [name for name in files_of(daemon) - before if name.endswith(".json")]
    show(
        f"{options.count} cancels at random moments",
        {
            "one job, s": job_s,
            "longest step, s": step_s,
            "cancelled": len(late),
            "done before the cancel came": len(tried) - len(late),
            "median latency, s": percentile(late, 0.5),
            "worst latency, s": max(late),
            "allowed, s": step_s + SLACK_S,
            "stages": ", ".join(sorted({stage for seconds, stage in tried if seconds >= 0})),
            "files of cancelled jobs": len(done) - (len(tried) - len(late)),
        },
    )
    require(max(late) <= step_s + SLACK_S, "a cancel takes effect within one step + 100 ms")
    require(len(done) == len(tried) - len(late), "a cancelled job leaves no file")
    require(not any(name.startswith(".") for name in files_of(daemon)), "nothing half-written is left")


def main() -> int:
    """The script."""
    options = parse(str(__doc__), count=50)
    with workplace(options) as daemon:
        daemon.start()
        asyncio.run(run(daemon, options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
