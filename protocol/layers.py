"""The requests that take a source apart or add to it, each beside its `done`.

start and end left out mean the source's own; what comes back is exactly as long as the region.
"""

from fractions import Fraction
from typing import ClassVar, get_args

from protocol import reply_fields as told
from protocol import request_fields as given
from protocol.fields import arg, message
from protocol.kinds import Choice
from protocol.picks import Picks
from protocol.spec import ReplySpec, Spec
from protocol.values import STEMS, Conform, Deliver, LyricClock, Position, StemDepth, StemMode

STEM = Choice(STEMS)
DEPTH = Choice(get_args(StemDepth))


@message
class Extract:
    """Take stems out of a source: one file each, as long as the region.

    >>> from protocol.osc import wire_line
    >>> wire_line(Extract(request_id="e1", source="/a.wav", stems=("drums", "bass")))
    '/extract ,sssss "e1" "source" "/a.wav" "stems" "drums bass"'
    """

    spec: ClassVar[Spec] = Spec("extract", is_job=True)
    request_id: str = arg(*given.REQUEST_ID)
    project: str = arg(*given.PROJECT, default="default")
    source: str = arg(*given.SOURCE)
    source_start: Position | None = arg(*given.SOURCE_START, default=None)
    start: Position | None = arg(*given.START, default=None)
    end: Position | None = arg(*given.END, default=None)
    stems: tuple[str, ...] = arg("which classes", Picks(STEMS, 1))
    mode: StemMode = arg(
        "masked: the source's own sound, parted, and a remainder: all files add up to the source; "
        "generated: what the model makes of it; dsp: like masked, but by signal processing without a model, "
        "which knows drums and bass only",
        Choice(get_args(StemMode)),
        default="masked",
    )
    bit_depth: StemDepth = arg(*given.STEM_DEPTH, default="source")
    caption: str = arg(*given.CAPTION, default="")
    seed: int = arg(*given.SEED, default=-1)
    steps: int = arg(*given.STEPS, default=0)
    guidance: Fraction = arg(*given.GUIDANCE, default=Fraction(0))
    model: str = arg(*given.MODEL, default="")
    priority: int = arg(*given.PRIORITY, default=0)
    out: str = arg(*given.OUT, default="")


