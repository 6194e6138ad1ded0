"""Stems of real music and their remainder, added up, less the source: what is left must be below -90 dBFS.

A stereo file (the demo's real song) and one of six channels (the demo's two songs and, where Debian's
fretsonfire-songs-sectoid is installed, a multitrack of its), by masks and by signal processing, at the
source's depth and in float.

Run: python -m tests.acceptance.stems_null [--model FOLDER] [--seconds 20]
"""

import argparse
import asyncio
import math
import sys
from itertools import product
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from bridge.client import Client
from bridge.sources import resample
from engine.catalogue import choose, traits_of
from protocol.layers import Extract, ExtractDone
from tests.acceptance.common import (
    MINIATURE,
    RATE,
    ROOT,
    DaemonProcess,
    parse,
    ready,
    require,
    show,
    workplace,
    write_able_model,
)

SONGS = ROOT / "bridge" / "demo_sources"
DEBIAN = Path("/usr/share/games/fretsonfire/data/songs/sectoid/Metal madness")
ALLOWED_DBFS = -90.0
Floats = NDArray[np.float64]


def heard(path: Path, frames: int) -> Floats:
    """The first samples of a file at 48 kHz, (frames, channels)."""
    audio, rate = soundfile.read(path, always_2d=True)
    return resample(audio[: 2 * frames], rate, RATE)[:frames]


def write_sources(place: Path, seconds: int) -> dict[str, Path]:
    """Both files, 24 bits."""
    frames = seconds * RATE
    pairs = [heard(SONGS / f"{name}.flac", frames) for name in ("real_song", "heldout_song")]
    guitar = DEBIAN / "guitar.ogg"
    third = heard(guitar, frames) if guitar.is_file() else pairs[0][:, ::-1]
    six = np.concatenate([*pairs, np.pad(third[:, :2], ((0, frames - len(third)), (0, 0)))], axis=1)
    sources = {"stereo": pairs[0], "6 channels": six}
    for name, audio in sources.items():
        soundfile.write(place / f"{name}.wav", audio, RATE, subtype="PCM_24")
    return {name: place / f"{name}.wav" for name in sources}


def able_model(given: str | None, place: Path) -> Path:
    """The model asked for, else the miniature where it takes stems apart, else a tiny one that does."""
    if given:
        return Path(given).resolve()
    if (
        any(MINIATURE.glob("*/model.safetensors"))
        and "extract" not in traits_of(choose("", [MINIATURE])).cannot
    ):
        return MINIATURE
    return write_able_model(place / "tiny")


async def residual(client: Client, source: Path, mode: str, depth: str) -> tuple[float, float]:
    """What the files leave of the source when they are added up, and the loudest stem; peaks in dBFS."""
    name = f"{source.stem} {mode} {depth}".replace(" ", "-")
    request = Extract(
        request_id=name, source=str(source), stems=("drums", "bass"), mode=mode, bit_depth=depth, seed=1
    )
    done = await client.ask(request, 1800)
    if not isinstance(done, ExtractDone):
        raise SystemExit(f"FAILED: {done}")
    parts = [soundfile.read(path, always_2d=True)[0] for path in done.takes]
    left = np.sum(parts, axis=0) - soundfile.read(source, always_2d=True)[0]
    return dbfs(left), max(dbfs(part) for part in parts[:-1])


def dbfs(audio: Floats) -> float:
    """The peak; -inf for silence."""
    peak = float(np.abs(audio).max())
    return 20 * math.log10(peak) if peak else -math.inf


async def run(daemon: DaemonProcess, options: argparse.Namespace) -> None:
    """Every file in every way."""
    sources = write_sources(daemon.place, options.seconds)
    worst, rows = -math.inf, dict[str, object]()
    async with ready(daemon) as client:
        for (name, path), mode, depth in product(sources.items(), ("masked", "dsp"), ("source", "float")):
            left, stem = await residual(client, path, mode, depth)
            worst = max(worst, left)
            rows[f"{name}, {mode}, {depth}"] = f"residual {left:.1f} dBFS, loudest stem {stem:.1f} dBFS"
    show(f"stems + remainder - source, {options.seconds} s, model {daemon.model.name}", rows)
    require(worst <= ALLOWED_DBFS, f"a residual of at most {ALLOWED_DBFS:.0f} dBFS")


def main() -> int:
    """The script."""
    options = parse(str(__doc__), seconds=20)
    with workplace(options) as daemon:
        daemon.model = able_model(options.model, daemon.place)
        daemon.start()
        asyncio.run(run(daemon, options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
