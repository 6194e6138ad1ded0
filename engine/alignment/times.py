"""From columns of a path to the times of tokens, words and lines."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.alignment.values import Line, Piece
from engine.alignment.words import LineSpans, Span

COLUMN = 3840  # 48 kHz samples of an audio token: two latent frames, 80 ms, whatever length was asked for

Times = NDArray[np.int64]
"""(n, 2): samples start and end of each."""


def settle(spans: NDArray[np.intp], heard: NDArray[np.bool_], lines: NDArray[np.intp]) -> NDArray[np.intp]:
    """Spans (rows, 2) with those of unheard rows put between the heard ones of their own line.

    heard: whether anything of the row stands out; lines: the line each row belongs to. Where the path has
    nothing to go by it may lie anywhere in a rest; so an unheard row before the first heard one of its line
    takes no time at its start, one behind the last none at its end. A line that is not heard at all is left.
    """
    settled = spans.copy()
    for line in np.unique(lines):
        rows = np.flatnonzero(lines == line)
        loud = rows[heard[rows]]
        if not len(loud):
            continue
        for row in rows[~heard[rows]]:
            behind, ahead = loud[loud < row], loud[loud > row]
            start = spans[behind[-1], 1] if len(behind) else spans[ahead[0], 0]
            end = spans[ahead[0], 0] if len(ahead) else start
            settled[row] = start, max(start, end)
    return settled


def char_times(text: str, tokens: Sequence[Span], times: Times) -> Times:
    """When each character is sung, (len(text), 2) samples; -1 where no token says, as between lines.

    A token of several characters is parted evenly among those that are not spaces; a character of several
    tokens (UTF-8 bytes of one sign) lasts from the first to the last of them.
    """
    chars = np.full((len(text), 2), -1, np.int64)
    for (a, b), (start, end) in zip(tokens, times.tolist(), strict=True):
        shown = [at for at in range(max(a, 0), min(b, len(text))) if not text[at].isspace()]
        for index, at in enumerate(shown):
            low = start + (end - start) * index // len(shown)
            high = start + (end - start) * (index + 1) // len(shown)
            chars[at] = (low if chars[at, 0] < 0 else min(low, chars[at, 0]), max(high, chars[at, 1]))
    return chars


def piece(text: str, span: Span, chars: Times) -> Piece | None:
    """A span of the text and when it is sung; None when no character of it has a time."""
    own = chars[span[0] : span[1]]
    own = own[own[:, 0] >= 0]
    return Piece(text[slice(*span)], int(own[:, 0].min()), int(own[:, 1].max())) if len(own) else None


def timed_lines(text: str, lines: Sequence[LineSpans], chars: Times) -> tuple[Line, ...]:
    """Lines with their words; a tag gets the start of the next sung line, or the end of the last one."""
    found: list[Line] = []
    ahead: int | None = None
    for line in reversed(lines):
        if line.is_tag:
            found.append(Line(text[slice(*line.span)], -1 if ahead is None else ahead, 0, (), True))
            continue
        words = [word for span in line.words if (word := piece(text, span, chars)) is not None]
        if words:
            ahead = min(word.start for word in words)
            end = max(word.end for word in words)
            found.append(Line(text[slice(*line.span)], ahead, end, tuple(words)))
    last = max((line.end for line in found if not line.is_tag), default=0)
    return tuple(placed(line, last) for line in reversed(found))


def placed(line: Line, last: int) -> Line:
    """A tag as long as nothing; behind the last sung line where none follows it."""
    if not line.is_tag:
        return line
    at = last if line.start < 0 else line.start
    return Line(line.text, at, at, (), True)


def rows_of_lines(text: str, tokens: Sequence[Span], lines: Sequence[LineSpans]) -> NDArray[np.intp]:
    """The sung line (its index) each token writes something of, -1 for tags, spaces and line ends."""
    of = np.full(len(tokens), -1, np.intp)
    for index, line in enumerate(lines):
        low, high = line.span
        for row, (a, b) in enumerate(tokens):
            if not line.is_tag and a < high and b > low and text[max(a, low) : min(b, high)].strip():
                of[row] = index
    return of
