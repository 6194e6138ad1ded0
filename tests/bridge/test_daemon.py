"""Requests and their answers, through real sockets."""

import asyncio
from pathlib import Path

import pytest
import soundfile

from bridge.config import ConfigError, Limits
from protocol.messages import Cancel, Describe, Download, Fetch, Hello, Notify, Project, Status, Sync
from protocol.replies import Accepted, Cancelled, Fail, GenerateDone, Progress, RepaintDone
from protocol.values import Bars, Seconds, TempoPoint
from tests.bridge.daemons import Daemon, ask, beats, begun, little_daemon, replies


async def test_hello_tells_who_answers(daemon: Daemon) -> None:
    async with daemon.osc() as client:
        hello = await ask(client, Hello(request_id="h", client="test"))
    assert (hello.osc_port, hello.ws_port) == (daemon.bridge.ports.osc, daemon.bridge.ports.ws)
    assert (hello.protocol, hello.model) == (1, "hollow")


async def test_a_protocol_of_another_version_is_refused(daemon: Daemon) -> None:
    async with daemon.osc() as client:
        fail = await ask(client, Hello(request_id="h", protocol=2))
    assert (fail.code, fail.field) == ("out-of-range", "protocol")


@pytest.mark.parametrize("transport", ["osc", "ws"])
async def test_a_repaint_is_accepted_goes_on_and_is_done(daemon: Daemon, transport: str) -> None:
    async with getattr(daemon, transport)() as client:
        first, *between, last = await replies(client, daemon.repaint("r1", "steps 3 0"))
    assert isinstance(first, Accepted) and isinstance(last, RepaintDone)
    steps = [(reply.step, reply.of) for reply in between if reply.stage == "denoise"]
    assert steps == [(1, 3), (2, 3), (3, 3)] and all(isinstance(reply, Progress) for reply in between)
    assert (last.start_sample, last.end_sample, last.start_bar, last.end_bar) == (
        96_000,
        288_000,
        "2|1|0",
        "4|1|0",
    )
    assert soundfile.info(last.take).frames == 192_000 and soundfile.info(last.full).frames == 576_000
    assert Path(last.sidecar).is_file()


async def test_a_new_piece_is_as_long_as_the_grid_says(daemon: Daemon) -> None:
    tempo = (TempoPoint(beats(0), beats(7) * 13),)  # 91 bpm: 8 beats are 253186.8 samples
    async with daemon.osc() as client:
        await ask(client, Project(request_id="p", tempo=tempo))
        done = await ask(client, daemon.generate("g1"))
    assert isinstance(done, GenerateDone)
    assert soundfile.info(done.take).frames == done.end_sample == 253_187


async def test_the_same_request_again_is_the_same_job(daemon: Daemon) -> None:
    async with daemon.osc() as first, daemon.ws() as second:
        running = await begun(first, daemon.repaint("r1", "steps 20 0.02"))
        again = await replies(second, daemon.repaint("r1", "steps 20 0.02"))
        done = (await running)[-1]
        later = await replies(first, daemon.repaint("r1", "steps 20 0.02"))
    assert isinstance(again[0], Accepted) and again[-1] == done
    assert isinstance(later[0], Accepted) and later[1:] == [done]
    assert len([name for name in daemon.takes if name.endswith("_take.wav")]) == 1


async def test_two_of_the_same_at_once_are_one_job(daemon: Daemon) -> None:
    async with daemon.osc() as first, daemon.ws() as second:
        ends = await asyncio.gather(*(ask(client, daemon.repaint("r1")) for client in (first, second)))
    assert isinstance(ends[0], RepaintDone) and ends[0] == ends[1]


async def test_an_id_with_other_content_is_taken(daemon: Daemon) -> None:
    async with daemon.osc() as client:
        await ask(client, daemon.repaint("r1"))
        fail = await ask(client, daemon.repaint("r1", seed=5))
    assert (fail.code, fail.field) == ("id-taken", "id")


@pytest.mark.parametrize("request_class", [Cancel, Status, Fetch, Download])
async def test_a_job_that_nobody_knows_is_told_so(daemon: Daemon, request_class: type) -> None:
    async with daemon.ws() as client:
        fail = await ask(client, request_class(request_id="x", job="nobody"))
    assert (fail.code, fail.field) == ("unknown-job", "job")


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"source": "song.wav"}, "not-allowed", "source"),
        ({"source": "/etc/passwd"}, "not-allowed", "source"),
        ({"source": "upload:0123"}, "no-file", "source"),
        ({"out": "/"}, "not-allowed", "out"),
        ({"end": Bars(9)}, "out-of-range", "end"),
        ({"end": Bars(2)}, "out-of-range", "end"),
        ({"project": "nowhere"}, "unknown-project", "project"),
        ({"model": "other"}, "no-model", "model"),
    ],
)
async def test_what_can_be_known_is_refused_at_once(
    daemon: Daemon, more: dict, code: str, field: str
) -> None:
    async with daemon.osc() as client:
        (fail,) = await replies(client, daemon.repaint("r1", **more))
    assert isinstance(fail, Fail) and (fail.code, fail.field) == (code, field)


async def test_a_refused_id_is_free_again(daemon: Daemon) -> None:
    async with daemon.osc() as client:
        await ask(client, daemon.repaint("r1", end=Bars(9)))
        assert isinstance(await ask(client, daemon.repaint("r1")), RepaintDone)


