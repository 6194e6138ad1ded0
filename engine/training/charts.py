"""Songs another program composed: chord charts of ours, played by MMA's own grooves and patterns.

MMA (Musical MIDI Accompaniment, GPL-2+, Debian package mma) is run as a program and nothing of it is copied.
Its tracks become parts, each rendered dry by a soundfont that was never trained on: no room, no bus, other
players than the corpus has.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.training.corpus.render import load_soundfont, play_soundfont
from engine.training.corpus.values import MeterPoint, Note, Part, Section, Song, TempoPoint
from engine.training.songs import write_audio

PROGRAM = "mma"
RATE = 48_000
PATIENCE_S = 120.0
DRUM_CHANNEL = 9
TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
GROOVES = (  # MMA's name, what we call it, beats in a bar, slowest and fastest
    ("BossaNova", "bossa nova", 4, 110, 150),
    ("BasicRock", "rock", 4, 100, 160),
    ("Swing", "jazz swing", 4, 110, 180),
    ("8Beat", "pop", 4, 90, 130),
    ("Blues", "blues", 4, 80, 130),
    ("Waltz", "waltz", 3, 90, 160),
    ("FolkRock", "folk", 4, 90, 130),
    ("Salsa", "latin", 4, 90, 120),
    ("SoftRock", "soft rock", 4, 80, 120),
    ("Samba", "samba", 4, 95, 120),
    ("CountrySwing", "country", 4, 100, 140),
    ("BVFunk", "funk", 4, 92, 118),
    ("PopBallad", "ballad", 4, 62, 84),
    ("Ska", "ska", 4, 110, 150),
    ("DSoul", "soul", 4, 80, 120),
    ("Trance", "trance", 4, 126, 142),
)
PROGRESSIONS = {  # semitones over the tonic, and the kind of chord
    "major": (
        ((0, ""), (9, "m"), (2, "m7"), (7, "7")),
        ((0, ""), (5, ""), (7, ""), (0, "")),
        ((0, "M7"), (5, "M7"), (4, "m7"), (9, "7"), (2, "m7"), (7, "7"), (0, "6"), (7, "7")),
        ((0, ""), (7, ""), (9, "m"), (5, "")),
    ),
    "minor": (
        ((0, "m"), (8, ""), (3, ""), (10, "")),
        ((0, "m"), (5, "m"), (7, "7"), (0, "m")),
        ((0, "m7"), (5, "m7"), (10, "7"), (3, "M7"), (8, "M7"), (5, "m6"), (7, "7"), (0, "m")),
    ),
}
FAMILIES = (  # the first General MIDI program that is no longer of the class
    (24, "keyboard"),
    (32, "guitar"),
    (40, "bass"),
    (56, "strings"),
    (64, "brass"),
    (80, "woodwinds"),
    (96, "synth"),
    (104, "fx"),
    (112, "guitar"),
    (120, "percussion"),
    (128, "fx"),
)


@dataclass(frozen=True, slots=True)
class Chart:
    """What a song is asked to be. tonic: 0 is C.  chords: a bar each."""

    seed: int
    groove: str
    style: str
    beats: int
    bpm: int
    tonic: int
    mode: str
    chords: tuple[str, ...]


def is_installed() -> bool:
    """Is the program there?"""
    return shutil.which(PROGRAM) is not None


def draw_chart(seed: int, seconds: float) -> Chart:
    """A chart of whole bars that lasts `seconds` or a little more; grooves take turns."""
    rng = Random(seed)
    groove, style, beats, slow, fast = GROOVES[seed % len(GROOVES)]
    bpm, tonic, mode = rng.randint(slow, fast), rng.randrange(12), rng.choice(sorted(PROGRESSIONS))
    verse, chorus = rng.choices(PROGRESSIONS[mode], k=2)
    bars = int(-(-seconds * bpm // (60 * beats)))
    pattern = [*verse, *verse, *chorus, *chorus]
    degrees = (pattern[bar % len(pattern)] for bar in range(bars))
    chords = tuple(TONICS[(tonic + step) % 12] + kind for step, kind in degrees)
    return Chart(seed, groove, style, beats, bpm, tonic, mode, chords)


def write_chart(chart: Chart) -> str:
    """The chart in MMA's language."""
    bars = "\n".join(f"{number} {chord}" for number, chord in enumerate(chart.chords, 1))
    return f"RndSeed {chart.seed}\nTempo {chart.bpm}\nGroove {chart.groove}\n{bars}\n"


