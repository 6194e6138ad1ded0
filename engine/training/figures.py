"""What is measured of a model on a song: one function a table row or a few; every figure beside its baseline.

A figure's name ends in its unit. Times are medians over songs, everything else means (evaluate.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from engine.models import Models
from engine.tasks import render
from engine.tasks.values import Rendered, RepaintTask, Settings, Text2MusicTask
from engine.training import measures
from engine.training.batches import song_prompt
from engine.training.corpus.grid import bar_starts, grid_phase, seconds_of_beats
from engine.training.corpus.values import Song
from engine.training.latents import frame_centres

Array = NDArray[np.float32]
Figures = dict[str, float]
GENERATED_S = 24.0
TEMPO_TOLERANCE = 0.02
FADE = 960  # samples of crossfade a delivery uses by default


@dataclass(frozen=True, slots=True)
class Case:
    """A held-out song: its mix and stems, (2, n) each in -1..1, and the seed to measure with."""

    song: Song
    mix: Array
    stems: dict[str, Array]
    seed: int


def quiet(stage: str, step: int, of: int) -> None:
    """Nobody watches an evaluation's steps."""


def grid_of(song: Song, samples: int) -> Array:
    """Beat and bar phase at the latent frames of `samples` samples."""
    return grid_phase(song, frame_centres(-(-samples // 1920))).astype(np.float32)


def beats_until(song: Song, seconds: float, step: float = 1.0) -> NDArray[np.float64]:
    """Times of the song's quarter-note beats (or every `step` of one) before `seconds`."""
    times = seconds_of_beats(song, np.arange(0, song.beats, step))
    return times[times < seconds - 0.05]


def beat_figures(name: str, audio: Array, song: Song) -> Figures:
    """Tempo and phase of audio against the song's own grid."""
    seconds = audio.shape[-1] / measures.RATE
    asked = beats_until(song, seconds)
    bpm = measures.tempo_of(asked)
    beats = measures.track_beats(audio, asked)
    ratio = measures.tempo_ratio(measures.tempo_of(beats), bpm)
    errors = np.abs(measures.beat_errors(beats, asked))
    return {
        f"{name}tempo_within_2pct": float(abs(ratio - 1) <= TEMPO_TOLERANCE),
        f"{name}beat_phase_ms": 1000 * float(np.median(errors)),
        f"{name}on_grid": measures.on_grid_ratio(audio, beats_until(song, seconds, 0.5)),
    }


@torch.inference_mode()
def vae_figures(models: Models, case: Case) -> Figures:
    """Round trip of the mix against itself; baseline: the mix 20 ms late."""
    back = models.vae.decode(models.vae.encode(torch.from_numpy(case.mix)[None]))[0].numpy()
    late = np.roll(case.mix, 960, axis=1)
    return {
        "vae_mel_l1_db": measures.mel_l1_db(case.mix, back[:, : case.mix.shape[1]]),
        "base_20ms_late_mel_l1_db": measures.mel_l1_db(case.mix, late),
    }


def generate_figures(models: Models, case: Case) -> Figures:
    """Text to music with and without the grid: tempo, beat, key; beside it the real song."""
    samples = min(int(GENERATED_S * measures.RATE), case.mix.shape[1])
    prompt = song_prompt(case.song, samples / measures.RATE, case.song.caption)
    make = partial(Text2MusicTask, samples, prompt, Settings(seed=case.seed))
    asked = render(models, make(grid_of(case.song, samples)), quiet).audio
    unguided = render(models, make(None), quiet).audio
    real = case.mix[:, :samples]
    return (
        beat_figures("", asked, case.song)
        | beat_figures("base_no_grid_", unguided, case.song)
        | beat_figures("real_", real, case.song)
        | {"key_top1": measures.key_hit(asked, case.song.keyscale)}
        | {"real_key_top1": measures.key_hit(real, case.song.keyscale)}
    )


def repaint_zone(song: Song, samples: int) -> tuple[int, int]:
    """Four bars, or what fits, from the third bar on: samples."""
    bars = np.rint(seconds_of_beats(song, bar_starts(song)) * measures.RATE).astype(int)
    bars = bars[bars < samples - 2 * measures.RATE]
    return int(bars[min(2, len(bars) - 2)]), int(bars[min(6, len(bars) - 1)])


def splice(mix: Array, made: Rendered, lo: int, hi: int) -> Array:
    """The mix with lo..hi replaced, equal-power fades inside, as a delivery does it."""
    out = mix.copy()
    new = made.audio[:, lo - made.start : hi - made.start]
    angle = np.linspace(0, np.pi / 2, FADE, dtype=np.float32)
    weight = np.ones(hi - lo, np.float32)
    weight[:FADE], weight[-FADE:] = np.sin(angle), np.cos(angle)
    out[:, lo:hi] = new * weight + mix[:, lo:hi] * np.sqrt(1 - weight**2)
    return out


def make_repaint(models: Models, case: Case) -> tuple[Array, int, int]:
    """The song with four bars repainted from its own caption, and the region in samples."""
    lo, hi = repaint_zone(case.song, case.mix.shape[1])
    prompt = song_prompt(case.song, case.mix.shape[1] / measures.RATE, case.song.caption)
    grid = grid_of(case.song, case.mix.shape[1])
    made = render(models, RepaintTask(case.mix, lo, hi, prompt, Settings(seed=case.seed), grid), quiet)
    return splice(case.mix, made, lo, hi), lo, hi


def repaint_figures(models: Models, case: Case) -> Figures:
    """Four bars repainted: the seams' flux, and the beat of the whole; baseline: other music pasted there.

    bars_flux_ratio: the song's own bar lines elsewhere by the same measure, which is what a seam on a bar
    line has to be like.
    """
    out, lo, hi = make_repaint(models, case)
    paste = case.mix.copy()
    paste[:, lo:hi] = np.roll(case.mix[:, ::-1], measures.RATE // 3, axis=1)[:, lo:hi]
    bars = np.rint(seconds_of_beats(case.song, bar_starts(case.song)) * measures.RATE).astype(int)
    others = [int(b) for b in bars if 4800 < b < case.mix.shape[1] - 4800 and b not in (lo, hi)]
    seams = {"": (out, [lo, hi]), "real_": (case.mix, [lo, hi]), "base_paste_": (paste, [lo, hi])}
    flux = {k: measures.seam_flux_ratio(audio, at, case.mix) for k, (audio, at) in seams.items()}
    usual = measures.seam_flux_ratio(case.mix, others, case.mix)
    return (
        beat_figures("repaint_", out, case.song)
        | {f"{name}seam_flux_ratio": value for name, value in flux.items()}
        | {"bars_flux_ratio": usual, "seam_over_bars": flux[""] / max(usual, 1e-9)}
    )


Measure = Callable[[Models, Case], Figures]
