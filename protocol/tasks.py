"""The requests that make audio, each beside its `done`; a new one is also named in the two unions."""

from fractions import Fraction
from typing import ClassVar, get_args

from protocol import reply_fields as told
from protocol import request_fields as given
from protocol.codes import Codes
from protocol.documents import Json
from protocol.fields import arg, message
from protocol.kinds import Choice, Flag, Integer
from protocol.places import LENGTH, POSITION
from protocol.spec import ReplySpec, Spec
from protocol.values import (
    Bars,
    BitDepth,
    Conform,
    Deliver,
    FurtherRegion,
    Length,
    LyricClock,
    Position,
    StemDepth,
    Thinking,
)


@message
class Repaint:
    """Make the region start..end of a source anew; outside of it the source stays bit for bit as it is.

    >>> from protocol.osc import wire_line
    >>> wire_line(Repaint(request_id="r1", source="/a.wav", start=Bars(17), end=Bars(21)))
    '/repaint ,sssssss "r1" "source" "/a.wav" "start.bars" "17|1|0" "end.bars" "21|1|0"'
    """

    spec: ClassVar[Spec] = Spec("repaint", is_job=True)
    request_id: str = arg(*given.REQUEST_ID)
    project: str = arg(*given.PROJECT, default="default")
    source: str = arg("audio file to repaint: a path, or `upload:ID`", given.FILLED_LINE)
    source_start: Position | None = arg(
        "where in the project the source's first sample lies; left out: the project's source_start",
        POSITION,
        default=None,
    )
    start: Position = arg("where the region begins", POSITION)
    end: Position = arg("where the region ends; this sample no longer belongs to it", POSITION)
    caption: str = arg(*given.CAPTION, default="")
    lyrics: str = arg(*given.LYRICS, default="")
    language: str = arg(*given.LANGUAGE, default="en")
    lyric_formats: tuple[str, ...] = arg(*given.LYRIC_FORMATS, default=("lrc", "json"))
    lyric_clock: LyricClock = arg(*given.LYRIC_CLOCK, default="file")
    lyric_merge: str = arg(*given.LYRIC_MERGE, default="")
    key: str = arg(*given.KEY, default="")
    seed: int = arg(*given.SEED, default=-1)
    strength: Fraction = arg(
        "how far from the source: 0 keeps it, 1 is free", given.UNIT, default=Fraction(1)
    )
    steps: int = arg(*given.STEPS, default=0)
    guidance: Fraction = arg(*given.GUIDANCE, default=Fraction(0))
    fade_ms: Fraction = arg("crossfade at both seams, inside the region", given.FADE, default=Fraction(20))
    deliver: Deliver = arg(
        "the regions alone, the whole source with the first take of each, or both",
        given.DELIVER,
        default="both",
    )
    takes: int = arg(*given.TAKES, default=1)
    more: tuple[FurtherRegion, ...] = arg(*given.MORE_REGIONS, default=())
    outpaint: bool = arg("the region may begin before the source or end behind it", Flag(), default=False)
    conform: Conform = arg(*given.CONFORM, default="auto")
    model: str = arg(*given.MODEL, default="")
    priority: int = arg(*given.PRIORITY, default=0)
    out: str = arg(*given.OUT, default="")


