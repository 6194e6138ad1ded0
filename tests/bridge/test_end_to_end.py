"""A daemon as users run it, with a real engine and a tiny model: what arrives in the DAW."""

import asyncio
import os
import random
import signal
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from protocol.messages import Project, Status
from protocol.replies import GenerateDone, HelloDone, RepaintDone
from protocol.values import BarCount, Bars, MeterPoint, TempoPoint
from tests.acceptance import fuzz
from tests.acceptance.cancel50 import cancel_after
from tests.acceptance.common import DaemonProcess, engine_ready, ready, repaint, write_song
from tests.acceptance.kill_daemon import Count, check_files, run_once
from tests.bridge.daemons import ask
from tests.bridge.daemons import write_song as write_plain_song

linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

ODD = Project(
    request_id="odd",
    name="odd",
    tempo=(TempoPoint(Fraction(0), Fraction("119.88"), "beats"), TempoPoint(Fraction(12), Fraction(97))),
    meter=(MeterPoint(1, 4, 4), MeterPoint(3, 7, 8)),
    sample_rate=44_100,
)


async def test_a_repaint_touches_only_its_region(real_daemon: DaemonProcess) -> None:
    song = write_plain_song(real_daemon.place / "plain.wav", 12, 44_100)
    request = repaint("only", song)
    async with ready(real_daemon) as client:
        await ask(client, ODD)
        odd = type(request)(
            request_id="only",
            project="odd",
            source=str(song),
            start=Bars(2),
            end=Bars(4),
            caption="drums",
            seed=1,
        )
        done = await ask(client, odd)
    assert isinstance(done, RepaintDone)
    before, after = (soundfile.read(path, dtype="int32")[0] for path in (song, done.full))
    take = soundfile.read(done.take, dtype="int32")[0]
    lo, hi = done.start_sample, done.end_sample
    assert np.array_equal(before[:lo], after[:lo]) and np.array_equal(before[hi:], after[hi:])
    assert np.array_equal(after[lo:hi], take) and np.mean(before[lo:hi] != take) > 0.9


async def test_a_new_piece_is_exactly_as_long_as_the_tempo_map_says(real_daemon: DaemonProcess) -> None:
    from bridge.grid import build_grid, sample_at
    from protocol.messages import Generate

    async with real_daemon.ws() as client:
        await ask(client, ODD)
        request = Generate(
            request_id="exact", project="odd", length=BarCount(3), caption="piano", bit_depth="16"
        )
        done = await ask(client, request)
    assert isinstance(done, GenerateDone)
    wanted = sample_at(build_grid(ODD.tempo, ODD.meter, 44_100), Bars(4), 44_100)
    assert soundfile.info(done.take).frames == done.end_sample == wanted
    assert soundfile.info(done.take).subtype == "PCM_16"


async def test_the_same_request_gives_the_same_samples(real_daemon: DaemonProcess) -> None:
    song = real_daemon.place / "song.wav"
    async with ready(real_daemon) as client:
        one, two, other = [
            await ask(client, repaint(name, song, seed=seed))
            for name, seed in (("s1", 5), ("s2", 5), ("s3", 6))
        ]
    takes = [soundfile.read(done.take, dtype="int32")[0] for done in (one, two, other)]
    assert np.array_equal(takes[0], takes[1]) and not np.array_equal(takes[0], takes[2])


async def test_a_seed_left_to_the_bridge_is_told_and_makes_it_again(real_daemon: DaemonProcess) -> None:
    song = real_daemon.place / "song.wav"
    async with ready(real_daemon) as client:
        chosen = await ask(client, repaint("chosen", song, seed=-1))
        again = await ask(client, repaint("again", song, seed=int(chosen.seed)))
    assert Path(chosen.take).read_bytes()[-4000:] == Path(again.take).read_bytes()[-4000:]


