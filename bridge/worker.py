"""The daemon's side of the engine process: starts it, feeds it, listens to it, starts it again when it dies.

There is no limit on how long a render may take. What is watched is life: the child answers pings from a
thread of its own, and when nothing at all was heard for `silence_s` it is killed. Knows nothing of requests,
files or the journal.
"""

import asyncio
import contextlib
import logging
import time
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bridge.engine_process import EngineStart, kill_engine, read_frame_from, spawn_engine
from bridge.pipe import BrokenFrame, Frame, encode_frame

log = logging.getLogger("barline")

LOADING_SILENCE_S = 120.0
BACK_OFF_S = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Waits before the next start, by how many starts in a row came to nothing."""

DECIDED = frozenset({"ready", "failed", "stopped"})

OnStep = Callable[[str, int, int], None]
"""stage, step, of"""
OnState = Callable[[str, str], None]
"""state, text"""


class EngineDied(Exception):
    """The engine's process ended while it rendered this task."""


class EngineFailed(Exception):
    """The engine could not do the task; `code` and the text go to the client."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class RenderCancelled(Exception):
    """The task was cancelled."""


@dataclass(slots=True)
class _Turn:
    """The task that is with the engine, or waits for it to be ready."""

    job: str
    future: asyncio.Future[Frame]
    on_step: OnStep
    sent: bool = False


class Worker:
    """One engine process at a time. Start it with `start`, end it with `stop`."""

    def __init__(self, start: EngineStart, on_state: OnState) -> None:
        self._start = start
        self._on_state = on_state
        self._process: Process | None = None
        self._turn: _Turn | None = None
        self._heard = 0.0
        self._keeping: asyncio.Task[None] | None = None
        self._failures = 0
        self._decided = asyncio.Event()  # set while it is known whether the engine can render
        self.state = "stopped"
        """stopped | starting | ready | restarting | failed"""
        self.text = ""
        """Why it failed, if it did."""
        self.facts: Mapping[str, Any] = {}
        """What the engine said of itself when it was ready."""

    @property
    def pid(self) -> int:
        """Process id of the engine; 0 when there is none."""
        return self._process.pid if self._process is not None else 0

    @property
    def job(self) -> str:
        """Id of the job that is with the engine; "" when it is idle."""
        return self._turn.job if self._turn is not None else ""

    def start(self) -> None:
        """Starts the process and keeps one running until `stop`."""
        self._change("starting")
        self._keeping = asyncio.create_task(self._keep_running(), name="engine")
        self._keeping.add_done_callback(self._give_up)

    async def stop(self) -> None:
        """Ends the process; a task under way raises EngineDied."""
        if self._keeping is not None:
            self._keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeping
        self._change("stopped")

    async def render(self, task: Frame, on_step: OnStep) -> Frame:
        """Renders one task and returns its "rendered" frame. One at a time.

        Raises EngineDied, EngineFailed or RenderCancelled.
        """
        assert self._turn is None, "the engine takes one task at a time"
        turn = _Turn(task.job, asyncio.get_running_loop().create_future(), on_step)
        self._turn = turn
        feeding = asyncio.create_task(self._feed(turn, task))
        try:
            return await turn.future
        finally:
            feeding.cancel()
            self._turn = None

    def cancel(self, job: str) -> None:
        """Ends the render of this job at the next step; nothing happens when it is not with the engine."""
        turn = self._turn
        if turn is None or turn.job != job:
            return
        if turn.sent:
            self._send(Frame("cancel", job))
        else:
            _reject(turn, RenderCancelled())

    async def _feed(self, turn: _Turn, task: Frame) -> None:
        """Hands the task over as soon as the engine is ready."""
        await self._decided.wait()
        if self.state == "ready":
            turn.sent = True
            self._send(task)
        else:
            _reject(turn, EngineFailed("no-model", self.text or "the engine is not running"))

    def _send(self, frame: Frame) -> None:
        # The pipe's buffer takes what the child has not read yet; there is one task at a time, so it stays
        # small.
        if (
            self._process is not None
            and self._process.stdin is not None
            and not self._process.stdin.is_closing()
        ):
            self._process.stdin.writelines(encode_frame(frame))

    async def _keep_running(self) -> None:
        while True:
            ended = await self._run_once()
            if self._turn is not None and self._turn.sent:
                _reject(self._turn, EngineDied(ended))
            self._failures += 1
            if self.state != "failed":
                self._change("restarting", ended)
            await asyncio.sleep(BACK_OFF_S[min(self._failures, len(BACK_OFF_S)) - 1])

    def _give_up(self, keeping: "asyncio.Task[None]") -> None:
        """The supervision itself failed: a fault of ours, which must not look like an engine that starts."""
        if not keeping.cancelled() and keeping.exception() is not None:
            log.error("the engine is no longer supervised", exc_info=keeping.exception())
            self._change("failed", f"the supervision failed: {keeping.exception()}")
            if self._turn is not None:
                _reject(self._turn, EngineDied("the engine is no longer supervised"))

    async def _run_once(self) -> str:
        """One life of the process; returns how it ended."""
        try:
            process = await spawn_engine(self._start)
        except OSError as problem:
            return f"the engine process cannot be started: {problem}"
        self._process = process
        self._heard = time.monotonic()
        pinging = asyncio.create_task(self._ping(process))
        try:
            await self._listen(process)
        except (EOFError, asyncio.IncompleteReadError, BrokenFrame, ConnectionError) as problem:
            silent = time.monotonic() - self._heard > self._patience_s()
            nonsense = isinstance(problem, BrokenFrame)
            reason = "fell silent" if silent else "sent nonsense" if nonsense else "ended"
        finally:
            pinging.cancel()
            kill_engine(process)
            status = await process.wait()
            self._process = None
        return f"the engine process {reason} (status {status})"

    async def _ping(self, process: Process) -> None:
        while time.monotonic() - self._heard <= self._patience_s():
            self._send(Frame("ping"))
            await asyncio.sleep(self._start.ping_s)
        kill_engine(process)

    def _patience_s(self) -> float:
        # While it loads, whole libraries are read from disk under Python's lock: pings may have to wait.
        silence_s = self._start.silence_s
        return silence_s if self.state == "ready" else max(silence_s, LOADING_SILENCE_S)

    async def _listen(self, process: Process) -> None:
        assert process.stdout is not None
        while True:
            frame = await read_frame_from(process.stdout, self._hear)
            if frame.kind == "ready":
                self._failures = 0
                self.facts = frame.values
                self._change("ready")
            elif frame.kind == "no-model":
                self._change("failed", str(frame.values["text"]))
            elif frame.kind != "pong":
                self._tell(frame)

    def _hear(self) -> None:
        self._heard = time.monotonic()

    def _tell(self, frame: Frame) -> None:
        """Passes on what the engine says of the current job."""
        turn = self._turn
        if turn is None or turn.job != frame.job or turn.future.done():
            return
        values = frame.values
        if frame.kind == "step":
            turn.on_step(values["stage"], values["step"], values["of"])
        elif frame.kind == "rendered":
            turn.future.set_result(frame)
        elif frame.kind == "cancelled":
            _reject(turn, RenderCancelled())
        else:
            _reject(turn, EngineFailed(values["code"], values["text"]))

    def _change(self, state: str, text: str = "") -> None:
        self.state, self.text = state, text
        if state in DECIDED:
            self._decided.set()
        else:
            self._decided.clear()
        self._on_state(state, text)


def _reject(turn: _Turn, error: Exception) -> None:
    if not turn.future.done():
        turn.future.set_exception(error)
