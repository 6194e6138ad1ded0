"""The frame of a song: meter, number of bars, sections with their energies, tempo map."""

from fractions import Fraction
from math import ceil
from random import Random

from .grid import starts_until
from .score import Bar
from .style import METERS, Style
from .values import MeterPoint, Section, TempoPoint

FORMS: dict[
    str, tuple[tuple[str, float], ...]
] = {  # (section, energy), a whole song; excerpts are cut from it
    "song": (
        ("Intro", 0.35),
        ("Verse", 0.55),
        ("Chorus", 0.85),
        ("Verse", 0.6),
        ("Chorus", 0.9),
        ("Bridge", 0.5),
        ("Solo", 0.8),
        ("Chorus", 0.95),
        ("Outro", 0.4),
    ),
    "dance": (
        ("Intro", 0.4),
        ("Verse", 0.6),
        ("Breakdown", 0.28),
        ("Build", 0.6),
        ("Drop", 0.95),
        ("Verse", 0.65),
        ("Breakdown", 0.3),
        ("Build", 0.65),
        ("Drop", 1.0),
        ("Outro", 0.45),
    ),
    "jazz": (
        ("Intro", 0.35),
        ("Verse", 0.6),
        ("Verse", 0.65),
        ("Bridge", 0.55),
        ("Solo", 0.8),
        ("Solo", 0.9),
        ("Verse", 0.65),
        ("Outro", 0.45),
    ),
    "blues": (("Intro", 0.4), ("Verse", 0.6), ("Verse", 0.7), ("Solo", 0.9), ("Verse", 0.75), ("Outro", 0.5)),
    "calm": (
        ("Intro", 0.25),
        ("Verse", 0.45),
        ("Chorus", 0.7),
        ("Bridge", 0.35),
        ("Verse", 0.5),
        ("Chorus", 0.85),
        ("Outro", 0.25),
    ),
}
LENGTHS = {"blues": (12,), "jazz": (8, 8, 4), "dance": (8, 4, 8), "song": (4, 8, 8), "calm": (4, 8)}
TEMPO_CHANGE_CHANCE = 0.34
METER_CHANGE_CHANCE = 0.13
LOWEST_BPM, HIGHEST_BPM = 50, 190


def draw_meter(rng: Random, style: Style) -> tuple[int, int]:
    """The song's main time signature."""
    options = METERS[style.meters]
    return rng.choices(list(options), list(options.values()))[0]


def draw_sections(rng: Random, style: Style, bars: int) -> tuple[Section, ...]:
    """Sections that fill `bars` bars, cut from anywhere in the style's form."""
    form = FORMS[style.form]
    at = rng.choice((0, 0, *range(len(form) - 1)))
    sections, done = [], 0
    while done < bars:
        name, energy = form[at % len(form)] if done else form[at]
        length = (
            rng.choice((2, 4)) if name in ("Intro", "Outro", "Build") else rng.choice(LENGTHS[style.form])
        )
        length = min(length, bars - done)
        if 0 < bars - done - length < 2:
            length = bars - done
        energy = min(1.0, max(0.15, energy + rng.uniform(-0.08, 0.08)))
        sections.append(Section(name, done, length, round(energy, 2)))
        done += length
        at = min(at + 1, len(form) - 1) if at + 1 < len(form) else max(1, len(form) - 4)
    return tuple(sections)


def draw_meters(rng: Random, main: tuple[int, int], sections: tuple[Section, ...]) -> tuple[MeterPoint, ...]:
    """The meter map: one time signature, seldom another one for a middle section or for one bar."""
    points = [MeterPoint(0, *main)]
    if len(sections) > 1 and rng.random() < METER_CHANGE_CHANCE:
        section = sections[rng.randrange(1, len(sections))]
        other = rng.choice([m for m in ((3, 4), (4, 4), (2, 4)) if m != main])
        stop = section.bar + (1 if other == (2, 4) else section.bars)
        points.append(MeterPoint(section.bar, *other))
        if stop < sections[-1].bar + sections[-1].bars:
            points.append(MeterPoint(stop, *main))
    return tuple(points)


def lay_bars(meter: tuple[MeterPoint, ...], sections: tuple[Section, ...]) -> tuple[Bar, ...]:
    """Every bar of the song."""
    bars = []
    beat = 0.0
    for index, section in enumerate(sections):
        for place in range(section.bars):
            number = section.bar + place
            point = max((p for p in meter if p.bar <= number), key=lambda p: p.bar)
            steps = 16 * point.numerator // point.denominator
            bars.append(
                Bar(
                    beat, steps, (point.numerator, point.denominator), index, place, place == section.bars - 1
                )
            )
            beat += steps / 4
    return tuple(bars)


def draw_bpm(rng: Random, style: Style) -> Fraction:
    """A tempo in the style's range: mostly whole numbers, sometimes halves or tenths."""
    bpm = rng.triangular(*style.bpm)
    grain = rng.choices((1, 2, 10), (0.85, 0.1, 0.05))[0]
    return Fraction(round(bpm * grain), grain)


def change_bpm(rng: Random, bpm: Fraction, low: float = 0.05, high: float = 0.25) -> Fraction:
    """A tempo 5..25 percent slower or faster, as a whole number."""
    factor = 1 + rng.choice((-1, 1)) * rng.uniform(low, high)
    return Fraction(min(HIGHEST_BPM, max(LOWEST_BPM, round(float(bpm) * factor))))


def draw_tempo(rng: Random, bpm: Fraction, bars: tuple[Bar, ...]) -> tuple[TempoPoint, ...]:
    """The tempo map: constant, or a step at a bar, a ramp over some bars, there and back, or a ritardando."""
    start = TempoPoint(Fraction(0), bpm, False)
    if rng.random() >= TEMPO_CHANGE_CHANCE or len(bars) < 4:
        return (start,)
    lines = [Fraction(bar.beat) for bar in bars]
    end = lines[-1] + Fraction(bars[-1].steps, 4)
    kind = rng.choice(("step", "ramp", "ramp", "back", "ritardando"))
    first = rng.randrange(1, len(lines) - 2)
    if kind == "ritardando":
        slow = Fraction(max(LOWEST_BPM, round(float(bpm) * rng.uniform(0.75, 0.92))))
        return (start, TempoPoint(lines[-2], bpm, True), TempoPoint(end, slow, False))
    other = change_bpm(rng, bpm)
    if kind == "step":
        return (start, TempoPoint(lines[first], other, False))
    stop = lines[rng.randrange(first + 1, len(lines))]
    if kind == "ramp":
        return (start, TempoPoint(lines[first], bpm, True), TempoPoint(stop, other, False))
    return (
        start,
        TempoPoint(lines[first], bpm, True),
        TempoPoint(stop, other, True),
        TempoPoint(end, bpm, False),
    )


def count_bars(seconds: float, bpm: Fraction, meter: tuple[int, int]) -> int:
    """Whole bars that last at least `seconds` at a constant tempo."""
    length = 60.0 / float(bpm) * 4 * meter[0] / meter[1]
    return max(2, ceil(seconds / length - 0.01))


def beats_of_bars(meter: tuple[MeterPoint, ...], bars: tuple[Bar, ...]) -> float:
    """Length of the song in beats; the bars must be those of the meter map."""
    end = bars[-1].beat + bars[-1].steps / 4
    if float(starts_until(meter, end)[-1]) != end:
        raise ValueError("bars and meter map disagree")
    return end
