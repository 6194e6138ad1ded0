"""Words for a single part of a song, from its instrument, its class and the song's style."""

from __future__ import annotations

import numpy as np

from engine.training.corpus.instruments import INSTRUMENTS
from engine.training.corpus.values import Song

VOICES = {"vocals": ("lead vocals", "singing voice"), "backing_vocals": ("backing vocals", "choir")}


def instruments_of(song: Song, stem_class: str) -> list[str]:
    """The instruments that play a class in this song, by name."""
    played = {(p.program, p.synth) for p in song.parts if p.stem_class == stem_class}
    known = INSTRUMENTS.items()
    return [n for n, i in known if i.stem_class == stem_class and (i.program, i.synth) in played]


def part_caption(song: Song, stem_class: str, rng: np.random.Generator) -> str:
    """What somebody may write who wants this part."""
    plain = stem_class.replace("_", " ")
    name = str(rng.choice([*instruments_of(song, stem_class), *VOICES.get(stem_class, (plain,))]))
    forms = (name, f"{song.style} {name}", f"{name}, {song.style}", f"{song.tags[1]} {name}")
    return str(rng.choice(forms))
