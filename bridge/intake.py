"""How a job is let in: a known id answers again, what cannot be done is refused, the rest is journalled.

"accepted" is said only when the job is on the disk. The order of arrival is kept: what a request depends on
(its project, the room in the queue) is taken down before the first wait.
"""

import asyncio
from dataclasses import replace
from typing import Any

from bridge.jobs import TERMINAL, Job
from bridge.journal import now
from bridge.journey import Order, Setting, choose_seed, folder_of
from bridge.journeys import JOURNEYS
from bridge.parcels import choose_staging
from bridge.parts import Arrival, Bridge, Live
from bridge.queue import QueueFull
from bridge.sessions import Caller
from protocol.codec import fingerprint
from protocol.errors import ProtocolError
from protocol.json_text import decode_reply, decode_request, encode_request
from protocol.replies import Accepted


async def take_job(bridge: Bridge, caller: Caller, request: Any) -> None:
    """Lets a job in and says so, or raises ProtocolError."""
    project = bridge.projects.get(request.project)  # as it is now: a later one does not count for this job
    while (arrival := bridge.arriving.get(request.request_id)) is not None:
        await asyncio.wait([arrival.ended])
    known = find_job(bridge, request.request_id)
    if known is not None:
        answer_again(bridge, caller, request, known)
        return
    if project is None:
        text = f"project={request.project!r} was not declared; send /project first"
        raise ProtocolError("unknown-project", text, "project")
    check_open(bridge, caller, request)
    earlier = [a.ended for a in bridge.arriving.values() if a.client == caller.route]
    ended = asyncio.get_running_loop().create_future()
    bridge.arriving[request.request_id] = Arrival(caller.route, ended)
    try:
        job = await asyncio.to_thread(
            check_job, bridge.setting, Order(request, project, choose_seed(request))
        )
        await admit(bridge, caller, job, earlier)
    finally:
        del bridge.arriving[request.request_id]
        ended.set_result(None)


def find_job(bridge: Bridge, job_id: str) -> Job | None:
    """The job with this id, living or ended; None when there never was one."""
    live = bridge.live.get(job_id)
    return live.job if live is not None else bridge.journal.find(job_id)


def answer_again(bridge: Bridge, caller: Caller, request: Any, known: Job) -> None:
    """The same id again: the same job. Raises ProtocolError when it asks for something else."""
    if fingerprint(decode_request(known.request)) != fingerprint(request):
        text = f"id={known.id!r} belongs to another {known.command}; choose a new id"
        raise ProtocolError("id-taken", text, "id")
    routes = bridge.sessions.routes_of(caller)
    live = bridge.live.get(known.id)
    bridge.sessions.send(routes, accepted(bridge, known))
    if live is not None:
        live.watchers += [route for route in routes if route not in live.routes]
    if known.state in TERMINAL:
        bridge.sessions.send(routes, decode_reply(known.reply))


def check_open(bridge: Bridge, caller: Caller, request: Any) -> None:
    """Raises ProtocolError when no job can be let in now, or not for this model."""
    if bridge.ending.is_set():
        raise ProtocolError("not-ready", "the daemon is ending; send it again when it is back")
    model = bridge.setting.model
    if request.model not in ("", model):
        text = f"model={request.model!r} is not loaded; this daemon runs {model!r}"
        raise ProtocolError("no-model", text, "model")
    if bridge.worker.state == "failed":
        raise ProtocolError("no-model", f"the engine has no model: {bridge.worker.text}"[:1000])
    try:
        bridge.queue.check_room(caller.route, len(bridge.arriving))
    except QueueFull as full:
        raise ProtocolError("busy", str(full)) from full


def check_job(setting: Setting, order: Order) -> Job:
    """Plans the job to see that it can be done, and writes it out. Raises ProtocolError."""
    request = order.request
    folder = folder_of(setting, request)
    JOURNEYS[type(request)].plan(setting, order)
    return Job(
        id=request.request_id,
        command=request.spec.name,
        request=encode_request(request),
        project=encode_request(order.project),
        client="",
        reply_to=(),
        folder=str(folder),
        staging=str(choose_staging(folder)),
        priority=request.priority,
        seed=order.seed,
        accepted_at=now(),
    )


async def admit(bridge: Bridge, caller: Caller, job: Job, earlier: "list[asyncio.Future[None]]") -> None:
    """Journal, queue, "accepted": in this order. Raises JournalLost, and then the job is not in.

    earlier: the ends of the same client's arrivals before this one. A job with a small source is checked
    sooner than one with a long source, but does not go in front of it.
    """
    job = replace(job, client=caller.route, reply_to=bridge.sessions.routes_of(caller))
    await bridge.journal.put_job(job)
    if earlier:
        await asyncio.wait(earlier)
    live = bridge.live[job.id] = Live(job)
    bridge.queue.put(job)
    bridge.sessions.send_of_job(live.routes, accepted(bridge, job))
    bridge.waiting.set()


def accepted(bridge: Bridge, job: Job) -> Accepted:
    """Says that the job is in, and how many jobs are ahead of it."""
    return Accepted(request_id=job.id, command=job.command, position=jobs_ahead(bridge, job.id))


def jobs_ahead(bridge: Bridge, job_id: str) -> int:
    """How many jobs end before this one begins, as things stand; 0 when it does not wait."""
    position = bridge.queue.position(job_id)
    running = len(bridge.live) - len(bridge.queue)
    return position + running if position >= 0 else 0
