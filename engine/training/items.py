"""What one training example of the DiT consists of, and the numbers that decide which are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.tasks.values import Prompt
from engine.training.latents import LatentSong
from engine.training.sung import SungWord

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class DitRecipe:
    """Numbers of the training; lengths in latent frames (25 a second)."""

    lengths: tuple[int, ...] = (288, 384, 512, 640, 768)
    frames: int = 4608  # a batch holds about this many latent frames, whatever the crop length
    rate: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.97)
    weight_decay: float = 0.05
    clip: float = 1.0
    average: float = 0.998
    time_mean: float = -0.2
    time_spread: float = 1.0
    pure_noise: float = 0.65  # share of extract items at t = 1: there the answer is the mean of what fits
    # and of all the others: every render begins there, and what only extract was shown there, all would do.
    beginning: float = 0.08
    listening: float = 0.4  # share of sung items nearly without noise, as `align` reads them
    drop_condition: float = 0.1
    drop_grid: float = 0.12
    attention: float = 0.4  # weight of the alignment heads' own loss
    tasks: tuple[tuple[str, float], ...] = (
        ("text2music", 0.32),
        ("repaint", 0.17),
        ("cover", 0.05),
        ("extract", 0.31),
        ("lego", 0.09),
        ("complete", 0.06),
    )
    outside_weight: float = 0.1  # the loss outside a zone, where the answer is known or not asked for
    bar_start: float = 0.7  # share of crops that start on a bar line
    reference: float = 0.15  # share of text2music and cover items that hear a reference timbre
    often: tuple[float, float, float] = (2.5, 1.0, 0.4)  # how often sung songs, others, those without stems
    voice: float = 0.35  # share of extract items of sung songs that ask for the voice
    absent: float = 0.06  # share of extract items that ask for what is not there
    seed: int = 2


@dataclass(frozen=True, slots=True)
class Crop:
    """A stretch of a song: `span` of its latent frames."""

    song: LatentSong
    span: slice

    @property
    def length(self) -> int:
        return self.span.stop - self.span.start

    def of(self, track: NDArray[np.float16]) -> Array:
        """The crop of one of the song's tracks (T, 64), fp32."""
        out: Array = track[self.span].astype(np.float32)
        return out


@dataclass(frozen=True, slots=True)
class Item:
    """One example.

    latents (T, 64): what is wanted.  source (T, 64): what is shown; coded: of it, only what its codes keep.
    mask (T,), 1 = generate.  weight (T,): of the loss.  words: what is sung in `latents`, when, and where the
    prompt's lyrics say it.  timbre (n, 64): a reference, or None.
    """

    task: str
    latents: Array
    source: Array
    mask: Array
    weight: Array
    phase: Array
    words: tuple[SungWord, ...]
    instruction: str
    prompt: Prompt
    coded: bool = False
    timbre: Array | None = None
