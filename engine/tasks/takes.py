"""Several takes of one task: the source is encoded once, only the noise differs."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import TaskError
from engine.models import Models
from engine.sampler import Run, denoise, seeded
from engine.tasks.values import Settings
from engine.tasks.window import part_of
from engine.vae_chunks import OnStep

MOST_TAKES = 8
SEEDS = 2**32  # the next seed is one that a request can name


def seeds_of(settings: Settings) -> tuple[int, ...]:
    """The seed of each take. Raises TaskError."""
    if not 1 <= settings.takes <= MOST_TAKES:
        raise TaskError("out-of-range", f"takes={settings.takes} is outside 1..{MOST_TAKES}")
    return (settings.seed, *((settings.seed + index) % SEEDS for index in range(1, settings.takes)))


def denoise_takes(models: Models, run: Run, settings: Settings, on_step: OnStep) -> list[Tensor]:
    """Latents (1, T, C) of each take.

    One after the other, so that a take does not depend on how many others are made, to the last bit.
    """
    seeds = seeds_of(settings)
    return [
        denoise(models.model, run, seeded(seed), part_of(on_step, index, len(seeds)))
        for index, seed in enumerate(seeds)
    ]


def joined(parts: list[Tensor]) -> NDArray[np.float32]:
    """Takes (2, n) as Rendered has them: one alone as it is, several stacked."""
    whole: NDArray[np.float32] = (parts[0] if len(parts) == 1 else torch.stack(parts)).numpy()
    return whole
