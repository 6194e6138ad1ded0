"""Turn a corpus into latents once, so that the DiT trains on small arrays: one .npz a song."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine.spectral import HOP, SpectralVae
from engine.training.corpus.dataset import read_song
from engine.training.corpus.grid import grid_phase
from engine.training.corpus.values import Song, song_from_json, song_to_json
from engine.training.songs import song_folders

CHUNK = 2000  # latent frames encoded at once


@dataclass(frozen=True, slots=True)
class LatentSong:
    """A song as the DiT sees it.

    mix (T, 64); stems (S, T, 64) in the order of `names`; phase (T, 2): beat and bar phase in cycles at
    frame centres.
    """

    song: Song
    names: tuple[str, ...]
    mix: NDArray[np.float32]
    stems: NDArray[np.float32]
    phase: NDArray[np.float32]
    bars: NDArray[np.int64]  # latent frame in which each bar starts


def frame_centres(frames: int) -> NDArray[np.float64]:
    """Seconds of the centres of `frames` latent frames."""
    return (np.arange(frames) + 0.5) * HOP / 48000


@torch.inference_mode()
def encode_corpus(corpus: Path, vae: SpectralVae, out: Path, with_stems: bool = False) -> int:
    """Encode every song of `corpus` that `out` does not hold yet. Returns how many are there now."""
    out.mkdir(parents=True, exist_ok=True)
    for folder in song_folders(corpus):
        target = out / f"{corpus.name}_{folder.name}.npz"
        if target.exists():
            continue
        song, names, stems = read_song(folder)
        tracks = [stems.sum(0, dtype=np.int32), *(stems if with_stems else ())]
        latents = [encode_track(vae, np.asarray(x, np.float32) / 32768) for x in tracks]
        partial = target.with_suffix(".partial.npz")
        np.savez(
            partial,
            song=song_to_json(song),
            names=np.array(names if with_stems else (), dtype=np.str_),
            latents=np.stack(latents).astype(np.float16),
        )
        partial.rename(target)
    return len(list(out.glob("*song_*.npz")))


def encode_track(vae: SpectralVae, audio: NDArray[np.float32]) -> NDArray[np.float32]:
    """Audio (2, n) -> latents (T, 64), the VAE's mean."""
    latents: NDArray[np.float32] = vae.encode(torch.from_numpy(audio)[None])[0].numpy()
    return latents


def load_latents(folder: Path) -> list[LatentSong]:
    """Every song of a latent folder, in memory."""
    return [read_latents(p) for p in sorted(folder.glob("*song_*.npz")) if ".partial" not in p.name]


def read_latents(path: Path) -> LatentSong:
    """One song of a latent folder."""
    with np.load(path) as z:
        song = song_from_json(str(z["song"]))
        latents = z["latents"].astype(np.float32)
        names = tuple(str(n) for n in z["names"])
    phase = grid_phase(song, frame_centres(latents.shape[1])).astype(np.float32)
    bars = np.flatnonzero(np.diff(phase[:, 1], prepend=1.0) < 0)
    return LatentSong(song, names, latents[0], latents[1:], phase, bars)
