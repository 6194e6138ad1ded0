"""The replies. Their fields have fixed types: in OSC only int32 and text, so every client can read them.

Every request ends in exactly one of done, fail or cancelled (sync in synced); jobs answer accepted at once
and progress on the way. Positions are whole samples and bar texts, never rounded floats.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, get_args

from protocol.documents import Json, Texts
from protocol.errors import CODES
from protocol.fields import Arg, arg, message
from protocol.kinds import Choice, Flag, Integer, Text
from protocol.limits import ID_CHARS, NAME_CHARS, PATH_CHARS, SAMPLE_MAX, TRANSFER_BYTES

INT32_MAX = 2**31 - 1


@dataclass(frozen=True, slots=True)
class ReplySpec:
    """name: OSC address without the slash, and JSON type.  command: the request it answers, "" for any."""

    name: str
    command: str = ""


LINE = Text(PATH_CHARS.value, is_line=True)
NAME = Text(NAME_CHARS.value, is_line=True)
COUNT = Integer(0, INT32_MAX)
SAMPLE = Integer(-SAMPLE_MAX.value, SAMPLE_MAX.value, "samples")
STATES = ("queued", "running", "done", "failed", "cancelled")
ENGINE_STATES = ("starting", "ready", "restarting", "failed")

REQUEST_ID = Arg("id of the request this answers", Text(ID_CHARS.value, is_line=True))
COMMAND = Arg("name of the request this answers", NAME)
TAKE = Arg("path of the take, empty when not asked for", LINE)
SIDECAR = Arg("path of the JSON file that says how it was made", LINE)
START_SAMPLE = Arg("first sample, counted from the project's start at sample_rate", SAMPLE)
END_SAMPLE = Arg("first sample after it", SAMPLE)
START_BAR = Arg("its start as bar|beat|tick", NAME)
END_BAR = Arg("its end as bar|beat|tick", NAME)
SAMPLE_RATE = Arg("sample rate of the files and of the sample numbers here", Integer(0, 192_000, "Hz"))
SEED = Arg("seed that was used, as digits", NAME)
MODEL = Arg("model that was used", NAME)
SECONDS = Arg("time spent, by stage, in seconds", Json())
WARNINGS = Arg("what you should know about the result", Texts(32))


@message
class Accepted:
    """The job is in the queue, and survives a restart of the daemon from now on."""

    spec: ClassVar[ReplySpec] = ReplySpec("accepted")
    request_id: str = arg(*REQUEST_ID)
    command: str = arg(*COMMAND)
    position: int = arg("jobs ahead of it", COUNT)


@message
class Progress:
    """The job goes on: step `step` of `of` in `stage`."""

    spec: ClassVar[ReplySpec] = ReplySpec("progress")
    request_id: str = arg(*REQUEST_ID)
    stage: str = arg("what is being done", NAME)
    step: int = arg("steps done", COUNT)
    of: int = arg("steps in all", COUNT)


@message
class Fail:
    """The request was refused or could not be done. id and command are empty where they could not be read."""

    spec: ClassVar[ReplySpec] = ReplySpec("fail")
    request_id: str = arg(*REQUEST_ID)
    command: str = arg(*COMMAND)
    code: str = arg("stable word, see the error codes", Choice(tuple(CODES)))
    field: str = arg("field to blame, empty for none", LINE)
    text: str = arg("what rule was broken, by what value", Text(PATH_CHARS.value))


@message
class Cancelled:
    """The job was stopped; it leaves no files."""

    spec: ClassVar[ReplySpec] = ReplySpec("cancelled")
    request_id: str = arg(*REQUEST_ID)
    command: str = arg(*COMMAND)


@message
class Synced:
    """Every request sent before this `sync` was taken up."""

    spec: ClassVar[ReplySpec] = ReplySpec("synced", "sync")
    request_id: str = arg(*REQUEST_ID)


@message
class EngineEvent:
    """Sent to subscribers (see notify), not an answer: the engine's state changed."""

    spec: ClassVar[ReplySpec] = ReplySpec("engine")
    state: str = arg("its new state", Choice(ENGINE_STATES))
    text: str = arg("why", Text(PATH_CHARS.value))


@message
class HelloDone:
    """Who answers."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "hello")
    request_id: str = arg(*REQUEST_ID)
    version: str = arg("version of the daemon", NAME)
    protocol: int = arg("protocol version the daemon speaks", COUNT)
    osc_port: int = arg("UDP port of OSC", COUNT)
    ws_port: int = arg("TCP port of the WebSocket", COUNT)
    model: str = arg("model that is warm", NAME)
    engine: str = arg("state of the engine", Choice(ENGINE_STATES))


@message
class DescribeDone:
    """What was asked for."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "describe")
    request_id: str = arg(*REQUEST_ID)
    what: str = arg("which part this is", NAME)
    content: str = arg("the description", Json())


