"""Attention probabilities to two maps of where each lyric token is sung: to score, and to find a path in."""

import torch
from torch import Tensor

VIOLENCE = 2.0  # medians are taken away this many times
TINY = 1e-9


def scaled(attention: Tensor) -> Tensor:
    """One head's probabilities (rows, tokens) with a row's usual peak at 1, so that a head which gives the
    lyrics a tenth of its attention says as much as one that gives them all.
    """
    usual = attention.amax(-1).median()
    return (attention / (usual + TINY)).clamp(max=1.0)


def consensus(attention: Tensor) -> Tensor:
    """What stands out of one head's scaled probabilities (rows, tokens): same shape, 0 where nothing does.

    A cell counts as far as its row and its column agree on it: the product of both softmaxes, less twice the
    row's median, less twice the column's, below 0 nothing, squared.
    """
    agreed = attention.softmax(-1) * attention.softmax(-2) * attention.numel()
    for axis in (-1, -2):
        agreed = (agreed - VIOLENCE * agreed.median(axis, keepdim=True).values).relu()
    return agreed.square()


def standardised(energy: Tensor) -> Tensor:
    """Less its mean, in its own deviations; 0 everywhere when it is flat."""
    return (energy - energy.mean()) / (energy.std(correction=0) + TINY)


def clean(attention: Tensor) -> tuple[Tensor, Tensor]:
    """Energy and gain, both (rows, tokens), means over heads of probabilities (heads, rows, tokens).

    energy: 0 or above, what scores and edges are read from.  gain: standardised head by head, what the path
    collects.
    """
    energies = [consensus(scaled(head)) for head in attention]
    gain = torch.stack([standardised(energy) for energy in energies]).mean(0)
    return torch.stack(energies).mean(0), gain
