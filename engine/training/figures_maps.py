"""Random tempo maps with ramps and meter changes, and how well generated audio follows them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from engine.models import Models
from engine.tasks import render
from engine.tasks.values import Settings, Text2MusicTask
from engine.training import measures
from engine.training.batches import song_prompt
from engine.training.corpus.composer import compose
from engine.training.corpus.values import MeterPoint, Song, TempoPoint
from engine.training.figures import Figures, beats_until, grid_of, quiet

SECONDS = 24.0
METERS = ((4, 4), (4, 4), (3, 4), (6, 8), (7, 8), (5, 4), (2, 4))
SEED = 5_000_000  # far from every corpus seed, and from the held-out songs'


def random_map(song: Song, rng: np.random.Generator) -> Song:
    """The song's prompt on another map: two to four tempi, at least one ramp, one or two meter changes.

    A tempo differs from the one before by at most a quarter, as in music that is to be played.
    """
    bpm = float(rng.uniform(75, 150))
    points, beat = [], 0.0
    for index in range(int(rng.integers(2, 5))):
        ramp = index == 0 or bool(rng.random() < 0.5)
        points.append(TempoPoint(Fraction(beat).limit_denominator(4), Fraction(round(bpm * 10), 10), ramp))
        beat += float(rng.integers(8, 20))
        bpm = float(np.clip(bpm * rng.uniform(0.8, 1.25), 60, 180))
    points[-1] = replace(points[-1], ramp=False)
    bars = sorted({0, *rng.integers(2, 10, size=2).tolist()})
    meter = tuple(MeterPoint(bar, *METERS[rng.integers(len(METERS))]) for bar in bars)
    return replace(song, tempo=tuple(points), meter=meter, beats=400.0)


def map_figures(models: Models, number: int) -> Figures:
    """One random map: median distance of tracked beats to the map's eighths; baseline: no grid told.

    Eighths, since a tracker may take the off-beat for the beat, and the beat of 6/8 or 7/8 is no quarter: the
    metrical levels that mir_eval's AML scores allow too. By chance alone the median would be 30 to 60 ms.
    """
    song = random_map(compose(SEED + number), np.random.default_rng(number))
    samples = round(SECONDS * measures.RATE)
    prompt = song_prompt(song, SECONDS, song.caption)
    asked, eighths = beats_until(song, SECONDS), beats_until(song, SECONDS, 0.5)
    figures = {}
    for name, grid in (("", grid_of(song, samples)), ("base_no_grid_", None)):
        task = Text2MusicTask(samples, prompt, Settings(seed=number), grid)
        beats = measures.track_beats(render(models, task, quiet).audio, asked)
        errors = np.abs(measures.beat_errors(beats, eighths))
        figures[f"{name}map_phase_ms"] = 1000 * float(np.median(errors))
    return figures
