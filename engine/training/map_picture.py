"""A picture of generated audio following tempo maps: its onsets, and the maps' beats and bar lines."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.models import Models
from engine.tasks import render
from engine.tasks.values import Settings, Text2MusicTask
from engine.training import measures
from engine.training.batches import song_prompt
from engine.training.corpus.composer import compose
from engine.training.corpus.grid import bar_starts, seconds_of_beats
from engine.training.figures import beats_until, grid_of, quiet
from engine.training.figures_maps import SECONDS, SEED, random_map

SHOWN = 3  # maps in the picture


def draw_maps(models: Models, path: Path) -> None:
    """The first random maps of the table, written to `path`."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        2 * SHOWN, 1, figsize=(13, 3.2 * SHOWN), sharex=True, height_ratios=[1, 2] * SHOWN
    )
    for number in range(SHOWN):
        song = random_map(compose(SEED + number), np.random.default_rng(number))
        samples = round(SECONDS * measures.RATE)
        prompt = song_prompt(song, SECONDS, song.caption)
        task = Text2MusicTask(samples, prompt, Settings(seed=number), grid_of(song, samples))
        audio = render(models, task, quiet).audio
        asked = beats_until(song, SECONDS)
        bars = seconds_of_beats(song, bar_starts(song))
        bars = bars[bars < SECONDS]
        tempo, onsets = axes[2 * number], axes[2 * number + 1]
        tempo.plot((asked[1:] + asked[:-1]) / 2, 60 / np.diff(asked), color="black")
        tempo.set_ylabel("bpm")
        meters = ", ".join(f"{m.numerator}/{m.denominator} from bar {m.bar + 1}" for m in song.meter)
        tempo.set_title(f"{song.style}; {meters}", fontsize=9, loc="left")
        envelope = measures.onset_envelope(audio)
        onsets.plot(np.arange(len(envelope)) * measures.HOP / measures.RATE, envelope, color="black", lw=0.6)
        top = float(envelope.max())
        onsets.vlines(asked, 0, 0.25 * top, color="grey", lw=1)
        onsets.vlines(bars, 0, 0.6 * top, color="red", lw=1)
        onsets.vlines(measures.track_beats(audio, asked), 0.8 * top, top, color="blue", lw=1)
        onsets.set_ylabel("onset strength")
    axes[-1].set_xlabel("seconds; red: bar lines, grey: beats of the map, blue: beats librosa hears")
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80)
    plt.close(figure)
