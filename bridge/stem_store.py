"""Stems on their way: one raw file each, filled window by window, so that the memory needed stays the same.

float32, (samples of the region, channels), under names that only this job's hidden folder has.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.layer_plan import Chunk, LayerPlan

Floats = NDArray[np.float64]


def raw_path(folder: Path, number: int) -> Path:
    """The raw file of a stem."""
    return folder / f"{number}.raw"


def open_raw(
    folder: Path, number: int, shape: tuple[int, int]
) -> "np.memmap[tuple[int, int], np.dtype[np.float32]]":
    """A stem's raw file; made, and silent, when it is not there."""
    path = raw_path(folder, number)
    folder.mkdir(parents=True, exist_ok=True)
    return np.memmap(path, np.float32, "r+" if path.exists() else "w+", shape=shape)


def add_chunk(folder: Path, plan: LayerPlan, chunk: Chunk, stems: Floats) -> None:
    """Adds a window's stems (k, chunk.hi - chunk.lo, channels), faded into those of its neighbours."""
    weights = overlap_weights(chunk)[:, None]
    for number, stem in enumerate(stems):
        raw = open_raw(folder, number, (plan.hi - plan.lo, stem.shape[1]))
        raw[chunk.lo - plan.lo : chunk.hi - plan.lo] += (stem * weights).astype(np.float32)
        raw.flush()


def overlap_weights(chunk: Chunk) -> NDArray[np.float64]:
    """1 in the middle; where two windows overlap, ramps that sum to 1: both made the same music."""
    weights = np.ones(chunk.hi - chunk.lo)
    for samples, end in ((chunk.fade_in, weights), (chunk.fade_out, weights[::-1])):
        end[:samples] = (np.arange(samples) + 0.5) / max(samples, 1)
    return weights


def remove_raw(folder: Path, count: int) -> None:
    """Takes the raw files away."""
    for number in range(count):
        raw_path(folder, number).unlink(missing_ok=True)