@message
class RepaintDone:
    """The region is made: place the take at start_sample, or use the whole file."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "repaint")
    request_id: str = arg(*told.REQUEST_ID)
    take: str = arg(*told.TAKE)
    takes: tuple[str, ...] = arg(*told.TAKES)
    seeds: tuple[str, ...] = arg(*told.SEEDS)
    full: str = arg("path of the whole source with the regions in it, empty when not asked for", told.LINE)
    full_start: int = arg("first sample of that file in the project", told.SAMPLE)
    sidecar: str = arg(*told.SIDECAR)
    start_sample: int = arg(*told.START_SAMPLE)
    end_sample: int = arg(*told.END_SAMPLE)
    start_bar: str = arg(*told.START_BAR)
    end_bar: str = arg(*told.END_BAR)
    fade_samples: int = arg("length of each crossfade, inside the region", told.SAMPLE)
    sample_rate: int = arg(*told.SAMPLE_RATE)
    seed: str = arg(*told.SEED)
    model: str = arg(*told.MODEL)
    regions: str = arg("every region: its samples and bars, and how many of takes are its own", Json())
    conform: str = arg(*told.CONFORM, default="[]")
    scores: str = arg(*told.SCORES, default="[]")
    lyric_names: tuple[str, ...] = arg(*told.LYRIC_NAMES, default=())
    lyric_files: tuple[str, ...] = arg(*told.LYRIC_FILES, default=())
    lyric_note: str = arg(*told.LYRIC_NOTE, default="")
    seconds: str = arg(*told.SECONDS)
    warnings: tuple[str, ...] = arg(*told.WARNINGS)


@message
class Generate:
    """Make a new piece from words, as long as the grid says.

    >>> from protocol.osc import wire_line
    >>> from protocol.values import BarCount
    >>> wire_line(Generate(request_id="g1", length=BarCount(8), caption="slow piano"))
    '/generate ,ssiss "g1" "length.bars" 8 "caption" "slow piano"'
    """

    spec: ClassVar[Spec] = Spec("generate", is_job=True, one_of=("end", "length"))
    request_id: str = arg(*given.REQUEST_ID)
    project: str = arg(*given.PROJECT, default="default")
    start: Position = arg("where in the project it begins", POSITION, default=Bars(1))
    end: Position | None = arg("where it ends", POSITION, default=None)
    length: Length | None = arg("how long it is, from its start", LENGTH, default=None)
    caption: str = arg(given.CAPTION.doc, given.FILLED_CAPTION)
    lyrics: str = arg(*given.LYRICS, default="")
    language: str = arg(*given.LANGUAGE, default="en")
    lyric_formats: tuple[str, ...] = arg(*given.LYRIC_FORMATS, default=("lrc", "json"))
    lyric_clock: LyricClock = arg(*given.LYRIC_CLOCK, default="file")
    key: str = arg(*given.KEY, default="")
    seed: int = arg(*given.SEED, default=-1)
    steps: int = arg(*given.STEPS, default=0)
    guidance: Fraction = arg(*given.GUIDANCE, default=Fraction(0))
    takes: int = arg(*given.TAKES, default=1)
    reference: str = arg(*given.REFERENCE, default="")
    thinking: Thinking = arg(
        "on: a planner first decides what you left open and writes audio codes for the structure; auto: only "
        "if the model's config.json asks for it and a planner is installed",
        Choice(get_args(Thinking)),
        default="auto",
    )
    blueprint: str = arg(
        "decided fields as YAML, as `plan` brings them: key, and lyrics with their language, count where "
        "this request has none",
        given.BLUEPRINT,
        default="",
    )
    codes: tuple[int, ...] = arg(
        "audio codes for the structure, five a second from its start; none: free", Codes(), default=()
    )
    codes_file: str = arg(
        "instead of codes: the JSON file that a `plan` wrote them into, a path or `upload:ID`",
        given.OUT.kind,
        default="",
    )
    judge: bool = arg(
        "let a planner judge every take too; then its score counts in their order", Flag(), default=False
    )
    planner: str = arg(*given.PLANNER, default="")
    keep: bool = arg(*given.KEEP, default=False)
    conform: Conform = arg(*given.CONFORM, default="auto")
    model: str = arg(*given.MODEL, default="")
    priority: int = arg(*given.PRIORITY, default=0)
    sample_rate: int = arg("sample rate of the file; 0: the project's", Integer(0, 192_000, "Hz"), default=0)
    bit_depth: BitDepth = arg("integer bits of a sample, or 32-bit float", given.DEPTH, default="24")
    container: str = arg(
        "file format; it carries its project position (BWF)", Choice(("wav",)), default="wav"
    )
    out: str = arg(*given.OUT, default="")


@message
class GenerateDone:
    """The piece is made: place it at start_sample."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "generate")
    request_id: str = arg(*told.REQUEST_ID)
    take: str = arg(*told.TAKE)
    takes: tuple[str, ...] = arg(*told.TAKES)
    seeds: tuple[str, ...] = arg(*told.SEEDS)
    sidecar: str = arg(*told.SIDECAR)
    start_sample: int = arg(*told.START_SAMPLE)
    end_sample: int = arg(*told.END_SAMPLE)
    start_bar: str = arg(*told.START_BAR)
    end_bar: str = arg(*told.END_BAR)
    sample_rate: int = arg(*told.SAMPLE_RATE)
    seed: str = arg(*told.SEED)
    model: str = arg(*told.MODEL)
    blueprint: str = arg(
        "the plan that was used, as YAML; empty when nothing was planned", given.BLUEPRINT, default=""
    )
    codes: int = arg(
        "audio codes that were followed, five a second; they are in the sidecar", told.COUNT, default=0
    )
    planner: str = arg("planner that was used, empty for none", told.NAME, default="")
    conform: str = arg(*told.CONFORM, default="[]")
    scores: str = arg(*told.SCORES, default="[]")
    lyric_names: tuple[str, ...] = arg(*told.LYRIC_NAMES, default=())
    lyric_files: tuple[str, ...] = arg(*told.LYRIC_FILES, default=())
    lyric_note: str = arg(*told.LYRIC_NOTE, default="")
    seconds: str = arg(*told.SECONDS)
    warnings: tuple[str, ...] = arg(*told.WARNINGS)


