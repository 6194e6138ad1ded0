"""A user's own multitracks as a corpus: one folder a song, one sound file a stem, named after its class.

    my songs/first song/drums.wav  bass.wav  gtr left.flac  lead vox.wav  song.yaml

song.yaml may say bpm, keyscale ("A minor"), signature ("3/4"), caption, language, lyrics, and start (seconds
into the files where the first bar begins). What it does not say is measured or left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
import yaml
from numpy.typing import NDArray

from engine.measured import measure
from engine.tasks.instructions import STEM_CLASSES
from engine.training.corpus.values import (
    MeterPoint,
    Part,
    Section,
    Song,
    TempoPoint,
)
from engine.training.songs import write_audio

RATE = 48_000
SOUND = (".wav", ".flac", ".aif", ".aiff", ".ogg")
KEYS = ("bpm", "keyscale", "signature", "caption", "language", "lyrics", "start")
OTHER_NAMES = {  # what engineers call their tracks
    "backing_vocals": "backing bgv bvox bv choir harmony",
    "vocals": "vocal vox voice lead_vocal singer",
    "drums": "drum kick snare hat hihat overhead toms cymbals kit",
    "percussion": "perc shaker conga tambourine bongo",
    "guitar": "gtr guitars acoustic",
    "keyboard": "keys piano organ rhodes wurli clav",
    "strings": "string violin cello viola",
    "brass": "horn horns trumpet trombone",
    "woodwinds": "woodwind sax flute clarinet oboe",
    "synth": "synths lead pad arp pluck",
    "fx": "sfx riser noise effects",
    "bass": "sub 808",
}


class BadMultitrack(ValueError):
    """A folder that is no multitrack; the text says which file, what is wrong and what is expected."""


def class_of(path: Path) -> str:
    """The stem class a file's name says. Raises BadMultitrack."""
    name = re.sub(r"[^a-z0-9]+", "_", path.stem.lower())
    words = set(name.split("_")) | {name}
    for stem_class in ("backing_vocals", "vocals", *STEM_CLASSES):
        if stem_class in name or words & set(OTHER_NAMES[stem_class].split()):
            return stem_class
    raise BadMultitrack(f"{path}: no stem class in the name; there are {', '.join(STEM_CLASSES)}")


def read_sheet(folder: Path) -> dict[str, Any]:
    """song.yaml, or nothing. Raises BadMultitrack."""
    path = folder / "song.yaml"
    if not path.exists():
        return {}
    try:
        values = yaml.safe_load(path.read_text("utf-8")) or {}
    except yaml.YAMLError as error:
        raise BadMultitrack(f"{path}: {error}") from error
    unknown = [key for key in values if key not in KEYS]
    if unknown:
        raise BadMultitrack(f"{path}: {unknown[0]!r} is none of {', '.join(KEYS)}")
    return dict(values)


def read_stems(folder: Path, start: float) -> dict[str, NDArray[np.float32]]:
    """Stems by class (2, n) at 48 kHz from `start` seconds on, as long as the shortest; a class is summed."""
    stems: dict[str, NDArray[np.float32]] = {}
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in SOUND)
    for path in files:
        audio, rate = soundfile.read(path, dtype="float32", always_2d=True)
        audio = soxr.resample(audio, rate, RATE)[round(start * RATE) :, :2]
        sound = np.repeat(audio, 2, 1) if audio.shape[1] == 1 else audio
        name, before = class_of(path), stems.get(class_of(path))
        n = len(sound) if before is None else min(len(sound), before.shape[1])
        stems[name] = sound[:n].T if before is None else before[:, :n] + sound[:n].T
    if not stems:
        raise BadMultitrack(f"{folder}: no sound file ({', '.join(SOUND)})")
    shortest = min(stem.shape[1] for stem in stems.values())
    return {name: stem[:, :shortest] for name, stem in stems.items()}


def song_of(folder: Path, sheet: dict[str, Any], stems: dict[str, NDArray[np.float32]]) -> Song:
    """What is known of a song, as the composer would have said it."""
    mix = np.asarray(sum(stems.values()))
    heard = measure(mix)
    bpm = Fraction(str(sheet.get("bpm") or round(heard.bpm or 120, 2)))
    numerator, denominator = (int(x) for x in str(sheet.get("signature", "4/4")).split("/"))
    caption = str(sheet.get("caption") or folder.name)
    return Song(
        seed=0,
        style=caption,
        tempo=(TempoPoint(Fraction(0), bpm),),
        meter=(MeterPoint(0, numerator, denominator),),
        keyscale=str(sheet.get("keyscale") or heard.keyscale or "C major"),
        sections=(Section("Verse", 0, 10_000, 0.6),),
        parts=tuple(Part(name, 0, name == "drums", (), 0.0, 0.0, None) for name in stems),
        caption=caption,
        captions=(caption,) * 4,
        tags=(caption, caption),
        lyrics=str(sheet.get("lyrics") or "[Instrumental]"),
        beats=float(mix.shape[1] / RATE * bpm / 60),
        swing=0.5,
        language=str(sheet.get("language") or "unknown"),
    )


def import_multitracks(source: Path, out: Path) -> Iterator[str]:
    """Write every song folder of `source` into a corpus folder, saying each name. Raises BadMultitrack."""
    folders = sorted(p for p in source.iterdir() if p.is_dir())
    if not folders:
        raise BadMultitrack(f"{source}: no folders; one folder a song is expected")
    for index, folder in enumerate(folders):
        sheet = read_sheet(folder)
        stems = read_stems(folder, float(sheet.get("start") or 0.0))
        peak = max(1.0, *(float(np.abs(stem).max()) for stem in stems.values()))
        scaled = {name: stem / np.float32(peak) for name, stem in stems.items()}
        write_audio(out / f"song_{index:06d}", song_of(folder, sheet, stems), scaled)
        yield f"{folder.name}: {', '.join(stems)}"
