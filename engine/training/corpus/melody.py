"""Melodies: a motif, its answer and variations; chord tones on strong beats, phrases that end and breathe."""

from random import Random

from .score import STEP, Bar, Sheet, chord_scale, fit_pattern, read_events, velocity_of
from .theory import BLUES, FAMILY, PENTATONIC, Chord
from .values import Note

RHYTHMS: dict[str, tuple[str, ...]] = {  # one bar each
    "song": (
        "x---x-x-x---x---",
        "x-x-x---x-x-x---",
        "..x-x-x-x-----x-",
        "x-----x-x---x-x-",
        "x--x--x-x--x--x-",
        "....x-x-x-x-x---",
        "x---x---x-x-x-x-",
        "x-x-..x-x-x-x---",
    ),
    "syncopated": (
        "x--x--x-..x-x-x-",
        "..x-x--x--x-x---",
        "x-x..x-x..x-x---",
        "...x--x-x--x--x-",
        "x.x-..xx-.x-..x-",
    ),
    "lazy": (
        "x-----x-x-------",
        "......x-x---x---",
        "x--x------..x-x-",
        "....x---x-------",
        "x-------..x-x-x-",
    ),
    "lyrical": (
        "x-------x---x---",
        "x-----x-x-------",
        "x---x---x-------",
        "x-----x-x---x-x-",
        "x-----------x---",
        "x---x-x-x---x---",
    ),
    "busy": (
        "x-xxx-xxx-xxx-x-",
        "xxxxx-x-xxxxx-x-",
        "x-x-x-x-x-xxx---",
        "x-xxxxx-x-xxxxx-",
        "xxx-xxx-xxx-xxx-",
    ),
    "jazz": (
        "x-x-x-x-x-x-x---",
        "..x-x-x-x-x-x-x-",
        "x---..x-x-x-x-..",
        "..x---x-x-x-..x-",
        "x-x-xxx-x-x-....",
        "....x-x-x-x-x-x-",
        "x-x-x---..x-..x-",
    ),
    "blues": (
        "..x-x-x-x-----..",
        "x-x-x---....x-x-",
        "....x-x-x-x-x---",
        "x---x-x-x-......",
        "x-xxx-----..x-x-",
    ),
}
ENDINGS = ("x-----------....", "x-x-x-------....", "x---x-------....", "x-x-x-x-x---....", "x---------......")
MOVES = (-3, -2, -1, -1, -1, 0, 1, 1, 1, 2, 3, 4)
SCALES: dict[str, dict[str, tuple[int, ...]]] = {"blues": BLUES, "busy": PENTATONIC, "lazy": PENTATONIC}
PHRASES = ("ABAC", "AABC", "ABCD", "AAAC", "ABAD")


def draw_shape(rng: Random, rhythm: str) -> list[int]:
    """Moves in scale steps for each note of a bar, drawn back to the middle."""
    shape, place = [], 0
    for _ in range(rhythm.count("x")):
        move = rng.choice(MOVES)
        if abs(place + move) > 4:
            move = -move
        place += move
        shape.append(move)
    return shape


