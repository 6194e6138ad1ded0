"""The requests. Each class is one declaration: codec, checks, schema, docs and golden bytes follow from it.

To add a request: declare it and its `done` (tasks.py holds those that make audio), name both in the unions.
Knows no transport, no job and no audio.
"""

from typing import Any, ClassVar, get_args

from protocol import request_fields as given
from protocol.fields import arg, message
from protocol.kinds import Choice, Flag, Integer
from protocol.layers import Complete, Extract, Lego, Vocal2Bgm
from protocol.limits import PROTOCOL_VERSION, TRANSFER_BYTES
from protocol.lyric_tasks import Align
from protocol.maps import Meters, Tempos
from protocol.places import POSITION
from protocol.plan_tasks import Plan, Understand
from protocol.spec import WEBSOCKET, Spec, Transport
from protocol.tasks import Cover, Generate, Repaint
from protocol.values import MeterMap, MeterPoint, Part, Position, Samples, TempoMap, Which, Whose


@message
class Hello:
    """Say who you are and learn who answers; the natural first message, but not required.

    >>> from protocol.osc import wire_line
    >>> wire_line(Hello(request_id="h1", client="reaper"))
    '/hello ,sss "h1" "client" "reaper"'
    """

    spec: ClassVar[Spec] = Spec("hello")
    request_id: str = arg(*given.REQUEST_ID)
    client: str = arg("name of the client, for the log", given.NAME, default="")
    protocol: int = arg("protocol version the client speaks", Integer(1, 999), default=PROTOCOL_VERSION.value)
    token: str = arg("the daemon's token, where its owner set one", given.NAME, default="")


@message
class Describe:
    """Learn what this daemon can do, as JSON: models, tasks, limits, formats, or the messages themselves.

    >>> from protocol.osc import wire_line
    >>> wire_line(Describe(request_id="d1", what="limits"))
    '/describe ,sss "d1" "what" "limits"'
    """

    spec: ClassVar[Spec] = Spec("describe")
    request_id: str = arg(*given.REQUEST_ID)
    what: Part = arg(
        "which part; `all` may be too long for OSC",
        Choice(get_args(Part)),
        default="all",
    )
    name: str = arg("with `messages`: one message, with all its fields", given.NAME, default="")


@message
class Notify:
    """Choose where replies go, and subscribe to engine events (and, with `all`, to every client's jobs).

    >>> from protocol.osc import wire_line
    >>> wire_line(Notify(request_id="n1", port=9001))
    '/notify ,ssi "n1" "port" 9001'
    """

    spec: ClassVar[Spec] = Spec("notify")
    request_id: str = arg(*given.REQUEST_ID)
    on: bool = arg("subscribe, or stop", Flag(), default=True)
    port: int = arg("UDP port for replies to you; 0: the one you send from", Integer(0, 65_535), default=0)
    jobs: Whose = arg("whose jobs to hear of", Choice(get_args(Whose)), default="own")


@message
class Sync:
    """Answers `synced` once every earlier request of this client was taken up.

    >>> from protocol.osc import wire_line
    >>> wire_line(Sync(request_id="s1"))
    '/sync ,s "s1"'
    """

    spec: ClassVar[Spec] = Spec("sync")
    request_id: str = arg(*given.REQUEST_ID)


@message
class Project:
    """Declare a project's grid. A later declaration of the same name replaces it.

    >>> from protocol.osc import wire_line
    >>> from protocol.values import TempoPoint as Point
    >>> wire_line(Project(request_id="p1", tempo=(Point(0, 120),)))
    '/project ,sss "p1" "tempo" "0 120"'
    """

    spec: ClassVar[Spec] = Spec("project")
    request_id: str = arg(*given.REQUEST_ID)
    name: str = arg("name to use in later requests", given.FILLED_NAME, default="default")
    tempo: TempoMap = arg("tempo map; one number is a constant tempo", Tempos())
    meter: MeterMap = arg("time signatures", Meters(), default=(MeterPoint(1, 4, 4),))
    key: str = arg("musical key of the project; empty: unknown", given.NAME, default="")
    sample_rate: int = arg("rate that positions in samples count in", given.RATE, default=48_000)
    source_start: Position = arg(
        "where in the project the first sample of a source lies", POSITION, default=Samples(0)
    )