def play_chart(chart: Chart) -> tuple[Part, ...]:
    """What MMA's band plays of it, a part for each of its tracks.

    Raises CalledProcessError, TimeoutExpired.
    """
    import mido

    with tempfile.TemporaryDirectory() as folder:
        source, midi = Path(folder) / "chart.mma", Path(folder) / "chart.mid"
        source.write_text(write_chart(chart))
        command = [PROGRAM, str(source), "-f", str(midi)]
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S, cwd=folder)
        song = mido.MidiFile(midi)
    parts = (read_part(track, song.ticks_per_beat) for track in song.tracks)
    return tuple(part for part in parts if part.notes)


def read_part(track: Any, ticks: int) -> Part:
    """A MIDI track as a part; ticks: to a quarter note."""
    tick, program, channel = 0, 0, 0
    open_notes: dict[int, tuple[float, int]] = {}
    notes: list[Note] = []
    for message in track:
        tick += message.time
        if message.type == "program_change":
            program = message.program
        elif message.type in ("note_on", "note_off"):
            channel = message.channel
            if message.note in open_notes:  # struck again: the old one ends here
                start, velocity = open_notes.pop(message.note)
                notes.append(Note(start, max(tick / ticks - start, 0.02), message.note, velocity))
            if message.type == "note_on" and message.velocity:
                open_notes[message.note] = (tick / ticks, message.velocity)
    is_drums = channel == DRUM_CHANNEL
    return Part(
        class_of_track(track.name, program, is_drums), program, is_drums, tuple(notes), 0.0, 0.0, None
    )


def class_of_track(name: str, program: int, is_drums: bool) -> str:
    """A track's stem class: what MMA calls its bass lines is bass whatever plays it."""
    if is_drums:
        return "drums"
    if name.startswith(("Bass", "Walk")):
        return "bass"
    return next(stem_class for end, stem_class in FAMILIES if program < end)


def song_of_chart(chart: Chart, parts: tuple[Part, ...]) -> Song:
    """The chart as the corpus would have said it."""
    caption = f"{chart.style} at {chart.bpm} bpm"
    return Song(
        seed=chart.seed,
        style=chart.style,
        tempo=(TempoPoint(Fraction(0), Fraction(chart.bpm)),),
        meter=(MeterPoint(0, chart.beats, 4),),
        keyscale=f"{TONICS[chart.tonic]} {chart.mode}",
        sections=(Section("Verse", 0, len(chart.chords), 0.6),),
        parts=parts,
        caption=caption,
        captions=(chart.style, caption),
        tags=(chart.style, "instrumental"),
        lyrics="[Instrumental]",
        beats=float(len(chart.chords) * chart.beats),
        swing=0.5,
    )


def render_chart(song: Song, soundfont: Path) -> dict[str, NDArray[np.float32]]:
    """Stems by class (2, n), dry, at the levels the velocities give; their sum peaks at 0.9."""
    loaded = load_soundfont(str(soundfont))
    if loaded is None:
        return {}
    count = int(song.beats * 60 / float(song.tempo[0].bpm) * RATE)
    stems: dict[str, NDArray[np.float32]] = {}
    for part in song.parts:
        sound = play_soundfont(song, part, count, loaded, 0.0)
        stems[part.stem_class] = stems.get(part.stem_class, np.float32(0)) + sound
    loud = max(float(np.abs(x).max()) for x in (sum(stems.values()), *stems.values()))
    return {name: stem * np.float32(0.9 / max(loud, 1e-9)) for name, stem in stems.items()}


def write_chart_songs(out: Path, count: int, seconds: float, soundfont: Path) -> None:
    """The first `count` songs as a corpus folder; what is there already is left alone."""
    for seed in range(count):
        folder = out / f"song_{seed:06d}"
        if not folder.exists():
            chart = draw_chart(seed, seconds)
            song = song_of_chart(chart, play_chart(chart))
            write_audio(folder, song, render_chart(song, soundfont))
