"""Eight takes of one region: one encode of the source, eight seeds, ranked, and the same a second time.

Run: python -m tests.acceptance.batch8 [--model FOLDER] (of a model with alignment heads, to rank by)
"""

import argparse
import asyncio
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import soundfile

from bridge.client import Client
from protocol.replies import Progress, RepaintDone
from tests.acceptance.common import DaemonProcess, parse, ready, repaint, require, show, workplace, write_song

LYRICS = "[chorus]\nroll on river roll\nroll me down to the sea"


async def batch(client: Client, song: Path, name: str, takes: int) -> tuple[int, RepaintDone]:
    """How often the source was encoded, and the reply."""
    encodes, done = 0, None
    async with asyncio.timeout(1800):
        async for reply in client.request(replace(repaint(name, song), lyrics=LYRICS, takes=takes)):
            encodes += isinstance(reply, Progress) and reply.stage == "encode" and reply.step == 0
            done = reply
    if not isinstance(done, RepaintDone):
        raise SystemExit(f"FAILED: {done}")
    return encodes, done


def content(path: str) -> bytes:
    """A file's samples, or its text: a WAV's head has the job's id and date."""
    wave = Path(path).suffix == ".wav"
    return bytes(soundfile.read(path, dtype="int32")[0].tobytes()) if wave else Path(path).read_bytes()


async def run(daemon: DaemonProcess, options: argparse.Namespace) -> None:
    """Twice the same batch."""
    song = write_song(daemon.place / "song.wav", 20)
    async with ready(daemon) as client:
        encodes, one = await batch(client, song, "one", options.takes)
        again, two = await batch(client, song, "two", options.takes)
    scores: list[dict[str, Any]] = json.loads(one.scores)
    values = [(score["alignment"] or {}).get("value", 0.0) for score in scores]
    rows = {f"rank {place}": f"seed {s['seed']:>3}  alignment {v:.4f}  {Path(t).name}"
            for place, (s, v, t) in enumerate(zip(scores, values, one.takes, strict=True), 1)}  # fmt: skip
    files = [*zip(one.takes, two.takes, strict=True), *zip(one.lyric_files, two.lyric_files, strict=True)]
    differing = sum(content(a) != content(b) for a, b in files)
    facts = {
        "encodes of the source": f"{encodes} and {again}",
        "different seeds": len(set(one.seeds)),
        "different takes": len({content(take) for take in one.takes}),
        "lyrics": one.lyric_note or f"{len(one.lyric_files)} files",
        "files that differ in the second run": f"{differing} of {len(files)}",
    }
    show(f"{options.takes} takes of one region", rows | facts)
    require(encodes == again == 1, "one encode of the source")
    require(len(set(one.seeds)) == options.takes == facts["different takes"], "distinct seeds and takes")
    require(values == sorted(values, reverse=True), "ranked best first")
    require(differing == 0 and one.seeds == two.seeds, "the same batch, the same files in the same order")


def main() -> int:
    """The script."""
    options = parse(str(__doc__), takes=8)
    with workplace(options) as daemon:
        daemon.start()
        asyncio.run(run(daemon, options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
