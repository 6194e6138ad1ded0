"""Composes a song from a seed: draws style and frame, writes the sheet, lets every seat write its part."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from .captions import gather_words, say_changes, say_vocals, write_captions, write_lyrics, write_tags
from .drummer import write_drums, write_percussion
from .form import (
    beats_of_bars,
    count_bars,
    draw_bpm,
    draw_meter,
    draw_meters,
    draw_sections,
    draw_tempo,
    lay_bars,
)
from .grooves import PERCUSSION
from .harmony import FUNCTIONS, pick_progression, third_of, turn_around, voice_names
from .instruments import INSTRUMENTS, Instrument
from .melody import write_lead
from .modulation import lift_ending
from .players import (
    write_arpeggio,
    write_bass,
    write_chords,
    write_fx,
    write_pad,
    write_piano,
    write_riff,
    write_stabs,
)
from .score import Bar, Sheet, cut_breaks, play_notes
from .style import Seat, Style
from .styles_band import BAND_STYLES
from .styles_electronic import ELECTRONIC_STYLES
from .styles_world import WORLD_STYLES
from .theory import MINOR_NAMES, NOTE_NAMES, Chord
from .values import MeterPoint, Note, Part, Section, Song, TempoPoint
from .vocals import UNSUNG_STYLES, Vocals, has_singing, write_vocals

STYLES: dict[str, Style] = {style.name: style for style in BAND_STYLES + WORLD_STYLES + ELECTRONIC_STYLES}
LEVELS = {  # dB against the drums
    "drums": 0.0,
    "bass": -1.0,
    "lead": -2.0,
    "chords": -4.0,
    "piano": -3.0,
    "riff": -4.0,
    "arpeggio": -5.0,
    "pad": -6.5,
    "stabs": -5.0,
    "percussion": -6.0,
    "fx": -6.5,
}
WIDTHS = {"drums": 0.0, "bass": 0.0, "lead": 0.25, "pad": 0.3, "fx": 0.2}  # largest pan of a role, else .6
ACCOMPANYING, CEILING = ("chords", "pad", "stabs", "piano"), 74  # highest pitch of an accompaniment
CLOSE_CHANCE = 0.65  # that the excerpt ends on the tonic
GUITAR_CEILING = 67
MOST_PARTS, FEWEST_CLASSES = 6, 3
VOCAL_SHARE, LEAD_LEAVES = 0.45, 0.85
HAND_FIGURES = {
    "congas": ("congas", "tumbao"),
    "shaker and tambourine": ("shaker", "shaker eighths", "tambourine"),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What is drawn before any note: tempo, meter, sections, bars."""

    tempo: tuple[TempoPoint, ...]
    meter: tuple[MeterPoint, ...]
    sections: tuple[Section, ...]
    bars: tuple[Bar, ...]


