"""The known-error set: songs of the corpus, played wrong in a known way, and where their notes then lie.

The error is put into the song's own tempo map before it is rendered, so that the sound carries no trace of a
time-stretcher, and every note's wrong and right time are known in full precision.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.grid import Grid, build_grid
from engine.training.corpus.composer import compose
from engine.training.corpus.grid import beats_of_seconds, seconds_of_beats
from engine.training.corpus.render import render_parts
from engine.training.corpus.values import Song, SungLine, SungNote, SungPhone
from engine.training.corpus.values import TempoPoint as SongPoint
from protocol.values import MeterPoint, TempoPoint

RATE = 48_000
SECONDS = 12.0
WANDER = 0.015  # of the tempo, to and fro over the song
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a rendering: ratio: longer by this factor; sixteenths: late by this many; wander:
    of the tempo to and fro, 0..1.
    """

    name: str
    ratio: Fraction = Fraction(1)
    sixteenths: float = 0.0
    wander: float = 0.0


@dataclass(frozen=True, slots=True)
class Case:
    """One file. audio: float32 (2, n), as wrong as it came from the model; right_s, wrong_s: each note's time
    on the grid and in the audio, seconds, (notes,).
    """

    song: Song
    fault: Fault
    grid: Grid
    audio: NDArray[np.float32]
    right_s: Floats
    wrong_s: Floats


def has_beat(song: Song) -> bool:
    """Whether anything in it strikes a beat: strings and pads alone have none to lock to."""
    return any(part.is_drums or part.stem_class in ("drums", "percussion") for part in song.parts)


def is_swung(song: Song) -> bool:
    """Whether it swings by more than one hears as late."""
    return song.swing > 0.54


def is_odd(song: Song) -> bool:
    """Whether its bars are of five or seven, or of more than one length."""
    return len(song.meter) > 1 or song.meter[0].numerator in (5, 7)


def songs(first: int) -> Iterator[Song]:
    """Songs of the corpus, in order of their seeds."""
    for seed in range(first, first + 10_000):
        yield compose(seed, SECONDS)


def tighten(song: Song) -> Song:
    """The song with its players' own looseness taken out, so that the known error is the only one."""

    def place(beat: float) -> float:
        sixteenth = round(beat * 4) / 4
        return sixteenth if abs(sixteenth - beat) < 0.06 else round(beat * 24) / 24

    parts = [
        replace(part, notes=tuple(replace(note, beat=place(note.beat)) for note in part.notes))
        for part in song.parts
    ]
    return replace(song, parts=tuple(parts))


def bend_tempo(song: Song, fault: Fault) -> Song:
    """The song as a model plays it that does not keep its tempo."""
    points = [replace(point, bpm=point.bpm / fault.ratio) for point in song.tempo]
    if fault.wander:
        (first,) = points  # only songs of one tempo wander
        step = Fraction(2)
        points = [
            SongPoint(beat * step, first.bpm * (1 + Fraction(fault.wander * np.sin(beat * 0.5))), False)
            for beat in range(int(song.beats / 2) + 1)
        ]
    bent = replace(song, tempo=tuple(points))
    return replace(
        bent,
        sung=tuple(retime(line, song, bent) for line in song.sung),
        backing=tuple(retime(line, song, bent) for line in song.backing),
    )


def retime(line: SungLine, song: Song, bent: Song) -> SungLine:
    """A sung line of `song` with the seconds at which its beats fall in `bent`, whole samples."""

    def moved(sound: SungPhone | SungNote) -> Any:
        ends = seconds_of_beats(bent, beats_of_seconds(song, np.array([sound.start, sound.stop])))
        start, stop = (round(float(at) * RATE) / RATE for at in ends)
        return replace(sound, start=start, stop=stop)

    words = []
    for word in line.words:
        syllables = tuple(
            replace(part, phones=tuple(map(moved, part.phones)), notes=tuple(map(moved, part.notes)))
            for part in word.syllables
        )
        words.append(replace(word, syllables=syllables))
    return replace(line, words=tuple(words))


def make_case(song: Song, fault: Fault, soundfont: str | None) -> Case:
    """A song rendered with a fault; its first sample stays the region's first one."""
    bent = bend_tempo(song, fault)
    mix = sum(render_parts(bent, soundfont).values())
    late_s = fault.sixteenths * 15.0 / float(song.tempo[0].bpm)
    late = round(late_s * RATE)
    mix = np.pad(mix, ((0, 0), (max(late, 0), 0)))[:, max(-late, 0) :]
    count = round(float(seconds_of_beats(song, np.array(song.beats))) * RATE)
    mix = np.pad(mix, ((0, 0), (0, max(count - mix.shape[1], 0))))[:, :count]
    beats = np.array(sorted({note.beat for part in song.parts for note in part.notes}))
    right, wrong = (seconds_of_beats(each, beats) for each in (song, bent))
    wrong = wrong + late / RATE
    keep = (wrong > 0.0) & (wrong < count / RATE) & (right < count / RATE)
    return Case(song, fault, grid_of(song), np.asarray(mix, np.float32), right[keep], wrong[keep])


def grid_of(song: Song) -> Grid:
    """The project's grid that the song was written for."""
    tempo = [TempoPoint(p.beat, p.bpm, "beats" if p.ramp else "none") for p in song.tempo]
    meter = [MeterPoint(p.bar + 1, p.numerator, p.denominator) for p in song.meter]
    return build_grid(tempo, meter)


def clicks(times: Floats, count: int) -> NDArray[np.float32]:
    """A click at each time, float32 (2, count): moved by the same map as the music, it shows where a note
    went.
    """
    sound = np.zeros((2, count), np.float32)
    for at in np.rint(times * RATE).astype(int):
        length = min(240, count - at)
        sound[:, at : at + length] = np.exp(-np.arange(length) / 40.0)
    return sound


def find_click(sound: NDArray[np.float32], near_s: float) -> float:
    """When the click next to a time sounds, seconds."""
    lo = max(0, round((near_s - 0.02) * RATE))
    part = np.abs(sound[0, lo : round((near_s + 0.02) * RATE)])
    return float(lo + np.argmax(part > 0.5 * part.max())) / RATE
