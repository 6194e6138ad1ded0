"""Repainting four bars must take as long in a song of five minutes as in one of twenty seconds.

Run: python -m tests.acceptance.song_length
"""

import argparse
import asyncio
import sys
import time
from pathlib import Path
from statistics import median

from bridge.client import Client
from protocol.replies import RepaintDone
from tests.acceptance.common import DaemonProcess, parse, ready, repaint, require, show, workplace, write_song

SONGS_S = {"20 s": (20.0, (4, 8)), "5 min": (300.0, (70, 74))}
"""Seconds of the song, and the bars to repaint, in its midst."""


async def measure(client: Client, song: Path, bars: tuple[int, int], name: str) -> tuple[float, float]:
    """(seconds of the whole job, seconds in the engine)."""
    import json

    began = time.monotonic()
    reply = await client.ask(repaint(name, song, bars), 600)
    if not isinstance(reply, RepaintDone):
        raise SystemExit(f"FAILED: {reply}")
    return time.monotonic() - began, sum(json.loads(reply.seconds).values())


async def run(daemon: DaemonProcess, options: argparse.Namespace) -> None:
    """Both songs in turn, so that a busy machine slows both."""
    songs = {name: write_song(daemon.place / f"{s:.0f}.wav", s) for name, (s, _) in SONGS_S.items()}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in songs}
    async with ready(daemon) as client:
        await measure(client, songs["20 s"], SONGS_S["20 s"][1], "warm")
        for turn in range(options.count):
            for name, song in songs.items():
                label = f"{name.replace(' ', '')}-{turn}"
                times[name].append(await measure(client, song, SONGS_S[name][1], label))
    short, long = (median(one[0] for one in times[name]) for name in songs)
    engine = {name: median(one[1] for one in times[name]) for name in songs}
    rows: dict[str, object] = {
        f"{name}: whole job, s": median(one[0] for one in times[name]) for name in songs
    }
    rows |= {f"{name}: in the engine, s": seconds for name, seconds in engine.items()}
    rows |= {"ratio, whole job": long / short, "ratio, engine": engine["5 min"] / engine["20 s"]}
    show(f"four bars at 120 bpm, median of {options.count}", rows)
    require(long / short < 2, "the time does not grow with the song")


def main() -> int:
    """The script."""
    options = parse(str(__doc__), count=5)
    with workplace(options) as daemon:
        daemon.start()
        asyncio.run(run(daemon, options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
