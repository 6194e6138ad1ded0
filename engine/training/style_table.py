"""The table of style words beside a text encoder (engine/style_words.py); made by the verb `words`.

A style's vector is the mean of those of its name and tags by all-MiniLM-L6-v2, each in a template; a word's
score is the cosine with it, less the mean and over the spread of that style's cosines with all common words.
So a word that is near to everything says nothing.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from engine.near_words import TOKEN
from engine.style_words import CLEAR, FILE, StyleWords, letter_of, style_sums
from engine.training.corpus.composer import STYLES
from engine.training.near_check import MEANT, NOTHING
from engine.training.text_compare import Encoder, Vectors, unheard_wordings, unit

TEMPLATE = "{} music"
TELLING = 1.0  # words whose best score is smaller say nothing of style


def style_vectors(encoder: Encoder) -> tuple[tuple[str, ...], Vectors]:
    """The styles' names and vectors (styles, d)."""
    names = tuple(sorted(STYLES))
    texts = [[TEMPLATE.format(text) for text in (name, *STYLES[name].tags)] for name in names]
    return names, np.stack([unit(unit(encoder.vectors(of)).mean(0)[None])[0] for of in texts])


def make_table(encoder: Encoder, words: list[str]) -> StyleWords:
    """Scores of single words, in lower case, without those that say nothing."""
    names, styles = style_vectors(encoder)
    closeness = unit(encoder.vectors([TEMPLATE.format(word) for word in words])) @ styles.T
    scores = (closeness - closeness.mean(0)) / closeness.std(0)
    telling = {
        word: "".join(map(letter_of, row))
        for word, row in zip(words, scores, strict=True)
        if row.max() >= TELLING
    }
    return StyleWords(names, telling)


def best_of(text: str, table: StyleWords) -> list[str]:
    """The styles that a text may mean, the best first; none where it means none clearly."""
    sums = style_sums([word.lower() for word in TOKEN.findall(text)], table)
    ranked = sorted(sums, key=lambda name: -sums[name])
    return ranked if sums[ranked[0]] >= CLEAR else []


def measure(table: StyleWords) -> tuple[float, float, float, float]:
    """Shares: unheard wordings whose style is the best, and among the best three; near_check's words with a
    meaning, and those without one, that get a style.
    """
    asked = [(style, best_of(text, table)) for style, text in unheard_wordings()]
    top1, top3 = (np.mean([style in best[:n] for style, best in asked]) for n in (1, 3))
    said, wrongly = (np.mean([bool(best_of(word, table)) for word in words]) for words in (MEANT, NOTHING))
    return float(top1), float(top3), float(said), float(wrongly)


def write_styles(encoder: Encoder, words: list[str], out: Path) -> None:
    """Make the table, write it to the folder `out`, and print what `measure` finds."""
    table = make_table(encoder, words)
    text = json.dumps({"styles": table.names, "words": dict(sorted(table.scores.items()))}, indent=0)
    (out / FILE).write_text(text + "\n", "utf-8")
    size = (out / FILE).stat().st_size / 1000
    print(
        "{} words for styles, {:.0f} kB: {:.2f} of the unheard wordings right, {:.2f} among three; "
        "a style for {:.2f} of the words with a meaning, for {:.2f} of the others".format(
            len(table.scores), size, *measure(table)
        )
    )
