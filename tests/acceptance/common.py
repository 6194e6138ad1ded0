"""What the acceptance scripts share: a daemon in its own process, a song, clients, a table."""

import argparse
import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from bridge.client import Client, WebClient, connect_osc, connect_ws
from protocol.messages import Hello, Project, Repaint, Status
from protocol.replies import StatusDone
from protocol.values import Bars, TempoPoint

ROOT = Path(__file__).resolve().parents[2]
MINIATURE = ROOT / "engine" / "weights" / "miniature"
RATE = 48_000
BAR_S = 2.0
"""Seconds of a bar at 120 bpm in 4/4."""


def parse(description: str, **numbers: int) -> argparse.Namespace:
    """Options of a script: --model, --seed, and a number each for `numbers`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--model", help="folder of a model (default: the shipped miniature, else a tiny one)")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments (default: 1)")
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default, help="default: %(default)s")
    return parser.parse_args()


def write_tiny_model(folder: Path) -> Path:
    """A model with small random weights that is told apart from the official ones by its name."""
    from engine.tiny import write_tiny_checkpoint

    write_tiny_checkpoint(folder, grid_channels=10)
    (folder / "acestep-v15-turbo").rename(folder / "tiny-dit")
    return folder


def write_able_model(folder: Path, **config: Any) -> Path:
    """As `write_tiny_model`, but it can do every task, in two steps; config: keys of its config.json."""
    from engine.abilities import EVERY
    from engine.tiny import write_tiny_checkpoint

    keys = {"grid_channels": 10, "tasks": list(EVERY), "default_steps": 2} | config
    write_tiny_checkpoint(folder, **keys)
    (folder / "acestep-v15-turbo").rename(folder / "tiny-dit")
    return folder


def choose_model(given: str | None, place: Path) -> Path:
    """The model asked for, else the miniature, else a tiny one written to `place`."""
    if given:
        return Path(given).resolve()
    if any(MINIATURE.glob("*/model.safetensors")):
        return MINIATURE
    return write_tiny_model(place / "tiny")


def write_song(path: Path, seconds: float, seed: int = 0, channels: int = 2) -> Path:
    """A WAV of 24 bits with a beat and noise in it."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(seconds * RATE)) / RATE
    beat = np.exp(-12 * (time_s % 0.5)) * np.sin(2 * np.pi * 80 * time_s)
    noise = 0.05 * rng.standard_normal((len(time_s), channels))
    soundfile.write(path, 0.3 * beat[:, None] + noise, RATE, subtype="PCM_24")
    return path


@dataclass(slots=True)
class DaemonProcess:
    """A daemon as users run it. Start it, kill it, start it again: the data folder stays."""

    place: Path
    model: Path
    options: Sequence[str] = ()
    before: Sequence[str] = ()
    """A command that starts its command line, for instance in a network of its own."""
    process: "subprocess.Popen[str] | None" = None
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.place / "data"

    def start(self) -> float:
        """Starts it and waits until it listens; returns the seconds that took."""
        began = time.monotonic()
        command = [
            sys.executable,
            "-m",
            "bridge.daemon",
            "--data",
            str(self.data),
            "--model",
            str(self.model),
        ]
        command += ["--osc-port", "0", "--ws-port", "0", "--allow", str(self.place), "--device", "cpu"]
        command += ["--runtime", str(self.place / "runtime")]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        self.place.mkdir(parents=True, exist_ok=True)
        with open(self.place / "daemon.log", "a") as log:
            command = [*self.before, *command, *self.options]
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.startswith("barline ready"):
            raise RuntimeError(f"the daemon did not start: {(self.place / 'daemon.log').read_text()[-2000:]}")
        self.ports = json.loads((self.data / "ports.json").read_text())
        return time.monotonic() - began

    def kill(self) -> None:
        """SIGKILL, as if the machine had lost it; waits until it is gone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Ends it in good order."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)

    def osc(self) -> AbstractAsyncContextManager[Client]:
        """A client by OSC."""
        return connect_osc("127.0.0.1", self.ports["osc"])

    def ws(self) -> AbstractAsyncContextManager[WebClient]:
        """A client by WebSocket."""
        return connect_ws(f"ws://127.0.0.1:{self.ports['ws']}")

    def engine_pid(self) -> int:
        """The process id of its engine, 0 when there is none."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found = children.read_text().split()
        return int(found[0]) if found else 0


@contextmanager
def workplace(options: argparse.Namespace, *more: str) -> Iterator[DaemonProcess]:
    """A daemon of one's own, not started, in a folder that is gone afterwards."""
    place = Path(tempfile.mkdtemp(prefix="barline-"))
    daemon = DaemonProcess(place, choose_model(options.model, place), more)
    try:
        yield daemon
    finally:
        daemon.stop()
        shutil.rmtree(place, ignore_errors=True)


@asynccontextmanager
async def ready(daemon: DaemonProcess) -> AsyncIterator[Client]:
    """A client by OSC to a daemon whose engine is warm and whose project is 120 bpm in 4/4."""
    async with daemon.osc() as client:
        await client.ask(Hello(request_id="hello"), 10)
        await client.ask(Project(request_id="project", tempo=constant(120)), 10)
        await engine_ready(client)
        yield client


def constant(bpm: int) -> tuple[TempoPoint, ...]:
    """A tempo map that stays."""
    return (TempoPoint(Fraction(0), Fraction(bpm)),)


async def engine_ready(client: Client | WebClient) -> None:
    """Waits until the engine is warm."""
    while True:
        status = await client.ask(Status(request_id="warm?"), 10)
        if isinstance(status, StatusDone) and status.engine == "ready":
            return
        await asyncio.sleep(0.05)


def repaint(request_id: str, song: Path, bars: tuple[int, int] = (3, 5), seed: int = 7) -> Repaint:
    """A repaint of whole bars."""
    return Repaint(
        request_id=request_id,
        source=str(song),
        start=Bars(bars[0]),
        end=Bars(bars[1]),
        caption="drums and bass",
        seed=seed,
    )


def files_of(daemon: DaemonProcess) -> set[str]:
    """Everything that lies where takes go, hidden or not."""
    return {path.name for path in (daemon.data / "takes").rglob("*")}


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def show(title: str, rows: dict[str, object]) -> None:
    """Prints a small table."""
    print(f"\n{title}")
    width = max(map(len, rows))
    for name, value in rows.items():
        print(f"  {name:<{width}}  {f'{value:.3f}' if isinstance(value, float) else value}", flush=True)


def require(is_good: bool, what: str) -> None:
    """Ends the script with an error when something promised does not hold."""
    if not is_good:
        raise SystemExit(f"FAILED: {what}")
