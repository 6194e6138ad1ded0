"""LRC files as people have them: read tolerantly, and merged with the lines of a region sung anew.

Reads [m:ss], [mm:ss.x], .xx, .xxx, [mm:ss:xx] and [hh:mm:ss.xx], several tags a line, the offset tag, word
times in <> and byte order marks. Whatever is no time and no ID tag is kept, and ignored.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from bridge.lyrics.lrc import lrc_line
from bridge.lyrics.ruler import minutes_stamp, whole
from bridge.lyrics.values import TimedLine, TimedWord, moved, sung

TIME = r"(?:(\d{1,2}):(?=\d{1,2}:\d{1,2}[.,]))?(\d{1,4}):(\d{1,2})(?:[.,:](\d{1,3}))?"
TAG = re.compile(rf"\s*\[\s*{TIME}\s*\]")
WORD = re.compile(rf"<\s*{TIME}\s*>")
ID = re.compile(r"\[\s*([A-Za-z#]\w*)\s*:(.*)\]\s*")
NUMBER = re.compile(r"[+-]?\d{1,9}")
LINES = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class ReadLrc:
    """ids: ID tags in their order, but the offset.  offset: seconds that every line is earlier than its tag.

    lines: in order of time, offset applied; a line ends where the next begins, or an empty one after it, or
    its word times end; the last one of a file without word times ends where it starts, as nobody says more.
    """

    ids: tuple[tuple[str, str], ...]
    offset: Fraction
    lines: tuple[TimedLine, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the file. times: of its tags, with the digits each is given to.  text: what is behind."""

    raw: str
    times: tuple[tuple[Fraction, int], ...]
    text: str


def parse_lrc(text: str) -> ReadLrc:
    """The lines of an LRC file. Never fails: what it does not understand has no time."""
    rows = split_rows(text)
    ids = id_tags(rows)
    offset = offset_of(ids)
    found = [line_of(row, t) for row in rows for t, _ in row.times]
    timed = sorted(found, key=lambda line: line.start)
    ended = [ends_by(line, after.start) for line, after in pairwise(timed)] + timed[-1:]
    shifted = [moved(line, -offset) for line in ended if line.text]
    others = tuple((key, value) for key, value in ids if key.lower() != "offset")
    return ReadLrc(others, offset, tuple(shifted))


def split_rows(text: str) -> list[Row]:
    """Every line of the file."""
    return [row_of(raw) for raw in LINES.split(text.removeprefix("\ufeff"))]


def row_of(raw: str) -> Row:
    """A line with its time tags taken off."""
    times, at = [], 0
    while found := TAG.match(raw, at):
        times.append(time_of(found))
        at = found.end()
    return Row(raw, tuple(times), raw[at:].strip() if times else raw)


def time_of(found: re.Match[str]) -> tuple[Fraction, int]:
    """Seconds of a matched time, and how many digits its fraction has."""
    hours, minutes, whole_s, part = found.groups()
    digits = len(part or "")
    total = 3600 * int(hours or 0) + 60 * int(minutes) + int(whole_s)
    return Fraction(total) + Fraction(int(part or 0), 10**digits), digits


def id_tags(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """[key:value] lines."""
    found = (ID.fullmatch(row.raw.strip()) for row in rows if not row.times)
    return [(match[1], match[2].strip()) for match in found if match]


def offset_of(ids: Sequence[tuple[str, str]]) -> Fraction:
    """The offset tag in seconds: positive shows every line earlier. 0 where there is no number."""
    numbers = [value for key, value in ids if key.lower() == "offset" and NUMBER.fullmatch(value)]
    return Fraction(int(numbers[-1]), 1000) if numbers else Fraction(0)


def line_of(row: Row, start: Fraction) -> TimedLine:
    """The row sung from `start`, one of its tags; word times are those of its first tag."""
    text, by = row.text, start - row.times[0][0]
    marks = list(WORD.finditer(text))
    if not marks:
        return TimedLine(text, start, start)
    times = [time_of(mark)[0] + by for mark in marks]
    texts = [text[a.end() : b.start()] for a, b in pairwise(marks)] + [text[marks[-1].end() :]]
    ends = [*times[1:], times[-1]]
    spans = zip(texts, times, ends, strict=True)
    words = tuple(TimedWord(word.strip(), a, max(a, b)) for word, a, b in spans if word.strip())
    shown = text[: marks[0].start()] + "".join(texts)
    end = max((word.end for word in words), default=start)
    return TimedLine(" ".join(shown.split()), start, max(start, end), words)


def ends_by(line: TimedLine, next_start: Fraction) -> TimedLine:
    """The line with an end, where its words do not give one: the start of the next."""
    return line if line.words else replace(line, end=next_start)


# --- merge


def merge_lrc(
    old: str, new: Sequence[TimedLine], region: tuple[Fraction, Fraction], words: bool = False
) -> str:
    """`old` with the lines that start inside the region replaced by those of `new` that do.

    Times of `new` and the region: seconds on the file's own clock, as a player shows it. Everything else of
    `old` stays as it is, to the letter: ID tags, comments, order, repeats outside, line ends. A line's tag
    counts at its own resolution, so a line written at the region's start is inside. words: with word times.
    """
    rows = split_rows(old)
    offset = offset_of(id_tags(rows))
    span = region[0] + offset, region[1] + offset
    fresh = [moved(line, offset) for line in sung(new) if region[0] <= line.start < region[1]]
    texts = [lrc_line(line if words else replace(line, words=()), file_stamp) for line in fresh]
    kept: list[str] = []
    at = None  # where the new lines go: where the first one left, else before the first later one
    for row in rows:
        remains = tuple(time for time in row.times if not inside(time, span))
        left = len(remains) < len(row.times)
        if at is None and (left or (row.times and min(row.times)[0] >= span[1])):
            at = len(kept)
        if not left:
            kept.append(row.raw)
        elif remains:
            kept.append("".join(tags_of(row, remains)) + row.text)
    if at is None:
        at = len(kept) - (1 if kept and not kept[-1] else 0)
    merged = [*kept[:at], *texts, *kept[at:]]
    mark = "\ufeff" if old.startswith("\ufeff") else ""
    return mark + line_end(old).join(merged if merged[-1:] == [""] else [*merged, ""])


def file_stamp(t: Fraction) -> str:
    """A time on the file's own clock, which has nothing before 0."""
    return minutes_stamp(max(t, Fraction(0)))


def tags_of(row: Row, times: Sequence[tuple[Fraction, int]]) -> Iterator[str]:
    """The row's own tags of these times, as they were written."""
    at = 0
    while found := TAG.match(row.raw, at):
        if time_of(found) in times:
            yield found[0]
        at = found.end()


def inside(time: tuple[Fraction, int], span: tuple[Fraction, Fraction]) -> bool:
    """Whether a tag lies in the span, both at the tag's own resolution."""
    t, digits = time
    steps = 10**digits
    return whole(span[0], steps) <= whole(t, steps) < whole(span[1], steps)


def line_end(text: str) -> str:
    """What ends the file's lines."""
    found = LINES.search(text)
    return found[0] if found else "\n"
