"""Writes songs with their stems to a folder and reads them back; resumable."""

import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from .composer import VOCAL_SHARE, compose
from .render import render_parts
from .values import Song, song_from_json, song_to_json

SEEDS_PER_BASE = 1_000_000


@dataclass(frozen=True, slots=True)
class Order:
    """One song to write: folder, seed, least seconds, soundfont or None, share of songs with vocals."""

    folder: Path
    seed: int
    seconds: float
    soundfont: Path | None
    vocals: float


def write_song(order: Order) -> float:
    """Composes, renders and writes one song; returns its seconds.  A
    half-written folder never has the final name.
    """
    song = compose(order.seed, order.seconds, order.vocals)
    stems = render_parts(song, order.soundfont)
    audio = np.stack([np.rint(stem * 32767.0).astype(np.int16) for stem in stems.values()])
    temporary = order.folder.with_name(f".{order.folder.name}.{os.getpid()}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    np.save(temporary / "audio.npy", audio)  # (stems, 2, n)
    sheet = {
        "song": json.loads(song_to_json(song)),
        "stems": list(stems),
        "soundfont": None if order.soundfont is None else order.soundfont.name,
    }
    (temporary / "song.json").write_text(json.dumps(sheet), encoding="utf-8")
    temporary.rename(order.folder)
    return audio.shape[2] / 48_000


def read_song(folder: Path) -> tuple[Song, list[str], np.ndarray]:
    """The song, its stem classes in order, and their audio (stems, 2,
    n) int16 at 48 kHz, owned by the caller.
    """
    sheet = json.loads((folder / "song.json").read_text(encoding="utf-8"))
    song = song_from_json(json.dumps(sheet["song"]))
    return song, sheet["stems"], np.load(folder / "audio.npy")


def list_orders(  # noqa: PLR0913, PLR0917 - what the command asks for
    out: Path, count: int, seed: int, seconds: float, soundfonts: list[Path], vocals: float
) -> list[Order]:
    """The songs not yet there; soundfonts take turns, index by index."""
    orders = []
    for index in range(count):
        folder = out / f"song_{index:06d}"
        font = soundfonts[index % len(soundfonts)] if soundfonts else None
        if not folder.exists():
            orders.append(Order(folder, seed * SEEDS_PER_BASE + index, seconds, font, vocals))
    return sorted(orders, key=lambda order: str(order.soundfont))  # a process loads a font once, not in turns


def write_dataset(  # noqa: PLR0913, PLR0917 - the interface other parts of the training were given
    out: Path,
    count: int,
    seed: int,
    seconds: float,
    soundfonts: list[Path],
    workers: int,
    report: Callable[[float], None] = lambda seconds: None,
    vocals: float = VOCAL_SHARE,
) -> None:
    """Writes `count` songs into `out`; `report` hears the seconds of each as it is done.

    Finished songs are skipped.  A song's seed is `seed` * 1 000 000 + its index, so another `seed` is
    another split.
    """
    out.mkdir(parents=True, exist_ok=True)
    orders = list_orders(out, count, seed, seconds, soundfonts, vocals)
    if workers <= 1:
        for order in orders:
            report(write_song(order))
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:  # a caller may have threads
        waiting = [pool.submit(write_song, order) for order in orders]
        for done in as_completed(waiting):
            report(done.result())
