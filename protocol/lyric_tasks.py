"""The request that finds out when lyrics are sung, beside its `done`."""

from typing import ClassVar, get_args

from protocol import reply_fields as told
from protocol import request_fields as given
from protocol.documents import Json, Texts
from protocol.fields import arg, message
from protocol.kinds import Choice, Text
from protocol.limits import LYRICS_CHARS, PATH_CHARS
from protocol.picks import Picks
from protocol.spec import ReplySpec, Spec
from protocol.values import LYRIC_FORMATS, LyricClock, Position


@message
class Align:
    """Find out when each line and word of known lyrics is sung in a source, or in a region of it.

    >>> from protocol.osc import wire_line
    >>> wire_line(Align(request_id="a1", source="/a.wav", lyrics="la la", formats=("lrc", "midi")))
    '/align ,sssssss "a1" "source" "/a.wav" "lyrics" "la la" "formats" "lrc midi"'
    """

    spec: ClassVar[Spec] = Spec("align", is_job=True)
    request_id: str = arg(*given.REQUEST_ID)
    project: str = arg(*given.PROJECT, default="default")
    source: str = arg(*given.SOURCE)
    source_start: Position | None = arg(*given.SOURCE_START, default=None)
    start: Position | None = arg(*given.START, default=None)
    end: Position | None = arg(*given.END, default=None)
    lyrics: str = arg(
        "the words that are sung there, a line each; [tags] alone on a line are not sung",
        Text(LYRICS_CHARS.value, lo=1),
    )
    language: str = arg(*given.LANGUAGE, default="en")
    caption: str = arg("what the music is, in words, if you know", given.CAPTION.kind, default="")
    key: str = arg(*given.KEY, default="")
    formats: tuple[str, ...] = arg(
        "which files: lrc (lines), words (LRC with word times), srt, vtt, json, midi (lyric events and the "
        "tempo map), markers (REAPER's region list), reaper (for SetTrackMIDILyrics; project's measures)",
        Picks(LYRIC_FORMATS, 1),
        default=("lrc", "json"),
    )
    relative: LyricClock = arg(
        "what times count from: the source file's start, the project's start, or bars and beats",
        Choice(get_args(LyricClock)),
        default="file",
    )
    merge: str = arg(
        "path of an LRC to make a copy of, with the lines inside the region replaced by these; its clock is "
        "what `relative` says, file or project",
        Text(PATH_CHARS.value, is_line=True),
        default="",
    )
    seed: int = arg(*given.SEED, default=-1)
    steps: int = arg(*given.STEPS, default=0)
    model: str = arg(*given.MODEL, default="")
    priority: int = arg(*given.PRIORITY, default=0)
    out: str = arg(*given.OUT, default="")


@message
class AlignDone:
    """The times are found; how far they can be trusted, score tells only roughly."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "align")
    request_id: str = arg(*told.REQUEST_ID)
    formats: tuple[str, ...] = arg(
        "what each of files is: the formats in their order, with merge also `merged`, last",
        Texts(len(LYRIC_FORMATS) + 1),
    )
    files: tuple[str, ...] = arg("path of each file", Texts(len(LYRIC_FORMATS) + 1))
    sidecar: str = arg(*told.SIDECAR)
    lines: int = arg("sung lines that got times", told.COUNT)
    score: str = arg(
        "how clearly the model's attention follows the lyrics, each 0..1: coverage, monotonicity, confidence "
        "and their value; compares takes of one text by one model; says nothing of how they sound",
        Json(),
    )
    start_sample: int = arg(*told.START_SAMPLE)
    end_sample: int = arg(*told.END_SAMPLE)
    start_bar: str = arg(*told.START_BAR)
    end_bar: str = arg(*told.END_BAR)
    sample_rate: int = arg(*told.SAMPLE_RATE)
    seed: str = arg(*told.SEED)
    model: str = arg(*told.MODEL)
    seconds: str = arg(*told.SECONDS)
    warnings: tuple[str, ...] = arg(*told.WARNINGS)