async def test_a_piece_longer_than_the_model_can_make_is_refused(daemon: Daemon) -> None:
    async with daemon.osc() as client:
        fail = await ask(client, daemon.generate("g1", length=Seconds(beats(61))))
    assert (fail.code, fail.field) == ("too-long", "length")


async def test_a_full_queue_is_busy(tmp_path: Path) -> None:
    async with little_daemon(tmp_path, limits=Limits(jobs=1)) as daemon, daemon.osc() as client:
        running = await begun(client, daemon.repaint("r1", "steps 50 0.02"))
        waiting = asyncio.create_task(ask(client, daemon.repaint("r2")))
        await ask(client, Sync(request_id="s"))
        fail = await ask(client, daemon.repaint("r3"))
        assert (fail.code, fail.field) == ("busy", "")
        await ask(client, Cancel(request_id="c", job="r1"))
        assert isinstance((await running)[-1], Cancelled) and isinstance(await waiting, RepaintDone)


async def test_fetch_sends_the_last_reply_again_to_whoever_asks(daemon: Daemon) -> None:
    async with daemon.osc() as first, daemon.ws() as second:
        done = await ask(first, daemon.repaint("r1"))
        fetched = await ask(second, Fetch(request_id="f", job="r1"))
        assert fetched.state == "done" and await second.client.events.get() == done


async def test_fetch_of_a_job_that_runs_is_not_finished(daemon: Daemon) -> None:
    async with daemon.osc() as client:
        running = await begun(client, daemon.repaint("r1", "steps 20 0.02"))
        assert (await ask(client, Fetch(request_id="f", job="r1"))).code == "not-finished"
        await running


async def test_status_tells_the_step_of_the_running_job(daemon: Daemon) -> None:
    async with daemon.osc() as client:
        running = await begun(client, daemon.repaint("r1", "steps 30 0.02"))
        status = await ask(client, Status(request_id="s", job="r1"))
        await running
    assert (status.state, status.stage, status.running, status.of) == ("running", "denoise", "r1", 30)
    assert 1 <= status.step <= 30 and status.engine == "ready"


@pytest.mark.parametrize("what", ["models", "tasks", "limits", "formats", "messages", "all"])
async def test_describe_answers_by_osc(daemon: Daemon, what: str) -> None:
    async with daemon.osc() as client:
        described = await ask(client, Describe(request_id="d", what=what))
    assert described.what == what and described.content.startswith("{")


async def test_who_asked_hears_of_everybodys_jobs(daemon: Daemon) -> None:
    async with daemon.ws() as listener, daemon.osc() as client:
        await ask(listener, Notify(request_id="n", jobs="all"))
        done = await ask(client, daemon.repaint("r1"))
        heard = await listener.client.events.get()
        while not isinstance(heard, RepaintDone):
            heard = await listener.client.events.get()
    assert heard == done


async def test_replies_go_to_the_registered_port_too(daemon: Daemon) -> None:
    async with daemon.osc() as listener, daemon.osc() as client:
        port = (await ask(listener, Notify(request_id="n"))).port
        registered = await ask(client, Notify(request_id="n2", port=port))
        assert registered.port == port
        done = await ask(client, daemon.repaint("r1"))
        heard = await listener.events.get()
        while not isinstance(heard, RepaintDone):
            heard = await listener.events.get()
    assert heard == done


async def test_sync_answers_after_what_came_before(daemon: Daemon) -> None:
    order: list[str] = []

    async def note(client: object, request: object) -> None:
        async for reply in client.request(request):
            order.append(type(reply).__name__)

    async with daemon.osc() as client:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(note(client, daemon.repaint("r1", "steps 2 0.1")))
            tasks.create_task(note(client, Sync(request_id="s")))
    assert order.index("Accepted") < order.index("Synced") < order.index("RepaintDone")


async def test_a_job_keeps_the_project_it_was_sent_with(daemon: Daemon) -> None:
    slow, fast = ((TempoPoint(beats(0), beats(bpm)),) for bpm in (90, 180))
    async with daemon.osc() as client:
        await ask(client, Project(request_id="p1", tempo=slow))
        running = await begun(client, daemon.generate("g1", "steps 10 0.02"))
        await ask(client, Project(request_id="p2", tempo=fast))
        assert (await running)[-1].end_sample == 8 * 48_000 * 60 // 90


async def test_a_project_that_cannot_be_is_refused_and_the_old_one_stays(daemon: Daemon) -> None:
    crossed = (TempoPoint(beats(0), beats(120)), TempoPoint(beats(0), beats(90)))
    async with daemon.osc() as client:
        fail = await ask(client, Project(request_id="p1", tempo=crossed))
        done = await ask(client, daemon.generate("g1"))
    assert isinstance(fail, Fail) and fail.field.startswith("tempo")
    assert done.end_sample == 8 * 24_000


async def test_a_second_daemon_on_the_same_folder_is_refused(daemon: Daemon) -> None:
    with pytest.raises(ConfigError, match="another daemon"):
        async with little_daemon(daemon.place):
            pass


async def test_without_a_model_jobs_are_refused_with_the_reason(tmp_path: Path) -> None:
    async with little_daemon(tmp_path) as daemon, daemon.osc() as client:
        daemon.bridge.worker._change("failed", "no weights")
        fail = await ask(client, daemon.repaint("r1"))
    assert fail.code == "no-model" and "no weights" in fail.text
