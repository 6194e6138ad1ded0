"""Jobs under way: turns, cancels and an engine that dies."""

import asyncio
from pathlib import Path

from protocol.messages import Cancel, Notify, Sync
from protocol.replies import Cancelled, EngineEvent, Fail, RepaintDone
from tests.bridge.daemons import Daemon, ask, begun, replies


async def test_one_client_does_not_hold_back_another(daemon: Daemon) -> None:
    ended: list[str] = []

    async def run(client: object, name: str) -> None:
        await ask(client, daemon.repaint(name))
        ended.append(name)

    async with daemon.osc() as many, daemon.osc() as one:
        running = await begun(many, daemon.repaint("first", "steps 20 0.02"))
        jobs = [asyncio.create_task(run(many, f"many{number}")) for number in range(3)]
        await asyncio.sleep(0)  # the three are sent
        await ask(many, Sync(request_id="s1"))
        jobs.append(asyncio.create_task(run(one, "one")))
        await asyncio.gather(running, *jobs)
    assert ended == ["many0", "one", "many1", "many2"]


async def test_jobs_of_one_client_run_in_the_order_they_came(daemon: Daemon) -> None:
    names = [f"r{number}" for number in range(8)]
    ended: list[str] = []

    async def run(client: object, name: str) -> None:
        await ask(client, daemon.repaint(name))
        ended.append(name)

    async with daemon.osc() as client:
        await asyncio.gather(*(run(client, name) for name in names))
    assert ended == names


async def test_accepted_tells_how_many_are_ahead(daemon: Daemon) -> None:
    async with daemon.osc() as client:
        running = await begun(client, daemon.repaint("r1", "steps 30 0.02"))
        waiting = [client.request(daemon.repaint(name)) for name in ("r2", "r3")]
        accepted = [await anext(heard) for heard in waiting]  # the second is sent when the first is accepted
        await running
        for heard in waiting:
            assert [reply async for reply in heard]
    assert [reply.position for reply in accepted] == [1, 2]


async def test_the_running_job_ends_at_the_next_step(daemon: Daemon) -> None:
    async with daemon.osc() as client:
        running = await begun(client, daemon.repaint("r1", "steps 1000 0.02"))
        told = await ask(client, Cancel(request_id="c", job="r1"))
        async with asyncio.timeout(0.5):
            assert isinstance((await running)[-1], Cancelled)
    assert told.state == "running" and not daemon.takes


async def test_a_waiting_job_is_cancelled_at_once(daemon: Daemon) -> None:
    async with daemon.osc() as client:
        running = await begun(client, daemon.repaint("r1", "steps 20 0.02"))
        waiting = asyncio.create_task(ask(client, daemon.repaint("r2")))
        await ask(client, Sync(request_id="s"))
        told = await ask(client, Cancel(request_id="c", job="r2"))
        assert told.state == "queued" and isinstance(await waiting, Cancelled)
        assert isinstance((await running)[-1], RepaintDone)


async def test_a_job_can_be_cancelled_in_the_moment_it_arrives(daemon: Daemon) -> None:
    async with daemon.osc() as client:
        job = asyncio.create_task(ask(client, daemon.repaint("r1", "steps 1000 0.02")))
        await asyncio.sleep(0)
        told = await ask(client, Cancel(request_id="c", job="r1"))
        assert told.job == "r1" and isinstance(await job, Cancelled)


async def test_a_job_that_is_done_stays_done(daemon: Daemon) -> None:
    async with daemon.osc() as client:
        done = await ask(client, daemon.repaint("r1"))
        told = await ask(client, Cancel(request_id="c", job="r1"))
    assert told.state == "done" and Path(done.take).is_file()


async def test_a_job_whose_task_cannot_be_done_fails_with_the_reason(daemon: Daemon) -> None:
    async with daemon.osc() as client:
        fail = await ask(client, daemon.repaint("r1", "fail"))
    assert isinstance(fail, Fail) and "cannot be done" in fail.text and not daemon.takes


async def test_a_job_that_kills_the_engine_is_tried_once_more_and_then_fails(daemon: Daemon) -> None:
    async with daemon.osc() as client:
        heard = await replies(client, daemon.repaint("r1", "die"))
        assert isinstance(await ask(client, daemon.repaint("r2")), RepaintDone)
    assert isinstance(heard[-1], Fail) and heard[-1].code == "engine-lost"
    assert sum(getattr(reply, "stage", "") == "read" for reply in heard) == 2


async def test_subscribers_hear_that_the_engine_restarts(daemon: Daemon) -> None:
    async with daemon.osc() as client:
        await ask(client, Notify(request_id="n"))
        await ask(client, daemon.repaint("r1", "die"))
        events = [client.events.get_nowait() for _ in range(client.events.qsize())]
    states = [event.state for event in events if isinstance(event, EngineEvent)]
    assert "restarting" in states


async def test_a_folder_that_goes_away_is_told_as_such(daemon: Daemon) -> None:
    gone = daemon.place / "gone"
    async with daemon.osc() as client:
        job = await begun(client, daemon.repaint("r1", "steps 20 0.05", out=str(gone)))
        gone.write_text("a file where the takes were to lie")
        fail = (await job)[-1]
    assert isinstance(fail, Fail) and fail.code == "io-error" and "gone" in fail.text
