"""Other people's programs against a real daemon: where they run, and how their replies are counted."""

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.acceptance.common import ROOT, DaemonProcess

PLUGINS = ROOT / "plugins_reference"
SCRIPTS = Path(__file__).parent
TERMINAL = ("done", "fail", "cancelled", "synced")
LONGEST_S = 240.0
"""A program that has not ended by then is killed and its test fails; the machine may be busy."""
WS_FOLDERS = (PLUGINS / "node" / "node_modules" / "ws", Path("/usr/share/nodejs/ws"))
"""Where npm and Debian's node-ws put the one package that the Node client needs."""

Heard = list[tuple[str, str]]
"""Replies as (kind, id), in order of arrival."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A running daemon with a song, and the network it lives in."""

    daemon: DaemonProcess
    inside: tuple[str, ...]
    """What starts a command in the daemon's network; empty where it has none of its own."""

    @property
    def song(self) -> Path:
        """Twelve seconds: six bars at 120 bpm."""
        return self.daemon.place / "song one.wav"

    @property
    def environment(self) -> dict[str, str]:
        """What a peer finds the daemon by: the port file in the daemon's runtime folder."""
        place = str(self.daemon.place)
        return os.environ | {"BARLINE_RUNTIME": f"{place}/runtime", "HOME": place, "SONG": str(self.song)}

    @property
    def osc_port(self) -> str:
        """For programs that cannot read a port file."""
        return str(self.daemon.ports["osc"])

    def run(self, *command: str, **environment: str) -> str:
        """Runs a program to its end; what it wrote. It must end well and in time."""
        process = subprocess.Popen(
            [*self.inside, *command],
            env=self.environment | environment,
            cwd=self.daemon.place,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            text, _ = process.communicate(timeout=LONGEST_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # what it started too, or its output never ends
            text, _ = process.communicate()
            pytest.fail(f"{command[0]} did not end in {LONGEST_S} s\n{text}")
        assert process.returncode == 0, f"{command[0]} ended with {process.returncode}\n{text}"
        return text


def need(*programs: str) -> None:
    """Skips the test where one of these programs is missing."""
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed; .ci/run installs it where apt is there")


@cache
def own_network() -> tuple[str, ...]:
    """A command that starts another in a network that has loopback only; empty where that is not allowed.

    Programs like sclang and Pd listen on every address of the machine.
    """
    command = ("unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh")
    if not sys.platform.startswith("linux") or shutil.which("unshare") is None or shutil.which("ip") is None:
        return ()
    may = shutil.which("nsenter") and subprocess.run([*command, "true"], capture_output=True, check=False)
    return command if may and may.returncode == 0 else ()


def node_folder(place: Path, *sources: str) -> Path:
    """A folder as the install pages describe it: files below plugins_reference, and ws beside them."""
    need("node")
    ws = next((folder for folder in WS_FOLDERS if folder.is_dir()), None)
    if ws is None:
        pytest.skip("the npm package ws (Debian: node-ws) is not installed")
    (place / "node_modules").mkdir(parents=True)
    (place / "node_modules" / "ws").symlink_to(ws)
    for source in sources:
        shutil.copy(PLUGINS / source, place)
    return place


def assert_each_ends_once(heard: Heard, ids: Iterable[str]) -> None:
    """Every one of these requests got exactly one reply that ends it, and nothing ended but them."""
    ends = Counter(request_id for kind, request_id in heard if kind in TERMINAL)
    assert ends == Counter(ids), f"{ends}\n{heard}"


def kinds_of(heard: Heard, request_id: str) -> list[str]:
    """The replies to one request."""
    return [kind for kind, name in heard if name == request_id]
