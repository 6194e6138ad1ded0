"""Which heads of a checkpoint follow the lyrics, found from audio with known line times."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from engine.alignment.align import (
    Reading,
    Sheet,
    align_attention,
    attention_of,
    columns_of,
    read_sheet,
)
from engine.alignment.heads import Heads, every_head, make_table
from engine.models import Models
from engine.tasks.window import encode_window

RATE = 48_000
MOST = 7  # heads in a table, as many as the 2B family's own has


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """Audio (2, N) at 48 kHz whose lyrics' sung lines start at these samples, one for every line in order."""

    audio: Any
    reading: Reading
    line_starts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """One head and its median absolute error of line starts over all examples, seconds."""

    layer: int
    head: int
    error_s: float


@dataclass(frozen=True, slots=True)
class Found:
    """heads: for config.json (heads_to_json). error_s: of them together. ranking: every head, best first."""

    heads: Heads
    error_s: float
    ranking: tuple[Ranked, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """An example as the model reads it: attention (every head, rows, columns)."""

    sheet: Sheet
    attention: Tensor
    line_starts: tuple[int, ...]


def find_alignment_heads(models: Models, examples: Sequence[Example], most: int = MOST) -> Found:
    """Rank every head by its own error, then add heads from the best on as long as they lower it together.

    Raises ValueError without examples, or when an example's line starts are not one per sung line.
    """
    if not examples:
        raise ValueError("no examples to find heads with")
    heard = [hear(models, example) for example in examples]
    table = [(layer, head) for layer, heads in every_head(models.config) for head in heads]
    errors = [error_of(heard, [index]) for index in range(len(table))]
    order = sorted(range(len(table)), key=errors.__getitem__)
    chosen, best = choose(heard, order, most)
    ranking = tuple(Ranked(*table[index], errors[index]) for index in order)
    return Found(make_table(table[index] for index in chosen), best, ranking)


def hear(models: Models, example: Example) -> Heard:
    """All heads' attention of an example. Raises ValueError."""
    sheet = read_sheet(models, example.reading.prompt)
    lines = sum(not line.is_tag for line in sheet.lines)
    if lines != len(example.line_starts):
        raise ValueError(f"{len(example.line_starts)} line starts for {lines} sung lines")
    latents = encode_window(models, example.audio, lambda *_: None)
    frames = -(-example.audio.shape[1] // models.vae.hop)
    attention = attention_of(models, latents, example.reading, every_head(models.config))
    return Heard(sheet, attention[..., : columns_of(models, frames)].cpu(), example.line_starts)


def choose(heard: Sequence[Heard], order: Sequence[int], most: int) -> tuple[list[int], float]:
    """The first head of the order, and those of the next that lower the error; at most `most`."""
    chosen, best = [order[0]], error_of(heard, [order[0]])
    for index in order[1 : 4 * most]:
        if len(chosen) < most and (error := error_of(heard, [*chosen, index])) < best:
            chosen, best = [*chosen, index], error
    return chosen, best


def error_of(heard: Iterable[Heard], heads: list[int]) -> float:
    """Median absolute error of line starts with these heads together, seconds, over all lines."""
    misses = [miss for example in heard for miss in line_misses(example, heads)]
    return float(np.median(misses)) / RATE


def line_misses(example: Heard, heads: list[int]) -> NDArray[np.int64]:
    """Absolute error of each line start that was timed, samples."""
    found = align_attention(example.sheet, example.attention[heads])
    starts = [line.start for line in found.lines if not line.is_tag]
    return np.abs(np.array(starts) - np.array(example.line_starts[: len(starts)]))