@message
class ExtractDone:
    """The stems are made: place all of them at start_sample."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "extract")
    request_id: str = arg(*told.REQUEST_ID)
    stems: tuple[str, ...] = arg(
        "what each of takes is: the classes in their order, unless generated also `remainder`, last",
        told.LINES,
    )
    mode: str = arg("how they were made, as asked for", Choice(get_args(StemMode)), default="masked")
    takes: tuple[str, ...] = arg("path of each stem", told.LINES)
    sidecar: str = arg(*told.SIDECAR)
    start_sample: int = arg(*told.START_SAMPLE)
    end_sample: int = arg(*told.END_SAMPLE)
    start_bar: str = arg(*told.START_BAR)
    end_bar: str = arg(*told.END_BAR)
    sample_rate: int = arg(*told.SAMPLE_RATE)
    seed: str = arg(*told.SEED)
    model: str = arg(*told.MODEL)
    seconds: str = arg(*told.SECONDS)
    warnings: tuple[str, ...] = arg(*told.WARNINGS)


@message
class Lego:
    """Make a layer of one class that fits a region of a source; it comes alone, without the source.

    >>> from protocol.osc import wire_line
    >>> wire_line(Lego(request_id="l1", source="/a.wav", stem="bass"))
    '/lego ,sssss "l1" "source" "/a.wav" "stem" "bass"'
    """

    spec: ClassVar[Spec] = Spec("lego", is_job=True)
    request_id: str = arg(*given.REQUEST_ID)
    project: str = arg(*given.PROJECT, default="default")
    source: str = arg(*given.SOURCE)
    source_start: Position | None = arg(*given.SOURCE_START, default=None)
    start: Position | None = arg(*given.START, default=None)
    end: Position | None = arg(*given.END, default=None)
    stem: str = arg("class of the layer", STEM)
    caption: str = arg(*given.CAPTION, default="")
    lyrics: str = arg(*given.LYRICS, default="")
    language: str = arg(*given.LANGUAGE, default="en")
    lyric_formats: tuple[str, ...] = arg(*given.LYRIC_FORMATS, default=("lrc", "json"))
    lyric_clock: LyricClock = arg(*given.LYRIC_CLOCK, default="file")
    key: str = arg(*given.KEY, default="")
    seed: int = arg(*given.SEED, default=-1)
    steps: int = arg(*given.STEPS, default=0)
    guidance: Fraction = arg(*given.GUIDANCE, default=Fraction(0))
    fade_ms: Fraction = arg(*given.EDGE_FADE, default=Fraction(5))
    bit_depth: StemDepth = arg(*given.STEM_DEPTH, default="source")
    conform: Conform = arg(*given.CONFORM, default="auto")
    model: str = arg(*given.MODEL, default="")
    priority: int = arg(*given.PRIORITY, default=0)
    out: str = arg(*given.OUT, default="")


@message
class LegoDone:
    """The layer is made: place it at start_sample."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "lego")
    request_id: str = arg(*told.REQUEST_ID)
    take: str = arg(*told.TAKE)
    sidecar: str = arg(*told.SIDECAR)
    start_sample: int = arg(*told.START_SAMPLE)
    end_sample: int = arg(*told.END_SAMPLE)
    start_bar: str = arg(*told.START_BAR)
    end_bar: str = arg(*told.END_BAR)
    sample_rate: int = arg(*told.SAMPLE_RATE)
    seed: str = arg(*told.SEED)
    model: str = arg(*told.MODEL)
    conform: str = arg(*told.CONFORM, default="[]")
    scores: str = arg(*told.SCORES, default="[]")
    lyric_names: tuple[str, ...] = arg(*told.LYRIC_NAMES, default=())
    lyric_files: tuple[str, ...] = arg(*told.LYRIC_FILES, default=())
    lyric_note: str = arg(*told.LYRIC_NOTE, default="")
    seconds: str = arg(*told.SECONDS)
    warnings: tuple[str, ...] = arg(*told.WARNINGS)


@message
class Complete:
    """Make tracks around a source, of the classes named or of the model's choice.

    >>> from protocol.osc import wire_line
    >>> wire_line(Complete(request_id="k1", source="/a.wav", stems=("drums", "bass")))
    '/complete ,sssss "k1" "source" "/a.wav" "stems" "drums bass"'
    """

    spec: ClassVar[Spec] = Spec("complete", is_job=True)
    request_id: str = arg(*given.REQUEST_ID)
    project: str = arg(*given.PROJECT, default="default")
    source: str = arg(*given.SOURCE)
    source_start: Position | None = arg(*given.SOURCE_START, default=None)
    start: Position | None = arg(*given.START, default=None)
    end: Position | None = arg(*given.END, default=None)
    stems: tuple[str, ...] = arg("classes of the tracks; none: the model's choice", Picks(STEMS), default=())
    caption: str = arg(*given.CAPTION, default="")
    lyrics: str = arg(*given.LYRICS, default="")
    language: str = arg(*given.LANGUAGE, default="en")
    lyric_formats: tuple[str, ...] = arg(*given.LYRIC_FORMATS, default=("lrc", "json"))
    lyric_clock: LyricClock = arg(*given.LYRIC_CLOCK, default="file")
    key: str = arg(*given.KEY, default="")
    seed: int = arg(*given.SEED, default=-1)
    steps: int = arg(*given.STEPS, default=0)
    guidance: Fraction = arg(*given.GUIDANCE, default=Fraction(0))
    fade_ms: Fraction = arg(*given.EDGE_FADE, default=Fraction(5))
    bit_depth: StemDepth = arg(*given.STEM_DEPTH, default="source")
    model: str = arg(*given.MODEL, default="")
    priority: int = arg(*given.PRIORITY, default=0)
    out: str = arg(*given.OUT, default="")


