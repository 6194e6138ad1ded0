"""Structure hints: what the 5 Hz audio codes keep of some latents, back at 25 Hz."""

import torch
from torch import Tensor

from engine.errors import TaskError
from engine.models import Models


def source_hints(models: Models, latents: Tensor) -> Tensor:
    """Latents (1, T, C) through the codes and back, fp32, of the same length. Raises TaskError."""
    tokenizer, detokenizer = code_modules(models)
    states, _ = tokenizer(latents.to(models.dtype), models.silence(tokenizer.window))
    hints: Tensor = detokenizer(states)
    return hints[:, : latents.shape[1]].float()


def code_hints(models: Models, codes: tuple[int, ...]) -> Tensor:
    """Audio codes as hints (1, 5 per code, C) fp32. Raises TaskError for a code out of range."""
    tokenizer, detokenizer = code_modules(models)
    most = tokenizer.quantizer.codebook_size - 1
    wrong = next((code for code in codes if not 0 <= code <= most), None)
    if wrong is not None:
        raise TaskError("out-of-range", f"codes: {wrong} is outside 0..{most}")
    one = torch.tensor(codes, device=models.device)[None, :, None]
    quantizers = tokenizer.quantizer.quantizers
    every = torch.cat((one, one.new_zeros(1, len(codes), quantizers - 1)), dim=-1)
    hints: Tensor = detokenizer(tokenizer.quantizer.states_from_codes(every).to(models.dtype))
    return hints.float()


def code_modules(models: Models) -> tuple[torch.nn.Module, torch.nn.Module]:
    """Tokenizer and detokenizer. Raises TaskError when the checkpoint does not carry them."""
    tokenizer, detokenizer = models.model.tokenizer, models.model.detokenizer
    if tokenizer is None or detokenizer is None:
        text = f"{models.name} carries no audio tokenizer, which this task needs"
        raise TaskError("no-task", text)
    return tokenizer, detokenizer
