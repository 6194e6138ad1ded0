"""The requests that a planner answers in words: `plan` and `understand`, each beside its `done`."""

from fractions import Fraction
from typing import ClassVar

from protocol import reply_fields as told
from protocol import request_fields as given
from protocol.documents import Json
from protocol.fields import arg, message
from protocol.kinds import Choice, Flag, Number
from protocol.places import POSITION
from protocol.spec import ReplySpec, Spec
from protocol.values import Bars, Position


@message
class Plan:
    """Plan a song in words: from caption and lyrics, from one sentence, or by putting them into form.

    >>> from protocol.osc import wire_line
    >>> wire_line(Plan(request_id="p1", mode="simple", caption="a slow waltz for rain"))
    '/plan ,sssss "p1" "mode" "simple" "caption" "a slow waltz for rain"'
    """

    spec: ClassVar[Spec] = Spec("plan", is_job=True)
    request_id: str = arg(*given.REQUEST_ID)
    project: str = arg(*given.PROJECT, default="default")
    mode: str = arg(
        "`plan`: metadata for caption and lyrics; `simple`: all of it, lyrics too, from the one sentence in "
        "caption; `rewrite`: caption and lyrics put into their usual form",
        Choice(("plan", "simple", "rewrite")),
        default="plan",
    )
    caption: str = arg("how it should sound, or for `simple` the sentence", given.CAPTION.kind, default="")
    lyrics: str = arg(*given.LYRICS, default="")
    blueprint: str = arg(
        "fields that are already decided, as YAML: bpm, caption, duration, keyscale, language, "
        "timesignature, lyrics; what a `done` brought may be edited and sent back",
        given.BLUEPRINT,
        default="",
    )
    start: Position = arg(
        "where in the project it will begin: the tempo there counts", POSITION, default=Bars(1)
    )
    follow_project: bool = arg(
        "take tempo, signature and key from the project where the blueprint has none", Flag(), default=True
    )
    instrumental: bool = arg("with `simple`: nobody sings", Flag(), default=False)
    codes_seconds: Fraction = arg(
        "also write audio codes for so long, 10..600; 0: none", Number(0, 600, "s"), default=Fraction(0)
    )
    seed: int = arg(*given.SEED, default=-1)
    planner: str = arg(*given.PLANNER, default="")
    keep: bool = arg(*given.KEEP, default=False)
    model: str = arg(*given.MODEL, default="")
    priority: int = arg(*given.PRIORITY, default=0)
    out: str = arg(*given.OUT, default="")


@message
class PlanDone:
    """The plan is made; its text is also in the file."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "plan")
    request_id: str = arg(*told.REQUEST_ID)
    file: str = arg("path of the blueprint as YAML", told.LINE)
    sidecar: str = arg("path of the JSON file that says how it was made, with the codes", told.LINE)
    blueprint: str = arg("the blueprint as YAML", given.BLUEPRINT)
    codes: int = arg("audio codes in the sidecar, five for a second", told.COUNT)
    score: str = arg(
        "the planner's opinion, 0..1, of how well codes and words fit: compares takes of the same words; "
        "says nothing of how they sound",
        Json(),
    )
    seed: str = arg(*told.SEED)
    planner: str = arg("planner that was used", told.NAME)
    seconds: str = arg(*told.SECONDS)
    warnings: tuple[str, ...] = arg(*told.WARNINGS)


@message
class Understand:
    """Learn what a source, or a region of it, is: tempo, key, loudness, length; caption and lyrics by ear.

    >>> from protocol.osc import wire_line
    >>> wire_line(Understand(request_id="u1", source="/a.wav"))
    '/understand ,sss "u1" "source" "/a.wav"'
    """

    spec: ClassVar[Spec] = Spec("understand", is_job=True)
    request_id: str = arg(*given.REQUEST_ID)
    project: str = arg(*given.PROJECT, default="default")
    source: str = arg(*given.SOURCE)
    source_start: Position | None = arg(*given.SOURCE_START, default=None)
    start: Position | None = arg(*given.START, default=None)
    end: Position | None = arg(*given.END, default=None)
    listen: bool = arg("let a planner listen where one is installed", Flag(), default=True)
    seed: int = arg(*given.SEED, default=-1)
    planner: str = arg(*given.PLANNER, default="")
    keep: bool = arg(*given.KEEP, default=False)
    model: str = arg(*given.MODEL, default="")
    priority: int = arg(*given.PRIORITY, default=0)
    out: str = arg(*given.OUT, default="")


@message
class UnderstandDone:
    """What was found; the two may disagree, and both may be wrong."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "understand")
    request_id: str = arg(*told.REQUEST_ID)
    sidecar: str = arg(*told.SIDECAR)
    measured: str = arg(
        "by signal analysis: bpm (null without a pulse; may be half or double), tempo_clarity, keyscale, "
        "key_clarity, lufs, peak_dbfs, seconds; project_bpm is the project's own",
        Json(),
    )
    listener: str = arg("by the planner's ear: fields of a blueprint; empty without a planner", Json())
    start_sample: int = arg(*told.START_SAMPLE)
    end_sample: int = arg(*told.END_SAMPLE)
    start_bar: str = arg(*told.START_BAR)
    end_bar: str = arg(*told.END_BAR)
    sample_rate: int = arg(*told.SAMPLE_RATE)
    seed: str = arg(*told.SEED)
    planner: str = arg("planner that listened, empty for none", told.NAME)
    seconds: str = arg(*told.SECONDS)
    warnings: tuple[str, ...] = arg(*told.WARNINGS)
