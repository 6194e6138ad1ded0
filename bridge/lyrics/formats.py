"""Every format by its name: what a client may ask for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bridge.lyrics.lrc import write_lrc, write_word_lrc
from bridge.lyrics.lyric_json import write_json
from bridge.lyrics.midi import write_midi
from bridge.lyrics.reaper import write_markers, write_track_lyrics
from bridge.lyrics.ruler import Ruler
from bridge.lyrics.subtitles import write_srt, write_vtt
from bridge.lyrics.values import TimedLine


@dataclass(frozen=True, slots=True)
class Format:
    """ending: of its file names, behind `_take`.  write: lines in project seconds and a ruler -> text or
    bytes.
    """

    ending: str
    write: Callable[[Iterable[TimedLine], Ruler], str | bytes]


FORMATS: dict[str, Format] = {
    "lrc": Format(".lrc", write_lrc),
    "words": Format("-words.lrc", write_word_lrc),
    "srt": Format(".srt", write_srt),
    "vtt": Format(".vtt", write_vtt),
    "json": Format("-lyrics.json", write_json),
    "midi": Format(".mid", write_midi),
    "markers": Format("-markers.csv", write_markers),
    "reaper": Format("-reaper.txt", write_track_lyrics),
}


def written(name: str, lines: Sequence[TimedLine], ruler: Ruler) -> bytes:
    """A format's file, UTF-8 where it is text."""
    made = FORMATS[name].write(lines, ruler)
    return made.encode() if isinstance(made, str) else made
