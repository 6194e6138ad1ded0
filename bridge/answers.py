"""What is answered to each request that is no job: one function per request, all in the table ANSWERS.

An answer returns the reply that ends its request, or None when it has sent it itself; a ProtocolError becomes
a fail. Knows no bytes and no sockets.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any

import msgspec

from bridge.abilities import describe
from bridge.cli import VERSION
from bridge.ending import end_cancelled
from bridge.grid import build_grid
from bridge.intake import find_job, jobs_ahead, take_job
from bridge.jobs import TERMINAL, Job, State
from bridge.journeys import JOURNEYS
from bridge.parts import Bridge
from bridge.sessions import Caller, TooManySubscribers
from bridge.uploads import read_pieces
from protocol import messages as ask
from protocol import replies as say
from protocol.binary import Frame, encode_frame
from protocol.errors import ProtocolError
from protocol.json_text import decode_reply, encode_request
from protocol.limits import CHUNK_BYTES, PROTOCOL_VERSION


async def answer_hello(bridge: Bridge, caller: Caller, request: ask.Hello) -> say.Reply:
    """Who answers; and whoever shows the token is let in."""
    token = bridge.config.token
    if (
        token
        and caller.transport == "osc"
        and not hmac.compare_digest(request.token.encode(), token.encode())
    ):
        raise ProtocolError("not-allowed", "token is not this daemon's token", "token")
    if request.protocol != PROTOCOL_VERSION.value:
        text = f"protocol={request.protocol}, but this daemon speaks {PROTOCOL_VERSION.value}"
        raise ProtocolError("out-of-range", text, "protocol")
    bridge.sessions.trust(caller)
    return say.HelloDone(
        request_id=request.request_id,
        version=VERSION,
        protocol=PROTOCOL_VERSION.value,
        osc_port=bridge.ports.osc,
        ws_port=bridge.ports.ws,
        model=bridge.setting.model,
        engine=engine_state(bridge),
        fresh=f"k{secrets.token_hex(4)}",  # a letter first, so that no language takes it for a number
    )


async def answer_describe(bridge: Bridge, caller: Caller, request: ask.Describe) -> say.Reply:
    """A part of what this daemon can do."""
    content = await asyncio.to_thread(describe, bridge, request.what, request.name)
    text = msgspec.json.encode(content).decode()
    return say.DescribeDone(request_id=request.request_id, what=request.what, content=text)


async def answer_notify(bridge: Bridge, caller: Caller, request: ask.Notify) -> say.Reply:
    """Starts, changes or ends a subscription."""
    sessions = bridge.sessions
    try:
        if request.on:
            port = sessions.subscribe(caller, request.port, request.jobs)
        else:
            port = sessions.unsubscribe(caller, request.port)
    except TooManySubscribers as full:
        raise ProtocolError("busy", str(full)) from full
    return say.NotifyDone(request_id=request.request_id, on=request.on, port=port, jobs=request.jobs)


async def answer_sync(bridge: Bridge, caller: Caller, request: ask.Sync) -> say.Reply:
    """Waits for the requests of the same client that came before."""
    me = asyncio.current_task()
    earlier = list(takewhile(lambda task: task is not me, bridge.pending.get(caller.host, {})))
    if earlier:  # not the later ones: another sync among them would wait for us
        await asyncio.wait(earlier)
    return say.Synced(request_id=request.request_id)


async def answer_project(bridge: Bridge, caller: Caller, request: ask.Project) -> say.Reply:
    """Keeps a project; it counts for every job that comes after it."""
    before = bridge.projects.get(request.name)
    bridge.projects[request.name] = request  # before the first wait: whatever comes next means this one
    try:
        await asyncio.to_thread(build_grid, request.tempo, request.meter, request.sample_rate)
        await bridge.journal.put_project(request.name, encode_request(request))
    except ProtocolError:
        if bridge.projects.get(request.name) is request:
            bridge.projects.pop(request.name)
            if before is not None:
                bridge.projects[request.name] = before
        raise
    done = say.ProjectDone(
        request_id=request.request_id,
        name=request.name,
        tempo_points=len(request.tempo),
        meter_points=len(request.meter),
        sample_rate=request.sample_rate,
    )
    bridge.sessions.tell_browsers(done)
    return done


async def answer_cancel(bridge: Bridge, caller: Caller, request: ask.Cancel) -> say.Reply:
    """Tells a job to stop; a waiting one ends at once, the running one at its next step."""
    job = await known_job(bridge, request.job)
    live = bridge.live.get(job.id)
    if live is not None:
        live.job = replace(live.job, is_cancelled=True)
        if bridge.queue.remove(job.id) is not None:
            await end_cancelled(bridge, live)
        else:
            bridge.worker.cancel(job.id)
            await bridge.journal.put_job(live.job)  # so that it is not forgotten if we are killed now
    return say.CancelDone(request_id=request.request_id, job=job.id, state=told_state(job))


async def answer_status(bridge: Bridge, caller: Caller, request: ask.Status) -> say.Reply:
    """How a job stands, or the queue."""
    job = await known_job(bridge, request.job) if request.job else None
    live = bridge.live.get(request.job)
    return say.StatusDone(
        request_id=request.request_id,
        job=request.job,
        state=told_state(job) if job is not None else "",
        position=jobs_ahead(bridge, request.job),
        stage=live.stage if live is not None else "",
        step=live.step if live is not None else 0,
        of=live.of if live is not None else 0,
        running=next(
            (name for name, other in bridge.live.items() if other.job.state is not State.QUEUED), ""
        ),
        queued=len(bridge.queue),
        engine=engine_state(bridge),
    )


async def answer_fetch(bridge: Bridge, caller: Caller, request: ask.Fetch) -> say.Reply:
    """Sends a job's last reply again, to whoever asks."""
    job = await ended_job(bridge, request.job)
    bridge.sessions.send(bridge.sessions.routes_of(caller), decode_reply(job.reply))
    return say.FetchDone(request_id=request.request_id, job=job.id, state=told_state(job))


