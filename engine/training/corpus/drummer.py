"""Drums and hand percussion: grooves with variations, ghost notes, fills and crashes."""

from random import Random

from .grooves import FILLS, GROOVES, KIT, MACHINE_FILLS, METER_GROOVES, PERCUSSION, Groove
from .score import STEP, Bar, Sheet, fit_pattern, velocity_of
from .values import Note

HIT = 0.12  # beats: a drum's note says only when
ROLLS = {"=": 2, "3": 3}  # hits in one sixteenth


def groove_for(sheet: Sheet, bar: Bar, names: tuple[str, ...]) -> Groove:
    """The section's groove: quiet ones take the style's first choices, loud ones the later."""
    names = METER_GROOVES.get(bar.meter, names)
    section = sheet.sections[bar.section]
    rng = sheet.rng("groove", section.name)
    rank = min(len(names) - 1, int(section.energy * len(names) * rng.uniform(0.75, 1.3)))
    return GROOVES[names[rank]]


def vary_bar(groove: Groove, bar: Bar, rng: Random) -> Groove:
    """The bar's small changes: an open hat at the end, a kick moved, ghosts left out."""
    varied = {piece: list(fit_pattern(pattern, bar)) for piece, pattern in groove.items()}
    hat, kick = varied.get("hat"), varied.get("kick")
    if hat and "open" not in varied and bar.place % 2 and rng.random() < 0.35:
        varied["open"] = ["."] * (bar.steps - 2) + ["x", "."]
        hat[-2:] = [".", "."]
    if kick and bar.place % 4 in (1, 3) and kick.count("X") < 4 and rng.random() < 0.35:
        step = rng.choice((6, 7, 10, 11, 14)) % bar.steps
        kick[step] = "x" if kick[step] == "." else "."
    for marks in varied.values():
        for step, mark in enumerate(marks):
            if mark == "o" and rng.random() < 0.2:
                marks[step] = "."
    return {piece: "".join(marks) for piece, marks in varied.items()}


def thin_groove(groove: Groove, energy: float) -> Groove:
    """The groove of a quiet section: no backbeat below .35, no kick either below .25."""
    dropped = {"snare", "clap", "crash"} if energy < 0.35 else set()
    if energy < 0.25:
        dropped |= {"kick"}
    return {piece: pattern for piece, pattern in groove.items() if piece not in dropped}


def add_fill(groove: Groove, bar: Bar, fills: tuple[Groove, ...], rng: Random) -> Groove:
    """The groove with its last four or eight sixteenths replaced by a fill."""
    length = min(bar.steps // 2, rng.choice((4, 8, 8)))
    fill = rng.choice(fills)
    keep = bar.steps - length
    filled = {piece: pattern[:keep] + "." * length for piece, pattern in groove.items()}
    for piece, pattern in fill.items():
        filled[piece] = filled.get(piece, "." * bar.steps)[:keep] + pattern[8 - length :]
    if "kick" in groove and "kick" not in fill and rng.random() < 0.5:
        filled["kick"] = groove["kick"]
    return filled


def place_groove(sheet: Sheet, bar: Bar, groove: Groove, rng: Random) -> list[Note]:
    """Notes of one bar of a groove."""
    energy = sheet.energy(bar)
    return [
        Note(
            bar.beat + (step + part / ROLLS.get(mark, 1)) * STEP,
            HIT / 2,
            KIT[piece],
            velocity_of(mark, energy, rng) - 9 * (part > 0),
        )
        for piece, pattern in groove.items()
        for step, mark in enumerate(pattern)
        if mark != "."
        for part in range(ROLLS.get(mark, 1))
    ]


def build_up(sheet: Sheet, bar: Bar, rng: Random) -> list[Note]:
    """A bar of a build: the snare in quarters, eighths, then
    sixteenths, louder and louder; four on the floor.
    """
    bars = sheet.sections[bar.section].bars
    every = (4, 2, 1)[min(2, 3 * bar.place // bars)]
    notes = []
    for step in range(bar.steps):
        rise = (bar.place + step / bar.steps) / bars
        if step % every == 0:
            notes.append(
                Note(bar.beat + step * STEP, HIT, KIT["snare"], int(55 + 60 * rise + rng.gauss(0, 3)))
            )
        if step % 4 == 0 and rise < 0.9:
            notes.append(Note(bar.beat + step * STEP, HIT, KIT["kick"], velocity_of("x", rise, rng)))
    return notes


def write_drums(sheet: Sheet, names: tuple[str, ...], machine: bool, floor: float, rng: Random) -> list[Note]:
    """The drum part of the song."""
    notes: list[Note] = []
    fills = MACHINE_FILLS if machine else FILLS
    for bar in sheet.bars:
        energy = sheet.energy(bar)
        if energy < floor:
            continue
        if sheet.sections[bar.section].name == "Build":
            notes += build_up(sheet, bar, rng)
            continue
        groove = thin_groove(vary_bar(groove_for(sheet, bar, names), bar, rng), energy)
        wants_fill = bar.is_last and bar.steps >= 12 and rng.random() < 0.85
        if (wants_fill or (bar.place % 4 == 3 and rng.random() < 0.25)) and energy > 0.3:
            groove = add_fill(groove, bar, fills, rng)
        if bar.place == 0 and energy > 0.5 and rng.random() < 0.75:
            notes.append(Note(bar.beat, 1.0, KIT["crash"], velocity_of("X", energy, rng)))
        notes += place_groove(sheet, bar, groove, rng)
    return notes


def write_percussion(sheet: Sheet, figure: str, floor: float, rng: Random) -> list[Note]:
    """A percussion part: one pattern through the song, with a small pause now and then."""
    notes: list[Note] = []
    for bar in sheet.bars:
        if sheet.energy(bar) < floor:
            continue
        groove = {piece: fit_pattern(pattern, bar) for piece, pattern in PERCUSSION[figure].items()}
        notes += [n for n in place_groove(sheet, bar, groove, rng) if rng.random() < 0.97]
    return notes
