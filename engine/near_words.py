"""Near words: what a small text encoder never read, said with the nearest words it did.

A big encoder has met most words; a miniature's has met those of its corpus. Beside such an encoder lies
near_words.json, made by engine/training/near_words.py: {"gloomy": "dark", ...}. Words that the encoder knows
stand there too, each for itself, so that "upright bass" is not taken apart.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

FILE = "near_words.json"
LONGEST = 5  # words in a phrase
TOKEN = re.compile(r"[^\W_]+")
JOINTS = frozenset(
    (" ", "-", "&", "'", "’", "/", " & ", "\n")
)  # what may stand between the words of a phrase
SHORTEST_STEM = 3
ENDINGS = (("ies", "y"), ("es", ""), ("s", ""), ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"))
Near = Mapping[str, str]


def say_known(caption: str, near: Near) -> str:
    """The caption with every word or phrase of the table replaced, longest first; all else as it was.

    Replacements are written as the table has them: the encoder may have read them in small letters alone. A
    word that is not in the table is looked for without its ending. What two neighbours would both say, one of
    them in place of another word, is said once.
    """
    tokens = list(TOKEN.finditer(caption)) if near else []
    out, done, at, before, kept = "", 0, 0, "", True
    while at < len(tokens):
        count, said = find_phrase(caption, tokens[at:], near)
        start, end = tokens[at].start(), tokens[at + count - 1].end()
        words, gap = caption[start:end], caption[done:start]
        is_same = not said or key_of(said) == key_of(words)
        written = words if is_same else said
        if said != before or not gap.isspace() or (kept and is_same):
            out += gap + written
        done, at, before, kept = end, at + count, said, is_same
    return out + caption[done:]


def find_phrase(caption: str, tokens: list[re.Match[str]], near: Near) -> tuple[int, str]:
    """How many of the tokens the longest phrase takes that begins with them, and what it is to be; 1 and ""
    when the table has none.
    """
    most = 1
    for left, right in pairwise(tokens[:LONGEST]):
        if caption[left.end() : right.start()] not in JOINTS:
            break
        most += 1
    for count in range(most, 0, -1):
        words = [token[0].lower() for token in tokens[:count]]
        found = next((near[key] for key in spellings(words) if key in near), "")
        if found:
            return count, found
    return 1, ""


def spellings(words: list[str]) -> Iterator[str]:
    """The phrase as a key, as it stands and with its last word's ending taken off."""
    *first, last = words
    yield " ".join(words)
    for ending, instead in ENDINGS:
        stem = last.removesuffix(ending)
        if stem != last and len(stem) >= SHORTEST_STEM:
            yield " ".join([*first, stem + instead])
            if not instead and stem[-1] == stem[-2]:
                yield " ".join([*first, stem[:-1]])


def key_of(phrase: str) -> str:
    """A phrase as a key of the table: its words in lower case, a space between."""
    return " ".join(TOKEN.findall(phrase.lower()))
