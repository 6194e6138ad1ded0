"""The sheet all players read: bars, chords, key, feel; and small tools to place notes on it."""

from bisect import bisect_right
from dataclasses import dataclass, replace
from random import Random

from .theory import MODES, Chord
from .values import Note, Section

STEP = 0.25  # beats: one sixteenth
BREAK_CHANCE = 0.12
SHORTEST = 0.06  # beats: shorter notes do not speak


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: beat of its line, its sixteenths, its section and its place in it."""

    beat: float
    steps: int
    meter: tuple[int, int]
    section: int
    place: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything the players share.  swing: share of the first of a pair of `swing_unit` / 2 beats each."""

    seed: int
    bars: tuple[Bar, ...]
    sections: tuple[Section, ...]
    chords: tuple[Chord, ...]
    tonic: int
    mode: str
    swing: float
    swing_unit: float
    human_beats: float

    def chord_at(self, beat: float) -> int:
        """Index of the chord that sounds at a beat."""
        return bisect_right([c.beat for c in self.chords], beat + 1e-6) - 1

    def energy(self, bar: Bar) -> float:
        """Energy of the bar's section, 0..1."""
        return self.sections[bar.section].energy

    def rng(self, *purpose: object) -> Random:
        """A generator of its own for a purpose: equal purposes (a section's name) draw equal figures."""
        return Random("/".join(map(str, (self.seed, *purpose))))


def fit_pattern(pattern: str, bar: Bar) -> str:
    """A figure of 4/4 cut or repeated to the bar: 6/8 takes the head
    of both halves, others the first steps.
    """
    length = len(pattern)
    if length == 32:
        pattern, length = pattern[16:] if bar.place % 2 else pattern[:16], 16
    if bar.meter == (6, 8) and length == 16:
        return pattern[:6] + pattern[8:14]
    if bar.steps <= length:
        return pattern[: bar.steps]
    return (pattern + pattern[length // 2 :] + pattern)[: bar.steps]


def read_events(pattern: str) -> list[tuple[int, int, str]]:
    """(step, length in steps, character) of every note of a fitted figure; a leading hold is a rest."""
    events = []
    for step, mark in enumerate(pattern):
        if mark in ".-":
            continue
        stop = step + 1
        while stop < len(pattern) and pattern[stop] == "-":
            stop += 1
        events.append((step, stop - step, mark))
    return events


def chord_scale(sheet: Sheet, chord: Chord) -> tuple[int, ...]:
    """Pitch classes to move in over a chord: the key's scale, with the
    chord's own notes for their neighbours.
    """
    scale = [(sheet.tonic + step) % 12 for step in MODES[sheet.mode]]
    for note in chord.classes:
        if note not in scale:
            scale = [n for n in scale if (n - note) % 12 not in (1, 11) or n in chord.classes] + [note]
    return tuple(sorted(scale))


def swing_beat(beat: float, swing: float, unit: float) -> float:
    """Where a beat position on the straight grid falls with swing."""
    pair, place = divmod(beat / unit, 1.0)
    late = 2 * swing * place if place < 0.5 else swing + (2 * place - 1) * (1 - swing)
    return (pair + late) * unit


def play_notes(sheet: Sheet, notes: list[Note], rng: Random, lag: float) -> tuple[Note, ...]:
    """The notes as played: swung, humanised, inside the song, no pitch struck while it sounds."""
    end = sheet.bars[-1].beat + sheet.bars[-1].steps * STEP
    swung = all(bar.meter[1] == 4 for bar in sheet.bars) and sheet.swing > 0.5
    played = []
    for note in notes:
        start = swing_beat(note.beat, sheet.swing, sheet.swing_unit) if swung else note.beat
        start = max(0.0, start + lag + rng.gauss(0.0, 1.0) * sheet.human_beats)
        length = max(SHORTEST, min(note.length * 0.98, end - start))
        if start < end - SHORTEST:
            played.append(replace(note, beat=round(start, 5), length=round(length, 5)))
    return separate_notes(sorted(played, key=lambda n: (n.beat, n.pitch)))


def cut_breaks(sheet: Sheet, notes: list[Note]) -> list[Note]:
    """The notes without those in breaks: now and then a section's last beats are left to the drums."""
    result = notes
    for bar in sheet.bars:
        rng = sheet.rng("break", bar.beat)
        if bar.is_last and bar.steps >= 12 and rng.random() < BREAK_CHANCE:
            stop = bar.beat + bar.steps * STEP
            start = stop - rng.choice((1.0, 2.0))
            result = [
                replace(n, length=min(n.length, start - n.beat)) if n.beat < start < n.beat + n.length else n
                for n in result
                if not start <= n.beat < stop
            ]
    return result


def separate_notes(notes: list[Note]) -> tuple[Note, ...]:
    """Cuts a note where the same pitch is struck again; drops doubles closer than a player can strike."""
    following: dict[int, float] = {}
    result = []
    for note in reversed(notes):
        gap = following.get(note.pitch, 1e9) - note.beat
        if gap < SHORTEST:
            continue
        following[note.pitch] = note.beat
        result.append(replace(note, length=round(min(note.length, gap - 0.005), 5)))
    return tuple(reversed(result))


def velocity_of(mark: str, energy: float, rng: Random) -> int:
    """MIDI velocity of a figure's mark: accents, normal and ghost notes, louder with the section's energy."""
    base = {"X": 108, "o": 48, "O": 60}.get(mark, 90)
    return int(min(127, max(18, base * (0.66 + 0.4 * energy) + rng.gauss(0.0, 4.0))))
