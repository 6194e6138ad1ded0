"""The `bench` verb: how long things take on this machine, in one table; with --evaluate how good they are.

Measures from outside, as a script would feel it: a daemon of its own, the demo's first song, the clock. Every
time is that of message to file: from the request sent to its done received.
"""

import argparse
import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from bridge.client import Client, Refused, connect_osc, ended_well
from bridge.demo_requests import SEED, project_of
from bridge.demo_songs import DemoSong, copy_song, shipped_songs
from bridge.demo_stage import ANSWER_S, JOB_S
from bridge.models_list import find_model
from bridge.private_daemon import DaemonError, PrivateDaemon, private_daemon, private_folder
from engine.errors import ModelError
from protocol.maps import Tempos
from protocol.messages import Generate, Hello, Repaint
from protocol.replies import GenerateDone, HelloDone, ProjectDone, RepaintDone
from protocol.values import Bars, Seconds

BPM = "0 120"  # four bars at 120 are eight seconds
FOUR_BARS_S = Fraction(8)
REGIONS, REGIONS_APART_S = 16, Fraction(3, 4)  # of the first song's half minute
PIECE_S = 30
POLL_S = 0.02
LOAD_S = 300.0
RequestOf = Callable[[int], Any]


@dataclass(slots=True)
class Timed:
    """One kind of request: seconds by the clock, the first of them cold; the engine's stages of the last."""

    seconds: list[float] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)

    @property
    def warm(self) -> float:
        """The median of all but the first."""
        return median(self.seconds[1:] or self.seconds)


@dataclass(slots=True)
class Measured:
    """Seconds by the clock, requests by what they ask; megabytes: the peak, by process."""

    model: str = ""
    listening_s: float = 0.0
    ready_s: float = 0.0
    requests: dict[str, Timed] = field(default_factory=dict)
    megabytes: dict[int, int] = field(default_factory=dict)


def run_bench(args: argparse.Namespace) -> int:
    """Measure and print; returns the exit code."""
    try:
        model = find_model(args.model)
        with private_folder(is_kept=False) as data, private_daemon(model.dit, data, data) as daemon:
            measured = asyncio.run(measure(daemon, args.repeats))
    except (ModelError, DaemonError, Refused, TimeoutError) as error:
        print(f"bench: {error or 'the daemon did not answer in time'}", file=sys.stderr)
        return 2
    Console().print(table_of(measured))
    return run_evaluation(args.model, args.evaluate) if args.evaluate else 0


def run_evaluation(model: str, songs: int) -> int:
    """The model card's table, on `songs` held-out songs and as many strange ones; returns the exit code."""
    command = [sys.executable, "-m", "engine.training", "evaluate", "--songs", str(songs), "--model", model]
    return subprocess.run(command, check=False).returncode


async def measure(daemon: PrivateDaemon, repeats: int) -> Measured:
    """One daemon from its start to the last warm repaint."""
    measured = Measured(listening_s=time.monotonic() - daemon.started_at)
    song = shipped_songs()[0]
    source = copy_song(song, daemon.data)
    async with connect_osc(port=daemon.osc_port) as client:
        measured.model = await wait_until_ready(client)
        measured.ready_s = time.monotonic() - daemon.started_at
        steady = replace(project_of(song, 48_000), tempo=Tempos().read(BPM, "tempo"))
        ended_well(await client.ask(steady, ANSWER_S), ProjectDone)
        for what, request_of, done in requests_of(song, source, daemon.data / "takes"):
            measured.requests[what] = await time_request(client, request_of, done, 1 + repeats)
    measured.megabytes = {process: peak_megabytes(process) for process in family(daemon.pid)}
    return measured


def requests_of(song: DemoSong, source: Path, out: Path) -> list[tuple[str, RequestOf, Any]]:
    """What is measured: its name, the request of each time it is asked for, and how it ends."""
    common: dict[str, Any] = {"project": song.name, "caption": song.caption, "seed": SEED, "out": str(out)}
    repaint = Repaint(request_id="r", source=str(source), start=Bars(5), end=Bars(9), **common)
    piece = Generate(request_id="g", start=Bars(1), end=Seconds(Fraction(PIECE_S)), **common)

    def elsewhere(number: int) -> Repaint:
        start = REGIONS_APART_S * (number % REGIONS)
        return replace(repaint, request_id="e", start=Seconds(start), end=Seconds(start + FOUR_BARS_S))

    return [
        ("repaint of 4 bars at 120 bpm", lambda number: repaint, RepaintDone),
        ("repaint of 4 other bars each time", elsewhere, RepaintDone),
        (f"text2music of {PIECE_S} s", lambda number: piece, GenerateDone),
    ]


async def time_request(client: Client, request_of: RequestOf, done: Any, times: int) -> Timed:
    """A kind of request again and again under other names. Raises TimeoutError, Refused."""
    timed = Timed()
    for number in range(times):
        request = request_of(number)
        begun = time.monotonic()
        again = replace(request, request_id=f"{request.request_id}{number}")
        ended = ended_well(await client.ask(again, JOB_S), done)
        timed.seconds.append(time.monotonic() - begun)
        timed.stages = json.loads(ended.seconds)
    return timed


async def wait_until_ready(client: Client) -> str:
    """Ask until the engine has loaded its model; the model's name. Raises TimeoutError, Refused."""
    async with asyncio.timeout(LOAD_S):
        for number in count():
            hello = ended_well(await client.ask(Hello(request_id=f"h{number}"), ANSWER_S), HelloDone)
            if hello.engine == "ready":
                break
            await asyncio.sleep(POLL_S)
    return hello.model


def family(pid: int) -> list[int]:
    """A process and its children, as Linux tells; elsewhere the process alone."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [pid, *map(int, path.read_text().split())] if path.exists() else [pid]


def peak_megabytes(pid: int) -> int:
    """The most memory a process ever held, MiB; 0 where the system has no /proc."""
    path = Path(f"/proc/{pid}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", path.read_text()) if path.exists() else None
    return int(found[1]) // 1024 if found else 0


def table_of(measured: Measured) -> Table:
    """The figures as one table."""
    table = Table("what", "seconds", box=None, header_style="bold", title=f"model {measured.model}")
    rows = {
        "start until the daemon answers": measured.listening_s,
        "start until the model is loaded": measured.ready_s,
    }
    for what, timed in measured.requests.items():
        rows[f"{what}, first"] = timed.seconds[0]
        rows[f"{what}, warm (median of {max(1, len(timed.seconds) - 1)})"] = timed.warm
        rows |= {f"  {stage} ({what})": spent for stage, spent in timed.stages.items()}
    for what, seconds in rows.items():
        table.add_row(what, f"{seconds:.3f}")
    for (_, megabytes), name in zip(measured.megabytes.items(), ("daemon", "engine"), strict=False):
        table.add_row(f"peak memory, {name}", f"{megabytes} MiB" if megabytes else "not known here")
    return table
