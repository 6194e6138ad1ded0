"""Training items for the DiT: crops of latent songs, what is masked in them, and the words that go along."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.tasks.instructions import INSTRUCTIONS
from engine.tasks.values import Prompt
from engine.training.corpus.values import MeterPoint, Song
from engine.training.latents import LatentSong

FRAME_S = 0.04
SIGNATURES = {(2, 4): "2", (3, 4): "3", (4, 4): "4", (6, 8): "6"}
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
    drop_condition: float = 0.1
    drop_grid: float = 0.12
    repaint: float = 0.5  # share of items; the others are text2music
    outside_weight: float = 0.1  # the loss outside a repaint's zone, where the answer is in the input
    bar_start: float = 0.7  # share of crops that start on a bar line
    seed: int = 2


@dataclass(frozen=True, slots=True)
class Batch:
    """latents, source (B, T, 64); mask (B, T), 1 = generate; phase (B, T, 2); with_grid (B,) bool; prompts
    per item.
    """

    latents: Array
    source: Array
    mask: Array
    phase: Array
    with_grid: NDArray[np.bool_]
    instructions: tuple[str, ...]
    prompts: tuple[Prompt, ...]


def draw_batch(songs: list[LatentSong], silence: Array, recipe: DitRecipe, rng: np.random.Generator) -> Batch:
    """A batch of crops of one random length. silence: (64,), the latent of silence."""
    longest = max(len(s.mix) for s in songs)
    length = int(rng.choice([n for n in recipe.lengths if n <= longest]))
    fitting = [s for s in songs if len(s.mix) >= length]
    items = [draw_item(fitting, length, recipe, rng) for _ in range(recipe.frames // length)]
    latents, masks, phases, prompts = (list(x) for x in zip(*items, strict=True))
    mask = np.stack(masks)
    clean = np.stack(latents)
    return Batch(
        latents=clean,
        source=np.where(mask[..., None] > 0, silence, clean).astype(np.float32),
        mask=mask,
        phase=np.stack(phases),
        with_grid=rng.random(len(items)) >= recipe.drop_grid,
        instructions=tuple(INSTRUCTIONS["text2music" if m.all() else "repaint"] for m in masks),
        prompts=tuple(prompts),
    )


def draw_item(
    songs: list[LatentSong], length: int, recipe: DitRecipe, rng: np.random.Generator
) -> tuple[Array, Array, Array, Prompt]:
    """One crop: latents (T, 64), mask (T,), phase (T, 2), prompt."""
    song = songs[rng.integers(len(songs))]
    last = len(song.mix) - length
    starts = song.bars[song.bars <= last]
    on_bar = len(starts) and rng.random() < recipe.bar_start
    lo = int(rng.choice(starts)) if on_bar else int(rng.integers(last + 1))
    span = slice(lo, lo + length)
    mask = np.ones(length, np.float32)
    if rng.random() < recipe.repaint:
        mask = repaint_mask(song.bars - lo, length, rng)
    return song.mix[span], mask, song.phase[span], draw_prompt(song.song, length, rng)


def repaint_mask(bars: NDArray[np.int64], length: int, rng: np.random.Generator) -> Array:
    """A zone of 8..60 % of the crop, mostly from bar line to bar line, sometimes open to one side."""
    width = int(length * rng.uniform(0.08, 0.6))
    lo = int(rng.integers(length - width + 1))
    hi = lo + width
    inside = bars[(bars > 0) & (bars < length)]
    if len(inside) > 1 and rng.random() < 0.75:  # the nearest bar lines
        lo, hi = (int(inside[np.abs(inside - x).argmin()]) for x in (lo, hi))
    if rng.random() < 0.1:
        lo, hi = rng.choice(((0, hi), (lo, length)))
    mask = np.zeros(length, np.float32)
    mask[lo : max(hi, lo + 8)] = 1
    return mask


def draw_prompt(song: Song, length: int, rng: np.random.Generator) -> Prompt:
    """What a user may say of this music: a random wording, each piece of metadata sometimes left out."""
    caption = str(rng.choice(song.captions)) if rng.random() < 0.95 else ""
    prompt = song_prompt(song, length * FRAME_S, caption)
    keep = rng.random(3) < 0.75
    return replace(
        prompt,
        lyrics=str(rng.choice(("", "[Instrumental]", song.lyrics))),
        bpm=prompt.bpm if keep[0] else None,
        keyscale=prompt.keyscale if keep[1] else "",
        timesignature=prompt.timesignature if keep[2] else "",
    )


def song_prompt(song: Song, seconds: float, caption: str) -> Prompt:
    """The full prompt of a song."""
    return Prompt(
        caption=caption,
        lyrics="[Instrumental]",
        language="en",
        bpm=float(song.tempo[0].bpm),
        keyscale=song.keyscale,
        timesignature=signature(song.meter[0]),
        duration_s=seconds,
    )


def signature(meter: MeterPoint) -> str:
    """ACE-Step's spelling of a time signature; empty for those it has no word for."""
    return SIGNATURES.get((meter.numerator, meter.denominator), "")
