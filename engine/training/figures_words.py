"""How well the times of sung lines and words are found: on songs whose lyrics' times are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.alignment.align import AlignTask, align
from engine.models import Models
from engine.tasks.values import Settings
from engine.training import measures
from engine.training.batches import song_prompt
from engine.training.figures import Case, Figures, grid_of, quiet
from engine.training.sung import lines_within, sung_lyrics


def lyric_figures(models: Models, case: Case) -> Figures:
    """Median errors of line and word starts in the mix, by `align`; baseline: lines spread evenly.

    Only times are compared that both sides have: `align` gives every word of the lyrics one.
    """
    seconds = case.mix.shape[1] / measures.RATE
    truth = lines_within(case.song, 0.0, seconds)
    if not truth:
        return {}
    lyrics, words = sung_lyrics(case.song, 0.0, seconds)
    prompt = song_prompt(case.song, seconds, case.song.caption)
    prompt = replace(prompt, lyrics=lyrics, language=case.song.language)
    task = AlignTask(case.mix, prompt, Settings(seed=case.seed), grid_of(case.song, case.mix.shape[1]))
    found = [line for line in align(models, task, quiet).lines if not line.is_tag]
    starts = np.array([line.start for line in truth])
    line_ms = 1000 * np.abs(np.array([line.start for line in found]) / measures.RATE - starts)
    even = 1000 * np.abs(np.linspace(0, seconds, len(starts), endpoint=False) - starts)
    figures = {
        "lrc_line_ms": float(np.median(line_ms)),
        "lrc_line_within_500ms": float((line_ms < 500).mean()),
        "base_even_lrc_line_ms": float(np.median(even)),
    }
    heard = [word.start / measures.RATE for line in found for word in line.words]
    if len(heard) == len(words):  # a word may be split by its script's rules
        errors = np.abs(np.array(heard) - np.array([word.from_s for word in words]))
        figures["lrc_word_ms"] = 1000 * float(np.median(errors))
    return figures
