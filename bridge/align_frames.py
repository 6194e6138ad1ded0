"""An alignment on its way from the engine's process to the daemon: plain values, no arrays.

Both ends of the pipe use it; it knows neither torch nor files.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from bridge.lyrics.values import TimedLine, TimedWord
from bridge.pipe import Frame

RATE = 48_000


def alignment_frame(job: str, found: Any, spent_s: float) -> Frame:
    """The engine's Alignment as a frame."""
    return Frame("rendered", job, alignment_values(found) | {"seconds": {"align": spent_s}})


def alignment_values(found: Any) -> dict[str, Any]:
    """The engine's Alignment as plain values; its tokens stay behind."""
    lines = [
        [line.text, line.start, line.end, line.is_tag, [[w.text, w.start, w.end] for w in line.words]]
        for line in found.lines
    ]
    score = {name: getattr(found.score, name) for name in ("coverage", "monotonicity", "confidence", "value")}
    return {"lines": lines, "score": score, "untimed": found.untimed}


def shifted_lines(lines: Any, place: Callable[[int], int]) -> list[Any]:
    """The lines of `alignment_values` with every sample where `place` puts it."""
    return [
        [text, place(start), place(end), is_tag, [[word, place(a), place(b)] for word, a, b in words]]
        for text, start, end, is_tag, words in lines
    ]


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
