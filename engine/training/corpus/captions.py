"""Captions, tags and lyrics of a song: what a person or a model may write about it."""

from dataclasses import dataclass
from random import Random

from .singers import SINGERS
from .style import Style
from .values import MeterPoint, Section, TempoPoint
from .vocals import Vocals
from .wordbank import BANKS

PACES = (
    (76, ("slow", "unhurried", "laid-back", "leisurely", "downtempo")),
    (104, ("mid-tempo", "easy-going", "relaxed", "moderate", "steady")),
    (132, ("upbeat", "lively", "bouncy", "brisk", "spirited")),
    (1000, ("fast", "high-speed", "rapid", "racing", "frantic")),
)
COLOURS = {
    "major": ("bright", "sunny", "cheerful", "happy", "warm-hearted"),
    "minor": ("dark", "moody", "sad", "brooding", "sombre"),
    "dorian": ("cool", "modal", "smoky", "floating"),
    "mixolydian": ("earthy", "open", "easy", "rustic"),
    "harmonic minor": ("exotic", "tense", "mysterious", "dramatic"),
}


KINDS = {"sung": ("song", "song", "tune", "track"), "played": ("instrumental", "piece", "instrumental track")}
PLURALS = ("drums", "percussion", "keys", "strings", "congas", "sweeps", "impacts", "tambourine", "echoes")


@dataclass(frozen=True, slots=True)
class Said:
    """What a caption may say.  time: the meter in words, empty for 4/4.  voices: empty without singing."""

    style: Style
    names: list[str]
    mood: str
    pace: str
    bpm: int
    keyscale: str
    time: tuple[str, ...]
    voices: tuple[str, ...]


def say_vocals(rng: Random, vocals: Vocals | None) -> tuple[str, ...]:
    """Who sings, in which language, who sings along; nothing for an instrumental."""
    if vocals is None:
        return ()
    cast = vocals.cast
    singer, language = SINGERS[cast.lead], BANKS[cast.language].name
    who = rng.choice(
        (f"{singer.sex} vocals", f"{singer.sex} vocals", f"{singer.name} vocals", f"{singer.sex} singer")
    )
    tongue = rng.choice((f"sung in {language}", f"{language} lyrics", f"{language} vocals"))
    along = {"": (), "harmony": ("harmony vocals",), "echo": ("echoing backing vocals",), "oohs": ("choir",)}
    return (who, tongue, *(rng.choice((word, "backing vocals")) for word in along[cast.backing]))


def gather_words(  # noqa: PLR0913, PLR0917 - all that a caption may speak of
    rng: Random,
    style: Style,
    names: list[str],
    frame: tuple[int, MeterPoint],
    keyscale: str,
    voices: tuple[str, ...] = (),
) -> Said:
    """The words for a song; frame: its first bpm and meter; voices: of `say_vocals`."""
    bpm, meter = frame
    pace = rng.choice(next(words for limit, words in PACES if bpm < limit))
    signature = f"{meter.numerator}/{meter.denominator}"
    time = () if signature == "4/4" else (f"{signature} time",)
    return Said(style, names, rng.choice(style.moods), pace, bpm, keyscale, time, voices)


def join_words(words: list[str]) -> str:
    """ "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def with_article(phrase: str) -> str:
    """The phrase behind "a" or "an"."""
    return f"{'an' if phrase[0].lower() in 'aeiou8' else 'a'} {phrase}"


def say_tempo(tempo: tuple[TempoPoint, ...]) -> str:
    """How the tempo moves, as a clause, or nothing when it does not."""
    first, last = tempo[0].bpm, tempo[-1].bpm
    if len(tempo) == 1:
        return ""
    if first == last:
        return "the tempo shifts midway and returns"
    how = "gradually" if any(p.ramp for p in tempo) else "suddenly"
    return f"{how} {'speeding up' if last > first else 'slowing down'}"


def say_changes(tempo: tuple[TempoPoint, ...], lift: int) -> str:
    """How tempo and key move, as a clause, or nothing; lift: semitones the ending goes up."""
    key = f"the key goes up {'a whole step' if lift > 1 else 'a half step'} near the end" if lift else ""
    return " and ".join(clause for clause in (say_tempo(tempo), key) if clause)


def name_played(name: str) -> str:
    """An instrument in a sentence, with its article unless it is a plural."""
    return name if name.endswith(PLURALS) else with_article(name)


def write_tags(said: Said) -> tuple[str, ...]:
    """Tags from the style to the key."""
    words = [said.style.name, said.mood, *said.style.tags, *said.names, f"{said.bpm} bpm", said.keyscale]
    return tuple(dict.fromkeys([*words, *said.time, *(said.voices or ("instrumental",))]))


def write_dense(said: Said, rng: Random, mode: str, clause: str) -> str:
    """Two sentences with everything: pace, mood, style, key, tempo, meter, instruments, tempo changes."""
    played = join_words([*map(name_played, said.names), *said.voices])
    kind = "song" if said.voices else "instrumental"
    time = f" in {said.time[0]}" if said.time else ""
    opening = rng.choice(
        (
            f"{with_article(said.pace).capitalize()}, {said.mood} {said.style.name} piece in {said.keyscale} "
            f"at {said.bpm} bpm{time}, with {played}.",
            f"{said.mood.capitalize()} {said.style.name} in {said.keyscale}{time}, "
            f"{said.pace}, {said.bpm} bpm, played by {played}.",
            f"This {said.pace} {said.style.name} {kind} in {said.keyscale} at {said.bpm} bpm{time} "
            f"features {played}.",
        )
    )
    other, colour = rng.choice(said.style.moods), rng.choice(COLOURS[mode])
    return f"{opening} The mood is {other} and {colour}{', ' + clause if clause else ''}."


def write_captions(rng: Random, said: Said, mode: str, clause: str) -> tuple[str, ...]:
    """Captions from sparse to dense."""
    style, mood = said.style, said.mood
    everyone = join_words([*said.names, *said.voices])
    few = rng.sample(said.names, min(2, len(said.names)))
    kind = rng.choice(KINDS["sung" if said.voices else "played"])
    heard = [*said.voices[:1], *few]
    return (
        style.name,
        f"{style.name} {kind}",
        f"{mood} {style.name}",
        f"{style.name}, {heard[0]}, {said.bpm} bpm",
        f"{style.name} in {said.keyscale}",
        ", ".join([style.name, mood, *heard, *said.time, rng.choice(style.tags)]),
        f"{with_article(mood).capitalize()} {style.name} {kind} with {join_words(heard)}",
        f"{said.pace} {style.name}, {said.bpm} bpm, {said.keyscale}, {rng.choice(style.tags)}",
        " ".join([mood, said.pace, style.name, *(("with", *said.voices[:1]) if said.voices else ())]),
        ", ".join(write_tags(said)),
        f"{kind.capitalize()}: {style.name}, {said.pace} and {mood}, featuring {everyone}; {said.keyscale}",
        write_dense(said, rng, mode, clause),
    )


def write_lyrics(rng: Random, sections: tuple[Section, ...]) -> str:
    """ "[Instrumental]", on half of the songs followed by the structure tags."""
    if rng.random() < 0.5:
        return "[Instrumental]"
    return "\n".join(["[Instrumental]", *(f"[{section.name}]" for section in sections)])