def split_bar(bar: Bar, count: int) -> list[tuple[float, float]]:
    """(beat, length) of `count` chords in a bar: equal shares, or whole beats with the longest first."""
    beats = bar.steps / 4
    share = (
        beats / count if bar.meter == (6, 8) or bar.steps % (4 * count) == 0 else float(-(-beats // count))
    )
    starts = [min(beats, index * share) for index in range(count)] + [beats]
    return [(bar.beat + lo, hi - lo) for lo, hi in pairwise(starts) if hi > lo]


def draw_harmony(rng: Random, style: Style, key: tuple[int, str], frame: Frame) -> tuple[Chord, ...]:
    """Chords of the song: a progression for each kind of section,
    spread over its bars; key: tonic and mode.
    """
    colour, stretch = rng.choice(style.colours), rng.choice(style.chord_bars)
    tonic, mode = key
    plans = {section.name: (rng.choice(style.idioms), rng.random()) for section in frame.sections}
    closes = rng.random() < CLOSE_CHANCE
    chords: list[Chord] = []
    for section in frame.sections:
        length = -(-section.bars // stretch)
        idiom, seed = plans[section.name]
        own = Random(seed)
        numerals = pick_progression(own, idiom, mode, max(4, length))[:length]
        numerals = turn_around(own, numerals, mode) if stretch == 1 else numerals
        for place in range(section.bars):
            at_end = section is frame.sections[-1] and place == section.bars - 1
            names = [FUNCTIONS[mode]["T"][0]] if at_end and closes else numerals[place // stretch]
            named = voice_names(names, tonic, mode, colour)
            spans = split_bar(frame.bars[section.bar + place], len(named))
            chords += [Chord(*span, *name) for span, name in zip(spans, named, strict=False)]
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
    if role == "chords" and instrument.stem_class == "guitar":
        return instrument.low, GUITAR_CEILING
    if role in ACCOMPANYING and instrument.high > CEILING:
        return max(instrument.low, 45), CEILING
    if role == "lead":  # above the chords where the instrument can
        return min(max(instrument.low, 60), instrument.high - 16), instrument.high
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
            sheet, rng.choice([f for f in (seat.figure, *figures) if f in PERCUSSION]), floor, rng
        ),
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
    notes = notes if seat.role in ("drums", "percussion", "fx") else cut_breaks(sheet, notes)
    lag = 0.0 if instrument.synth or seat.role == "drums" else rng.uniform(-0.5, 1.2) * sheet.human_beats
    played = play_notes(sheet, notes, rng, lag)
    if not played:
        return None
    width = WIDTHS.get(seat.role, 0.6)
    return Part(
        instrument.stem_class,
        instrument.program,
        seat.role in ("drums", "percussion") and instrument.low == 0,
        played,
        round(LEVELS[seat.role] + rng.gauss(0.0, 1.5), 2),
        round(rng.uniform(-width, width), 2),
        instrument.synth,
    )


def draw_frame(rng: Random, style: Style, seconds: float) -> Frame:
    """Tempo and meter maps, sections and bars."""
    bpm, main = draw_bpm(rng, style), draw_meter(rng, style)
    sections = draw_sections(rng, style, count_bars(seconds, bpm, main))
    meter = draw_meters(rng, main, sections)
    bars = lay_bars(meter, sections)
    return Frame(draw_tempo(rng, bpm, bars), meter, sections, bars)


def draw_sheet(seed: int, style: Style, frame: Frame) -> Sheet:
    """Key, chords and feel on a frame."""
    rng = Random(f"{seed}/sheet")
    mode = rng.choices(list(style.modes), list(style.modes.values()))[0]
    tonic = rng.randrange(12)
    chords = draw_harmony(Random(f"{seed}/harmony"), style, (tonic, mode), frame)
    swung = all(bar.meter[1] == 4 for bar in frame.bars)
    swing = round(rng.uniform(*style.swing), 3) if swung else 0.5
    human = style.human_ms * rng.uniform(0.5, 1.3) / 1000 * float(frame.tempo[0].bpm) / 60
    return Sheet(seed, frame.bars, frame.sections, chords, tonic, mode, swing, style.swing_unit, human)


def name_key(tonic: int, third: str) -> str:
    """ "A minor" and the like; third: major or minor."""
    name = NOTE_NAMES[tonic]
    return f"{MINOR_NAMES.get(name, name) if third == 'minor' else name} {third}"


def draw_vocals(sheet: Sheet, style: Style, tempo: tuple[TempoPoint, ...], share: float) -> Vocals | None:
    """The song's vocals, on a share of the songs one can sing to."""
    wanted = style.name not in UNSUNG_STYLES and sheet.rng("has vocals").random() < share
    return write_vocals(sheet, tempo) if wanted and has_singing(sheet.sections) else None


def seat_band(
    sheet: Sheet, style: Style, seats: list[tuple[Seat, str]], vocals: Vocals | None
) -> tuple[list[str], list[Part]]:
    """The instruments that play, and the parts of all; who sings the melody needs no lead beside."""
    rng, names, parts = sheet.rng("seats"), [], []
    for seat, name in seats:
        if vocals and seat.role == "lead" and rng.random() < LEAD_LEAVES:
            continue
        part = make_part(sheet, style, seat, name)
        if part is not None:
            names.append(name)
            parts.append(part)
    return names, parts + list(vocals.parts if vocals else ())


def compose(seed: int, seconds: float = 32.0, vocals: float = VOCAL_SHARE) -> Song:
    """A song of whole bars that lasts about `seconds`; the same seed always gives the same song.

    vocals: share of the songs of a style one sings to that have vocals.
    """
    rng = Random(f"{seed}/band")
    style = STYLES[rng.choice(sorted(STYLES))]
    frame = draw_frame(Random(f"{seed}/frame"), style, seconds)
    sheet, tempo, meter = draw_sheet(seed, style, frame), frame.tempo, frame.meter
    sung = draw_vocals(sheet, style, tempo, vocals)
    names, parts = seat_band(sheet, style, choose_seats(rng, style), sung)
    parts, sung, lift = lift_ending(sheet, parts, sung)
    keyscale = name_key(sheet.tonic, third_of(sheet.mode))
    words = sheet.rng("caption")
    voices = say_vocals(words, sung)
    said = gather_words(words, style, names, (round(float(tempo[0].bpm)), meter[0]), keyscale, voices)
    captions = write_captions(words, said, sheet.mode, say_changes(tempo, lift))
    return Song(
        seed=seed,
        style=style.name,
        tempo=tempo,
        meter=meter,
        keyscale=keyscale,
        sections=sheet.sections,
        parts=tuple(parts),
        caption=captions[-1],
        captions=captions,
        tags=write_tags(said),
        lyrics=sung.lyrics if sung else write_lyrics(sheet.rng("lyrics"), sheet.sections),
        beats=beats_of_bars(meter, sheet.bars),
        swing=sheet.swing,
        language=sung.cast.language if sung else "unknown",
        sung=sung.sung if sung else (),
        backing=sung.backing if sung else (),
    )