@message
class CompleteDone:
    """The tracks are made, in one file: place it at start_sample."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "complete")
    request_id: str = arg(*told.REQUEST_ID)
    take: str = arg(*told.TAKE)
    sidecar: str = arg(*told.SIDECAR)
    start_sample: int = arg(*told.START_SAMPLE)
    end_sample: int = arg(*told.END_SAMPLE)
    start_bar: str = arg(*told.START_BAR)
    end_bar: str = arg(*told.END_BAR)
    sample_rate: int = arg(*told.SAMPLE_RATE)
    seed: str = arg(*told.SEED)
    model: str = arg(*told.MODEL)
    scores: str = arg(*told.SCORES, default="[]")
    lyric_names: tuple[str, ...] = arg(*told.LYRIC_NAMES, default=())
    lyric_files: tuple[str, ...] = arg(*told.LYRIC_FILES, default=())
    lyric_note: str = arg(*told.LYRIC_NOTE, default="")
    seconds: str = arg(*told.SECONDS)
    warnings: tuple[str, ...] = arg(*told.WARNINGS)


@message
class Vocal2Bgm:
    """Make a backing for a voice: a complete whose source is the voice alone.

    >>> from protocol.osc import wire_line
    >>> wire_line(Vocal2Bgm(request_id="v1", source="/voice.wav", deliver="both"))
    '/vocal2bgm ,sssss "v1" "source" "/voice.wav" "deliver" "both"'
    """

    spec: ClassVar[Spec] = Spec("vocal2bgm", is_job=True)
    request_id: str = arg(*given.REQUEST_ID)
    project: str = arg(*given.PROJECT, default="default")
    source: str = arg("audio file with the voice: a path, or `upload:ID`", given.FILLED_LINE)
    source_start: Position | None = arg(*given.SOURCE_START, default=None)
    start: Position | None = arg(*given.START, default=None)
    end: Position | None = arg(*given.END, default=None)
    stems: tuple[str, ...] = arg(
        "classes of the backing", Picks(STEMS, 1), default=("drums", "bass", "keyboard", "guitar")
    )
    deliver: Deliver = arg("the backing, voice and backing mixed, or both", given.DELIVER, default="take")
    caption: str = arg(*given.CAPTION, default="")
    lyrics: str = arg(*given.LYRICS, default="")
    language: str = arg(*given.LANGUAGE, default="en")
    lyric_formats: tuple[str, ...] = arg(*given.LYRIC_FORMATS, default=("lrc", "json"))
    lyric_clock: LyricClock = arg(*given.LYRIC_CLOCK, default="file")
    key: str = arg(*given.KEY, default="")
    seed: int = arg(*given.SEED, default=-1)
    steps: int = arg(*given.STEPS, default=0)
    guidance: Fraction = arg(*given.GUIDANCE, default=Fraction(0))
    fade_ms: Fraction = arg(*given.EDGE_FADE, default=Fraction(5))
    bit_depth: StemDepth = arg(*given.STEM_DEPTH, default="source")
    model: str = arg(*given.MODEL, default="")
    priority: int = arg(*given.PRIORITY, default=0)
    out: str = arg(*given.OUT, default="")


@message
class Vocal2BgmDone:
    """The backing is made: place it, or the mix, at start_sample."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "vocal2bgm")
    request_id: str = arg(*told.REQUEST_ID)
    take: str = arg(*told.TAKE)
    full: str = arg("path of voice and backing mixed, empty when not asked for", told.LINE)
    sidecar: str = arg(*told.SIDECAR)
    start_sample: int = arg(*told.START_SAMPLE)
    end_sample: int = arg(*told.END_SAMPLE)
    start_bar: str = arg(*told.START_BAR)
    end_bar: str = arg(*told.END_BAR)
    sample_rate: int = arg(*told.SAMPLE_RATE)
    seed: str = arg(*told.SEED)
    model: str = arg(*told.MODEL)
    scores: str = arg(*told.SCORES, default="[]")
    lyric_names: tuple[str, ...] = arg(*told.LYRIC_NAMES, default=())
    lyric_files: tuple[str, ...] = arg(*told.LYRIC_FILES, default=())
    lyric_note: str = arg(*told.LYRIC_NOTE, default="")
    seconds: str = arg(*told.SECONDS)
    warnings: tuple[str, ...] = arg(*told.WARNINGS)
