"""Figures of the tasks that hear a source: extract and lego."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.masks import part_source, rule_of, with_rivals
from engine.models import Models
from engine.tasks import render
from engine.tasks.values import ExtractTask, LegoTask, Prompt, Settings
from engine.training import measures
from engine.training.batches import song_prompt
from engine.training.figures import Case, Figures, grid_of, quiet

Array = NDArray[np.float32]
GROUPS = {"drums": ("drums", "percussion"), "bass": ("bass",), "vocals": ("vocals", "backing_vocals")}
HARMONIC = ("keyboard", "guitar", "strings", "synth", "brass", "woodwinds")


def group_of(stem_class: str) -> str:
    """drums, bass, vocals or harmony, which is all the rest."""
    return next((name for name, classes in GROUPS.items() if stem_class in classes), "harmony")


def separate(models: Models, case: Case, names: tuple[str, ...]) -> dict[str, Array]:
    """Masked stems of some classes, as `extract` with method masked delivers them."""
    samples, rule = case.mix.shape[1], rule_of(models.config)
    prompt = Prompt("", bpm=float(case.song.tempo[0].bpm), duration_s=samples / measures.RATE)
    estimated = with_rivals(names, rule)
    grid = grid_of(case.song, samples)
    task = ExtractTask(case.mix, 0, samples, estimated, prompt, Settings(seed=case.seed), grid, for_mask=True)
    made = render(models, task, quiet).audio[:, :, :samples]
    mix, guesses = case.mix.T.astype(np.float64), made.transpose(0, 2, 1).astype(np.float64)
    parted = part_source(mix, guesses, rule, measures.RATE, len(names))
    return {name: stem.T.astype(np.float32) for name, stem in zip(names, parted, strict=True)}


def extract_figures(models: Models, case: Case) -> Figures:
    """SI-SDR of masked stems over that of the mix itself, which is the baseline: 0 dB is no gain."""
    found = separate(models, case, tuple(case.stems))
    groups: dict[str, list[str]] = {}
    for name in found:
        groups.setdefault(group_of(name), []).append(name)
    figures: Figures = {}
    for group, names in groups.items():
        truth, estimate = (sum(parts[name] for name in names) for parts in (case.stems, found))
        if len(groups) > 1 and measures.is_heard(truth, case.mix):
            before, after = (measures.si_sdr_db(truth, x) for x in (case.mix, estimate))
            figures[f"extract_sisdri_db.{group}"] = after - before
            figures[f"base_mix_sisdr_db.{group}"] = before
    return figures


def vocal_figures(models: Models, case: Case) -> Figures:
    """What extract_figures says of the voices: sung songs are measured for them alone."""
    return {name: v for name, v in extract_figures(models, case).items() if name.endswith(".vocals")}


def lego_layer(models: Models, case: Case) -> tuple[Array, Array] | None:
    """A layer of a pitched class made for the rest of the song, and that rest; None where no class fits."""
    name = next((n for n in HARMONIC if n in case.stems and len(case.stems) > 2), None)
    if name is None:
        return None
    context, samples = case.mix - case.stems[name], case.mix.shape[1]
    prompt = song_prompt(case.song, samples / measures.RATE, case.song.caption)
    grid = grid_of(case.song, samples)
    task = LegoTask(context, 0, samples, name, prompt, Settings(seed=case.seed), grid)
    return render(models, task, quiet).audio[:, :samples], context


def lego_figures(models: Models, cases: list[Case]) -> list[Figures]:
    """How the layer's chroma follows its own song's, over how it follows the next song's (the baseline).

    The ratio is of the means over all songs: one song's may divide by almost nothing.
    """
    made = [pair for case in cases if (pair := lego_layer(models, case)) is not None]
    chromas = [tuple(measures.chroma(audio) for audio in pair) for pair in made]
    own = [measures.chroma_match(layer, context) for layer, context in chromas]
    other = [
        measures.chroma_match(layer, chromas[(i + 1) % len(chromas)][1])
        for i, (layer, _) in enumerate(chromas)
    ]
    usual = max(float(np.mean(other)), 0.02) if other else 1.0
    rows = zip(own, other, strict=True)
    return [
        {"lego_chroma_ratio": a / usual, "lego_chroma_own": a, "base_lego_chroma_shuffled": b}
        for a, b in rows
    ]
