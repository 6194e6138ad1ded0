"""A daemon of one's own for a while: a child process on free ports, with a data folder nobody else has.

What the demo and the benchmark talk to, so that neither touches the user's daemon, journal or takes.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

START_S = 60.0
END_S = 15.0
LOG = "daemon.log"
LOG_LINES = 15


@dataclass(frozen=True, slots=True)
class PrivateDaemon:
    """Where it listens, its process, and since when (monotonic seconds) it was being started."""

    osc_port: int
    ws_port: int
    pid: int
    data: Path
    started_at: float


class DaemonError(Exception):
    """The daemon did not start; the text holds the end of its log."""


@contextlib.contextmanager
def private_folder(is_kept: bool) -> Iterator[Path]:
    """A new folder for a daemon's data; removed afterwards unless it is to be kept."""
    folder = Path(tempfile.mkdtemp(prefix="barline-")).resolve()
    try:
        yield folder
    finally:
        if not is_kept:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def private_daemon(model: Path, data: Path, allow: Path) -> Iterator[PrivateDaemon]:
    """Start a daemon with this model folder that may write to `allow`, and end it with the context.

    Raises DaemonError.
    """
    started_at = time.monotonic()
    with (data / LOG).open("wb") as log:
        process = subprocess.Popen(
            daemon_command(model, data, allow), env=daemon_environ(), stdout=log, stderr=subprocess.STDOUT
        )
    try:
        ports = wait_for_ports(process, data)
        yield PrivateDaemon(ports["osc"], ports["ws"], ports["pid"], data, started_at)
    finally:
        end(process)


def daemon_command(model: Path, data: Path, allow: Path) -> list[str]:
    """The command line of such a daemon; port 0 takes any free one."""
    options = {"--data": data, "--runtime": data / "runtime", "--osc-port": 0, "--ws-port": 0}
    options |= {"--model": model, "--allow": allow}
    return [sys.executable, "-m", "bridge.cli", *(str(word) for pair in options.items() for word in pair)]


def daemon_environ() -> dict[str, str]:
    """This environment, in which a child finds our packages wherever it is started."""
    here = str(Path(__file__).resolve().parent.parent)
    paths = [here, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return os.environ | {"PYTHONPATH": os.pathsep.join(dict.fromkeys(paths))}


def wait_for_ports(process: subprocess.Popen[bytes], data: Path) -> dict[str, int]:
    """What the daemon's ports.json says, once it is there. Raises DaemonError."""
    give_up = time.monotonic() + START_S
    while time.monotonic() < give_up and process.poll() is None:
        with contextlib.suppress(FileNotFoundError):
            ports: dict[str, int] = json.loads((data / "ports.json").read_text("utf-8"))
            return ports
        time.sleep(0.05)
    lines = (data / LOG).read_text("utf-8", errors="replace").splitlines()[-LOG_LINES:]
    raise DaemonError("the daemon did not start:\n" + "\n".join(lines))


def end(process: subprocess.Popen[bytes]) -> None:
    """End the daemon in good order, or by force when it does not go."""
    process.terminate()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
