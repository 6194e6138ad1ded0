"""The requests. Each class is one declaration: codec, checks, schema, docs and golden bytes follow from it.

To add a request: declare a class here, its `done` in replies.py, and name both in the unions.
Knows no transport, no job and no audio.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Literal, get_args

from protocol import vocabulary as v
from protocol.fields import arg, message
from protocol.kinds import Choice, Flag, Integer
from protocol.limits import PROTOCOL_VERSION, TRANSFER_BYTES
from protocol.maps import Meters, Tempos
from protocol.places import LENGTH, POSITION
from protocol.values import Bars, Length, MeterMap, MeterPoint, Position, Samples, TempoMap

Transport = Literal["osc", "websocket"]
BOTH: tuple[Transport, ...] = ("osc", "websocket")
WEBSOCKET: tuple[Transport, ...] = ("websocket",)


@dataclass(frozen=True, slots=True)
class Spec:
    """What a request is beside its fields.

    name: OSC address without the slash, and JSON type.  is_job: queued, answers accepted and progress before
    its end; else it ends at once.  one_of: fields of which exactly one must be given.
    """

    name: str
    is_job: bool = False
    transports: tuple[Transport, ...] = BOTH
    one_of: tuple[str, ...] = ()


@message
class Hello:
    """Say who you are and learn who answers; the natural first message, but not required."""

    spec: ClassVar[Spec] = Spec("hello")
    request_id: str = arg(*v.REQUEST_ID)
    client: str = arg("name of the client, for the log", v.NAME, default="")
    protocol: int = arg("protocol version the client speaks", Integer(1, 999), default=PROTOCOL_VERSION.value)
    token: str = arg("the daemon's token, where its owner set one", v.NAME, default="")


@message
class Describe:
    """Learn what this daemon can do, as JSON: models, tasks, limits, formats, or the messages themselves."""

    spec: ClassVar[Spec] = Spec("describe")
    request_id: str = arg(*v.REQUEST_ID)
    what: str = arg(
        "which part; `all` may be too long for OSC",
        Choice(("all", "models", "tasks", "limits", "formats", "messages")),
        default="all",
    )
    name: str = arg("with `messages`: one message, with all its fields", v.NAME, default="")


@message
class Notify:
    """Choose where replies go, and subscribe to engine events (and, with `all`, to every client's jobs)."""

    spec: ClassVar[Spec] = Spec("notify")
    request_id: str = arg(*v.REQUEST_ID)
    on: bool = arg("subscribe, or stop", Flag(), default=True)
    port: int = arg("UDP port for replies to you; 0: the one you send from", Integer(0, 65_535), default=0)
    jobs: str = arg("whose jobs to hear of", Choice(("own", "all")), default="own")


@message
class Sync:
    """Answers `synced` once every earlier request of this client was taken up."""

    spec: ClassVar[Spec] = Spec("sync")
    request_id: str = arg(*v.REQUEST_ID)


@message
class Project:
    """Declare a project's grid. A later declaration of the same name replaces it."""

    spec: ClassVar[Spec] = Spec("project")
    request_id: str = arg(*v.REQUEST_ID)
    name: str = arg("name to use in later requests", v.FILLED_NAME, default="default")
    tempo: TempoMap = arg("tempo map; one number is a constant tempo", Tempos())
    meter: MeterMap = arg("time signatures", Meters(), default=(MeterPoint(1, 4, 4),))
    key: str = arg("musical key of the project; empty: unknown", v.NAME, default="")
    sample_rate: int = arg("rate that positions in samples count in", v.RATE, default=48_000)
    source_start: Position = arg(
        "where in the project the first sample of a source lies", POSITION, default=Samples(0)
    )


@message
class Repaint:
    """Make the region start..end of a source anew; outside of it the source stays bit for bit as it is."""

    spec: ClassVar[Spec] = Spec("repaint", is_job=True)
    request_id: str = arg(*v.REQUEST_ID)
    project: str = arg(*v.PROJECT, default="default")
    source: str = arg("audio file to repaint: a path, or `upload:ID`", v.FILLED_LINE)
    source_start: Position | None = arg(
        "where in the project the source's first sample lies; left out: the project's source_start",
        POSITION,
        default=None,
    )
    start: Position = arg("where the region begins", POSITION)
    end: Position = arg("where the region ends; this sample no longer belongs to it", POSITION)
    caption: str = arg(*v.CAPTION, default="")
    lyrics: str = arg(*v.LYRICS, default="")
    language: str = arg(*v.LANGUAGE, default="en")
    key: str = arg(*v.KEY, default="")
    seed: int = arg(*v.SEED, default=-1)
    strength: Fraction = arg("how far from the source: 0 keeps it, 1 is free", v.UNIT, default=Fraction(1))
    steps: int = arg(*v.STEPS, default=0)
    guidance: Fraction = arg(*v.GUIDANCE, default=Fraction(0))
    fade_ms: Fraction = arg("crossfade at both seams, inside the region", v.FADE, default=Fraction(20))
    deliver: str = arg("the region alone, the whole source with it, or both", v.DELIVER, default="both")
    model: str = arg(*v.MODEL, default="")
    priority: int = arg(*v.PRIORITY, default=0)
    out: str = arg(*v.OUT, default="")


@message
class Generate:
    """Make a new piece from words, as long as the grid says."""

    spec: ClassVar[Spec] = Spec("generate", is_job=True, one_of=("end", "length"))
    request_id: str = arg(*v.REQUEST_ID)
    project: str = arg(*v.PROJECT, default="default")
    start: Position = arg("where in the project it begins", POSITION, default=Bars(1))
    end: Position | None = arg("where it ends", POSITION, default=None)
    length: Length | None = arg("how long it is, from its start", LENGTH, default=None)
    caption: str = arg(v.CAPTION.doc, v.FILLED_CAPTION)
    lyrics: str = arg(*v.LYRICS, default="")
    language: str = arg(*v.LANGUAGE, default="en")
    key: str = arg(*v.KEY, default="")
    seed: int = arg(*v.SEED, default=-1)
    steps: int = arg(*v.STEPS, default=0)
    guidance: Fraction = arg(*v.GUIDANCE, default=Fraction(0))
    model: str = arg(*v.MODEL, default="")
    priority: int = arg(*v.PRIORITY, default=0)
    sample_rate: int = arg("sample rate of the file; 0: the project's", Integer(0, 192_000, "Hz"), default=0)
    bit_depth: str = arg("integer bits of a sample, or 32-bit float", v.DEPTH, default="24")
    container: str = arg(
        "file format; it carries its project position (BWF)", Choice(("wav",)), default="wav"
    )
    out: str = arg(*v.OUT, default="")


@message
class Cancel:
    """Stop a job, queued or running; the job itself then ends in `cancelled`."""

    spec: ClassVar[Spec] = Spec("cancel")
    request_id: str = arg(*v.REQUEST_ID)
    job: str = arg(*v.JOB)


@message
class Status:
    """Ask how a job stands, or (without a job) how the queue stands."""

    spec: ClassVar[Spec] = Spec("status")
    request_id: str = arg(*v.REQUEST_ID)
    job: str = arg("id of the request that started the job; empty: the queue", v.JOB_ID, default="")


@message
class Fetch:
    """Have the last reply of a job sent again, to whoever asks: for a client that missed it or came back."""

    spec: ClassVar[Spec] = Spec("fetch")
    request_id: str = arg(*v.REQUEST_ID)
    job: str = arg(*v.JOB)


@message
class Shutdown:
    """End the daemon; unfinished jobs stay in the journal and go on at the next start."""

    spec: ClassVar[Spec] = Spec("shutdown")
    request_id: str = arg(*v.REQUEST_ID)


@message
class Upload:
    """Announce a file that follows in binary frames carrying this request's id."""

    spec: ClassVar[Spec] = Spec("upload", transports=WEBSOCKET)
    request_id: str = arg(*v.REQUEST_ID)
    name: str = arg("file name, for its extension and the log", v.FILLED_NAME)
    size: int = arg("size of the file", Integer(1, TRANSFER_BYTES.value, "bytes"))
    sha256: str = arg("its SHA-256 in hex, checked when given", v.NAME, default="")


@message
class Download:
    """Have a result sent in binary frames carrying this request's id."""

    spec: ClassVar[Spec] = Spec("download", transports=WEBSOCKET)
    request_id: str = arg(*v.REQUEST_ID)
    job: str = arg(*v.JOB)
    which: str = arg("which of its files", Choice(("take", "full", "sidecar")), default="take")


Request = (
    Hello
    | Describe
    | Notify
    | Sync
    | Project
    | Repaint
    | Generate
    | Cancel
    | Status
    | Fetch
    | Shutdown
    | Upload
    | Download
)
REQUESTS: dict[str, Any] = {cls.spec.name: cls for cls in get_args(Request)}
