"""The engine's process seen from the daemon: its command, its environment, and frames from its output.

Whether it lives and what it is asked is the worker's business.
"""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bridge.pipe import Frame, body_length, decode_header, header_length, join_frame

ROOT = Path(__file__).resolve().parents[1]
READ_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class EngineStart:
    """How the engine process is started and watched."""

    folder: Path
    """Where the model lies."""
    name: str
    """Which model of that folder; "" = the only one."""
    device: str = "cpu"
    threads: int = 1
    silence_s: float = 20.0
    """Seconds without a sign of life after which the process is killed."""
    ping_s: float = 1.0
    program: tuple[str, ...] = ("-m", "bridge.engine_child")
    """Arguments of the Python interpreter; folder, name, device and threads follow."""
    stderr: Path | None = None
    """File that takes what the engine's libraries print; None = our own standard error."""


async def spawn_engine(start: EngineStart) -> Process:
    """Starts the process. Raises OSError."""
    arguments = [str(start.folder), start.name, start.device, str(start.threads)]
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
    # Before torch is imported: threads that spin while they wait would take the cores from everything else.
    threads = {"OMP_NUM_THREADS": str(start.threads), "OMP_WAIT_POLICY": "PASSIVE"}
    with contextlib.ExitStack() as stack:
        stderr = stack.enter_context(open(start.stderr, "ab")) if start.stderr is not None else None
        return await asyncio.create_subprocess_exec(
            sys.executable, *start.program, *arguments, stdin=PIPE, stdout=PIPE, stderr=stderr,
            env=os.environ | {"PYTHONPATH": path} | threads,
        )  # fmt: skip


def kill_engine(process: Process) -> None:
    """SIGKILL: it keeps nothing that would be lost, and it may be stuck."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()


async def read_frame_from(stream: asyncio.StreamReader, hear: Callable[[], None]) -> Frame:
    """Reads one frame; `hear` is called for every piece of it that comes.

    Raises EOFError or IncompleteReadError at the end of the stream, BrokenFrame on nonsense.
    """
    header = decode_header(await stream.readexactly(header_length(await stream.readexactly(4))))
    body = bytearray()
    while missing := body_length(header) - len(body):
        piece = await stream.read(min(missing, READ_PIECE))
        if not piece:
            raise EOFError
        body += piece
        hear()
    hear()
    return join_frame(header, body)
