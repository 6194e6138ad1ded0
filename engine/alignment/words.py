"""Lyrics as characters: lines, section tags and words of any script, and which tokens write which of them."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Span = tuple[int, int]
"""Characters from..to of the lyrics, half-open."""

TAG = re.compile(r"\[[^\[\]]*\]")
CHUNK = re.compile(r"\S+")
# Scripts that set no spaces between words and whose every sign is sung: kana, Han and their extensions.
SIGNS = re.compile(r"[\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
                   r"\uff66-\uff9f\U00020000-\U0003ffff]")  # fmt: skip
# Small kana and length marks belong to the sign before them.
SMALL = frozenset("ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶーｧｨｩｪｫｬｭｮｯｰﾞﾟ々")


@dataclass(frozen=True, slots=True)
class LineSpans:
    """A line that is not empty, without the spaces around it, and its words; a section tag has none."""

    span: Span
    words: tuple[Span, ...]
    is_tag: bool


def split_lines(lyrics: str) -> tuple[LineSpans, ...]:
    """The lines of lyrics. Only line feeds end a line; a line that is one [bracket] is a section tag."""
    lines = []
    for found in re.finditer(r"[^\n]+", lyrics):
        text = found[0].strip()
        start = found.start() + len(found[0]) - len(found[0].lstrip())
        if text:
            is_tag = TAG.fullmatch(text) is not None
            words = () if is_tag else tuple((start + a, start + b) for a, b in split_words(text))
            lines.append(LineSpans((start, start + len(text)), words, is_tag))
    return tuple(lines)


def split_words(text: str) -> list[Span]:
    """Words of a line: what spaces part, and in it every Han or kana sign with the marks that belong to it.

    Hangul, Thai, Arabic and all others are parted by spaces only; combining marks never stand alone.
    """
    return [
        (chunk.start() + start, chunk.start() + end)
        for chunk in CHUNK.finditer(text)
        for start, end in split_chunk(chunk[0])
    ]


def split_chunk(chunk: str) -> Iterator[Span]:
    """Words of a text without spaces; together they are the text."""
    start, is_opening, is_sign = 0, True, False  # of the word so far: only brackets; ends in a sign
    for at, char in enumerate(chunk):
        kind = unicodedata.category(char)
        if kind in ("Ps", "Pi"):
            begins = is_signed(chunk) and not is_opening
            is_opening = True if begins else is_opening
        elif kind[0] in "MPS" or kind == "Cf" or char in SMALL:
            begins = False
        else:
            sign = SIGNS.match(char) is not None
            begins = (sign or is_sign) and not is_opening
            is_opening, is_sign = False, sign
        if begins and at > start:
            yield start, at
            start = at
    yield start, len(chunk)


def is_signed(chunk: str) -> bool:
    """Whether any of it is written in Han or kana."""
    return SIGNS.search(chunk) is not None


def lyric_rows(offsets: Sequence[Span], header: int, lyrics: str) -> Span:
    """The tokens (first, stop) that write any of the lyrics, which start at `header` in the text."""
    stop = header + len(lyrics)
    within = [i for i, (a, b) in enumerate(offsets) if a < b and a < stop and b > header]
    return (within[0], within[-1] + 1) if within else (0, 0)
