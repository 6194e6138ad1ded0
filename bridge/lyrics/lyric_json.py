"""Timed lyrics as JSON: every time in seconds, in samples and in bars, so that a script need not compute."""

import json
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from bridge.grid import bars_text
from bridge.lyrics.ruler import Ruler, seconds, whole
from bridge.lyrics.values import TimedLine, TimedWord, plain
from protocol.values import Seconds

MICROSECONDS = 1_000_000


def write_json(lines: Iterable[TimedLine], ruler: Ruler) -> str:
    """Lines in order of time, section tags among them.

    start_s and end_s count from where `relative` says (bars: from the project's start); start_sample and
    end_sample likewise, at sample_rate; start_bar and end_bar are always the project's.
    """
    ordered = sorted(lines, key=lambda line: line.start)
    whole_file = {
        "relative": ruler.relative,
        "file_start_s": rounded(ruler.start),
        "sample_rate": ruler.grid.rate,
        "lines": [told_line(line, ruler) for line in ordered],
    }
    return json.dumps(whole_file, ensure_ascii=False, indent=1) + "\n"


def told_line(line: TimedLine, ruler: Ruler) -> dict[str, Any]:
    """A line with its words."""
    words = [told(word, ruler) for word in line.words]
    return {**told(line, ruler), "is_tag": line.is_tag, "words": words}


def told(piece: TimedLine | TimedWord, ruler: Ruler) -> dict[str, Any]:
    """Text and times of a line or a word."""
    told_times = {
        f"{edge}_{unit}": value
        for edge, t in (("start", piece.start), ("end", piece.end))
        for unit, value in (
            ("s", rounded(seconds(ruler, t))),
            ("sample", whole(seconds(ruler, t), ruler.grid.rate)),
            ("bar", bars_text(ruler.grid, Seconds(t))),
        )
    }
    return {"text": plain(piece.text), **told_times}


def rounded(t: Fraction) -> float:
    """Seconds to the microsecond."""
    return whole(t, MICROSECONDS) / MICROSECONDS