async def answer_shutdown(bridge: Bridge, caller: Caller, request: ask.Shutdown) -> say.Reply:
    """Ends the daemon, after this reply."""
    bridge.ending.set()
    return say.ShutdownDone(request_id=request.request_id)


async def answer_upload(bridge: Bridge, caller: Caller, request: ask.Upload) -> None:
    """Makes room for a file; its end is told when the last piece has come (ws_server)."""
    bridge.uploads.begin(caller.route, request)
    reply = say.Accepted(request_id=request.request_id, command=request.spec.name, position=0)
    bridge.sessions.send(bridge.sessions.routes_of(caller), reply)


async def answer_download(bridge: Bridge, caller: Caller, request: ask.Download) -> say.Reply:
    """Sends one of a job's files in pieces, as fast as the client takes them."""
    path = result_file(await ended_job(bridge, request.job), request.which, request.name)
    digest, size, sent = hashlib.sha256(), path.stat().st_size, 0
    pieces = read_pieces(path, CHUNK_BYTES.value)
    while piece := await asyncio.to_thread(next, pieces, b""):
        digest.update(piece)
        frame = Frame("download", request.request_id, sent, size, piece)
        await bridge.sessions.send_bytes(caller, encode_frame(frame))
        sent += len(piece)
    return say.DownloadDone(
        request_id=request.request_id, name=path.name, size=sent, sha256=digest.hexdigest()
    )


Answer = Callable[[Bridge, Caller, Any], Awaitable[say.Reply | None]]
ANSWERS: dict[type, Answer] = {
    ask.Hello: answer_hello,
    ask.Describe: answer_describe,
    ask.Notify: answer_notify,
    ask.Sync: answer_sync,
    ask.Project: answer_project,
    **dict.fromkeys(JOURNEYS, take_job),
    ask.Cancel: answer_cancel,
    ask.Status: answer_status,
    ask.Fetch: answer_fetch,
    ask.Shutdown: answer_shutdown,
    ask.Upload: answer_upload,
    ask.Download: answer_download,
}


def result_file(job: Job, which: str, stem: str = "") -> Path:
    """One file of a job that is done; stem: of several takes. Raises ProtocolError not-finished, no-file."""
    if job.state is not State.DONE:
        raise ProtocolError("not-finished", f"job={job.id!r} {told_state(job)}: it has no files", "job")
    reply = decode_reply(job.reply)
    several = files_by_name(reply)
    is_named = which == "take" and (stem != "" or not hasattr(reply, "take"))
    if is_named and stem not in several:
        text = f"name={stem!r} is none of {', '.join(several) or 'its takes: it has one, without a name'}"
        raise ProtocolError("no-file", text, "name")
    name = several[stem] if is_named else getattr(reply, which, "")
    if not name or not Path(name).is_file():
        raise ProtocolError(
            "no-file", f"which={which!r}: job {job.id!r} has no such file (any more)", "which"
        )
    return Path(name)


def files_by_name(reply: Any) -> dict[str, str]:
    """Path of each of several files; empty for a reply of one take without lyrics."""
    if isinstance(reply, say.AlignDone):
        return dict(zip(reply.formats, reply.files, strict=True))
    takes = getattr(reply, "takes", ())
    names = getattr(reply, "stems", tuple(map(str, range(1, len(takes) + 1))))
    lyrics = zip(getattr(reply, "lyric_names", ()), getattr(reply, "lyric_files", ()), strict=True)
    return dict(zip(names, takes, strict=True)) | dict(lyrics)


async def known_job(bridge: Bridge, job_id: str) -> Job:
    """The job, also when it is just being let in. Raises ProtocolError unknown-job."""
    while (arrival := bridge.arriving.get(job_id)) is not None:
        await asyncio.wait([arrival.ended])
    job = find_job(bridge, job_id)
    if job is None:
        raise ProtocolError("unknown-job", f"job={job_id!r} is no job of this daemon", "job")
    return job


async def ended_job(bridge: Bridge, job_id: str) -> Job:
    """A job that has its terminal reply. Raises ProtocolError unknown-job, not-finished."""
    job = await known_job(bridge, job_id)
    if job.state not in TERMINAL:
        raise ProtocolError("not-finished", f"job={job_id!r} is {told_state(job)}", "job")
    return job


def told_state(job: Job) -> str:
    """The state as clients know it: publishing is a part of running."""
    return State.RUNNING if job.state is State.PUBLISHING else job.state


def engine_state(bridge: Bridge) -> str:
    """The engine's state as clients know it."""
    return bridge.worker.state if bridge.worker.state != "stopped" else "restarting"
