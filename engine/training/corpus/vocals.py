"""What is sung: the composer's melody in phrases that breathe, a line of lyrics on each; backing voices."""

from dataclasses import dataclass, replace
from random import Random

from .diction import Tone, sing_words
from .grid import beats_at, seconds_at
from .melody import ladder, snap_to_chord, step_from, write_lead
from .score import Bar, Sheet, cut_breaks, play_notes, separate_notes
from .singers import SINGERS
from .spelling import Syllables
from .theory import lead_voices
from .values import Note, Part, Section, SungLine, TempoPoint
from .verses import LANGUAGES, Words, pick_words, write_text

SUNG = {"Verse": 0.97, "Chorus": 1.0, "Bridge": 0.85, "Breakdown": 0.7, "Drop": 0.35, "Outro": 0.25}
UNSUNG_STYLES = ("techno", "cinematic", "chamber", "ambient")
FIGURES = {"lyrical": 3, "song": 3, "lazy": 1.5, "syncopated": 1.5}
PHRASE_S, BREATH_S, SHORTEST_S = 2.9, 0.2, 0.13
SILENT_PHRASE = 0.07
BACKING_SHARE = 1 / 3
BACKINGS = {"harmony": 0.45, "oohs": 0.35, "echo": 0.2}
HUMS: tuple[tuple[str, Syllables], ...] = (
    ("ooh", (("u",),)),
    ("aah", (("a",),)),
    ("hey", (("h", "eI"),)),
    ("la", (("l", "a"),)),
)
LEVELS = {"vocals": 2.5, "backing_vocals": -3.5}  # dB against the drums


@dataclass(frozen=True, slots=True)
class Cast:
    """Who sings in which language: indices into SINGERS; backing: how the backing voices sing, or ""."""

    language: str
    lead: int
    second: int
    backing: str


@dataclass(frozen=True, slots=True)
class Vocals:
    """The sung parts of a song with their lines."""

    cast: Cast
    parts: tuple[Part, ...]
    sung: tuple[SungLine, ...]
    backing: tuple[SungLine, ...]
    lyrics: str


def draw_cast(rng: Random) -> Cast:
    """Language, singers, backing."""
    language = rng.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
    lead = rng.randrange(len(SINGERS))
    near = [i for i, s in enumerate(SINGERS) if i != lead and abs(s.low - SINGERS[lead].low) < 10]
    kind = rng.choices(list(BACKINGS), list(BACKINGS.values()))[0] if rng.random() < BACKING_SHARE else ""
    return Cast(language, lead, rng.choice(near), kind)


def has_singing(sections: tuple[Section, ...]) -> bool:
    """Whether the excerpt has a section to sing in."""
    return any(SUNG.get(section.name, 0.0) > 0.5 and section.bars > 1 for section in sections)


def write_melody(sheet: Sheet, singer: int, rng: Random) -> tuple[Note, ...]:
    """The melody as played, one voice, in the singer's register."""
    voice = SINGERS[singer]
    figure = rng.choices(list(FIGURES), list(FIGURES.values()))[0]
    written = write_lead(sheet, figure, (voice.low, voice.high), 0.0, f"vocals/{voice.name}")
    highest: dict[float, Note] = {}
    for note in written:
        if note.beat not in highest or note.pitch > highest[note.beat].pitch:
            highest[note.beat] = note
    alone = cut_breaks(sheet, [highest[beat] for beat in sorted(highest)])
    return play_notes(sheet, alone, rng, rng.uniform(0.0, 0.6) * sheet.human_beats)


def list_phrases(sheet: Sheet, tempo: tuple[TempoPoint, ...]) -> list[tuple[int, int, float, float]]:
    """(section, number in it, start, stop in beats) of the phrases of the sections that are sung."""
    phrases = []
    for index, section in enumerate(sheet.sections):
        if sheet.rng("sung", section.name).random() >= SUNG.get(section.name, 0.0):
            continue
        bars = [bar for bar in sheet.bars if bar.section == index]
        edges = [bar.beat for bar in bars] + [bars[-1].beat + bars[-1].steps / 4]
        seconds = seconds_at(tempo, edges)
        together = max(1, min(4, round(PHRASE_S * len(bars) / float(seconds[-1] - seconds[0]))))
        for number, first in enumerate(range(0, len(bars), together)):
            phrases.append((index, number, edges[first], edges[min(first + together, len(bars))]))
    return phrases


