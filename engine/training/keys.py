"""Which key a stretch of a composed song is in: its own, or the one its last chorus was lifted to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.key_condition import SCALES, read_key
from engine.training.corpus.grid import seconds_of_beats
from engine.training.corpus.theory import MINOR_NAMES, NOTE_NAMES
from engine.training.corpus.values import Song

LIFTS = (0, 1, 2)  # semitones a last chorus may go up (corpus/modulation.py)
CLEARER = 0.1  # share of the sounding time by which another key must fit better than the song's own
UNPITCHED = ("drums", "percussion", "fx")


def pitched_notes(song: Song) -> NDArray[np.float64]:
    """(n, 3) start and stop in seconds and MIDI pitch of every note of a pitched instrument."""
    parts = [part for part in song.parts if not part.is_drums and part.stem_class not in UNPITCHED]
    rows = np.array([(n.beat, n.beat + n.length, n.pitch) for part in parts for n in part.notes])
    rows = rows.reshape(-1, 3)
    rows[:, :2] = seconds_of_beats(song, rows[:, :2])
    return rows


def key_between(keyscale: str, notes: NDArray[np.float64], start_s: float, stop_s: float) -> str:
    """The name of the key that fits what sounds between two times: keyscale itself, or lifted.

    notes: from pitched_notes. Where nothing sounds, or keyscale is no key: keyscale.
    """
    key = read_key(keyscale)
    sounding = np.minimum(notes[:, 1], stop_s) - np.maximum(notes[:, 0], start_s)
    inside = sounding > 0
    if key is None or not inside.any():
        return keyscale
    tonic, mode = key
    times = np.bincount(notes[inside, 2].astype(int) % 12, sounding[inside], 12)
    fits = [
        times[[(tonic + lift + step) % 12 for step in SCALES[mode]]].sum() / times.sum() for lift in LIFTS
    ]
    best = int(np.argmax(fits))
    if fits[best] < fits[0] + CLEARER:
        return keyscale
    name = NOTE_NAMES[(tonic + LIFTS[best]) % 12]
    return f"{MINOR_NAMES.get(name, name) if 3 in SCALES[mode] else name} {mode}"
