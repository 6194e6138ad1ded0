"""The `bench` verb: how long things take on this machine, in one table.

Measures from outside, as a script would feel it: a daemon of its own, the demo's first song, the clock.
"""

import argparse
import asyncio
import json
import re
import sys
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from bridge.client import Client, Refused, connect_osc, ended_well
from bridge.demo import ANSWER_S, JOB_S
from bridge.demo_requests import project_of, repaint_of
from bridge.demo_songs import copy_song, shipped_songs
from bridge.models_list import find_model
from bridge.private_daemon import DaemonError, PrivateDaemon, private_daemon, private_folder
from engine.errors import ModelError
from protocol.messages import Hello
from protocol.replies import HelloDone, ProjectDone, RepaintDone

POLL_S = 0.02
LOAD_S = 300.0


@dataclass(slots=True)
class Measured:
    """Seconds by the clock; repaint_s: the first one is cold.  megabytes: the peak, by process."""

    model: str = ""
    listening_s: float = 0.0
    ready_s: float = 0.0
    repaint_s: list[float] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)
    region_s: float = 0.0
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
    return 0


async def measure(daemon: PrivateDaemon, repeats: int) -> Measured:
    """One daemon from its start to the last warm repaint."""
    measured = Measured(listening_s=time.monotonic() - daemon.started_at)
    song = shipped_songs()[0]
    source = copy_song(song, daemon.data)
    async with connect_osc(port=daemon.osc_port) as client:
        measured.model = await wait_until_ready(client)
        measured.ready_s = time.monotonic() - daemon.started_at
        ended_well(await client.ask(project_of(song, 48_000), ANSWER_S), ProjectDone)
        for number in range(1 + repeats):
            begun = time.monotonic()
            request = repaint_of(f"b{number}", song, source, daemon.data / "takes")
            done = ended_well(await client.ask(request, JOB_S), RepaintDone)
            measured.repaint_s.append(time.monotonic() - begun)
    measured.stages = json.loads(done.seconds)
    measured.region_s = (done.end_sample - done.start_sample) / done.sample_rate
    measured.megabytes = {process: peak_megabytes(process) for process in family(daemon.pid)}
    return measured


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
    first, warm = measured.repaint_s[0], measured.repaint_s[1:]
    rows = {
        "start until the daemon answers": measured.listening_s,
        "start until the model is loaded": measured.ready_s,
        f"first repaint of {measured.region_s:.2f} s": first,
        f"warm repaint (median of {len(warm)})": median(warm or [first]),
        **{f"  {stage}": spent for stage, spent in measured.stages.items()},
    }
    for what, seconds in rows.items():
        table.add_row(what, f"{seconds:.3f}")
    for (_, megabytes), name in zip(measured.megabytes.items(), ("daemon", "engine"), strict=False):
        table.add_row(f"peak memory, {name}", f"{megabytes} MiB" if megabytes else "not known here")
    return table
