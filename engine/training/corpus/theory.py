"""Scales, chords and voicings as pitch numbers; no rhythm, no instruments."""

import re
from dataclasses import dataclass
from itertools import pairwise

NOTE_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

MINOR_NAMES = {"Db": "C#", "Ab": "G#"}  # tonics nobody writes with flats in minor

MODES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "harmonic minor": (0, 2, 3, 5, 7, 8, 11),
}
FAMILY = {
    "major": "major",
    "mixolydian": "major",
    "minor": "minor",
    "dorian": "minor",
    "harmonic minor": "minor",
}
PENTATONIC: dict[str, tuple[int, ...]] = {"major": (0, 2, 4, 7, 9), "minor": (0, 3, 5, 7, 10)}
BLUES: dict[str, tuple[int, ...]] = {"major": (0, 2, 3, 4, 7, 9), "minor": (0, 3, 5, 6, 7, 10)}

QUALITIES = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "5": (0, 7, 12),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "m7": (0, 3, 7, 10),
    "m7b5": (0, 3, 6, 10),
    "dim": (0, 3, 6),
    "dim7": (0, 3, 6, 9),
    "sus4": (0, 5, 7),
    "sus2": (0, 2, 7),
    "add9": (0, 4, 7, 14),
    "madd9": (0, 3, 7, 14),
    "9": (0, 4, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "m9": (0, 3, 7, 10, 14),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "7sus4": (0, 5, 7, 10),
    "13": (0, 4, 10, 14, 21),
    "7b9": (0, 4, 7, 10, 13),
    "aug": (0, 4, 8),
}
ROMAN = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
NUMERAL = re.compile(r"([b#]?)([iv]+|[IV]+)(.*)")
LOWER = {"": "m", "7": "m7", "9": "m9", "6": "m6", "add9": "madd9", "o": "dim", "o7": "dim7", "ø": "m7b5"}
COLOURS = {  # plain triad -> (when the scale has a major seventh above the root, when it has not)
    "triad": {},
    "power": {"": ("5", "5"), "m": ("5", "5"), "dim": ("5", "5")},
    "seventh": {"": ("maj7", "7"), "m": ("m7", "m7"), "dim": ("m7b5", "m7b5")},
    "ninth": {
        "": ("maj9", "9"),
        "m": ("m9", "m9"),
        "dim": ("m7b5", "m7b5"),
        "7": ("13", "9"),
        "m7": ("m9", "m9"),
        "maj7": ("maj9", "maj9"),
    },
    "added": {"": ("add9", "add9"), "m": ("madd9", "madd9")},
}


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord in time: root as pitch class 0..11, intervals in semitones above it; beats."""

    beat: float
    length: float
    root: int
    quality: str

    @property
    def classes(self) -> tuple[int, ...]:
        """Pitch classes, root first, without doubles."""
        return tuple(dict.fromkeys((self.root + step) % 12 for step in QUALITIES[self.quality]))


def read_numeral(numeral: str, tonic: int, scale: tuple[int, ...], colour: str) -> tuple[int, str]:
    """Root pitch class and quality of a Roman numeral such as "bVII", "ii7" or "Imaj7"."""
    match = NUMERAL.fullmatch(numeral)
    if match is None:
        raise ValueError(f"not a numeral: {numeral}")
    sign, roman, suffix = match.groups()
    degree = (ROMAN[roman.lower()] + {"b": -1, "#": 1, "": 0}[sign]) % 12
    quality = LOWER.get(suffix, suffix) if roman.islower() else suffix
    has_major_seventh = (degree + 11) % 12 in scale and degree != 7
    choices = COLOURS[colour].get(quality)
    return (tonic + degree) % 12, quality if choices is None else choices[0 if has_major_seventh else 1]


def nearest_pitch(pitch_class: int, target: float) -> int:
    """The pitch of that class nearest to `target`."""
    return round((target - pitch_class) / 12) * 12 + pitch_class


def close_voicings(chord: Chord, low: int, high: int, voices: int) -> list[tuple[int, ...]]:
    """All close positions of the chord inside low..high with at most
    `voices` notes, and their drop-2 forms.
    """
    classes = chord.classes
    if len(classes) > voices:  # the bass plays the root, so it is the first to go; then the fifth
        classes = tuple(c for c in classes if c != chord.root)[-voices:] if voices > 2 else classes[:voices]
    found = []
    for start in range(low, high + 1):
        if start % 12 not in classes:
            continue
        stack = sorted(start + (c - start) % 12 for c in classes)
        found.append(tuple(stack))
        if len(stack) >= 4:
            found.append(tuple(sorted([*stack[:-2], stack[-2] - 12, stack[-1]])))
    return [v for v in found if v[0] >= low and v[-1] <= high] or [
        tuple(nearest_pitch(c, (low + high) / 2) for c in classes)
    ]


def voicing_cost(voicing: tuple[int, ...], before: tuple[int, ...] | None, centre: float) -> float:
    """How unwelcome a voicing is: motion of the voices, distance from
    the register, mud, parallel outer voices.
    """
    cost = 0.35 * abs(sum(voicing) / len(voicing) - centre)
    cost += sum(2.0 for a, b in pairwise(voicing) if b - a < 3 and a < 55)
    if before is None:
        return cost
    cost += sum(min(abs(v - b) for b in before) for v in voicing) + 1.5 * abs(voicing[-1] - before[-1]) / 2
    outer, outer_before = voicing[-1] - voicing[0], before[-1] - before[0]
    parallel = outer % 12 in (0, 7) and outer == outer_before and voicing[0] != before[0]
    return cost + (2.0 if parallel else 0.0)


def lead_voices(chords: list[Chord], low: int, high: int, voices: int) -> list[tuple[int, ...]]:
    """A voicing for each chord, each as near to the one before as the register allows."""
    centre, before, result = (low + high) / 2, None, []
    for chord in chords:
        options = close_voicings(chord, low, high, voices)
        before = min(options, key=lambda v: voicing_cost(v, before, centre))
        result.append(before)
    return result
