"""When each sound is sung: vowels start on their notes, consonants take theirs from what surrounds them."""

from dataclasses import dataclass

from .phones import PHONES, is_vowel
from .values import SungLine, SungNote, SungPhone, SungSyllable, SungWord
from .verses import Words, count_syllables

RATE = 48_000
SHORTEST_SPLIT_S = 0.17  # a note is struck twice for two syllables only if each half is this long
CONSONANT_SHARE = 0.5  # most of the time between two vowels' starts that consonants may take
REST_S = 0.05  # a longer gap between notes is silent


@dataclass(frozen=True, slots=True)
class Tone:
    """A note of the melody in seconds."""

    start: float
    stop: float
    pitch: int

    @property
    def length(self) -> float:
        """Seconds it lasts."""
        return self.stop - self.start


def split_tones(tones: list[Tone], count: int) -> list[Tone]:
    """At least `count` tones where the long ones can be struck twice."""
    tones = list(tones)
    while len(tones) < count:
        at = max(range(len(tones)), key=lambda i: tones[i].length)
        tone = tones[at]
        if tone.length < 2 * SHORTEST_SPLIT_S:
            break
        middle = (tone.start + tone.stop) / 2
        tones[at : at + 1] = [Tone(tone.start, middle, tone.pitch), Tone(middle, tone.stop, tone.pitch)]
    return tones


def group_tones(tones: list[Tone], count: int) -> list[list[Tone]]:
    """The tones in `count` groups, one for each syllable: the shortest ones that follow without a gap join
    the tone before them, others that are too many are left out.
    """
    groups = [[tone] for tone in tones]
    while len(groups) > count:
        at = min(range(1, len(groups)), key=lambda i: groups[i][0].length + 0.3 * len(groups[i - 1]))
        if groups[at][0].start - groups[at - 1][-1].stop < REST_S:
            groups[at - 1] += groups[at]
        del groups[at]
    return groups


def cut_words(words: Words, count: int) -> Words:
    """The first words that have at most `count` syllables."""
    while words and count_syllables(words) > count:
        words = words[:-1]
    return words


def split_sounds(symbols: tuple[str, ...]) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Consonants before, vowel, consonants after."""
    at = next(i for i, symbol in enumerate(symbols) if is_vowel(symbol))
    return symbols[:at], symbols[at], symbols[at + 1 :]


def usual_seconds(symbols: tuple[str, ...]) -> float:
    """How long consonants take when nothing hurries them."""
    return sum(PHONES[symbol].ms for symbol in symbols) / 1000


def lay_sounds(symbols: tuple[str, ...], start: float, seconds: float) -> list[SungPhone]:
    """Consonants one after another from `start`, `seconds` in all, on whole samples."""
    usual = usual_seconds(symbols)
    phones, at = [], start
    for symbol in symbols:
        stop = at + PHONES[symbol].ms / 1000 * seconds / usual
        phones.append(SungPhone(symbol, on_sample(at), on_sample(stop)))
        at = stop
    return phones


def on_sample(seconds: float) -> float:
    """The nearest sample's time."""
    return round(seconds * RATE) / RATE


def time_syllables(
    syllables: list[tuple[str, ...]], groups: list[list[Tone]], earliest: float
) -> list[SungSyllable]:
    """Syllables on their tones; nothing starts before `earliest`."""
    parts = [split_sounds(symbols) for symbols in syllables]
    starts = [group[0].start for group in groups]
    opening = min(usual_seconds(parts[0][0]), max(0.0, starts[0] - earliest))
    sung: list[SungSyllable] = []
    for index, ((before, vowel, after), group) in enumerate(zip(parts, groups, strict=True)):
        start, end, closing, coming = group[0].start, group[-1].stop, usual_seconds(after), 0.0
        if index + 1 < len(parts):
            coming, late = usual_seconds(parts[index + 1][0]), starts[index + 1]
            if late - coming - end < REST_S:  # no rest: the next syllable's consonants cut this one's vowel
                hurry = min(1.0, CONSONANT_SHARE * (late - start) / max(closing + coming, 1e-9))
                closing, coming = closing * hurry, coming * hurry
                end = late - coming
        closing = min(closing, CONSONANT_SHARE * (end - start))
        stop = end - closing
        middle = SungPhone(vowel, on_sample(start), on_sample(stop))
        phones = [
            *lay_sounds(before, start - opening, opening),
            middle,
            *lay_sounds(after, stop, closing),
        ]
        notes = [
            SungNote(on_sample(tone.start), on_sample(min(tone.stop, stop)), tone.pitch)
            for tone in group
            if tone.start < stop - 0.02
        ]
        sung.append(SungSyllable(tuple(p for p in phones if p.stop > p.start), tuple(notes)))
        opening = coming
    return sung


def sing_words(
    words: Words, tones: list[Tone], earliest: float, place: tuple[str, int, float, int]
) -> SungLine | None:
    """The words on the tones, None when not one fits; place: text, section, loudness, voice."""
    tones = split_tones(tones, count_syllables(words))
    words = cut_words(words, len(tones))
    if not words:
        return None
    groups = group_tones(tones, count_syllables(words))
    timed = iter(time_syllables([s for _, parts in words for s in parts], groups, earliest))
    sung = tuple(SungWord(text, tuple(next(timed) for _ in parts)) for text, parts in words)
    return SungLine(*place, sung)
