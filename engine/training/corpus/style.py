"""What a style is: the ranges and choices the composer draws a song from."""

from collections.abc import Mapping
from dataclasses import dataclass

Weights = Mapping[str, float]
METERS: dict[str, dict[tuple[int, int], float]] = {
    "common": {(4, 4): 0.8, (2, 4): 0.04, (3, 4): 0.04, (6, 8): 0.08, (7, 8): 0.04},
    "song": {(4, 4): 0.66, (3, 4): 0.12, (6, 8): 0.16, (5, 4): 0.03, (7, 8): 0.03},
    "odd": {(4, 4): 0.52, (3, 4): 0.08, (6, 8): 0.12, (5, 4): 0.12, (7, 8): 0.16},
    "jazz": {(4, 4): 0.66, (3, 4): 0.2, (5, 4): 0.14},
    "two": {(4, 4): 0.55, (2, 4): 0.45},
    "mostly two": {(4, 4): 0.65, (2, 4): 0.35},
    "waltz": {(3, 4): 0.85, (6, 8): 0.15},
    "slow": {(4, 4): 0.54, (3, 4): 0.2, (6, 8): 0.26},
    "electronic": {(4, 4): 0.84, (7, 8): 0.08, (5, 4): 0.08},
}


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in the band: who may sit there, what is played, how often it is taken.

    chance: 0..1 that a song has it.  floor: section energy (0..1) below which it is silent.
    """

    role: str
    figure: str
    instruments: tuple[str, ...]
    chance: float = 1.0
    floor: float = 0.0


@dataclass(frozen=True, slots=True)
class Style:
    """A style.

    bpm: quarter notes a minute.  swing: share of the first note of a swung pair.  swing_unit: 1 swings
    eighths, 0.5 sixteenths.  human_ms: deviation of a player's timing.  chord_bars: bars a chord may last.
    """

    name: str
    bpm: tuple[int, int]
    meters: str
    modes: Weights
    idioms: tuple[str, ...]
    colours: tuple[str, ...]
    grooves: tuple[str, ...]
    seats: tuple[Seat, ...]
    moods: tuple[str, ...]
    tags: tuple[str, ...]
    form: str = "song"
    swing: tuple[float, float] = (0.5, 0.5)
    swing_unit: float = 1.0
    human_ms: float = 4.0
    chord_bars: tuple[int, ...] = (1,)