def tones_of(notes: tuple[Note, ...], span: tuple[float, float], tempo: tuple[TempoPoint, ...]) -> list[Tone]:
    """The melody in a span of beats as tones a singer can sing: none too short, a breath at the end."""
    inside = [n for n in notes if span[0] - 0.12 <= n.beat < span[1] - 0.12]
    if not inside:
        return []
    starts = seconds_at(tempo, [n.beat for n in inside])
    stops = seconds_at(tempo, [n.beat + n.length for n in inside])
    end = float(seconds_at(tempo, span[1])) - BREATH_S
    tones: list[Tone] = []
    for note, start, stop in zip(inside, map(float, starts), map(float, stops), strict=True):
        if tones and start - tones[-1].start < SHORTEST_S:
            continue
        if tones:
            last = tones[-1]
            joined = start if start - last.stop < 0.15 else last.stop
            tones[-1] = replace(last, stop=min(joined, start))
        tones.append(Tone(start, min(stop, end), note.pitch))
    if tones and len(tones) > 1 and tones[-1].length < SHORTEST_S:
        last = tones.pop()
        tones[-1] = replace(tones[-1], stop=max(min(last.start, end), tones[-1].stop))
    return [tone for tone in tones if tone.length >= SHORTEST_S / 2]


def sing_lines(
    sheet: Sheet, tempo: tuple[TempoPoint, ...], cast: Cast, notes: tuple[Note, ...]
) -> list[SungLine]:
    """The lead's lines; a chorus has the words it had before."""
    known: dict[tuple[str, int], Words] = {}
    lines: list[SungLine] = []
    for section, number, start, stop in list_phrases(sheet, tempo):
        name, energy = sheet.sections[section].name, sheet.sections[section].energy
        rng = sheet.rng("words", name, number, section if name != "Chorus" else "")
        tones = tones_of(notes, (start, stop), tempo)
        if len(tones) < 2 or (number and rng.random() < SILENT_PHRASE):
            continue
        words = known.get((name, number)) if name == "Chorus" else None
        words = words or pick_words(rng, cast.language, len(tones))
        known[name, number] = words
        earliest = lines[-1].stop + 0.02 if lines else 0.0
        line = sing_words(words, tones, earliest, ("", section, energy, 0))
        if line is not None and line.start >= earliest:
            kept = words[: len(line.words)]
            lines.append(replace(line, text=write_text(kept, cast.language)))
    return lines


def harmonise(sheet: Sheet, line: SungLine, tempo: tuple[TempoPoint, ...], move: int) -> SungLine:
    """The line some scale steps away, on chord tones where it holds."""

    def shift(start: float, stop: float, pitch: int) -> int:
        chord = sheet.chords[sheet.chord_at(max(0.0, float(beats_at(tempo, start)) + 0.1))]
        rungs = ladder(sheet, chord, "song", pitch - 12, pitch + 12)
        other = step_from(pitch, move, rungs)
        return snap_to_chord(other, chord, [p for p in rungs if p != pitch]) if stop - start > 0.5 else other

    words = tuple(
        replace(
            word,
            syllables=tuple(
                replace(
                    part,
                    notes=tuple(replace(n, pitch=shift(n.start, n.stop, n.pitch)) for n in part.notes),
                )
                for part in word.syllables
            ),
        )
        for word in line.words
    )
    return replace(line, words=words)


def write_harmony(
    sheet: Sheet, tempo: tuple[TempoPoint, ...], lines: list[SungLine], rng: Random
) -> list[SungLine]:
    """The lines of the louder sections in two other voices."""
    loudest = max(line.loud for line in lines)
    moves = rng.choice(((-2, 2), (-2, -4), (2, -2)))
    return [
        replace(harmonise(sheet, line, tempo, move), voice=voice)
        for line in lines
        if line.loud >= loudest - 0.15
        for voice, move in enumerate(moves)
    ]


def write_echo(lines: list[SungLine], end: float, rng: Random) -> list[SungLine]:
    """The last word of a line again in the gap behind it, by two voices an octave or nothing apart; end: of
    the song, seconds.
    """
    apart = rng.choice((0, 0, -12))
    echoes = []
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        word = line.words[-1]
        late = line.stop - word.start + 0.1
        room = (following.start if following else end) - 0.1
        if word.stop + late > room or late > 1.6:
            continue
        for voice, shift in enumerate((0, apart)):
            echoes.append(
                replace(delay(replace(line, words=(word,)), late, shift), text=word.text, voice=voice)
            )
    return echoes


