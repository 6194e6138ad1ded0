"""The table of the model card: held-out songs, estimators we did not write, baselines beside every figure."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

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
from engine.training.songs import load_audio, mix_of

Array = NDArray[np.float32]
Figures = dict[str, float]
GENERATED_S = 24.0
TEMPO_TOLERANCE = 0.02
FADE = 960  # samples of crossfade a delivery uses by default


@dataclass(frozen=True, slots=True)
class Case:
    """A held-out song with its mix."""

    song: Song
    mix: Array
    seed: int


def quiet(stage: str, step: int, of: int) -> None:
    """Nobody watches an evaluation's steps."""


def beats_until(song: Song, seconds: float) -> NDArray[np.float64]:
    """Times of the song's quarter-note beats before `seconds`."""
    times = seconds_of_beats(song, np.arange(0, song.beats, 1.0))
    return times[times < seconds - 0.05]


def grid_of(song: Song, samples: int) -> Array:
    """Beat and bar phase at the latent frames of `samples` samples."""
    return grid_phase(song, frame_centres(-(-samples // 1920))).astype(np.float32)


def beat_figures(name: str, audio: Array, song: Song) -> Figures:
    """Tempo and phase of audio against the song's own grid."""
    seconds = audio.shape[-1] / measures.RATE
    asked = beats_until(song, seconds)
    bpm = measures.tempo_of(asked)
    beats = measures.track_beats(audio, bpm)
    ratio = measures.tempo_ratio(measures.tempo_of(beats), bpm)
    halves = seconds_of_beats(song, np.arange(0, song.beats, 0.5))
    errors = np.abs(measures.beat_errors(beats, asked))
    return {
        f"{name}_tempo_within_2pct": float(abs(ratio - 1) <= TEMPO_TOLERANCE),
        f"{name}_beat_phase_ms": 1000 * float(np.median(errors)),
        f"{name}_on_grid": measures.on_grid_ratio(audio, halves[halves < seconds]),
    }


@torch.inference_mode()
def vae_figures(models: Models, case: Case) -> Figures:
    """Round trip of the mix against itself; baseline: the mix 20 ms late."""
    latents = models.vae.encode(torch.from_numpy(case.mix)[None])
    back = models.vae.decode(latents)[0].numpy()[:, : case.mix.shape[1]]
    late = np.roll(case.mix, 960, axis=1)
    return {
        "vae_mel_l1_db": measures.mel_l1_db(case.mix, back),
        "base_20ms_late_mel_l1_db": measures.mel_l1_db(case.mix, late),
    }


def generate_figures(models: Models, case: Case) -> Figures:
    """Text to music with and without the grid; beside it the real song and its VAE round trip."""
    samples = min(int(GENERATED_S * measures.RATE), case.mix.shape[1])
    prompt = song_prompt(case.song, samples / measures.RATE, case.song.caption)
    make = partial(Text2MusicTask, samples, prompt, Settings(seed=case.seed))
    asked = render(models, make(grid_of(case.song, samples)), quiet).audio
    unguided = render(models, make(None), quiet).audio
    return (
        beat_figures("generated", asked, case.song)
        | beat_figures("no_grid", unguided, case.song)
        | beat_figures("real", case.mix[:, :samples], case.song)
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
    """Four bars repainted: the seams' flux, and the beat inside; baseline: other music pasted there."""
    out, lo, hi = make_repaint(models, case)
    paste = case.mix.copy()
    paste[:, lo:hi] = np.roll(case.mix[:, ::-1], measures.RATE // 3, axis=1)[:, lo:hi]
    inside = beat_figures("repaint", out, case.song) | beat_figures("untouched", case.mix, case.song)
    seams = {"": out, "real_": case.mix, "base_paste_": paste}
    return inside | {
        f"{name}seam_flux_ratio": measures.seam_flux_ratio(audio, [lo, hi], case.mix)
        for name, audio in seams.items()
    }


MEASURED: tuple[Callable[[Models, Case], Figures], ...] = (vae_figures, generate_figures, repaint_figures)


def read_cases(corpus: Path, count: int) -> list[Case]:
    """The first `count` songs of a held-out corpus."""
    return [Case(audio.song, mix_of(audio), seed) for seed, audio in enumerate(load_audio(corpus, count))]


def evaluate(model: str, cases: list[Case], out: Path | None) -> dict[str, dict[str, float]]:
    """Measure a model (name or folder) on held-out songs; print the table and write it flat to `out`."""
    models = open_models(model)
    rows: dict[str, list[float]] = {}
    for case in cases:
        for measure in MEASURED:
            for name, value in measure(models, case).items():
                rows.setdefault(name, []).append(value)
    table = {name: summary(name, values) for name, values in rows.items()}
    for name, row in table.items():
        print(
            f"{name:32} {row['value']:8.3f}  [{row['lo']:.3f}, {row['hi']:.3f}]  n={row['n']:.0f}", flush=True
        )
    if out:
        out.write_text(json.dumps(table, indent=1) + "\n")
    return table


def open_models(model: str) -> Models:
    """A checkpoint by name or folder; "" is the shipped miniature."""
    from engine.store import load_models

    if not model:
        return load_models()
    return load_models(model) if Path(model).is_dir() else load_models(name=model)


def summary(name: str, values: list[float]) -> dict[str, float]:
    """Value, 95 % interval and count of one figure; times are medians, the others means."""
    center = np.median if name.endswith("_ms") else np.mean
    value, lo, hi = measures.interval(values, center)
    return {"value": value, "lo": lo, "hi": hi, "n": float(np.isfinite(values).sum())}