def draw_theme(rng: Random, figure: str) -> dict[str, tuple[str, list[int]]]:
    """Four bars' worth of motif: rhythm and shape of A, its answer B (same rhythm, other end), C and D."""
    pool = RHYTHMS[figure]
    first = rng.choice(pool)
    shape = draw_shape(rng, first)
    turned = shape[: len(shape) // 2] + [-move for move in shape[len(shape) // 2 :]]
    contrast = rng.choice(pool)
    ending = rng.choice(ENDINGS)
    return {
        "A": (first, shape),
        "B": (first, turned) if rng.random() < 0.6 else (contrast, draw_shape(rng, contrast)),
        "C": (ending, draw_shape(rng, ending)),
        "D": (contrast, draw_shape(rng, contrast)),
    }


def ladder(sheet: Sheet, chord: Chord, figure: str, low: int, high: int) -> list[int]:
    """The pitches a melody may step on over a chord."""
    table = SCALES.get(figure)
    classes = set(chord_scale(sheet, chord))
    if table is not None:
        family = {(sheet.tonic + step) % 12 for step in table[FAMILY[sheet.mode]]}
        classes = (family if figure == "blues" else family & classes) | set(chord.classes[:3])
    return [p for p in range(low, high + 1) if p % 12 in classes]


def step_from(pitch: int, move: int, rungs: list[int]) -> int:
    """The pitch `move` rungs away from the rung nearest to `pitch`, turned back at the ends."""
    at = min(range(len(rungs)), key=lambda i: abs(rungs[i] - pitch))
    target = at + move
    if not 0 <= target < len(rungs):
        target = at - move
    return rungs[max(0, min(len(rungs) - 1, target))]


def snap_to_chord(pitch: int, chord: Chord, rungs: list[int]) -> int:
    """The chord tone on the ladder nearest to a pitch."""
    tones = [p for p in rungs if p % 12 in chord.classes]
    return min(tones, key=lambda p: (abs(p - pitch), p)) if tones else pitch


def sing_bar(
    sheet: Sheet, bar: Bar, theme: tuple[str, list[int]], figure: str, voice: tuple[int, int, int]
) -> tuple[list[Note], int]:
    """One bar of melody and its last pitch; voice: lowest, highest and previous pitch."""
    (rhythm, shape), (low, high, pitch) = theme, voice
    rng = sheet.rng("accents", bar.beat, low)
    notes = []
    for index, (step, length, _) in enumerate(read_events(fit_pattern(rhythm, bar))):
        beat = bar.beat + step * STEP
        chord = sheet.chords[sheet.chord_at(beat)]
        rungs = ladder(sheet, chord, figure, low, high)
        move = shape[index % len(shape)]
        pitch = step_from(pitch, move, rungs)
        if step % 4 == 0 or length >= 4:
            pitch = snap_to_chord(pitch, chord, rungs)
        mark = "X" if step % 8 == 0 or move >= 3 else "x"
        notes.append(Note(beat, length * STEP, pitch, velocity_of(mark, sheet.energy(bar), rng)))
    return notes, pitch


def start_phrase(sheet: Sheet, bar: Bar, compass: tuple[int, int], rng: Random) -> tuple[int, int, int]:
    """Register and first pitch of a phrase: louder sections sing higher."""
    low, high = compass
    middle = low + (high - low) * (0.35 + 0.25 * sheet.energy(bar) + 0.1 * rng.random())
    bottom, top = max(low, int(middle) - 8), min(high, int(middle) + 10)
    chord = sheet.chords[sheet.chord_at(bar.beat)]
    rungs = [p for p in range(bottom, top + 1) if p % 12 in chord.classes]
    return bottom, top, step_from(int(middle), rng.choice((-1, 0, 0, 1)), rungs)


def add_thirds(sheet: Sheet, notes: list[Note]) -> list[Note]:
    """The melody with a second voice two scale steps below, on a chord tone where the note is long."""
    second = []
    for note in notes:
        chord = sheet.chords[sheet.chord_at(note.beat)]
        rungs = ladder(sheet, chord, "song", note.pitch - 12, note.pitch)
        pitch = step_from(note.pitch, -2, rungs)
        pitch = snap_to_chord(pitch, chord, rungs[:-1]) if note.length >= 1.0 else pitch
        if pitch < note.pitch:
            second.append(Note(note.beat, note.length, pitch, max(18, note.velocity - 14)))
    return notes + second


def pick_letter(sheet: Sheet, bar: Bar, plan: str, key: str) -> str:
    """Which bar of the theme comes: the plan's, an ending at the section's end, later on some variation."""
    letter = "C" if bar.is_last else plan[bar.place % 4]
    varied = bar.place % 8 >= 4 and letter in "AB" and sheet.rng("vary", key, bar.beat).random() < 0.35
    return "D" if varied else letter


def write_lead(sheet: Sheet, figure: str, compass: tuple[int, int], floor: float, key: str) -> list[Note]:
    """The melody of the song: each kind of section has its theme, its second time slightly varied."""
    notes: list[Note] = []
    voice = (*compass, compass[0])
    for bar in sheet.bars:
        section = sheet.sections[bar.section]
        if section.energy < floor:
            continue
        rng = sheet.rng("theme", key, section.name)
        themes, plan, doubled = draw_theme(rng, figure), rng.choice(PHRASES), rng.random() < 0.25
        if bar.place % 4 == 0:
            voice = start_phrase(sheet, bar, compass, rng)
        sung, last = sing_bar(sheet, bar, themes[pick_letter(sheet, bar, plan, key)], figure, voice)
        voice = (voice[0], voice[1], last)
        notes += add_thirds(sheet, sung) if doubled and section.energy > 0.7 else sung
    return notes
