"""Adaptive projected guidance (arXiv 2410.02416), as ACE-Step's base and sft models are run."""

import torch
from torch import Tensor

MOMENTUM = -0.75
NORM_LIMIT = 2.5
TIME = 1  # the axis norms and projections run over


def guide(conditioned: Tensor, plain: Tensor, scale: float, running: Tensor | None) -> tuple[Tensor, Tensor]:
    """The guided velocity and the running difference to pass to the next step.

    conditioned, plain: velocities (B, T, C) with the prompt and with the learned empty condition.
    scale: 1 is no guidance.  running: what the step before returned, None at first.
    """
    difference = conditioned - plain
    if running is not None:
        difference = difference + MOMENTUM * running
    length = difference.norm(dim=TIME, keepdim=True)
    limited = difference * (NORM_LIMIT / length).clamp(max=1.0)
    # Only what is at right angles to the conditioned velocity: the parallel part is what oversaturates.
    wide = torch.float32 if conditioned.device.type == "mps" else torch.float64
    along = torch.nn.functional.normalize(conditioned.to(wide), dim=TIME)
    across = limited.to(wide)
    across = across - (across * along).sum(dim=TIME, keepdim=True) * along
    return conditioned + (scale - 1) * across.to(conditioned.dtype), difference
