"""What a start makes of what the last daemon left, in good order or not."""

import asyncio
import os
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.jobs import Event, Job, State, after
from bridge.journal import Journal
from protocol import osc
from protocol.json_text import encode_reply, encode_request
from protocol.messages import Fetch, Project, Shutdown, Status
from protocol.replies import Accepted, Cancelled, Fail, Progress, RepaintDone
from protocol.values import TempoPoint
from tests.bridge.daemons import Daemon, ask, beats, begun, config_for, little_daemon, replies, write_song


async def leave_job(place: Path, state: State, starts: int, client: socket.socket | None = None) -> Job:
    """A journal as a daemon leaves it that was killed with a job of `client` in this state."""
    daemon = Daemon(None, place)  # type: ignore[arg-type]
    config_for(place)
    write_song(daemon.song)
    (place / "data").mkdir()
    project = Project(request_id="p", tempo=(TempoPoint(beats(0), beats(120)),))
    job = Job(
        id="r1",
        command="repaint",
        request=encode_request(daemon.repaint("r1")),
        project=encode_request(project),
        client="osc:127.0.0.1:1",
        reply_to=(f"osc:127.0.0.1:{client.getsockname()[1] if client else 1}",),
        folder=str(place / "data" / "takes"),
        staging=str(place / "data" / "takes" / ".barline-r1"),
        seed=7,
        state=state,
        starts=starts,
    )
    journal = Journal(place / "data" / "journal.sqlite")
    await journal.put_job(job)
    journal.close()
    return job


async def end_of(daemon: Daemon, name: str) -> object:
    """How a job that was there at the start ended."""
    async with daemon.ws() as client, asyncio.timeout(20):
        while (await ask(client, Status(request_id="s", job=name))).state in ("queued", "running"):
            await asyncio.sleep(0.02)
        await ask(client, Fetch(request_id="f", job=name))
        return await client.client.events.get()


@pytest.mark.parametrize(("state", "starts"), [(State.QUEUED, 0), (State.RUNNING, 1)])
async def test_an_unfinished_job_runs_at_the_next_start(tmp_path: Path, state: State, starts: int) -> None:
    await leave_job(tmp_path, state, starts)
    async with little_daemon(tmp_path) as daemon:
        assert isinstance(await end_of(daemon, "r1"), RepaintDone)


async def test_a_job_that_ran_at_two_crashes_fails_and_says_why(tmp_path: Path) -> None:
    await leave_job(tmp_path, State.RUNNING, 2)
    async with little_daemon(tmp_path) as daemon:
        fail = await end_of(daemon, "r1")
    assert isinstance(fail, Fail) and fail.code == "engine-lost" and "killed 2 times" in fail.text


async def test_a_job_that_was_told_to_stop_does_not_run_again(tmp_path: Path) -> None:
    job = await leave_job(tmp_path, State.RUNNING, 1)
    journal = Journal(tmp_path / "data" / "journal.sqlite")
    await journal.put_job(replace(job, is_cancelled=True))
    journal.close()
    async with little_daemon(tmp_path) as daemon:
        assert isinstance(await end_of(daemon, "r1"), Cancelled)
        assert not daemon.takes


async def test_staged_files_of_a_killed_daemon_are_removed(tmp_path: Path) -> None:
    job = await leave_job(tmp_path, State.RUNNING, 2)
    staged = Path(job.staging)
    staged.mkdir(parents=True)
    (staged / "half_take.wav").write_bytes(b"RIFF")
    async with little_daemon(tmp_path) as daemon:
        assert not daemon.takes


def listening_socket() -> socket.socket:
    """A client's socket, bound to a port."""
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    udp.setblocking(False)
    return udp


