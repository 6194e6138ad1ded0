"""Captions, tags and lyrics of a song: what a person or a model may write about it."""

from random import Random

from .style import Style
from .values import MeterPoint, Section, TempoPoint

PACES = ((76, ("slow", "unhurried")), (104, ("mid-tempo", "easy-going")), (132, ("upbeat", "lively")),
         (1000, ("fast", "high-speed")))
COLOURS = {"major": ("bright", "sunny"), "minor": ("dark", "moody"), "dorian": ("cool", "modal"),
           "mixolydian": ("earthy", "open"), "harmonic minor": ("exotic", "tense")}


def join_words(words: list[str]) -> str:
    """"a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def with_article(phrase: str) -> str:
    """The phrase behind "a" or "an"."""
    return f"{'an' if phrase[0].lower() in 'aeiou' else 'a'} {phrase}"


def say_tempo(tempo: tuple[TempoPoint, ...]) -> str:
    """How the tempo moves, as a clause, or nothing when it does not."""
    first, last = tempo[0].bpm, tempo[-1].bpm
    if len(tempo) == 1:
        return ""
    if first == last:
        return "the tempo shifts midway and returns"
    return "gradually speeding up" * (last > first) or "slowing down towards the end"


def write_captions(rng: Random, style: Style, names: list[str], tempo: tuple[TempoPoint, ...], meter: MeterPoint,
                   keyscale: str, mode: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(captions from sparse to dense, tags)."""
    bpm = round(float(tempo[0].bpm))
    pace = rng.choice(next(words for limit, words in PACES if bpm < limit))
    mood, other = rng.sample(style.moods, 2)
    colour = rng.choice(COLOURS[mode])
    few = rng.sample(names, min(2, len(names)))
    signature = f"{meter.numerator}/{meter.denominator}"
    odd = [] if signature == "4/4" else [f"{signature} time"]
    tags = tuple(dict.fromkeys([style.name, mood, *style.tags, *names, f"{bpm} bpm", keyscale, *odd, "instrumental"]))
    played = [n if n.endswith(("drums", "percussion", "keys", "strings", "congas", "sweeps", "impacts", "tambourine",
                               "effects", "echoes")) else with_article(n) for n in names]
    dense = (f"{with_article(pace).capitalize()}, {mood} {style.name} piece in {keyscale} at {bpm} bpm"
             f"{' in ' + odd[0] if odd else ''}, with {join_words(played)}. The mood is {other} and {colour}"
             f"{', ' + say_tempo(tempo) if say_tempo(tempo) else ''}.")
    captions = (
        style.name,
        f"{mood} {style.name}",
        f"{style.name}, {few[0]}, {bpm} bpm",
        ", ".join([style.name, mood, *few, *odd, rng.choice(style.tags)]),
        f"{with_article(mood).capitalize()} {style.name} instrumental with {join_words(few)}",
        ", ".join(tags),
        f"Instrumental {style.name}, {pace} and {mood}, featuring {join_words(names)}; {keyscale}, {signature}",
        dense,
    )
    return captions, tags


def write_lyrics(rng: Random, sections: tuple[Section, ...]) -> str:
    """"[Instrumental]", on half of the songs followed by the structure tags."""
    if rng.random() < 0.5:
        return "[Instrumental]"
    return "\n".join(["[Instrumental]", *(f"[{section.name}]" for section in sections)])
