"""An alignment on its way from the engine's process to the daemon: plain values, no arrays.

Both ends of the pipe use it; it knows neither torch nor files.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from bridge.lyrics.values import TimedLine, TimedWord
from bridge.pipe import Frame

RATE = 48_000


def alignment_frame(job: str, found: Any, spent_s: float) -> Frame:
    """The engine's Alignment as a frame; its tokens stay behind."""
    lines = [
        [line.text, line.start, line.end, line.is_tag, [[w.text, w.start, w.end] for w in line.words]]
        for line in found.lines
    ]
    score = {name: getattr(found.score, name) for name in ("coverage", "monotonicity", "confidence", "value")}
    values = {"lines": lines, "score": score, "untimed": found.untimed, "seconds": {"align": spent_s}}
    return Frame("rendered", job, values)


def lines_of(values: Mapping[str, Any], origin: Fraction) -> tuple[TimedLine, ...]:
    """The lines of a frame; origin: when its first sample sounds, exact seconds."""

    def at(sample: int) -> Fraction:
        return origin + Fraction(sample, RATE)

    return tuple(
        TimedLine(
            text, at(start), at(end), tuple(TimedWord(word, at(a), at(b)) for word, a, b in words), is_tag
        )
        for text, start, end, is_tag, words in values["lines"]
    )