@message
class Cover:
    """Make a source's piece anew: its structure, in the words' style and a reference's timbre.

    >>> from protocol.osc import wire_line
    >>> wire_line(Cover(request_id="o1", source="/a.wav", caption="string quartet"))
    '/cover ,sssss "o1" "source" "/a.wav" "caption" "string quartet"'
    """

    spec: ClassVar[Spec] = Spec("cover", is_job=True)
    request_id: str = arg(*given.REQUEST_ID)
    project: str = arg(*given.PROJECT, default="default")
    source: str = arg(*given.SOURCE)
    source_start: Position | None = arg(*given.SOURCE_START, default=None)
    start: Position | None = arg(*given.START, default=None)
    end: Position | None = arg(*given.END, default=None)
    caption: str = arg(*given.CAPTION, default="")
    lyrics: str = arg(*given.LYRICS, default="")
    language: str = arg(*given.LANGUAGE, default="en")
    lyric_formats: tuple[str, ...] = arg(*given.LYRIC_FORMATS, default=("lrc", "json"))
    lyric_clock: LyricClock = arg(*given.LYRIC_CLOCK, default="file")
    key: str = arg(*given.KEY, default="")
    strength: Fraction = arg(
        "share of the steps that follow the source; 0: none does", given.UNIT, default=Fraction(1)
    )
    raw: bool = arg("follow the source's own latents instead of its audio codes", Flag(), default=False)
    reference: str = arg(*given.REFERENCE, default="")
    seed: int = arg(*given.SEED, default=-1)
    steps: int = arg(*given.STEPS, default=0)
    guidance: Fraction = arg(*given.GUIDANCE, default=Fraction(0))
    fade_ms: Fraction = arg(*given.EDGE_FADE, default=Fraction(5))
    bit_depth: StemDepth = arg(*given.STEM_DEPTH, default="source")
    model: str = arg(*given.MODEL, default="")
    priority: int = arg(*given.PRIORITY, default=0)
    out: str = arg(*given.OUT, default="")


@message
class CoverDone:
    """The cover is made: place it at start_sample."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "cover")
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
