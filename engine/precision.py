"""Which products run in bf16 on a CPU, and whether this CPU has them."""

from contextlib import AbstractContextManager, nullcontext

import torch

from engine.config import AceStepConfig

CHECKS = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")


def multiplies_bf16() -> bool:
    """Whether this CPU multiplies bf16 itself; where it does not, bf16 is slower than fp32."""
    return any(getattr(torch.cpu, check, lambda: False)() for check in CHECKS)


def products(config: AceStepConfig, device: torch.device) -> AbstractContextManager[object]:
    """Products in bf16, sums and norms in fp32, for a model trained so where the CPU gains by it.

    For each (model, machine) it is always the same, so that a seed keeps its samples.
    """
    if config.mixed_precision and device.type == "cpu" and multiplies_bf16():
        return torch.autocast("cpu", torch.bfloat16)
    return nullcontext()
