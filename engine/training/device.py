"""Where training runs: the GPU where there is one, else the CPU; checkpoints go on on either."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def mixed() -> torch.autocast:
    """bf16 products, fp32 sums: what every training step runs under."""
    return torch.autocast(DEVICE.type, torch.bfloat16)


def on_device(array: NDArray[np.float32]) -> Tensor:
    """An array as a tensor where training runs."""
    return torch.from_numpy(array).to(DEVICE)
