"""Pitched players: bass, chords, arpeggios, pads, riffs, stabs and
effects, each from figures and the sheet.
"""

from random import Random

from .patterns import ARPEGGIOS, BASS, CHORDS, RIFFS
from .score import STEP, Bar, Sheet, chord_scale, fit_pattern, read_events, velocity_of
from .theory import PENTATONIC, QUALITIES, Chord, lead_voices, nearest_pitch
from .values import Note

STRUM = 0.018  # beats between the strings of a strummed chord
RISER, IMPACT, FALL = 36, 48, 60  # pitches the `sweeps` synth understands


def figure_for(sheet: Sheet, bar: Bar, options: tuple[str, ...], key: str) -> str:
    """The figure of the bar's section: sections of one name share it."""
    return fit_pattern(sheet.rng("figure", key, sheet.sections[bar.section].name).choice(options), bar)


def bass_pitch(mark: str, chord: Chord, following: Chord, low: int, rng: Random) -> int:
    """Pitch of a bass mark, `low` being the lowest string."""
    root = nearest_pitch(chord.root, low + 6.5)
    steps = QUALITIES[chord.quality]
    if mark == "a":
        target = nearest_pitch(following.root, root)
        return target + rng.choice((-1, -2, 1, 2) if target > low + 2 else (1, 2))
    offsets = {
        "R": 12,
        "f": steps[2 if len(steps) > 2 and steps[2] < 9 else 1],
        "t": steps[1] if steps[1] < 6 else 0,
        "s": next((s for s in steps if 8 < s < 12), 12),
        "l": -5,
    }
    return root + offsets.get(mark, 0)


def walk_pitch(sheet: Sheet, chord: Chord, beat: float, last: int, low: int) -> int:
    """The next pitch of a walking bass: the root at a chord's start, else a near chord or scale tone."""
    rng = sheet.rng("walk", beat)
    if abs(beat - chord.beat) < 0.01:
        return nearest_pitch(chord.root, (last + low + 9) / 2)
    tones = chord.classes if rng.random() < 0.7 else chord_scale(sheet, chord)
    near = [p for p in range(max(low, last - 6), min(low + 22, last + 7)) if p % 12 in tones and p != last]
    return rng.choice(near or [nearest_pitch(chord.root, low + 8)])


def write_bass(sheet: Sheet, figure: str, compass: tuple[int, int], floor: float, rng: Random) -> list[Note]:
    """The bass line: roots at chord changes, figures by section, steps into the next chord."""
    notes: list[Note] = []
    last = compass[0] + 8
    for bar in sheet.bars:
        if sheet.energy(bar) < floor:
            continue
        for step, length, mark in read_events(figure_for(sheet, bar, BASS[figure], "bass")):
            beat = bar.beat + step * STEP
            index = sheet.chord_at(beat)
            chord, following = sheet.chords[index], sheet.chords[min(index + 1, len(sheet.chords) - 1)]
            if abs(beat - chord.beat) < 0.01 and mark != "R":
                mark = "w" if mark == "w" else "r"
            if mark == "a" and following.beat - beat > 1.01:
                mark = "f"
            last = (
                walk_pitch(sheet, chord, beat, last, compass[0])
                if mark == "w"
                else bass_pitch(mark, chord, following, compass[0], rng)
            )
            last = last if compass[0] <= last <= compass[1] + 7 else nearest_pitch(last % 12, compass[0] + 8)
            accent = "X" if step % 8 == 0 else "x"
            notes.append(Note(beat, length * STEP * 0.95, last, velocity_of(accent, sheet.energy(bar), rng)))
    return notes


def chord_events(sheet: Sheet, bar: Bar, pattern: str) -> list[tuple[float, float, str, int]]:
    """(beat, length, mark, chord index) of the bar's strokes; a held one is struck anew where it changes."""
    events = []
    for step, length, mark in read_events(pattern):
        start, stop = bar.beat + step * STEP, bar.beat + (step + length) * STEP
        while start < stop - 0.01:
            index = sheet.chord_at(start)
            chord = sheet.chords[index]
            end = min(stop, chord.beat + chord.length)
            events.append((start, end - start, mark, index))
            start = end
    return events


