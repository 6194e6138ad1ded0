"""What REAPER's scripts take: markers and regions as text, and lyrics for a MIDI item."""

import csv
from collections.abc import Iterable
from fractions import Fraction
from io import StringIO

from bridge.lyrics.ruler import Ruler, hours_stamp, measures, seconds
from bridge.lyrics.values import TimedLine, plain, spelled, sung

COLUMNS = ("#", "Name", "Start", "End", "Length")


def write_markers(lines: Iterable[TimedLine], ruler: Ruler) -> str:
    """The region and marker list as CSV: sung lines as regions R1.., section tags as markers M1...

    Start and End are hh:mm:ss.mmm or, where the file counts in bars, measure.beat.hundredths; Length is
    hh:mm:ss.mmm always.
    """
    text = StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    counts = {"R": 0, "M": 0}
    for line in sorted(lines, key=lambda line: line.start):
        kind = "M" if line.is_tag else "R"
        counts[kind] += 1
        start = spot(ruler, line.start)
        ends = ("", "") if line.is_tag else (spot(ruler, line.end), hours_stamp(line.end - line.start))
        table.writerow((f"{kind}{counts[kind]}", plain(line.text), start, *ends))
    return text.getvalue()


def spot(ruler: Ruler, t: Fraction) -> str:
    """A place in REAPER's ruler."""
    return measures(ruler.grid, t) if ruler.relative == "bars" else hours_stamp(seconds(ruler, t))


def write_track_lyrics(lines: Iterable[TimedLine], ruler: Ruler) -> str:
    """The text SetTrackMIDILyrics takes with flag 2: place, tab, word, tab, and so on.

    Its places are measures of the project in REAPER, whatever the file is relative to. A word keeps the space
    behind it; section tags are left out.
    """
    pairs = [(measures(ruler.grid, word.start), text) for line in sung(lines) for word, text in spelled(line)]
    return "".join(f"{at}\t{text}\t" for at, text in pairs)
