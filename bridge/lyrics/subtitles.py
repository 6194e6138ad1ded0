"""SubRip and WebVTT: lines as cues, to the millisecond."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import partial
from html import escape

from bridge.lyrics.ruler import Ruler, hours_stamp, place, seconds, whole
from bridge.lyrics.values import TimedLine, plain, spelled, sung

MILLISECOND = Fraction(1, 1000)


def write_srt(lines: Iterable[TimedLine], ruler: Ruler) -> str:
    """SubRip; section tags left out, a cue lasts a millisecond at least."""
    stamp = partial(hours_stamp, point=",")
    cues = (
        f"{number}\n{place(ruler, line.start, stamp)} --> {place(ruler, end_of_cue(line), stamp)}\n"
        f"{plain(line.text)}\n\n"
        for number, line in enumerate(sung(lines), 1)
    )
    return "".join(cues)


def write_vtt(lines: Iterable[TimedLine], ruler: Ruler) -> str:
    """WebVTT with word times inside the cues; section tags left out."""
    cues = (
        f"\n{place(ruler, line.start, hours_stamp)} --> {place(ruler, end_of_cue(line), hours_stamp)}\n"
        f"{''.join(cue_text(line, ruler))}\n"
        for line in sung(lines)
    )
    return "".join(("WEBVTT\n", *cues))


def end_of_cue(line: TimedLine) -> Fraction:
    """Where its cue ends: after it starts."""
    return max(line.end, line.start + MILLISECOND)


def cue_text(line: TimedLine, ruler: Ruler) -> Iterator[str]:
    """A line's text with a time before each word that starts after the one before it, within the cue.

    WebVTT wants times inside a cue to rise, above its start and below its end. A file that counts in bars has
    none of them.
    """
    last, end = (whole(seconds(ruler, t), 1000) for t in (line.start, end_of_cue(line)))
    for word, text in spelled(line):
        at = whole(seconds(ruler, word.start), 1000)
        if last < at < end and ruler.relative != "bars":
            yield f"<{hours_stamp(seconds(ruler, word.start))}>"
            last = at
        yield escape(text, quote=False)
