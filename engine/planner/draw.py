"""Drawing a token from logits: temperature, nucleus, and a seed that means the same on every device."""

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.errors import TaskError

NUCLEUS_FIRST = 1024  # candidates looked at before all of them are sorted


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are drawn.

    seed: 0..2^63-1.  temperature: 0 takes the likeliest.  top_p: 0..1, the share of probability kept.
    guidance: 1 is none; only codes are guided.
    """

    seed: int
    temperature: float = 0.85
    top_p: float = 0.9
    guidance: float = 2.0


def check_sampling(sampling: Sampling) -> None:
    """Raises TaskError naming field, rule and value."""
    spans = {"seed": (0, 2**63 - 1), "temperature": (0, 5), "top_p": (0, 1), "guidance": (1, 30)}
    for name, (lo, hi) in spans.items():
        value = getattr(sampling, name)
        if not lo <= value <= hi:
            raise TaskError("out-of-range", f"{name}={value} is outside {lo}..{hi}")


def seeded(seed: int) -> torch.Generator:
    """The source of a plan's chance, on the CPU."""
    return torch.Generator("cpu").manual_seed(seed)


def draw(logits: Tensor, sampling: Sampling, generator: torch.Generator) -> int:
    """An index into logits (n,). One number is drawn from the generator, whatever comes of it."""
    chance = torch.rand((), generator=generator, dtype=torch.float64)
    logits = logits.float().cpu()
    if sampling.temperature == 0 or logits.shape[0] == 1:
        return int(logits.argmax())
    probabilities = torch.softmax(logits / sampling.temperature, dim=-1)
    shares, places = nucleus(probabilities, sampling.top_p)
    sums = shares.double().cumsum(0)
    index = int(torch.searchsorted(sums, chance * sums[-1], right=True))
    return int(places[min(index, len(places) - 1)])


def nucleus(probabilities: Tensor, top_p: float) -> tuple[Tensor, Tensor]:
    """The fewest likeliest (probabilities, places) that hold top_p together, at least one; falling."""
    for count in (min(NUCLEUS_FIRST, len(probabilities)), len(probabilities)):
        shares, places = probabilities.topk(count)
        sums = shares.double().cumsum(0)
        kept = int((sums < top_p).sum()) + 1
        if kept <= count:
            break
    shares = shares[:kept]
    some = shares > 0  # what is masked must not be drawn, even by a chance of exactly 1
    return shares[some], places[:kept][some]