def delay(line: SungLine, seconds: float, shift: int) -> SungLine:
    """The line later and `shift` semitones higher."""
    late = round(seconds * 48_000) / 48_000
    words = []
    for word in line.words:
        parts = tuple(
            replace(
                part,
                phones=tuple(replace(p, start=p.start + late, stop=p.stop + late) for p in part.phones),
                notes=tuple(
                    replace(n, start=n.start + late, stop=n.stop + late, pitch=n.pitch + shift)
                    for n in part.notes
                ),
            )
            for part in word.syllables
        )
        words.append(replace(word, syllables=parts))
    return replace(line, words=tuple(words))


def write_oohs(sheet: Sheet, tempo: tuple[TempoPoint, ...], singer: int, rng: Random) -> list[SungLine]:
    """Held chords on one syllable, voice by voice, through some of the sections."""
    word, voices = rng.choice(HUMS[:2] if rng.random() < 0.75 else HUMS), rng.choice((2, 3, 3))
    low = max(SINGERS[singer].low, 48)
    voicings = lead_voices(list(sheet.chords), low, max(low + 14, SINGERS[singer].high - 3), voices)
    share = rng.uniform(0.4, 0.8)
    wanted = {name for name in {s.name for s in sheet.sections} if sheet.rng("oohs", name).random() < share}
    wanted = wanted or {max(sheet.sections, key=lambda s: s.energy).name}
    lines = []
    for chord, voicing in zip(sheet.chords, voicings, strict=True):
        bar: Bar = max((b for b in sheet.bars if b.beat <= chord.beat + 0.01), key=lambda b: b.beat)
        if sheet.sections[bar.section].name not in wanted:
            continue
        start, stop = map(float, seconds_at(tempo, [chord.beat, chord.beat + chord.length]))
        for voice, pitch in enumerate(voicing[-voices:]):
            place = (word[0], bar.section, 0.6 * sheet.energy(bar), voice)
            line = sing_words((word,), [Tone(start, stop - 0.08, pitch)], max(0.0, start - 0.06), place)
            lines += [line] if line else []
    return lines


def part_of(
    lines: list[SungLine], stem: str, singer: int, tempo: tuple[TempoPoint, ...], rng: Random
) -> Part:
    """The part that sings the lines: its program is the singer's number."""
    sung = [note for line in lines for note in line.notes]
    starts = beats_at(tempo, [n.start for n in sung])
    stops = beats_at(tempo, [n.stop for n in sung])
    notes = sorted(
        (
            Note(round(float(lo), 5), round(float(hi - lo), 5), n.pitch, 90)
            for n, lo, hi in zip(sung, starts, stops, strict=True)
        ),
        key=lambda n: (n.beat, n.pitch),
    )
    level = round(LEVELS[stem] + rng.gauss(0.0, 1.2), 2)
    pan = round(rng.uniform(-0.1, 0.1), 2)
    return Part(stem, singer, False, separate_notes(list(notes)), level, pan, "singer")


def write_lyrics(sections: tuple[Section, ...], lines: list[SungLine]) -> str:
    """The lyrics with a tag for every section, also for those without words."""
    blocks = []
    for index, section in enumerate(sections):
        texts = [line.text for line in lines if line.section == index]
        blocks.append("\n".join([f"[{section.name}]", *texts]))
    return "\n\n".join(blocks)


def write_vocals(sheet: Sheet, tempo: tuple[TempoPoint, ...]) -> Vocals | None:
    """The vocals of a song, None when no line found its place."""
    rng = sheet.rng("vocals")
    cast = draw_cast(rng)
    lines = sing_lines(sheet, tempo, cast, write_melody(sheet, cast.lead, rng))
    if not lines:
        return None
    end = float(seconds_at(tempo, sheet.bars[-1].beat + sheet.bars[-1].steps / 4))
    backing = {
        "": lambda: [],
        "harmony": lambda: write_harmony(sheet, tempo, lines, rng),
        "oohs": lambda: write_oohs(sheet, tempo, cast.second, rng),
        "echo": lambda: write_echo(lines, end, rng) or write_harmony(sheet, tempo, lines, rng),
    }[cast.backing]()
    parts = [part_of(lines, "vocals", cast.lead, tempo, rng)]
    if backing:
        parts.append(part_of(backing, "backing_vocals", cast.second, tempo, rng))
    return Vocals(cast, tuple(parts), tuple(lines), tuple(backing), write_lyrics(sheet.sections, lines))