def power_voicing(chord: Chord, low: int) -> tuple[int, ...]:
    """Root, fifth and octave in the low register of a guitar."""
    root = nearest_pitch(chord.root, low + 6)
    return (root, root + 7, root + 12)


def voicings_for(sheet: Sheet, compass: tuple[int, int], voices: int, key: str) -> list[tuple[int, ...]]:
    """A voicing for every chord of the sheet in the instrument's compass."""
    low, high = compass
    if all(c.quality == "5" for c in sheet.chords) and low < 45:
        return [power_voicing(c, low) for c in sheet.chords]
    shift = min(sheet.rng("register", key).choice((0, 2, 4, 7)), max(0, high - low - 20))
    return lead_voices(list(sheet.chords), low + shift, min(high, low + shift + 23), voices)


def write_chords(sheet: Sheet, figure: str, compass: tuple[int, int], floor: float, key: str) -> list[Note]:
    """Chords in the rhythm of a figure; guitars (key "guitar...") are strummed."""
    rng = sheet.rng("chords", key)
    voicings = voicings_for(sheet, compass, 5 if key.startswith("guitar") else 4, key)
    notes: list[Note] = []
    for bar in sheet.bars:
        energy = sheet.energy(bar)
        if energy < floor:
            continue
        for beat, length, mark, index in chord_events(
            sheet, bar, figure_for(sheet, bar, CHORDS[figure], key)
        ):
            voicing = voicings[index]
            upstroke = key.startswith("guitar") and round((beat - bar.beat) / STEP) % 2 == 1
            for order, pitch in enumerate(reversed(voicing) if upstroke else voicing):
                delay = order * STRUM if key.startswith("guitar") else 0.0
                notes.append(
                    Note(beat + delay, max(0.1, length - delay), pitch, velocity_of(mark, energy, rng))
                )
    return notes


def write_piano(sheet: Sheet, figure: str, compass: tuple[int, int], floor: float, key: str) -> list[Note]:
    """Two hands: chords in the right one, octaves and fifths at the chord changes in the left."""
    notes = write_chords(sheet, figure, (compass[0] + 6, compass[1]), floor, key)
    rng = sheet.rng("left hand", key)
    broken = rng.random() < 0.5
    for chord in sheet.chords:
        bar = max((b for b in sheet.bars if b.beat <= chord.beat + 0.01), key=lambda b: b.beat)
        if sheet.energy(bar) < floor:
            continue
        root = nearest_pitch(chord.root, 41)
        shape = ((0, root), (0.5, root + 7), (1.0, root + 12)) if broken else ((0, root), (0, root - 12))
        notes += [
            Note(
                chord.beat + delay, chord.length - delay, pitch, velocity_of("x", sheet.energy(bar), rng) - 8
            )
            for delay, pitch in shape
            if chord.length > delay + 0.4
        ]
    return notes


def write_pad(sheet: Sheet, compass: tuple[int, int], floor: float, key: str) -> list[Note]:
    """Sustained, voice-led chords; equal neighbours are tied within a section."""
    rng = sheet.rng("pad", key)
    voicings = voicings_for(sheet, (compass[0] + 2, compass[1]), 4, key)
    notes: list[Note] = []
    for chord, voicing in zip(sheet.chords, voicings, strict=True):
        bar = max((b for b in sheet.bars if b.beat <= chord.beat + 0.01), key=lambda b: b.beat)
        energy = sheet.energy(bar)
        if energy < floor:
            continue
        tied = {n.pitch for n in notes[-len(voicing) :] if abs(n.beat + n.length - chord.beat) < 0.01}
        held = tied == set(voicing) and bar.place > 0 and all(n.length < 8 for n in notes[-len(voicing) :])
        if held:
            notes[-len(voicing) :] = [
                Note(n.beat, n.length + chord.length, n.pitch, n.velocity) for n in notes[-len(voicing) :]
            ]
            continue
        notes += [Note(chord.beat, chord.length, p, velocity_of("x", energy * 0.8, rng)) for p in voicing]
    return notes


