"""The values a composed song consists of, and their JSON form; no behaviour, no audio."""

import json
from dataclasses import asdict, dataclass
from fractions import Fraction

STEM_CLASSES = (
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
)


@dataclass(frozen=True, slots=True)
class TempoPoint:
    """Tempo from `beat` on; with `ramp` it goes linearly in beats to the next point's bpm."""

    beat: Fraction
    bpm: Fraction
    ramp: bool = False


@dataclass(frozen=True, slots=True)
class MeterPoint:
    """Time signature from `bar` on (counted from 0)."""

    bar: int
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form: `bars` bars from `bar` on; energy 0..1."""

    name: str
    bar: int
    bars: int
    energy: float


@dataclass(frozen=True, slots=True)
class Note:
    """One note: beat and length in quarter notes, MIDI pitch 0..127, velocity 1..127."""

    beat: float
    length: float
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Part:
    """What one instrument plays.

    program: General MIDI, 0..127 (a drum kit's number when is_drums).  gain_db: level of the part while it
    sounds, relative to the song's reference.  pan: -1 (left)..1.  synth: name of one of our own synths, or
    None.
    """

    stem_class: str
    program: int
    is_drums: bool
    notes: tuple[Note, ...]
    gain_db: float
    pan: float
    synth: str | None


@dataclass(frozen=True, slots=True)
class Song:
    """A composed excerpt: starts on a bar line at time 0 and lasts `beats` beats, whole bars.

    swing: share of a swung pair that its first note takes, 0.5 straight .. 0.67 triplets (already in the
    notes).
    """

    seed: int
    style: str
    tempo: tuple[TempoPoint, ...]
    meter: tuple[MeterPoint, ...]
    keyscale: str
    sections: tuple[Section, ...]
    parts: tuple[Part, ...]
    caption: str
    captions: tuple[str, ...]
    tags: tuple[str, ...]
    lyrics: str
    beats: float
    swing: float


def song_to_json(song: Song) -> str:
    """The song as JSON text; fractions become strings such as "3/2", notes become lists."""
    fields = asdict(song)
    for part, original in zip(fields["parts"], song.parts, strict=True):
        part["notes"] = [[n.beat, n.length, n.pitch, n.velocity] for n in original.notes]
    return json.dumps(fields, default=str)


def song_from_json(text: str) -> Song:
    """The song that `song_to_json` wrote."""
    fields = json.loads(text)
    fields["tempo"] = tuple(
        TempoPoint(Fraction(p["beat"]), Fraction(p["bpm"]), p["ramp"]) for p in fields["tempo"]
    )
    fields["meter"] = tuple(MeterPoint(**p) for p in fields["meter"])
    fields["sections"] = tuple(Section(**s) for s in fields["sections"])
    fields["parts"] = tuple(
        Part(**{**part, "notes": tuple(Note(*note) for note in part["notes"])}) for part in fields["parts"]
    )
    fields["captions"] = tuple(fields["captions"])
    fields["tags"] = tuple(fields["tags"])
    return Song(**fields)
