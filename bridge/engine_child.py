"""The engine's own process: reads tasks on its standard input, writes audio to its standard output.

A reader thread answers pings and takes cancels even while torch is busy; the main thread renders. When the
daemon is gone, for whatever reason, this process ends too. It knows nothing of requests, beats, files of
takes or sockets.

Run as `python -m bridge.engine_child MODEL_FOLDER NAME DEVICE THREADS`.
"""

import ctypes
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from bridge.align_frames import alignment_frame
from bridge.pipe import BrokenFrame, Frame, encode_frame, read_frame
from bridge.plan_frames import PLAN_KINDS, perform_plan
from bridge.render_frames import DSP, OnStep, build_task, perform_dsp, perform_render

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal to get when the parent dies."""


class Wire:
    """The way back to the daemon, shared by both threads: one frame at a time."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, frame: Frame) -> None:
        """Writes a frame; ends the process when nobody reads any more."""
        try:
            with self._lock:
                for piece in encode_frame(frame):
                    self._stream.write(piece)
                self._stream.flush()
        except OSError:
            os._exit(1)


class Cancels:
    """The ids of jobs that are to stop, told from one thread and asked from the other."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._lock = threading.Lock()

    def add(self, job: str) -> None:
        """From now on `has(job)` is true."""
        with self._lock:
            self._ids.add(job)

    def has(self, job: str) -> bool:
        """Is this job to stop?"""
        with self._lock:
            return job in self._ids

    def discard(self, job: str) -> None:
        """Forgets the job: it has ended."""
        with self._lock:
            self._ids.discard(job)


def listen(stream: BinaryIO, wire: Wire, inbox: "queue.SimpleQueue[Frame]", cancels: Cancels) -> None:
    """Reads the daemon's frames. The end of the stream means that the daemon has gone: then so do we."""
    try:
        while True:
            frame = read_frame(stream)
            if frame.kind == "ping":
                wire.send(Frame("pong"))
            elif frame.kind == "cancel":
                cancels.add(frame.job)
            else:
                inbox.put(frame)
    except (EOFError, OSError, BrokenFrame):
        os._exit(0)


def perform(models: Any, slot: Any, frame: Frame, wire: Wire, cancels: Cancels) -> Frame:
    """Does one task and returns the frame that tells of it. slot: where a planner may be."""
    from engine.errors import Cancelled, TaskError

    def on_step(stage: str, step: int, of: int) -> None:
        wire.send(Frame("step", frame.job, {"stage": stage, "step": step, "of": of}))
        if cancels.has(frame.job):
            raise Cancelled

    try:
        on_step("start", 0, 1)
        return PERFORM.get(frame.values["kind"], perform_render)(models, slot, frame, on_step)
    except Cancelled:
        return Frame("cancelled", frame.job)
    except TaskError as error:
        return Frame("failed", frame.job, {"code": error.code, "text": error.text})
    except (RuntimeError, ValueError, MemoryError) as error:  # what torch raises: shapes, memory, devices
        return Frame("failed", frame.job, {"code": "internal", "text": f"{type(error).__name__}: {error}"})


def perform_alignment(models: Any, slot: Any, frame: Frame, on_step: OnStep) -> Frame:
    """The one task that gives times instead of audio."""
    from engine.alignment.align import align

    started = time.monotonic()
    found = align(models, build_task(frame.values, frame.arrays), on_step)
    return alignment_frame(frame.job, found, time.monotonic() - started)


PERFORM: Mapping[str, Callable[[Any, Any, Frame, OnStep], Frame]] = {
    **dict.fromkeys(PLAN_KINDS, perform_plan),
    "align": perform_alignment,
    DSP: perform_dsp,
}
"""What does the tasks that are no plain renders."""


def load(arguments: list[str]) -> tuple[Any, Frame]:
    """Loads the model; returns it and the frame that tells what it is. Raises ModelError."""
    folder, name, device, threads = arguments
    from engine.runtime import give_way, prepare_process

    give_way()
    prepare_process(int(threads))
    from engine.store import load_models

    started = time.monotonic()
    models = load_models(folder, name, device)
    facts = {
        "model": models.name,
        "weights": models.weights_hash,
        "device": str(models.device),
        "dtype": str(models.dtype).removeprefix("torch."),
        "load_s": round(time.monotonic() - started, 3),
    }
    return models, Frame("ready", values=facts)


def die_with_parent() -> None:
    """Asks the kernel to end this process with its parent, where the kernel can (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main(arguments: list[str]) -> int:
    """Loads, says "ready" and renders until the daemon goes."""
    die_with_parent()
    # Ctrl-C, and SIGTERM from what runs services, go to the whole group: the daemon decides when we end.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # Whatever a library prints goes to standard error: standard output carries frames.
    wire = Wire(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    inbox: queue.SimpleQueue[Frame] = queue.SimpleQueue()
    cancels = Cancels()
    threading.Thread(target=listen, args=(sys.stdin.buffer, wire, inbox, cancels), daemon=True).start()
    from engine.errors import ModelError

    try:
        models, ready = load(arguments)
    except ModelError as error:
        wire.send(Frame("no-model", values={"text": str(error)}))
        return 1
    wire.send(ready)
    from engine.planner.slot import PlannerSlot

    slot = PlannerSlot()
    while True:
        frame = inbox.get()
        wire.send(perform(models, slot, frame, wire, cancels))
        cancels.discard(frame.job)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