@message
class NotifyDone:
    """The subscription as it now stands."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "notify")
    request_id: str = arg(*REQUEST_ID)
    on: bool = arg("subscribed", Flag())
    port: int = arg("UDP port the replies go to; 0 on WebSocket", Integer(0, 65_535))
    jobs: str = arg("whose jobs are told", Choice(("own", "all")))


@message
class ProjectDone:
    """The grid as it was understood."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "project")
    request_id: str = arg(*REQUEST_ID)
    name: str = arg("name of the project", NAME)
    tempo_points: int = arg("points of the tempo map", COUNT)
    meter_points: int = arg("points of the meter map", COUNT)
    sample_rate: int = arg("sample rate", Integer(8000, 192_000, "Hz"))


@message
class RepaintDone:
    """The region is made: place the take at start_sample, or use the whole file."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "repaint")
    request_id: str = arg(*REQUEST_ID)
    take: str = arg(*TAKE)
    full: str = arg("path of the whole source with the region in it, empty when not asked for", LINE)
    sidecar: str = arg(*SIDECAR)
    start_sample: int = arg(*START_SAMPLE)
    end_sample: int = arg(*END_SAMPLE)
    start_bar: str = arg(*START_BAR)
    end_bar: str = arg(*END_BAR)
    fade_samples: int = arg("length of each crossfade, inside the region", SAMPLE)
    sample_rate: int = arg(*SAMPLE_RATE)
    seed: str = arg(*SEED)
    model: str = arg(*MODEL)
    seconds: str = arg(*SECONDS)
    warnings: tuple[str, ...] = arg(*WARNINGS)


@message
class GenerateDone:
    """The piece is made: place it at start_sample."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "generate")
    request_id: str = arg(*REQUEST_ID)
    take: str = arg(*TAKE)
    sidecar: str = arg(*SIDECAR)
    start_sample: int = arg(*START_SAMPLE)
    end_sample: int = arg(*END_SAMPLE)
    start_bar: str = arg(*START_BAR)
    end_bar: str = arg(*END_BAR)
    sample_rate: int = arg(*SAMPLE_RATE)
    seed: str = arg(*SEED)
    model: str = arg(*MODEL)
    seconds: str = arg(*SECONDS)
    warnings: tuple[str, ...] = arg(*WARNINGS)


@message
class CancelDone:
    """The job is told to stop, or had already ended."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "cancel")
    request_id: str = arg(*REQUEST_ID)
    job: str = arg("id of the job", NAME)
    state: str = arg("its state when told", Choice(STATES))


@message
class StatusDone:
    """How the job, and the queue, stand."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "status")
    request_id: str = arg(*REQUEST_ID)
    job: str = arg("id of the job asked about, empty for none", NAME)
    state: str = arg("its state, empty for none", Choice(("", *STATES)))
    position: int = arg("jobs ahead of it", COUNT)
    stage: str = arg("what is being done for it", NAME)
    step: int = arg("steps done", COUNT)
    of: int = arg("steps in all", COUNT)
    running: str = arg("id of the job that runs now, empty for none", NAME)
    queued: int = arg("jobs that wait", COUNT)
    engine: str = arg("state of the engine", Choice(ENGINE_STATES))


@message
class FetchDone:
    """The job's last reply was sent again, just before this."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "fetch")
    request_id: str = arg(*REQUEST_ID)
    job: str = arg("id of the job", NAME)
    state: str = arg("its state", Choice(STATES))


@message
class ShutdownDone:
    """The daemon ends after this reply."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "shutdown")
    request_id: str = arg(*REQUEST_ID)


@message
class UploadDone:
    """The file is here, whole."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "upload")
    request_id: str = arg(*REQUEST_ID)
    source: str = arg("what to write in `source` fields: upload:ID", LINE)
    size: int = arg("size of the file", Integer(1, TRANSFER_BYTES.value, "bytes"))
    sha256: str = arg("its SHA-256 in hex", NAME)


@message
class DownloadDone:
    """The file was sent, whole, in the binary frames before this."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "download")
    request_id: str = arg(*REQUEST_ID)
    name: str = arg("file name", LINE)
    size: int = arg("size of the file", Integer(1, TRANSFER_BYTES.value, "bytes"))
    sha256: str = arg("its SHA-256 in hex", NAME)


Done = (
    HelloDone
    | DescribeDone
    | NotifyDone
    | ProjectDone
    | RepaintDone
    | GenerateDone
    | CancelDone
    | StatusDone
    | FetchDone
    | ShutdownDone
    | UploadDone
    | DownloadDone
)
Reply = Accepted | Progress | Fail | Cancelled | Synced | EngineEvent | Done

DONES: dict[str, Any] = {cls.spec.command: cls for cls in get_args(Done)}
PLAIN_REPLIES: dict[str, Any] = {
    cls.spec.name: cls for cls in (Accepted, Progress, Fail, Cancelled, Synced, EngineEvent)
}
