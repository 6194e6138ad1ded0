"""LRC: lines with the time they start, and A2's word times. One tag a line, never [start][end]: readers take
two tags for two repeats.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from bridge.lyrics.ruler import Ruler, minutes_stamp, place
from bridge.lyrics.values import TimedLine, plain, spelled, sung

Stamp = Callable[[Fraction], str]
# Text that a reader would take for a time.
LIKE_TIME = re.compile(r"[\[<](\d+[:|][\d.:|]+)[\]>]")
# What a reader would take for one more tag, and leave out.
LIKE_TAG = re.compile(r"^\s*\[([^\]]*)\]")


def write_lrc(lines: Iterable[TimedLine], ruler: Ruler, ids: Mapping[str, str] | None = None) -> str:
    """Standard LRC, section tags left out. ids: ID tags such as ti, ar, al, by, in their order."""
    return joined(ids, [lrc_line(replace(line, words=()), stamp_by(ruler)) for line in sung(lines)])


def write_word_lrc(lines: Iterable[TimedLine], ruler: Ruler, ids: Mapping[str, str] | None = None) -> str:
    """Enhanced LRC: a time before every word, and one where the line's last word ends."""
    return joined(ids, [lrc_line(line, stamp_by(ruler)) for line in sung(lines)])


def stamp_by(ruler: Ruler) -> Stamp:
    """How a file that counts by this ruler writes a time."""
    return lambda t: place(ruler, t, minutes_stamp)


def lrc_line(line: TimedLine, stamp: Stamp) -> str:
    """A line with its time and, where it has words, theirs."""
    start = f"[{stamp(line.start)}]"
    if not line.words:
        return start + LIKE_TAG.sub(r"(\1)", defused(plain(line.text)))
    words = "".join(f"<{stamp(word.start)}>{defused(text)}" for word, text in spelled(line))
    return f"{start}{words}<{stamp(line.words[-1].end)}>"


def defused(text: str) -> str:
    """What looks like a time in brackets gets round ones."""
    return LIKE_TIME.sub(r"(\1)", text)


def joined(ids: Mapping[str, str] | None, body: list[str]) -> str:
    """The whole file; an ID tag's value cannot hold its closing bracket."""
    tags = [f"[{key}:{plain(value).replace(']', ')')}]" for key, value in (ids or {}).items()]
    return "".join(f"{line}\n" for line in (*tags, *body))
