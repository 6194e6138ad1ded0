"""What the engine can be asked for, and what it answers. Samples are at 48 kHz, frames are latent frames.

A latent frame is 1920 samples (40 ms). Arrays may be numpy or torch, float32; they are only read.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the music should be.

    bpm: quarter notes a minute.  keyscale: as "C major".  timesignature: as ACE-Step writes it, "2", "3", "4"
    or "6".  Empty or None: not told to the model.  duration_s: length of the whole piece in seconds.
    """

    caption: str
    lyrics: str = ""
    language: str = "en"
    bpm: float | None = None
    keyscale: str = ""
    timesignature: str = ""
    duration_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How it is denoised; None leaves the choice to the checkpoint.

    seed: 0 .. 2^63 - 1.  timestep_shift: above 0.  guidance: 1 is none; turbo checkpoints ignore it.
    strength: 0..1.  Repaint: 1 paints from pure noise, below 1 starts from the source renoised to that level.
    Cover: the share of the steps that see the source, the rest see the prompt alone.  Others ignore it.
    method: "ode" or "sde".  takes: 1..8 of the same task, with seeds seed, seed + 1, ...; 1 where not said.
    """

    seed: int
    steps: int | None = None
    timestep_shift: float | None = None
    guidance: float | None = None
    strength: float = 1.0
    method: str = "ode"
    takes: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class RepaintTask:
    """Paint samples lo..hi of a window anew; can make several takes.

    audio: (2, N).  0 <= lo < hi <= N.  grid: (ceil(N / 1920), 2) beat and bar phase in cycles at frame
    centres, or None.
    """

    audio: Any
    lo: int
    hi: int
    prompt: Prompt
    settings: Settings
    grid: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Text2MusicTask:
    """Make `samples` samples from the prompt alone; can make several takes. grid: as in RepaintTask.

    reference: (2, any length) audio whose timbre is wanted, or None.
    codes: 5 Hz audio codes 0..63999 for its structure, a planner's; shorter than the piece: the rest is free.
    """

    samples: int
    prompt: Prompt
    settings: Settings
    grid: Any = None
    reference: Any = None
    codes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class CoverTask:
    """Make a piece of the structure of `audio` (2, N), in the prompt's style and the reference's timbre.

    lo, hi: what of it is wanted.  raw: show the model the source's own latents instead of what its codes keep
    of them.  reference: (2, any length) or None.  grid: as in RepaintTask.
    """

    audio: Any
    lo: int
    hi: int
    prompt: Prompt
    settings: Settings
    grid: Any = None
    raw: bool = False
    reference: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class ExtractTask:
    """Take stems of these classes out of lo..hi of `audio` (2, N); one result per stem, in their order.

    for_mask: they are to become masks on `audio`, so only their magnitudes count; phases may be its own.
    """

    audio: Any
    lo: int
    hi: int
    stems: tuple[str, ...]
    prompt: Prompt
    settings: Settings
    grid: Any = None
    for_mask: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class LegoTask:
    """Make a layer of one class for samples lo..hi of `audio` (2, N), heard throughout, not painted."""

    audio: Any
    lo: int
    hi: int
    stem: str
    prompt: Prompt
    settings: Settings
    grid: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class CompleteTask:
    """Make tracks of these classes around lo..hi of `audio` (2, N); no class: any."""

    audio: Any
    lo: int
    hi: int
    stems: tuple[str, ...]
    prompt: Prompt
    settings: Settings
    grid: Any = None


Task = RepaintTask | Text2MusicTask | CoverTask | ExtractTask | LegoTask | CompleteTask


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """What came out.

    audio: (2, n) float32, neither normalised nor clipped; of a task with k > 1 takes, and of every extract,
    (k, 2, n).  start: sample of the window where it begins.  seconds: time spent by stage.
    latents: clean latents (1, T, latent) of each take's whole window, on the models' device; none of an
    extract.  source: the source's own, where there is one.
    """

    audio: NDArray[np.float32]
    start: int
    seconds: dict[str, float] = field(default_factory=dict)
    latents: tuple[Any, ...] = ()
    source: Any = None