@message
class Cancel:
    """Stop a job, queued or running; the job itself then ends in `cancelled`.

    >>> from protocol.osc import wire_line
    >>> wire_line(Cancel(request_id="c1", job="r1"))
    '/cancel ,sss "c1" "job" "r1"'
    """

    spec: ClassVar[Spec] = Spec("cancel")
    request_id: str = arg(*given.REQUEST_ID)
    job: str = arg(*given.JOB)


@message
class Status:
    """Ask how a job stands, or (without a job) how the queue stands.

    >>> from protocol.osc import wire_line
    >>> wire_line(Status(request_id="q1", job="r1"))
    '/status ,sss "q1" "job" "r1"'
    """

    spec: ClassVar[Spec] = Spec("status")
    request_id: str = arg(*given.REQUEST_ID)
    job: str = arg("id of the request that started the job; empty: the queue", given.JOB_ID, default="")


@message
class Fetch:
    """Have the last reply of a job sent again, to whoever asks: for a client that missed it or came back.

    >>> from protocol.osc import wire_line
    >>> wire_line(Fetch(request_id="f1", job="r1"))
    '/fetch ,sss "f1" "job" "r1"'
    """

    spec: ClassVar[Spec] = Spec("fetch")
    request_id: str = arg(*given.REQUEST_ID)
    job: str = arg(*given.JOB)


@message
class Shutdown:
    """End the daemon; unfinished jobs stay in the journal and go on at the next start.

    >>> from protocol.osc import wire_line
    >>> wire_line(Shutdown(request_id="x1"))
    '/shutdown ,s "x1"'
    """

    spec: ClassVar[Spec] = Spec("shutdown")
    request_id: str = arg(*given.REQUEST_ID)


@message
class Upload:
    """Announce a file that follows in binary frames carrying this request's id.

    >>> from protocol.json_text import encode_request
    >>> encode_request(Upload(request_id="u1", name="mix.wav", size=1_000_000))
    '{"type": "upload", "id": "u1", "name": "mix.wav", "size": 1000000}'
    """

    spec: ClassVar[Spec] = Spec("upload", transports=WEBSOCKET)
    request_id: str = arg(*given.REQUEST_ID)
    name: str = arg("file name, for its extension and the log", given.FILLED_NAME)
    size: int = arg("size of the file", Integer(1, TRANSFER_BYTES.value, "bytes"))
    sha256: str = arg("its SHA-256 in hex, checked when given", given.NAME, default="")


@message
class Download:
    """Have a result sent in binary frames carrying this request's id.

    >>> from protocol.json_text import encode_request
    >>> encode_request(Download(request_id="w1", job="r1"))
    '{"type": "download", "id": "w1", "job": "r1"}'
    """

    spec: ClassVar[Spec] = Spec("download", transports=WEBSOCKET)
    request_id: str = arg(*given.REQUEST_ID)
    job: str = arg(*given.JOB)
    which: Which = arg("which of its files", Choice(get_args(Which)), default="take")
    name: str = arg(
        "of several: the stem's class or remainder, a take's number, the format of an `align`, or one of "
        "lyric_names",
        given.NAME,
        default="",
    )


Request = (
    Hello
    | Describe
    | Notify
    | Sync
    | Project
    | Repaint
    | Generate
    | Extract
    | Lego
    | Complete
    | Vocal2Bgm
    | Cover
    | Align
    | Plan
    | Understand
    | Cancel
    | Status
    | Fetch
    | Shutdown
    | Upload
    | Download
)
REQUESTS: dict[str, Any] = {cls.spec.name: cls for cls in get_args(Request)}

__all__ = [
    "REQUESTS",
    "Align",
    "Cancel",
    "Complete",
    "Cover",
    "Describe",
    "Download",
    "Extract",
    "Fetch",
    "Generate",
    "Hello",
    "Lego",
    "Notify",
    "Plan",
    "Project",
    "Repaint",
    "Request",
    "Shutdown",
    "Status",
    "Sync",
    "Transport",
    "Understand",
    "Upload",
    "Vocal2Bgm",
]
