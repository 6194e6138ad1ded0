"""What a start makes of the journal: nothing lost, nothing done twice, nothing half done left lying about.

    it was        its files           now
    queued        none                queued
    running       staged, unseen      staging removed; queued once more, or failed after the second crash
    publishing    maybe some named    finished from its parcel: done, as it would have been

Runs before anything listens; only the last words of jobs wait for the transports.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from fractions import Fraction
from functools import partial

from bridge.ending import end_cancelled, end_failed, end_job
from bridge.jobs import MAX_STARTS, Event, State, after
from bridge.parcels import clear_staging, settle
from bridge.parts import Bridge, Live
from protocol.errors import ProtocolError
from protocol.json_text import decode_reply, decode_request
from protocol.messages import Project
from protocol.values import TempoPoint

log = logging.getLogger("barline")

Ending = Callable[[], Awaitable[None]]
"""Ends a job: journal and reply."""


async def restore(bridge: Bridge) -> list[Ending]:
    """Projects and unfinished jobs, as the last daemon left them.

    Returns what is to be said as soon as the transports listen: the ends of jobs that will not run again.
    """
    bridge.projects.update(read_projects(bridge))
    unfinished = bridge.journal.unfinished()
    endings = [await resume(bridge, bridge.live.setdefault(job.id, Live(job))) for job in unfinished]
    sources = (getattr(decode_request(job.request), "source", "") for job in unfinished)
    await asyncio.to_thread(bridge.uploads.sweep, list(sources), bridge.config.limits.upload_days)
    await bridge.journal.forget_old()
    return [ending for ending in endings if ending is not None]


async def resume(bridge: Bridge, live: Live) -> Ending | None:
    """One unfinished job: back into the queue, or how it is to end."""
    job = live.job
    if job.state is State.PUBLISHING and await asyncio.to_thread(settle, job.parcel):
        log.info("job %s was all but done: finished", job.id)
        return partial(end_job, bridge, live, Event.FINISH, decode_reply(job.reply))
    await asyncio.to_thread(clear_staging, job.staging)
    if job.is_cancelled:
        return partial(end_cancelled, bridge, live)
    if job.state is not State.QUEUED:
        if job.starts >= MAX_STARTS:
            text = f"the daemon was killed {MAX_STARTS} times while it worked on this job"
            return partial(end_failed, bridge, live, "engine-lost", text)
        live.job = after(job, Event.REQUEUE, parcel=(), reply="")
        await bridge.journal.put_job(live.job)
    log.info("job %s waits again", job.id)
    bridge.queue.put(live.job)
    return None


def read_projects(bridge: Bridge) -> dict[str, Project]:
    """The projects of the journal and the one that is always there."""
    standard = Project(request_id="default", tempo=(TempoPoint(Fraction(0), Fraction(120)),))
    projects = {"default": standard}
    for name, text in bridge.journal.projects().items():
        try:
            project = decode_request(text)
        except ProtocolError as error:  # written by another version, whose rules were others
            log.warning("project %s cannot be read any more: %s", name, error)
            continue
        if isinstance(project, Project):
            projects[name] = project
    return projects
