"""The lyrics of a stretch of a song, and where in them each word stands that is sung in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.training.corpus.values import Song, SungLine


@dataclass(frozen=True, slots=True)
class SungWord:
    """Characters start..stop of the lyrics, sung from_s..to_s seconds after the stretch begins."""

    start: int
    stop: int
    from_s: float
    to_s: float


def lines_within(song: Song, lo_s: float, hi_s: float) -> list[SungLine]:
    """The lines sung for the most part within lo_s..hi_s."""
    return [line for line in song.sung if lo_s <= (line.start + line.stop) / 2 < hi_s]


def sung_lyrics(song: Song, lo_s: float, hi_s: float) -> tuple[str, tuple[SungWord, ...]]:
    """Lyrics of the lines within lo_s..hi_s, tagged by section, and their words."""
    text, words, section = "", [], -1
    for line in lines_within(song, lo_s, hi_s):
        if line.section != section:
            section = line.section
            text += f"[{song.sections[section].name}]\n"
        at = 0
        for word in line.words:
            at = line.text.lower().index(word.text.lower(), at)
            start = len(text) + at
            at += len(word.text)
            words.append(SungWord(start, len(text) + at, word.start - lo_s, word.stop - lo_s))
        text += f"{line.text}\n"
    return text, tuple(words)


def instrumental(song: Song, rng: np.random.Generator) -> str:
    """What stands for lyrics where nobody sings."""
    tags = "\n".join(["[Instrumental]", *(f"[{section.name}]" for section in song.sections)])
    return str(rng.choice(("", "[Instrumental]", tags)))
