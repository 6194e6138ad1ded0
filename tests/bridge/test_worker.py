"""The supervision of the engine process, with a process that is quick to start."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from bridge.engine_process import ROOT, EngineStart
from bridge.pipe import Frame
from bridge.worker import EngineDied, EngineFailed, RenderCancelled, Worker

PROGRAM = (str(Path(__file__).with_name("little_engine.py")),)


def task(caption: str, job: str = "j", samples: int = 480) -> Frame:
    audio = np.zeros((2, samples), np.float32)
    return Frame("render", job, {"prompt": {"caption": caption}, "task": {}}, {"audio": audio})


def ignore(*_: object) -> None:
    pass


async def until(condition: Callable[[], bool], limit_s: float = 10.0) -> None:
    async with asyncio.timeout(limit_s):
        while not condition():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def running(folder: str = "model", silence_s: float = 20.0) -> AsyncIterator[tuple[Worker, list[str]]]:
    states: list[str] = []
    start = EngineStart(Path(folder), "", silence_s=silence_s, ping_s=0.05, program=PROGRAM)
    worker = Worker(start, lambda state, text: states.append(state))
    worker.start()
    try:
        yield worker, states
    finally:
        await worker.stop()


async def test_a_task_comes_back_with_its_steps_and_audio() -> None:
    steps: list[tuple[str, int, int]] = []
    async with running() as (worker, states):
        rendered = await worker.render(task("steps 3 0"), lambda *step: steps.append(step))
    assert steps == [("denoise", 1, 3), ("denoise", 2, 3), ("denoise", 3, 3)]
    assert rendered.arrays["audio"].shape == (2, 480)
    assert states == ["starting", "ready", "stopped"]


async def test_audio_of_a_minute_passes_the_pipe_unchanged() -> None:
    async with running() as (worker, _):
        rendered = await worker.render(task("steps 1 0", samples=48_000 * 60), ignore)
    expected = np.linspace(-0.5, 0.5, 48_000 * 60, dtype=np.float32)
    assert np.array_equal(rendered.arrays["audio"], np.stack([expected, expected]))


async def test_a_task_that_cannot_be_done_leaves_the_engine_running() -> None:
    async with running() as (worker, states):
        with pytest.raises(EngineFailed, match="cannot be done"):
            await worker.render(task("fail"), ignore)
        await worker.render(task("steps 1 0"), ignore)
    assert "restarting" not in states


async def test_cancel_takes_effect_at_the_next_step() -> None:
    async with running() as (worker, _):
        rendering = asyncio.create_task(worker.render(task("steps 1000 0.02"), ignore))
        await until(lambda: worker.state == "ready")
        await asyncio.sleep(0.1)
        worker.cancel("j")
        async with asyncio.timeout(0.3):
            with pytest.raises(RenderCancelled):
                await rendering


async def test_a_cancel_for_another_job_changes_nothing() -> None:
    async with running() as (worker, _):
        rendering = asyncio.create_task(worker.render(task("steps 2 0.05"), ignore))
        await until(lambda: worker.state == "ready")
        worker.cancel("another")
        assert (await rendering).kind == "rendered"


async def test_a_task_can_be_cancelled_before_the_engine_is_ready() -> None:
    async with running() as (worker, _):
        rendering = asyncio.create_task(worker.render(task("steps 1 0"), ignore))
        await asyncio.sleep(0)
        worker.cancel("j")
        with pytest.raises(RenderCancelled):
            await rendering


async def test_a_killed_engine_is_said_to_have_died_and_comes_back() -> None:
    async with running() as (worker, states):
        rendering = asyncio.create_task(worker.render(task("steps 1000 0.02"), ignore))
        await until(lambda: worker.state == "ready")
        await asyncio.sleep(0.05)
        os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(EngineDied):
            await rendering
        await worker.render(task("steps 1 0"), ignore)
    assert states == ["starting", "ready", "restarting", "ready", "stopped"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGSTOP")
async def test_an_engine_that_gives_no_sign_of_life_is_killed() -> None:
    async with running(silence_s=0.5) as (worker, _):
        with pytest.raises(EngineDied, match="fell silent"):
            await worker.render(task("hang"), ignore)


async def test_a_long_step_is_not_taken_for_death() -> None:
    async with running(silence_s=0.5) as (worker, _):
        assert (await worker.render(task("steps 1 1.2"), ignore)).kind == "rendered"


async def test_without_a_model_a_task_fails_with_the_reason() -> None:
    async with running("missing") as (worker, _):
        with pytest.raises(EngineFailed, match="no model here") as caught:
            await worker.render(task("steps 1 0"), ignore)
    assert caught.value.code == "no-model"


async def test_the_engine_ends_when_its_standard_input_ends() -> None:
    pipe, environment = asyncio.subprocess.PIPE, os.environ | {"PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *PROGRAM, "model", stdin=pipe, stdout=pipe, env=environment
    )
    assert process.stdin is not None and process.stdout is not None
    await process.stdout.readexactly(4)
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 10) == 0