async def test_status_is_answered_while_a_render_runs(real_daemon: DaemonProcess) -> None:
    async with ready(real_daemon) as client:
        job = asyncio.create_task(ask(client, repaint("long", real_daemon.place / "song.wav")))
        times = []
        while not job.done():
            began = time.perf_counter()
            await ask(client, Status(request_id=f"s{len(times)}"))
            times.append(time.perf_counter() - began)
            await asyncio.sleep(0.01)
    assert isinstance(await job, RepaintDone)
    assert sorted(times)[len(times) // 2] < 0.05


async def test_cancels_take_effect_and_leave_nothing(real_daemon: DaemonProcess) -> None:
    chance = random.Random(4)
    async with ready(real_daemon) as client:
        ends = [
            await cancel_after(client, real_daemon, f"cancel{n}", chance.uniform(0, 0.5)) for n in range(5)
        ]
    cancelled = [f"cancel{number}" for number, (late_s, _) in enumerate(ends) if late_s >= 0]
    names = {path.name for path in (real_daemon.data / "takes").rglob("*")}
    assert cancelled and not any(name in path for name in cancelled for path in names)
    assert not any(name.startswith(".") for name in names)


@linux
async def test_an_engine_killed_within_a_job_is_replaced(real_daemon: DaemonProcess) -> None:
    async with ready(real_daemon) as client:
        job = asyncio.create_task(ask(client, repaint("killed", real_daemon.place / "song.wav")))
        await asyncio.sleep(0.2)
        os.kill(real_daemon.engine_pid(), signal.SIGKILL)
        assert isinstance(await job, RepaintDone)


@linux
def test_a_signal_to_the_whole_group_leaves_the_engine_to_the_daemon(real_daemon: DaemonProcess) -> None:
    pid = real_daemon.engine_pid()
    os.kill(pid, signal.SIGTERM)
    time.sleep(0.3)
    assert real_daemon.engine_pid() == pid


@linux
def test_the_daemon_itself_never_loads_torch(real_daemon: DaemonProcess) -> None:
    maps = Path(f"/proc/{real_daemon.process.pid}/maps")
    assert "libtorch" not in maps.read_text()


@pytest.fixture
def own_daemon(real_daemon: DaemonProcess, tmp_path: Path) -> DaemonProcess:
    """A daemon of one's own, not started, with the same model."""
    daemon = DaemonProcess(tmp_path, real_daemon.model)
    write_song(tmp_path / "song.wav", 12)
    return daemon


def test_a_daemon_killed_with_jobs_under_way_loses_nothing(own_daemon: DaemonProcess) -> None:
    count = Count()
    own_daemon.start()
    try:
        ends = run_once(own_daemon, 0, 1.5, count)
        check_files(own_daemon, ends, count)
    finally:
        own_daemon.stop()
    assert (count.accepted, count.lost, count.twice, count.corrupt) == (5, [], [], [])


@linux
def test_the_engine_ends_when_the_daemon_is_killed(own_daemon: DaemonProcess) -> None:
    own_daemon.start()
    engine = Path(f"/proc/{own_daemon.engine_pid()}")
    own_daemon.kill()
    deadline = time.monotonic() + 10
    while engine.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not engine.exists()


async def test_mutated_messages_get_their_fails_and_the_daemon_lives(real_daemon: DaemonProcess) -> None:
    from websockets.asyncio.client import connect

    from protocol.messages import Hello

    chance = random.Random(11)
    by_osc = await fuzz.fuzz_osc(real_daemon, 2000, chance)
    async with connect(f"ws://127.0.0.1:{real_daemon.ports['ws']}", **fuzz.QUIET) as connection:
        by_ws = await fuzz.fuzz_ws(connection, 500, chance)
    async with real_daemon.osc() as client:
        assert isinstance(await ask(client, Hello(request_id="h")), HelloDone)
        await engine_ready(client)
    assert (by_osc.missing, by_ws.missing) == (0, 0) and by_osc.wrong > 1000