def write_arpeggio(sheet: Sheet, figure: str, compass: tuple[int, int], floor: float, key: str) -> list[Note]:
    """Broken chords: the figure's digits climb the voicing and go on in the octave above."""
    rng = sheet.rng("arpeggio", key)
    voicings = voicings_for(sheet, compass, 4, key)
    notes: list[Note] = []
    for bar in sheet.bars:
        if sheet.energy(bar) < floor:
            continue
        for step, length, mark in read_events(figure_for(sheet, bar, ARPEGGIOS[figure], key)):
            beat = bar.beat + step * STEP
            voicing = voicings[sheet.chord_at(beat)]
            octave, tone = divmod(int(mark), len(voicing))
            pitch = voicing[tone] + 12 * octave
            pitch -= 12 if pitch > compass[1] else 0
            accent = "X" if step % 4 == 0 else "x"
            notes.append(Note(beat, length * STEP, pitch, velocity_of(accent, sheet.energy(bar), rng)))
    return notes


def write_riff(sheet: Sheet, figure: str, compass: tuple[int, int], floor: float, key: str) -> list[Note]:
    """An ostinato on the pentatonic scale; it follows the chord
    roots, or stays on the tonic in dance music.
    """
    rng = sheet.rng("riff", key)
    notes: list[Note] = []
    for bar in sheet.bars:
        if sheet.energy(bar) < floor:
            continue
        for step, length, mark in read_events(figure_for(sheet, bar, RIFFS[figure], key)):
            beat = bar.beat + step * STEP
            chord = sheet.chords[sheet.chord_at(beat)]
            minor = 3 in QUALITIES[chord.quality] or (chord.quality == "5" and sheet.mode != "major")
            octave, tone = divmod(int(mark), 5)
            root = nearest_pitch(chord.root, compass[0] + 6)
            offset = PENTATONIC["minor" if minor else "major"][tone] + 12 * octave
            pitch = min(chord_tones_near(sheet, chord, root + offset), key=lambda p: abs(p - root - offset))
            notes.append(
                Note(
                    beat,
                    length * STEP,
                    pitch,
                    velocity_of("X" if step % 4 == 0 else "x", sheet.energy(bar), rng),
                )
            )
    return notes


def chord_tones_near(sheet: Sheet, chord: Chord, pitch: int) -> list[int]:
    """Pitches of the chord's scale around a pitch."""
    scale = chord_scale(sheet, chord)
    return [p for p in range(pitch - 3, pitch + 4) if p % 12 in scale]


def write_stabs(sheet: Sheet, compass: tuple[int, int], floor: float, key: str) -> list[Note]:
    """Short chords at the ends of two-bar units and at section starts."""
    rng = sheet.rng("stabs", key)
    voicings = voicings_for(sheet, compass, 3, key)
    notes: list[Note] = []
    for bar in sheet.bars:
        energy = sheet.energy(bar)
        if energy < floor or not (bar.place % 2 == 1 or bar.place == 0 or energy > 0.8):
            continue
        for beat, length, mark, index in chord_events(
            sheet, bar, figure_for(sheet, bar, CHORDS["hits"], key)
        ):
            notes += [
                Note(beat, max(0.2, length * 0.8), p, velocity_of(mark, energy, rng)) for p in voicings[index]
            ]
    return notes


def write_fx(sheet: Sheet, figure: str, compass: tuple[int, int], rng: Random) -> list[Note]:
    """Risers into sections and impacts at their starts, or a slow atmosphere on root and fifth."""
    notes: list[Note] = []
    for bar in sheet.bars:
        if figure == "atmosphere":
            chord = sheet.chords[sheet.chord_at(bar.beat)]
            root = nearest_pitch(chord.root, compass[0] + 8)
            if bar.place % 2 == 0:
                notes += [
                    Note(bar.beat, bar.steps * STEP, p, velocity_of("o", 0.5, rng)) for p in (root, root + 7)
                ]
            continue
        if bar.place == 0:
            notes.append(
                Note(bar.beat, 4.0, rng.choice((IMPACT, FALL)), velocity_of("x", sheet.energy(bar), rng))
            )
        if bar.is_last:
            notes.append(Note(bar.beat, bar.steps * STEP, RISER, velocity_of("x", sheet.energy(bar), rng)))
    return notes
