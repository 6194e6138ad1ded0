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
from engine.training.keys import pitched_notes
from engine.training.songs import song_folders

TOGETHER = 4  # tracks encoded at once
GAIN_DB = 4.5  # spread of the stems' levels in a variant
Audio = NDArray[np.float32]
Latents = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class LatentSong:
    """A song as the DiT sees it; fp16, since hours of it lie in memory.

    mix (T, 64); stems, rests (S, T, 64) in the order of `names`, a rest being the mix without that stem; both
    empty where a folder was made without stems.  phase (T, 2): beat and bar phase in cycles at frame centres.
    """

    song: Song
    names: tuple[str, ...]
    mix: Latents
    stems: Latents
    rests: Latents
    phase: NDArray[np.float32]
    bars: NDArray[np.int64]  # latent frame in which each bar starts
    notes: NDArray[np.float64]  # of its pitched instruments, as keys.py lists them


def frame_centres(frames: int) -> NDArray[np.float64]:
    """Seconds of the centres of `frames` latent frames."""
    return (np.arange(frames) + 0.5) * HOP / 48000


@torch.inference_mode()
def encode_corpus(
    corpus: Path, vae: SpectralVae, out: Path, with_stems: bool = False, variants: int = 1
) -> int:
    """Encode every song of `corpus` that `out` does not hold yet. Returns how many files are there now.

    variants: of each song; those after the first have other levels of the stems (and sides swapped).
    """
    out.mkdir(parents=True, exist_ok=True)
    for folder in song_folders(corpus):
        targets = [out / f"{corpus.name}_{folder.name}.v{v}.npz" for v in range(variants)]
        if all(target.exists() for target in targets):
            continue
        song, names, stored = read_song(folder)
        for variant, target in enumerate(targets):
            stems = vary_levels(np.asarray(stored, np.float32) / 32768, variant, song.seed)
            latents = encode_tracks(vae, tracks_of(stems, with_stems))
            partial = target.with_suffix(".partial.npz")
            labels = np.array(names if with_stems else (), dtype=np.str_)
            np.savez(partial, song=song_to_json(song), names=labels, latents=latents)
            partial.rename(target)
    return len(list(out.glob("*song_*.npz")))


def tracks_of(stems: Audio, with_stems: bool) -> list[Audio]:
    """The mix, and where they are wanted every stem, and the mix without each."""
    mix = stems.sum(0)
    return [mix, *stems, *(mix - stem for stem in stems)] if with_stems else [mix]


def vary_levels(stems: Audio, variant: int, seed: int) -> Audio:
    """The stems (S, 2, n) as another engineer would have mixed them; variant 0 is the song's own mix."""
    if not variant:
        return stems
    rng = np.random.default_rng((seed, variant))
    gains = 10 ** (np.clip(rng.normal(0, GAIN_DB, len(stems)), -9, 6) / 20)
    louder: Audio = stems * gains[:, None, None].astype(np.float32)
    louder *= min(1.0, 0.95 / max(float(np.abs(louder.sum(0)).max()), 1e-9))
    return louder[:, ::-1] if rng.random() < 0.5 else louder


def encode_tracks(vae: SpectralVae, tracks: list[Audio]) -> Latents:
    """Tracks (2, n) -> latents (tracks, T, 64), the VAE's mean.

    bf16 products: their rounding is a hundredth of a latent's spread, and a corpus takes half the time.
    """
    found = []
    for at in range(0, len(tracks), TOGETHER):
        audio = torch.from_numpy(np.stack(tracks[at : at + TOGETHER]))
        with torch.autocast("cpu", torch.bfloat16):
            found.append(vae.encode(audio).float().numpy())
    return np.concatenate(found).astype(np.float16)


def load_latents(folder: Path) -> list[LatentSong]:
    """Every song of a latent folder, in memory."""
    return [read_latents(p) for p in sorted(folder.glob("*song_*.npz")) if ".partial" not in p.name]


def read_latents(path: Path) -> LatentSong:
    """One song of a latent folder."""
    with np.load(path) as z:
        song = song_from_json(str(z["song"]))
        latents = z["latents"]
        names = tuple(str(n) for n in z["names"])
    phase = grid_phase(song, frame_centres(latents.shape[1])).astype(np.float32)
    bars = np.flatnonzero(np.diff(phase[:, 1], prepend=1.0) < 0)
    stems, rests = latents[1 : 1 + len(names)], latents[1 + len(names) :]
    return LatentSong(song, names, latents[0], stems, rests, phase, bars, pitched_notes(song))
