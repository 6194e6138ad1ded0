"""The musical grid as DiT input channels: phases in, sines and cosines out."""

import math

import torch
from torch import Tensor

BEAT_HARMONICS = (1, 2, 4)
BAR_HARMONICS = (1, 2)
GRID_CHANNELS = 2 * (len(BEAT_HARMONICS) + len(BAR_HARMONICS))


def grid_features(phases: Tensor) -> Tensor:
    """phases (..., T, 2), beat then bar phase in cycles -> (..., T, 10).

    Order: sin and cos of the beat at 1, 2 and 4 times its rate, then of the bar at 1 and 2 times.
    All zeros is never a grid (sin^2 + cos^2 = 1), so zeros stand for "no grid given".
    """
    beat = phases[..., :1] * torch.tensor(BEAT_HARMONICS, dtype=phases.dtype, device=phases.device)
    bar = phases[..., 1:] * torch.tensor(BAR_HARMONICS, dtype=phases.dtype, device=phases.device)
    angles = 2 * math.pi * torch.cat((beat, bar), dim=-1)  # (..., T, 5)
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(-2)
