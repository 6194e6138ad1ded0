"""Spectrograms of held-out songs: the song, its VAE round trip, the same with four bars repainted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from engine.models import Models
from engine.training import measures
from engine.training.corpus.grid import bar_starts, seconds_of_beats
from engine.training.figures import Array, Case, make_repaint


@torch.inference_mode()
def round_trip(models: Models, mix: Array) -> Array:
    """The mix through encoder and decoder, same length."""
    out: Array = models.vae.decode(models.vae.encode(torch.from_numpy(mix)[None]))[0].numpy()[
        :, : mix.shape[1]
    ]
    return out


def draw_case(models: Models, case: Case, path: Path) -> None:
    """Three mel pictures above each other with bar lines; the repainted region between red lines."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    repainted, lo, hi = make_repaint(models, case)
    rows = {
        f"held-out song ({case.song.caption})": case.mix,
        "through the VAE": round_trip(models, case.mix),
        "four bars repainted": repainted,
    }
    seconds = case.mix.shape[1] / measures.RATE
    bars = seconds_of_beats(case.song, bar_starts(case.song))
    figure, axes = plt.subplots(3, 1, figsize=(12, 8), sharex=True)
    for (title, audio), axis in zip(rows.items(), axes, strict=True):
        picture = measures.mel_db(audio)
        axis.imshow(
            picture, origin="lower", aspect="auto", extent=(0, seconds, 0, len(picture)), cmap="magma"
        )
        axis.vlines(bars[bars < seconds], 0, 4, colors="white", linewidth=0.8)
        axis.set_title(title, fontsize=9, loc="left")
        axis.set_ylabel("mel band")
    axes[2].vlines(np.array([lo, hi]) / measures.RATE, 0, 128, colors="red", linewidth=1)
    axes[2].set_xlabel("seconds; white ticks are bar lines")
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    plt.close(figure)


def draw_cases(models: Models, cases: list[Case], folder: Path) -> None:
    """One PNG a song: song_1.png ..."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, case in enumerate(cases, 1):
        draw_case(models, case, folder / f"song_{number}.png")
