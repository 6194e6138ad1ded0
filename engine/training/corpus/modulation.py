"""Now and then the song goes up at its last chorus: everything from there on a step higher."""

from dataclasses import replace

from .score import Sheet, separate_notes
from .values import Note, Part, SungLine, SungSyllable
from .vocals import Vocals

LIFT_CHANCE = 0.22  # of songs with a later chorus, or what stands for one
LIFTED = ("Chorus", "Drop")
EARLY = 0.12  # beats a played note may come before the line it belongs to


def draw_lift(sheet: Sheet) -> tuple[int, int]:
    """(section, semitones) from which everything sounds higher; 0 semitones where nothing does."""
    rng = sheet.rng("lift")
    later = [index for index, section in enumerate(sheet.sections) if index and section.name in LIFTED]
    if not later or rng.random() >= LIFT_CHANCE:
        return len(sheet.sections), 0
    return later[-1], rng.choice((1, 2, 2))


def lift_part(part: Part, beat: float, semitones: int) -> Part:
    """The part higher from `beat` on; drums and effects stay."""
    if part.is_drums or part.stem_class in ("percussion", "fx"):
        return part

    def lift(note: Note) -> Note:
        higher = note.pitch + semitones * (note.beat >= beat - EARLY)
        return replace(note, pitch=min(127, higher))

    lifted = sorted(map(lift, part.notes), key=lambda n: (n.beat, n.pitch))
    return replace(part, notes=separate_notes(lifted))


def lift_line(line: SungLine, semitones: int) -> SungLine:
    """A line higher."""

    def lift(part: SungSyllable) -> SungSyllable:
        return replace(part, notes=tuple(replace(n, pitch=n.pitch + semitones) for n in part.notes))

    words = tuple(replace(word, syllables=tuple(map(lift, word.syllables))) for word in line.words)
    return replace(line, words=words)


def lift_ending(
    sheet: Sheet, parts: list[Part], vocals: Vocals | None
) -> tuple[list[Part], Vocals | None, int]:
    """Parts and vocals with the lift where the song has one, and its semitones."""
    section, semitones = draw_lift(sheet)
    if not semitones:
        return parts, vocals, 0
    beat = next(bar.beat for bar in sheet.bars if bar.section == section)
    lifted = [lift_part(part, beat, semitones) for part in parts]
    if vocals is None:
        return lifted, None, semitones
    sung, backing = (
        tuple(lift_line(line, semitones) if line.section >= section else line for line in lines)
        for lines in (vocals.sung, vocals.backing)
    )
    return lifted, replace(vocals, sung=sung, backing=backing), semitones
