"""The same request twice, and again after a restart of the daemon: the same samples; another seed: others.

Run: python -m tests.acceptance.determinism
"""

import asyncio
import sys

import numpy as np
import soundfile

from protocol.replies import RepaintDone
from tests.acceptance.common import DaemonProcess, parse, ready, repaint, require, show, workplace, write_song


async def take(
    daemon: DaemonProcess, name: str, seed: int
) -> "np.ndarray[tuple[int, int], np.dtype[np.int32]]":
    """The samples of one repaint."""
    async with ready(daemon) as client:
        reply = await client.ask(repaint(name, daemon.place / "song.wav", seed=seed), 300)
    if not isinstance(reply, RepaintDone):
        raise SystemExit(f"FAILED: {reply}")
    samples, _ = soundfile.read(reply.take, dtype="int32", always_2d=True)
    return samples


def main() -> int:
    """The script."""
    with workplace(parse(str(__doc__))) as daemon:
        write_song(daemon.place / "song.wav", 20)
        daemon.start()
        first, second, other = (asyncio.run(take(daemon, n, s)) for n, s in (("a", 7), ("b", 7), ("c", 8)))
        daemon.stop()
        daemon.start()
        third = asyncio.run(take(daemon, "d", 7))
    differing = {
        "second": int(np.sum(first != second)),
        "after a restart": int(np.sum(first != third)),
        "another seed": int(np.sum(first != other)),
    }
    rows: dict[str, object] = {"samples of the region": first.size}
    show("differing samples against the first repaint", rows | differing)
    require(
        differing["second"] == 0 and differing["after a restart"] == 0, "the same request, the same samples"
    )
    require(differing["another seed"] > first.size // 2, "another seed, other samples")
    return 0


if __name__ == "__main__":
    sys.exit(main())
