"""The work: takes one job after the other through its journey, and survives whatever happens to it.

The one broad `except` of the project is here, at the job boundary: a bug costs one job, not the daemon.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from bridge.delivery import Delivered
from bridge.ending import end_cancelled, end_failed, end_job
from bridge.jobs import MAX_STARTS, Event, Job, State, after
from bridge.journey import Journey, Order, Route, place_of, provenance
from bridge.journeys import JOURNEYS
from bridge.parcels import Parcel, clear_staging, plan_parcel, publish
from bridge.parts import Bridge, Live
from bridge.pipe import Frame
from bridge.worker import EngineDied, EngineFailed, OnStep, RenderCancelled
from protocol.errors import ProtocolError
from protocol.json_text import decode_request, encode_reply
from protocol.messages import Project
from protocol.replies import Progress, Reply

log = logging.getLogger("barline")


async def run_jobs(bridge: Bridge) -> None:
    """Runs jobs for ever, one at a time."""
    while True:
        job = bridge.queue.take()
        if job is None:
            bridge.waiting.clear()
            await bridge.waiting.wait()
            continue
        live = bridge.live[job.id]
        while not await attempt(bridge, live):
            pass


async def attempt(bridge: Bridge, live: Live) -> bool:
    """One try at a job; False when it is to be tried again, else the job has ended."""
    try:
        await make(bridge, live)
    except asyncio.CancelledError:
        put_back(bridge, live)
        raise
    except RenderCancelled:
        await end_cancelled(bridge, live)
    except EngineDied as died:
        return await after_death(bridge, live, str(died))
    except EngineFailed as failed:
        await end_failed(bridge, live, failed.code, str(failed))
    except ProtocolError as error:
        await end_failed(bridge, live, error.code, error.text, error.field)
    except OSError as error:
        await end_failed(bridge, live, "io-error", f"reading or writing failed: {error}")
    except Exception as fault:
        log.exception("job %s failed by a fault of ours", live.job.id)
        await end_failed(bridge, live, "internal", f"{type(fault).__name__}: {fault}")
    return True


async def make(bridge: Bridge, live: Live) -> None:
    """message -> plan -> task -> audio -> files -> done"""
    await move(bridge, live, Event.START, starts=live.job.starts + 1)
    order = order_of(live)
    journey = JOURNEYS[type(order.request)]
    tell(bridge, live, "read", 0, 1)
    route = await asyncio.to_thread(journey.plan, bridge.setting, order)
    rendered = await render(bridge, live, journey, route)
    tell(bridge, live, "write", 0, 1)
    made = await asyncio.to_thread(stage, bridge, live, journey, route, rendered)
    check_cancelled(live)
    model, seconds = bridge.setting.model, rendered.values["seconds"]
    await announce(bridge, live, made, lambda named: journey.reply(route, named, model, seconds))


async def render(bridge: Bridge, live: Live, journey: Journey, route: Route) -> Frame:
    """Every pass of a job; the last one's frame, with the time spent on all."""
    passes, seconds = journey.passes(route), dict[str, float]()
    await asyncio.to_thread(clear_staging, live.job.staging)
    for index in range(passes):
        task = await asyncio.to_thread(journey.task, live.job.id, route, index)
        check_cancelled(live)
        on_step = partial(tell_pass, partial(tell, bridge, live), (index, passes))
        rendered = await bridge.worker.render(task, on_step)
        for name, spent in rendered.values["seconds"].items():
            seconds[name] = seconds.get(name, 0.0) + spent
        await asyncio.to_thread(journey.keep, route, index, rendered, Path(live.job.staging))
    return replace(rendered, values={**rendered.values, "seconds": seconds})


def stage(bridge: Bridge, live: Live, journey: Journey, route: Route, rendered: Frame) -> Delivered:
    """Writes the files under names that nobody sees yet."""
    place = place_of(route, Path(live.job.staging), live.job.accepted_at)
    return journey.deliver(route, rendered, place, provenance(route, rendered, bridge.worker.facts))


def name_files(made: Delivered, live: Live) -> Parcel:
    """Free final names for what was staged."""
    files = (made.take, made.full, *made.more, *made.lyrics, made.sidecar)
    staged = [path for path in files if path is not None]
    return plan_parcel(staged, Path(live.job.folder))


async def announce(bridge: Bridge, live: Live, made: Delivered, reply: Callable[[Delivered], Reply]) -> None:
    """Journals the final names and the reply, publishes the files under them, and only then says done.

    A crash before the first write loses only the staged files; one after it is made good by `settle`.
    """
    while True:
        parcel = await asyncio.to_thread(name_files, made, live)
        done = reply(renamed(made, parcel))
        if live.job.state is State.RUNNING:
            check_cancelled(live)
            await move(bridge, live, Event.PUBLISH, parcel=parcel, reply=encode_reply(done))
        else:  # somebody took a name between choosing and publishing
            await write(bridge, live, replace(live.job, parcel=parcel, reply=encode_reply(done)))
        if await asyncio.to_thread(publish, parcel):
            break
    await end_job(bridge, live, Event.FINISH, done)


def renamed(made: Delivered, parcel: Parcel) -> Delivered:
    """The same delivery under its final names."""
    final = {Path(staged): Path(name) for staged, name in parcel}
    take, full = (path and final[path] for path in (made.take, made.full))
    more, lyrics = (tuple(final[path] for path in paths) for paths in (made.more, made.lyrics))
    return replace(made, take=take, full=full, sidecar=final[made.sidecar], more=more, lyrics=lyrics)


async def after_death(bridge: Bridge, live: Live, text: str) -> bool:
    """The engine died under a job: once more, or never again. True when the job has ended."""
    if live.job.is_cancelled:
        await end_cancelled(bridge, live)
    elif live.job.starts >= MAX_STARTS:
        await end_failed(
            bridge, live, "engine-lost", f"the engine died {MAX_STARTS} times on this job; {text}"
        )
    else:
        await move(bridge, live, Event.REQUEUE)
        return False
    return True


async def move(bridge: Bridge, live: Live, event: Event, **changes: Any) -> None:
    """Lets something happen to a job, and writes it down."""
    await write(bridge, live, after(live.job, event, **changes))


async def write(bridge: Bridge, live: Live, job: Job) -> None:
    """Writes a job down as it now is."""
    live.job = job
    await bridge.journal.put_job(job)


def tell(bridge: Bridge, live: Live, stage: str, step: int, of: int) -> None:
    """Progress, to whoever waits for the job."""
    live.stage, live.step, live.of = stage, step, of
    progress = Progress(request_id=live.job.id, stage=stage, step=step, of=of)
    bridge.sessions.send_of_job(live.routes, progress)


def tell_pass(told: OnStep, place: tuple[int, int], stage: str, step: int, of: int) -> None:
    """Progress within one pass of several, told as progress of the whole; place: (pass, passes)."""
    told(stage, place[0] * of + step, place[1] * of)


def check_cancelled(live: Live) -> None:
    """Raises RenderCancelled when somebody asked for it."""
    if live.job.is_cancelled:
        raise RenderCancelled


def order_of(live: Live) -> Order:
    """The job as its client gave it, read back from its texts."""
    project = decode_request(live.job.project)
    assert isinstance(project, Project)
    return Order(decode_request(live.job.request), project, live.job.seed)


def put_back(bridge: Bridge, live: Live) -> None:
    """The daemon ends in good order: the job waits for the next start, as if it had not begun."""
    if live.job.state is State.RUNNING:
        live.job = after(live.job, Event.REQUEUE, starts=live.job.starts - 1)
        bridge.journal.put_job(live.job)
