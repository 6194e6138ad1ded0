"""The key as DiT input channels: a name in, its tonic and its scale out, the same in every frame."""

import re

import torch
from torch import Tensor

KEY = re.compile(r"\s*([A-Ga-g])([#♯b♭]?)\s*([a-z]*)\s*")
NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SIGNS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "locrian": (0, 1, 3, 5, 6, 8, 10),
}
ALIASES = {"": "major", "maj": "major", "ionian": "major", "m": "minor", "min": "minor", "aeolian": "minor"}
KEY_CHANNELS = 24


def read_key(keyscale: str) -> tuple[int, str] | None:
    """ "F# minor", "Bb", "Am" or "D dorian" -> pitch class of the tonic (0 = C) and a mode of SCALES.

    None where it is not a key.
    """
    match = KEY.fullmatch(keyscale)
    if match is None:
        return None
    note, sign, said = match.groups()
    mode = ALIASES.get(said, said)
    return ((NATURALS[note.upper()] + SIGNS[sign]) % 12, mode) if mode in SCALES else None


def key_features(keyscale: str) -> Tensor:
    """(24,): 1 at the tonic among the first twelve pitch classes, 1 at each note of the scale in the rest.

    All zeros is no key: none was told, or none that read_key reads.
    """
    features = torch.zeros(KEY_CHANNELS)
    key = read_key(keyscale)
    if key is not None:
        tonic, mode = key
        features[[tonic, *(12 + (tonic + step) % 12 for step in SCALES[mode])]] = 1.0
    return features
