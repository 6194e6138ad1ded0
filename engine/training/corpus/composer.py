"""Composes a song from a seed: draws style and frame, writes the sheet, lets every seat write its part."""

from collections.abc import Callable
from random import Random

from .captions import write_captions, write_lyrics
from .drummer import write_drums, write_percussion
from .form import beats_of_bars, count_bars, draw_bpm, draw_meter, draw_meters, draw_sections, draw_tempo, lay_bars
from .harmony import pick_progression, third_of, turn_around, voice_names
from .instruments import INSTRUMENTS, Instrument
from .grooves import PERCUSSION
from .melody import write_lead
from .players import (
    write_arpeggio, write_bass, write_chords, write_fx, write_pad, write_piano, write_riff, write_stabs,
)
from .score import Bar, Sheet, play_notes
from .style import Seat, Style
from .styles_band import BAND_STYLES
from .styles_electronic import ELECTRONIC_STYLES
from .styles_world import WORLD_STYLES
from .theory import NOTE_NAMES, Chord
from .values import Note, Part, Section, Song

STYLES: dict[str, Style] = {style.name: style for style in BAND_STYLES + WORLD_STYLES + ELECTRONIC_STYLES}
LEVELS = {  # dB against the drums
    "drums": 0.0, "bass": -1.0, "lead": -2.0, "chords": -4.0, "piano": -3.0, "riff": -4.0, "arpeggio": -5.0,
    "pad": -6.5, "stabs": -5.0, "percussion": -6.0, "fx": -6.5,
}
WIDTHS = {"drums": 0.0, "bass": 0.0, "lead": 0.25, "pad": 0.3, "fx": 0.2}  # largest pan of a role, else .6
MOST_PARTS, FEWEST_CLASSES = 6, 3
HAND_FIGURES = {"congas": ("congas", "tumbao"), "shaker and tambourine": ("shaker", "shaker eighths", "tambourine")}


