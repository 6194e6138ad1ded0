"""Style words: which style of music a caption means whose words a small text encoder never read.

near_words.py gives single words their nearest known ones; what words mean together, "smoky basement trio",
it cannot tell. style_words.json, made by engine/training/style_table.py, has a score of every common word for
each style the encoder knows. The style with the largest sum is named behind the caption, so that the encoder
reads one word it was trained with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.near_words import TOKEN, Near, key_of, say_known, spellings

FILE = "style_words.json"
LEVELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
STEP, LOWEST = 0.2, -3.2  # of a score, in standard deviations over common words
# The sum from which a style is named: 55 % of near_check's words with a meaning have it, 15 % of the others.
CLEAR = 2.0


@dataclass(frozen=True, slots=True)
class StyleWords:
    """names: the styles.  scores: a word in lower case -> a letter of LEVELS for each style."""

    names: tuple[str, ...] = ()
    scores: Mapping[str, str] = field(default_factory=dict)


def known_caption(caption: str, near: Near, table: StyleWords) -> str:
    """The caption in words the encoder knows, with the style named that its other words mean."""
    return say_known(name_style(caption, near, table), near)


def name_style(caption: str, near: Near, table: StyleWords) -> str:
    """The caption, with a style named behind it where it has words of its own and names none itself."""
    words = [word.lower() for word in TOKEN.findall(caption)]
    if not table.names or names_one(words, table) or not any(is_new(word, near, table) for word in words):
        return caption
    sums = style_sums(words, table)
    best = max(sums, key=lambda name: sums[name])
    return f"{caption}, {best}" if sums[best] >= CLEAR else caption


def style_sums(words: list[str], table: StyleWords) -> dict[str, float]:
    """Each style's score: the sum over the words that the table has."""
    rows = [table.scores[key] for word in words for key in found(word, table)]
    return {name: sum(score_of(row[index]) for row in rows) for index, name in enumerate(table.names)}


def names_one(words: list[str], table: StyleWords) -> bool:
    """Whether a style stands among the words."""
    said = f" {' '.join(words)} "
    return any(f" {key_of(name)} " in said for name in table.names)


def is_new(word: str, near: Near, table: StyleWords) -> bool:
    """Whether the table has a word that the encoder never read; every name of `near` itself is known."""
    return any(found(word, table)) and not any(near.get(key) == key for key in spellings([word]))


def found(word: str, table: StyleWords) -> Iterator[str]:
    """The word as the table spells it, at most once."""
    yield from [key for key in spellings([word]) if key in table.scores][:1]


def score_of(letter: str) -> float:
    """A letter of LEVELS as a score."""
    return LOWEST + STEP * LEVELS.index(letter)


def letter_of(score: float) -> str:
    """A score as a letter of LEVELS, the nearest."""
    return LEVELS[min(max(round((score - LOWEST) / STEP), 0), len(LEVELS) - 1)]