@pytest.mark.parametrize("published", [0, 1, 2])
async def test_a_job_killed_while_publishing_is_done_once(tmp_path: Path, published: int) -> None:
    """published: how many of the two files had their final names when the daemon was killed."""
    job = await leave_job(tmp_path, State.RUNNING, 1)
    folder = Path(job.folder)
    staged = [Path(job.staging) / name for name in ("a_take.wav", "a_take.json")]
    staged[0].parent.mkdir(parents=True)
    for path in staged:
        path.write_text(path.name)
    for path in staged[:published]:
        os.link(path, folder / path.name)
    done = RepaintDone(
        request_id="r1", take=str(folder / "a_take.wav"),
            takes=(str(folder / "a_take.wav"),), seeds=("7",), full="",
        full_start=0, regions="[]", sidecar=str(folder / "a_take.json"),
        start_sample=0, end_sample=1, start_bar="1|1|0", end_bar="2|1|0", fade_samples=0, sample_rate=48_000,
        seed="7", model="hollow", seconds="{}", warnings=(),
    )  # fmt: skip
    parcel = tuple((str(path), str(folder / path.name)) for path in staged)
    journal = Journal(tmp_path / "data" / "journal.sqlite")
    await journal.put_job(after(job, Event.PUBLISH, parcel=parcel, reply=encode_reply(done)))
    journal.close()
    async with little_daemon(tmp_path) as daemon:
        assert await end_of(daemon, "r1") == done
        assert daemon.takes == {"a_take.wav", "a_take.json"}


async def test_a_shutdown_does_not_count_as_a_crash(tmp_path: Path) -> None:
    for _ in range(3):
        async with little_daemon(tmp_path) as daemon, daemon.osc() as client:
            running = await begun(client, daemon.repaint("r1", "steps 60 0.02"))
            await ask(client, Shutdown(request_id="x"))
            running.cancel()
    async with little_daemon(tmp_path) as daemon:
        assert isinstance(await end_of(daemon, "r1"), RepaintDone)


async def test_a_daemon_that_ends_takes_no_new_job(tmp_path: Path) -> None:
    async with little_daemon(tmp_path) as daemon, daemon.osc() as client:
        await ask(client, Shutdown(request_id="x"))
        assert (await ask(client, daemon.repaint("r1"))).code == "not-ready"


async def test_finished_results_can_be_fetched_after_a_restart(tmp_path: Path) -> None:
    async with little_daemon(tmp_path) as daemon, daemon.osc() as client:
        done = await ask(client, daemon.repaint("r1"))
    async with little_daemon(tmp_path) as daemon, daemon.osc() as client:
        assert await end_of(daemon, "r1") == done
        again = await replies(client, daemon.repaint("r1"))
    assert isinstance(again[0], Accepted) and again[1:] == [done]


async def test_projects_are_there_after_a_restart(tmp_path: Path) -> None:
    async with little_daemon(tmp_path) as daemon, daemon.osc() as client:
        tempo = (TempoPoint(beats(0), beats(60)),)
        await ask(client, Project(request_id="p", name="slow", tempo=tempo))
    async with little_daemon(tmp_path) as daemon, daemon.osc() as client:
        done = await ask(client, daemon.generate("g1", project="slow"))
    assert done.end_sample == 8 * 48_000


async def test_after_a_restart_the_reply_goes_where_it_was_asked_from(tmp_path: Path) -> None:
    with listening_socket() as udp:
        await leave_job(tmp_path, State.RUNNING, 1, udp)
        async with little_daemon(tmp_path):
            assert isinstance(await last_reply(udp), RepaintDone)


async def test_a_job_that_will_not_run_again_tells_its_client(tmp_path: Path) -> None:
    with listening_socket() as udp:
        await leave_job(tmp_path, State.RUNNING, 2, udp)
        async with little_daemon(tmp_path):
            assert isinstance(await last_reply(udp), Fail)


async def last_reply(udp: socket.socket) -> object:
    """The first reply that ends a job."""
    async with asyncio.timeout(20):
        while True:
            reply = osc.decode_reply(await asyncio.get_running_loop().sock_recv(udp, 8192))
            if not isinstance(reply, Accepted | Progress):
                return reply
