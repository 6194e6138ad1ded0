"""An engine process without torch, for tests of the supervision: same pipe, same manners, no music.

A task names what it does in its caption: "steps N S" takes N steps of S seconds; "die" ends the process;
"hang" stops all its threads; "fail" cannot be done. Its audio is a ramp. `python little_engine.py FOLDER
...`, where FOLDER may be "missing" (then it has no model).
"""

import os
import queue
import signal
import sys
import threading
import time

import numpy as np

from bridge.engine_child import Cancels, Wire, die_with_parent, listen
from bridge.pipe import Frame


def perform(frame: Frame, wire: Wire, cancels: Cancels) -> Frame:
    verb, *numbers = (frame.values["prompt"]["caption"] or "steps 1 0").split()
    if verb == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if verb == "hang":
        os.kill(os.getpid(), signal.SIGSTOP)
    if verb == "fail":
        return Frame("failed", frame.job, {"code": "engine", "text": "cannot be done"})
    steps, seconds = int(numbers[0]), float(numbers[1])
    for step in range(1, steps + 1):
        time.sleep(seconds)
        wire.send(Frame("step", frame.job, {"stage": "denoise", "step": step, "of": steps}))
        if cancels.has(frame.job):
            return Frame("cancelled", frame.job)
    length = frame.arrays["audio"].shape[1] if "audio" in frame.arrays else frame.values["task"]["samples"]
    ramp = np.linspace(-0.5, 0.5, length, dtype=np.float32)
    audio = np.stack([ramp, ramp])
    if frame.values.get("kind") == "extract":
        audio = np.stack([audio for _ in frame.values["task"]["stems"]])
    return Frame("rendered", frame.job, {"start": 0, "seconds": {}}, {"audio": audio})


def main() -> None:
    die_with_parent()
    wire, cancels = Wire(sys.stdout.buffer), Cancels()
    if sys.argv[1].endswith("missing"):
        wire.send(Frame("no-model", values={"text": "there is no model here"}))
        return
    inbox: queue.SimpleQueue[Frame] = queue.SimpleQueue()
    threading.Thread(target=listen, args=(sys.stdin.buffer, wire, inbox, cancels), daemon=True).start()
    wire.send(Frame("ready", values={"load_s": 0.0}))
    while True:
        frame = inbox.get()
        wire.send(perform(frame, wire, cancels))
        cancels.discard(frame.job)


if __name__ == "__main__":
    main()
