"""What the demo's page lets hear: a part of some files, added up, as Ogg Vorbis in memory.

The files themselves lie beside the page and are bit exact; these copies are small.
"""

import io

import numpy as np
import soundfile
from numpy.typing import NDArray

from bridge.demo_checks import Span
from bridge.demo_report import Track

Floats = NDArray[np.float64]
QUALITY = 0.45  # of libsndfile, 0 the best: about 110 kbit/s stereo
BLOCK = 8192  # libsndfile's Vorbis writer overflows its stack on long writes


def hear(track: Track, view: Span) -> Floats:
    """A track's samples in the part shown, full scale = 1; (samples, 2), zero where it has none."""
    total: Floats = np.zeros((view.hi - view.lo, 2))
    for path, begins in track.files:
        lo, hi = max(view.lo, begins), view.hi
        if hi <= lo:
            continue
        sound: Floats = soundfile.read(
            str(path), start=lo - begins, stop=hi - begins, dtype="float64", always_2d=True
        )[0]
        total[lo - view.lo : lo - view.lo + len(sound)] += sound[:, [0, min(1, sound.shape[1] - 1)]]
    return total


def encode(audio: Floats, rate: int) -> bytes:
    """Samples (n, 2) as Ogg Vorbis; what is beyond full scale is cut."""
    memory = io.BytesIO()
    with soundfile.SoundFile(memory, "w", rate, 2, "VORBIS", format="OGG", compression_level=QUALITY) as file:
        for at in range(0, len(audio), BLOCK):
            file.write(np.clip(audio[at : at + BLOCK], -1.0, 1.0))
    return memory.getvalue()