def draw_harmony(rng: Random, style: Style, mode: str, bars: tuple[Bar, ...], sections: tuple[Section, ...],
                 tonic: int) -> tuple[Chord, ...]:
    """Chords of the song: a progression for each kind of section, spread over its bars."""
    colour, stretch = rng.choice(style.colours), rng.choice(style.chord_bars)
    idioms = {section.name: rng.choice(style.idioms) for section in sections}
    seeds = {section.name: rng.random() for section in sections}
    chords: list[Chord] = []
    for section in sections:
        length = -(-section.bars // stretch)
        own = Random(seeds[section.name])
        numerals = pick_progression(own, idioms[section.name], mode, max(4, length))[:length]
        numerals = turn_around(own, numerals, mode) if stretch == 1 else numerals
        for place in range(section.bars):
            bar = bars[section.bar + place]
            named = voice_names(numerals[place // stretch], tonic, mode, colour)
            share = bar.steps / 4 / len(named)
            if bar.steps % (4 * len(named)) and len(named) > 1:  # odd bars: the first chord takes the longer part
                named, share = named[:1], bar.steps / 4
            for index, (root, quality) in enumerate(named):
                chords.append(Chord(bar.beat + index * share, share, root, quality))
    return tuple(chords)


def choose_seats(rng: Random, style: Style) -> list[tuple[Seat, str]]:
    """Who plays: seats by their chances, an instrument each, 3 to 6 stem classes, nobody twice."""
    seats = [seat for seat in style.seats if rng.random() < seat.chance]
    rest = [seat for seat in style.seats if seat not in seats]
    rng.shuffle(rest)
    chosen: list[tuple[Seat, str]] = []
    for seat in [*seats[:MOST_PARTS], *rest]:
        classes = {INSTRUMENTS[name].stem_class for _, name in chosen}
        if seat in rest and (len(classes) >= FEWEST_CLASSES or len(chosen) >= MOST_PARTS):
            break
        taken = {name for _, name in chosen}
        free = [name for name in seat.instruments if name not in taken]
        if free:
            chosen.append((seat, rng.choice(free)))
    return chosen


def compass_of(instrument: Instrument, role: str) -> tuple[int, int]:
    """The register a role uses of an instrument."""
    if role in ("chords", "pad", "stabs") and instrument.high > 76:
        return max(instrument.low, 50), 76
    return instrument.low, instrument.high


def write_part(sheet: Sheet, style: Style, seat: Seat, name: str, floor: float) -> list[Note]:
    """The straight notes of one seat."""
    instrument = INSTRUMENTS[name]
    compass, rng = compass_of(instrument, seat.role), sheet.rng("part", name)
    key = f"{instrument.stem_class}/{name}"
    machine = instrument.synth is not None
    figures = HAND_FIGURES.get(name, (seat.figure,))
    writers: dict[str, Callable[[], list[Note]]] = {
        "drums": lambda: write_drums(sheet, style.grooves, machine, floor, rng),
        "percussion": lambda: write_percussion(
            sheet, rng.choice([f for f in (seat.figure, *figures) if f in PERCUSSION]), floor, rng),
        "bass": lambda: write_bass(sheet, seat.figure, compass, floor, rng),
        "chords": lambda: write_chords(sheet, seat.figure, compass, floor, key),
        "piano": lambda: write_piano(sheet, seat.figure, compass, floor, key),
        "pad": lambda: write_pad(sheet, compass, floor, key),
        "arpeggio": lambda: write_arpeggio(sheet, seat.figure, compass, floor, key),
        "riff": lambda: write_riff(sheet, seat.figure, compass, floor, key),
        "stabs": lambda: write_stabs(sheet, compass, floor, key),
        "lead": lambda: write_lead(sheet, seat.figure, compass, floor, key),
        "fx": lambda: write_fx(sheet, seat.figure, compass, rng),
    }
    return writers[seat.role]()


def make_part(sheet: Sheet, style: Style, seat: Seat, name: str) -> Part | None:
    """A seat's part as played, or None when it would be silent throughout."""
    instrument = INSTRUMENTS[name]
    rng = sheet.rng("mix", name)
    most = max(section.energy for section in sheet.sections)
    notes = write_part(sheet, style, seat, name, min(seat.floor, most))
    lag = 0.0 if instrument.synth or seat.role == "drums" else rng.uniform(-0.5, 1.2) * sheet.human_beats
    played = play_notes(sheet, notes, rng, lag)
    if not played:
        return None
    width = WIDTHS.get(seat.role, 0.6)
    return Part(
        instrument.stem_class, instrument.program, seat.role in ("drums", "percussion") and instrument.low == 0,
        played, round(LEVELS[seat.role] + rng.gauss(0.0, 1.5), 2), round(rng.uniform(-width, width), 2),
        instrument.synth,
    )


def draw_sheet(seed: int, style: Style, seconds: float) -> tuple[Sheet, tuple, tuple]:
    """The sheet with its tempo and meter maps."""
    rng = Random(f"{seed}/frame")
    bpm, main = draw_bpm(rng, style), draw_meter(rng, style)
    sections = draw_sections(rng, style, count_bars(seconds, bpm, main))
    meter = draw_meters(rng, main, sections)
    bars = lay_bars(meter, sections)
    tempo = draw_tempo(rng, bpm, bars)
    mode = rng.choices(list(style.modes), list(style.modes.values()))[0]
    tonic = rng.randrange(12)
    chords = draw_harmony(Random(f"{seed}/harmony"), style, mode, bars, sections, tonic)
    swing = rng.uniform(*style.swing) if main[1] == 4 and all(b.meter[1] == 4 for b in bars) else 0.5
    human = style.human_ms * rng.uniform(0.5, 1.3) / 1000 * float(bpm) / 60
    sheet = Sheet(seed, bars, sections, chords, tonic, mode, round(swing, 3), style.swing_unit, human)
    return sheet, tempo, meter


def compose(seed: int, seconds: float = 32.0) -> Song:
    """A song of whole bars that lasts about `seconds`; the same seed always gives the same song."""
    rng = Random(f"{seed}/band")
    style = STYLES[rng.choice(sorted(STYLES))]
    sheet, tempo, meter = draw_sheet(seed, style, seconds)
    seated = [(seat, name, make_part(sheet, style, seat, name)) for seat, name in choose_seats(rng, style)]
    playing = [(seat, name, part) for seat, name, part in seated if part is not None]
    keyscale = f"{NOTE_NAMES[sheet.tonic]} {third_of(sheet.mode)}"
    captions, tags = write_captions(
        sheet.rng("caption"), style, [name for _, name, _ in playing], tempo, meter[0], keyscale, sheet.mode)
    return Song(
        seed=seed, style=style.name, tempo=tempo, meter=meter, keyscale=keyscale, sections=sheet.sections,
        parts=tuple(part for _, _, part in playing), caption=captions[-1], captions=captions, tags=tags,
        lyrics=write_lyrics(sheet.rng("lyrics"), sheet.sections), beats=beats_of_bars(meter, sheet.bars),
        swing=sheet.swing,
    )
