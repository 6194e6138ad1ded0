"""Musical values that messages carry: positions, lengths, tempo and meter points. All exact.

They say where, never how far that is in seconds: only the bridge's grid knows the tempo map.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal


@dataclass(frozen=True, slots=True)
class Bars:
    """A place counted in bars: bar from 1 (0 is the bar before bar 1), beat from 1, tick from 0.

    beat: in units of the time signature's denominator.  tick: 960 per quarter note, below one beat;
    a fraction of a tick is allowed.
    """

    bar: int
    beat: int = 1
    tick: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Beats:
    """A place, or a length, in quarter notes (from the project's start), whatever the time signature."""

    beats: Fraction


@dataclass(frozen=True, slots=True)
class Seconds:
    """A place, or a length, in seconds (from the project's start)."""

    seconds: Fraction


@dataclass(frozen=True, slots=True)
class Samples:
    """A place, or a length, in samples at the project's sample rate (from the project's start)."""

    samples: int


@dataclass(frozen=True, slots=True)
class BarCount:
    """A length in whole bars, counted from where the thing starts, through any change of meter."""

    bars: int


STEMS = (
    "woodwinds",
    "brass",
    "fx",
    "synth",
    "strings",
    "percussion",
    "keyboard",
    "guitar",
    "bass",
    "drums",
    "backing_vocals",
    "vocals",
)
"""The stem classes that ACE-Step was trained with."""

LYRIC_FORMATS = ("lrc", "words", "srt", "vtt", "json", "midi", "markers", "reaper")
"""The files timed lyrics can come as."""

Position = Bars | Beats | Seconds | Samples
Length = BarCount | Beats | Seconds | Samples


@dataclass(frozen=True, slots=True)
class FurtherRegion:
    """One more region of a job. caption, lyrics: None where they are the request's."""

    start: Position
    end: Position
    caption: str | None = None
    lyrics: str | None = None


Ramp = Literal["none", "beats", "time"]
Deliver = Literal["take", "full", "both"]
Conform = Literal["auto", "off"]
BitDepth = Literal["16", "24", "32", "float"]
Thinking = Literal["auto", "on", "off"]
StemMode = Literal["masked", "generated", "dsp"]
StemDepth = Literal["source", "float"]
LyricClock = Literal["file", "project", "bars"]
Whose = Literal["own", "all"]
Which = Literal["take", "full", "sidecar"]
Part = Literal["all", "models", "tasks", "limits", "formats", "messages"]


@dataclass(frozen=True, slots=True)
class TempoPoint:
    """From `beat` (quarter notes from the project's start) on, `bpm` quarter notes per minute.

    ramp: how the tempo moves to the next point: "none" holds it, "beats" changes it linearly over beats,
    "time" linearly over seconds.
    """

    beat: Fraction
    bpm: Fraction
    ramp: Ramp = "none"


@dataclass(frozen=True, slots=True)
class MeterPoint:
    """From the downbeat of `bar` on, `numerator`/`denominator`."""

    bar: int
    numerator: int
    denominator: int


TempoMap = tuple[TempoPoint, ...]
MeterMap = tuple[MeterPoint, ...]
