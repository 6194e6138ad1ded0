"""Drums and bass out of a mix by signal processing alone, for models that were not made to take stems apart.

Harmonic-percussive separation by median filters (D. FitzGerald, DAFx 2010): along time a median keeps what
sounds on, along frequency what strikes. Drums are what strikes; bass is what sounds on, below the crossover.
It knows no instruments: a plucked string's attack counts as drums, a tuned kick's tail as bass. Must not
import torch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from engine.errors import TaskError
from engine.masks import framing, restore, transform

RATE = 48_000
DSP_STEMS = ("drums", "bass")
ALONG = 31  # frames and bins of the medians: 0.33 s, 0.7 kHz
CROSSOVER_HZ = 200.0
ORDER = 4  # of the Butterworth curve whose power parts bass from the rest
TINY = 1e-12
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class DspExtractTask:
    """Part `audio` (2, N) at 48 kHz; lo, hi: samples that are wanted; stems: of DSP_STEMS."""

    audio: Any
    lo: int
    hi: int
    stems: tuple[str, ...]


def check_dsp_stems(stems: tuple[str, ...]) -> None:
    """Raises TaskError for a class that signal processing cannot tell from others."""
    wrong = next((stem for stem in stems if stem not in DSP_STEMS), None)
    if wrong is not None:
        known = ", ".join(DSP_STEMS)
        text = f"stems: mode=dsp tells {known} from the rest, not {wrong!r}; what is left is the remainder"
        raise TaskError("out-of-range", text)


def part_mix(task: DspExtractTask, on_step: Callable[[str, int, int], None]) -> NDArray[np.float32]:
    """(stems, 2, N): the mix through a mask each. Raises TaskError, and what on_step raises."""
    check_dsp_stems(task.stems)
    mix = np.asarray(task.audio, np.float64)
    on_step("part", 0, 1)
    padded, window, hop = framing(mix.shape[1])
    spectra = [transform(channel, padded, window, hop) for channel in mix]  # (frames, bins) each
    masks = masks_of(np.mean([np.abs(spectrum) for spectrum in spectra], axis=0), len(window))
    parts = [
        [restore(spectrum * masks[stem], mix.shape[1], window, hop) for spectrum in spectra]
        for stem in task.stems
    ]
    on_step("part", 1, 1)
    return np.array(parts, np.float32)


def masks_of(magnitude: Floats, size: int) -> dict[str, Floats]:
    """Masks 0..1 (frames, bins) of every stem, together at most 1; size: of the transform."""
    sounding = median_filter(magnitude, (ALONG, 1), mode="nearest") ** 2
    striking = median_filter(magnitude, (1, ALONG), mode="nearest") ** 2
    drums = striking / np.maximum(sounding + striking, TINY)
    hertz = np.arange(magnitude.shape[1]) * RATE / size
    low = 1 / (1 + (hertz / CROSSOVER_HZ) ** (2 * ORDER))
    return {"drums": drums, "bass": (1 - drums) * low}
