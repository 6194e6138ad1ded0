"""The values a composed song consists of, and their JSON form; no behaviour, no audio."""

import json
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class TempoPoint:
    """Tempo from `beat` on; with `ramp` it goes linearly in beats to the next point's bpm."""

    beat: Fraction
    bpm: Fraction
    ramp: bool = False


@dataclass(frozen=True, slots=True)
class MeterPoint:
    """Time signature from `bar` on (counted from 0)."""

    bar: int
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the form: `bars` bars from `bar` on; energy 0..1."""

    name: str
    bar: int
    bars: int
    energy: float


@dataclass(frozen=True, slots=True)
class Note:
    """One note: beat and length in quarter notes, MIDI pitch 0..127, velocity 1..127."""

    beat: float
    length: float
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Part:
    """What one instrument plays.

    program: General MIDI, 0..127 (a drum kit's number when is_drums).  gain_db: level of the part while it
    sounds, relative to the song's reference.  pan: -1 (left)..1.  synth: name of one of our own synths, or
    None.
    """

    stem_class: str
    program: int
    is_drums: bool
    notes: tuple[Note, ...]
    gain_db: float
    pan: float
    synth: str | None


@dataclass(frozen=True, slots=True)
class SungPhone:
    """A speech sound (symbols of phones.py) and its seconds in the song, whole samples."""

    symbol: str
    start: float
    stop: float


@dataclass(frozen=True, slots=True)
class SungNote:
    """A pitch (MIDI) that is held from `start` to `stop`, seconds in the song."""

    start: float
    stop: float
    pitch: int


@dataclass(frozen=True, slots=True)
class SungSyllable:
    """The sounds of a syllable and the notes they are sung on; several notes are a melisma."""

    phones: tuple[SungPhone, ...]
    notes: tuple[SungNote, ...]


@dataclass(frozen=True, slots=True)
class SungWord:
    """A word as it is written, and its syllables."""

    text: str
    syllables: tuple[SungSyllable, ...]

    @property
    def start(self) -> float:
        """Seconds in the song where its first sound starts."""
        return self.syllables[0].phones[0].start

    @property
    def stop(self) -> float:
        """Seconds in the song where its last sound stops."""
        return self.syllables[-1].phones[-1].stop


@dataclass(frozen=True, slots=True)
class SungLine:
    """A line of the lyrics as one voice sings it.

    section: index into the song's sections.  loud: 0..1.  voice: which of the part's voices sings, from 0.
    """

    text: str
    section: int
    loud: float
    voice: int
    words: tuple[SungWord, ...]

    @property
    def start(self) -> float:
        """Seconds in the song where its first sound starts."""
        return self.words[0].start

    @property
    def stop(self) -> float:
        """Seconds in the song where its last sound stops."""
        return self.words[-1].stop

    @property
    def phones(self) -> tuple[SungPhone, ...]:
        """All its sounds in order."""
        return tuple(phone for word in self.words for part in word.syllables for phone in part.phones)

    @property
    def notes(self) -> tuple[SungNote, ...]:
        """All its notes in order."""
        return tuple(note for word in self.words for part in word.syllables for note in part.notes)


@dataclass(frozen=True, slots=True)
class Song:
    """A composed excerpt: starts on a bar line at time 0 and lasts `beats` beats, whole bars.

    swing: share of a swung pair that its first note takes, 0.5 straight .. 0.67 triplets (already in the
    notes).  lyrics: with structure tags.  language: of the sung words, "unknown" where nobody sings.  sung:
    the lines of the part "vocals", backing: those of "backing_vocals".
    """

    seed: int
    style: str
    tempo: tuple[TempoPoint, ...]
    meter: tuple[MeterPoint, ...]
    keyscale: str
    sections: tuple[Section, ...]
    parts: tuple[Part, ...]
    caption: str
    captions: tuple[str, ...]
    tags: tuple[str, ...]
    lyrics: str
    beats: float
    swing: float
    language: str = "unknown"
    sung: tuple[SungLine, ...] = ()
    backing: tuple[SungLine, ...] = ()


def list_line(line: SungLine) -> list[object]:
    """A line as nested lists: words of syllables of sounds and notes."""
    words = [
        [
            word.text,
            [
                [
                    [[phone.symbol, phone.start, phone.stop] for phone in syllable.phones],
                    [[note.start, note.stop, note.pitch] for note in syllable.notes],
                ]
                for syllable in word.syllables
            ],
        ]
        for word in line.words
    ]
    return [line.text, line.section, line.loud, line.voice, words]


def read_line(listed: list[Any]) -> SungLine:
    """The line that `list_line` listed."""
    *head, words = listed
    return SungLine(
        *head,
        tuple(
            SungWord(
                text,
                tuple(
                    SungSyllable(
                        tuple(SungPhone(*phone) for phone in phones), tuple(SungNote(*note) for note in notes)
                    )
                    for phones, notes in syllables
                ),
            )
            for text, syllables in words
        ),
    )


def song_to_json(song: Song) -> str:
    """The song as JSON text; fractions become strings such as "3/2", notes become lists."""
    fields = asdict(replace(song, sung=(), backing=()))
    fields |= {"sung": list(map(list_line, song.sung)), "backing": list(map(list_line, song.backing))}
    for part, original in zip(fields["parts"], song.parts, strict=True):
        part["notes"] = [[n.beat, n.length, n.pitch, n.velocity] for n in original.notes]
    return json.dumps(fields, default=str)


def song_from_json(text: str) -> Song:
    """The song that `song_to_json` wrote, also before there were singers."""
    fields = json.loads(text)
    fields["tempo"] = tuple(
        TempoPoint(Fraction(p["beat"]), Fraction(p["bpm"]), p["ramp"]) for p in fields["tempo"]
    )
    fields["meter"] = tuple(MeterPoint(**p) for p in fields["meter"])
    fields["sections"] = tuple(Section(**s) for s in fields["sections"])
    fields["parts"] = tuple(
        Part(**{**part, "notes": tuple(Note(*note) for note in part["notes"])}) for part in fields["parts"]
    )
    fields["captions"] = tuple(fields["captions"])
    fields["tags"] = tuple(fields["tags"])
    for name in ("sung", "backing"):
        fields[name] = tuple(map(read_line, fields.get(name, ())))
    return Song(**fields)
