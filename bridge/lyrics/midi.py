"""Lyrics as a Standard MIDI File: words as lyric events, section tags as markers, and the tempo map.

Written here, byte by byte, so that no package is needed to run; tests read it back with another's reader.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor

from bridge.grid import Grid, beat_of, time_at
from bridge.lyrics.ruler import HALF, Ruler
from bridge.lyrics.values import TimedLine, TimedWord, plain, spelled, sung
from protocol.values import Beats, Seconds

PPQ = 960
LYRIC, MARKER, END, TEMPO, SIGNATURE = 0x05, 0x06, 0x2F, 0x51, 0x58
RAMP_STEPS = 4  # tempo events a quarter note where the tempo moves: MIDI knows steps only
LONGEST_TEMPO = 2**24 - 1  # microseconds a quarter note
CLOCKS, THIRTY_SECONDS = 24, 8  # a signature's last two bytes, as everyone writes them


@dataclass(frozen=True, slots=True)
class Event:
    """A meta event. beat: quarter notes from the file's start, at least 0."""

    beat: Fraction
    kind: int
    body: bytes


def write_midi(lines: Iterable[TimedLine], ruler: Ruler) -> bytes:
    """A file of format 1: tempo, signatures and markers in the first track, lyrics in the second.

    Its first tick is the project's start or, relative to the file, the file's first sample, with the map from
    there on. The last word of a line ends with a carriage return, the others with the space behind them.
    """
    placed = list(lines)
    origin = beat_of(ruler.grid, Seconds(ruler.start)) if ruler.relative == "file" else Fraction(0)
    last = max((beat_of(ruler.grid, Seconds(line.end)) for line in placed), default=origin)
    marks = [event(ruler.grid, origin, tag.start, MARKER, plain(tag.text)) for tag in placed if tag.is_tag]
    lyrics = [
        event(ruler.grid, origin, word.start, LYRIC, text)
        for line in sung(placed)
        for word, text in words_of(line)
    ]
    conductor = [*map_events(ruler.grid, origin, last), *marks]
    header = b"MThd" + struct.pack(">IHHH", 6, 1, 2, PPQ)
    return header + track(conductor) + track(lyrics)


def words_of(line: TimedLine) -> list[tuple[TimedWord, str]]:
    """Words with the texts of their events."""
    parts = spelled(line)
    return [*parts[:-1], (parts[-1][0], parts[-1][1] + "\r")]


def event(grid: Grid, origin: Fraction, t: Fraction, kind: int, text: str) -> Event:
    """A text event at project seconds."""
    return Event(max(beat_of(grid, Seconds(t)) - origin, Fraction(0)), kind, text.encode())


def map_events(grid: Grid, origin: Fraction, last: Fraction) -> Iterator[Event]:
    """Tempo and signature changes from `origin` to `last`, beats of the project."""
    for start, end in pairwise(tempo_edges(grid, origin, max(last, origin + 1))):
        spent = time_at(grid, Beats(end)).value - time_at(grid, Beats(start)).value
        tempo = min(floor(spent / (end - start) * 1_000_000 + HALF), LONGEST_TEMPO)
        yield Event(start - origin, TEMPO, tempo.to_bytes(3, "big"))
    meter = grid.meter
    for index, (point, start) in enumerate(zip(meter.points, meter.starts, strict=True)):
        if start <= last and (index + 1 == len(meter.points) or meter.starts[index + 1] > origin):
            power = point.denominator.bit_length() - 1
            body = bytes((point.numerator, power, CLOCKS, THIRTY_SECONDS))
            yield Event(max(start - origin, Fraction(0)), SIGNATURE, body)


def tempo_edges(grid: Grid, origin: Fraction, last: Fraction) -> list[Fraction]:
    """Beats at which a tempo event stands, and `last`: where the tempo steps, and often in ramps."""
    edges = {origin, last}
    for segment in grid.tempo.segments:
        edges.add(segment.beat)
        if segment.ramp != "none":
            steps = floor(segment.beats * RAMP_STEPS)
            edges |= {segment.beat + Fraction(step, RAMP_STEPS) for step in range(1, steps + 1)}
            edges.add(segment.beat + segment.beats)
    return sorted(edge for edge in edges if origin <= edge <= last)


def track(events: Iterable[Event]) -> bytes:
    """A track chunk; events of one tick keep their order."""
    body, before = b"", 0
    for one in sorted(events, key=lambda one: one.beat):
        tick = floor(one.beat * PPQ + HALF)
        body += variable(tick - before) + bytes((0xFF, one.kind)) + variable(len(one.body)) + one.body
        before = tick
    body += bytes((0, 0xFF, END, 0))
    return b"MTrk" + struct.pack(">I", len(body)) + body


def variable(number: int) -> bytes:
    """A variable-length quantity: seven bits a byte, the first ones marked."""
    parts = [number & 0x7F]
    while number := number >> 7:
        parts.append(0x80 | number & 0x7F)
    return bytes(reversed(parts))
