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
    strength: 0..1; 1 paints from pure noise, below 1 starts from the source renoised to that level.
    method: "ode" or "sde".
    """

    seed: int
    steps: int | None = None
    timestep_shift: float | None = None
    guidance: float | None = None
    strength: float = 1.0
    method: str = "ode"


@dataclass(frozen=True, slots=True, eq=False)
class RepaintTask:
    """Paint samples lo..hi of a window anew.

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
    """Make `samples` samples from the prompt alone. grid: as in RepaintTask."""

    samples: int
    prompt: Prompt
    settings: Settings
    grid: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """What came out.

    audio: (2, n) float32, neither normalised nor clipped.  start: sample of the window where it begins.
    seconds: time spent by stage.
    """

    audio: NDArray[np.float32]
    start: int
    seconds: dict[str, float] = field(default_factory=dict)
