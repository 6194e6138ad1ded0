"""The replies. Their fields have fixed types: in OSC only int32 and text, so every client can read them.

Every request ends in exactly one of done, fail or cancelled (sync in synced); jobs answer accepted at once
and progress on the way. Positions are whole samples and bar texts, never rounded floats.
"""

from typing import Any, ClassVar, get_args

from protocol import reply_fields as told
from protocol.documents import Json
from protocol.fields import arg, message
from protocol.kinds import Choice, Flag, Integer
from protocol.layers import CompleteDone, ExtractDone, LegoDone, Vocal2BgmDone
from protocol.limits import TRANSFER_BYTES
from protocol.lyric_tasks import AlignDone
from protocol.plan_tasks import PlanDone, UnderstandDone
from protocol.spec import ReplySpec
from protocol.tasks import CoverDone, GenerateDone, RepaintDone


@message
class Accepted:
    """The job is in the queue, and survives a restart from now on; to an upload: send the frames."""

    spec: ClassVar[ReplySpec] = ReplySpec("accepted")
    request_id: str = arg(*told.REQUEST_ID)
    command: str = arg(*told.COMMAND)
    position: int = arg("jobs ahead of it", told.COUNT)


@message
class Progress:
    """The job goes on: step `step` of `of` in `stage`."""

    spec: ClassVar[ReplySpec] = ReplySpec("progress")
    request_id: str = arg(*told.REQUEST_ID)
    stage: str = arg("what is being done", told.NAME)
    step: int = arg("steps done", told.COUNT)
    of: int = arg("steps in all", told.COUNT)


@message
class Fail:
    """The request was refused or could not be done. id and command are empty where they could not be read."""

    spec: ClassVar[ReplySpec] = ReplySpec("fail")
    request_id: str = arg(*told.REQUEST_ID)
    command: str = arg(*told.COMMAND)
    code: str = arg("stable word, see the error codes; treat new ones as `internal`", told.NAME)
    field: str = arg("field to blame, empty for none", told.LINE)
    text: str = arg("what rule was broken, by what value", told.PROSE)


@message
class Cancelled:
    """The job was stopped; it leaves no files."""

    spec: ClassVar[ReplySpec] = ReplySpec("cancelled")
    request_id: str = arg(*told.REQUEST_ID)
    command: str = arg(*told.COMMAND)


@message
class Synced:
    """Every request sent before this `sync` was taken up."""

    spec: ClassVar[ReplySpec] = ReplySpec("synced", "sync")
    request_id: str = arg(*told.REQUEST_ID)


@message
class EngineEvent:
    """Sent to subscribers (see notify), not an answer: the engine's state changed."""

    spec: ClassVar[ReplySpec] = ReplySpec("engine")
    state: str = arg("its new state", Choice(told.ENGINE_STATES))
    text: str = arg("why", told.PROSE)


@message
class HelloDone:
    """Who answers."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "hello")
    request_id: str = arg(*told.REQUEST_ID)
    version: str = arg("version of the daemon", told.NAME)
    protocol: int = arg("protocol version the daemon speaks", told.COUNT)
    osc_port: int = arg("UDP port of OSC", told.COUNT)
    ws_port: int = arg("TCP port of the WebSocket", told.COUNT)
    model: str = arg("model that is warm", told.NAME)
    engine: str = arg("state of the engine", Choice(told.ENGINE_STATES))
    fresh: str = arg("a word no other hello was told; without a clock, begin your job ids with it", told.NAME)


@message
class DescribeDone:
    """What was asked for."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "describe")
    request_id: str = arg(*told.REQUEST_ID)
    what: str = arg("which part this is", told.NAME)
    content: str = arg("the description", Json())


@message
class NotifyDone:
    """The subscription as it now stands."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "notify")
    request_id: str = arg(*told.REQUEST_ID)
    on: bool = arg("subscribed", Flag())
    port: int = arg("UDP port the replies go to; 0 on WebSocket", Integer(0, 65_535))
    jobs: str = arg("whose jobs are told", Choice(("own", "all")))


@message
class ProjectDone:
    """The grid as it was understood."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "project")
    request_id: str = arg(*told.REQUEST_ID)
    name: str = arg("name of the project", told.NAME)
    tempo_points: int = arg("points of the tempo map", told.COUNT)
    meter_points: int = arg("points of the meter map", told.COUNT)
    sample_rate: int = arg("sample rate", Integer(8000, 192_000, "Hz"))


@message
class CancelDone:
    """The job is told to stop, or had already ended."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "cancel")
    request_id: str = arg(*told.REQUEST_ID)
    job: str = arg("id of the job", told.NAME)
    state: str = arg("its state when told", Choice(told.STATES))


@message
class StatusDone:
    """How the job, and the queue, stand."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "status")
    request_id: str = arg(*told.REQUEST_ID)
    job: str = arg("id of the job asked about, empty for none", told.NAME)
    state: str = arg("its state, empty for none", Choice(("", *told.STATES)))
    position: int = arg("jobs ahead of it", told.COUNT)
    stage: str = arg("what is being done for it", told.NAME)
    step: int = arg("steps done", told.COUNT)
    of: int = arg("steps in all", told.COUNT)
    running: str = arg("id of the job that runs now, empty for none", told.NAME)
    queued: int = arg("jobs that wait", told.COUNT)
    engine: str = arg("state of the engine", Choice(told.ENGINE_STATES))


@message
class FetchDone:
    """The job's last reply was sent again, just before this."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "fetch")
    request_id: str = arg(*told.REQUEST_ID)
    job: str = arg("id of the job", told.NAME)
    state: str = arg("its state", Choice(told.STATES))


@message
class ShutdownDone:
    """The daemon ends after this reply."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "shutdown")
    request_id: str = arg(*told.REQUEST_ID)


@message
class UploadDone:
    """The file is here, whole."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "upload")
    request_id: str = arg(*told.REQUEST_ID)
    source: str = arg("what to write in `source` fields: upload:ID", told.LINE)
    size: int = arg("size of the file", Integer(1, TRANSFER_BYTES.value, "bytes"))
    sha256: str = arg("its SHA-256 in hex", told.NAME)


@message
class DownloadDone:
    """The file was sent, whole, in the binary frames before this."""

    spec: ClassVar[ReplySpec] = ReplySpec("done", "download")
    request_id: str = arg(*told.REQUEST_ID)
    name: str = arg("file name", told.LINE)
    size: int = arg("size of the file", Integer(1, TRANSFER_BYTES.value, "bytes"))
    sha256: str = arg("its SHA-256 in hex", told.NAME)


Done = (
    HelloDone
    | DescribeDone
    | NotifyDone
    | ProjectDone
    | RepaintDone
    | GenerateDone
    | ExtractDone
    | LegoDone
    | CompleteDone
    | Vocal2BgmDone
    | CoverDone
    | AlignDone
    | PlanDone
    | UnderstandDone
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

__all__ = [
    "DONES",
    "PLAIN_REPLIES",
    "Accepted",
    "AlignDone",
    "CancelDone",
    "Cancelled",
    "CompleteDone",
    "CoverDone",
    "DescribeDone",
    "Done",
    "DownloadDone",
    "EngineEvent",
    "ExtractDone",
    "Fail",
    "FetchDone",
    "GenerateDone",
    "HelloDone",
    "LegoDone",
    "NotifyDone",
    "PlanDone",
    "Progress",
    "ProjectDone",
    "RepaintDone",
    "Reply",
    "ShutdownDone",
    "StatusDone",
    "Synced",
    "UnderstandDone",
    "UploadDone",
    "Vocal2BgmDone",
]
