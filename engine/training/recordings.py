"""Real recordings with a part of them apart: songs of the game Frets on Fire, for measuring only.

Debian's fretsonfire-songs-sectoid (MIT-style licence) has four metal and rock songs, each as guitar.ogg and
song.ogg, which is all the rest and may hold other guitars, and notes.mid with the tempo. Nothing here is
ever trained on.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from engine.training.multitracks import song_of
from engine.training.songs import write_audio

PLACE = Path("/usr/share/games/fretsonfire/data/songs/sectoid")
RATE = 48_000
CAPTION = "instrumental metal, distorted electric guitars, bass, drums"
FIRST_BAR, APART = 16, 24  # bars: where the first excerpt of a song begins, and how far the next is from it
EXCERPTS = 2  # of each song
STEMS = {"guitar": "guitar.ogg", "rest": "song.ogg"}
LATEST = 64  # bars later at most
Stems = dict[str, NDArray[np.float32]]
GUITAR_FLOOR = 1e-2  # of both stems' energy: where the guitar is silent there is nothing to measure


def find_songs() -> list[Path]:
    """The folders of the installed songs."""
    return sorted(path.parent for path in PLACE.glob("*/notes.mid"))


def write_recordings(out: Path, count: int, seconds: float) -> None:
    """Up to `count` excerpts as a corpus folder: first one of each song, then the second of each."""
    folders = find_songs()
    places = [(folder, number) for number in range(EXCERPTS) for folder in folders]
    for index, (folder, number) in enumerate(places[:count]):
        target = out / f"song_{index:06d}"
        if not target.exists():
            write_excerpt(folder, target, FIRST_BAR + number * APART, seconds)


def write_excerpt(folder: Path, target: Path, bar: int, seconds: float) -> None:
    """`seconds` from a bar on, or from the next eighth bar where the guitar plays."""
    bpm = read_tempo(folder / "notes.mid")
    starts = [(bar + late) * 4 * 60 / bpm for late in range(0, LATEST, 8)]
    found = (read_stems(folder, start, seconds) for start in starts)
    stems = next((stems for stems in found if is_played(stems)), None)
    if stems is None:
        return
    sheet = {"bpm": round(bpm, 3), "caption": CAPTION}
    write_audio(target, replace(song_of(folder, sheet, stems), beats=seconds * bpm / 60), stems)


def read_tempo(path: Path) -> float:
    """Beats a minute of a game chart that has one tempo, as these have; its first beat is at 0 s."""
    import mido

    return next(
        float(mido.tempo2bpm(message.tempo))
        for track in mido.MidiFile(path).tracks
        for message in track
        if message.type == "set_tempo"
    )


def read_stems(folder: Path, start: float, seconds: float) -> Stems:
    """The stems (2, n) at 48 kHz from `start` s on, at half their level so that their sum does not clip."""
    stems: Stems = {}
    for name, file in STEMS.items():
        with soundfile.SoundFile(folder / file) as sound:
            sound.seek(min(round(start * sound.samplerate), sound.frames))
            audio = sound.read(round(seconds * sound.samplerate), "float32", always_2d=True)
            stems[name] = 0.5 * soxr.resample(audio[:, :2], sound.samplerate, RATE).T
    return stems


def is_played(stems: Stems) -> bool:
    """Is the guitar heard in the excerpt?"""
    energy = {name: float(np.square(stem).sum()) for name, stem in stems.items()}
    return energy["guitar"] > GUITAR_FLOOR * sum(energy.values())
